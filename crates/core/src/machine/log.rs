//! Events of conversation logs: what they change, in which order they count.

use confab_probe::{Fault, is_broken};
use confab_protocol::model::{self, Message, Participant};
use confab_protocol::{Change, LogEvent, MessageSid};

use super::Machine;
use crate::cx::Cx;
use crate::key::Key;
use crate::news::News;
use crate::stored::{CacheWrite, History};
use crate::unread::{self, Step};
use crate::view::ViewDiff;

impl Machine {
    /// An event that was pushed. Applied when it is the next one; a later one says that others were missed.
    pub(super) fn pushed(&mut self, event: &LogEvent, cx: &mut Cx<'_>) {
        let key = self.book.met(event.conversation);
        self.touched.insert(key);
        let Some(held) = self.book.get_mut(key) else { return };
        held.heard = held.heard.max(event.seq);
        if is_broken(Fault::GapCheck) && event.seq > held.tracker.seen() {
            self.pass_over(key, 0, event.seq - 1);
        }
        let Some(held) = self.book.get_mut(key) else { return };
        let next_of_log = held.history.is_some_and(|history| history.version + 1 == event.seq);
        let next_seen = held.tracker.seen() + 1 == event.seq;
        let next_told = held.told.is_some_and(|told| told + 1 == event.seq);
        let ready = held.me.is_some() && held.left.is_none();
        self.begin_telling(key, event.seq - 1);
        if ready && (next_of_log || next_seen || next_told) {
            self.apply(key, event, true, cx);
        }
    }

    /// Applies an event, in order. `live`: it was pushed, so it happened just now.
    pub(super) fn apply(&mut self, key: Key, event: &LogEvent, live: bool, cx: &mut Cx<'_>) {
        let counted = match &event.change {
            Change::ConversationCreated(row) | Change::ConversationUpdated(row) => {
                self.conversation_changed(key, row);
                if self.open_at(key).is_some()
                    && event.changed.iter().any(|what| what == "non_chat_participants")
                {
                    self.shown.say(ViewDiff::OutsidersChanged { conversation: key.to_string() });
                }
                None
            }
            Change::ParticipantJoined(row) => self.participant(key, event.seq, row, true),
            Change::ParticipantLeft(row) => self.participant(key, event.seq, row, false),
            Change::MessageAdded(message) => Some(self.message_added(key, message)),
            Change::MessageEdited(message) => {
                self.message_as_is(key, message);
                None
            }
            Change::MessageRemoved(message) => Some(self.message_removed(key, message)),
            // The own row, which comes behind it, says that one is no longer in it.
            Change::ConversationDeleted(_) => {
                if let Some(held) = self.book.get_mut(key) {
                    held.deleted = true;
                }
                None
            }
            Change::Unknown { .. } => {
                self.subject_unknown(key, event);
                None
            }
        };
        let Some(held) = self.book.get_mut(key) else { return };
        held.reach(event.seq);
        if held.tracker.observe(event.seq, counted) == Step::Applied && held.me.is_none() {
            held.stale = true;
        }
        if let Some(history) = held.history.as_mut().filter(|history| history.version + 1 == event.seq) {
            history.version = event.seq;
        }
        if let Change::MessageAdded(message) = &event.change {
            self.arrived(key, message, live, cx);
        }
        self.log_news(key, event);
        self.learned(key);
    }

    /// What follows from a message that was posted, beside its being there.
    fn arrived(&mut self, key: Key, message: &Message, live: bool, cx: &Cx<'_>) {
        if live {
            self.tell(key, message);
        } else {
            self.tell_late(key, message, cx.now);
        }
        if self.typing.stopped(key, &message.author) {
            let (conversation, identity) = (message.conversation, message.author.clone());
            self.news(News::Typing { conversation, identity, typing: false });
        }
        self.seen_there(message, cx);
    }

    /// A message is in the log: the server has it, whatever became of its answer.
    pub(super) fn seen_there(&mut self, message: &Message, cx: &Cx<'_>) {
        if message.author == self.account.identity {
            self.outbox.delivered(message.client_id, cx.now);
        }
        if message.removed {
            self.outbox.forget_text(message.client_id);
        }
    }

    /// Something happened of which this version knows only whom it concerned: that is read again.
    fn subject_unknown(&mut self, key: Key, event: &LogEvent) {
        if let Some(held) = self.book.get_mut(key) {
            held.stale = true;
        }
        let Some(subject) = event.subject.as_deref() else { return };
        let Ok(sid) = subject.parse::<MessageSid>() else { return };
        let open = self.open.as_ref().filter(|open| open.key == key);
        let held = open.and_then(|open| open.window.rows().find(|message| message.sid == sid));
        match held.map(|message| message.index) {
            Some(index) => self.row_is_dirty(key, index, event.seq),
            None => self.drop_history(key),
        }
    }

    fn conversation_changed(&mut self, key: Key, row: &model::Conversation) {
        let Some(held) = self.book.get_mut(key) else { return };
        if held.row.as_ref().is_some_and(|old| old.version > row.version) {
            return;
        }
        // One frame goes to everybody: it may leave out what not everybody may know.
        let last_message = row.last_message.or_else(|| held.row.as_ref()?.last_message);
        held.row = Some(model::Conversation { last_message, ..row.clone() });
    }

    fn participant(&mut self, key: Key, seq: u64, row: &Participant, joined: bool) -> Option<unread::Change> {
        self.people.meet(&row.identity, row.profile_version);
        if let Some(held) = self.book.get_mut(key) {
            held.count_participant(seq, row, joined);
        }
        self.roster_moved(key, row.version.saturating_sub(1), row.version, std::slice::from_ref(row));
        None
    }

    /// Takes a message as it stands, wherever it is held. A row replaces only an older one.
    pub(super) fn message_as_is(&mut self, key: Key, message: &Message) {
        self.people.meet(&message.author, 0);
        self.note_post(message);
        if message.removed {
            self.outbox.forget_text(message.client_id);
        }
        if let Some(open) = self.open_at(key) {
            open.window.apply(message);
            self.dirty.timeline = true;
        }
        let Some(held) = self.book.get_mut(key) else { return };
        let newer = |last: &Message| last.sid == message.sid && last.version < message.version;
        if held.last.as_ref().is_some_and(newer) {
            held.last = Some(message.clone());
        }
        let reaches = |history: &History| history.oldest.is_some_and(|oldest| oldest <= message.index);
        let held = held.history.as_mut().filter(|history| reaches(history) || !history.has_older);
        if let Some(history) = held {
            // A message may come before older ones do: as an answer, or because others were missed.
            history.oldest = Some(history.oldest.map_or(message.index, |oldest| oldest.min(message.index)));
            self.out.cache.push(CacheWrite::Message(Box::new(message.clone())));
        } else if message.removed {
            let (conversation, message) = (message.conversation, message.sid);
            self.out.cache.push(CacheWrite::ForgetMessage { conversation, message });
        }
    }

    fn message_added(&mut self, key: Key, message: &Message) -> unread::Change {
        self.message_as_is(key, message);
        self.outbox.message_came_back(message.client_id);
        let own = message.author == self.account.identity;
        let mention = (!message.removed).then(|| self.mentions_me(message));
        self.newest_message(key, message);
        unread::Change { index: message.index, own, added: true, mention }
    }

    /// A message that may be the newest one.
    pub(super) fn newest_message(&mut self, key: Key, message: &Message) {
        // It may have been removed since this was read.
        let open = self.open.as_ref().filter(|open| open.key == key);
        let overtaken = open.and_then(|open| open.window.heard_at(message.index));
        let message = overtaken.filter(|held| held.version > message.version).unwrap_or(message);
        let Some(held) = self.book.get_mut(key) else { return };
        if !message.removed && held.last.as_ref().is_none_or(|last| last.index < message.index) {
            held.last = Some(message.clone());
        }
        let place = model::LastMessage { index: message.index, date_created: message.date_created };
        if let Some(row) = &mut held.row
            && row.last_message.is_none_or(|last| last.index < place.index)
        {
            row.last_message = Some(place);
        }
    }

    fn message_removed(&mut self, key: Key, message: &Message) -> unread::Change {
        let mention = self.held_message(key, message.index).map(|held| self.mentions_me(held));
        self.tell_gone(key, message);
        self.message_as_is(key, message);
        self.withdraw_message(key, message.client_id);
        let newest = self.newest_held(key);
        if let Some(held) = self.book.get_mut(key)
            && held.last.as_ref().is_some_and(|last| last.sid == message.sid)
        {
            // The preview must not show what was removed; what stands before it may have to be asked for.
            held.stale |= newest.is_none();
            held.last = newest;
        }
        let own = message.author == self.account.identity;
        unread::Change { index: message.index, own, added: false, mention }
    }

    /// A message that is held and was not removed.
    fn held_message(&self, key: Key, index: u64) -> Option<&Message> {
        let open = self.open.as_ref().filter(|open| open.key == key);
        let last = self.book.get(key).and_then(|held| held.last.as_ref());
        let held = open.and_then(|open| open.window.at(index)).or(last.filter(|last| last.index == index));
        held.filter(|message| !message.removed)
    }

    /// The newest live message, when the end of the conversation is in the window.
    fn newest_held(&self, key: Key) -> Option<Message> {
        let open = self.open.as_ref().filter(|open| open.key == key && !open.window.has_newer())?;
        open.window.rows().rfind(|message| !message.removed).cloned()
    }

    pub(super) fn mentions_me(&self, message: &Message) -> bool {
        message.mentions.contains(&self.account.identity)
    }
}
