//! The outbox against a server that forgets to answer, refuses, and is lost, with a disk that is slow and a program that crashes.

mod horizons;
mod server;
mod world;

use confab_protocol::method::HorizonMode;
use confab_protocol::{ClientId, ConversationSid, Timestamp};
use proptest::prelude::*;
use serde_json::Map;
use uuid::Uuid;

use self::server::{Horizon, Mood, Standing};
use self::world::{Deed, Step, World};
use super::{Outbox, Wish};
use crate::key::Key;
use crate::kind::ConversationOptions;
use crate::stored::{Action, Envelope, OutboxEntry, OutboxWrite};
use crate::view::Problem;

/// Not the name of anything that is made under one of the small ids.
const SID: ConversationSid = ConversationSid(Uuid::from_u128(0xc << 64));
const PLACE: Key = Key::Sid(SID);
const NOW: Timestamp = Timestamp(1_000);

fn steps(crashes: bool, restores: bool) -> impl Strategy<Value = Vec<Step>> {
    let mood = prop_oneof![6 => Just(Mood::Willing), 2 => Just(Mood::Busy), 1 => Just(Mood::Strict)];
    let step = prop_oneof![
        4 => Just(Step::Send),
        2 => Just(Step::SendInside),
        2 => (0..8usize).prop_map(|nth| Step::Edit { nth }),
        1 => (0..8usize).prop_map(|nth| Step::Remove { nth }),
        1 => (0..3usize).prop_map(|nth| Step::Discard { nth }),
        1 => (0..3usize).prop_map(|nth| Step::GiveUp { nth }),
        1 => Just(Step::Make),
        4 => prop::sample::select(Deed::ALL).prop_map(Step::Do),
        7 => Just(Step::Write),
        7 => mood.prop_map(|mood| Step::Serve { mood }),
        6 => Just(Step::Hear),
        1 => Just(Step::Lose),
        2 => Just(Step::Connect),
        1 => Just(Step::Wait),
        1 => Just(if crashes { Step::Crash } else { Step::Wait }),
        1 => Just(if restores { Step::Backup } else { Step::Wait }),
        1 => Just(if restores { Step::Restore } else { Step::Wait }),
    ];
    prop::collection::vec(step, 0..100)
}

/// Goes through the steps, and lets everything that is left be done.
fn live(steps: &[Step]) -> World {
    let mut world = World::default();
    steps.iter().for_each(|step| world.step(step));
    world.calm();
    world
}

/// The same, and the program crashes before it is calm. What was on the disk then.
fn live_and_crash(steps: &[Step]) -> (World, Vec<OutboxEntry>) {
    let mut world = World::default();
    steps.iter().for_each(|step| world.step(step));
    let kept = world.on_disk();
    world.step(&Step::Crash);
    world.calm();
    (world, kept)
}

/// What was on the disk is done, each message once and in order, and everything else in the order in which it was asked for.
fn assert_kept(world: &World, kept: &[OutboxEntry]) -> Result<(), TestCaseError> {
    world.assert_order();
    let kept: Vec<&OutboxEntry> = kept.iter().filter(|entry| !world.stuck(entry.client_id)).collect();
    for entry in kept.iter().filter(|entry| matches!(entry.action, Action::Send { .. })) {
        let copies = world.server.log.iter().filter(|posted| posted.id == entry.client_id).count();
        prop_assert_eq!(copies, 1, "{:?}", entry);
    }
    let mut wanted = Standing::default();
    kept.iter().for_each(|entry| wanted.apply(entry.client_id, &entry.action));
    prop_assert_eq!(&world.server.standing, &wanted);
    Ok(())
}

proptest! {
    #[test]
    fn what_the_person_did_is_what_the_server_has_in_the_same_order(steps in steps(false, false)) {
        let world = live(&steps);
        // A refused message is sent again by nobody: the server never had it.
        prop_assert_eq!(world.server.by_place(), world.wanted());
        prop_assert_eq!(&world.server.standing, &world.wanted_standing());
        if !world.was_lost {
            prop_assert_eq!(world.server.horizon.index, world.wanted_horizon.index);
        }
    }

    #[test]
    fn a_server_that_goes_back_to_a_copy_is_told_everything_again_in_the_same_order(steps in steps(false, true)) {
        let world = live(&steps);
        prop_assert_eq!(world.server.by_place(), world.wanted());
        prop_assert_eq!(&world.server.standing, &world.wanted_standing());
    }

    #[test]
    fn whatever_crashes_and_is_restored_nothing_that_was_kept_is_lost_or_doubled(steps in steps(true, true)) {
        let (world, kept) = live_and_crash(&steps);
        assert_kept(&world, &kept)?;
    }

    #[test]
    fn after_any_crash_what_was_on_the_disk_arrives_once_and_in_order(steps in steps(true, false)) {
        let (world, kept) = live_and_crash(&steps);
        assert_kept(&world, &kept)?;
    }

    #[test]
    fn merged_moves_of_a_horizon_come_to_the_same_as_all_of_them(
        moves in prop::collection::vec((any::<bool>(), prop::option::of(0..20u64)), 1..8),
        start in prop::option::of(0..20u64),
        elsewhere in prop::option::of(prop::option::of(0..20u64)),
    ) {
        let wishes: Vec<Wish> = moves.iter().map(|(set, index)| Wish {
            index: if *set { *index } else { Some(index.unwrap_or(0)) },
            mode: if *set { HorizonMode::Set } else { HorizonMode::Advance },
            based_on: 1,
        }).collect();
        let mut outbox = Outbox::default();
        for (number, wish) in (0..).zip(&wishes) {
            outbox.wish(PLACE, *wish, ClientId(Uuid::from_u128(number)), NOW);
        }
        prop_assert_eq!(outbox.entries().count(), 1);
        let merged = outbox.wished(PLACE).unwrap();
        let (mut one, mut all) = (Horizon::new(start), Horizon::new(start));
        for wish in wishes {
            // Each knows of one's own moves before it.
            all.apply(Wish { based_on: all.version, ..wish });
        }
        if let Some(index) = elsewhere.filter(|index| *index != start) {
            // Another device has put it somewhere, and this one does not know yet.
            one.apply(Wish { index, mode: HorizonMode::Set, based_on: 1 });
            one.apply(merged);
            let stays = merged.mode == HorizonMode::Advance;
            prop_assert_eq!(one.index, if stays { index } else { merged.index });
        } else {
            one.apply(merged);
            prop_assert_eq!(one.index, all.index);
        }
    }
}

/// Makes a private conversation.
fn created(name: impl Into<String>) -> Action {
    let (name, options) = (name.into(), ConversationOptions::default());
    Action::Create { name, unique_name: None, options, direct_with: None }
}

fn held(outbox: &mut Outbox, number: u128, action: Action) -> ClientId {
    let id = ClientId(Uuid::from_u128(number));
    outbox.add(id, action, NOW);
    id
}

#[test]
fn whoever_waited_for_a_refused_message_waits_for_the_one_before_it() {
    let mut world = World::default();
    for step in [Step::Connect, Step::Send, Step::Send, Step::Send, Step::Write, Step::Write, Step::Write] {
        world.step(&step);
    }
    world.step(&Step::Serve { mood: Mood::Busy });
    world.step(&Step::Serve { mood: Mood::Strict });
    world.step(&Step::Serve { mood: Mood::Willing });
    for _ in 0..3 {
        world.step(&Step::Hear);
    }
    let last = world.outbox.entries().last().map(|entry| entry.stored.action.clone());
    let first = ClientId(Uuid::from_u128(1));
    assert!(matches!(last, Some(Action::Send { after: Some(after), .. }) if after == first), "{last:?}");
}

#[test]
fn what_the_disk_did_not_take_is_asked_for_again_as_it_is_now() {
    let mut outbox = Outbox::default();
    let kept = held(
        &mut outbox,
        1,
        Action::Send {
            place: PLACE,
            body: "helo".into(),
            files: Vec::new(),
            envelope: Envelope::default(),
            after: None,
        },
    );
    let gone = held(
        &mut outbox,
        2,
        Action::Send {
            place: PLACE,
            body: "never mind".into(),
            files: Vec::new(),
            envelope: Envelope::default(),
            after: None,
        },
    );
    outbox.keep_draft(PLACE, Some("dra"));
    outbox.take_writes(|_| Some(SID));
    outbox.failed(Problem { code: "disk_full".into(), params: Map::new() });
    outbox.fold_edit(kept, "hello");
    outbox.fold_remove(gone);
    let again = outbox.ask_again(|_| Some(SID), |_| Some("draft".to_owned()));
    let [(0, writes)] = again.as_slice() else { panic!("{again:?}") };
    let texts = writes.iter().map(|write| match write {
        OutboxWrite::Put(entry) => serde_json::to_value(&entry.action).unwrap()["body"].to_string(),
        OutboxWrite::PutDraft(draft) => draft.body.clone(),
        OutboxWrite::Delete(_) => "deleted".to_owned(),
        OutboxWrite::DeleteDraft { .. } => "no draft".to_owned(),
    });
    assert_eq!(texts.collect::<Vec<_>>(), ["draft", "\"hello\"", "deleted"]);
}

#[test]
fn a_crash_between_two_writes_leaves_nothing_waiting_for_a_conversation_that_could_not_be_made() {
    let mut outbox = Outbox::default();
    let id = held(&mut outbox, 1, created("Plans"));
    outbox.refuse(id, &Problem { code: "not_found".into(), params: Map::new() });
    let making = outbox.get(id).unwrap().stored.clone();
    let (write, _) = outbox.take_writes(|_| None).unwrap();
    outbox.persisted(write);
    let send = Action::Send {
        place: Key::Made(id),
        body: "first".into(),
        files: Vec::new(),
        envelope: Envelope::default(),
        after: None,
    };
    let inside = held(&mut outbox, 2, send);
    outbox.take_writes(|_| None);
    outbox.failed(Problem { code: "disk_full".into(), params: Map::new() });
    assert!(outbox.retry_entry(id));
    outbox.take_writes(|_| None);
    // The disk takes the first of what it is asked for again, as it is now, and not the making that goes with it.
    let again = outbox.ask_again(|_| None, |_| None);
    let [OutboxWrite::Put(newer)] = again[0].1.as_slice() else { panic!("{again:?}") };
    let mut restored = Outbox::new(vec![making, (**newer).clone()], None);
    assert!(restored.get(inside).unwrap().problem().is_some(), "nobody would see that it waits");
    assert!(restored.retry_entry(inside) && restored.get(id).unwrap().problem().is_none());
}

#[test]
fn what_was_made_in_a_conversation_goes_by_its_sid_on_the_disk_as_soon_as_it_has_one() {
    let mut outbox = Outbox::default();
    let id = held(&mut outbox, 1, created("Plans"));
    let place = Key::Made(id);
    held(
        &mut outbox,
        2,
        Action::Send {
            place,
            body: "first".into(),
            files: Vec::new(),
            envelope: Envelope::default(),
            after: None,
        },
    );
    outbox.take_writes(|_| None);
    outbox.acknowledge(id, Some(SID), NOW);
    held(
        &mut outbox,
        3,
        Action::Send {
            place,
            body: "second".into(),
            files: Vec::new(),
            envelope: Envelope::default(),
            after: None,
        },
    );
    let (_, writes) = outbox.take_writes(|_| Some(SID)).unwrap();
    let places = writes.iter().filter_map(|write| match write {
        OutboxWrite::Put(entry) => entry.action.place(),
        _ => None,
    });
    assert_eq!(places.collect::<Vec<_>>(), [PLACE]);
    assert_eq!(outbox.made(), [(id, SID)]);
    (0..super::KEEP_ROUNDS).for_each(|_| outbox.grow_older());
    outbox.forget_old();
    assert_eq!(outbox.made(), [(id, SID)], "something waits for it");
}

#[test]
fn what_does_not_name_the_one_before_it_waits_for_its_answer_when_it_is_told_again() {
    let mut world = World::default();
    let serve = Step::Serve { mood: Mood::Willing };
    let one = [Step::Send, Step::Write, serve, Step::Hear, Step::Write];
    for step in
        [Step::Connect].iter().chain(&one).chain(&one).chain(&[Step::Restore, Step::Connect, Step::Write])
    {
        world.step(step);
    }
    assert_eq!(world.wire.len(), 1, "{:?}", world.wire);
    world.step(&Step::Serve { mood: Mood::Busy });
    world.calm();
    world.assert_order();
    assert_eq!(world.server.log.len(), 2);
}

#[test]
fn what_follows_a_refusal_waits_until_the_disk_knows_of_it() {
    let mut world = World::default();
    let both =
        [Step::Do(Deed::Mute), Step::Do(Deed::Unmute), Step::Connect, Step::Write, Step::Write, Step::Write];
    let refused = [Step::Serve { mood: Mood::Strict }, Step::Hear];
    both.iter().chain(&refused).for_each(|step| world.step(step));
    assert_eq!(world.wire.len(), 0, "after a crash the first would go again, behind the second");
    world.step(&Step::Write);
    assert_eq!(world.wire.len(), 1);
}
