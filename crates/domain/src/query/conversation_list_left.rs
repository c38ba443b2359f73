//! `conversation.list_left`: what one keeps of conversations that one has left.

use confab_protocol::method::{ConversationListLeftResult, ConversationPageParams};
use confab_protocol::{Answer, limits};

use crate::{Actor, DomainResult, Read, StoreError, check, view};

pub(crate) fn answer(
    actor: &Actor,
    params: &ConversationPageParams,
    read: &dyn Read,
) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    let mut rows = read.left(actor.user, params.after, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let mut left = Vec::with_capacity(rows.len());
    for me in rows {
        let conversation = read.conversation(me.conversation)?;
        let conversation = conversation
            .ok_or_else(|| StoreError::Corrupt(format!("no conversation {}", me.conversation)))?;
        left.push(view::own_row(read, &me, &conversation)?);
    }
    Ok(Answer::ConversationListLeft(ConversationListLeftResult { left, more }))
}
