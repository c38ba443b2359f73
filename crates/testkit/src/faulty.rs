//! A journal that fails once at a chosen step, around one that does not.

use confab_domain::group::Journal;
use confab_domain::{StoreError, StoreResult, Tx};

/// A step of a journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// A transaction begins.
    Begin,
    /// It is committed: everything was run, and nothing is on the disk.
    Commit,
    /// It is taken back.
    Rollback,
    /// A savepoint is set.
    Savepoint,
    /// It is forgotten.
    Release,
    /// It is gone back to.
    RollbackTo,
}

impl Step {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Begin, Self::Commit, Self::Rollback, Self::Savepoint, Self::Release, Self::RollbackTo];
}

/// A journal with a fault in it.
pub struct Faulty<'a> {
    journal: &'a mut dyn Journal,
    fault: Option<Step>,
}

impl<'a> Faulty<'a> {
    /// The first `step` fails as a full disk does; what comes after it works.
    pub fn new(journal: &'a mut dyn Journal, step: Step) -> Self {
        Self { journal, fault: Some(step) }
    }

    /// Whether the step was come to.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.fault.is_none()
    }

    fn step(&mut self, step: Step) -> StoreResult<&mut dyn Journal> {
        if self.fault == Some(step) {
            self.fault = None;
            return Err(StoreError::Full);
        }
        Ok(self.journal)
    }
}

impl Journal for Faulty<'_> {
    fn begin(&mut self) -> StoreResult<()> {
        self.step(Step::Begin)?.begin()
    }

    fn commit(&mut self) -> StoreResult<()> {
        self.step(Step::Commit)?.commit()
    }

    fn rollback(&mut self) -> StoreResult<()> {
        self.step(Step::Rollback)?.rollback()
    }

    fn savepoint(&mut self) -> StoreResult<()> {
        self.step(Step::Savepoint)?.savepoint()
    }

    fn release(&mut self) -> StoreResult<()> {
        self.step(Step::Release)?.release()
    }

    fn rollback_to(&mut self) -> StoreResult<()> {
        self.step(Step::RollbackTo)?.rollback_to()
    }

    fn written(&self) -> u64 {
        self.journal.written()
    }

    fn broke_off(&self) -> bool {
        self.journal.broke_off()
    }

    fn tx(&mut self) -> &mut dyn Tx {
        self.journal.tx()
    }
}
