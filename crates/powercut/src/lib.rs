//! A file system for SQLite that keeps files in memory and forgets what was not synced when the power is cut.
//!
//! `kill -9` proves nothing about syncing: what a process wrote is in the hands of the system, which writes it in its own time.
//! Here a [`Disk`] can be told to lose its power after so many writes; every call after that fails. When it is given power
//! again, each file holds what it held at its last sync, and of what was written since then nothing, or any part of it in
//! units of a sector: pages come out torn, later writes without earlier ones, lengths without contents. It can also be full.
//!
//! What is taken for granted, as SQLite does on every system: a sync is kept, a deletion is kept, and bytes beside those that
//! were written do not change. For tests only.

mod disk;
mod file;
mod vfs;

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::disk::Shared;
use crate::vfs::Files;

/// How much of what was not synced is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Loss {
    /// All of it.
    All,
    /// A part that the seed decides, sector by sector.
    Torn {
        /// The seed.
        seed: u64,
    },
}

/// SQLite did not take the file system.
#[derive(Debug, thiserror::Error)]
#[error("SQLite does not take the file system: {0}")]
pub struct NotRegistered(String);

/// A disk of its own, known to SQLite under a name of its own for as long as the process lives.
#[derive(Debug, Clone)]
pub struct Disk {
    name: String,
    shared: Arc<Shared>,
}

impl Disk {
    /// An empty disk with power.
    ///
    /// # Errors
    /// When SQLite does not take it.
    pub fn new() -> Result<Self, NotRegistered> {
        static DISKS: AtomicU64 = AtomicU64::new(0);
        let name = format!("powercut-{}", DISKS.fetch_add(1, Ordering::Relaxed));
        let shared = Arc::new(Shared::default());
        sqlite_vfs::register(&name, Files(Arc::clone(&shared)), false)
            .map_err(|error| NotRegistered(error.to_string()))?;
        Ok(Self { name, shared })
    }

    /// What SQLite opens to find a file on this disk: a URI.
    #[must_use]
    pub fn path(&self, file: &str) -> PathBuf {
        format!("file:{file}?vfs={}", self.name).into()
    }

    /// Lets the power go after so many more writes, syncs and changes of length.
    pub fn cut_after(&self, operations: u64) {
        self.shared.with(|disk| disk.left = Some(operations));
    }

    /// Whether the power is gone.
    #[must_use]
    pub fn is_off(&self) -> bool {
        self.shared.with(|disk| disk.left == Some(0))
    }

    /// Cuts the power now, loses what is to be lost, and gives power again. Whoever had a file open has it no more.
    pub fn restore(&self, loss: Loss) {
        self.shared.with(|disk| disk.restore(loss));
    }

    /// Takes all room that is left: what is there can be written over, and no file grows.
    pub fn fill(&self) {
        self.shared.with(|disk| disk.full = true);
    }

    /// Gives the room back.
    pub fn free(&self) {
        self.shared.with(|disk| disk.full = false);
    }

    /// How often anything was synced.
    #[must_use]
    pub fn syncs(&self) -> u64 {
        self.shared.with(|disk| disk.syncs)
    }

    /// Writes, syncs and changes of length so far.
    #[must_use]
    pub fn operations(&self) -> u64 {
        self.shared.with(|disk| disk.operations)
    }
}
