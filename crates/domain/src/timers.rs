//! The states of a conversation, and how they change by themselves: active without a message becomes inactive, inactive is
//! closed. What is due stands in the row, so that it outlives a restart.

use confab_protocol::model::{ConversationState, Timers};
use confab_protocol::{Change, Timestamp, WireError, limits, period};

use crate::log::Hand;
use crate::row::{ConversationRow, EventKind, TimersRow};
use crate::{DomainResult, Event, Tx, view};

/// Timers as they are kept.
///
/// # Errors
/// `invalid_params` when one is no period, or shorter or longer than timers may be.
pub(crate) fn read(timers: &Timers) -> Result<TimersRow, WireError> {
    let inactive = timers.inactive.as_deref().map(|text| millis("timers.inactive", text)).transpose()?;
    let closed = timers.closed.as_deref().map(|text| millis("timers.closed", text)).transpose()?;
    Ok(TimersRow { inactive, closed })
}

fn millis(field: &str, text: &str) -> Result<u64, WireError> {
    let millis = period::parse(text).ok_or_else(|| WireError::invalid(field, "not a period of ISO 8601"))?;
    if (limits::TIMER_MIN_MS..=limits::TIMER_MAX_MS).contains(&millis) {
        return Ok(millis);
    }
    Err(WireError::invalid(field, "not between a minute and ten years"))
}

/// Timers as they are told.
pub(crate) fn written(row: &TimersRow) -> Timers {
    Timers { inactive: row.inactive.map(period::write), closed: row.closed.map(period::write) }
}

/// When the state of a conversation changes by itself, as things stand.
#[must_use]
pub fn due(row: &ConversationRow) -> Option<Timestamp> {
    if row.deleted_at.is_some() {
        return None;
    }
    match row.state {
        ConversationState::Active => {
            let since = row.head.last_message_at.map_or(row.state_at, |at| at.max(row.state_at));
            row.timers.inactive.map(|time| since.plus(time))
        }
        ConversationState::Inactive => row.timers.closed.map(|time| row.state_at.plus(time)),
        ConversationState::Closed | ConversationState::Unknown => None,
    }
}

/// Moves what is due forward when its newest message makes it due sooner: one with a time of before, or by a clock that was
/// put back. Whether it did; the row has then to be written. What is due later follows when the row is looked at.
pub(crate) fn came_forward(row: &mut ConversationRow) -> bool {
    let due = due(row);
    let is_sooner = due.is_some() && due < row.state_due;
    if is_sooner {
        row.state_due = due;
    }
    is_sooner
}

/// Puts a conversation into a state. The row has still to be written.
pub(crate) fn enter(row: &mut ConversationRow, state: ConversationState, now: Timestamp) {
    (row.state, row.state_at) = (state, now);
    row.state_due = due(row);
}

/// Changes the states that are due, of at most `limit` conversations. Gives what to tell, and whether there may be more.
///
/// # Errors
/// Failures of the store.
pub fn run_due(now: Timestamp, limit: usize, tx: &mut dyn Tx) -> DomainResult<(Vec<Event>, bool)> {
    let rows = tx.state_due(now, limit)?;
    let more = rows.len() == limit;
    let mut events = Vec::new();
    for mut row in rows {
        match due(&row) {
            Some(at) if at <= now => events.push(change(&mut row, now, tx)?),
            // A message has moved it.
            later => {
                row.state_due = later;
                tx.update_conversation(&row)?;
            }
        }
    }
    Ok((events, more))
}

fn change(row: &mut ConversationRow, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Event> {
    let next = match row.state {
        ConversationState::Active => ConversationState::Inactive,
        ConversationState::Inactive | ConversationState::Closed | ConversationState::Unknown => {
            ConversationState::Closed
        }
    };
    enter(row, next, now);
    row.date_updated = now;
    let hand = Hand { at: now, actor: None, device: None, commit: tx.next_commit()? };
    let changed = ["state"];
    hand.append(tx, row, EventKind::ConversationUpdated, row.sid.0, &changed)?;
    tx.update_conversation(row)?;
    let change = Change::ConversationUpdated(Box::new(view::conversation_for_all(row)?));
    let event = Box::new(hand.event(row, &changed, change));
    Ok(Event::Log { event, joined: None, left: None, only: None })
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{ConversationCreateParams, ConversationUpdateParams};
    use confab_protocol::model::{ConversationState, Timers};
    use confab_protocol::{Answer, Call, Change, ConversationSid, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::{Event, Read as _, timers, verify};

    const MINUTE: u64 = 60_000;

    fn timers_of(inactive: &str, closed: Option<&str>) -> Option<Timers> {
        Some(Timers { inactive: Some(inactive.to_owned()), closed: closed.map(str::to_owned) })
    }

    fn timed(world: &mut World, timers: Option<Timers>) -> ConversationSid {
        let olga = world.owner.clone();
        let params = ConversationCreateParams::new(world.client_id());
        let call = Call::ConversationCreate(ConversationCreateParams { timers, ..params });
        match world.call(&olga, &call) {
            Ok(Answer::ConversationCreate(made)) => made.summary.me.conversation,
            other => panic!("not made: {other:?}"),
        }
    }

    fn run(world: &mut World) -> Vec<Event> {
        world.write(|now, _, store| timers::run_due(now, 10, store)).expect("it runs").0
    }

    fn state(world: &World, room: ConversationSid) -> ConversationState {
        world.store.conversation(room).expect("a look-up").expect("it is there").state
    }

    #[test]
    fn a_message_by_a_clock_that_was_put_back_makes_it_due_sooner() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = timed(&mut world, None);
        world.clock.advance(60 * MINUTE);
        world.say(&olga, room, "by a clock that is ahead");
        let params = ConversationUpdateParams::new(world.client_id(), room);
        let timers = timers_of("PT5M", None);
        world.events(&olga, &Call::ConversationUpdate(ConversationUpdateParams { timers, ..params }));
        world.clock = Default::default();
        world.say(&olga, room, "by one that is right");
        assert_eq!(verify(&world.store), []);
        world.clock.advance(6 * MINUTE);
        assert_eq!(run(&mut world).len(), 1);
        assert_eq!(state(&world, room), ConversationState::Inactive);
    }

    #[test]
    fn without_a_message_it_falls_asleep_and_is_closed_and_a_message_wakes_it() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = timed(&mut world, timers_of("PT5M", Some("PT10M")));
        world.clock.advance(4 * MINUTE);
        world.say(&olga, room, "still here");
        world.clock.advance(4 * MINUTE);
        assert_eq!(run(&mut world), [], "the message has moved it");
        world.clock.advance(2 * MINUTE);
        let events = run(&mut world);
        let [Event::Log { event, .. }] = &events[..] else { panic!("not one event: {events:?}") };
        assert_eq!((event.actor.as_deref(), &event.changed[..]), (None, &["state".to_owned()][..]));
        let Change::ConversationUpdated(row) = &event.change else { panic!("another change") };
        assert_eq!(row.state, ConversationState::Inactive);
        let send = Call::MessageSend(world.saying(room, "wake up"));
        let events = world.events(&olga, &send);
        let seqs: Vec<u64> = events
            .iter()
            .filter_map(|event| if let Event::Log { event, .. } = event { Some(event.seq) } else { None })
            .collect();
        assert_eq!(seqs.len(), 2, "it wakes before the message stands");
        assert_eq!((seqs[1], state(&world, room)), (seqs[0] + 1, ConversationState::Active));
        world.clock.advance(6 * MINUTE);
        run(&mut world);
        world.clock.advance(11 * MINUTE);
        run(&mut world);
        assert_eq!(state(&world, room), ConversationState::Closed);
        let late = Call::MessageSend(world.saying(room, "too late"));
        assert_eq!(world.refused(&olga, &late).code, ErrorCode::ConversationClosed);
        world.clock.advance(1_000 * MINUTE);
        assert_eq!(run(&mut world), []);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn states_and_timers_are_set_by_hand_and_closed_is_for_ever() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = timed(&mut world, None);
        let update = |world: &mut World, state: Option<ConversationState>, timers: Option<Timers>| {
            let params = ConversationUpdateParams::new(world.client_id(), room);
            let params = ConversationUpdateParams { state, timers, ..params };
            world.call(&olga, &Call::ConversationUpdate(params))
        };
        for timers in [timers_of("PT59S", None), timers_of("5m", None), timers_of("P4000D", None)] {
            let refused = update(&mut world, None, timers).expect_err("it is refused");
            assert_eq!(
                (refused.code, &refused.params["field"]),
                (ErrorCode::InvalidParams, &"timers.inactive".into())
            );
        }
        update(&mut world, Some(ConversationState::Inactive), timers_of("PT1M", Some("PT1H")))
            .expect("it is set");
        let Ok(Answer::ConversationUpdate(found)) = update(&mut world, Some(ConversationState::Active), None)
        else {
            panic!("not set")
        };
        let found = found.summary.conversation.expect("she is in it");
        assert_eq!(found.timers, timers_of("PT1M", Some("PT1H")).expect("timers"));
        update(&mut world, Some(ConversationState::Closed), None).expect("it is closed");
        let refused = update(&mut world, Some(ConversationState::Active), None).expect_err("it is refused");
        assert_eq!(refused.code, ErrorCode::ConversationClosed);
        world.clock.advance(100 * MINUTE);
        assert_eq!(run(&mut world), []);
    }

    #[test]
    fn what_is_due_comes_in_pages() {
        let mut world = World::default();
        for _ in 0..3 {
            timed(&mut world, timers_of("PT1M", None));
        }
        world.clock.advance(2 * MINUTE);
        let page =
            |world: &mut World| world.write(|now, _, store| timers::run_due(now, 2, store)).expect("it runs");
        let (first, rest) = (page(&mut world), page(&mut world));
        assert_eq!((first.0.len(), first.1, rest.0.len(), rest.1), (2, true, 1, false));
    }
}
