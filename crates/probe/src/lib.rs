//! What lets the proofs look into the rules: a switch that breaks one of them, and counters of rare branches.
//!
//! A proof that finds nothing proves nothing. So each rule that keeps a promise asks [`is_broken`] at the place where it
//! would be forgotten; the simulation breaks one after the other and expects the promise named for it to fail. Rare branches
//! call [`reached`], so that a run can tell whether it came by at all.
//!
//! Without the feature `armed`, which only the simulation asks for, both are empty: [`is_broken`] is `false` for the compiler.

/// A rule that can be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A mutation that was applied before is applied again.
    Dedup,
    /// The answer leaves before the commit is on the disk.
    FsyncOrder,
    /// An event beyond the next one is applied as if it were the next.
    GapCheck,
    /// Rights are looked at before the writing transaction, not within it.
    RightsInTransaction,
    /// A row replaces a newer one.
    RowVersion,
    /// Who has left is still told of what comes after.
    FanOutFold,
    /// Another epoch is taken for the same.
    Epoch,
    /// A horizon that was put back by another device is advanced by one that did not know of it.
    HorizonMerge,
    /// What a refused mutation wrote is kept.
    Savepoint,
    /// The database is not looked at for what the bus has lost.
    LostPushTail,
}

impl Fault {
    /// All of them.
    pub const ALL: [Self; 10] = [
        Self::Dedup,
        Self::FsyncOrder,
        Self::GapCheck,
        Self::RightsInTransaction,
        Self::RowVersion,
        Self::FanOutFold,
        Self::Epoch,
        Self::HorizonMerge,
        Self::Savepoint,
        Self::LostPushTail,
    ];

    /// Its name, for tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dedup => "dedup",
            Self::FsyncOrder => "fsync order",
            Self::GapCheck => "gap check",
            Self::RightsInTransaction => "rights inside the transaction",
            Self::RowVersion => "row version",
            Self::FanOutFold => "fan-out fold",
            Self::Epoch => "epoch",
            Self::HorizonMerge => "horizon merge",
            Self::Savepoint => "savepoint",
            Self::LostPushTail => "lost-push tail",
        }
    }
}

/// Whether a rule is broken on this thread. Never, in what people use.
#[cfg(not(feature = "armed"))]
#[inline]
#[must_use]
pub fn is_broken(_: Fault) -> bool {
    false
}

/// A rare branch was taken.
#[cfg(not(feature = "armed"))]
#[inline]
pub fn reached(_: &'static str) {}

#[cfg(feature = "armed")]
pub use armed::{break_rule, is_broken, reached, take_reached};

#[cfg(feature = "armed")]
mod armed {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::Fault;

    thread_local! {
        static BROKEN: Cell<Option<Fault>> = const { Cell::new(None) };
        static REACHED: RefCell<BTreeMap<&'static str, u64>> = const { RefCell::new(BTreeMap::new()) };
    }

    /// Breaks a rule on this thread, or none.
    pub fn break_rule(fault: Option<Fault>) {
        BROKEN.set(fault);
    }

    /// Whether a rule is broken on this thread.
    #[must_use]
    pub fn is_broken(fault: Fault) -> bool {
        BROKEN.get() == Some(fault)
    }

    /// A rare branch was taken.
    pub fn reached(branch: &'static str) {
        REACHED.with_borrow_mut(|counts| *counts.entry(branch).or_default() += 1);
    }

    /// How often each rare branch was taken on this thread since this was last asked.
    #[must_use]
    pub fn take_reached() -> BTreeMap<&'static str, u64> {
        REACHED.take()
    }
}
