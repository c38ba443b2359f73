//! What single mutations set as a whole: whatever stood there before, the value that was set last has to stand. A mutation that
//! is applied again, or late, is noticed by this.

use std::collections::{BTreeMap, BTreeSet};

use confab_domain::row::{MessageRow, ReceiptRow};
use confab_domain::{BUILT_IN_ROLES, Read, StoreResult};
use confab_protocol::method::{NonChatResult, PushRegisterParams, UserUpdateParams};
use confab_protocol::model::{DeliveryStatus, MembershipStatus, RoleType};
use confab_protocol::{
    Answer, Call, ClientId, ConversationSid, DeviceSid, MessageSid, ParticipantSid, RoleSid, UserSid, limits,
};
use serde_json::Value;

use crate::promise::{Kept, ensure};
use crate::server::{Applied, Server, password_of};

/// Something that is set as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Thing {
    Password(UserSid),
    Status(UserSid),
    /// The role in the workspace.
    UserRole(UserSid),
    FriendlyName(UserSid),
    Profile(UserSid),
    /// The token under which a device is known; blank for none.
    Push(DeviceSid),
    /// Name and permissions; blank when it is gone.
    Role(RoleSid),
    Conversation(ConversationSid),
    Participant(ConversationSid, ParticipantSid),
    Message(MessageSid),
    /// Attributes of somebody who takes part by other means; blank when they are gone.
    Outsider(ConversationSid, ParticipantSid),
    Receipt(MessageSid, ParticipantSid),
}

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

impl Values {
    /// A mutation was applied. One that comes again sets nothing.
    pub(super) fn applied(&mut self, one: &Applied) {
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
            _ => self.in_a_conversation(one),
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
            (Call::ConversationUpdate(params), _) => {
                self.put_json(Thing::Conversation(params.conversation), params.attributes.as_ref());
            }
            (Call::ParticipantUpdate(params), Answer::ParticipantUpdate(done)) => {
                let thing = Thing::Participant(params.conversation, done.participant.sid);
                self.put_json(thing, params.attributes.as_ref());
            }
            (Call::MessageEdit(params), Answer::MessageEdit(done)) => {
                self.put_json(Thing::Message(done.message.sid), params.attributes.as_ref());
            }
            (Call::NonChatAdd(params), Answer::NonChatAdd(done)) => self.outsider(params.conversation, done),
            (Call::NonChatUpdate(params), Answer::NonChatUpdate(done)) => {
                self.outsider(params.conversation, done);
            }
            (Call::NonChatRemove(params), _) => {
                self.put(Thing::Outsider(params.conversation, params.participant), String::new());
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

fn found<T>(row: StoreResult<T>) -> T {
    row.expect("the store can be read")
}

fn is_there(read: &dyn Read, conversation: ConversationSid) -> bool {
    found(read.conversation(conversation)).is_some_and(|row| row.deleted_at.is_none())
}

fn live_message(read: &dyn Read, sid: MessageSid) -> Option<MessageRow> {
    found(read.message(sid)).filter(|row| !row.removed && is_there(read, row.conversation))
}

impl Thing {
    /// How it stands; none when it went with something else.
    fn stands(self, read: &dyn Read) -> Option<String> {
        match self {
            Self::Password(user) => {
                let hash = found(read.user(user))?.password_hash;
                Some(hash.as_deref().map(password_of).unwrap_or_default().to_owned())
            }
            Self::Status(user) => Some(format!("{:?}", found(read.user(user))?.status)),
            Self::UserRole(user) => {
                let row = found(read.user(user))?;
                let mut built_in = BUILT_IN_ROLES.iter();
                let built_in =
                    built_in.find(|(_, kind, role, _)| (*kind, *role) == (RoleType::Workspace, row.role));
                row.custom_role.or(built_in.map(|(sid, ..)| *sid)).map(|sid| sid.to_string())
            }
            Self::FriendlyName(user) => Some(found(read.user(user))?.friendly_name),
            Self::Profile(user) => Some(found(read.user(user))?.attributes),
            Self::Push(device) => {
                let row = found(read.device(device)).filter(|row| row.revoked_at.is_none())?;
                Some(row.push.map(|push| push.token).unwrap_or_default())
            }
            Self::Role(role) => {
                let text =
                    found(read.role(role)).map(|row| role_text(&row.friendly_name, &row.permissions.names()));
                Some(text.unwrap_or_default())
            }
            _ => self.stands_in_a_conversation(read),
        }
    }

    fn stands_in_a_conversation(self, read: &dyn Read) -> Option<String> {
        match self {
            Self::Conversation(sid) => {
                Some(found(read.conversation(sid))?.attributes).filter(|_| is_there(read, sid))
            }
            Self::Participant(conversation, sid) => {
                let row = found(read.participant(conversation, sid));
                Some(row.filter(|row| row.status == MembershipStatus::Joined)?.attributes)
            }
            Self::Message(sid) => Some(live_message(read, sid)?.attributes),
            Self::Outsider(conversation, sid) => {
                let rows = found(read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS));
                let row = rows.into_iter().find(|row| row.sid == sid);
                Some(row.map(|row| row.attributes).unwrap_or_default())
                    .filter(|_| is_there(read, conversation))
            }
            Self::Receipt(message, participant) => {
                let message = live_message(read, message)?;
                let rows = read.receipts(message.conversation, message.index, limits::NON_CHAT_PARTICIPANTS);
                let row = found(rows).into_iter().find(|row| row.participant == participant);
                let text = |row: ReceiptRow| {
                    receipt_text(row.status, row.error_code, row.channel_message_sid.as_ref())
                };
                Some(row.map(text).unwrap_or_default())
            }
            _ => None,
        }
    }
}
