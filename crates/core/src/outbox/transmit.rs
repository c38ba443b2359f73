//! What goes out next.

use std::collections::{BTreeMap, BTreeSet};

use confab_probe::{Fault, is_broken};
use confab_protocol::method::{
    ConversationCreateParams, ConversationDeleteParams, ConversationUpdateParams, DeviceRevokeParams,
    DraftSetParams, HorizonSetParams, InitialParticipant, InviteRevokeParams, MessageEditParams,
    MessageRemoveParams, MessageSendParams, ParticipantAddParams, ParticipantRemoveParams,
    ParticipantUpdateParams, SetNotificationLevelParams, SettingSetParams, UserSetStatusParams,
    UserUpdateParams,
};
use confab_protocol::model::Role;
use confab_protocol::{Call, ClientId, ConversationSid};

use super::own_state::Slot;
use super::{Entry, Outbox, Transit, Written};
use crate::key::Key;
use crate::kind::{ConversationChange, ConversationOptions};
use crate::stored::{Action, EntryState, OutboxEntry};

/// Entries that may be without an answer at once.
const IN_FLIGHT: usize = 32;

/// Within a lane everything goes in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Lane {
    /// What is done to oneself.
    Own,
    /// What is done in or to a conversation.
    Conversation(Key),
    /// Horizons overtake messages: they say nothing about them.
    Horizon(Key),
    /// So do drafts.
    Draft(Key),
}

/// What an entry is about, within its lane: of two about the same, the later one never goes first.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Subject {
    Message(ClientId),
    Person(String),
    Name,
    Level,
    Field(&'static str),
    Status,
    /// Nothing that another entry could be about.
    Itself,
}

/// What is ahead of the next entry of a lane.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ahead {
    /// Messages that were transmitted, the last of them this one: those that name it may follow.
    Messages(ClientId),
    /// Something that has to be done first.
    Closed,
}

impl Entry {
    fn lane(&self) -> Lane {
        match (&self.stored.action, self.place()) {
            (Action::Horizon { .. }, Some(place)) => Lane::Horizon(place),
            (Action::SetDraft { .. }, Some(place)) => Lane::Draft(place),
            (_, Some(place)) => Lane::Conversation(place),
            (_, None) => Lane::Own,
        }
    }

    /// It is a message, not a change of one.
    pub(crate) fn is_send(&self) -> bool {
        matches!(self.stored.action, Action::Send { .. })
    }

    fn subject(&self) -> Subject {
        match &self.stored.action {
            Action::Edit { row, .. } | Action::Remove { row, .. } => Subject::Message(*row),
            Action::AddParticipant { identity, .. }
            | Action::RemoveParticipant { identity, .. }
            | Action::SetRole { identity, .. }
            | Action::GiveRole { identity, .. }
            | Action::SetFlags { identity, .. } => Subject::Person(identity.to_lowercase()),
            Action::Rename { .. } | Action::SetFriendlyName { .. } => Subject::Name,
            Action::SetLevel { .. } => Subject::Level,
            Action::Configure { change, .. } => Subject::Field(change.field()),
            Action::SetStatus { .. } => Subject::Status,
            Action::Create { .. }
            | Action::Delete { .. }
            | Action::Send { .. }
            | Action::Horizon { .. }
            | Action::SetDraft { .. }
            | Action::SetSetting { .. }
            | Action::RevokeInvite { .. }
            | Action::RevokeDevice { .. } => Subject::Itself,
        }
    }

    /// Whether it may be transmitted while what is ahead of it has no answer.
    fn may_follow(&self, ahead: Option<Ahead>) -> bool {
        match (ahead, &self.stored.action) {
            (None, _) => true,
            // Naming the one before it, it cannot overtake that one.
            (Some(Ahead::Messages(last)), Action::Send { after, .. }) => *after == Some(last),
            (Some(_), _) => false,
        }
    }
}

impl Outbox {
    /// Lets everything go that waits for a connection. From here on it can no longer be changed.
    pub(crate) fn release(&mut self) {
        let mut previous: BTreeMap<Lane, ClientId> = BTreeMap::new();
        let mut taken: BTreeSet<Slot> = BTreeSet::new();
        let mut waiting: BTreeSet<Lane> = BTreeSet::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_live() && !entry.is_horizon()) {
            let (lane, id) = (entry.lane(), entry.id());
            // What a later wish may replace is changed here for as long as it would have to wait anyway.
            if entry.slot().is_some_and(|slot| !taken.insert(slot)) {
                continue;
            }
            // Behind a message whose files are still on their way everything waits, and can still be changed.
            if entry.is_send() && (entry.awaits_upload() || waiting.contains(&lane)) {
                waiting.insert(lane);
                continue;
            }
            if entry.stored.state == EntryState::Held {
                entry.stored.state = EntryState::Released;
                entry.written = Written::No;
                if let Action::Send { after, .. } = &mut entry.stored.action {
                    *after = previous.get(&lane).copied();
                }
            }
            if entry.is_send() {
                previous.insert(lane, id);
            }
        }
    }

    /// Takes what can be transmitted now, in order. `sid_of` knows the conversations that exist.
    pub(crate) fn transmit(&mut self, sid_of: impl Fn(Key) -> Option<ConversationSid>) -> Vec<OutboxEntry> {
        let mut ahead: BTreeMap<Lane, Ahead> = BTreeMap::new();
        let mut aside: Vec<(Lane, Subject)> = Vec::new();
        let mut out = self.entries.iter().filter(|entry| entry.transit == Transit::Out).count();
        let mut taken = Vec::new();
        for entry in self.entries.iter_mut().filter(|entry| entry.is_open()) {
            let (lane, subject) = (entry.lane(), entry.subject());
            if entry.problem().is_some() {
                // Until the disk knows that it was refused, it would go again after a crash: behind what had followed it.
                if entry.written != Written::Yes {
                    ahead.insert(lane, Ahead::Closed);
                }
                continue;
            }
            if entry.transit == Transit::Aside || aside.contains(&(lane, subject.clone())) {
                aside.push((lane, subject));
                continue;
            }
            let before = ahead.get(&lane).copied();
            let made = matches!(entry.stored.action, Action::Create { .. });
            let exists = made || entry.place().is_none_or(|place| sid_of(place).is_some());
            let ready = entry.transit == Transit::Here
                && entry.stored.state == EntryState::Released
                && (entry.written == Written::Yes || is_broken(Fault::FsyncOrder))
                && !entry.awaits_upload()
                && exists
                && out < IN_FLIGHT
                && entry.may_follow(before);
            if ready {
                entry.transit = Transit::Out;
                out += 1;
                taken.push(entry.stored.clone());
            }
            let passable = entry.is_send() && entry.transit == Transit::Out && before != Some(Ahead::Closed);
            ahead.insert(lane, if passable { Ahead::Messages(entry.id()) } else { Ahead::Closed });
        }
        taken
    }

    /// The server could not take an entry for now: it waits until [`Self::try_again`].
    pub(crate) fn postpone(&mut self, id: ClientId) {
        if let Some(entry) = self.entries.iter_mut().find(|entry| entry.id() == id && entry.is_live()) {
            entry.transit = Transit::Later;
        }
        self.unchain(id);
    }

    /// What waited for a later attempt may go.
    pub(crate) fn try_again(&mut self) {
        for entry in self.entries.iter_mut().filter(|entry| entry.transit != Transit::Out) {
            entry.transit = Transit::Here;
        }
        self.try_uploads_again();
    }

    /// The connection is gone: what was not answered goes again on the next one.
    pub(crate) fn connection_lost(&mut self) {
        self.no_room = None;
        for entry in &mut self.entries {
            entry.again |= entry.transit == Transit::Out;
            entry.transit = Transit::Here;
        }
    }

    /// A message that was refused because the one before it did not arrive stops waiting for one that never will: it
    /// waits for the one before that.
    fn unchain(&mut self, id: ClientId) {
        let Some(at) = self.entries.iter().position(|entry| entry.id() == id) else { return };
        let Action::Send { after: Some(after), .. } = self.entries[at].stored.action else { return };
        if self.get(after).is_some_and(Entry::is_live) {
            return;
        }
        let lane = self.entries[at].lane();
        let before = self.entries[..at].iter().rev();
        let previous =
            before.filter(|entry| entry.is_live() && entry.is_send()).find(|entry| entry.lane() == lane);
        let previous = previous.map(Entry::id);
        if let Action::Send { after, .. } = &mut self.entries[at].stored.action {
            *after = previous;
        }
        self.entries[at].written = Written::No;
    }
}

/// The request for an entry. None when its conversation is not known to the server.
pub(crate) fn call(entry: &OutboxEntry, sid: Option<ConversationSid>) -> Option<Call> {
    let client_id = entry.client_id;
    Some(match entry.action.clone() {
        Action::Create { name, unique_name, options, direct_with } => {
            Call::ConversationCreate(making(client_id, name, unique_name, options, direct_with))
        }
        Action::SetFriendlyName { name } => Call::UserUpdate(UserUpdateParams {
            friendly_name: Some(name),
            ..UserUpdateParams::new(client_id)
        }),
        Action::SetStatus { status } => Call::UserSetStatus(UserSetStatusParams { client_id, status }),
        Action::SetSetting { key, value } => Call::SettingSet(SettingSetParams { client_id, key, value }),
        Action::RevokeDevice { device } => Call::DeviceRevoke(DeviceRevokeParams { client_id, device }),
        Action::RevokeInvite { invite } => Call::InviteRevoke(InviteRevokeParams { client_id, invite }),
        inside => in_conversation(inside, client_id, sid?)?,
    })
}

fn making(
    client_id: ClientId,
    name: String,
    unique_name: Option<String>,
    options: ConversationOptions,
    direct_with: Option<String>,
) -> ConversationCreateParams {
    let ConversationOptions { public_join, uber, participants, timers } = options;
    let participant = |identity| InitialParticipant { identity, role: Role::Participant, attributes: None };
    ConversationCreateParams {
        friendly_name: Some(name).filter(|name| !name.is_empty()),
        unique_name,
        uber,
        direct: direct_with.is_some(),
        public_join,
        participants: participants.into_iter().chain(direct_with).map(participant).collect(),
        timers: Some(timers).filter(|timers| !timers.is_empty()),
        ..ConversationCreateParams::new(client_id)
    }
}

fn configuring(
    client_id: ClientId,
    conversation: ConversationSid,
    change: ConversationChange,
) -> ConversationUpdateParams {
    let params = ConversationUpdateParams::new(client_id, conversation);
    match change {
        ConversationChange::UniqueName(name) => {
            ConversationUpdateParams { unique_name: Some(name), ..params }
        }
        ConversationChange::PublicJoin(open) => {
            ConversationUpdateParams { public_join: Some(open), ..params }
        }
        ConversationChange::State(state) => ConversationUpdateParams { state: Some(state), ..params },
        ConversationChange::Timers(timers) => ConversationUpdateParams { timers: Some(timers), ..params },
    }
}

fn in_conversation(action: Action, client_id: ClientId, conversation: ConversationSid) -> Option<Call> {
    Some(match action {
        Action::Create { .. }
        | Action::SetFriendlyName { .. }
        | Action::SetStatus { .. }
        | Action::SetSetting { .. }
        | Action::RevokeInvite { .. }
        | Action::RevokeDevice { .. } => return None,
        Action::Rename { name, .. } => Call::ConversationUpdate(ConversationUpdateParams {
            friendly_name: Some(Some(name)),
            ..ConversationUpdateParams::new(client_id, conversation)
        }),
        Action::Configure { change, .. } => {
            Call::ConversationUpdate(configuring(client_id, conversation, change))
        }
        Action::Delete { .. } => {
            Call::ConversationDelete(ConversationDeleteParams { client_id, conversation })
        }
        Action::SetLevel { level, .. } => {
            Call::SetNotificationLevel(SetNotificationLevelParams { client_id, conversation, level })
        }
        Action::AddParticipant { identity, .. } => {
            Call::ParticipantAdd(ParticipantAddParams { client_id, conversation, identity, attributes: None })
        }
        Action::RemoveParticipant { identity, .. } => Call::ParticipantRemove(ParticipantRemoveParams {
            client_id,
            conversation,
            participant: None,
            identity: Some(identity),
        }),
        Action::SetRole { identity, role, .. } => Call::ParticipantUpdate(ParticipantUpdateParams {
            identity: Some(identity),
            role: Some(role),
            ..ParticipantUpdateParams::new(client_id, conversation)
        }),
        Action::GiveRole { identity, role, .. } => Call::ParticipantUpdate(ParticipantUpdateParams {
            identity: Some(identity),
            role_sid: Some(role),
            ..ParticipantUpdateParams::new(client_id, conversation)
        }),
        Action::SetFlags { identity, flags, .. } => Call::ParticipantUpdate(ParticipantUpdateParams {
            identity: Some(identity),
            flags: Some(flags),
            ..ParticipantUpdateParams::new(client_id, conversation)
        }),
        Action::SetDraft { body, based_on, .. } => {
            Call::DraftSet(DraftSetParams { client_id, conversation, body, based_on })
        }
        Action::Send { body, files, envelope, after, .. } => Call::MessageSend(MessageSendParams {
            media: files.iter().map(|file| file.sid).collect(),
            subject: envelope.subject,
            attributes: envelope.attributes,
            after,
            ..MessageSendParams::new(client_id, conversation, body)
        }),
        Action::Edit { message, body, .. } => Call::MessageEdit(MessageEditParams {
            client_id,
            conversation,
            message,
            body: Some(body),
            subject: None,
            attributes: None,
        }),
        Action::Remove { message, .. } => {
            Call::MessageRemove(MessageRemoveParams { client_id, conversation, message })
        }
        Action::Horizon { index, mode, based_on, .. } => {
            Call::HorizonSet(HorizonSetParams { client_id, conversation, index, seq: None, mode, based_on })
        }
    })
}
