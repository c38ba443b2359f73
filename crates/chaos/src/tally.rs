//! What happened, counted, and what was broken.

use std::fmt;

/// The last line of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// The seed of the run.
    pub seed: u64,
    /// Clients and servers that were killed.
    pub kills: u64,
    /// Clients and servers that were paused.
    pub pauses: u64,
    /// Connections that were cut, or had no way at all for a time.
    pub cuts: u64,
    /// Connections that stalled, dribbled, or carried one way only for a time.
    pub stalls: u64,
    /// Commands that were taken.
    pub commands: u64,
    /// Commands that were refused, with a reason.
    pub refusals: u64,
    /// Messages that stand in the server's database, removed ones included.
    pub messages: u64,
    /// Messages that were promised.
    pub promised: u64,
    /// Passwords, invites and devices that were ended, as their person was told.
    pub ended: u64,
    /// Promised messages that stand nowhere, and were neither refused nor withdrawn.
    pub lost: Vec<String>,
    /// Messages that stand more than once.
    pub doubled: Vec<String>,
    /// Messages that stand before one that was written earlier on the same device.
    pub reordered: Vec<String>,
    /// What a client keeps of conversations that are closed to it.
    pub leaked: Vec<String>,
    /// Passwords, invites and devices that are not as their person was told.
    pub untrue: Vec<String>,
}

impl Tally {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        [&self.lost, &self.doubled, &self.reordered, &self.leaked, &self.untrue]
            .iter()
            .all(|list| list.is_empty())
    }

    /// The same for another list of what was broken.
    pub(crate) fn broken(&self) -> Vec<String> {
        let lists = [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("leaked", &self.leaked),
            ("untrue", &self.untrue),
        ];
        lists.iter().flat_map(|(what, list)| list.iter().map(move |one| format!("{what}: {one}"))).collect()
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {} kills, {} pauses, {} cuts, {} stalls, {} commands taken, {} refused; {} messages, {} promised, {} ended: \
             {} lost, {} doubled, {} reordered, {} leaked, {} untrue",
            self.seed,
            self.kills,
            self.pauses,
            self.cuts,
            self.stalls,
            self.commands,
            self.refusals,
            self.messages,
            self.promised,
            self.ended,
            self.lost.len(),
            self.doubled.len(),
            self.reordered.len(),
            self.leaked.len(),
            self.untrue.len(),
        )
    }
}
