//! `conversation.peek`: a conversation that one has not joined and may join, without its messages.

use confab_protocol::method::{ConversationParams, ConversationPeekResult};
use confab_protocol::{Answer, WireError};

use crate::command::conversation_join::is_makers;
use crate::cx::user_row;
use crate::permission::{Permission, in_workspace};
use crate::row::{ConversationRow, MembershipRow};
use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(actor: &Actor, params: &ConversationParams, read: &dyn Read) -> DomainResult<Answer> {
    let unknown = || WireError::not_found("conversation");
    let row = read.conversation(params.conversation)?.ok_or_else(unknown)?;
    let me = read.membership(actor.user, row.sid)?;
    if !me.as_ref().is_some_and(MembershipRow::is_joined) {
        may_join(actor, &row, me.as_ref(), read)?;
    }
    let conversation = view::conversation_for_all(&row)?;
    Ok(Answer::ConversationPeek(ConversationPeekResult { conversation }))
}

fn may_join(
    actor: &Actor,
    row: &ConversationRow,
    me: Option<&MembershipRow>,
    read: &dyn Read,
) -> DomainResult<()> {
    if !(row.public_join || is_makers(row, actor, me)) || row.deleted_at.is_some() {
        return Err(WireError::not_found("conversation").into());
    }
    Ok(in_workspace(read, &user_row(read, actor.user)?)?.require(Permission::JoinConversation)?)
}
