//! SQLite behind the rules' `Read` and `Tx`: one writer thread with group commit, a few readers.

mod codec;
#[cfg(test)]
mod contract_tests;
#[cfg(test)]
mod crash_tests;
mod examine;
#[cfg(test)]
mod fixture_tests;
mod gateway;
mod journal;
#[cfg(feature = "measure")]
pub(crate) mod large;
#[cfg(feature = "measure")]
pub(crate) mod measure;
#[cfg(test)]
mod plan_tests;
#[cfg(test)]
mod power_tests;
mod put;
mod read;
mod readers;
#[cfg(any(test, feature = "measure"))]
mod sample;
mod scan;
mod schema;
mod sql;
mod write;
mod writer;

use std::path::{Path, PathBuf};
use std::time::Duration;

use confab_domain::row::SigningKeyRow;
use confab_domain::{DomainResult, StoreError, Tx};
use confab_protocol::WorkspaceSid;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, ErrorCode as Sqlite, OpenFlags};

pub(crate) use read::SqliteTx;
pub(crate) use readers::Readers;
#[cfg(test)]
pub(crate) use writer::Hooks;
pub(crate) use writer::{Committed, Work, Writer};

/// Statements kept prepared per connection: more than there are.
const STATEMENTS: usize = 192;

/// How long a connection waits for another one.
const BUSY: Duration = Duration::from_secs(5);

/// Why a database cannot be opened.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreOpenError {
    /// A newer version wrote it.
    #[error("level {found} is newer than {known}")]
    Newer {
        /// Its level.
        found: u32,
        /// The newest level known here.
        known: u32,
    },
    /// An older version wrote it, and nothing here may change it.
    #[error("level {found} is older than {known}")]
    Older {
        /// Its level.
        found: u32,
        /// The newest level known here.
        known: u32,
    },
    /// No room is left on the disk.
    #[error("the disk is full")]
    Full,
    /// A row cannot be read.
    #[error("{0}")]
    Unreadable(String),
    /// Anything else.
    #[error(transparent)]
    Database(rusqlite::Error),
}

impl From<rusqlite::Error> for StoreOpenError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(Sqlite::DiskFull) => Self::Full,
            _ => Self::Database(error),
        }
    }
}

/// A database file that has been brought to the newest level.
#[derive(Debug, Clone)]
pub(crate) struct SqliteStore {
    path: PathBuf,
}

impl SqliteStore {
    /// Opens the database at a path, or makes it.
    pub(crate) fn open(path: &Path) -> Result<Self, StoreOpenError> {
        let store = Self { path: path.to_owned() };
        let mut connection = store.writing()?;
        schema::migrate(&mut connection)?;
        Ok(store)
    }

    /// A database that others may be working with: it is only ever read through this.
    pub(crate) fn existing(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The connection for the one writer.
    pub(crate) fn writing(&self) -> Result<Connection, StoreOpenError> {
        let connection = Connection::open(&self.path)?;
        // FULL: an acknowledged message has reached the disk. secure_delete: what was removed is overwritten.
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "FULL")?;
        connection.pragma_update(None, "secure_delete", "ON")?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        // Fewer and larger checkpoints: each one makes the writer wait for the disk twice.
        connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
        connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
        connection.pragma_update(None, "cache_size", -32_768)?;
        prepare(&connection)?;
        Ok(connection)
    }

    /// A database in memory with the newest schema.
    #[cfg(feature = "simulation")]
    pub(crate) fn in_memory() -> Result<Connection, StoreOpenError> {
        let mut connection = Connection::open_in_memory()?;
        connection.pragma_update(None, "foreign_keys", "ON")?;
        schema::migrate(&mut connection)?;
        prepare(&connection)?;
        Ok(connection)
    }

    /// A connection that cannot write.
    pub(crate) fn reading(&self) -> Result<Connection, StoreOpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(&self.path, flags)?;
        connection.pragma_update(None, "cache_size", -4_096)?;
        prepare(&connection)?;
        Ok(connection)
    }

    /// One transaction of a process that serves nobody.
    pub(crate) fn once<T>(
        &self,
        scope: WorkspaceSid,
        run: impl FnOnce(&mut dyn Tx) -> DomainResult<T>,
    ) -> DomainResult<T> {
        let unavailable = |error: StoreOpenError| StoreError::Unavailable(error.to_string());
        let mut connection = self.writing().map_err(unavailable)?;
        let transaction = connection.transaction().map_err(codec::failure)?;
        let done = run(&mut SqliteTx::new(&*transaction, scope)?)?;
        transaction.commit().map_err(codec::failure)?;
        Ok(done)
    }

    /// The signing keys of the workspace, oldest first.
    pub(crate) fn signing_keys(&self) -> Result<Vec<SigningKeyRow>, StoreOpenError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare(
            "SELECT kid, algorithm, secret, date_created FROM signing_keys ORDER BY date_created, kid",
        )?;
        let rows = statement.query_and_then([], codec::signing_key)?;
        Ok(rows.collect::<rusqlite::Result<_>>()?)
    }

    /// The workspace kept here; a directory has one.
    pub(crate) fn workspace(&self) -> Result<Option<WorkspaceSid>, StoreOpenError> {
        let connection = self.reading()?;
        let mut statement = connection.prepare("SELECT sid FROM workspaces ORDER BY workspace LIMIT 1")?;
        let mut rows = statement.query([])?;
        let Some(row) = rows.next()? else { return Ok(None) };
        Ok(Some(WorkspaceSid(codec::uuid(row, 0)?)))
    }
}

fn prepare(connection: &Connection) -> rusqlite::Result<()> {
    // Without it SQLite plans a statement anew for every value bound to a column that a partial index names.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    connection.busy_timeout(BUSY)
}
