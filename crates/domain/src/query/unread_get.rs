//! `unread.get`: exact counts now.

use confab_protocol::method::{UnreadGetParams, UnreadGetResult, UnreadRow};
use confab_protocol::{Answer, WireError, limits};

use crate::row::MembershipRow;
use crate::unread::unread;
use crate::{Actor, DomainResult, Read};

pub(crate) fn answer(actor: &Actor, params: &UnreadGetParams, read: &dyn Read) -> DomainResult<Answer> {
    let asked = params.conversations.len();
    if asked > limits::CONVERSATION_PAGE {
        return Err(WireError::too_large("conversations", limits::CONVERSATION_PAGE, asked).into());
    }
    let mut rows = Vec::with_capacity(asked);
    for &sid in &params.conversations {
        let me = read.membership(actor.user, sid)?.filter(MembershipRow::is_joined);
        if let (Some(me), Some(conversation)) = (me, read.conversation(sid)?) {
            rows.push(UnreadRow { conversation: sid, unread: unread(read, &me, &conversation)? });
        }
    }
    Ok(Answer::UnreadGet(UnreadGetResult { rows }))
}
