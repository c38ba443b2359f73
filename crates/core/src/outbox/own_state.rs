//! Drafts and settings: one waiting entry for each, which a later wish replaces.

use std::collections::BTreeMap;

use confab_protocol::{ClientId, Timestamp};
use serde_json::Value;

use super::{Entry, Outbox, Written};
use crate::drafts::Mine;
use crate::key::Key;
use crate::stored::{Action, EntryState};

/// What a wish replaces earlier ones of.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Slot {
    /// The draft of a conversation.
    Draft(Key),
    /// A setting.
    Setting(String),
}

impl Entry {
    /// What it replaces earlier ones of, when it does.
    pub(super) fn slot(&self) -> Option<Slot> {
        match &self.stored.action {
            Action::SetDraft { place, .. } => Some(Slot::Draft(*place)),
            Action::SetSetting { key, .. } => Some(Slot::Setting(key.clone())),
            _ => None,
        }
    }

    /// Whether it says that a draft is gone.
    pub(crate) fn empties_draft(&self) -> bool {
        matches!(&self.stored.action, Action::SetDraft { body, .. } if body.is_empty())
    }
}

impl Outbox {
    /// Sets a draft.
    pub(crate) fn set_draft(&mut self, place: Key, mine: Mine, id: ClientId, now: Timestamp) {
        let Mine { text, based_on } = mine;
        self.replace(Action::SetDraft { place, body: text, based_on: Some(based_on) }, id, now);
    }

    /// Sets a setting.
    pub(crate) fn set_setting(&mut self, key: String, value: Value, id: ClientId, now: Timestamp) {
        self.replace(Action::SetSetting { key, value }, id, now);
    }

    /// Takes the place of what waits in the same slot, or adds an entry under `id`.
    fn replace(&mut self, action: Action, id: ClientId, now: Timestamp) {
        self.add(id, action, now);
        let Some(added) = self.entries.pop() else { return };
        let slot = added.slot();
        let waiting = |entry: &&mut Entry| entry.stored.state == EntryState::Held && entry.slot() == slot;
        match self.entries.iter_mut().find(waiting) {
            Some(entry) => {
                entry.stored.action = added.stored.action;
                entry.written = Written::No;
            }
            None => self.entries.push(added),
        }
    }

    /// The draft that the server will have of a conversation, when one is on its way.
    pub(crate) fn draft_on_its_way(&self, place: Key) -> Option<&str> {
        self.open_in(place).rev().find_map(|entry| match &entry.stored.action {
            Action::SetDraft { body, .. } => Some(body.as_str()),
            _ => None,
        })
    }

    /// All drafts that are on their way; of those for one conversation the last.
    pub(crate) fn drafts_on_their_way(&self) -> BTreeMap<Key, String> {
        let open = self.entries.iter().filter(|entry| entry.is_open());
        let drafts = open.filter_map(|entry| match &entry.stored.action {
            Action::SetDraft { place, body, .. } => Some((*place, body.clone())),
            _ => None,
        });
        drafts.collect()
    }

    /// What waits behind a draft of one's own grew from that.
    pub(crate) fn rebase_drafts(&mut self, of: Key, version: u64) {
        for entry in self.entries.iter_mut().filter(|entry| entry.stored.state == EntryState::Held) {
            if let Action::SetDraft { place, based_on, .. } = &mut entry.stored.action
                && *place == of
                && based_on.is_some_and(|based_on| based_on < version)
            {
                *based_on = Some(version);
                entry.written = Written::No;
            }
        }
    }

    /// Of what was acknowledged in a slot, only the last is of use should the server lose it.
    pub(crate) fn forget_before(&mut self, id: ClientId) {
        let Some(slot) = self.get(id).and_then(Entry::slot) else { return };
        self.delete_where(|entry| {
            entry.id() != id && !entry.is_open() && entry.slot().as_ref() == Some(&slot)
        });
    }

    /// A draft was changed elsewhere: what was acknowledged from here is of no use any more.
    pub(crate) fn draft_overtaken(&mut self, place: Key, by: &str) {
        self.delete_where(|entry| {
            let other = matches!(&entry.stored.action, Action::SetDraft { body, .. } if body != by);
            other && !entry.is_open() && entry.slot() == Some(Slot::Draft(place))
        });
    }

    /// The same for a setting.
    pub(crate) fn setting_overtaken(&mut self, key: &str, by: &Value) {
        self.delete_where(|entry| {
            let of = matches!(&entry.stored.action, Action::SetSetting { key: of, value } if of == key && value != by);
            of && !entry.is_open()
        });
    }

    /// Settings as they will be.
    pub(crate) fn settings_on_their_way(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.entries.iter().filter(|entry| entry.is_open()).filter_map(|entry| match &entry.stored.action {
            Action::SetSetting { key, value } => Some((key.as_str(), value)),
            _ => None,
        })
    }
}
