//! A bus that loses what it likes: the tail of the database finds it, and nobody is told of what is not theirs.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use confab_domain::row::UserRow;
use confab_domain::{Actor, Event, Read as _, Tx as _, tail};
use confab_protocol::method::{DeviceRevokeParams, HorizonMode, Nothing, UserSetStatusParams};
use confab_protocol::model::UserStatus;
use confab_protocol::{Answer, Call, ConversationSid, Response, UserSid};
use confab_testkit::World;
use serde_json::Value;

use super::super::gaps::HELD;
use super::super::{About, Ask, Ending, Hub, Input, Peer, Queue, Reloaded, Watched};
use super::pushed;
use crate::config::Bounds;

/// A workspace, the hub that is told of it, and a cursor into its database.
struct Town {
    world: World,
    hub: Hub,
    now: Instant,
    cursor: u64,
    peers: u64,
}

impl Town {
    fn new(world: World) -> Self {
        let cursor = tail::end(&world.store).unwrap();
        let hub = Hub::new(Bounds::default(), Arc::default());
        Self { world, hub, now: Instant::now(), cursor, peers: 0 }
    }

    fn take(&mut self, input: Input) {
        self.hub.take(input, self.now);
    }

    fn enter(&mut self, who: &Actor) -> Arc<Peer> {
        self.peers += 1;
        let queue = Arc::new(Queue::new(1_000, Arc::default()));
        let peer = Arc::new(Peer::new(self.peers, who.clone(), queue, self.now));
        let standing = tail::standing(&self.world.store, who.user).unwrap();
        self.take(Input::Attach { peer: Arc::clone(&peer), standing });
        peer
    }

    /// A session that watches somebody.
    fn watch(&mut self, who: &Actor, whom: &Actor) -> Arc<Peer> {
        let peer = self.enter(who);
        let row = self.world.store.user(whom.user).unwrap().expect("a user");
        let (user, identity, profile_version) = (row.sid, row.identity, row.version);
        let people = vec![Watched { user, identity, profile_version }];
        self.take(Input::Subscribe { peer: peer.id, request: 1, people });
        peer
    }

    /// Somebody does something, and the bus loses what it likes of it.
    fn happens(&mut self, by: &Actor, call: &Call, is_lost: impl Fn(&Event) -> bool) {
        let events = self.world.events(by, call);
        let told = events.into_iter().filter(|event| !is_lost(event)).collect();
        self.take(Input::Told(told));
    }

    fn say(&mut self, by: &Actor, conversation: ConversationSid, is_lost: impl Fn(&Event) -> bool) {
        let call = Call::MessageSend(self.world.saying(conversation, "text"));
        self.happens(by, &call, is_lost);
    }

    fn tail(&mut self) {
        let tail = tail::since(&self.world.store, self.cursor).unwrap();
        self.cursor = tail.cursor;
        self.take(Input::Tailed(tail));
    }

    /// Answers what the hub asks, until it asks nothing.
    fn answer(&mut self) {
        loop {
            let asks = self.hub.take_asks();
            if asks.is_empty() {
                return;
            }
            for ask in asks {
                let store = &self.world.store;
                let reloaded = match ask {
                    Ask::Members(conversation) => {
                        Reloaded::Members(tail::members(store, conversation).unwrap())
                    }
                    Ask::Standing(user) => Reloaded::Standing(tail::standing(store, user).unwrap()),
                    Ask::Profile(user) => Reloaded::Profile(Box::new(tail::profile(store, user).unwrap())),
                };
                self.take(Input::Reloaded(reloaded));
            }
        }
    }

    /// Time passes in which what was on its way would have come.
    fn settle(&mut self) {
        self.answer();
        self.now += Bounds::default().bus_delay;
        self.hub.tick(self.now);
        self.answer();
    }
}

fn busy(town: &mut Town) -> Call {
    let client_id = town.world.client_id();
    Call::UserSetStatus(UserSetStatusParams { client_id, status: Some(UserStatus::Busy) })
}

fn all(_: &Event) -> bool {
    true
}

fn none(_: &Event) -> bool {
    false
}

fn log(event: &Event) -> bool {
    matches!(event, Event::Log { .. })
}

/// Olga and Ana in one conversation, Ben outside.
struct Three {
    town: Town,
    olga: Actor,
    ana: Actor,
    ben: Actor,
    room: ConversationSid,
}

fn three() -> Three {
    let mut world = World::default();
    let (olga, ana, ben) = (world.owner.clone(), world.user("Ana"), world.user("Ben"));
    let room = world.conversation(&olga, &[&ana]);
    Three { town: Town::new(world), olga, ana, ben, room }
}

/// Whether a heartbeat told of where a conversation stands now.
fn is_told_head(frames: &[Value], town: &Town, room: ConversationSid) -> bool {
    let head = tail::members(&town.world.store, room).unwrap().head;
    let told = frames.iter().filter_map(|frame| frame["heads"].as_array()).flatten();
    told.into_iter()
        .any(|told| serde_json::from_value::<confab_protocol::model::Head>(told.clone()).unwrap() == head)
}

fn is_told_state(frames: &[Value], town: &Town, who: &Actor) -> bool {
    let state = tail::standing(&town.world.store, who.user).unwrap().state_version;
    frames.iter().any(|frame| frame["event"] == "heartbeat" && frame["state_version"] == state)
}

fn is_told_busy(frames: &[Value]) -> bool {
    frames.iter().any(|frame| frame["event"] == "user.changed" && frame["users"][0]["status"] == "busy")
}

fn has(frames: &[Value], event: &str) -> bool {
    frames.iter().any(|frame| frame["event"] == event)
}

/// Loses something; gives whether everybody knows of it in the end, with or without the tail.
type Loss = fn(bool) -> bool;

/// Each kind of loss.
const LOSSES: &[(&str, Loss)] = &[
    ("a message", |tailed| {
        let Three { mut town, olga, ana, room, .. } = three();
        let peer = town.enter(&ana);
        town.say(&olga, room, all);
        end(&mut town, tailed);
        is_told_head(&now(&peer), &town, room)
    }),
    ("somebody who comes in, with the own row", |tailed| {
        let Three { mut town, olga, ana, ben, room } = three();
        let (inside, comes) = (town.enter(&ana), town.enter(&ben));
        let call = town.world.adding(room, &ben);
        town.happens(&olga, &call, all);
        end(&mut town, tailed);
        let told = is_told_state(&now(&comes), &town, &ben) && is_told_head(&now(&inside), &town, room);
        town.say(&olga, room, none);
        told && has(&now(&comes), "message.added")
    }),
    ("somebody who comes in where nobody else is connected", |tailed| {
        let Three { mut town, olga, ben, room, .. } = three();
        let comes = town.enter(&ben);
        let call = town.world.adding(room, &ben);
        town.happens(&olga, &call, all);
        end(&mut town, tailed);
        let told = is_told_state(&now(&comes), &town, &ben);
        town.say(&olga, room, none);
        told && has(&now(&comes), "message.added")
    }),
    ("somebody who is removed, with the own row", |tailed| {
        let Three { mut town, olga, ana, room, .. } = three();
        let (stays, goes) = (town.enter(&olga), town.enter(&ana));
        let call = town.world.removing(room, &ana);
        town.happens(&olga, &call, all);
        end(&mut town, tailed);
        is_told_state(&now(&goes), &town, &ana) && is_told_head(&now(&stays), &town, room)
    }),
    ("a change of the roster", |tailed| {
        let Three { mut town, olga, ana, room, .. } = three();
        let peer = town.enter(&ana);
        town.say(&olga, room, none);
        let call = town.world.reading(&olga, room, Some(0), HorizonMode::Advance);
        town.happens(&olga, &call, all);
        end(&mut town, tailed);
        is_told_head(&now(&peer), &town, room)
    }),
    ("a user's own row", |tailed| {
        let Three { mut town, olga, ana, room, .. } = three();
        let peer = town.enter(&ana);
        town.say(&olga, room, none);
        let call = town.world.reading(&ana, room, Some(0), HorizonMode::Advance);
        town.happens(&ana, &call, |event| matches!(event, Event::State { .. }));
        end(&mut town, tailed);
        is_told_state(&now(&peer), &town, &ana)
    }),
    ("a profile, of somebody who is watched and not there", |tailed| {
        let Three { mut town, olga, ana, .. } = three();
        let watcher = town.watch(&olga, &ana);
        let call = busy(&mut town);
        town.happens(&ana, &call, all);
        end(&mut town, tailed);
        is_told_busy(&now(&watcher))
    }),
    ("one's own profile, and somebody reads it again meanwhile", |tailed| {
        let Three { mut town, olga, ana, .. } = three();
        let own = town.enter(&ana);
        let call = busy(&mut town);
        town.happens(&ana, &call, all);
        if tailed {
            let watcher = town.watch(&olga, &ana);
            assert_eq!(now(&watcher), [] as [Value; 0]);
        }
        end(&mut town, tailed);
        is_told_busy(&now(&own))
    }),
    ("a device that is signed out", |tailed| {
        let Three { mut town, ana, .. } = three();
        let peer = town.enter(&ana);
        let (client_id, device) = (town.world.client_id(), ana.device.expect("a device"));
        town.happens(&ana, &Call::DeviceRevoke(DeviceRevokeParams { client_id, device }), all);
        end(&mut town, tailed);
        matches!(peer.queue.ending(), Some(Ending::Told(_)))
    }),
    ("a user who is shut out", |tailed| {
        let Three { mut town, ana, .. } = three();
        let peer = town.enter(&ana);
        let done = town.world.write(|_, _, store| {
            let (row, moved) = (store.user(ana.user)?.expect("a user"), store.next_commit()?);
            Ok(store.update_user(&UserRow { deactivated: true, moved, ..row })?)
        });
        done.unwrap();
        end(&mut town, tailed);
        matches!(peer.queue.ending(), Some(Ending::Told(_)))
    }),
];

fn end(town: &mut Town, tailed: bool) {
    if tailed {
        town.tail();
    }
    town.settle();
}

/// Frames that wait for a session.
fn now(peer: &Peer) -> Vec<Value> {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(pushed(peer))
}

#[test]
fn whatever_the_bus_loses_the_tail_finds() {
    for (name, recovers) in LOSSES {
        assert!(recovers(true), "{name} stays lost");
    }
}

#[test]
fn without_the_tail_it_stays_lost() {
    for (name, recovers) in LOSSES {
        assert!(!recovers(false), "{name} is found without the tail: the other test proves nothing");
    }
}

#[test]
fn a_profile_that_was_told_is_not_told_again() {
    let Three { mut town, olga, ana, .. } = three();
    let watcher = town.watch(&olga, &ana);
    let call = busy(&mut town);
    town.happens(&ana, &call, none);
    assert!(is_told_busy(&now(&watcher)));
    end(&mut town, true);
    assert!(!has(&now(&watcher), "user.changed"));
}

#[test]
fn what_is_only_late_is_not_taken_for_lost() {
    let Three { mut town, olga, ana, room, .. } = three();
    let peer = town.enter(&ana);
    let call = Call::MessageSend(town.world.saying(room, "late"));
    let events = town.world.events(&olga, &call);
    town.tail();
    town.hub.tick(town.now);
    assert_eq!(town.hub.take_asks(), []);
    town.take(Input::Told(events));
    town.settle();
    assert!(!town.hub.gaps.is_blind(room));
    assert!(has(&now(&peer), "message.added"));
}

#[test]
fn after_a_gap_nothing_is_pushed_until_it_is_known_who_is_there() {
    let Three { mut town, olga, ana, room, .. } = three();
    let (stays, removed) = (town.enter(&olga), town.enter(&ana));
    town.say(&olga, room, none);
    let call = town.world.removing(room, &ana);
    town.happens(&olga, &call, all);
    town.say(&olga, room, none);
    assert_eq!(now(&stays).len(), 1, "what was told before the gap, and nothing behind it");
    town.say(&olga, room, none);
    assert!(now(&stays).is_empty());
    town.answer();
    let frames = now(&stays);
    assert!(is_told_head(&frames, &town, room), "{frames:?}");
    town.say(&olga, room, none);
    assert!(has(&now(&stays), "message.added"));
    let frames = now(&removed);
    assert!(!has(&frames, "message.added"), "what waited for someone who is out is gone: {frames:?}");
    assert!(is_told_state(&frames, &town, &ana));
    town.settle();
    assert!(!has(&now(&removed), "message.added"));
}

#[test]
fn a_lost_event_is_noticed_by_the_own_row_that_came() {
    let Three { mut town, olga, ben, room, .. } = three();
    let comes = town.enter(&ben);
    let call = town.world.adding(room, &ben);
    town.happens(&olga, &call, log);
    town.answer();
    town.say(&olga, room, none);
    assert!(has(&now(&comes), "message.added"));
    let call = town.world.removing(room, &ben);
    town.happens(&olga, &call, log);
    town.answer();
    town.say(&olga, room, none);
    assert!(!has(&now(&comes), "message.added"));
}

#[test]
fn what_comes_while_the_store_is_read_is_told_behind_it() {
    let Three { mut town, olga, ana, room, .. } = three();
    let peer = town.enter(&ana);
    town.say(&olga, room, all);
    town.say(&olga, room, none);
    let early = tail::members(&town.world.store, room).unwrap();
    town.say(&olga, room, none);
    assert_eq!(town.hub.take_asks(), [Ask::Members(room)]);
    town.take(Input::Reloaded(Reloaded::Members(early)));
    assert!(!town.hub.gaps.is_blind(room));
    let frames = now(&peer);
    let added: Vec<_> = frames.iter().filter(|frame| frame["event"] == "message.added").collect();
    assert_eq!(added.len(), 1, "{frames:?}");
    assert_eq!(added[0]["seq"], tail::members(&town.world.store, room).unwrap().head.version);
}

#[test]
fn a_snapshot_that_was_read_too_early_is_asked_for_again() {
    let Three { mut town, olga, ana, room, .. } = three();
    let peer = town.enter(&ana);
    town.say(&olga, room, all);
    let early = tail::members(&town.world.store, room).unwrap();
    town.say(&olga, room, all);
    town.say(&olga, room, none);
    town.hub.take_asks();
    town.take(Input::Reloaded(Reloaded::Members(early)));
    assert!(town.hub.gaps.is_blind(room) && now(&peer).is_empty());
    town.answer();
    assert!(!town.hub.gaps.is_blind(room));
    assert!(is_told_head(&now(&peer), &town, room));
}

#[test]
fn a_snapshot_from_before_what_the_tail_saw_is_asked_for_again() {
    let Three { mut town, olga, ana, room, .. } = three();
    town.enter(&ana);
    town.say(&olga, room, all);
    town.say(&olga, room, none);
    let early = tail::members(&town.world.store, room).unwrap();
    town.hub.take_asks();
    let call = town.world.removing(room, &ana);
    town.happens(&olga, &call, all);
    town.tail();
    town.take(Input::Reloaded(Reloaded::Members(early)));
    assert_eq!(town.hub.take_asks(), [Ask::Members(room)]);
}

#[test]
fn an_answer_that_was_lost_is_asked_for_again() {
    let Three { mut town, olga, ana, room, .. } = three();
    town.enter(&ana);
    town.say(&olga, room, all);
    town.say(&olga, room, none);
    assert_eq!(town.hub.take_asks(), [Ask::Members(room)]);
    town.hub.tick(town.now);
    assert_eq!(town.hub.take_asks(), []);
    town.now += Bounds::default().tail;
    town.hub.tick(town.now);
    assert_eq!(town.hub.take_asks(), [Ask::Members(room)]);
}

#[test]
fn more_than_is_held_is_read_once_more_and_nothing_is_kept_without_bound() {
    let Three { mut town, olga, ana, room, .. } = three();
    let peer = town.enter(&ana);
    town.say(&olga, room, all);
    for _ in 0..300 {
        town.say(&olga, room, none);
    }
    assert_eq!(town.hub.gaps.held(room), HELD);
    town.answer();
    assert!(is_told_head(&now(&peer), &town, room));
    town.say(&olga, room, none);
    assert!(has(&now(&peer), "message.added"));
}

/// What a run of random losses is checked against: when who was where.
struct Witness {
    peer: Arc<Peer>,
    user: UserSid,
}

impl Witness {
    /// No event of a log reached someone who was not in it then.
    fn check(&self, town: &Town, frames: &[Value]) {
        for frame in frames.iter().filter(|frame| frame["seq"].is_u64()) {
            let conversation = frame["conversation"].as_str().unwrap().parse().unwrap();
            let seq = frame["seq"].as_u64().unwrap();
            let stays = town.world.store.intervals(self.user, conversation, 100).unwrap();
            let was_in = |stay: &confab_domain::row::IntervalRow| {
                stay.joined_seq <= seq && stay.left_seq.is_none_or(|left| seq <= left)
            };
            assert!(stays.iter().any(was_in), "{} got {frame}", self.user);
        }
    }
}

fn random_run(seed: u64) {
    let mut world = World::new(seed);
    let people: Vec<Actor> = std::iter::once(world.owner.clone())
        .chain((0..3).map(|n| ["Ana", "Ben", "Cleo"][n]).map(|n| world.user(n)).collect::<Vec<_>>())
        .collect();
    let rooms = [world.conversation(&people[0], &[&people[1]]), world.conversation(&people[0], &[])];
    let mut town = Town::new(world);
    let witnesses: Vec<Witness> =
        people.iter().map(|who| Witness { peer: town.enter(who), user: who.user }).collect();
    let mut dice = confab_testkit::SeededIds::new(seed);
    for _ in 0..120 {
        let mut roll = |sides: u64| dice.number() % sides;
        let (room, who) = (rooms[roll(2) as usize], &people[1 + roll(3) as usize]);
        let is_in = town.world.store.membership(who.user, room).unwrap().is_some_and(|row| row.is_joined());
        let loses = roll(3) == 0;
        let call = match (roll(4), is_in) {
            (0, true) => town.world.removing(room, who),
            (0 | 1, false) => town.world.adding(room, who),
            _ => Call::MessageSend(town.world.saying(room, "text")),
        };
        town.happens(&people[0], &call, |_| loses);
        match roll(8) {
            0 => town.tail(),
            1 | 2 => town.answer(),
            3 => town.settle(),
            _ => {}
        }
        witnesses.iter().for_each(|witness| witness.check(&town, &now(&witness.peer)));
    }
    town.tail();
    town.settle();
    town.settle();
    let members: BTreeMap<ConversationSid, Vec<UserSid>> =
        rooms.iter().map(|room| (*room, tail::members(&town.world.store, *room).unwrap().users)).collect();
    for (room, users) in members {
        let active = &town.hub.conversations[&room];
        let mut folded: Vec<UserSid> = active.members.iter().copied().collect();
        folded.sort();
        assert_eq!(folded, users, "seed {seed}");
        let head = tail::members(&town.world.store, room).unwrap().head;
        assert_eq!((active.version, active.roster_version), (head.version, head.roster_version));
    }
}

#[test]
fn random_losses_never_leak_and_always_end() {
    (0..40).for_each(random_run);
}

/// Ana makes a conversation that the bus tells nobody of, reads in it, and leaves it. Whether her answer is still put in.
fn is_answered_after(leaving_is_lost: bool) -> bool {
    let Three { mut town, ana, .. } = three();
    let peer = town.enter(&ana);
    let room = town.world.conversation(&ana, &[]);
    town.tail();
    let purges = peer.queue.purges();
    assert!(is_answered(&peer, room, purges));
    let call = town.world.removing(room, &ana);
    town.happens(&ana, &call, |_| leaving_is_lost);
    if leaving_is_lost {
        assert!(is_answered(&peer, room, purges), "nobody knows of it yet");
        town.tail();
        town.settle();
        assert!(is_told_state(&now(&peer), &town, &ana));
    } else {
        assert!(has(&now(&peer), "state.changed"));
    }
    is_answered(&peer, room, purges)
}

/// Whether the answer to what was read of a conversation, when so many memberships had ended, is put in.
pub(super) fn is_answered(peer: &Peer, room: ConversationSid, purges: u64) -> bool {
    let response = Response { id: 1, outcome: Ok(Answer::InterestSet(Nothing {})) };
    peer.queue.answer_read(response, About::One(room), purges)
}

#[test]
fn what_was_read_is_not_answered_behind_the_own_row_of_its_end_while_the_fold_is_blind() {
    let Three { mut town, olga, ana, room, .. } = three();
    let peer = town.enter(&ana);
    town.say(&olga, room, all);
    town.say(&olga, room, none);
    let purges = peer.queue.purges();
    assert!(is_answered(&peer, room, purges));
    let call = town.world.removing(room, &ana);
    town.happens(&olga, &call, none);
    assert!(has(&now(&peer), "state.changed"));
    assert!(!is_answered(&peer, room, purges));
}

#[test]
fn what_was_read_in_a_membership_that_nobody_heard_of_is_not_answered_behind_its_end() {
    assert!(!is_answered_after(false), "its end was told");
    assert!(!is_answered_after(true), "its end was lost, and found");
}

#[test]
fn a_membership_that_is_older_than_the_fold_is_not_trusted() {
    let Three { mut town, olga, ana, room, .. } = three();
    let stays = town.enter(&olga);
    let old = tail::standing(&town.world.store, ana.user).unwrap();
    let call = town.world.removing(room, &ana);
    town.happens(&olga, &call, none);
    let queue = Arc::new(Queue::new(100, Arc::default()));
    let late = Arc::new(Peer::new(99, ana, queue, town.now));
    town.take(Input::Attach { peer: Arc::clone(&late), standing: old });
    town.say(&olga, room, none);
    assert!(now(&late).is_empty());
    town.answer();
    town.say(&olga, room, none);
    assert!(has(&now(&stays), "message.added") && !has(&now(&late), "message.added"));
}
