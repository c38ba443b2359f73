//! `event.range`: a stretch of a log. Events say what happened; what they are about is read as it stands now.

use confab_protocol::method::{EventRangeParams, EventRangeResult};
use confab_protocol::model::DeletedConversation;
use confab_protocol::{Answer, Change, LogEvent, MessageSid, ParticipantSid, limits};

use crate::cx::{Member, member};
use crate::row::{EventKind, EventRow};
use crate::store::{StoreError, StoreResult};
use crate::visible::{Visible, visible};
use crate::{Actor, DomainResult, Read, check, view};

/// How far behind the head of a log replaying is still worth it, in events.
const REPLAY: u64 = 10_000;

pub(crate) fn answer(actor: &Actor, params: &EventRangeParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::EVENT_RANGE, limits::EVENT_RANGE)? as u64;
    let member = member(read, actor.user, params.conversation)?;
    let head = member.conversation.head.last_seq;
    let from = params.after.saturating_add(1);
    // Whoever is ahead of the log has numbers that were never given out, or were taken back.
    if params.after > head || head - params.after > REPLAY {
        let reset = EventRangeResult { from, to: head, more: false, reset: true, events: Vec::new() };
        return Ok(Answer::EventRange(reset));
    }
    let to = head.min(params.after + limit);
    let events = events(read, &member, params.after, to)?;
    Ok(Answer::EventRange(EventRangeResult { from, to, more: to < head, reset: false, events }))
}

/// What may be seen of a log with `after < seq <= to`.
pub(super) fn events(read: &dyn Read, member: &Member, after: u64, to: u64) -> DomainResult<Vec<LogEvent>> {
    let seen = visible(read, Some(&member.me), &member.conversation)?;
    let mut events = Vec::new();
    for part in seen.spans() {
        let (after, to) = (after.max(part.seqs.start - 1), to.min(part.seqs.end - 1));
        if after >= to {
            continue;
        }
        for row in read.events(member.conversation.sid, after, to)? {
            events.extend(event(read, member, &seen, row)?);
        }
    }
    Ok(events)
}

fn event(read: &dyn Read, member: &Member, seen: &Visible, row: EventRow) -> StoreResult<Option<LogEvent>> {
    let Some(change) = change(read, member, seen, &row)? else { return Ok(None) };
    Ok(Some(LogEvent {
        conversation: row.conversation,
        seq: row.seq,
        at: row.at,
        actor: row.actor,
        device: row.device,
        changed: row.changed,
        subject: None,
        change,
    }))
}

fn change(read: &dyn Read, member: &Member, seen: &Visible, row: &EventRow) -> StoreResult<Option<Change>> {
    let conversation = || view::conversation_for_all(&member.conversation).map(Box::new);
    let participant = || {
        let found = read.participant(row.conversation, ParticipantSid(row.subject))?;
        view::participant(&found.ok_or_else(|| missing(row))?).map(Box::new)
    };
    // A message from before someone came stays unseen to them even when it is edited under their eyes.
    let message = || {
        let found = read.message(MessageSid(row.subject))?.ok_or_else(|| missing(row))?;
        if !seen.holds_index(found.index) {
            return Ok(None);
        }
        view::message(&found).map(|message| Some(Box::new(message)))
    };
    Ok(match row.kind {
        EventKind::ConversationCreated => Some(Change::ConversationCreated(conversation()?)),
        EventKind::ConversationUpdated => Some(Change::ConversationUpdated(conversation()?)),
        EventKind::ParticipantJoined => Some(Change::ParticipantJoined(participant()?)),
        EventKind::ParticipantLeft => Some(Change::ParticipantLeft(participant()?)),
        EventKind::MessageAdded => message()?.map(Change::MessageAdded),
        EventKind::MessageEdited => message()?.map(Change::MessageEdited),
        EventKind::MessageRemoved => message()?.map(Change::MessageRemoved),
        EventKind::ConversationDeleted => {
            Some(Change::ConversationDeleted(DeletedConversation { sid: row.conversation }))
        }
    })
}

fn missing(row: &EventRow) -> StoreError {
    StoreError::Corrupt(format!("{} has no subject at {}", row.conversation, row.seq))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{EventRangeParams, EventRangeResult};
    use confab_protocol::{Answer, Call, Change, ConversationSid};
    use confab_testkit::World;
    use confab_testkit::domain::store::{Read as _, Tx as _};
    use confab_testkit::domain::{Actor, Event};

    fn range(
        world: &mut World,
        by: &Actor,
        conversation: ConversationSid,
        after: u64,
        limit: u32,
    ) -> EventRangeResult {
        let limit = Some(limit);
        match world.call(by, &Call::EventRange(EventRangeParams { conversation, after, limit })) {
            Ok(Answer::EventRange(result)) => result,
            other => panic!("no range: {other:?}"),
        }
    }

    fn seqs(range: &EventRangeResult) -> Vec<u64> {
        range.events.iter().map(|event| event.seq).collect()
    }

    #[test]
    fn a_replay_tells_what_was_told_live_with_content_as_it_is_now() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let (one, two) = (world.say(&olga, room, "one"), world.say(&ana, room, "two"));
        let (edit, erase) = (world.editing(&one, "changed"), world.erasing(&two));
        world.events(&olga, &edit);
        let live = world.events(&ana, &erase);
        let found = range(&mut world, &olga, room, 3, 100);
        assert_eq!((found.from, found.to, found.more, found.reset), (4, 7, false, false));
        let bodies = found.events.iter().map(|event| match &event.change {
            Change::MessageAdded(row) | Change::MessageEdited(row) | Change::MessageRemoved(row) => {
                row.body.clone()
            }
            _ => panic!("another change"),
        });
        assert_eq!(bodies.collect::<Vec<_>>(), [Some("changed".into()), None, Some("changed".into()), None]);
        let [Event::Log { event, .. }] = &live[..] else { panic!("not one event") };
        assert_eq!(found.events.last(), Some(event.as_ref()));
    }

    #[test]
    fn ranges_come_in_pieces_and_end_at_the_head() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        (0..5).for_each(|_| drop(world.say(&olga, room, "x")));
        let first = range(&mut world, &olga, room, 0, 4);
        assert_eq!((first.from, first.to, first.more, seqs(&first)), (1, 4, true, vec![1, 2, 3, 4]));
        let rest = range(&mut world, &olga, room, 4, 4);
        assert_eq!((rest.from, rest.to, rest.more, seqs(&rest)), (5, 7, false, vec![5, 6, 7]));
        let none = range(&mut world, &olga, room, 7, 4);
        assert_eq!((none.from, none.to, none.more, none.reset, seqs(&none)), (8, 7, false, false, vec![]));
        assert!(range(&mut world, &olga, room, 8, 4).reset);
    }

    #[test]
    fn too_far_behind_it_is_better_to_load_anew() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let mut row = world.store.conversation(room).unwrap().unwrap();
        row.head.last_seq = 10_005;
        world.store.update_head(room, &row.head).unwrap();
        let far = range(&mut world, &olga, room, 4, 1);
        assert_eq!((far.reset, far.to, far.more, seqs(&far)), (true, 10_005, false, vec![]));
        assert!(!range(&mut world, &olga, room, 5, 1).reset);
    }

    #[test]
    fn in_an_uber_conversation_only_own_stretches_are_told_and_all_numbers_are_covered() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.uber(&olga, &[]);
        let early = world.say(&olga, room, "early");
        world.add(&olga, room, &ana);
        let seen = world.say(&olga, room, "seen");
        world.remove(&ana, room, &ana);
        world.say(&olga, room, "missed");
        world.add(&olga, room, &ana);
        let (edit_early, edit_seen) =
            (world.editing(&early, "early, edited"), world.editing(&seen, "seen, edited"));
        let told = world.events(&olga, &edit_early);
        assert!(matches!(&told[..], [Event::Log { only: Some(only), .. }] if *only == [olga.user]));
        let told = world.events(&olga, &edit_seen);
        assert!(matches!(&told[..], [Event::Log { only: Some(only), .. }] if only.len() == 2));
        // 1, 2: made, Olga joined. 3: early. 4: Ana joined. 5: seen. 6: Ana left. 7: missed. 8: Ana joined. 9, 10: edits.
        let found = range(&mut world, &ana, room, 0, 100);
        assert_eq!((found.from, found.to, seqs(&found)), (1, 10, vec![4, 5, 6, 8, 10]));
        assert_eq!(seqs(&range(&mut world, &olga, room, 0, 100)), (1..=10).collect::<Vec<_>>());
        assert!(serde_json::to_string(&found.events).is_ok_and(|text| !text.contains("early")));
    }
}
