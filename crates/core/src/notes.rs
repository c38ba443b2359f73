//! Desktop notifications that were shown and may have to be taken away.

use std::collections::BTreeMap;

use confab_protocol::ClientId;

use crate::key::Key;

/// Notifications remembered per conversation.
const KEPT: usize = 100;

/// What was shown.
#[derive(Debug, Default)]
pub(crate) struct Notes {
    shown: BTreeMap<Key, Vec<(u64, ClientId)>>,
    /// The highest index that was looked at: every message is told of at most once.
    looked: BTreeMap<Key, u64>,
}

impl Notes {
    /// Whether a message is looked at for the first time.
    pub(crate) fn look(&mut self, place: Key, index: u64) -> bool {
        let first = self.looked.get(&place).is_none_or(|looked| *looked < index);
        if first {
            self.looked.insert(place, index);
        }
        first
    }

    /// A message was told of.
    pub(crate) fn show(&mut self, place: Key, index: u64, message: ClientId) {
        let shown = self.shown.entry(place).or_default();
        if shown.len() == KEPT {
            shown.remove(0);
        }
        shown.push((index, message));
    }

    /// Takes those away that the test is true for. Answers their keys.
    pub(crate) fn withdraw(&mut self, place: Key, gone: impl Fn(u64, ClientId) -> bool) -> Vec<String> {
        let Some(shown) = self.shown.get_mut(&place) else { return Vec::new() };
        let keys =
            shown.iter().filter(|(index, id)| gone(*index, *id)).map(|(_, id)| id.to_string()).collect();
        shown.retain(|(index, id)| !gone(*index, *id));
        keys
    }

    /// The numbering of messages begins anew.
    pub(crate) fn clear_looked(&mut self) {
        self.looked.clear();
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::ConversationSid;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_message_is_told_of_once_and_taken_away_when_read() {
        let place = Key::Sid(ConversationSid(Uuid::from_u128(1)));
        let id = |number| ClientId(Uuid::from_u128(number));
        let mut notes = Notes::default();
        assert!(notes.look(place, 3));
        assert!(!notes.look(place, 3));
        notes.show(place, 3, id(3));
        notes.show(place, 4, id(4));
        assert_eq!(notes.withdraw(place, |index, _| index <= 3), [id(3).to_string()]);
        assert_eq!(notes.withdraw(place, |_, message| message == id(4)), [id(4).to_string()]);
        assert!(notes.withdraw(place, |_, _| true).is_empty());
    }
}
