//! What one device has promised: messages that were safe, in the order in which they were written, and what was withdrawn.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Display;

/// What begins every text: the mark of the message, which stays however often it is edited, and which wording it is:
/// `«Ana-1#17.0»`.
pub(crate) fn stamp(mark: &str, wording: impl Display) -> String {
    format!("{mark}.{wording}»")
}

/// The mark of the message that a device writes as its number so-and-so: `«Ana-1#17`.
pub(crate) fn mark(device: &str, number: u64) -> String {
    format!("«{device}#{number}")
}

/// The stamp at the beginning of a text.
pub(crate) fn stamp_of(body: &str) -> Option<&str> {
    let end = body.find('»')? + '»'.len_utf8();
    body.starts_with('«').then(|| &body[..end])
}

/// The mark in the stamp at the beginning of a text.
pub(crate) fn mark_of(body: &str) -> Option<&str> {
    stamp_of(body)?.rsplit_once('.').map(|(mark, _)| mark)
}

/// The number in a mark: its place in the order of its device.
pub(crate) fn number_of(mark: &str) -> Option<u64> {
    mark.rsplit_once('#')?.1.parse().ok()
}

/// Promises of one device. A message goes by the id under which it was sent, its key.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    /// Numbers given to texts.
    written: u64,
    /// Messages that an outbox on the disk held, or that were shown as sent: keys with their marks.
    promised: BTreeMap<String, String>,
    /// Keys of messages that the person wanted to be gone.
    withdrawn: BTreeSet<String>,
    /// Keys of messages that were sent again after a refusal, which puts them behind the others.
    retried: BTreeSet<String>,
}

impl Ledger {
    /// The next number for a text.
    pub(crate) fn next(&mut self) -> u64 {
        self.written += 1;
        self.written
    }

    /// Marks of all texts.
    pub(crate) fn marks(&self, device: &str) -> Vec<String> {
        (1..=self.written).map(|number| mark(device, number)).collect()
    }

    /// The client shows that the server has it.
    pub(crate) fn acknowledged(&mut self, key: &str, body: &str) {
        if let Some(mark) = mark_of(body) {
            self.promised.insert(key.to_owned(), mark.to_owned());
        }
    }

    /// The outbox on the disk holds it.
    pub(crate) fn persisted(&mut self, key: &str, body: &str) {
        self.acknowledged(key, body);
    }

    /// The person is about to remove it or to discard it.
    pub(crate) fn withdraw(&mut self, key: &str) {
        self.withdrawn.insert(key.to_owned());
    }

    /// The person is about to send it again.
    pub(crate) fn retry(&mut self, key: &str) {
        self.retried.insert(key.to_owned());
    }

    /// All promises: keys with their marks.
    pub(crate) fn promised(&self) -> impl Iterator<Item = (&str, &str)> {
        self.promised.iter().map(|(key, mark)| (key.as_str(), mark.as_str()))
    }

    /// Whether the person wanted it gone.
    pub(crate) fn is_withdrawn(&self, key: &str) -> bool {
        self.withdrawn.contains(key)
    }

    /// Whether it was sent again.
    pub(crate) fn is_retried(&self, key: &str) -> bool {
        self.retried.contains(key)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_found_again_in_what_it_begins() {
        let body = format!("{} edited", stamp(&mark("Ana-1", 17), 4711));
        assert_eq!(stamp_of(&body), Some("«Ana-1#17.4711»"));
        assert_eq!(mark_of(&body), Some("«Ana-1#17"));
        assert_eq!(mark_of(&body).and_then(number_of), Some(17));
        assert_eq!(mark_of("no mark"), None);
        assert_eq!(mark_of("a «b#1.0»"), None);
    }
}
