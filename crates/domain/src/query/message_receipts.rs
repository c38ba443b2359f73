//! `message.receipts`: how far a message has come. Of users it follows from read horizons: nothing is kept for each message and
//! reader. Of those who take part by other means it was reported.

use std::collections::BTreeSet;

use confab_protocol::method::{MessageReceiptsParams, MessageReceiptsResult};
use confab_protocol::model::{DeliveryStatus, DetailedReceipt};
use confab_protocol::{Answer, ErrorCode, UserSid, WireError, derived, limits};

use crate::cx::{Member, member};
use crate::row::{MessageRow, ParticipantRow};
use crate::store::{Readers, StoreResult};
use crate::visible::visible;
use crate::{Actor, DomainResult, Read, check, receipts};

/// How many people may have seen one message of an "uber" conversation: more than may be in it.
const WITNESSES: usize = 10_000;

pub(crate) fn answer(actor: &Actor, params: &MessageReceiptsParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::PARTICIPANT_PAGE, limits::PARTICIPANT_PAGE)?;
    let member = member(read, actor.user, params.conversation)?;
    let message = find(read, &member, params)?;
    let audience = Audience::of(read, &member, &message)?;
    let mut rows = read.participants(params.conversation, params.after, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = rows.last().filter(|_| more).map(|row| row.sid);
    let whom = rows.iter().filter(|row| audience.holds(row.user));
    let whom = whom.map(|row| receipt(row, &message));
    let copies = receipts::copies(read, &message)?;
    let (total, readers) = audience.readers(read, &member, &message)?;
    let aggregated = receipts::sum(total, readers, &copies);
    let outside = if params.after.is_none() { copies } else { Vec::new() };
    let receipts = outside.into_iter().chain(whom).collect();
    Ok(Answer::MessageReceipts(MessageReceiptsResult { aggregated, receipts, next }))
}

/// The message, if it stands in this conversation and may be seen.
fn find(read: &dyn Read, member: &Member, params: &MessageReceiptsParams) -> DomainResult<MessageRow> {
    let seen = visible(read, Some(&member.me), &member.conversation)?;
    let found = read.message(params.message)?;
    let found =
        found.filter(|row| row.conversation == member.conversation.sid && seen.holds_index(row.index));
    let found = found.ok_or_else(|| WireError::not_found("message"))?;
    if found.removed { Err(ErrorCode::MessageRemoved.into()) } else { Ok(found) }
}

fn has_read(row: &ParticipantRow, message: &MessageRow) -> bool {
    row.horizon.is_some_and(|horizon| horizon >= message.index)
}

fn receipt(row: &ParticipantRow, message: &MessageRow) -> DetailedReceipt {
    let read = has_read(row, message);
    DetailedReceipt {
        sid: derived::receipt(message.sid, row.sid),
        participant: row.sid,
        identity: Some(row.identity.clone()),
        status: if read { DeliveryStatus::Read } else { DeliveryStatus::Sent },
        channel_message_sid: None,
        error_code: 0,
        channel_metadata: None,
        date_created: message.date_created,
        date_updated: row.horizon_at.filter(|_| read).unwrap_or(message.date_created),
    }
}

/// Whom a message is for.
struct Audience {
    author: UserSid,
    /// Of an "uber" conversation: those who were in it when the message was posted. None: all who are in it.
    witnesses: Option<BTreeSet<UserSid>>,
}

impl Audience {
    fn of(read: &dyn Read, member: &Member, message: &MessageRow) -> StoreResult<Self> {
        let conversation = &member.conversation;
        let witnesses = if conversation.uber {
            Some(read.witnesses(conversation.sid, message.index, WITNESSES)?.into_iter().collect())
        } else {
            None
        };
        Ok(Self { author: message.user, witnesses })
    }

    fn holds(&self, user: UserSid) -> bool {
        let may_see = self.witnesses.as_ref().is_none_or(|there| there.contains(&user));
        user != self.author && may_see
    }

    /// How many users it is for, and who of them has read it.
    fn readers(&self, read: &dyn Read, member: &Member, message: &MessageRow) -> StoreResult<(u64, Readers)> {
        match &self.witnesses {
            None => self.of_all(read, member, message),
            Some(there) => self.of_witnesses(read, there, message),
        }
    }

    fn of_all(&self, read: &dyn Read, member: &Member, message: &MessageRow) -> StoreResult<(u64, Readers)> {
        let sid = member.conversation.sid;
        let author = read.membership(self.author, sid)?.is_some_and(|row| row.is_joined());
        let total = member.conversation.head.participants_count.saturating_sub(u64::from(author));
        Ok((total, read.readers(sid, message.index, self.author)?))
    }

    fn of_witnesses(
        &self,
        read: &dyn Read,
        there: &BTreeSet<UserSid>,
        message: &MessageRow,
    ) -> StoreResult<(u64, Readers)> {
        let (mut total, mut readers) = (0, Readers::default());
        for user in there.iter().filter(|user| **user != self.author) {
            let Some(row) = read.membership(*user, message.conversation)? else { continue };
            total += 1;
            let has_read = row.horizon.is_some_and(|horizon| horizon >= message.index);
            readers.some |= has_read;
            readers.not_all |= !has_read;
        }
        Ok((total, readers))
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{HorizonMode, MessageReceiptsParams, MessageReceiptsResult};
    use confab_protocol::model::{DeliveryAmount, DeliveryStatus, Message};
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Actor;

    fn receipts(world: &mut World, by: &Actor, message: &Message, limit: u32) -> MessageReceiptsResult {
        let (conversation, sid) = (message.conversation, message.sid);
        let params = MessageReceiptsParams { conversation, message: sid, after: None, limit: Some(limit) };
        match world.call(by, &Call::MessageReceipts(params)) {
            Ok(Answer::MessageReceipts(found)) => found,
            other => panic!("no receipts: {other:?}"),
        }
    }

    fn read(world: &mut World, by: &Actor, message: &Message) {
        let call = world.reading(by, message.conversation, Some(message.index), HorizonMode::Advance);
        world.events(by, &call);
    }

    #[test]
    fn they_follow_from_the_horizons_of_all_but_the_author() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana, &bo]);
        let first = world.say(&olga, room, "first");
        let message = world.say(&olga, room, "second");
        read(&mut world, &olga, &message);
        let found = receipts(&mut world, &olga, &message, 9).aggregated;
        assert_eq!((found.total, found.sent, found.read), (2, DeliveryAmount::All, DeliveryAmount::None));
        read(&mut world, &ana, &first);
        read(&mut world, &bo, &message);
        let found = receipts(&mut world, &olga, &message, 9);
        assert_eq!(found.aggregated.read, DeliveryAmount::Some);
        let mut statuses: Vec<_> = found
            .receipts
            .iter()
            .map(|row| (row.identity.as_deref().unwrap_or_default(), row.status))
            .collect();
        statuses.sort_by_key(|row| row.0);
        assert_eq!(statuses, [("Ana", DeliveryStatus::Sent), ("Bo", DeliveryStatus::Read)]);
        assert_eq!(receipts(&mut world, &olga, &first, 9).aggregated.read, DeliveryAmount::All);
        let page = receipts(&mut world, &olga, &message, 1);
        assert!(page.next.is_some() && page.receipts.len() <= 1);
        // Whoever has left counts no more, nor does an author who has.
        world.remove(&ana, room, &ana);
        assert_eq!(receipts(&mut world, &bo, &message, 9).aggregated.read, DeliveryAmount::All);
        world.remove(&olga, room, &olga);
        let found = receipts(&mut world, &bo, &message, 9).aggregated;
        assert_eq!((found.total, found.read), (1, DeliveryAmount::All));
    }

    #[test]
    fn of_an_uber_conversation_it_is_for_those_who_were_there() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.uber(&olga, &[&ana]);
        let message = world.say(&olga, room, "before");
        world.add(&olga, room, &bo);
        read(&mut world, &ana, &message);
        let found = receipts(&mut world, &olga, &message, 9);
        assert_eq!((found.aggregated.total, found.aggregated.read), (1, DeliveryAmount::All));
        assert_eq!(found.receipts.len(), 1);
        let (conversation, sid) = (room, message.sid);
        let params = MessageReceiptsParams { conversation, message: sid, after: None, limit: None };
        let call = Call::MessageReceipts(params);
        assert_eq!(world.refused(&bo, &call).code, ErrorCode::NotFound);
        let erase = world.erasing(&message);
        world.events(&olga, &erase);
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::MessageRemoved);
    }
}
