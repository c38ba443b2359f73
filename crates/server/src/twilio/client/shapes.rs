//! Resources as the client's requests are answered with them.

use confab_protocol::model::{
    Conversation, Message, NonChatParticipant, Participant, User, UserConversation,
};
use serde_json::{Value, json};

use super::Caller;
use crate::twilio::binding;
use crate::twilio::dates::exact;
use crate::twilio::sids::Object;
use crate::twilio::sync::{level, state};

/// A conversation, with the user's own row when they are in it.
pub(super) fn conversation(caller: &Caller, row: &Conversation, me: Option<&UserConversation>) -> Value {
    let sid = row.sid;
    let url = caller.url(&format!("Conversations/{sid}"));
    let unread = me.filter(|me| me.unread.horizon.is_some()).map(|me| me.unread.unread);
    json!({
        "sid": sid,
        "conversation_sid": sid,
        "friendly_name": row.friendly_name,
        "unique_name": row.unique_name,
        "attributes": row.attributes.to_string(),
        "created_by": row.created_by,
        "date_created": exact(row.date_created),
        "date_updated": exact(row.date_updated),
        "state": state(row.state),
        "status": if me.is_some() { "joined" } else { "notParticipating" },
        "last_read_message_index": me.and_then(|me| me.unread.horizon),
        "notification_level": me.map(|me| level(me.notification_level)),
        "unread_messages_count": unread,
        "participants_count": row.participants_count,
        "url": url,
        "links": { "messages": format!("{url}/Messages"), "participants": format!("{url}/Participants") },
        "sync_objects": {
            "conversation": Object::Conversation(sid).unique_name(),
            "messages": Object::Messages(sid).unique_name(),
            "participants": Object::Roster(sid).unique_name(),
        },
    })
}

/// A message.
pub(super) fn message(caller: &Caller, row: &Message) -> Value {
    let url = caller.url(&format!("Conversations/{}/Messages/{}", row.conversation, row.sid));
    json!({
        "sid": row.sid,
        "index": row.index,
        "body": row.body,
        "author": row.author,
        "participant_sid": row.participant,
        "attributes": row.attributes.to_string(),
        "subject": row.subject,
        "date_created": exact(row.date_created),
        "date_updated": exact(row.date_updated),
        "conversation_sid": row.conversation,
        "url": url,
        "links": { "receipts": format!("{url}/Receipts") },
    })
}

/// A participant.
pub(super) fn participant(
    caller: &Caller,
    conversation: confab_protocol::ConversationSid,
    row: &Participant,
) -> Value {
    let url = caller.url(&format!("Conversations/{conversation}/Participants/{}", row.sid));
    json!({
        "sid": row.sid,
        "identity": row.identity,
        "attributes": row.attributes.to_string(),
        "conversation_sid": conversation,
        "role_sid": row.role_sid,
        "date_created": exact(row.date_created),
        "date_updated": exact(row.date_updated),
        "messaging_binding": null,
        "url": url,
        "links": {},
    })
}

/// A participant by other means than this workspace.
pub(super) fn contact(
    caller: &Caller,
    conversation: confab_protocol::ConversationSid,
    row: &NonChatParticipant,
) -> Value {
    let said = (row.name.as_deref(), row.level.as_deref());
    let mut binding = binding::written((&row.address, row.proxy_address.as_deref()), said);
    binding["type"] = row.kind.as_str().into();
    json!({
        "sid": row.sid,
        "identity": null,
        "attributes": row.attributes.to_string(),
        "conversation_sid": conversation,
        "role_sid": null,
        "date_created": exact(row.date_created),
        "date_updated": exact(row.date_updated),
        "messaging_binding": binding,
        "url": caller.url(&format!("Conversations/{conversation}/Participants/{}", row.sid)),
        "links": {},
    })
}

/// A user.
pub(super) fn user(caller: &Caller, row: &User) -> Value {
    json!({
        "sid": row.sid,
        "identity": row.identity,
        "friendly_name": row.friendly_name,
        "attributes": row.attributes.to_string(),
        "role_sid": row.role_sid,
        "url": caller.url(&format!("Users/{}", super::users::encoded(&row.identity))),
        "sync_objects": { "user_info_map": Object::User(row.sid).unique_name() },
    })
}
