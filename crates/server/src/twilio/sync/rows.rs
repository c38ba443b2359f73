//! What Sync objects hold, in the words of the client.

use confab_domain::row::{MembershipRow, NonChatRow};
use confab_protocol::model::{
    Conversation, ConversationState, Media, MediaCategory, MembershipStatus, Message, NotificationLevel,
    Participant,
};
use serde_json::{Value, json};

use crate::twilio::binding;
use crate::twilio::dates::exact;
use crate::twilio::sids::Object;

/// A conversation that the user is in.
pub(super) fn own(row: &MembershipRow) -> Value {
    let sid = row.conversation;
    json!({
        "channel": Object::Conversation(sid).unique_name(),
        "messages": Object::Messages(sid).unique_name(),
        "roster": Object::Roster(sid).unique_name(),
        "status": if row.is_joined() { "joined" } else { "notParticipating" },
        "notificationLevel": level(row.level),
        "lastConsumedMessageIndex": row.horizon,
    })
}

/// A notification level.
pub(in crate::twilio) fn level(level: NotificationLevel) -> &'static str {
    match level {
        NotificationLevel::Muted => "muted",
        NotificationLevel::Default | NotificationLevel::Unknown => "default",
    }
}

/// A conversation, without anything that is one user's own.
pub(super) fn conversation(row: &Conversation) -> Value {
    let last =
        row.last_message.map(|last| json!({ "index": last.index, "timestamp": exact(last.date_created) }));
    json!({
        "sid": row.sid,
        "friendlyName": row.friendly_name,
        "uniqueName": row.unique_name,
        "attributes": row.attributes.to_string(),
        "createdBy": row.created_by,
        "dateCreated": exact(row.date_created),
        "dateUpdated": exact(row.date_updated),
        "lastMessage": last,
        "state": { "current": state(row.state), "dateUpdated": exact(row.date_state_updated) },
        "bindings": {},
        "messages": Object::Messages(row.sid).unique_name(),
        "roster": Object::Roster(row.sid).unique_name(),
    })
}

/// A state of a conversation.
pub(in crate::twilio) fn state(state: ConversationState) -> &'static str {
    match state {
        ConversationState::Active | ConversationState::Unknown => "active",
        ConversationState::Inactive => "inactive",
        ConversationState::Closed => "closed",
    }
}

/// A message.
pub(super) fn message(row: &Message) -> Value {
    json!({
        "sid": row.sid,
        "text": row.body,
        "type": if row.media.is_empty() { "text" } else { "media" },
        "author": row.author,
        "memberSid": row.participant,
        "attributes": row.attributes.to_string(),
        "subject": row.subject,
        "timestamp": exact(row.date_created),
        "dateUpdated": exact(row.date_updated),
        "lastUpdatedBy": row.last_updated_by,
        "medias": row.media.iter().map(media).collect::<Vec<_>>(),
    })
}

fn media(file: &Media) -> Value {
    json!({
        "sid": file.sid,
        "category": category(file.category),
        "filename": file.file_name,
        "contentType": file.content_type,
        "size": file.size,
    })
}

/// What a file is to its message.
pub(in crate::twilio) fn category(category: MediaCategory) -> &'static str {
    match category {
        MediaCategory::Media | MediaCategory::Unknown => "media",
        MediaCategory::Body => "body",
        MediaCategory::History => "history",
    }
}

/// A participant.
pub(super) fn participant(row: &Participant) -> Value {
    json!({
        "identity": row.identity,
        "type": "chat",
        "roleSid": row.role_sid,
        "attributes": row.attributes.to_string(),
        "dateCreated": exact(row.date_created),
        "dateUpdated": exact(row.date_updated),
        "lastConsumedMessageIndex": row.last_read_message_index,
        "lastConsumptionTimestamp": row.last_read_timestamp.map(exact),
        "userInfo": Object::User(row.user).unique_name(),
        "bindings": {},
    })
}

/// A participant by other means than this workspace.
pub(super) fn by_other_means(row: &NonChatRow) -> Value {
    let mut bindings = json!({});
    if !row.removed {
        let said = (row.name.as_deref(), row.level.as_deref());
        bindings[&row.kind] = binding::written((&row.address, row.proxy_address.as_deref()), said);
    }
    json!({
        "identity": null,
        "type": row.kind,
        "roleSid": null,
        "attributes": row.attributes,
        "dateCreated": exact(row.date_created),
        "dateUpdated": exact(row.date_updated),
        "lastConsumedMessageIndex": null,
        "lastConsumptionTimestamp": null,
        "userInfo": null,
        "bindings": bindings,
    })
}

/// Whether a row of a roster is of somebody who is in the conversation.
pub(super) fn is_in(row: &Participant) -> bool {
    row.status != MembershipStatus::NotParticipating
}
