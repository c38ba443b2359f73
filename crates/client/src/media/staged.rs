//! Files that wait to be sent, beside `outbox.db`: each under the id of its upload, written and synced before anything names it.

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read};
use std::path::{Path, PathBuf};

use confab_core::command::FileToSend;
use confab_core::view::FileKind;
use confab_protocol::ClientId;

use super::look;
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

    /// By which files are kept there.
    pub(crate) fn all(&self) -> impl Iterator<Item = ClientId> {
        let entries = fs::read_dir(&self.place).into_iter().flatten().flatten();
        entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
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

/// A file that is kept, and what was found in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Staged {
    pub(crate) id: ClientId,
    /// In bytes.
    pub(crate) size: u64,
    /// What its first bytes say.
    pub(crate) sniffed_type: Option<&'static str>,
    /// Width and height of a picture, in pixels.
    pub(crate) measures: Option<(u32, u32)>,
}

impl Staged {
    /// As it is sent.
    pub(crate) fn to_send(&self, name: Option<String>, content_type: String) -> FileToSend {
        FileToSend {
            id: self.id.to_string(),
            name,
            kind: FileKind::of(self.sniffed_type, self.measures.is_some()),
            content_type,
            sniffed_type: self.sniffed_type.map(str::to_owned),
            size: self.size,
            width: self.measures.map(|(width, _)| width),
            height: self.measures.map(|(_, height)| height),
        }
    }
}

/// Copies a file to where it is kept until it is sent. It is on the disk then.
pub(crate) fn stage(files: &StagedFiles, mut source: impl Read) -> io::Result<Staged> {
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
    let (sniffed_type, measures) = copied.as_ref().map_or((None, None), |_| look_at(&files.path(id)));
    copied.map(|size| Staged { id, size, sniffed_type, measures })
}

/// What cannot be read again is none of what a window shows; it is sent all the same.
fn look_at(path: &Path) -> (Option<&'static str>, Option<(u32, u32)>) {
    let Ok(file) = File::open(path) else { return (None, None) };
    let mut source = BufReader::with_capacity(look::HEAD, file);
    let sniffed = source.fill_buf().ok().and_then(look::sniff);
    let is_picture = sniffed.is_some_and(|kind| kind.starts_with("image/"));
    (sniffed, is_picture.then(|| look::measure(source)).flatten())
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
        let Staged { id: kept, size, .. } = stage(&files, &b"hello"[..]).unwrap();
        let dropped = stage(&files, &b"other"[..]).unwrap().id;
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

    #[test]
    fn what_a_file_is_is_found_in_its_bytes_and_a_picture_is_measured_as_it_is_seen() {
        let home = tempfile::tempdir().unwrap();
        let files = StagedFiles::new(home.path());
        let found = |bytes: &[u8]| {
            let staged = stage(&files, bytes).unwrap();
            (staged.sniffed_type, staged.measures)
        };
        assert_eq!(found(b"hello"), (None, None));
        assert_eq!(found(b"%PDF-1.7 hello"), (Some("application/pdf"), None));
        let mut upright = io::Cursor::new(Vec::new());
        let picture = image::RgbImage::new(3, 2);
        picture.write_to(&mut upright, image::ImageFormat::Jpeg).unwrap();
        let upright = upright.into_inner();
        assert_eq!(found(&upright), (Some("image/jpeg"), Some((3, 2))));
        // An Exif segment that says: turn by a quarter.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\x00\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&upright[..2], exif, &upright[2..]].concat();
        assert_eq!(found(&turned), (Some("image/jpeg"), Some((2, 3))));
    }
}
