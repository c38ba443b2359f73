//! Saving a file of a message where the person wants it: whole under its name, or not there at all.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use bytes::{Bytes, BytesMut};
use confab_core::view::Problem;
use tokio::task::spawn_blocking;

use super::Download;
use crate::problem;

/// Bytes that are gathered before they are written.
const GATHERED: usize = 256 * 1024;

/// What becomes of a file that has the name already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// It stays, and nothing is saved.
    Kept,
    /// The new one takes its place, once it is whole.
    Replaced,
}

/// A file that is being written. Dropping it before it is whole deletes it.
struct Partial {
    path: PathBuf,
    file: Option<File>,
}

impl Partial {
    fn begin(to: &Path) -> io::Result<Self> {
        let mut name = to.file_name().unwrap_or_default().to_owned();
        name.push(".partial");
        let path = to.with_file_name(name);
        let file = File::create(&path)?;
        Ok(Self { path, file: Some(file) })
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = self.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        file.write_all(bytes)
    }

    /// It takes its name.
    fn complete(mut self, to: &Path, existing: Existing) -> io::Result<()> {
        let file = self.file.take().ok_or(io::ErrorKind::BrokenPipe)?;
        file.sync_all()?;
        drop(file);
        if existing == Existing::Kept && to.exists() {
            return Err(io::ErrorKind::AlreadyExists.into());
        }
        fs::rename(&self.path, to)
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        // Gone already when it is whole.
        let _ = fs::remove_file(&self.path);
    }
}

/// Copies a file that is on this computer.
pub(crate) async fn copy(from: PathBuf, to: PathBuf, existing: Existing) -> Result<(), Problem> {
    let place = to.clone();
    let copied = spawn_blocking(move || {
        let mut partial = Partial::begin(&to)?;
        let file = partial.file.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        io::copy(&mut File::open(from)?, file)?;
        partial.complete(&to, existing)
    });
    settle(copied.await, &place)
}

/// Writes what is fetched; `tell` hears how many bytes have come.
pub(crate) async fn fetch(
    mut download: Download,
    to: PathBuf,
    existing: Existing,
    mut tell: impl FnMut(u64),
) -> Result<(), Problem> {
    let beginning = to.clone();
    let mut partial = settle(spawn_blocking(move || Partial::begin(&beginning)).await, &to)?;
    let (mut gathered, mut come) = (BytesMut::new(), 0);
    while let Some(piece) = download.next().await? {
        come += piece.len() as u64;
        gathered.extend_from_slice(&piece);
        if gathered.len() >= GATHERED {
            partial = write(partial, gathered.split().freeze(), &to).await?;
            tell(come);
        }
    }
    partial = write(partial, gathered.freeze(), &to).await?;
    tell(come);
    let place = to.clone();
    settle(spawn_blocking(move || partial.complete(&to, existing)).await, &place)
}

async fn write(mut partial: Partial, bytes: Bytes, to: &Path) -> Result<Partial, Problem> {
    let written = spawn_blocking(move || partial.write(&bytes).map(|()| partial));
    settle(written.await, to)
}

fn settle<T>(outcome: Result<io::Result<T>, tokio::task::JoinError>, to: &Path) -> Result<T, Problem> {
    let outcome = outcome.unwrap_or_else(|error| Err(io::Error::other(error)));
    outcome.map_err(|error| {
        tracing::warn!(%error, "a file cannot be saved");
        match error.kind() {
            io::ErrorKind::StorageFull => problem::local(problem::NO_ROOM_TO_SAVE),
            _ => {
                let folder = to.parent().unwrap_or(to).display().to_string();
                problem::with(problem::CANNOT_SAVE, "path", folder)
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_file_is_there_whole_or_not_at_all_and_replaces_one_only_where_that_was_asked_for() {
        let home = tempfile::tempdir().unwrap();
        let (from, to) = (home.path().join("from"), home.path().join("to.txt"));
        fs::write(&from, "hello").unwrap();
        copy(from.clone(), to.clone(), Existing::Kept).await.unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"hello");
        fs::write(&from, "other").unwrap();
        let refused = copy(from.clone(), to.clone(), Existing::Kept).await.unwrap_err();
        assert_eq!(refused.code, problem::CANNOT_SAVE);
        assert_eq!(fs::read(&to).unwrap(), b"hello");
        copy(from.clone(), to.clone(), Existing::Replaced).await.unwrap();
        assert_eq!(fs::read(&to).unwrap(), b"other");
        assert!(copy(from, home.path().join("none/to"), Existing::Kept).await.is_err());
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2, "nothing half is left");
    }
}
