//! Files that wait to be sent, beside `outbox.db`: each under the id of its upload, written and synced before anything names it.

use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use confab_protocol::ClientId;

use crate::clock;

/// The directory in the client's.
const DIRECTORY: &str = "staged";

/// Where they are.
#[derive(Debug, Clone)]
pub(crate) struct StagedFiles {
    place: PathBuf,
}

impl StagedFiles {
    pub(crate) fn new(directory: &Path) -> Self {
        Self { place: directory.join(DIRECTORY) }
    }

    /// The file of an upload.
    pub(crate) fn path(&self, id: ClientId) -> PathBuf {
        self.place.join(id.to_string())
    }

    /// Deletes a file; one that is gone already is no failure.
    pub(crate) fn delete(&self, id: ClientId) {
        match fs::remove_file(self.path(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                tracing::warn!(%error, "a file that was sent stays on the disk");
            }
            _ => {}
        }
    }

    /// Deletes what no entry of the outbox names: it was chosen and never sent, and nobody knows of it any more.
    pub(crate) fn sweep(&self, named: impl Fn(ClientId) -> bool) {
        let Ok(entries) = fs::read_dir(&self.place) else { return };
        for entry in entries.flatten() {
            let id = entry.file_name().to_str().and_then(|name| name.parse::<ClientId>().ok());
            if !id.is_some_and(&named)
                && let Err(error) = fs::remove_file(entry.path())
            {
                tracing::warn!(%error, "a file that nobody sends stays on the disk");
            }
        }
    }
}

/// Copies a file to where it is kept until it is sent. Gives its id and its length; it is on the disk then.
pub(crate) fn stage(files: &StagedFiles, mut source: impl Read) -> io::Result<(ClientId, u64)> {
    fs::create_dir_all(&files.place)?;
    keep_private(&files.place, 0o700)?;
    let id = ClientId(clock::id());
    let partial = files.place.join(format!("{id}.partial"));
    let copied = copy(&partial, &mut source).and_then(|size| {
        fs::rename(&partial, files.path(id))?;
        sync_dir(&files.place)?;
        Ok(size)
    });
    if copied.is_err() {
        // What is left of it is of no use; the next start sweeps it if this does not.
        let _ = fs::remove_file(&partial);
    }
    copied.map(|size| (id, size))
}

fn copy(to: &Path, source: &mut impl Read) -> io::Result<u64> {
    let mut file = File::create(to)?;
    keep_private(to, 0o600)?;
    let size = io::copy(source, &mut file)?;
    file.sync_all()?;
    Ok(size)
}

#[cfg(unix)]
fn keep_private(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Elsewhere the directory of a person is private already.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other side can fail")]
fn keep_private(_: &Path, _: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened for that.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other side can fail")]
fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Breaks off after some bytes.
    struct Breaking(usize);

    impl Read for Breaking {
        fn read(&mut self, to: &mut [u8]) -> io::Result<usize> {
            let some = self.0.min(to.len());
            self.0 -= some;
            if some == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(some) }
        }
    }

    #[test]
    fn what_is_staged_is_whole_or_not_there_and_what_nobody_names_goes() {
        let home = tempfile::tempdir().unwrap();
        let files = StagedFiles::new(home.path());
        let (kept, size) = stage(&files, &b"hello"[..]).unwrap();
        let (dropped, _) = stage(&files, &b"other"[..]).unwrap();
        assert_eq!((size, fs::read(files.path(kept)).unwrap()), (5, b"hello".to_vec()));
        assert!(stage(&files, Breaking(100)).is_err());
        fs::write(home.path().join("staged/left.partial"), "x").unwrap();
        files.sweep(|id| id == kept);
        let left: Vec<_> = fs::read_dir(home.path().join("staged")).unwrap().collect();
        assert_eq!(left.len(), 1);
        assert!(files.path(kept).exists() && !files.path(dropped).exists());
        files.delete(kept);
        files.delete(kept);
        assert!(!files.path(kept).exists());
    }
}
