//! Who types, and saying that oneself does.

use std::collections::BTreeMap;

use confab_protocol::{Timestamp, limits};

use crate::key::Key;

/// Nobody is shown typing for longer than this without renewal, in milliseconds.
const LONGEST_MS: u64 = 10 * limits::TYPING_TIMEOUT_MS;

/// Someone types until then.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Typist {
    identity: String,
    until: Timestamp,
}

/// Typing, in all conversations.
#[derive(Debug, Default)]
pub(crate) struct Typing {
    typists: BTreeMap<Key, Vec<Typist>>,
    /// What the timer is set for.
    waiting_for: Option<Timestamp>,
    said: BTreeMap<Key, Timestamp>,
}

impl Typing {
    /// Someone types, for this long unless renewed.
    pub(crate) fn started(&mut self, place: Key, identity: &str, timeout_ms: u64, now: Timestamp) {
        let until = now.plus(timeout_ms.min(LONGEST_MS));
        let typists = self.typists.entry(place).or_default();
        match typists.iter_mut().find(|typist| typist.identity == identity) {
            Some(typist) => typist.until = until,
            None => typists.push(Typist { identity: identity.to_owned(), until }),
        }
    }

    /// Someone's message arrived. True when they were typing.
    pub(crate) fn stopped(&mut self, place: Key, identity: &str) -> bool {
        let Some(typists) = self.typists.get_mut(&place) else { return false };
        let before = typists.len();
        typists.retain(|typist| typist.identity != identity);
        before != typists.len()
    }

    /// The timer went off: what it was set for has come, whatever any clock says. Answers who no longer types, and where.
    pub(crate) fn expire(&mut self) -> Vec<(Key, String)> {
        let Some(come) = self.waiting_for.take() else { return Vec::new() };
        let mut stopped = Vec::new();
        for (place, typists) in &mut self.typists {
            let over = typists.extract_if(.., |typist| typist.until <= come);
            stopped.extend(over.map(|typist| (*place, typist.identity)));
        }
        self.typists.retain(|_, typists| !typists.is_empty());
        stopped
    }

    /// How long to wait until someone may have stopped, unless that is being waited for.
    pub(crate) fn wait(&mut self, now: Timestamp) -> Option<u64> {
        let next = self.typists.values().flatten().map(|typist| typist.until).min();
        let news = next.filter(|_| next != self.waiting_for);
        self.waiting_for = next;
        Some(news?.since(now).clamp(1, LONGEST_MS))
    }

    /// Those who type, in the order in which they began.
    pub(crate) fn typists(&self, place: Key) -> impl Iterator<Item = &str> {
        self.typists.get(&place).into_iter().flatten().map(|typist| typist.identity.as_str())
    }

    /// A key was pressed: whether to say so now.
    pub(crate) fn say(&mut self, place: Key, now: Timestamp) -> bool {
        let recent = self
            .said
            .get(&place)
            .is_some_and(|said| now.since(*said) < limits::TYPING_RENEWAL_MS && *said <= now);
        if !recent {
            self.said.insert(place, now);
        }
        !recent
    }

    /// What was written was sent: the next key begins anew.
    pub(crate) fn sent(&mut self, place: Key) {
        self.said.remove(&place);
    }

    /// A conversation is gone.
    pub(crate) fn forget(&mut self, place: Key) {
        self.typists.remove(&place);
        self.said.remove(&place);
    }

    /// Without a connection nobody is seen typing. Answers who was, and where.
    pub(crate) fn connection_lost(&mut self) -> Vec<(Key, String)> {
        self.said.clear();
        let all = std::mem::take(&mut self.typists).into_iter();
        all.flat_map(|(place, typists)| typists.into_iter().map(move |typist| (place, typist.identity)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::ConversationSid;
    use uuid::Uuid;

    use super::*;

    const PLACE: Key = Key::Sid(ConversationSid(Uuid::from_u128(1)));

    #[test]
    fn typing_ends_by_itself_or_with_a_message_and_is_renewed_in_place() {
        let mut typing = Typing::default();
        typing.started(PLACE, "Aiko", 6_000, Timestamp(0));
        typing.started(PLACE, "Bo", 6_000, Timestamp(1_000));
        typing.started(PLACE, "Aiko", 6_000, Timestamp(4_000));
        assert_eq!(typing.typists(PLACE).collect::<Vec<_>>(), ["Aiko", "Bo"]);
        assert_eq!(typing.wait(Timestamp(4_000)), Some(3_000));
        assert_eq!(typing.wait(Timestamp(4_500)), None, "it is being waited for");
        assert_eq!(typing.expire(), [(PLACE, "Bo".to_owned())]);
        assert_eq!(typing.typists(PLACE).collect::<Vec<_>>(), ["Aiko"]);
        assert_eq!(typing.wait(Timestamp(0)), Some(10_000), "the clock was put back");
        assert_eq!(typing.expire(), [(PLACE, "Aiko".to_owned())]);
        typing.started(PLACE, "Aiko", 6_000, Timestamp(4_000_000));
        assert_eq!(typing.wait(Timestamp(0)), Some(LONGEST_MS), "by hours");
        assert!(typing.stopped(PLACE, "Aiko"));
        assert!(!typing.stopped(PLACE, "Aiko"));
    }

    #[test]
    fn it_is_said_at_most_once_per_renewal_and_again_after_sending() {
        let mut typing = Typing::default();
        let said: Vec<u64> =
            (0..10_000u64).step_by(500).filter(|now| typing.say(PLACE, Timestamp(*now))).collect();
        assert_eq!(said, [0, 4_000, 8_000]);
        typing.sent(PLACE);
        assert!(typing.say(PLACE, Timestamp(8_100)));
        assert!(typing.say(PLACE, Timestamp(10)), "the clock was put back");
    }
}
