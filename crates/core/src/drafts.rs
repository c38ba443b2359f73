//! What is being written, by conversation: what was typed here and the server does not have yet, and what the server has.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::{ConversationSid, model};

use crate::key::Key;
use crate::stored::StoredDraft;

/// How long after a change drafts are written, in milliseconds.
pub(crate) const DEBOUNCE_MS: u64 = 300;
/// How long after they were sent somebody who types still counts as typing, in milliseconds.
pub(crate) const PAUSE_MS: u64 = 4_000;

/// The draft of one conversation.
#[derive(Debug, Default)]
struct Draft {
    /// Typed here and not acknowledged: it is shown, whatever the server has.
    mine: Option<Mine>,
    /// As the server has it.
    theirs: String,
    /// Of what the server has; 0 when that is not known to be so any more.
    version: u64,
    /// The conversation, where the server has told of the draft.
    sid: Option<ConversationSid>,
}

/// A text that was typed here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mine {
    pub(crate) text: String,
    /// Version of the draft that it grew from.
    pub(crate) based_on: u64,
}

/// All drafts.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    held: BTreeMap<Key, Draft>,
    /// Typed, and not written as it stands.
    unwritten: BTreeSet<Key>,
    /// Typed, and not given to the outbox as it stands.
    unsent: BTreeSet<Key>,
    /// Where the person is typing: nothing that comes in takes their place.
    editing: Option<Key>,
}

impl Drafts {
    /// What was restored, by the keys of this run: typed here, and as the server had it.
    pub(crate) fn new(typed: Vec<StoredDraft>, held: &[model::Draft], key_of: impl Fn(Key) -> Key) -> Self {
        let mut drafts = Self::default();
        for row in held {
            drafts.told(key_of(Key::Sid(row.conversation)), row);
        }
        for StoredDraft { conversation, body } in typed {
            drafts.resume(key_of(conversation), body);
        }
        drafts
    }

    /// Goes on with a text of which the server is not known to have it.
    pub(crate) fn resume(&mut self, place: Key, text: String) {
        let draft = self.held.entry(place).or_default();
        draft.mine = Some(Mine { text, based_on: draft.version });
        self.unsent.insert(place);
    }

    /// The draft of a conversation; empty when there is none.
    pub(crate) fn text(&self, place: Key) -> &str {
        self.held
            .get(&place)
            .map_or("", |draft| draft.mine.as_ref().map_or(draft.theirs.as_str(), |mine| &mine.text))
    }

    /// What was typed here and is not acknowledged.
    pub(crate) fn typed(&self, place: Key) -> Option<&Mine> {
        self.held.get(&place)?.mine.as_ref()
    }

    /// What the server has.
    pub(crate) fn theirs(&self, place: Key) -> &str {
        self.held.get(&place).map_or("", |draft| &draft.theirs)
    }

    /// All rows of the server that stand as they are known, emptied ones too.
    pub(crate) fn rows(&self) -> impl Iterator<Item = model::Draft> {
        let known = self.held.values().filter(|draft| draft.version > 0);
        known.filter_map(|draft| {
            let (conversation, body) = (draft.sid?, draft.theirs.clone());
            Some(model::Draft { conversation, body, version: draft.version })
        })
    }

    /// Conversations in which something was typed that is not acknowledged.
    pub(crate) fn places(&self) -> impl Iterator<Item = Key> {
        let typed = |draft: &Draft| draft.mine.as_ref().is_some_and(|mine| !mine.text.is_empty());
        self.held.iter().filter(move |(_, draft)| typed(draft)).map(|(place, _)| *place)
    }

    /// Changes a draft. True when nothing waited to be written before.
    pub(crate) fn change(&mut self, place: Key, text: &str) -> bool {
        if self.text(place) == text {
            return false;
        }
        let draft = self.held.entry(place).or_default();
        let based_on = draft.mine.as_ref().map_or(draft.version, |mine| mine.based_on);
        draft.mine = Some(Mine { text: text.to_owned(), based_on });
        self.unsent.insert(place);
        let first = self.unwritten.is_empty();
        self.unwritten.insert(place);
        first
    }

    /// The person is typing here, or nowhere.
    pub(crate) fn edit(&mut self, place: Option<Key>) {
        self.editing = place;
    }

    /// What has to be written now: what was typed, or that nothing is kept here.
    pub(crate) fn take_unwritten(&mut self) -> Vec<(Key, Option<String>)> {
        let places = std::mem::take(&mut self.unwritten);
        let typed = |place| self.typed(place).map(|mine| mine.text.clone());
        places.into_iter().map(|place| (place, typed(place))).collect()
    }

    /// Whether something is to be given to the outbox that the test allows.
    pub(crate) fn has_unsent(&self, allowed: impl Fn(Key, &str) -> bool) -> bool {
        self.unsent.iter().any(|place| allowed(*place, self.text(*place)))
    }

    /// What is to be given to the outbox now, where the test allows it.
    pub(crate) fn take_unsent(&mut self, allowed: impl Fn(Key, &str) -> bool) -> Vec<(Key, Mine)> {
        let unsent = std::mem::take(&mut self.unsent).into_iter();
        let (now, later): (BTreeSet<Key>, BTreeSet<Key>) =
            unsent.partition(|place| allowed(*place, self.text(*place)));
        self.unsent = later;
        now.into_iter().filter_map(|place| Some((place, self.typed(place)?.clone()))).collect()
    }

    /// What was typed is to be given to the outbox again: what became of it there is not known, or nothing.
    pub(crate) fn send_again(&mut self, place: Key) {
        if self.typed(place).is_some() {
            self.unsent.insert(place);
        }
    }

    /// The server has a draft like this. A row replaces only an older one; true when this one did.
    pub(crate) fn told(&mut self, place: Key, row: &model::Draft) -> bool {
        let editing = self.editing == Some(place);
        let draft = self.held.entry(place).or_default();
        if row.version <= draft.version {
            return false;
        }
        if editing && draft.mine.is_none() && draft.theirs != row.body {
            // Under the hands of whoever types nothing changes: theirs is sent, and stands.
            draft.mine = Some(Mine { text: draft.theirs.clone(), based_on: row.version });
            self.unsent.insert(place);
            self.unwritten.insert(place);
        }
        draft.theirs.clone_from(&row.body);
        (draft.version, draft.sid) = (row.version, Some(row.conversation));
        true
    }

    /// The server has applied what was sent, and has this now. True when the row was news.
    pub(crate) fn acknowledged(&mut self, place: Key, sent: &str, row: &model::Draft) -> bool {
        let news = self.told(place, row);
        let editing = self.editing == Some(place);
        let Some(draft) = self.held.get_mut(&place) else { return news };
        let Some(mine) = &mut draft.mine else { return news };
        if row.body == sent {
            mine.based_on = mine.based_on.max(row.version);
        }
        if mine.text != sent {
            return news;
        }
        if editing && draft.theirs != sent {
            // Another device was faster than the answer, and the person is still typing here.
            self.unsent.insert(place);
        } else {
            self.settled(place);
        }
        news
    }

    /// What was typed is what the server has, or is given up.
    pub(crate) fn settled(&mut self, place: Key) {
        if let Some(draft) = self.held.get_mut(&place) {
            draft.mine = None;
        }
        self.unsent.remove(&place);
        self.unwritten.insert(place);
    }

    /// What stood under one key is the draft of another.
    pub(crate) fn moved(&mut self, before: Key, key: Key) {
        let Some(from) = self.held.remove(&before) else { return };
        let draft = self.held.entry(key).or_default();
        if draft.version < from.version {
            (draft.theirs, draft.version, draft.sid) = (from.theirs, from.version, from.sid);
        }
        if let Some(mine) = from.mine.filter(|_| draft.mine.is_none()) {
            draft.mine = Some(mine);
            self.unsent.insert(key);
            self.unwritten.insert(key);
        }
        // On the disk both go by the same name.
        self.unsent.remove(&before);
        self.unwritten.remove(&before);
    }

    /// All versions are void. What the server had stays until it has said what it has.
    pub(crate) fn begin_anew(&mut self) {
        for draft in self.held.values_mut() {
            draft.version = 0;
            if let Some(mine) = &mut draft.mine {
                mine.based_on = 0;
            }
        }
    }

    /// The server has said everything: what it had once and does not have now is sent to it again.
    pub(crate) fn has_all(&mut self) {
        for (place, draft) in &mut self.held {
            let lost = std::mem::take(if draft.version == 0 { &mut draft.theirs } else { continue });
            if !lost.is_empty() && draft.mine.is_none() {
                draft.mine = Some(Mine { text: lost, based_on: 0 });
                self.unsent.insert(*place);
                self.unwritten.insert(*place);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SID: ConversationSid = ConversationSid(Uuid::from_u128(1));
    const ONE: Key = Key::Sid(SID);

    fn row(version: u64, body: &str) -> model::Draft {
        model::Draft { conversation: SID, body: body.into(), version }
    }

    #[test]
    fn each_conversation_has_its_own_and_what_did_not_change_is_not_written() {
        let two = Key::Sid(ConversationSid(Uuid::from_u128(2)));
        let kept = vec![StoredDraft { conversation: ONE, body: "kept".into() }];
        let mut drafts = Drafts::new(kept, &[], |key| key);
        assert!(!drafts.change(ONE, "kept"));
        assert!(drafts.change(two, "new"));
        assert!(!drafts.change(ONE, ""));
        assert_eq!((drafts.text(ONE), drafts.text(two)), ("", "new"));
        assert_eq!(drafts.take_unwritten(), [(ONE, Some(String::new())), (two, Some("new".to_owned()))]);
        assert!(drafts.take_unwritten().is_empty());
    }

    #[test]
    fn what_was_typed_here_stands_until_it_is_acknowledged() {
        let mut drafts = Drafts::new(Vec::new(), &[row(3, "theirs")], |key| key);
        assert_eq!(drafts.text(ONE), "theirs");
        drafts.change(ONE, "mine");
        assert!(drafts.told(ONE, &row(5, "elsewhere")));
        assert!(!drafts.told(ONE, &row(4, "late")));
        assert_eq!(drafts.text(ONE), "mine");
        assert_eq!(drafts.take_unsent(|_, _| true), [(ONE, Mine { text: "mine".into(), based_on: 3 })]);
        drafts.change(ONE, "mine too");
        drafts.acknowledged(ONE, "mine", &row(6, "mine"));
        assert_eq!(drafts.typed(ONE), Some(&Mine { text: "mine too".into(), based_on: 6 }));
        drafts.acknowledged(ONE, "mine too", &row(7, "mine too"));
        assert_eq!((drafts.typed(ONE), drafts.text(ONE)), (None, "mine too"));
        drafts.told(ONE, &row(8, "elsewhere"));
        assert_eq!(drafts.text(ONE), "elsewhere");
    }

    #[test]
    fn an_answer_that_was_overtaken_does_not_bring_the_past_back() {
        let mut drafts = Drafts::default();
        drafts.change(ONE, "mine");
        drafts.told(ONE, &row(7, "elsewhere"));
        drafts.acknowledged(ONE, "mine", &row(6, "mine"));
        assert_eq!(drafts.text(ONE), "elsewhere");
    }

    #[test]
    fn nothing_changes_under_the_hands_of_whoever_types() {
        let mut drafts = Drafts::new(Vec::new(), &[row(3, "hel")], |key| key);
        drafts.edit(Some(ONE));
        drafts.told(ONE, &row(4, "other"));
        assert_eq!(drafts.text(ONE), "hel");
        assert_eq!(drafts.take_unsent(|_, _| true), [(ONE, Mine { text: "hel".into(), based_on: 4 })]);
        drafts.told(ONE, &row(6, "another"));
        drafts.acknowledged(ONE, "hel", &row(5, "hel"));
        assert!(drafts.has_unsent(|_, _| true), "the other one would stand");
        drafts.edit(None);
        drafts.acknowledged(ONE, "hel", &row(5, "hel"));
        assert_eq!(drafts.text(ONE), "another");
    }

    #[test]
    fn what_a_server_lost_is_sent_to_it_again_and_what_it_has_stands() {
        let two = ConversationSid(Uuid::from_u128(2));
        let rows = [row(3, "lost"), model::Draft { conversation: two, body: "old".into(), version: 9 }];
        let mut drafts = Drafts::new(Vec::new(), &rows, |key| key);
        drafts.begin_anew();
        assert_eq!(drafts.text(ONE), "lost");
        drafts.told(Key::Sid(two), &model::Draft { conversation: two, body: "new".into(), version: 1 });
        drafts.has_all();
        assert_eq!((drafts.text(ONE), drafts.text(Key::Sid(two))), ("lost", "new"));
        assert_eq!(drafts.take_unsent(|_, _| true), [(ONE, Mine { text: "lost".into(), based_on: 0 })]);
    }
}
