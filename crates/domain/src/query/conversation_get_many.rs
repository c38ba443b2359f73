//! `conversation.get_many`: conversations by SID, those that one never was in left out.

use confab_protocol::method::{ConversationGetManyParams, ConversationGetManyResult};
use confab_protocol::{Answer, WireError, limits};

use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(
    actor: &Actor,
    params: &ConversationGetManyParams,
    read: &dyn Read,
) -> DomainResult<Answer> {
    let asked = params.conversations.len();
    if asked > limits::CONVERSATION_BATCH {
        return Err(WireError::too_large("conversations", limits::CONVERSATION_BATCH, asked).into());
    }
    let mut summaries = Vec::with_capacity(asked);
    for &sid in &params.conversations {
        summaries.extend(view::summary_of(read, actor.user, sid)?);
    }
    Ok(Answer::ConversationGetMany(ConversationGetManyResult { summaries }))
}
