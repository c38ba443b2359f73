//! Rows for tests.

use confab_protocol::model::{MembershipStatus, Message, MessageType, Participant, Role, User};
use confab_protocol::{ClientId, ConversationSid, MessageSid, ParticipantSid, Timestamp, UserSid};
use serde_json::json;
use uuid::Uuid;

/// The conversation of all rows here.
pub(crate) const CONVERSATION: ConversationSid = ConversationSid(Uuid::from_u128(0xc));

/// A message of Aiko's, added by the event after its index.
pub(crate) fn message(index: u64, version: u64, body: &str) -> Message {
    Message {
        sid: MessageSid(Uuid::from_u128(0x1000 + u128::from(index))),
        client_id: ClientId(Uuid::from_u128(0x2000 + u128::from(index))),
        conversation: CONVERSATION,
        index,
        author: "Aiko".into(),
        participant: None,
        kind: MessageType::Text,
        subject: None,
        body: Some(body.into()),
        attributes: json!({}),
        media: Vec::new(),
        relates_to: None,
        mentions: Vec::new(),
        date_created: Timestamp(1_000 + index),
        date_updated: Timestamp(1_000 + index),
        last_updated_by: None,
        removed: false,
        seq: version,
        version,
    }
}

/// A number that is the same for the same name.
fn number(name: &str) -> u128 {
    name.bytes().fold(0x3000, |sum, byte| sum * 31 + u128::from(byte))
}

/// A row of a roster.
pub(crate) fn participant(identity: &str, version: u64) -> Participant {
    Participant {
        sid: ParticipantSid(Uuid::from_u128(number(identity))),
        user: UserSid(Uuid::from_u128(number(identity))),
        identity: identity.into(),
        profile_version: 1,
        role: Role::Participant,
        role_sid: None,
        flags: None,
        attributes: json!({}),
        last_read_message_index: None,
        last_read_event_seq: 0,
        last_read_timestamp: None,
        date_created: Timestamp(0),
        date_updated: Timestamp(0),
        status: MembershipStatus::Joined,
        version,
    }
}

/// A profile.
pub(crate) fn user(identity: &str, friendly_name: &str, version: u64) -> User {
    User {
        sid: UserSid(Uuid::from_u128(number(identity))),
        identity: identity.into(),
        friendly_name: friendly_name.into(),
        attributes: json!({}),
        role: Role::Participant,
        role_sid: None,
        status: None,
        notifiable: false,
        deactivated: false,
        version,
    }
}
