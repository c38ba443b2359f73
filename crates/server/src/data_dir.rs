//! The data directory: made for its owner alone, used by one server at a time.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use crate::backup::switch;
use crate::error::ServerError;

/// The database.
pub(crate) const DATABASE: &str = "confab.db";
/// The key pair.
pub(crate) const KEY: &str = "key.pem";

/// How long a directory that is held is waited for: a server that is being ended lets go within that, and so does a program
/// between its fork and its exec, which holds every open file of the process that starts it.
const PATIENCE: Duration = Duration::from_secs(2);

/// A data directory that this process holds. Dropping it lets go.
#[derive(Debug)]
pub(crate) struct DataDir {
    path: PathBuf,
    _lock: File,
}

impl DataDir {
    /// Makes the directory when it is missing and takes its lock; one that is held is waited for a moment. A backup that was
    /// being put in place when its process ended is put in place first.
    pub(crate) fn open(path: &Path) -> Result<Self, ServerError> {
        Self::open_within(path, PATIENCE)
    }

    /// The same, without waiting.
    pub(crate) fn open_now(path: &Path) -> Result<Self, ServerError> {
        Self::open_within(path, Duration::ZERO)
    }

    fn open_within(path: &Path, patience: Duration) -> Result<Self, ServerError> {
        let unwritable = |source| ServerError::DataDirUnwritable { path: path.to_owned(), source };
        fs::create_dir_all(path).map_err(unwritable)?;
        keep_private(path, 0o700).map_err(unwritable)?;
        let lock_path = path.join("lock");
        let lock = OpenOptions::new()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&lock_path)
            .map_err(unwritable)?;
        if !lock_within(&lock, patience).map_err(unwritable)? {
            return Err(ServerError::DataDirLocked { path: path.to_owned() });
        }
        switch::complete(path).map_err(unwritable)?;
        Ok(Self { path: path.to_owned(), _lock: lock })
    }

    /// A path in it.
    pub(crate) fn join(&self, name: &str) -> PathBuf {
        self.path.join(name)
    }

    /// The directory itself.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

/// Takes the lock, or says that it was held by another all the while.
fn lock_within(lock: &File, patience: Duration) -> io::Result<bool> {
    let start = Instant::now();
    loop {
        match lock.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if start.elapsed() >= patience => return Ok(false),
            Err(TryLockError::WouldBlock) => thread::sleep(Duration::from_millis(20)),
            Err(TryLockError::Error(source)) => return Err(source),
        }
    }
}

/// Writes a secret where only its owner reads it: complete or not at all.
pub(crate) fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let partial = path.with_extension("partial");
    let mut file = private_file(&partial)?;
    file.write_all(bytes)?;
    file.sync_all()?;
    fs::rename(&partial, path)
}

/// Makes an empty file that only its owner reads.
pub(crate) fn private_file(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).truncate(true).write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes an empty directory that only its owner enters; what was there before is gone.
pub(crate) fn private_dir(path: &Path) -> io::Result<()> {
    remove_dir(path)?;
    fs::create_dir(path)?;
    keep_private(path, 0o700)
}

/// Removes a directory with all that is in it; it may be gone already.
pub(crate) fn remove_dir(path: &Path) -> io::Result<()> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Brings to the disk what was made, renamed or removed in a directory.
#[cfg(unix)]
pub(crate) fn sync_dir(path: &Path) -> io::Result<()> {
    File::open(path)?.sync_all()
}

/// Elsewhere a directory cannot be opened for that; the file system keeps its own journal.
#[cfg(not(unix))]
pub(crate) fn sync_dir(_path: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
pub(crate) fn keep_private(path: &Path, mode: u32) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt as _;
    fs::set_permissions(path, fs::Permissions::from_mode(mode))
}

/// Elsewhere the directory lies in the user's profile, which is private already.
#[cfg(not(unix))]
pub(crate) fn keep_private(_path: &Path, _mode: u32) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_has_one_holder_at_a_time() {
        let place = tempfile::tempdir().unwrap();
        let held = DataDir::open(place.path()).unwrap();
        assert_eq!(DataDir::open(place.path()).unwrap_err().code(), "data_dir_locked");
        drop(held);
        assert!(DataDir::open(place.path()).is_ok());
    }

    #[test]
    fn a_directory_that_is_being_let_go_of_is_waited_for() {
        let place = tempfile::tempdir().unwrap();
        let held = DataDir::open(place.path()).unwrap();
        let (asked, other) = (std::sync::Barrier::new(2), place.path());
        thread::scope(|scope| {
            let second = scope.spawn(|| {
                asked.wait();
                DataDir::open(other).map(|_| ())
            });
            asked.wait();
            drop(held);
            second.join().unwrap().unwrap();
        });
    }

    #[test]
    fn a_path_below_a_file_cannot_be_written() {
        let file = tempfile::NamedTempFile::new().unwrap();
        let error = DataDir::open(&file.path().join("data")).unwrap_err();
        assert_eq!(error.code(), "data_dir_unwritable");
    }
}
