//! Rows as they go over the wire, as far as the one who asks may see them.

use confab_protocol::model::{
    Conversation, ConversationSummary, Draft, Invite, LastMessage, Media, Message, NamedRole,
    NonChatParticipant, Participant, PushRegistration, Role, Setting, User, UserConversation,
};
use confab_protocol::{ConversationSid, RoleSid};
use serde_json::{Map, Value};

use crate::row::{
    ConversationRow, DraftRow, InviteRow, MediaRow, MembershipRow, MessageRow, NonChatRow, ParticipantRow,
    PushRow, RoleRow, SettingRow, UserRow,
};
use crate::store::{Order, Read, StoreError, StoreResult};
use crate::unread::unread;
use crate::visible::{Visible, visible};

/// The free JSON of a row.
pub(crate) fn attributes(text: &str) -> StoreResult<Value> {
    if text == "{}" {
        return Ok(Value::Object(Map::new()));
    }
    serde_json::from_str(text).map_err(|error| StoreError::Corrupt(format!("attributes: {error}")))
}

/// A conversation with the newest message that may be told of.
fn conversation_with(row: &ConversationRow, last_message: Option<LastMessage>) -> StoreResult<Conversation> {
    Ok(Conversation {
        sid: row.sid,
        friendly_name: row.friendly_name.clone(),
        unique_name: row.unique_name.clone(),
        attributes: attributes(&row.attributes)?,
        created_by: row.created_by.clone(),
        date_created: row.date_created,
        date_updated: row.date_updated,
        state: row.state,
        date_state_updated: row.state_at,
        timers: crate::timers::written(&row.timers),
        direct: row.direct,
        public_join: row.public_join,
        uber: row.uber,
        version: row.head.last_seq,
        roster_version: row.head.roster_version,
        participants_count: row.head.participants_count,
        last_message,
    })
}

/// A conversation in an event of its log. One frame goes to all participants, so that in an "uber" conversation, where
/// not all of them may see the same messages, it tells of none.
pub(crate) fn conversation_for_all(row: &ConversationRow) -> StoreResult<Conversation> {
    conversation_with(row, if row.uber { None } else { newest(row) })
}

fn newest(row: &ConversationRow) -> Option<LastMessage> {
    let date_created = row.head.last_message_at?;
    Some(LastMessage { index: row.head.next_index.checked_sub(1)?, date_created })
}

fn conversation_for(
    read: &(impl Read + ?Sized),
    row: &ConversationRow,
    seen: &Visible,
) -> StoreResult<Conversation> {
    if !row.uber {
        return conversation_with(row, newest(row));
    }
    let mut last = None;
    for part in seen.within(0..row.head.next_index).rev() {
        let found = read.messages(row.sid, part, Order::Descending, 1)?;
        if let Some(message) = found.first() {
            last = Some(LastMessage { index: message.index, date_created: message.date_created });
            break;
        }
    }
    conversation_with(row, last)
}

/// A user's own row. `conversation` may be left out when the user is not in it.
pub(crate) fn own_row(
    read: &(impl Read + ?Sized),
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> StoreResult<UserConversation> {
    Ok(UserConversation {
        conversation: me.conversation,
        status: me.status,
        participant: me.participant,
        role: me.role,
        role_sid: me.is_joined().then(|| role_sid(me.role, me.custom_role)),
        flags: me.flags,
        notification_level: me.level,
        unread: unread(read, me, conversation)?,
        last_read_event_seq: me.horizon_seq,
        peer: peer(read, me, conversation)?,
        left_name: me.left_name.clone(),
        left_at: me.left_at,
        version: me.version,
    })
}

/// With whom somebody has a direct conversation.
fn peer(
    read: &(impl Read + ?Sized),
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> StoreResult<Option<String>> {
    if !conversation.direct {
        return Ok(None);
    }
    let pair = read.participants(conversation.sid, None, 2)?;
    Ok(pair.into_iter().find(|row| row.user != me.user).map(|row| row.identity))
}

/// All that a row of the conversation list needs. Whoever left gets their own row alone.
pub(crate) fn summary(
    read: &(impl Read + ?Sized),
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> StoreResult<ConversationSummary> {
    let own = own_row(read, me, conversation)?;
    if !me.is_joined() {
        return Ok(ConversationSummary { conversation: None, me: own, last_message: None });
    }
    let seen = visible(read, Some(me), conversation)?;
    let mut last_message = None;
    for part in seen.within(0..conversation.head.next_index).rev() {
        last_message = read.last_live_message(conversation.sid, part)?;
        if last_message.is_some() {
            break;
        }
    }
    Ok(ConversationSummary {
        conversation: Some(conversation_for(read, conversation, &seen)?),
        me: own,
        last_message: last_message.as_ref().map(message).transpose()?,
    })
}

/// The summary of a conversation that the user is or was in.
pub(crate) fn summary_of(
    read: &(impl Read + ?Sized),
    user: confab_protocol::UserSid,
    conversation: ConversationSid,
) -> StoreResult<Option<ConversationSummary>> {
    let Some(me) = read.membership(user, conversation)? else { return Ok(None) };
    let Some(conversation) = read.conversation(conversation)? else { return Ok(None) };
    summary(read, &me, &conversation).map(Some)
}

/// A row of a roster.
pub(crate) fn participant(row: &ParticipantRow) -> StoreResult<Participant> {
    Ok(Participant {
        sid: row.sid,
        user: row.user,
        identity: row.identity.clone(),
        profile_version: row.profile_version,
        role: row.role,
        role_sid: Some(role_sid(row.role, row.custom_role)),
        flags: row.flags,
        attributes: attributes(&row.attributes)?,
        last_read_message_index: row.horizon,
        last_read_event_seq: row.horizon_seq,
        last_read_timestamp: row.horizon_at,
        date_created: row.date_created,
        date_updated: row.date_updated,
        status: row.status,
        version: row.version,
    })
}

/// A message.
pub(crate) fn message(row: &MessageRow) -> StoreResult<Message> {
    Ok(Message {
        sid: row.sid,
        client_id: row.client_id,
        conversation: row.conversation,
        index: row.index,
        author: row.author.clone(),
        participant: row.participant,
        kind: row.kind,
        subject: row.subject.clone(),
        body: row.body.clone(),
        attributes: attributes(&row.attributes)?,
        media: row.media.clone(),
        relates_to: row.relates_to,
        mentions: row.mentions.clone(),
        date_created: row.date_created,
        date_updated: row.date_updated,
        last_updated_by: row.last_updated_by.clone(),
        removed: row.removed,
        seq: row.seq,
        version: row.version,
    })
}

/// A file.
pub(crate) fn media(row: &MediaRow) -> Media {
    Media {
        sid: row.sid,
        file_name: row.file_name.clone(),
        content_type: row.content_type.clone(),
        sniffed_type: row.sniffed_type.clone(),
        size: row.size,
        category: row.category,
        width: row.width,
        height: row.height,
    }
}

/// A profile.
pub(crate) fn user(row: &UserRow) -> StoreResult<User> {
    Ok(User {
        sid: row.sid,
        identity: row.identity.clone(),
        friendly_name: row.friendly_name.clone(),
        attributes: attributes(&row.attributes)?,
        role: row.role,
        role_sid: Some(row.custom_role.unwrap_or(match row.role {
            Role::Owner => RoleSid::WORKSPACE_OWNER,
            Role::Participant | Role::Unknown => RoleSid::WORKSPACE_USER,
        })),
        status: row.status,
        notifiable: row.notifiable,
        deactivated: row.deactivated,
        version: row.version,
    })
}

/// The role of a participant by its identifier.
fn role_sid(role: Role, custom: Option<RoleSid>) -> RoleSid {
    custom.unwrap_or(match role {
        Role::Owner => RoleSid::OWNER,
        Role::Participant | Role::Unknown => RoleSid::PARTICIPANT,
    })
}

/// A role.
pub(crate) fn role(row: &RoleRow) -> NamedRole {
    NamedRole {
        sid: row.sid,
        kind: row.kind,
        friendly_name: row.friendly_name.clone(),
        permissions: row.permissions.names(),
        built_in: false,
    }
}

/// A record of somebody who takes part by other means.
pub(crate) fn non_chat(row: &NonChatRow) -> StoreResult<NonChatParticipant> {
    Ok(NonChatParticipant {
        sid: row.sid,
        kind: row.kind.clone(),
        address: row.address.clone(),
        proxy_address: row.proxy_address.clone(),
        name: row.name.clone(),
        level: row.level.clone(),
        attributes: attributes(&row.attributes)?,
        date_created: row.date_created,
        date_updated: row.date_updated,
    })
}

/// What a device has registered for.
pub(crate) fn push(row: &PushRow) -> PushRegistration {
    PushRegistration { kind: row.kind.clone(), events: row.events.clone() }
}

/// A draft.
pub(crate) fn draft(row: &DraftRow) -> Draft {
    Draft { conversation: row.conversation, body: row.body.clone(), version: row.version }
}

/// A setting.
pub(crate) fn setting(row: &SettingRow) -> StoreResult<Setting> {
    let value = row.value.as_deref().map_or(Ok(Value::Null), attributes)?;
    Ok(Setting { key: row.key.clone(), value, version: row.version })
}

/// An invite without its secret.
pub(crate) fn invite(row: &InviteRow) -> Invite {
    Invite { sid: row.sid, expires_at: row.expires_at, max_uses: row.max_uses, uses: row.uses }
}
