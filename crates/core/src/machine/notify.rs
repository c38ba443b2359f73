//! Desktop notifications: for what is unread, by others, not muted, and not under the person's eyes.

use confab_protocol::model::{Message, NotificationLevel};
use confab_protocol::{ClientId, Timestamp};

use super::Machine;
use crate::effect::Effect;
use crate::key::Key;
use crate::view::{FilesPreview, NotificationView};

/// What was posted longer ago than this is found in the list, not told of, in milliseconds.
const STALE_MS: u64 = 15 * 60 * 1_000;
/// Characters of a message in a notification.
const BODY_CHARS: usize = 300;

impl Machine {
    /// Tells of a message that was missed, if it is not too old. What was posted while the program did not run is not told of.
    pub(super) fn tell_late(&mut self, key: Key, message: &Message, now: Timestamp) {
        let ran_before = self.link.was_up;
        let Some(session) = self.link.session() else { return };
        let meanwhile = ran_before || message.date_created >= session.began;
        if meanwhile && now.since(message.date_created) < STALE_MS {
            self.tell(key, message);
        } else {
            self.notes.look(key, message.index);
        }
    }

    /// Tells of a message, unless there is a reason not to.
    pub(super) fn tell(&mut self, key: Key, message: &Message) {
        if !self.notes.look(key, message.index) || !self.calls(key, message) {
            return;
        }
        let Some(body) = &message.body else { return };
        self.notes.show(key, message.index, message.client_id);
        let view = NotificationView {
            key: message.client_id.to_string(),
            conversation: key.to_string(),
            conversation_name: self.name_of(key),
            author: self.people.name(&message.author),
            body: text(body, message).chars().take(BODY_CHARS).collect(),
            files: FilesPreview::of_media(&message.media).filter(|_| body.trim().is_empty()),
        };
        self.out.last.push(Effect::Notify(view));
    }

    fn calls(&self, key: Key, message: &Message) -> bool {
        let Some(held) = self.book.get(key) else { return false };
        let read = held.tracker.horizon().is_some_and(|horizon| message.index <= horizon);
        let seen = self.looking.focused && self.open.as_ref().is_some_and(|open| open.key == key);
        let muted = self.level(key) == NotificationLevel::Muted;
        let own = message.author == self.account.identity;
        !(read || seen || muted || own || message.removed)
    }

    /// What was read, here or elsewhere, needs no notification any more; nor does a conversation that was muted.
    pub(super) fn withdraw_read(&mut self, key: Key) {
        if self.level(key) == NotificationLevel::Muted {
            return self.withdraw_all(key);
        }
        let Some(horizon) = self.book.get(key).and_then(|held| held.tracker.horizon()) else { return };
        self.withdraw(key, |index, _| index <= horizon);
    }

    pub(super) fn withdraw_all(&mut self, key: Key) {
        self.withdraw(key, |_, _| true);
    }

    pub(super) fn withdraw_message(&mut self, key: Key, message: ClientId) {
        self.withdraw(key, |_, id| id == message);
    }

    fn withdraw(&mut self, key: Key, gone: impl Fn(u64, ClientId) -> bool) {
        let keys = self.notes.withdraw(key, gone);
        if !keys.is_empty() {
            self.out.last.push(Effect::Withdraw { keys });
        }
    }
}

/// What a message says: its text, or else the name of its first file.
fn text<'a>(body: &'a str, message: &'a Message) -> &'a str {
    let name = message.media.first().and_then(|file| file.file_name.as_deref());
    if body.trim().is_empty() { name.unwrap_or(body) } else { body }
}
