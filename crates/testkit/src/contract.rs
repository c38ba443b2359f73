//! What every store must do, as a table of tests: each gets a store that nobody has written to.
//!
//! ```
//! # use confab_testkit::{MemoryStore, contract};
//! # use confab_protocol::WorkspaceSid;
//! for (name, test) in contract::all() {
//!     println!("{name}");
//!     test(&mut MemoryStore::new(WorkspaceSid(uuid::Uuid::from_u128(1))));
//! }
//! ```

mod accounts;
mod conversations;
mod counters;
mod gateway;
mod groups;
mod media;
mod messages;
mod own_rows;
mod own_state;
mod roster;
mod rows;
mod scan;
mod tails;
mod transactions;

use confab_domain::group::{self, Group, Journal};
use confab_domain::{DomainError, Read, Scan, StoreError, StoreResult, Tx};
use confab_protocol::WorkspaceSid;

/// One item of a group: what it wrote is taken back when it fails.
pub type Item<'a> = &'a mut dyn FnMut(&mut dyn Tx) -> StoreResult<()>;

/// A store as the tests see it.
pub trait StoreUnderTest {
    /// The workspace that it is opened for.
    fn scope(&self) -> WorkspaceSid;
    /// Its transactions.
    fn journal(&mut self) -> &mut dyn Journal;
    /// Looks at one committed state.
    fn read(&mut self, look: &mut dyn FnMut(&dyn Scan));
    /// Breaks off without closing, and opens what is there again.
    fn reopen(&mut self);
}

impl StoreUnderTest for crate::MemoryStore {
    fn scope(&self) -> WorkspaceSid {
        Read::scope(self)
    }

    fn journal(&mut self) -> &mut dyn Journal {
        self
    }

    fn read(&mut self, look: &mut dyn FnMut(&dyn Scan)) {
        look(self);
    }

    fn reopen(&mut self) {
        self.crash();
    }
}

/// A test of the contract. Panics when the store does not keep it.
pub type Test = fn(&mut dyn StoreUnderTest);

/// Every test of the contract with its name.
#[must_use]
pub fn all() -> Vec<(&'static str, Test)> {
    [accounts::TESTS, conversations::TESTS, counters::TESTS, messages::TESTS, own_rows::TESTS, roster::TESTS]
        .into_iter()
        .chain([
            own_state::TESTS,
            media::TESTS,
            gateway::TESTS,
            scan::TESTS,
            transactions::TESTS,
            groups::TESTS,
            tails::TESTS,
        ])
        .flatten()
        .copied()
        .collect()
}

/// Carries out items as one group.
fn group(journal: &mut dyn Journal, items: &mut [Item<'_>]) -> StoreResult<Group> {
    group::commit(journal, items, &mut |item, tx| Ok(item(tx)?))
}

/// Writes one item that must succeed.
fn write(store: &mut dyn StoreUnderTest, mut item: impl FnMut(&mut dyn Tx) -> StoreResult<()>) {
    let group = group(store.journal(), &mut [&mut item]).expect("the group commits");
    for result in group.results {
        result.expect("the item is written");
    }
}

/// Writes one item that must be in conflict with what is there.
fn conflict(store: &mut dyn StoreUnderTest, mut item: impl FnMut(&mut dyn Tx) -> StoreResult<()>) {
    let results = group(store.journal(), &mut [&mut item]).expect("the group commits").results;
    let is_conflict = matches!(results[..], [Err(DomainError::Store(StoreError::Conflict(_)))]);
    assert!(is_conflict, "not a conflict: {results:?}");
}

/// Looks something up that can be looked up.
fn read<T>(store: &mut dyn StoreUnderTest, mut look: impl FnMut(&dyn Scan) -> StoreResult<T>) -> T {
    let mut found = None;
    store.read(&mut |read| found = Some(look(read)));
    found.expect("the store lets look").expect("the look-up succeeds")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_store_in_memory_keeps_the_contract() {
        for (name, test) in all() {
            println!("{name}");
            test(&mut crate::MemoryStore::new(WorkspaceSid(uuid::Uuid::from_u128(1))));
        }
    }
}
