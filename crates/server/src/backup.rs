//! Backups: everything that a workspace is, in one file, and the way back.

mod archive;
mod media;
mod restore;
pub(crate) mod switch;

use std::ffi::OsString;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use confab_protocol::{Timestamp, WorkspaceSid};

use crate::clock::now;
use crate::data_dir::{DATABASE, KEY, private_dir, remove_dir, sync_dir};
use crate::error::ServerError;
use crate::operator::place;
use crate::store::SqliteStore;
use archive::Manifest;

pub use restore::{Restored, restore};

/// A backup that was written.
#[derive(Debug, Clone)]
pub struct BackupMade {
    /// The workspace.
    pub workspace: WorkspaceSid,
    /// When it was read.
    pub made_at: Timestamp,
    /// Size of the file in bytes.
    pub bytes: u64,
}

/// Writes the workspace of a data directory into one file, as it stands at one moment, while its server may go on serving.
/// The file comes into being at once: until it is whole there is none of its name, or the one before.
///
/// # Errors
/// There is no workspace there, the file exists and is not to be replaced, it cannot be written, or the disk is full.
pub fn backup(data_dir: &Path, to: &Path, force: bool) -> Result<BackupMade, ServerError> {
    if !force && to.exists() {
        return Err(ServerError::BackupExists { path: to.to_owned() });
    }
    let desk = Desk::clear(to)?;
    let made = desk.write(data_dir);
    // What is left of a failure is of no use to anybody, and the failure is what has to be told.
    let cleared = remove_dir(&desk.place);
    let made = made?;
    cleared.map_err(|source| desk.unwritable(source))?;
    Ok(made)
}

/// Where a backup is made before it gets its name.
struct Desk<'a> {
    to: &'a Path,
    place: PathBuf,
}

impl<'a> Desk<'a> {
    fn clear(to: &'a Path) -> Result<Self, ServerError> {
        let mut name = OsString::from(to);
        name.push(".partial");
        let desk = Self { to, place: name.into() };
        private_dir(&desk.place).map_err(|source| desk.unwritable(source))?;
        Ok(desk)
    }

    fn write(&self, data_dir: &Path) -> Result<BackupMade, ServerError> {
        let place = place(data_dir)?;
        let store = &place.store;
        let workspace = store.workspace()?;
        let workspace = workspace.ok_or_else(|| ServerError::NoWorkspace { path: data_dir.to_owned() })?;
        let (copy, whole) = (self.place.join(DATABASE), self.place.join("whole"));
        let made_at = now();
        store.copy_to(&copy)?;
        let key = data_dir.join(KEY);
        let parts = [(DATABASE, copy.as_path()), (KEY, key.as_path())];
        let write = || -> io::Result<u64> {
            let manifest = Manifest::of(workspace, made_at, &parts)?;
            let copied = SqliteStore::existing(&copy);
            archive::write(&whole, &manifest, &parts, |archive, seconds| {
                media::write(archive, data_dir, &copied, seconds)
            })?;
            let bytes = fs::metadata(&whole)?.len();
            fs::rename(&whole, self.to)?;
            sync_dir(parent(self.to))?;
            Ok(bytes)
        };
        let bytes = write().map_err(|source| self.unwritable(source))?;
        Ok(BackupMade { workspace, made_at, bytes })
    }

    fn unwritable(&self, source: io::Error) -> ServerError {
        full_or(source, |source| ServerError::BackupUnwritable { path: self.to.to_owned(), source })
    }
}

/// The directory that a file is in.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or_else(|| Path::new("."))
}

/// A full disk says so, whatever was being written.
fn full_or(error: io::Error, other: impl FnOnce(io::Error) -> ServerError) -> ServerError {
    if error.kind() == io::ErrorKind::StorageFull { ServerError::DiskFull } else { other(error) }
}
