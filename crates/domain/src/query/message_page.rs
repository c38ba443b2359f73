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
