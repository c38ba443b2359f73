//! What the names in an address stand for. Whoever has a key sees everything; what was deleted is nowhere.

use confab_domain::name::identity_key;
use confab_domain::row::{ConversationRow, MembershipRow, MessageRow, ParticipantRow, UserRow};
use confab_domain::{DomainResult, Read};
use confab_protocol::model::MembershipStatus;
use confab_protocol::{ConversationSid, MessageSid, ParticipantSid, WireError};

use super::fields::user_or_identity;

/// A conversation by identifier or unique name.
pub(super) fn conversation(name: &str, read: &dyn Read) -> DomainResult<ConversationRow> {
    let row = match name.parse() {
        Ok(sid) => read.conversation(sid)?,
        Err(_) => read.conversation_by_unique_name(name.trim())?,
    };
    Ok(row.filter(|row| row.deleted_at.is_none()).ok_or_else(|| WireError::not_found("conversation"))?)
}

/// A message of a conversation.
pub(super) fn message(
    conversation: ConversationSid,
    name: &str,
    read: &dyn Read,
) -> DomainResult<MessageRow> {
    let row = match name.parse::<MessageSid>() {
        Ok(sid) => read.message(sid)?,
        Err(_) => None,
    };
    let row = row.filter(|row| row.conversation == conversation && !row.removed);
    Ok(row.ok_or_else(|| WireError::not_found("message"))?)
}

/// A participant by identifier or identity.
pub(super) fn participant(
    conversation: ConversationSid,
    name: &str,
    read: &dyn Read,
) -> DomainResult<ParticipantRow> {
    let sid = match name.parse::<ParticipantSid>() {
        Ok(sid) => Some(sid),
        Err(_) => match read.user_by_key(&identity_key(name))? {
            Some(user) => read.membership(user.sid, conversation)?.and_then(|row| row.participant),
            None => None,
        },
    };
    let row = match sid {
        Some(sid) => read.participant(conversation, sid)?,
        None => None,
    };
    let present = row.filter(|row| row.status == MembershipStatus::Joined);
    Ok(present.ok_or_else(|| WireError::not_found("participant"))?)
}

/// A user by identifier or identity.
pub(super) fn user(name: &str, read: &dyn Read) -> DomainResult<UserRow> {
    let row = match user_or_identity(name) {
        Ok(sid) => read.user(sid)?,
        Err(identity) => read.user_by_key(&identity_key(identity))?,
    };
    Ok(row.filter(|row| !row.deactivated).ok_or_else(|| WireError::not_found("user"))?)
}

/// The own row of a user for a conversation that they are in.
pub(super) fn membership(
    user: &UserRow,
    conversation: ConversationSid,
    read: &dyn Read,
) -> DomainResult<MembershipRow> {
    let row = read.membership(user.sid, conversation)?.filter(MembershipRow::is_joined);
    Ok(row.ok_or_else(|| WireError::not_found("conversation"))?)
}
