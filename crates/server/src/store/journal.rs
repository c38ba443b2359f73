//! The transactions of group commit on SQLite.

use std::borrow::Borrow;

use confab_domain::group::Journal;
use confab_domain::{StoreResult, Tx};
use rusqlite::Connection;

use super::codec::failure;
use super::{SqliteTx, sql};

impl<C: Borrow<Connection>> SqliteTx<C> {
    fn step(&self, sql: &str) -> StoreResult<()> {
        let mut statement = self.connection.borrow().prepare_cached(sql).map_err(failure)?;
        statement.execute([]).map(drop).map_err(failure)
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
