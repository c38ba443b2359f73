//! `horizon.set`: how far someone has read. A change of the roster and of the own row, never of the log.

use confab_probe::{Fault, is_broken};
use confab_protocol::method::{HorizonMode, HorizonResult, HorizonSetParams};
use confab_protocol::model::UserConversation;
use confab_protocol::{Answer, WireError};
use uuid::Uuid;

use super::{roster_row, set_notification_level};
use crate::cx::{Cx, Done, Member, user_row};
use crate::row::{ConversationRow, MembershipRow};
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &HorizonSetParams) -> DomainResult<Done> {
    if params.mode == HorizonMode::Advance && params.index.is_none() {
        return Err(WireError::invalid("index", "an advance needs an index").into());
    }
    let Member { mut conversation, mut me, .. } = cx.member(params.conversation)?;
    let own = match moved_to(params, &me, &conversation) {
        None => view::own_row(cx.tx, &me, &conversation)?,
        Some(horizon) => write(cx, &mut conversation, &mut me, horizon, params.mode)?,
    };
    Ok(Done { answer: Answer::HorizonSet(HorizonResult { me: own }), subject: conversation.sid.0 })
}

/// Where the horizon goes; none when nothing changes. It never points past the newest message, because what is posted
/// later has not been read.
fn moved_to(
    params: &HorizonSetParams,
    me: &MembershipRow,
    conversation: &ConversationRow,
) -> Option<Option<u64>> {
    let newest = conversation.head.next_index.checked_sub(1);
    let wanted = params.index.and_then(|index| newest.map(|newest| index.min(newest)));
    let moves = match params.mode {
        // A wish from before a `set` would undo it: somebody may just have marked this as unread.
        HorizonMode::Advance => {
            let knows = params.based_on >= me.horizon_set_version || is_broken(Fault::HorizonMerge);
            knows && wanted > me.horizon
        }
        // Also where it stands already: that it was put there is what makes earlier wishes void.
        HorizonMode::Set => true,
    };
    moves.then_some(wanted)
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    me: &mut MembershipRow,
    horizon: Option<u64>,
    mode: HorizonMode,
) -> DomainResult<UserConversation> {
    let mut participant = roster_row::present(cx.tx, conversation.sid, me.participant)?;
    (participant.horizon, participant.horizon_at) = (horizon, Some(cx.now));
    roster_row::write(cx, conversation, &mut participant)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let mut user = user_row(cx.tx, cx.actor.user)?;
    me.horizon = horizon;
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
    use confab_testkit::domain::{Actor, Event};

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
