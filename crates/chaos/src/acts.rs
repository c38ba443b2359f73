//! What people do: one act at a time, chosen by chance from what their window shows.

use confab_core::command::Command;
use confab_core::view::{ConversationRow, MessageRow, MessageState, StuckView};
use confab_protocol::model::{NotificationLevel, Role};
use fastrand::Rng;
use serde_json::Value;

use crate::ledger::{Ledger, mark, mark_of};
use crate::picture::Picture;
use crate::secrets::Secrets;

/// Conversations that one person makes at most; more would only spread the messages thin.
const CONVERSATIONS: usize = 6;

/// Whoever acts, and with whom.
pub(crate) struct Actor<'a> {
    /// The device.
    pub(crate) device: &'a str,
    /// Its person.
    pub(crate) person: &'a str,
    /// Everybody.
    pub(crate) people: &'a [String],
}

impl Actor<'_> {
    /// What to do next, given what is shown; the ledger learns what it means for promises.
    pub(crate) fn choose(
        &self,
        picture: &Picture,
        ledger: &mut Ledger,
        secrets: Option<&mut Secrets>,
        rng: &mut Rng,
    ) -> Command {
        if !picture.stuck.is_empty() && rng.u8(..8) == 0 {
            return stuck(&picture.stuck[rng.usize(..picture.stuck.len())], rng);
        }
        if let Some(secrets) = secrets
            && rng.u8(..8) == 0
            && let Some(command) = guard(secrets, rng)
        {
            return command;
        }
        let joined = picture.joined();
        if joined.is_empty() || (joined.len() < CONVERSATIONS && rng.u8(..60) == 0) {
            return self.create(rng);
        }
        // Three times in four where one is: that is what a window is for.
        let here = picture.open.as_ref().and_then(|key| picture.rows.get(key)).filter(|row| !row.left);
        let place = match here {
            Some(row) if rng.u8(..4) > 0 => row,
            _ => joined[rng.usize(..joined.len())],
        };
        match rng.u8(..100) {
            0..42 => self.send(place, ledger, rng),
            42..54 => Command::Open { conversation: Some(place.key.clone()) },
            54..80 => self.on_a_message(picture, place, ledger, rng),
            80..86 => self.to_a_conversation(place, rng),
            86..91 => self.with_a_person(place, rng),
            _ => self.alone(place, rng),
        }
    }

    fn create(&self, rng: &mut Rng) -> Command {
        let number = rng.u16(..);
        let unique_name = (rng.u8(..4) == 0).then(|| format!("unique-{}", rng.u8(..20)));
        Command::create(format!("{}'s {number}", self.person), unique_name)
    }

    fn send(&self, place: &ConversationRow, ledger: &mut Ledger, rng: &mut Rng) -> Command {
        let words = "one thing after another ".repeat(rng.usize(1..12));
        let body = format!("{} {words}", mark(self.device, ledger.next()));
        Command::Send { conversation: place.key.clone(), body: body.trim_end().to_owned() }
    }

    /// Edits, removes, retries, discards, reads or marks as unread; only what the open conversation shows can be.
    fn on_a_message(
        &self,
        picture: &Picture,
        place: &ConversationRow,
        ledger: &mut Ledger,
        rng: &mut Rng,
    ) -> Command {
        let (conversation, rows) = (place.key.clone(), picture.messages.values().collect::<Vec<_>>());
        if picture.open.as_ref() != Some(&place.key) || rows.is_empty() {
            return Command::Open { conversation: Some(conversation) };
        }
        let row = rows[rng.usize(..rows.len())];
        if row.state == MessageState::Failed {
            return again_or_not(conversation, row, ledger, rng);
        }
        let message = row.key.clone();
        match (rng.u8(..8), row.index) {
            (0 | 1, _) if row.can_edit => {
                let body = format!("{} edited {}", mark_of(&row.body).unwrap_or_default(), rng.u16(..));
                Command::Edit { conversation, message, body }
            }
            (2, _) if row.can_remove => {
                ledger.withdraw(&message);
                Command::Remove { conversation, message }
            }
            (3, index @ Some(_)) => Command::MarkUnread { conversation, index },
            (_, Some(index)) => Command::Read { conversation, index },
            (_, None) => Command::LoadOlder,
        }
    }

    fn to_a_conversation(&self, place: &ConversationRow, rng: &mut Rng) -> Command {
        let conversation = place.key.clone();
        let levels = [NotificationLevel::Muted, NotificationLevel::Default];
        match rng.u8(..3) {
            0 => Command::Rename { conversation, name: format!("renamed {}", rng.u16(..)) },
            1 => Command::SetNotificationLevel { conversation, level: levels[rng.usize(..levels.len())] },
            _ => {
                let body = if rng.bool() { format!("draft {}", rng.u16(..)) } else { String::new() };
                Command::Draft { conversation, body }
            }
        }
    }

    fn with_a_person(&self, place: &ConversationRow, rng: &mut Rng) -> Command {
        let conversation = place.key.clone();
        let identity = self.people[rng.usize(..self.people.len())].clone();
        // Adding more often than removing, or soon nobody would have anybody to talk to.
        match rng.u8(..6) {
            0 => Command::RemoveParticipant { conversation, identity },
            1 => {
                let role = if rng.bool() { Role::Owner } else { Role::Participant };
                Command::SetRole { conversation, identity, role }
            }
            _ => Command::AddParticipant { conversation, identity },
        }
    }

    fn alone(&self, place: &ConversationRow, rng: &mut Rng) -> Command {
        match rng.u8(..10) {
            0 => Command::SetFriendlyName { name: format!("{} {}", self.person, rng.u16(..)) },
            1 => Command::Typing { conversation: place.key.clone() },
            2 => Command::LoadOlder,
            3 => Command::LoadLatest,
            4 => Command::Focus { focused: rng.bool() },
            5 => Command::Interest { rows: vec![place.key.clone()], people: self.people.to_vec() },
            6 | 7 => {
                let value = if rng.bool() { Value::from(rng.u16(..)) } else { Value::Null };
                Command::SetSetting { key: format!("setting-{}", rng.u8(..4)), value }
            }
            _ => Command::Reconnect,
        }
    }
}

/// Tries again what is stuck, or gives it up; not a conversation, with which the messages in it would go.
fn stuck(view: &StuckView, rng: &mut Rng) -> Command {
    let entry = view.key.clone();
    if view.action == "create" || rng.bool() {
        return Command::RetryStuck { entry };
    }
    Command::DiscardStuck { entry }
}

/// What concerns who may come in.
fn guard(secrets: &mut Secrets, rng: &mut Rng) -> Option<Command> {
    match rng.u8(..12) {
        0..3 => secrets.change_password(),
        3..11 if rng.bool() => secrets.revoke_invite().or_else(|| secrets.make_invite()),
        3..11 => secrets.make_invite(),
        _ => Some(secrets.revoke_device()),
    }
}

fn again_or_not(conversation: String, row: &MessageRow, ledger: &mut Ledger, rng: &mut Rng) -> Command {
    let message = row.key.clone();
    if rng.bool() {
        ledger.retry(&message);
        return Command::Retry { conversation, message };
    }
    ledger.withdraw(&message);
    Command::Discard { conversation, message }
}
