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
    /// Files of messages that stand.
    pub files: u64,
    /// Files that were fetched by clients.
    pub fetched: u64,
    /// Texts that stand in no message any more, each looked for in every file.
    pub removed: u64,
    /// Promised messages that stand nowhere, and were neither refused nor withdrawn.
    pub lost: Vec<String>,
    /// Messages that stand more than once.
    pub doubled: Vec<String>,
    /// Messages that stand before one that was written earlier on the same device.
    pub reordered: Vec<String>,
    /// What a client keeps of conversations that are closed to it.
    pub leaked: Vec<String>,
    /// Files that are not as they were attached.
    pub bare: Vec<String>,
    /// Attributes that a client keeps other than they stand.
    pub stale: Vec<String>,
    /// Texts in files, though they stand in no message any more.
    pub remaining: Vec<String>,
    /// Passwords, invites and devices that are not as their person was told.
    pub untrue: Vec<String>,
}

impl Tally {
    /// Whether every promise was kept.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.lists().iter().all(|(_, list)| list.is_empty())
    }

    /// What was broken, each in words.
    pub(crate) fn broken(&self) -> Vec<String> {
        let lists = self.lists();
        lists.iter().flat_map(|(what, list)| list.iter().map(move |one| format!("{what}: {one}"))).collect()
    }

    fn lists(&self) -> [(&'static str, &Vec<String>); 8] {
        [
            ("lost", &self.lost),
            ("doubled", &self.doubled),
            ("reordered", &self.reordered),
            ("leaked", &self.leaked),
            ("bare", &self.bare),
            ("stale", &self.stale),
            ("remaining", &self.remaining),
            ("untrue", &self.untrue),
        ]
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "seed {}: {} kills, {} pauses, {} cuts, {} stalls, {} commands taken, {} refused; {} messages, {} promised, {} ended, \
             {} files, {} fetched, {} removed:",
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
            self.files,
            self.fetched,
            self.removed,
        )?;
        for (place, (what, list)) in self.lists().iter().enumerate() {
            write!(f, "{} {} {what}", if place == 0 { "" } else { "," }, list.len())?;
        }
        Ok(())
    }
}
