//! `conversation.counts`: how many messages one may see, and how many participants there are.

use confab_protocol::Answer;
use confab_protocol::method::{ConversationCountsResult, ConversationParams};

use crate::cx::member;
use crate::unread::live;
use crate::{Actor, DomainResult, Read};

pub(crate) fn answer(actor: &Actor, params: &ConversationParams, read: &dyn Read) -> DomainResult<Answer> {
    let member = member(read, actor.user, params.conversation)?;
    let messages = live(read, &member.me, &member.conversation)?;
    let head = &member.conversation.head;
    let (as_of, participants) = (head.last_seq, head.participants_count);
    Ok(Answer::ConversationCounts(ConversationCountsResult { as_of, messages, participants }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{ConversationCountsResult, ConversationParams};
    use confab_protocol::{Answer, Call, ConversationSid};
    use confab_testkit::World;
    use confab_testkit::domain::Actor;

    fn counts(world: &mut World, by: &Actor, conversation: ConversationSid) -> ConversationCountsResult {
        match world.call(by, &Call::ConversationCounts(ConversationParams { conversation })) {
            Ok(Answer::ConversationCounts(result)) => result,
            other => panic!("no counts: {other:?}"),
        }
    }

    #[test]
    fn live_messages_are_counted_and_of_an_uber_conversation_those_that_one_may_see() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let (room, uber) = (world.conversation(&olga, &[]), world.uber(&olga, &[]));
        for room in [room, uber] {
            (0..300).for_each(|_| drop(world.say(&olga, room, "before")));
            world.add(&olga, room, &ana);
            let gone = world.say(&olga, room, "gone");
            world.say(&olga, room, "after");
            let erase = world.erasing(&gone);
            world.events(&olga, &erase);
        }
        let found = counts(&mut world, &ana, room);
        assert_eq!((found.messages, found.participants, found.as_of), (301, 2, 306));
        assert_eq!(counts(&mut world, &ana, uber).messages, 1);
        assert_eq!(counts(&mut world, &olga, uber).messages, 301);
    }
}
