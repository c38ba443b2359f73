//! Things that are set as a whole, and how each stands on the server.

use confab_domain::row::{ConversationRow, MessageRow, ReceiptRow};
use confab_domain::{BUILT_IN_ROLES, Read, StoreResult};
use confab_protocol::model::{MembershipStatus, ParticipantFlags, Role, RoleType, Timers};
use confab_protocol::{
    ConversationSid, DeviceSid, MessageSid, ParticipantSid, RoleSid, UserSid, limits, period,
};

use super::{receipt_text, role_text};
use crate::server::password_of;

/// Somebody is in a conversation.
pub(super) const IN: &str = "in";
/// They are not.
pub(super) const OUT: &str = "out";

/// Something that is set as a whole.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
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
    /// Blank when it is forgotten.
    Setting(UserSid, String),
    Draft(UserSid, ConversationSid),
    /// The notification level.
    Level(UserSid, ConversationSid),
    /// The attributes.
    Conversation(ConversationSid),
    Name(ConversationSid),
    UniqueName(ConversationSid),
    PublicJoin(ConversationSid),
    State(ConversationSid),
    Timers(ConversationSid),
    /// Whether somebody is in it.
    Member(ConversationSid, UserSid),
    /// The attributes.
    Participant(ConversationSid, ParticipantSid),
    /// Role and flags.
    Seat(ConversationSid, ParticipantSid),
    /// The attributes.
    Message(MessageSid),
    Text(MessageSid),
    Subject(MessageSid),
    /// It has no text any more.
    Removed(MessageSid),
    /// Attributes of somebody who takes part by other means; blank when they are gone.
    Outsider(ConversationSid, ParticipantSid),
    Receipt(MessageSid, ParticipantSid),
}

/// Timers as periods, whatever way they were written in.
pub(super) fn timers_text(timers: &Timers) -> String {
    let millis = |text: &Option<String>| text.as_deref().and_then(period::parse);
    format!("{:?} {:?}", millis(&timers.inactive), millis(&timers.closed))
}

pub(super) fn seat_text(role: Option<RoleSid>, flags: Option<ParticipantFlags>) -> String {
    format!("{role:?} {flags:?}")
}

fn found<T>(row: StoreResult<T>) -> T {
    row.expect("the store can be read")
}

/// A role by its identifier.
fn role_sid(kind: RoleType, role: Role, custom: Option<RoleSid>) -> Option<RoleSid> {
    let mut built_in = BUILT_IN_ROLES.iter();
    let built_in = built_in.find(|(_, place, of, _)| (*place, *of) == (kind, role));
    custom.or(built_in.map(|(sid, ..)| *sid))
}

fn there(read: &dyn Read, conversation: ConversationSid) -> Option<ConversationRow> {
    found(read.conversation(conversation)).filter(|row| row.deleted_at.is_none())
}

fn live_message(read: &dyn Read, sid: MessageSid) -> Option<MessageRow> {
    found(read.message(sid)).filter(|row| !row.removed && there(read, row.conversation).is_some())
}

impl Thing {
    /// How it stands; none when it went with something else.
    pub(super) fn stands(&self, read: &dyn Read) -> Option<String> {
        match self {
            Self::Password(user) => {
                let hash = found(read.user(*user))?.password_hash;
                Some(hash.as_deref().map(password_of).unwrap_or_default().to_owned())
            }
            Self::Status(user) => Some(format!("{:?}", found(read.user(*user))?.status)),
            Self::UserRole(user) => {
                let row = found(read.user(*user))?;
                role_sid(RoleType::Workspace, row.role, row.custom_role).map(|sid| sid.to_string())
            }
            Self::FriendlyName(user) => Some(found(read.user(*user))?.friendly_name),
            Self::Profile(user) => Some(found(read.user(*user))?.attributes),
            Self::Push(device) => {
                let row = found(read.device(*device)).filter(|row| row.revoked_at.is_none())?;
                Some(row.push.map(|push| push.token).unwrap_or_default())
            }
            Self::Role(role) => {
                let row = found(read.role(*role));
                let text = row.map(|row| role_text(&row.friendly_name, &row.permissions.names()));
                Some(text.unwrap_or_default())
            }
            Self::Setting(user, key) => Some(found(read.setting(*user, key))?.value.unwrap_or_default()),
            Self::Draft(user, conversation) => {
                Some(found(read.draft(*user, *conversation)).map(|row| row.body).unwrap_or_default())
            }
            Self::Level(user, conversation) => {
                Some(format!("{:?}", found(read.membership(*user, *conversation))?.level))
            }
            _ => self.stands_in_a_conversation(read),
        }
    }

    fn stands_in_a_conversation(&self, read: &dyn Read) -> Option<String> {
        match self {
            Self::Conversation(sid) => Some(there(read, *sid)?.attributes),
            Self::Name(sid) => Some(there(read, *sid)?.friendly_name.unwrap_or_default()),
            Self::UniqueName(sid) => Some(there(read, *sid)?.unique_name.unwrap_or_default()),
            Self::PublicJoin(sid) => Some(there(read, *sid)?.public_join.to_string()),
            Self::State(sid) => Some(format!("{:?}", there(read, *sid)?.state)),
            Self::Timers(sid) => {
                let timers = there(read, *sid)?.timers;
                Some(format!("{:?} {:?}", timers.inactive, timers.closed))
            }
            Self::Member(conversation, user) => {
                there(read, *conversation)?;
                let is_in = found(read.membership(*user, *conversation)).is_some_and(|row| row.is_joined());
                Some(if is_in { IN } else { OUT }.to_owned())
            }
            Self::Participant(conversation, sid) => {
                let row = found(read.participant(*conversation, *sid));
                Some(row.filter(|row| row.status == MembershipStatus::Joined)?.attributes)
            }
            Self::Seat(conversation, sid) => {
                let row = found(read.participant(*conversation, *sid));
                let row = row.filter(|row| row.status == MembershipStatus::Joined)?;
                let role = role_sid(RoleType::Conversation, row.role, row.custom_role);
                Some(seat_text(role, row.flags))
            }
            Self::Outsider(conversation, sid) => {
                there(read, *conversation)?;
                let rows = found(read.non_chat(*conversation, limits::NON_CHAT_PARTICIPANTS));
                let row = rows.into_iter().find(|row| row.sid == *sid);
                Some(row.map(|row| row.attributes).unwrap_or_default())
            }
            _ => self.stands_in_a_message(read),
        }
    }

    fn stands_in_a_message(&self, read: &dyn Read) -> Option<String> {
        match self {
            Self::Message(sid) => Some(live_message(read, *sid)?.attributes),
            Self::Text(sid) => Some(live_message(read, *sid)?.body.unwrap_or_default()),
            Self::Subject(sid) => Some(live_message(read, *sid)?.subject.unwrap_or_default()),
            Self::Removed(sid) => Some(found(read.message(*sid))?.body.unwrap_or_default()),
            Self::Receipt(message, participant) => {
                let message = live_message(read, *message)?;
                let rows = read.receipts(message.conversation, message.index, limits::NON_CHAT_PARTICIPANTS);
                let row = found(rows).into_iter().find(|row| row.participant == *participant);
                let text = |row: ReceiptRow| {
                    receipt_text(row.status, row.error_code, row.channel_message_sid.as_ref())
                };
                Some(row.map(text).unwrap_or_default())
            }
            _ => None,
        }
    }
}
