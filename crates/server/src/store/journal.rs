//! The transactions of group commit on SQLite.

use std::borrow::Borrow;
use std::time::Duration;

use confab_domain::group::Journal;
use confab_domain::{StoreResult, Tx};
use rusqlite::Connection;

use super::codec::failure;
use super::{BUSY, SqliteTx, sql};

impl<C: Borrow<Connection>> SqliteTx<C> {
    fn step(&self, sql: &str) -> StoreResult<()> {
        let mut statement = self.connection.borrow().prepare_cached(sql).map_err(failure)?;
        statement.execute([]).map(drop).map_err(failure)
    }
}

impl SqliteTx<Connection> {
    /// Brings everything from the log into the database, where it overwrites what was there, and empties the log's file: it
    /// keeps old pages, and with them what was removed or edited. When a reader is in the way, the next call does it.
    pub(super) fn scrub(&self) {
        if !self.is_stained.get() {
            return;
        }
        match self.empty_log() {
            Ok(is_empty) => self.is_stained.set(!is_empty),
            Err(error) => tracing::warn!(%error, "the log could not be emptied"),
        }
    }

    fn empty_log(&self) -> rusqlite::Result<bool> {
        // Not a moment is waited for readers: nobody writes meanwhile.
        self.connection.busy_timeout(Duration::ZERO)?;
        let busy: i64 = self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
        self.connection.busy_timeout(BUSY)?;
        Ok(busy == 0)
    }
}

impl<C: Borrow<Connection>> Journal for SqliteTx<C> {
    fn begin(&mut self) -> StoreResult<()> {
        self.step(sql::BEGIN)?;
        self.find_workspace()
    }

    fn commit(&mut self) -> StoreResult<()> {
        self.step(sql::COMMIT)
    }

    fn rollback(&mut self) -> StoreResult<()> {
        self.step(sql::ROLLBACK)
    }

    fn savepoint(&mut self) -> StoreResult<()> {
        self.step(sql::SAVEPOINT)
    }

    fn release(&mut self) -> StoreResult<()> {
        self.step(sql::RELEASE)
    }

    fn rollback_to(&mut self) -> StoreResult<()> {
        self.step(sql::ROLLBACK_TO)?;
        self.step(sql::RELEASE)?;
        self.find_workspace()
    }

    fn written(&self) -> u64 {
        self.writes()
    }

    fn broke_off(&self) -> bool {
        self.connection.borrow().is_autocommit()
    }

    fn tx(&mut self) -> &mut dyn Tx {
        self
    }
}
