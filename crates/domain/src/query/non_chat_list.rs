//! `participant.list_non_chat`: those who take part by other means.

use confab_protocol::method::{ConversationParams, NonChatListResult};
use confab_protocol::{Answer, limits};

use crate::cx::member;
use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(actor: &Actor, params: &ConversationParams, read: &dyn Read) -> DomainResult<Answer> {
    let as_of = member(read, actor.user, params.conversation)?.conversation.head.last_seq;
    let rows = read.non_chat(params.conversation, limits::NON_CHAT_PARTICIPANTS)?;
    let participants = rows.iter().map(view::non_chat).collect::<Result<_, _>>()?;
    Ok(Answer::NonChatList(NonChatListResult { as_of, participants }))
}
