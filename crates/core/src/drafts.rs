//! What is being written, by conversation.

use std::collections::{BTreeMap, BTreeSet};

use crate::key::Key;
use crate::stored::StoredDraft;

/// How long after a change drafts are written, in milliseconds.
pub(crate) const DEBOUNCE_MS: u64 = 300;

/// All drafts.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    texts: BTreeMap<Key, String>,
    unwritten: BTreeSet<Key>,
}

impl Drafts {
    /// What was restored, by the keys of this run.
    pub(crate) fn new(stored: Vec<StoredDraft>, key_of: impl Fn(Key) -> Key) -> Self {
        let texts = stored.into_iter().map(|draft| (key_of(draft.conversation), draft.body)).collect();
        Self { texts, unwritten: BTreeSet::new() }
    }

    /// The draft of a conversation; empty when there is none.
    pub(crate) fn text(&self, place: Key) -> &str {
        self.texts.get(&place).map_or("", String::as_str)
    }

    /// Conversations that have one.
    pub(crate) fn places(&self) -> impl Iterator<Item = Key> {
        self.texts.keys().copied()
    }

    /// Changes a draft. True when nothing waited to be written before.
    pub(crate) fn change(&mut self, place: Key, text: &str) -> bool {
        if self.text(place) == text {
            return false;
        }
        if text.is_empty() {
            self.texts.remove(&place);
        } else {
            self.texts.insert(place, text.to_owned());
        }
        let first = self.unwritten.is_empty();
        self.unwritten.insert(place);
        first
    }

    /// What has to be written now.
    pub(crate) fn take_unwritten(&mut self) -> Vec<(Key, String)> {
        let places = std::mem::take(&mut self.unwritten);
        places.into_iter().map(|place| (place, self.text(place).to_owned())).collect()
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::ConversationSid;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_conversation_has_its_own_and_what_did_not_change_is_not_written() {
        let (one, two) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let [one, two] = [one, two].map(|uuid| Key::Sid(ConversationSid(uuid)));
        let mut drafts = Drafts::new(vec![StoredDraft { conversation: one, body: "kept".into() }], |key| key);
        assert!(!drafts.change(one, "kept"));
        assert!(drafts.change(two, "new"));
        assert!(!drafts.change(one, ""));
        assert_eq!((drafts.text(one), drafts.text(two)), ("", "new"));
        assert_eq!(drafts.take_unwritten(), [(one, String::new()), (two, "new".to_owned())]);
        assert!(drafts.take_unwritten().is_empty());
    }
}
