//! A server as the outbox knows it: it takes each id once, keeps what stands, and has its moods.

use std::collections::{BTreeMap, BTreeSet};

use confab_protocol::method::HorizonMode;
use confab_protocol::model::{NotificationLevel, ParticipantFlags, Role, UserStatus};
use confab_protocol::{ClientId, ConversationSid, DeviceSid, InviteSid, RoleSid};
use serde_json::Value;

use super::super::{Wish, call};
use super::SID;
use crate::key::Key;
use crate::kind::ConversationChange;
use crate::stored::{Action, OutboxEntry};

/// How the server takes what it is asked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Mood {
    Willing,
    /// Cannot now.
    Busy,
    /// Takes nothing but what concerns messages that it has, and horizons.
    Strict,
}

/// What it answers.
#[derive(Debug, Clone, Copy)]
pub(super) enum Answer {
    /// Done; the version of the draft or the horizon as it stands now.
    Applied {
        version: u64,
    },
    Later,
    Never,
}

/// A message as the server has it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Posted {
    pub(super) id: ClientId,
    pub(super) place: ConversationSid,
    pub(super) body: String,
    pub(super) removed: bool,
}

/// Messages by conversation.
pub(super) type Logs = BTreeMap<ConversationSid, Vec<Posted>>;

/// The messages of each conversation, in order.
pub(super) fn by_place<'a>(all: impl Iterator<Item = &'a Posted>) -> Logs {
    let mut logs = Logs::new();
    all.for_each(|posted| logs.entry(posted.place).or_default().push(posted.clone()));
    logs
}

/// The name of what is made under an id, as the server's follows from it.
pub(super) fn made_of(id: ClientId) -> ConversationSid {
    ConversationSid(id.0)
}

/// Where something is done, as the server names it.
pub(super) fn sid_of(place: Key) -> ConversationSid {
    match place {
        Key::Sid(sid) => sid,
        Key::Made(id) => made_of(id),
    }
}

/// What stands besides messages and horizons: of each thing the last that was wanted.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Standing {
    made: BTreeSet<ConversationSid>,
    names: BTreeMap<ConversationSid, String>,
    fields: BTreeMap<&'static str, ConversationChange>,
    level: Option<NotificationLevel>,
    people: BTreeMap<String, Role>,
    own_name: String,
    drafts: BTreeMap<ConversationSid, String>,
    settings: BTreeMap<String, Value>,
    status: Option<UserStatus>,
    /// By flags, or by a role that somebody made.
    rights: BTreeMap<String, Result<RoleSid, ParticipantFlags>>,
    signed_out: BTreeSet<DeviceSid>,
    ended: BTreeSet<InviteSid>,
}

impl Standing {
    /// Does what an entry asks for.
    pub(super) fn apply(&mut self, id: ClientId, action: &Action) {
        match action {
            Action::Create { .. } => drop(self.made.insert(made_of(id))),
            Action::Rename { place, name } => drop(self.names.insert(sid_of(*place), name.clone())),
            Action::Configure { change, .. } => drop(self.fields.insert(change.field(), change.clone())),
            Action::SetLevel { level, .. } => self.level = Some(*level),
            Action::AddParticipant { identity, .. } => {
                self.people.entry(identity.clone()).or_insert(Role::Participant);
            }
            Action::RemoveParticipant { identity, .. } => drop(self.people.remove(identity)),
            Action::SetRole { identity, role, .. } => {
                self.people.entry(identity.clone()).and_modify(|held| *held = *role);
            }
            Action::GiveRole { identity, role, .. } => drop(self.rights.insert(identity.clone(), Ok(*role))),
            Action::SetFlags { identity, flags, .. } => {
                self.rights.insert(identity.clone(), Err(*flags));
            }
            Action::SetStatus { status } => self.status = *status,
            Action::SetFriendlyName { name } => self.own_name.clone_from(name),
            Action::SetDraft { place, body, .. } => drop(self.drafts.insert(sid_of(*place), body.clone())),
            Action::SetSetting { key, value } => drop(self.settings.insert(key.clone(), value.clone())),
            Action::RevokeDevice { device } => drop(self.signed_out.insert(*device)),
            Action::RevokeInvite { invite } => drop(self.ended.insert(*invite)),
            Action::Delete { .. }
            | Action::Send { .. }
            | Action::Edit { .. }
            | Action::Remove { .. }
            | Action::Horizon { .. } => {}
        }
    }
}

/// A horizon as the server keeps it.
#[derive(Debug, Clone)]
pub(super) struct Horizon {
    pub(super) index: Option<u64>,
    pub(super) version: u64,
    pub(super) set_at: u64,
}

impl Default for Horizon {
    fn default() -> Self {
        Self::new(None)
    }
}

impl Horizon {
    pub(super) fn new(index: Option<u64>) -> Self {
        Self { index, version: 1, set_at: 0 }
    }

    pub(super) fn apply(&mut self, wish: Wish) {
        let moves = match wish.mode {
            HorizonMode::Advance => wish.based_on >= self.set_at && wish.index > self.index,
            HorizonMode::Set => true,
        };
        if moves {
            self.version += 1;
            self.index = wish.index;
            if wish.mode == HorizonMode::Set {
                self.set_at = self.version;
            }
        }
    }
}

/// The server.
#[derive(Debug, Clone, Default)]
pub(super) struct Server {
    seen: BTreeMap<ClientId, String>,
    pub(super) log: Vec<Posted>,
    pub(super) standing: Standing,
    pub(super) horizon: Horizon,
    /// Of the drafts.
    version: u64,
}

impl Server {
    /// Takes what an entry asks for, once.
    pub(super) fn apply(&mut self, entry: &OutboxEntry, mood: Mood) -> Answer {
        let place = entry.action.place().map(sid_of);
        let payload = serde_json::to_string(&call(entry, place).unwrap()).unwrap();
        if let Some(seen) = self.seen.get(&entry.client_id) {
            assert_eq!(*seen, payload, "another payload under the same id");
            return self.applied(&entry.action);
        }
        if let Some(place) = place {
            let there = place == SID || self.standing.made.contains(&place);
            assert!(there, "something came before the conversation that it is for: {entry:?}");
        }
        let answer = self.carry_out(entry, mood);
        if let Answer::Applied { .. } = answer {
            self.seen.insert(entry.client_id, payload);
        }
        answer
    }

    fn applied(&self, action: &Action) -> Answer {
        let of_horizon = matches!(action, Action::Horizon { .. });
        Answer::Applied { version: if of_horizon { self.horizon.version } else { self.version } }
    }

    fn carry_out(&mut self, entry: &OutboxEntry, mood: Mood) -> Answer {
        match (&entry.action, mood) {
            (_, Mood::Busy) => return Answer::Later,
            (Action::Edit { .. } | Action::Remove { .. } | Action::Horizon { .. }, Mood::Strict) => {}
            (_, Mood::Strict) => return Answer::Never,
            _ => {}
        }
        match &entry.action {
            Action::Send { after: Some(after), .. } if !self.seen.contains_key(after) => {
                return Answer::Later;
            }
            Action::Send { place, body, .. } => {
                let (id, place) = (entry.client_id, sid_of(*place));
                self.log.push(Posted { id, place, body: body.clone(), removed: false });
            }
            Action::Edit { row, body, .. } => body.clone_into(&mut self.message(*row).body),
            Action::Remove { row, .. } => {
                let gone = self.message(*row);
                gone.removed = true;
                gone.body.clear();
            }
            Action::Horizon { index, mode, based_on, .. } => {
                self.horizon.apply(Wish { index: *index, mode: *mode, based_on: *based_on });
            }
            action => self.standing.apply(entry.client_id, action),
        }
        self.version += 1;
        self.applied(&entry.action)
    }

    fn message(&mut self, id: ClientId) -> &mut Posted {
        self.log.iter_mut().find(|posted| posted.id == id).expect("a change came before its message")
    }

    /// All messages, by conversation.
    pub(super) fn by_place(&self) -> Logs {
        by_place(self.log.iter())
    }
}
