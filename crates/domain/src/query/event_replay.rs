//! `event.replay`: a stretch of a log by two of its first event, its last one, and how many (Voximplant's way).

use confab_protocol::method::{EventReplayParams, EventReplayResult};
use confab_protocol::{Answer, WireError, limits};

use super::event_range::events;
use crate::cx::member;
use crate::{Actor, DomainResult, Read};

/// Events of one answer at most.
const MOST: u64 = limits::EVENT_RANGE as u64;

pub(crate) fn answer(actor: &Actor, params: &EventReplayParams, read: &dyn Read) -> DomainResult<Answer> {
    let (from, to) = stretch(params)?;
    let member = member(read, actor.user, params.conversation)?;
    let to = to.min(member.conversation.head.last_seq);
    let events = events(read, &member, from - 1, to)?;
    Ok(Answer::EventReplay(EventReplayResult { from, to, events }))
}

/// First and last number asked for.
fn stretch(params: &EventReplayParams) -> Result<(u64, u64), WireError> {
    let (from, to) = match (params.from, params.to, params.count) {
        (Some(from), Some(to), None) => (from, to),
        (Some(from), None, Some(count)) => (from, from.saturating_add(counted(count)? - 1)),
        (None, Some(to), Some(count)) => (to.saturating_sub(counted(count)? - 1).max(1), to),
        _ => return Err(WireError::invalid("range", "two of from, to and count")),
    };
    if from == 0 || from > to {
        return Err(WireError::invalid("from", "not from 1 on, or behind the last"));
    }
    let asked = to - from + 1;
    if asked > MOST {
        return Err(WireError::too_large(
            "range",
            limits::EVENT_RANGE,
            usize::try_from(asked).unwrap_or(usize::MAX),
        ));
    }
    Ok((from, to))
}

fn counted(count: u64) -> Result<u64, WireError> {
    match count {
        0 => Err(WireError::invalid("count", "must be at least 1")),
        count if count > MOST => {
            let actual = usize::try_from(count).unwrap_or(usize::MAX);
            Err(WireError::too_large("count", limits::EVENT_RANGE, actual))
        }
        count => Ok(count),
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::EventReplayParams;
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Actor;

    type Range = (Option<u64>, Option<u64>, Option<u64>);

    fn replay(
        world: &mut World,
        by: &Actor,
        conversation: ConversationSid,
        (from, to, count): Range,
    ) -> Result<(u64, u64, Vec<u64>), ErrorCode> {
        let call = Call::EventReplay(EventReplayParams { conversation, from, to, count });
        match world.call(by, &call) {
            Ok(Answer::EventReplay(found)) => {
                Ok((found.from, found.to, found.events.iter().map(|event| event.seq).collect()))
            }
            Ok(other) => panic!("another answer: {other:?}"),
            Err(refused) => Err(refused.code),
        }
    }

    #[test]
    fn two_of_three_say_which_events() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        (0..6).for_each(|_| drop(world.say(&olga, room, "x")));
        let mut ask = |range| replay(&mut world, &olga, room, range);
        assert_eq!(ask((Some(3), Some(5), None)), Ok((3, 5, vec![3, 4, 5])));
        assert_eq!(ask((Some(7), None, Some(100))), Ok((7, 8, vec![7, 8])));
        assert_eq!(ask((None, Some(4), Some(2))), Ok((3, 4, vec![3, 4])));
        assert_eq!(ask((None, Some(2), Some(100))), Ok((1, 2, vec![1, 2])));
        assert_eq!(ask((Some(9), Some(20), None)), Ok((9, 8, vec![])));
        for range in [
            (Some(1), None, None),
            (None, None, Some(1)),
            (Some(1), Some(2), Some(2)),
            (Some(5), Some(4), None),
            (Some(0), Some(4), None),
            (Some(1), None, Some(0)),
        ] {
            assert_eq!(ask(range), Err(ErrorCode::InvalidParams), "{range:?}");
        }
        assert_eq!(ask((Some(1), Some(101), None)), Err(ErrorCode::TooLarge));
        assert_eq!(ask((None, Some(300), Some(101))), Err(ErrorCode::TooLarge));
        assert_eq!(ask((Some(u64::MAX), None, Some(2))), Ok((u64::MAX, 8, vec![])));
    }

    #[test]
    fn of_an_uber_conversation_only_what_came_while_one_was_in_it() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.uber(&olga, &[]);
        world.say(&olga, room, "before");
        world.add(&olga, room, &ana);
        world.say(&olga, room, "after");
        assert_eq!(replay(&mut world, &ana, room, (Some(1), Some(5), None)), Ok((1, 5, vec![4, 5])));
    }
}
