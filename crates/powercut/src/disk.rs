//! All files of a disk, and its power.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, PoisonError};

use fastrand::Rng;

use crate::Loss;
use crate::file::File;

/// The disk, as everybody who has a file open shares it.
#[derive(Debug, Default)]
pub(crate) struct Shared(Mutex<State>);

impl Shared {
    pub(crate) fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// What is on the disk.
#[derive(Debug, Default)]
pub(crate) struct State {
    /// By name.
    pub(crate) files: BTreeMap<String, File>,
    /// Operations until the power goes; none when it stays.
    pub(crate) left: Option<u64>,
    /// Which life of the disk it is: files opened in an earlier one are open no more.
    pub(crate) life: u64,
    /// No file may grow.
    pub(crate) full: bool,
    pub(crate) syncs: u64,
    pub(crate) operations: u64,
}

impl State {
    /// Fails without power, and for those who come from an earlier life.
    pub(crate) fn powered(&self, life: u64) -> io::Result<()> {
        if self.left == Some(0) || life != self.life {
            return Err(io::Error::other("there is no power"));
        }
        Ok(())
    }

    /// The same for what changes the disk, which may be the last that is done.
    pub(crate) fn spend(&mut self, life: u64) -> io::Result<()> {
        self.powered(life)?;
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
        self.operations += 1;
        // The one with which the power goes is not finished.
        self.powered(life)
    }

    /// The file, which must be there.
    pub(crate) fn file(&mut self, name: &str) -> io::Result<&mut File> {
        self.files.get_mut(name).ok_or_else(|| io::ErrorKind::NotFound.into())
    }

    /// Fails on a full disk when a file of this name is shorter.
    pub(crate) fn room(&mut self, name: &str, end: u64) -> io::Result<()> {
        let grows = self.file(name)?.len() < end;
        // The kind that SQLite is told of as a full disk.
        if self.full && grows { Err(io::ErrorKind::WriteZero.into()) } else { Ok(()) }
    }

    pub(crate) fn restore(&mut self, loss: Loss) {
        let mut rng = match loss {
            Loss::All => None,
            Loss::Torn { seed } => Some(Rng::with_seed(seed)),
        };
        self.files.retain(|_, file| file.survive(rng.as_mut()));
        self.left = None;
        self.life += 1;
    }
}
