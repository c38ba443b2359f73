//! `conversation.list_public`: the directory of conversations that let anybody in.

use confab_protocol::method::{ConversationListPublicResult, ConversationPageParams};
use confab_protocol::{Answer, limits};

use crate::cx::user_row;
use crate::permission::{Permission, in_workspace};
use crate::{Actor, DomainResult, Read, check, view};

pub(crate) fn answer(
    actor: &Actor,
    params: &ConversationPageParams,
    read: &dyn Read,
) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    in_workspace(read, &user_row(read, actor.user)?)?.require(Permission::JoinConversation)?;
    let mut rows = read.public_conversations(params.after, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let conversations = rows.iter().map(view::conversation_for_all).collect::<Result<_, _>>()?;
    Ok(Answer::ConversationListPublic(ConversationListPublicResult { conversations, more }))
}
