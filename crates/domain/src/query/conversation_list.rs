//! `conversation.list`: the conversations one is in, by last activity.

use confab_protocol::method::{ConversationListParams, ConversationListResult};
use confab_protocol::{Answer, WireError, limits};

use super::resume::workspace;
use crate::cx::user_row;
use crate::{Actor, DomainResult, Read, check, view};

pub(crate) fn answer(
    actor: &Actor,
    params: &ConversationListParams,
    read: &dyn Read,
) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    let before = match params.after.as_deref() {
        None => u64::MAX >> 1,
        Some(text) => text.parse().map_err(|_| WireError::invalid("after", "not from an answer"))?,
    };
    let mut rows = read.by_activity(actor.user, before, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|last| last.stamp.to_string());
    let mut summaries = Vec::with_capacity(rows.len());
    for row in rows {
        summaries.extend(view::summary_of(read, actor.user, row.conversation)?);
    }
    let workspace = workspace(read)?;
    Ok(Answer::ConversationList(ConversationListResult {
        epoch: workspace.epoch,
        cursor: workspace.commit,
        state_version: user_row(read, actor.user)?.state_version,
        summaries,
        next,
    }))
}
