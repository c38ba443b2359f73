//! The server's SQLite store, in a file or in memory, whose power can be cut.

use std::fmt::Display;
use std::path::{Path, PathBuf};

use confab_domain::group::Journal;
use confab_domain::{Read, Scan, StoreError, StoreResult, Tx};
use confab_protocol::WorkspaceSid;
use rusqlite::Connection;
use rusqlite::backup::Backup;

use crate::store::{SqliteStore, SqliteTx};

/// A database with one connection. What it reads is what it wrote: to see committed state alone, read between two groups.
pub struct Database {
    path: Option<PathBuf>,
    tx: SqliteTx<Connection>,
}

impl Database {
    /// A database in memory: as fast as the simulation wants it.
    ///
    /// # Errors
    /// SQLite cannot make it.
    pub fn in_memory(scope: WorkspaceSid) -> StoreResult<Self> {
        let connection = SqliteStore::in_memory().map_err(unusable)?;
        Ok(Self { path: None, tx: SqliteTx::new(connection, scope)? })
    }

    /// The database at a path, or a new one: with the same settings as a server's.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn open(path: &Path, scope: WorkspaceSid) -> StoreResult<Self> {
        let store = SqliteStore::open(path).map_err(unusable)?;
        let connection = store.writing().map_err(unusable)?;
        Ok(Self { path: Some(path.to_owned()), tx: SqliteTx::new(connection, scope)? })
    }

    /// Its look-ups.
    #[must_use]
    pub fn read(&self) -> &dyn Read {
        &self.tx
    }

    /// All of its rows, for [`confab_domain::verify`].
    #[must_use]
    pub fn scan(&self) -> &dyn Scan {
        &self.tx
    }

    /// Its transactions, for [`confab_domain::group::commit`].
    pub fn journal(&mut self) -> &mut dyn Journal {
        &mut self.tx
    }

    /// Its writes, inside a transaction that was begun.
    pub fn tx(&mut self) -> &mut dyn Tx {
        &mut self.tx
    }

    /// The power fails: what was not committed is gone, whatever was under way. A file is recovered from what the disk holds
    /// at this moment, as the next start of a server does it.
    ///
    /// # Errors
    /// It cannot be opened again.
    pub fn power_cut(&mut self) -> StoreResult<()> {
        let Some(path) = &self.path else {
            if !self.tx.broke_off() {
                self.tx.rollback()?;
            }
            return self.tx.find_workspace();
        };
        let (path, scope) = (path.clone(), self.tx.scope());
        let kept = Kept::read(&path)?;
        // Closing would write what a power cut does not.
        *self = Self::in_memory(scope)?;
        kept.write(&path)?;
        *self = Self::open(&path, scope)?;
        Ok(())
    }

    /// A copy in memory of what is committed: a backup, to be gone back to.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn backup(&self) -> StoreResult<Self> {
        let mut connection = SqliteStore::in_memory().map_err(unusable)?;
        let copy = Backup::new(&self.tx.connection, &mut connection);
        copy.and_then(|copy| copy.step(-1)).map_err(unusable)?;
        Ok(Self { path: None, tx: SqliteTx::new(connection, self.tx.scope())? })
    }
}

/// The files of a database as they lie on the disk.
struct Kept {
    database: Vec<u8>,
    log: Vec<u8>,
}

impl Kept {
    fn read(path: &Path) -> StoreResult<Self> {
        let database = std::fs::read(path).map_err(unusable)?;
        // There is no log before the first write.
        let log = std::fs::read(log_of(path)).unwrap_or_default();
        Ok(Self { database, log })
    }

    fn write(self, path: &Path) -> StoreResult<()> {
        std::fs::write(path, self.database).map_err(unusable)?;
        std::fs::write(log_of(path), self.log).map_err(unusable)
    }
}

fn log_of(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push("-wal");
    name.into()
}

fn unusable(error: impl Display) -> StoreError {
    StoreError::Unavailable(error.to_string())
}
