//! The server has lost its memory: what it acknowledged lately is sent again, and waits for what it depends on.

use confab_protocol::{ClientId, Epoch, ErrorCode, Timestamp, WireError, limits};

use super::{Entry, KEEP_ROUNDS, Outbox, Transit, Written};
use crate::key::Key;
use crate::stored::{Action, EntryState};
use crate::view::Problem;

impl Outbox {
    /// The server is of this epoch, or of one that is not known yet. What was acknowledged lately in another one goes again
    /// under the same ids, in the same order, as does what is on its way. Answers whether there was any.
    ///
    /// Each entry tells its own epoch, so that this comes to the same however often it is broken off by a crash or a full
    /// disk and begun again.
    pub(crate) fn replay(&mut self, epoch: Option<Epoch>, now: Timestamp) -> bool {
        self.epoch = epoch;
        let foreign = |entry: &Entry| epoch.is_none() || entry.stored.epoch != epoch;
        // Of anything but a message the server remembers only for so long that it was applied.
        // Versions have begun anew, and indexes with them: a horizon from before says nothing.
        self.delete_where(|entry| match (&entry.stored.state, &entry.stored.action) {
            (_, Action::Horizon { .. }) => foreign(entry),
            (EntryState::Acknowledged { .. }, Action::Send { .. }) => false,
            (EntryState::Acknowledged { at, .. }, _) => foreign(entry) && now.since(*at) > limits::OUTCOME_MS,
            _ => false,
        });
        let unmade = self.unmade();
        let mut any = false;
        for entry in self.entries.iter_mut().filter(|entry| entry.problem().is_none() && foreign(entry)) {
            // The disk may name conversations by SIDs that mean nothing now.
            (entry.written, entry.transit) = (Written::No, Transit::Here);
            // What was done before there was any server has lost nothing.
            if epoch.is_none() || entry.stored.epoch.is_some() || !entry.is_open() {
                entry.stored.replayed_for = Some(0);
                any = true;
            }
            if !entry.is_open() {
                entry.stored.state = EntryState::Released;
            }
            entry.stored.epoch = epoch;
            // Nobody tells again of what it is in: it is stuck with that.
            if let Some((_, problem)) = unmade.iter().find(|(place, _)| entry.place() == Some(*place)) {
                entry.refuse(problem);
            }
        }
        any
    }

    /// Conversations that could not be made, and why.
    pub(super) fn unmade(&self) -> Vec<(Key, Problem)> {
        let refused =
            self.entries.iter().filter(|entry| matches!(entry.stored.action, Action::Create { .. }));
        refused.filter_map(|entry| Some((Key::Made(entry.id()), entry.problem()?.clone()))).collect()
    }

    /// Whether what an entry was refused for may still come back: the conversation, the membership, the message or the
    /// person that it depends on, which somebody else has to send again first.
    pub(crate) fn awaits(&self, id: ClientId, error: &WireError) -> bool {
        let missing =
            matches!(error.code, ErrorCode::NotFound | ErrorCode::Forbidden | ErrorCode::OutOfOrder);
        let rounds = self.get(id).and_then(|entry| entry.stored.replayed_for);
        missing && rounds.is_some_and(|rounds| rounds < KEEP_ROUNDS)
    }

    /// Whether an entry goes to a server that lost its memory.
    pub(crate) fn is_replayed(&self, id: ClientId) -> bool {
        self.get(id).is_some_and(|entry| entry.stored.replayed_for.is_some())
    }

    /// Whether an entry changes a message that is not on its way from here.
    pub(crate) fn changes_what_is_not_sent(&self, id: ClientId) -> bool {
        let row = self.get(id).and_then(Entry::row).filter(|row| *row != id);
        row.is_some_and(|row| !self.get(row).is_some_and(Entry::is_live))
    }

    /// Lets an entry wait for what is missing. When that is the whole conversation, everything behind it waits too; behind
    /// anything else only what concerns the same subject.
    pub(crate) fn wait(&mut self, id: ClientId, error: &WireError) {
        let Some(entry) = self.entries.iter_mut().find(|entry| entry.id() == id && entry.is_live()) else {
            return;
        };
        let conversation = error.params.get("what").is_some_and(|what| what == "conversation");
        if entry.is_send() || conversation {
            self.postpone(id);
        } else {
            entry.transit = Transit::Aside;
        }
    }

    /// A conversation is among one's own again: what waited for it goes now.
    pub(crate) fn came_back(&mut self, place: Key) {
        self.go_where(|entry| entry.place() == Some(place));
    }

    /// A message is there again: what waited for it goes now.
    pub(crate) fn message_came_back(&mut self, row: ClientId) {
        self.go_where(|entry| entry.row() == Some(row));
    }

    fn go_where(&mut self, which: impl Fn(&Entry) -> bool) {
        let waits = |entry: &Entry| matches!(entry.transit, Transit::Later | Transit::Aside);
        let awaited = |entry: &Entry| entry.stored.replayed_for.is_some() && waits(entry) && which(entry);
        for entry in self.entries.iter_mut().filter(|entry| awaited(entry)) {
            entry.transit = Transit::Here;
        }
    }
}
