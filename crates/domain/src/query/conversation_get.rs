//! `conversation.get`: one conversation by SID or unique name.

use confab_protocol::method::{ConversationGetParams, ConversationResult};
use confab_protocol::{Answer, WireError};

use crate::row::{ConversationRow, MembershipRow};
use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(actor: &Actor, params: &ConversationGetParams, read: &dyn Read) -> DomainResult<Answer> {
    let found = match (params.conversation, params.unique_name.as_deref()) {
        (Some(sid), None) => read.conversation(sid)?,
        (None, Some(name)) => read.conversation_by_unique_name(name.trim())?,
        _ => return Err(WireError::invalid("conversation", "name either SID or unique name").into()),
    };
    let (conversation, me) =
        known(actor, params, found, read)?.ok_or_else(|| WireError::not_found("conversation"))?;
    let summary = view::summary(read, &me, &conversation)?;
    Ok(Answer::ConversationGet(ConversationResult { summary }))
}

/// The conversation when the user is in it, or was and asks by SID. A unique name may have been given since they left: to
/// them it stands for nothing.
fn known(
    actor: &Actor,
    params: &ConversationGetParams,
    found: Option<ConversationRow>,
    read: &dyn Read,
) -> DomainResult<Option<(ConversationRow, MembershipRow)>> {
    let Some(conversation) = found else { return Ok(None) };
    let me = read.membership(actor.user, conversation.sid)?;
    let me = me.filter(|me| me.is_joined() || params.conversation.is_some());
    Ok(me.map(|me| (conversation, me)))
}
