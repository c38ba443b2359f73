//! Resources as the REST API writes them: names in snake case, free JSON as a text, dates to the second.

use confab_domain::permission::{Permission, Permissions};
use confab_domain::row::{
    ConversationRow, MembershipRow, MessageRow, NonChatRow, ParticipantRow, RoleRow, UserRow,
};
use confab_domain::timers::due;
use confab_protocol::model::{ConversationState, MediaCategory, NotificationLevel, Role, RoleType};
use confab_protocol::{ParticipantSid, RoleSid, Timestamp};
use serde_json::{Map, Value, json};

use super::ask::Place;
use super::date::{write, write_or_none};
use crate::twilio::binding;

/// A conversation.
pub(super) fn conversation(row: &ConversationRow, place: &Place) -> Value {
    let url = format!("{}/Conversations/{}", place.base, row.sid);
    json!({
        "sid": row.sid,
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "messaging_service_sid": null,
        "friendly_name": row.friendly_name,
        "unique_name": row.unique_name,
        "attributes": row.attributes,
        "state": state(row.state),
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "timers": timers(row),
        "bindings": {},
        "url": url,
        "links": {
            "participants": format!("{url}/Participants"),
            "messages": format!("{url}/Messages"),
            "webhooks": format!("{url}/Webhooks"),
        },
    })
}

/// A state of a conversation.
pub(super) fn state(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Active | ConversationState::Unknown => "active",
        ConversationState::Inactive => "inactive",
        ConversationState::Closed => "closed",
    }
}

/// When the state changes by itself.
pub(super) fn timers(row: &ConversationRow) -> Value {
    let at = due(row);
    let mut timers = Map::new();
    match (row.state, at) {
        (ConversationState::Active, Some(at)) => {
            timers.insert("date_inactive".to_owned(), write(at).into());
            if let Some(closed) = row.timers.closed {
                timers.insert("date_closed".to_owned(), write(at.plus(closed)).into());
            }
        }
        (ConversationState::Inactive, Some(at)) => {
            timers.insert("date_closed".to_owned(), write(at).into());
        }
        _ => {}
    }
    Value::Object(timers)
}

/// A message.
pub(super) fn message(row: &MessageRow, place: &Place) -> Value {
    let url = format!("{}/Conversations/{}/Messages/{}", place.base, row.conversation, row.sid);
    json!({
        "sid": row.sid,
        "account_sid": place.account,
        "conversation_sid": row.conversation,
        "index": row.index,
        "author": row.author,
        "body": row.body,
        "subject": row.subject,
        "attributes": row.attributes,
        "participant_sid": row.participant,
        "media": media(row),
        "content_sid": null,
        "delivery": null,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "url": url,
        "links": {
            "delivery_receipts": format!("{url}/Receipts"),
            "channel_metadata": format!("{url}/ChannelMetadata"),
        },
    })
}

/// The files of a message; null for none.
pub(super) fn media(row: &MessageRow) -> Value {
    if row.media.is_empty() {
        return Value::Null;
    }
    let of = row.media.iter().map(|file| {
        json!({
            "sid": file.sid,
            "category": category(file.category),
            "content_type": file.content_type,
            "filename": file.file_name,
            "size": file.size,
        })
    });
    of.collect()
}

fn category(category: MediaCategory) -> &'static str {
    match category {
        MediaCategory::Body => "body",
        MediaCategory::History => "history",
        MediaCategory::Media | MediaCategory::Unknown => "media",
    }
}

/// A participant who is a user.
pub(super) fn participant(row: &ParticipantRow, place: &Place) -> Value {
    json!({
        "sid": row.sid,
        "account_sid": place.account,
        "conversation_sid": row.conversation,
        "identity": row.identity,
        "attributes": row.attributes,
        "messaging_binding": null,
        "role_sid": in_conversation(row.role, row.custom_role),
        "last_read_message_index": row.horizon,
        "last_read_timestamp": write_or_none(row.horizon_at),
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "url": format!("{}/Conversations/{}/Participants/{}", place.base, row.conversation, row.sid),
    })
}

/// The role of a participant by its identifier.
pub(super) fn in_conversation(role: Role, custom: Option<RoleSid>) -> RoleSid {
    custom.unwrap_or(match role {
        Role::Owner => RoleSid::OWNER,
        Role::Participant | Role::Unknown => RoleSid::PARTICIPANT,
    })
}

/// A user. How they can be reached is said of one who is fetched alone.
pub(super) fn user(row: &UserRow, place: &Place) -> Value {
    let role = row.custom_role.unwrap_or(match row.role {
        Role::Owner => RoleSid::WORKSPACE_OWNER,
        Role::Participant | Role::Unknown => RoleSid::WORKSPACE_USER,
    });
    let url = format!("{}/Users/{}", place.base, row.sid);
    json!({
        "sid": row.sid,
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "identity": row.identity,
        "friendly_name": row.friendly_name,
        "attributes": row.attributes,
        "role_sid": role,
        "is_online": null,
        "is_notifiable": null,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_created),
        "url": url,
        "links": { "user_conversations": format!("{url}/Conversations") },
    })
}

/// A conversation as one of its users has it. `unread` is none when nothing was ever marked as read.
pub(super) fn user_conversation(
    user: &UserRow,
    me: &MembershipRow,
    row: &ConversationRow,
    unread: Option<u64>,
    place: &Place,
) -> Value {
    let conversation = format!("{}/Conversations/{}", place.base, row.sid);
    let level = if me.level == NotificationLevel::Muted { "muted" } else { "default" };
    json!({
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "conversation_sid": row.sid,
        "unread_messages_count": unread,
        "last_read_message_index": me.horizon,
        "participant_sid": me.participant,
        "user_sid": user.sid,
        "friendly_name": row.friendly_name,
        "unique_name": row.unique_name,
        "conversation_state": state(row.state),
        "timers": timers(row),
        "attributes": row.attributes,
        "created_by": row.created_by,
        "notification_level": level,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "url": format!("{}/Users/{}/Conversations/{}", place.base, user.sid, row.sid),
        "links": {
            "participant": me.participant.map(|sid| format!("{conversation}/Participants/{sid}")),
            "conversation": conversation,
        },
    })
}

/// A participation as the list by people has it.
pub(super) fn participant_conversation(
    user: &UserRow,
    me: &MembershipRow,
    row: &ConversationRow,
    place: &Place,
) -> Value {
    let mut body = participation(me.participant, row, place);
    (body["participant_user_sid"], body["participant_identity"]) = (json!(user.sid), json!(user.identity));
    body
}

/// The same of somebody at an address.
pub(super) fn contact_conversation(who: &NonChatRow, row: &ConversationRow, place: &Place) -> Value {
    let mut body = participation(Some(who.sid), row, place);
    body["participant_messaging_binding"] = binding(who);
    body
}

/// By what means somebody takes part.
pub(super) fn binding(who: &NonChatRow) -> Value {
    let said = (who.name.as_deref(), who.level.as_deref());
    let mut binding = binding::written((&who.address, who.proxy_address.as_deref()), said);
    binding["type"] = who.kind.as_str().into();
    binding
}

/// Who takes part is still to be said.
fn participation(participant: Option<ParticipantSid>, row: &ConversationRow, place: &Place) -> Value {
    let conversation = format!("{}/Conversations/{}", place.base, row.sid);
    json!({
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "participant_sid": participant,
        "participant_user_sid": null,
        "participant_identity": null,
        "participant_messaging_binding": null,
        "conversation_sid": row.sid,
        "conversation_unique_name": row.unique_name,
        "conversation_friendly_name": row.friendly_name,
        "conversation_attributes": row.attributes,
        "conversation_date_created": write(row.date_created),
        "conversation_date_updated": write(row.date_updated),
        "conversation_created_by": row.created_by,
        "conversation_state": state(row.state),
        "conversation_timers": timers(row),
        "links": {
            "participant": participant.map(|sid| format!("{conversation}/Participants/{sid}")),
            "conversation": conversation,
        },
    })
}

/// A role that somebody made.
pub(super) fn role(row: &RoleRow, place: &Place) -> Value {
    let held = row.permissions.names();
    written_role(row.sid, row.kind, &row.friendly_name, &held, (row.date_created, row.date_updated), place)
}

/// A role that is always there.
pub(super) fn built_in(
    (sid, kind, role, name): (RoleSid, RoleType, Role, &str),
    since: Timestamp,
    place: &Place,
) -> Value {
    let given = Permissions::of(role);
    let of_kind = Permission::ALL.iter().filter(|one| one.place() == kind && given.hold(**one));
    let held: Vec<String> = of_kind.map(|one| one.as_str().to_owned()).collect();
    written_role(sid, kind, name, &held, (since, since), place)
}

fn written_role(
    sid: RoleSid,
    kind: RoleType,
    name: &str,
    held: &[String],
    (created, updated): (Timestamp, Timestamp),
    place: &Place,
) -> Value {
    json!({
        "sid": sid,
        "account_sid": place.account,
        "chat_service_sid": place.service,
        "friendly_name": name,
        "type": if kind == RoleType::Conversation { "conversation" } else { "service" },
        "permissions": held,
        "date_created": write(created),
        "date_updated": write(updated),
        "url": format!("{}/Roles/{sid}", place.base),
    })
}
