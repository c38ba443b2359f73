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

#[cfg(test)]
mod tests {
    use confab_protocol::method::UnreadGetParams;
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;

    #[test]
    fn counts_come_for_what_one_is_in_alone() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let (one, two) = (world.conversation(&olga, &[&ana]), world.conversation(&olga, &[]));
        world.say(&olga, one, "hello");
        let call = Call::UnreadGet(UnreadGetParams { conversations: vec![two, one] });
        let Ok(Answer::UnreadGet(found)) = world.call(&ana, &call) else { panic!("no counts") };
        assert_eq!(found.rows.len(), 1);
        assert_eq!((found.rows[0].conversation, found.rows[0].unread.unread), (one, 1));
        let many = Call::UnreadGet(UnreadGetParams { conversations: vec![one; 51] });
        assert_eq!(world.refused(&ana, &many).code, ErrorCode::TooLarge);
    }
}
