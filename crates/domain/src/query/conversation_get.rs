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

#[cfg(test)]
mod tests {
    use confab_protocol::method::{ConversationGetParams, ConversationUpdateParams};
    use confab_protocol::{Call, ErrorCode};
    use confab_testkit::World;

    #[test]
    fn a_unique_name_stands_only_for_what_one_is_in() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let rename = Call::ConversationUpdate(ConversationUpdateParams {
            unique_name: Some(Some("plans".into())),
            ..ConversationUpdateParams::new(world.client_id(), room)
        });
        world.events(&olga, &rename);
        let by_name = Call::ConversationGet(ConversationGetParams {
            conversation: None,
            unique_name: Some("plans".into()),
        });
        assert!(world.call(&ana, &by_name).is_ok());
        world.remove(&ana, room, &ana);
        assert_eq!(world.refused(&ana, &by_name).code, ErrorCode::NotFound);
        assert_eq!(world.summary(&ana, room).me.left_name.as_deref(), Some("Plans"));
        let neither = Call::ConversationGet(ConversationGetParams::default());
        assert_eq!(world.refused(&ana, &neither).code, ErrorCode::InvalidParams);
    }

    #[test]
    fn in_an_uber_conversation_the_last_message_is_the_last_one_seen() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.uber(&olga, &[]);
        world.say(&olga, room, "before");
        world.add(&olga, room, &ana);
        let summary = world.summary(&ana, room);
        assert_eq!(summary.last_message, None);
        assert_eq!(summary.conversation.and_then(|found| found.last_message), None);
        world.say(&olga, room, "after");
        let summary = world.summary(&ana, room);
        assert_eq!(summary.conversation.and_then(|found| found.last_message).map(|last| last.index), Some(1));
    }
}
