//! What came of a run, and of many.

use std::collections::BTreeMap;

use crate::promise::{Broken, Promise};

/// What came of a run that kept its promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Messages that stand on the server at the end.
    pub messages: usize,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
}

impl Report {
    pub(crate) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }
}

/// What came of many runs.
#[derive(Debug, Clone, Default)]
pub struct Tally {
    /// Runs.
    pub seeds: u64,
    /// Messages that stand at their ends.
    pub messages: usize,
    /// How often each thing happened.
    pub counts: BTreeMap<&'static str, u64>,
    /// Promises that were not kept.
    pub broken: BTreeMap<Promise, u64>,
}

impl Tally {
    /// Adds a run.
    pub fn add(&mut self, outcome: &Result<Report, Broken>) {
        self.seeds += 1;
        match outcome {
            Ok(report) => {
                self.messages += report.messages;
                for (what, times) in &report.counts {
                    *self.counts.entry(what).or_default() += times;
                }
            }
            Err(broken) => *self.broken.entry(broken.promise).or_default() += 1,
        }
    }

    /// Adds others.
    pub fn merge(&mut self, other: Self) {
        self.seeds += other.seeds;
        self.messages += other.messages;
        for (what, times) in other.counts {
            *self.counts.entry(what).or_default() += times;
        }
        for (promise, times) in other.broken {
            *self.broken.entry(promise).or_default() += times;
        }
    }

    /// In how many runs a promise was broken.
    #[must_use]
    pub fn broken(&self, promise: Promise) -> u64 {
        self.broken.get(&promise).copied().unwrap_or(0)
    }

    /// The last line: what was lost, doubled, reordered and leaked, and in how many runs anything else went wrong.
    #[must_use]
    pub fn last_line(&self) -> String {
        let lost = self.broken(Promise::NotLost) + self.broken(Promise::Durable);
        let doubled = self.broken(Promise::Once);
        let reordered = self.broken(Promise::InOrder);
        let leaked = self.broken(Promise::Private);
        let all: u64 = self.broken.values().sum();
        let other = all - lost - doubled - reordered - leaked;
        format!(
            "{} seeds, {} messages: {lost} lost, {doubled} doubled, {reordered} reordered, {leaked} leaked, {other} otherwise broken",
            self.seeds, self.messages
        )
    }
}
