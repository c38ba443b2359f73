//! What lets the proofs look into the rules: a switch that breaks one of them, and counters of rare branches.
//!
//! A proof that finds nothing proves nothing. So each rule that keeps a promise asks [`is_broken`] at the place where it
//! would be forgotten; the simulation breaks one after the other and expects the promise named for it to fail. Rare branches
//! call [`reached`], so that a run can tell whether it came by at all.
//!
//! Without the feature `armed`, which only the simulation asks for, both are empty: [`is_broken`] is `false` for the compiler.

macro_rules! listed {
    ($(#[$doc:meta])* $name:ident { $($(#[$line:meta])* $variant:ident = $text:literal;)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[$line])* $variant,)* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name, for tables.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

listed! {
    /// A rule that can be broken.
    Fault {
        /// A mutation that was applied before is applied again.
        Dedup = "dedup";
        /// A client transmits what is not on its disk yet.
        FsyncOrder = "fsync order";
        /// The server answers a group whose commit has failed as if it were on the disk.
        CommitOrder = "commit before answer";
        /// An event beyond the next one is applied as if it were the next.
        GapCheck = "gap check";
        /// Rights are looked at before the writing transaction, not within it.
        RightsInTransaction = "rights inside the transaction";
        /// Whoever is in a conversation, or in the workspace, may do everything there.
        Permission = "permission";
        /// A row replaces a newer one.
        RowVersion = "row version";
        /// Who has left is still told of what comes after.
        FanOutFold = "fan-out fold";
        /// An answer that was read within a membership is sent after the end of it.
        OvertakenAnswer = "overtaken answer";
        /// What waits for a session of a message goes out behind its removal.
        RemovedText = "removed text";
        /// Another epoch is taken for the same.
        Epoch = "epoch";
        /// A horizon that was put back by another device is advanced by one that did not know of it.
        HorizonMerge = "horizon merge";
        /// What a refused mutation wrote is kept.
        Savepoint = "savepoint";
        /// The database is not looked at for what the bus has lost.
        LostPushTail = "lost-push tail";
        /// What was refused and has no row is shown nowhere.
        ShownRefusal = "shown refusal";
    }
}

listed! {
    /// A branch that is rarely taken.
    Branch {
        /// A client has missed events of a log and asks for them.
        Gap = "core: gap";
        /// A client takes everything that it knows of a workspace for void.
        Reset = "core: reset";
        /// A client's change is made part of what has not been transmitted.
        Fold = "core: fold";
        /// A client tells a server again what one of another epoch had acknowledged.
        Replay = "core: replay";
        /// A refusal sticks, with whatever depends on it.
        Wedge = "core: wedge";
        /// A message has changed in a way that a client does not know.
        DirtyRow = "core: dirty row";
        /// A group in which something failed after it wrote is run once more, with savepoints.
        GroupRunTwice = "group run twice";
        /// A hub hears of an event that it knows.
        HubToldTwice = "hub: event told twice";
        /// A hub has lost an event of a log.
        HubLostSight = "hub: lost sight of a conversation";
        /// A hub has lost that somebody's own state changed.
        HubLostOwnRow = "hub: lost a user's own row";
        /// A hub has lost the last change of a roster.
        HubLostRoster = "hub: lost a roster's last change";
        /// A hub has lost that somebody went out of a conversation.
        HubLostEnd = "hub: a lost end of a membership";
        /// A hub has lost that a profile changed.
        HubLostProfile = "hub: lost a profile";
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
pub fn reached(_: Branch) {}

#[cfg(feature = "armed")]
pub use armed::{break_rule, is_broken, reached, take_reached};

#[cfg(feature = "armed")]
mod armed {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::{Branch, Fault};

    thread_local! {
        static BROKEN: Cell<Option<Fault>> = const { Cell::new(None) };
        static REACHED: RefCell<BTreeMap<Branch, u64>> = const { RefCell::new(BTreeMap::new()) };
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
    pub fn reached(branch: Branch) {
        REACHED.with_borrow_mut(|counts| *counts.entry(branch).or_default() += 1);
    }

    /// How often each rare branch was taken on this thread since this was last asked: all of them, also those that were not.
    #[must_use]
    pub fn take_reached() -> BTreeMap<Branch, u64> {
        let mut counts = REACHED.take();
        for branch in Branch::ALL {
            counts.entry(*branch).or_default();
        }
        counts
    }
}
