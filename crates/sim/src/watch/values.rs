//! What single mutations set as a whole: whatever stood there before, the value that was set last has to stand. A mutation that
//! is applied again, or late, is noticed by this.

mod thing;

use std::collections::{BTreeMap, BTreeSet};

use confab_domain::Event;
use confab_protocol::method::{
    ConversationUpdateParams, NonChatResult, PushRegisterParams, UserUpdateParams,
};
use confab_protocol::model::{
    Conversation, ConversationState, DeliveryStatus, MembershipStatus, Participant,
};
use confab_protocol::{Answer, Call, Change, ClientId, ConversationSid, DeviceSid, UserSid};
use serde_json::Value;

use crate::promise::{Kept, ensure};
use crate::server::{Applied, Happened, Server};
use thing::Thing;

/// All of them, as they were set last.
#[derive(Debug, Default)]
pub(super) struct Values {
    set: BTreeMap<Thing, String>,
    seen: BTreeSet<(UserSid, ClientId)>,
}

fn role_text(name: &str, permissions: &[String]) -> String {
    format!("{name}: {}", permissions.join(" "))
}

fn receipt_text(status: DeliveryStatus, error_code: u32, name: Option<&String>) -> String {
    format!("{status:?} {error_code} {}", name.map_or("", |name| name))
}

/// A setting that is forgotten says nothing.
fn json_text(value: &Value) -> String {
    if value.is_null() { String::new() } else { value.to_string() }
}

impl Values {
    /// Something was committed.
    pub(super) fn happened(&mut self, what: &Happened) {
        match what {
            Happened::Applied(one) => self.applied(one),
            Happened::ByItself(events) => events.iter().for_each(|event| self.by_itself(event)),
        }
    }

    /// A mutation was applied. One that comes again sets nothing.
    fn applied(&mut self, one: &Applied) {
        if !self.seen.insert((one.user, one.client_id)) {
            return;
        }
        match (&*one.call, &one.answer) {
            (Call::UserSetPassword(params), _) => {
                self.put(Thing::Password(one.user), params.password.clone());
            }
            (Call::UserSetStatus(params), _) => {
                self.put(Thing::Status(one.user), format!("{:?}", params.status));
            }
            (Call::UserUpdate(params), Answer::UserUpdate(done)) => self.profile(done.user.sid, params),
            (Call::PushRegister(params), _) => self.registered(one.device, params),
            (Call::PushUnregister(params), _) => {
                let device = params.device.or(one.device);
                device.into_iter().for_each(|device| self.put(Thing::Push(device), String::new()));
            }
            (_, Answer::RoleCreate(done) | Answer::RoleUpdate(done)) => {
                let (name, permissions) = (&done.role.friendly_name, &done.role.permissions);
                self.put(Thing::Role(done.role.sid), role_text(name, permissions));
            }
            (Call::RoleDelete(params), _) => self.put(Thing::Role(params.role), String::new()),
            (_, Answer::SettingSet(done)) => {
                let setting = &done.setting;
                self.put(Thing::Setting(one.user, setting.key.clone()), json_text(&setting.value));
            }
            (_, Answer::DraftSet(done)) => {
                self.put(Thing::Draft(one.user, done.draft.conversation), done.draft.body.clone());
            }
            (Call::SetNotificationLevel(params), _) => {
                self.put(Thing::Level(one.user, params.conversation), format!("{:?}", params.level));
            }
            _ => self.in_a_conversation(one),
        }
    }

    /// What nobody asked for: a state that was due, somebody who was let go, whoever became an owner by that.
    fn by_itself(&mut self, event: &Event) {
        match event {
            Event::Log { event, .. } => match &event.change {
                Change::ConversationUpdated(row) if event.changed.iter().any(|field| field == "state") => {
                    self.put(Thing::State(row.sid), format!("{:?}", row.state));
                }
                Change::ParticipantLeft(row) => self.membership(event.conversation, row),
                _ => {}
            },
            Event::Roster { conversation, rows, .. } => {
                rows.iter().for_each(|row| self.seat(*conversation, row));
            }
            _ => {}
        }
    }

    fn put(&mut self, thing: Thing, value: String) {
        self.set.insert(thing, value);
    }

    fn put_json(&mut self, thing: Thing, value: Option<&Value>) {
        self.set.extend(value.map(|value| (thing, value.to_string())));
    }

    fn profile(&mut self, user: UserSid, params: &UserUpdateParams) {
        if let Some(name) = &params.friendly_name {
            self.put(Thing::FriendlyName(user), name.clone());
        }
        self.put_json(Thing::Profile(user), params.attributes.as_ref());
        if let Some(role) = params.role {
            self.put(Thing::UserRole(user), role.to_string());
        }
    }

    /// A token stands for one device: whoever had it before has none.
    fn registered(&mut self, device: Option<DeviceSid>, params: &PushRegisterParams) {
        for (thing, token) in &mut self.set {
            if matches!(thing, Thing::Push(_)) && *token == params.token {
                token.clear();
            }
        }
        device.into_iter().for_each(|device| self.put(Thing::Push(device), params.token.clone()));
    }

    fn in_a_conversation(&mut self, one: &Applied) {
        match (&*one.call, &one.answer) {
            (Call::ConversationUpdate(params), Answer::ConversationUpdate(done)) => {
                let row = done.summary.conversation.as_ref();
                row.into_iter().for_each(|row| self.configured(params, row));
            }
            (Call::ConversationJoin(params), _) => {
                self.put(Thing::Member(params.conversation, one.user), thing::IN.to_owned());
            }
            (Call::ParticipantAdd(params), Answer::ParticipantAdd(done)) => {
                self.membership(params.conversation, &done.participant);
            }
            (Call::ParticipantRemove(params), Answer::ParticipantRemove(done)) => {
                self.membership(params.conversation, &done.participant);
                one.events.iter().for_each(|event| self.by_itself(event));
            }
            (Call::ParticipantUpdate(params), Answer::ParticipantUpdate(done)) => {
                let thing = Thing::Participant(params.conversation, done.participant.sid);
                self.put_json(thing, params.attributes.as_ref());
                if params.role.is_some() || params.role_sid.is_some() || params.flags.is_some() {
                    self.seat(params.conversation, &done.participant);
                }
            }
            (Call::NonChatAdd(params), Answer::NonChatAdd(done)) => self.outsider(params.conversation, done),
            (Call::NonChatUpdate(params), Answer::NonChatUpdate(done)) => {
                self.outsider(params.conversation, done);
            }
            (Call::NonChatRemove(params), _) => {
                self.put(Thing::Outsider(params.conversation, params.participant), String::new());
            }
            _ => self.of_a_message(one),
        }
    }

    fn of_a_message(&mut self, one: &Applied) {
        match (&*one.call, &one.answer) {
            (Call::MessageSend(params), Answer::MessageSend(done)) => {
                self.put(Thing::Text(done.message.sid), params.body.clone());
                // It wakes what is asleep.
                if let Some(state) = self.set.get_mut(&Thing::State(params.conversation))
                    && *state == format!("{:?}", ConversationState::Inactive)
                {
                    *state = format!("{:?}", ConversationState::Active);
                }
            }
            (Call::MessageEdit(params), Answer::MessageEdit(done)) => {
                let sid = done.message.sid;
                self.put_json(Thing::Message(sid), params.attributes.as_ref());
                if let Some(body) = &params.body {
                    self.put(Thing::Text(sid), body.clone());
                }
                if let Some(subject) = &params.subject {
                    self.put(Thing::Subject(sid), subject.clone());
                }
            }
            (Call::MessageRemove(_), Answer::MessageRemove(done)) => {
                self.put(Thing::Removed(done.message.sid), String::new());
            }
            (Call::MessageReport(params), Answer::MessageReport(done)) => {
                let receipt = &done.receipt;
                let name = receipt.channel_message_sid.as_ref();
                let text = receipt_text(receipt.status, receipt.error_code, name);
                self.put(Thing::Receipt(params.message, params.participant), text);
            }
            _ => {}
        }
    }

    /// What was asked for of a conversation, as it came to be.
    fn configured(&mut self, params: &ConversationUpdateParams, row: &Conversation) {
        let sid = row.sid;
        let fields = [
            (params.friendly_name.is_some(), Thing::Name(sid), row.friendly_name.clone().unwrap_or_default()),
            (
                params.unique_name.is_some(),
                Thing::UniqueName(sid),
                row.unique_name.clone().unwrap_or_default(),
            ),
            (params.public_join.is_some(), Thing::PublicJoin(sid), row.public_join.to_string()),
            (params.state.is_some(), Thing::State(sid), format!("{:?}", row.state)),
            (params.timers.is_some(), Thing::Timers(sid), thing::timers_text(&row.timers)),
        ];
        self.set.extend(fields.into_iter().filter(|field| field.0).map(|(_, thing, value)| (thing, value)));
        self.put_json(Thing::Conversation(sid), params.attributes.as_ref());
    }

    /// Whether somebody is in a conversation.
    fn membership(&mut self, conversation: ConversationSid, row: &Participant) {
        let is_in = row.status == MembershipStatus::Joined;
        let text = if is_in { thing::IN } else { thing::OUT };
        self.put(Thing::Member(conversation, row.user), text.to_owned());
    }

    /// What decides what a participant may do.
    fn seat(&mut self, conversation: ConversationSid, row: &Participant) {
        let text = thing::seat_text(row.role_sid, row.flags);
        self.put(Thing::Seat(conversation, row.sid), text);
    }

    fn outsider(&mut self, conversation: ConversationSid, done: &NonChatResult) {
        let row = &done.participant;
        self.put_json(Thing::Outsider(conversation, row.sid), Some(&row.attributes));
    }

    /// Everything that is still there has the value that was set last.
    pub(super) fn stand(&self, server: &Server) -> Kept {
        for (thing, value) in &self.set {
            let stands = thing.stands(server.read());
            let is_set = stands.as_ref().is_none_or(|stands| stands == value);
            ensure!(Once, is_set, "{thing:?} was set to {value:?} last, and is {stands:?}");
        }
        Ok(())
    }
}
