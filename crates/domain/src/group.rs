//! Group commit: work that waits together is run in order in one transaction and committed once, for all of it.
//!
//! What is refused has almost always written nothing, so that a group is first run as it is. Only when a piece of work fails
//! after it wrote, the group is rolled back and run again with a savepoint around each piece: a savepoint copies every page
//! that is touched within it, for each message anew.

use confab_probe::{Branch, Fault, is_broken, reached};

use crate::{DomainError, DomainResult, StoreError, StoreResult, Tx};

/// The transactions of a store, one at a time, with at most one savepoint in them.
pub trait Journal {
    /// Begins a transaction.
    ///
    /// # Errors
    /// The store cannot be written; nothing has begun.
    fn begin(&mut self) -> StoreResult<()>;
    /// Ends the transaction: what was written is on the disk when this returns.
    ///
    /// # Errors
    /// Nothing of it may count as written, and it may still have to be rolled back.
    fn commit(&mut self) -> StoreResult<()>;
    /// Ends the transaction and takes back all of it.
    ///
    /// # Errors
    /// The store is out of order; it takes the transaction back when it is next opened.
    fn rollback(&mut self) -> StoreResult<()>;
    /// Sets a savepoint.
    ///
    /// # Errors
    /// There is none.
    fn savepoint(&mut self) -> StoreResult<()>;
    /// Forgets the savepoint and keeps what was written since.
    ///
    /// # Errors
    /// The savepoint stands.
    fn release(&mut self) -> StoreResult<()>;
    /// Takes back what was written since the savepoint, and forgets it.
    ///
    /// # Errors
    /// What was written may still be there.
    fn rollback_to(&mut self) -> StoreResult<()>;
    /// How much the transaction has written: another value than before says that something was written between.
    fn written(&self) -> u64;
    /// No transaction is under way, because the store has ended it by itself as some failures make it do.
    fn broke_off(&self) -> bool;
    /// The transaction that is under way.
    fn tx(&mut self) -> &mut dyn Tx;
}

/// A group that was committed.
#[derive(Debug)]
pub struct Group {
    /// What came of each piece of work: of one that failed nothing was kept.
    pub results: Vec<DomainResult<()>>,
    /// Something failed after it wrote, so that the group was run a second time.
    pub ran_twice: bool,
}

/// Runs the pieces of a group one after the other and commits them. `run` does one piece in the transaction; it may be
/// called for the same piece again, after everything was taken back.
///
/// # Errors
/// Nothing of the whole group was kept, and nobody may be told of any of it.
pub fn commit<W>(
    journal: &mut dyn Journal,
    works: &mut [W],
    run: &mut dyn FnMut(&mut W, &mut dyn Tx) -> DomainResult<()>,
) -> StoreResult<Group> {
    let group = journal.begin().and_then(|()| run_all(journal, works, run));
    let committed = group.and_then(|group| match journal.commit() {
        Err(_) if is_broken(Fault::CommitOrder) => journal.rollback().map(|()| group),
        done => done.map(|()| group),
    });
    if committed.is_err() && !journal.broke_off() {
        journal.rollback()?;
    }
    committed
}

fn run_all<W>(
    journal: &mut dyn Journal,
    works: &mut [W],
    run: &mut dyn FnMut(&mut W, &mut dyn Tx) -> DomainResult<()>,
) -> StoreResult<Group> {
    if let Some(results) = without_savepoints(journal, works, run)? {
        return Ok(Group { results, ran_twice: false });
    }
    journal.rollback()?;
    journal.begin()?;
    let guarded = |work| guarded(journal, work, run);
    let results = works.iter_mut().map(guarded).collect::<StoreResult<_>>()?;
    Ok(Group { results, ran_twice: true })
}

/// Gives nothing when a piece of work failed after it wrote.
fn without_savepoints<W>(
    journal: &mut dyn Journal,
    works: &mut [W],
    run: &mut dyn FnMut(&mut W, &mut dyn Tx) -> DomainResult<()>,
) -> StoreResult<Option<Vec<DomainResult<()>>>> {
    let mut results = Vec::with_capacity(works.len());
    for work in works {
        let before = journal.written();
        let result = run(work, journal.tx());
        whole(journal, &result)?;
        if result.is_err() && journal.written() != before && !is_broken(Fault::Savepoint) {
            reached(Branch::GroupRunTwice);
            return Ok(None);
        }
        results.push(result);
    }
    Ok(Some(results))
}

/// Runs one piece of work between a savepoint and the end of it.
fn guarded<W>(
    journal: &mut dyn Journal,
    work: &mut W,
    run: &mut dyn FnMut(&mut W, &mut dyn Tx) -> DomainResult<()>,
) -> StoreResult<DomainResult<()>> {
    journal.savepoint()?;
    let result = run(work, journal.tx());
    whole(journal, &result)?;
    match result {
        Ok(()) => journal.release()?,
        // What is half done must not be committed: when it cannot be taken back alone, the whole group goes.
        Err(_) => journal.rollback_to()?,
    }
    Ok(result)
}

/// A store that has ended the transaction by itself has taken back what came before, too.
fn whole(journal: &dyn Journal, result: &DomainResult<()>) -> StoreResult<()> {
    match result {
        _ if !journal.broke_off() => Ok(()),
        Err(DomainError::Store(StoreError::Full)) => Err(StoreError::Full),
        _ => Err(StoreError::Unavailable("the transaction was rolled back".to_owned())),
    }
}
