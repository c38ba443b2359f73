//! `horizon.set`: how far someone has read. A change of the roster and of the own row, never of the log.

use confab_probe::{Fault, is_broken};
use confab_protocol::method::{HorizonMode, HorizonResult, HorizonSetParams};
use confab_protocol::model::UserConversation;
use confab_protocol::{Answer, WireError};
use uuid::Uuid;

use super::{roster_row, set_notification_level};
use crate::cx::{Cx, Done, Member, user_row};
use crate::row::{ConversationRow, MembershipRow};
use crate::store::{Order, StoreError};
use crate::{Actor, DomainResult, Read, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &HorizonSetParams) -> DomainResult<Done> {
    check_named(params)?;
    let Member { mut conversation, mut me, .. } = cx.member(params.conversation)?;
    let wanted = wanted(cx.tx, params, &conversation)?;
    let own = if moves(params, wanted, &me) {
        write(cx, &mut conversation, &mut me, wanted, params.mode)?
    } else {
        view::own_row(cx.tx, &me, &conversation)?
    };
    Ok(Done { answer: Answer::HorizonSet(HorizonResult { me: own }), subject: conversation.sid.0 })
}

fn check_named(params: &HorizonSetParams) -> Result<(), WireError> {
    if params.index.is_some() && params.seq.is_some() {
        return Err(WireError::invalid("seq", "name either index or seq"));
    }
    let nothing = params.index.is_none() && params.seq.is_none();
    if params.mode == HorizonMode::Advance && nothing {
        return Err(WireError::invalid("index", "an advance needs an index"));
    }
    Ok(())
}

/// How far somebody has read: up to an event, and the last message up to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Horizon {
    index: Option<u64>,
    seq: u64,
}

/// Where the horizon is wanted. It never points past the newest message, because what is posted later has not been read.
fn wanted(
    read: &(impl Read + ?Sized),
    params: &HorizonSetParams,
    conversation: &ConversationRow,
) -> DomainResult<Horizon> {
    if let Some(seq) = params.seq {
        let head = conversation.head.last_seq;
        if seq > head {
            return Err(WireError::invalid("seq", "beyond the newest event").with("newest", head).into());
        }
        return Ok(Horizon { index: last_message_by(read, conversation, seq)?, seq });
    }
    let newest = conversation.head.next_index.checked_sub(1);
    let index = params.index.and_then(|index| newest.map(|newest| index.min(newest)));
    let seq = index.map_or(Ok(0), |index| seq_of(read, conversation, index))?;
    Ok(Horizon { index, seq })
}

/// Sequence of the event that added a message.
fn seq_of(read: &(impl Read + ?Sized), conversation: &ConversationRow, index: u64) -> DomainResult<u64> {
    let found = read.messages(conversation.sid, index..index + 1, Order::Ascending, 1)?;
    let missing = || StoreError::Corrupt(format!("{} has no message {index}", conversation.sid));
    Ok(found.first().ok_or_else(missing)?.seq)
}

/// Index of the last message that was added up to an event. Sequences grow with indexes, so that it is found by halves.
fn last_message_by(
    read: &(impl Read + ?Sized),
    conversation: &ConversationRow,
    seq: u64,
) -> DomainResult<Option<u64>> {
    let (mut known, mut beyond) = (0, conversation.head.next_index);
    while known < beyond {
        let middle = known + (beyond - known) / 2;
        if seq_of(read, conversation, middle)? <= seq {
            known = middle + 1;
        } else {
            beyond = middle;
        }
    }
    Ok(known.checked_sub(1))
}

fn moves(params: &HorizonSetParams, wanted: Horizon, me: &MembershipRow) -> bool {
    match params.mode {
        // A wish from before a `set` would undo it: somebody may just have marked this as unread.
        HorizonMode::Advance => {
            let knows = params.based_on >= me.horizon_set_version || is_broken(Fault::HorizonMerge);
            knows && wanted.seq > me.horizon_seq
        }
        // Also where it stands already: that it was put there is what makes earlier wishes void.
        HorizonMode::Set => true,
    }
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    me: &mut MembershipRow,
    Horizon { index, seq }: Horizon,
    mode: HorizonMode,
) -> DomainResult<UserConversation> {
    let mut participant = roster_row::present(cx.tx, conversation.sid, me.participant)?;
    (participant.horizon, participant.horizon_seq, participant.horizon_at) = (index, seq, Some(cx.created()));
    roster_row::write(cx, conversation, &mut participant)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let mut user = user_row(cx.tx, cx.actor.user)?;
    (me.horizon, me.horizon_seq) = (index, seq);
    if mode == HorizonMode::Set {
        me.horizon_set_version = user.state_version + 1;
    }
    cx.put_membership(&mut user, me)?;
    cx.tell_roster(conversation, &participant)?;
    cx.tell_state(me, conversation)
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let me = set_notification_level::own_row(actor, subject, tx)?;
    Ok(Answer::HorizonSet(HorizonResult { me }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{HorizonMode, HorizonSetParams};
    use confab_protocol::model::Unread;
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event, verify};

    /// Olga and Ana, and ten messages by Olga.
    fn ten() -> (World, Actor, confab_protocol::ConversationSid) {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        for number in 0..10 {
            world.say(&olga, room, &number.to_string());
        }
        (world, ana, room)
    }

    fn after(world: &mut World, by: &Actor, call: &Call) -> Unread {
        match world.call(by, call) {
            Ok(Answer::HorizonSet(result)) => result.me.unread,
            other => panic!("no horizon: {other:?}"),
        }
    }

    #[test]
    fn a_horizon_advances_and_never_goes_back_by_itself() {
        let (mut world, ana, room) = ten();
        assert_eq!((world.unread(&ana, room).horizon, world.unread(&ana, room).unread), (None, 10));
        for (index, horizon, unread) in [(3, 3, 6), (1, 3, 6), (3, 3, 6), (99, 9, 0)] {
            let call = world.reading(&ana, room, Some(index), HorizonMode::Advance);
            let found = after(&mut world, &ana, &call);
            assert_eq!((found.horizon, found.unread), (Some(horizon), unread), "{index}");
        }
        let call = world.reading(&ana, room, Some(99), HorizonMode::Advance);
        assert_eq!(world.events(&ana, &call), []);
    }

    #[test]
    fn a_horizon_is_put_at_an_event_and_the_message_follows_from_it() {
        let (mut world, ana, room) = ten();
        let first = world.page(&ana, room)[0].seq;
        let at = |world: &mut World, seq, mode| {
            let Call::HorizonSet(params) = world.reading(&ana, room, None, HorizonMode::Set) else {
                unreachable!()
            };
            world.call(&ana, &Call::HorizonSet(HorizonSetParams { seq: Some(seq), mode, ..params }))
        };
        for (seq, index) in [(first - 1, None), (first, Some(0)), (first + 4, Some(4)), (first + 9, Some(9))]
        {
            let Ok(Answer::HorizonSet(found)) = at(&mut world, seq, HorizonMode::Set) else {
                panic!("not set")
            };
            assert_eq!((found.me.unread.horizon, found.me.last_read_event_seq), (index, seq));
        }
        let Ok(Answer::HorizonSet(found)) = at(&mut world, first + 3, HorizonMode::Advance) else {
            panic!("not set")
        };
        assert_eq!(found.me.last_read_event_seq, first + 9, "forward only");
        let refused = at(&mut world, first + 10, HorizonMode::Set).expect_err("it is refused");
        assert_eq!((refused.code, &refused.params["field"]), (ErrorCode::InvalidParams, &"seq".into()));
        // What changed without a message can be read, too.
        let olga = world.owner.clone();
        let bo = world.user("Bo");
        world.add(&olga, room, &bo);
        let Ok(Answer::HorizonSet(found)) = at(&mut world, first + 10, HorizonMode::Advance) else {
            panic!("not set")
        };
        assert_eq!((found.me.unread.horizon, found.me.last_read_event_seq), (Some(9), first + 10));
        let Ok(Answer::HorizonSet(found)) = at(&mut world, 0, HorizonMode::Set) else { panic!("not set") };
        assert_eq!((found.me.unread.horizon, found.me.unread.unread), (None, 10));
        let index = world.reading(&ana, room, Some(3), HorizonMode::Set);
        let Ok(Answer::HorizonSet(found)) = world.call(&ana, &index) else { panic!("not set") };
        assert_eq!(found.me.last_read_event_seq, first + 3);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_set_goes_anywhere_and_an_advance_from_before_it_does_not_undo_it() {
        let (mut world, ana, room) = ten();
        let read = world.reading(&ana, room, Some(9), HorizonMode::Advance);
        after(&mut world, &ana, &read);
        let stale = world.reading(&ana, room, Some(9), HorizonMode::Advance);
        let mark = world.reading(&ana, room, Some(4), HorizonMode::Set);
        assert_eq!(after(&mut world, &ana, &mark).unread, 5);
        assert_eq!(world.events(&ana, &stale), []);
        assert_eq!(world.unread(&ana, room).horizon, Some(4));
        let fresh = world.reading(&ana, room, Some(6), HorizonMode::Advance);
        assert_eq!(after(&mut world, &ana, &fresh).horizon, Some(6));
        let none = world.reading(&ana, room, None, HorizonMode::Set);
        let found = after(&mut world, &ana, &none);
        assert_eq!((found.horizon, found.unread), (None, 10));
    }

    #[test]
    fn a_set_to_where_it_stands_already_makes_earlier_wishes_void_too() {
        let (mut world, ana, room) = ten();
        let stale = world.reading(&ana, room, Some(9), HorizonMode::Advance);
        let mark = world.reading(&ana, room, None, HorizonMode::Set);
        assert_eq!(after(&mut world, &ana, &mark).horizon, None);
        assert_eq!(world.events(&ana, &stale), []);
        assert_eq!(world.unread(&ana, room).horizon, None);
    }

    #[test]
    fn a_horizon_is_told_to_the_roster_and_to_the_own_devices_but_is_in_no_log() {
        let (mut world, ana, room) = ten();
        let before = world.summary(&ana, room);
        let call = world.reading(&ana, room, Some(5), HorizonMode::Advance);
        let events = world.events(&ana, &call);
        let [
            Event::Roster { from, to, rows, participants_count: 2, .. },
            Event::State { user, rows: own, .. },
        ] = &events[..]
        else {
            panic!("not these events: {events:?}");
        };
        let conversation = before.conversation.expect("she is in it");
        assert_eq!((*from, *to), (conversation.roster_version, conversation.roster_version + 1));
        assert_eq!((rows[0].last_read_message_index, rows[0].version), (Some(5), *to));
        assert_eq!((*user, own[0].version), (ana.user, before.me.version + 1));
        let now = world.summary(&ana, room).conversation.expect("she is in it");
        assert_eq!((now.version, now.roster_version), (conversation.version, *to));
    }

    #[test]
    fn nothing_is_read_where_nothing_stands() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let call = world.reading(&olga, room, Some(0), HorizonMode::Advance);
        assert_eq!(world.events(&olga, &call), []);
        let Call::HorizonSet(params) = world.reading(&olga, room, None, HorizonMode::Set) else {
            unreachable!()
        };
        let call = Call::HorizonSet(HorizonSetParams { mode: HorizonMode::Advance, ..params });
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::InvalidParams);
    }
}
