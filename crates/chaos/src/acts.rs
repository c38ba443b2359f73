//! What people do: one act at a time, chosen by chance from what their window shows.

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{ConversationRow, FileKind, MessageRow, MessageState, StuckView};
use confab_protocol::model::{ConversationState, NotificationLevel, Role};
use fastrand::Rng;
use serde_json::Value;

use crate::files;
use crate::kinds::{self, Directory};
use crate::ledger::{Ledger, mark, mark_of, stamp};
use crate::notes::Noted;
use crate::picture::Picture;
use crate::secrets::Secrets;
use crate::words::Order;

/// Conversations that one person makes at most; more would only spread the messages thin.
const CONVERSATIONS: usize = 6;
/// Conversations that one person is in, up to which others are joined.
const JOINED: usize = 9;

/// Whoever acts, and with whom.
pub(crate) struct Actor<'a> {
    /// The device.
    pub(crate) device: &'a str,
    /// Its person.
    pub(crate) person: &'a str,
    /// Everybody.
    pub(crate) people: &'a [String],
    /// A program runs beside the window.
    pub(crate) has_program: bool,
    /// What the person has seen of the conversations that anybody may join.
    pub(crate) directory: Directory,
}

impl Actor<'_> {
    /// What to do next, given what is shown; the ledger learns what it means for promises.
    pub(crate) fn choose(
        &mut self,
        picture: &Picture,
        ledger: &mut Ledger,
        secrets: Option<&mut Secrets>,
        rng: &mut Rng,
    ) -> Order {
        if !picture.stuck.is_empty() && rng.u8(..8) == 0 {
            return Order::Do(stuck(&picture.stuck[rng.usize(..picture.stuck.len())], rng));
        }
        if let Some(secrets) = secrets
            && rng.u8(..8) == 0
            && let Some(command) = guard(secrets, rng)
        {
            return Order::Do(command);
        }
        let joined = picture.joined();
        if joined.is_empty() || (joined.len() < CONVERSATIONS && rng.u8(..60) == 0) {
            return Order::Do(kinds::create(self.person, self.people, rng));
        }
        if joined.len() < JOINED && rng.u8(..40) == 0 {
            return Order::Do(self.directory.use_it(rng));
        }
        // Three times in four where one is: that is what a window is for.
        // In one that is closed nothing can be said any more: that is tried now and then.
        let open: Vec<_> =
            joined.iter().copied().filter(|row| row.state != ConversationState::Closed).collect();
        let joined = if open.is_empty() || rng.u8(..12) == 0 { joined } else { open };
        let here = picture
            .open
            .as_ref()
            .and_then(|key| picture.rows.get(key))
            .filter(|row| joined.iter().any(|one| one.key == row.key));
        let place = match here {
            Some(row) if rng.u8(..4) > 0 => row,
            _ => joined[rng.usize(..joined.len())],
        };
        Order::Do(match rng.u8(..100) {
            0..42 => return self.send(place, ledger, rng),
            42..54 => Command::Open { conversation: Some(place.key.clone()) },
            54..57 => return look_at_a_picture(picture, place, rng),
            57..80 => self.on_a_message(picture, place, ledger, rng),
            80..85 => self.to_a_conversation(place, rng),
            85..87 => kinds::configure(place.key.clone(), rng),
            87..91 => self.with_a_person(place, rng),
            91..95 if self.has_program && place.sid.is_some() => return note(place, rng),
            _ => self.alone(place, rng),
        })
    }

    /// What came of an order.
    pub(crate) fn learn(&mut self, answer: &CommandAnswer, rng: &mut Rng) {
        self.directory.learn(answer, rng);
    }

    fn send(&self, place: &ConversationRow, ledger: &mut Ledger, rng: &mut Rng) -> Order {
        let words = "one thing after another ".repeat(rng.usize(1..12));
        let mark = mark(self.device, ledger.next());
        let body = format!("{} {words}", stamp(&mark, 0)).trim_end().to_owned();
        let conversation = place.key.clone();
        if files::of(&mark).is_empty() {
            return Order::Do(Command::Send { conversation, body });
        }
        Order::SendFiles { conversation, body }
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
                let mark = mark_of(&row.body).unwrap_or_default();
                let body = format!("{} edited", stamp(mark, 1 + rng.u32(..1_000_000)));
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

/// A picture of the open conversation, if it shows one there.
fn look_at_a_picture(picture: &Picture, place: &ConversationRow, rng: &mut Rng) -> Order {
    let of_row = |row: &MessageRow| {
        let file = row.media.iter().find(|file| file.kind == FileKind::Photo && file.ready)?;
        let conversation = place.sid.clone()?;
        Some(Order::LookAt { conversation, message: row.sid.clone()?, media: file.sid.clone() })
    };
    let here = picture.messages.values().filter(|_| picture.open.as_ref() == Some(&place.key));
    let all: Vec<_> = here.filter_map(of_row).collect();
    let one = (!all.is_empty()).then(|| rng.usize(..all.len()));
    let other = || Order::Do(Command::Open { conversation: Some(place.key.clone()) });
    one.and_then(|one| all.into_iter().nth(one)).unwrap_or_else(other)
}

/// Lets the program set attributes.
fn note(place: &ConversationRow, rng: &mut Rng) -> Order {
    let sid = place.sid.clone().unwrap_or_default();
    let of = match rng.u8(..3) {
        0 => Noted::Me,
        1 => Noted::Conversation(sid),
        _ => Noted::Participant(sid),
    };
    Order::Note { of, note: rng.u64(..1_000_000) }
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
