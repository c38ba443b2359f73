//! What becomes of an entry: acknowledged, refused, tried again, given up.

use confab_probe::{Branch, reached};
use confab_protocol::{ClientId, ConversationSid, Timestamp};

use super::{Entry, KEEP_ROUNDS, Outbox, Transit, Written};
use crate::key::Key;
use crate::stored::{Action, EntryState};
use crate::view::Problem;

impl Entry {
    pub(super) fn refuse(&mut self, problem: &Problem) {
        self.stored.state = EntryState::Refused { problem: problem.clone() };
        (self.written, self.transit) = (Written::No, Transit::Here);
    }
}

impl Outbox {
    /// The server has applied an entry; `made` is the conversation that came of it. Answers what it was; nothing when that
    /// was known.
    pub(crate) fn acknowledge(
        &mut self,
        id: ClientId,
        made: Option<ConversationSid>,
        at: Timestamp,
    ) -> Option<Action> {
        let entry = self.entries.iter_mut().find(|entry| entry.id() == id && entry.is_open())?;
        entry.transit = Transit::Here;
        self.no_room = None;
        let action = entry.stored.action.clone();
        if entry.is_horizon() {
            self.delete_where(|entry| entry.id() == id);
            return Some(action);
        }
        entry.stored.state = EntryState::Acknowledged { at, made, rounds: 0 };
        entry.stored.replayed_for = None;
        entry.stored.epoch = self.epoch;
        entry.written = Written::No;
        Some(action)
    }

    /// A message with this id was seen in a log: the server has it. True when that is news.
    pub(crate) fn delivered(&mut self, id: ClientId, at: Timestamp) -> bool {
        self.get(id).is_some_and(Entry::is_send) && self.acknowledge(id, None, at).is_some()
    }

    /// The server refused an entry for good: it is stuck, with what depends on it. Answers the ids of all of them.
    pub(crate) fn refuse(&mut self, id: ClientId, problem: &Problem) -> Vec<ClientId> {
        let mut stuck: Vec<ClientId> = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_live()) {
            let depends = match &entry.stored.action {
                Action::Edit { row, .. } | Action::Remove { row, .. } => stuck.contains(row),
                _ => false,
            };
            let inside = matches!(entry.place(), Some(Key::Made(made)) if stuck.contains(&made));
            if entry.id() == id || depends || inside {
                stuck.push(entry.id());
                entry.refuse(problem);
            }
        }
        if !stuck.is_empty() {
            reached(Branch::Wedge);
        }
        stuck
    }

    /// What is in a conversation that could not be made is stuck with it. When both were tried again while the disk was full, a crash
    /// may have come between the write of the one and that of the other.
    pub(super) fn refuse_what_cannot_be_made(&mut self) {
        for (place, problem) in self.unmade() {
            let waits = |entry: &&mut Entry| entry.is_live() && entry.place() == Some(place);
            self.entries.iter_mut().filter(waits).for_each(|entry| entry.refuse(&problem));
        }
    }

    /// Everything that waits for a conversation is stuck: one is no longer in it. What is not worth keeping goes; what waits
    /// for the conversation to come back goes on waiting.
    pub(crate) fn refuse_all_in(&mut self, place: Key, problem: &Problem) {
        // That a draft is gone may still be said.
        let idle = |entry: &Entry| match entry.stored.action {
            Action::Horizon { .. }
            | Action::SetLevel { .. }
            | Action::Configure { .. }
            | Action::Delete { .. } => true,
            Action::SetDraft { .. } => !entry.empties_draft(),
            _ => false,
        };
        let waits = |entry: &Entry| entry.stored.replayed_for.is_some();
        self.delete_where(|entry| {
            entry.place() == Some(place) && entry.is_open() && !waits(entry) && idle(entry)
        });
        let stuck = |entry: &&Entry| entry.is_live() && !waits(entry) && !entry.empties_draft();
        let ids: Vec<ClientId> = self.open_in(place).filter(stuck).map(Entry::id).collect();
        for id in ids {
            self.refuse(id, problem);
        }
    }

    /// A message was removed: what is only remembered of it goes, so that its text is nowhere, and so does a removal that was
    /// refused, which has come true.
    pub(crate) fn forget_text(&mut self, row: ClientId) {
        self.delete_where(|entry| {
            let removal = matches!(entry.stored.action, Action::Remove { .. });
            let moot = if removal { entry.problem().is_some() } else { !entry.is_open() };
            entry.row() == Some(row) && moot
        });
    }

    /// One is no longer in a conversation: what is only remembered of it goes.
    pub(crate) fn forget_acknowledged_in(&mut self, place: Key) {
        self.delete_where(|entry| entry.place() == Some(place) && !entry.is_open());
    }

    /// One has left a conversation, or it was deleted, which was the wish.
    pub(crate) fn forget_leaving(&mut self, place: Key, me: &str) {
        self.delete_where(|entry| entry.place() == Some(place) && entry.ends(me));
    }

    /// Gives up an entry and what depends on it.
    pub(crate) fn forget(&mut self, id: ClientId) {
        self.delete_where(|entry| entry.id() == id || (entry.is_open() && entry.row() == Some(id)));
    }

    /// Lets what is stuck for a message go again, with the conversation that it waits for. False when nothing is.
    pub(crate) fn retry(&mut self, row: ClientId) -> bool {
        self.free_with_place(|entry| entry.row() == Some(row))
    }

    /// Gives up what is stuck for a message. False when nothing is.
    pub(crate) fn discard(&mut self, row: ClientId) -> bool {
        let before = self.entries.len();
        self.delete_where(|entry| entry.problem().is_some() && entry.row() == Some(row));
        before != self.entries.len()
    }

    /// Lets an entry that is stuck go again, with the conversation that it makes or waits for. A change of a message that is
    /// stuck itself goes with that; its removal is done here. False when the entry is not stuck.
    pub(crate) fn retry_entry(&mut self, id: ClientId) -> bool {
        let Some(entry) = self.get(id).filter(|entry| entry.problem().is_some()) else { return false };
        let stuck = |row: &ClientId| self.get(*row).is_some_and(|message| message.problem().is_some());
        match (entry.row().filter(stuck), &entry.stored.action) {
            (Some(row), Action::Remove { .. }) => self.discard(row),
            (Some(row), _) => self.retry(row),
            (None, _) => self.free_with_place(|entry| entry.id() == id),
        }
    }

    /// Gives up an entry that is stuck, with everything in the conversation that it was to make. False when it is not.
    pub(crate) fn discard_entry(&mut self, id: ClientId) -> bool {
        let before = self.entries.len();
        self.delete_where(|entry| {
            entry.problem().is_some() && (entry.id() == id || entry.place() == Some(Key::Made(id)))
        });
        before != self.entries.len()
    }

    /// Where the conversation itself could not be made, that is tried again first, and all that waits for it goes with it.
    fn free_with_place(&mut self, which: impl Fn(&Entry) -> bool) -> bool {
        let place = self.entries.iter().find(|entry| which(entry)).and_then(Entry::place);
        let making =
            |entry: &Entry| matches!(entry.stored.action, Action::Create { .. }) && entry.place() == place;
        let unmade = self.entries.iter().any(|entry| making(entry) && entry.problem().is_some());
        self.free(|entry| which(entry) || (unmade && entry.place() == place))
    }

    fn free(&mut self, which: impl Fn(&Entry) -> bool) -> bool {
        let mut found = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.problem().is_some() && which(entry)) {
            // It may have been transmitted: it goes as it was.
            entry.stored.state = EntryState::Released;
            entry.try_upload_again();
            entry.stored.replayed_for = None;
            entry.stored.epoch = self.epoch;
            entry.written = Written::No;
            found = true;
        }
        found
    }

    /// Another ten minutes have passed in step with the server.
    pub(crate) fn grow_older(&mut self) {
        for entry in &mut self.entries {
            let rounds = match &mut entry.stored.state {
                EntryState::Acknowledged { rounds, .. } => Some(rounds),
                _ => entry.stored.replayed_for.as_mut(),
            };
            if let Some(rounds) = rounds {
                *rounds += 1;
                entry.written = Written::No;
            }
        }
    }

    /// Forgets what was acknowledged more than an hour ago.
    /// The making of a conversation is remembered for as long as something waits for it.
    pub(crate) fn forget_old(&mut self) {
        let waiting: Vec<Key> =
            self.entries.iter().filter(|entry| entry.is_open()).filter_map(Entry::place).collect();
        self.delete_where(|entry| match entry.stored.state {
            EntryState::Acknowledged { rounds, .. } => {
                let needed = entry.place().is_some_and(|place| waiting.contains(&place));
                rounds >= KEEP_ROUNDS && !needed
            }
            _ => false,
        });
    }
}
