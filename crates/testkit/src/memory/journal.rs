//! The transactions of group commit on the maps. Nothing of them can fail: a test that wants failures puts a journal of its
//! own around this one.

use confab_domain::group::Journal;
use confab_domain::{StoreError, StoreResult, Tx};

use super::MemoryStore;

fn no_savepoint() -> StoreError {
    StoreError::Conflict("there is no savepoint".to_owned())
}

impl Journal for MemoryStore {
    fn begin(&mut self) -> StoreResult<()> {
        match self.changes() {
            0 => Ok(()),
            _ => Err(StoreError::Conflict("a transaction is under way".to_owned())),
        }
    }

    fn commit(&mut self) -> StoreResult<()> {
        Self::commit(self);
        Ok(())
    }

    fn rollback(&mut self) -> StoreResult<()> {
        self.crash();
        Ok(())
    }

    fn savepoint(&mut self) -> StoreResult<()> {
        self.savepoint = Some(Self::savepoint(self));
        Ok(())
    }

    fn release(&mut self) -> StoreResult<()> {
        self.savepoint.take().map(drop).ok_or_else(no_savepoint)
    }

    fn rollback_to(&mut self) -> StoreResult<()> {
        let savepoint = self.savepoint.take().ok_or_else(no_savepoint)?;
        Self::rollback_to(self, savepoint);
        Ok(())
    }

    fn written(&self) -> u64 {
        self.changes() as u64
    }

    fn broke_off(&self) -> bool {
        false
    }

    fn tx(&mut self) -> &mut dyn Tx {
        self
    }
}
