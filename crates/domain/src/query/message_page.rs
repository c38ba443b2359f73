//! `message.page`: messages around a place, in either direction, across what may not be seen.

use std::ops::Range;

use confab_protocol::method::{Direction, MessagePageParams, MessagePageResult};
use confab_protocol::{Answer, ConversationSid, limits};

use crate::cx::member;
use crate::row::MessageRow;
use crate::store::{Order, StoreResult};
use crate::visible::{Visible, visible};
use crate::{Actor, DomainResult, Read, check, view};

/// Messages of a page when nothing was asked (Twilio's figure).
const PAGE: usize = 30;

pub(crate) fn answer(actor: &Actor, params: &MessagePageParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, PAGE, limits::MESSAGE_PAGE)?;
    let member = member(read, actor.user, params.conversation)?;
    let seen = visible(read, Some(&member.me), &member.conversation)?;
    let end = member.conversation.head.next_index;
    let shelf = Shelf { read, conversation: params.conversation, seen };
    let (range, order) = match params.direction {
        Direction::Backwards => {
            (0..params.anchor.map_or(end, |anchor| anchor.saturating_add(1)).min(end), Order::Descending)
        }
        Direction::Forward => (params.anchor.unwrap_or(0).min(end)..end, Order::Ascending),
    };
    let mut rows = shelf.take(range.clone(), order, limit)?;
    if order == Order::Descending {
        rows.reverse();
    }
    let (has_older, has_newer) = match (rows.first(), rows.last()) {
        (Some(first), Some(last)) => (shelf.any(0..first.index)?, shelf.any(last.index + 1..end)?),
        _ => (shelf.any(0..range.start)?, shelf.any(range.end..end)?),
    };
    let messages = rows.iter().map(view::message).collect::<Result<_, _>>()?;
    let as_of = member.conversation.head.last_seq;
    Ok(Answer::MessagePage(MessagePageResult { as_of, messages, has_older, has_newer }))
}

/// The messages of a conversation that one person may see.
struct Shelf<'a> {
    read: &'a dyn Read,
    conversation: ConversationSid,
    seen: Visible,
}

impl Shelf<'_> {
    fn take(&self, indexes: Range<u64>, order: Order, limit: usize) -> StoreResult<Vec<MessageRow>> {
        let mut parts: Vec<Range<u64>> = self.seen.within(indexes).collect();
        if order == Order::Descending {
            parts.reverse();
        }
        let mut rows = Vec::new();
        for part in parts {
            rows.extend(self.read.messages(self.conversation, part, order, limit - rows.len())?);
            if rows.len() == limit {
                break;
            }
        }
        Ok(rows)
    }

    fn any(&self, indexes: Range<u64>) -> StoreResult<bool> {
        Ok(!self.take(indexes, Order::Ascending, 1)?.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{Direction, MessagePageParams, MessagePageResult};
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Actor;

    fn page(world: &mut World, by: &Actor, params: &MessagePageParams) -> MessagePageResult {
        match world.call(by, &Call::MessagePage(params.clone())) {
            Ok(Answer::MessagePage(result)) => result,
            other => panic!("no page: {other:?}"),
        }
    }

    fn shape(page: &MessagePageResult) -> (Vec<u64>, bool, bool) {
        (page.messages.iter().map(|message| message.index).collect(), page.has_older, page.has_newer)
    }

    #[test]
    fn pages_go_both_ways_from_an_anchor_and_are_ascending() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let conversation = world.conversation(&olga, &[]);
        for number in 0..8 {
            world.say(&olga, conversation, &number.to_string());
        }
        for (anchor, direction, limit, expected) in [
            (None, Direction::Backwards, 3, (vec![5, 6, 7], true, false)),
            (Some(4), Direction::Backwards, 3, (vec![2, 3, 4], true, true)),
            (Some(1), Direction::Backwards, 3, (vec![0, 1], false, true)),
            (Some(99), Direction::Backwards, 2, (vec![6, 7], true, false)),
            (None, Direction::Forward, 3, (vec![0, 1, 2], false, true)),
            (Some(6), Direction::Forward, 3, (vec![6, 7], true, false)),
            (Some(8), Direction::Forward, 3, (vec![], true, false)),
        ] {
            let limit = Some(limit);
            let found =
                page(&mut world, &olga, &MessagePageParams { conversation, anchor, direction, limit });
            assert_eq!(shape(&found), expected, "{anchor:?} {direction:?}");
            assert_eq!(found.as_of, 10);
        }
        let params =
            MessagePageParams { conversation, anchor: None, direction: Direction::Forward, limit: Some(101) };
        assert_eq!(world.refused(&olga, &Call::MessagePage(params)).code, ErrorCode::TooLarge);
    }

    #[test]
    fn in_an_uber_conversation_pages_leap_over_what_was_missed() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let conversation = world.uber(&olga, &[]);
        let say =
            |world: &mut World, number: u64| world.say(&olga.clone(), conversation, &number.to_string());
        (0..2).for_each(|number| drop(say(&mut world, number)));
        world.add(&olga, conversation, &ana);
        (2..4).for_each(|number| drop(say(&mut world, number)));
        world.remove(&ana, conversation, &ana);
        (4..6).for_each(|number| drop(say(&mut world, number)));
        world.add(&olga, conversation, &ana);
        (6..8).for_each(|number| drop(say(&mut world, number)));
        for (anchor, direction, limit, expected) in [
            (None, Direction::Backwards, 3, (vec![3, 6, 7], true, false)),
            (Some(5), Direction::Backwards, 9, (vec![2, 3], false, true)),
            (Some(4), Direction::Forward, 1, (vec![6], true, true)),
            (None, Direction::Forward, 9, (vec![2, 3, 6, 7], false, false)),
            (Some(1), Direction::Backwards, 9, (vec![], false, true)),
        ] {
            let limit = Some(limit);
            let found = page(&mut world, &ana, &MessagePageParams { conversation, anchor, direction, limit });
            assert_eq!(shape(&found), expected, "{anchor:?} {direction:?}");
        }
    }
}
