//! The outbox against a server that forgets to answer, refuses, and is lost, with a disk that is slow and a program that crashes.

mod horizons;

use std::collections::{BTreeMap, VecDeque};

use confab_protocol::method::HorizonMode;
use confab_protocol::{ClientId, ConversationSid, Epoch, Timestamp};
use proptest::prelude::*;
use serde_json::Map;
use uuid::Uuid;

use super::{Outbox, Wish, call};
use crate::key::Key;
use crate::stored::{Action, EntryState, OutboxEntry, OutboxWrite};
use crate::view::Problem;

const SID: ConversationSid = ConversationSid(Uuid::from_u128(0xc));
const PLACE: Key = Key::Sid(SID);
const NOW: Timestamp = Timestamp(1_000);

#[derive(Debug, Clone, Copy)]
enum Mood {
    Willing,
    /// Cannot now.
    Busy,
    /// Takes no message.
    Strict,
}

#[derive(Debug, Clone, Copy)]
enum Answer {
    Applied,
    Later,
    Never,
}

#[derive(Debug, Clone)]
enum Step {
    Send,
    Edit {
        nth: usize,
    },
    Remove {
        nth: usize,
    },
    /// The disk confirms its oldest write.
    Write,
    /// The server takes the oldest frame.
    Serve {
        mood: Mood,
    },
    /// The oldest answer arrives.
    Hear,
    Lose,
    Connect,
    /// Time for what was refused for now.
    Wait,
    /// The program ends without a word and starts again.
    Crash,
    /// The conversation gets another name.
    Rename,
    /// A copy is made of all that the server has.
    Backup,
    /// The server goes back to its copy, and the client finds out when it connects next.
    Restore,
}

fn steps(crashes: bool, restores: bool) -> impl Strategy<Value = Vec<Step>> {
    let mood = prop_oneof![6 => Just(Mood::Willing), 2 => Just(Mood::Busy), 1 => Just(Mood::Strict)];
    let step = prop_oneof![
        5 => Just(Step::Send),
        2 => (0..8usize).prop_map(|nth| Step::Edit { nth }),
        1 => (0..8usize).prop_map(|nth| Step::Remove { nth }),
        6 => Just(Step::Write),
        6 => mood.prop_map(|mood| Step::Serve { mood }),
        5 => Just(Step::Hear),
        1 => Just(Step::Lose),
        2 => Just(Step::Connect),
        1 => Just(Step::Wait),
        1 => Just(Step::Rename),
        1 => Just(if crashes { Step::Crash } else { Step::Wait }),
        1 => Just(if restores { Step::Backup } else { Step::Wait }),
        1 => Just(if restores { Step::Restore } else { Step::Wait }),
    ];
    prop::collection::vec(step, 0..80)
}

/// A message as the server has it.
#[derive(Debug, Clone, PartialEq)]
struct Posted {
    id: ClientId,
    body: String,
    removed: bool,
}

#[derive(Debug, Clone, Default)]
struct Server {
    seen: BTreeMap<ClientId, String>,
    log: Vec<Posted>,
    name: String,
}

impl Server {
    fn apply(&mut self, entry: &OutboxEntry, mood: Mood) -> Answer {
        let payload = serde_json::to_string(&call(entry, Some(SID)).unwrap()).unwrap();
        if let Some(seen) = self.seen.get(&entry.client_id) {
            assert_eq!(*seen, payload, "another payload under the same id");
            return Answer::Applied;
        }
        let answer = self.carry_out(entry, mood);
        if let Answer::Applied = answer {
            self.seen.insert(entry.client_id, payload);
        }
        answer
    }

    fn carry_out(&mut self, entry: &OutboxEntry, mood: Mood) -> Answer {
        match (&entry.action, mood) {
            (_, Mood::Busy) => return Answer::Later,
            (Action::Send { .. }, Mood::Strict) => return Answer::Never,
            (Action::Send { after: Some(after), .. }, _) if !self.seen.contains_key(after) => {
                return Answer::Later;
            }
            (Action::Send { body, .. }, _) => {
                self.log.push(Posted { id: entry.client_id, body: body.clone(), removed: false });
            }
            (Action::Rename { name, .. }, _) => self.name.clone_from(name),
            (Action::Edit { row, body, .. }, _) => body.clone_into(&mut self.message(*row).body),
            (Action::Remove { row, .. }, _) => {
                let gone = self.message(*row);
                gone.removed = true;
                gone.body.clear();
            }
            (action, _) => panic!("nobody asked for {action:?}"),
        }
        Answer::Applied
    }

    fn message(&mut self, id: ClientId) -> &mut Posted {
        self.log.iter_mut().find(|posted| posted.id == id).expect("a change came before its message")
    }
}

#[derive(Debug, Default)]
struct World {
    outbox: Outbox,
    disk: BTreeMap<ClientId, OutboxEntry>,
    writes: VecDeque<(u64, Vec<OutboxWrite>)>,
    online: bool,
    wire: VecDeque<OutboxEntry>,
    answers: VecDeque<(ClientId, Answer)>,
    server: Server,
    copy: Server,
    /// How often the server went back.
    epoch: u128,
    /// The epoch that the cache is of.
    cached: Option<Epoch>,
    last_id: u128,
    /// What the person wants to be there, in order.
    wanted: Vec<Posted>,
    wanted_name: String,
}

impl World {
    fn id(&mut self) -> ClientId {
        self.last_id += 1;
        ClientId(Uuid::from_u128(self.last_id))
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Send => {
                let (id, body) = (self.id(), format!("text {}", self.last_id));
                self.wanted.push(Posted { id, body: body.clone(), removed: false });
                self.outbox.add(id, Action::Send { place: PLACE, body, after: None }, NOW);
            }
            Step::Edit { nth } => self.edit(nth),
            Step::Remove { nth } => self.remove(nth),
            Step::Write => self.write(),
            Step::Serve { mood } => {
                if let Some(entry) = self.wire.pop_front() {
                    let answer = self.server.apply(&entry, mood);
                    self.answers.push_back((entry.client_id, answer));
                }
            }
            Step::Hear => self.hear(),
            Step::Lose => self.lose(),
            Step::Connect => self.connect(),
            Step::Wait => self.outbox.try_again(),
            Step::Crash => self.crash(),
            Step::Rename => self.rename(),
            Step::Backup => self.copy = self.server.clone(),
            Step::Restore => {
                self.server = self.copy.clone();
                self.epoch += 1;
                self.lose();
            }
        }
        self.settle();
    }

    /// One of the messages that may still be changed.
    fn pick(&self, nth: usize) -> Option<ClientId> {
        let stuck = |id| self.outbox.get(id).is_some_and(|entry| entry.problem().is_some());
        self.wanted
            .iter()
            .filter(|posted| !posted.removed && !stuck(posted.id))
            .nth(nth)
            .map(|posted| posted.id)
    }

    fn want(&mut self, id: ClientId) -> &mut Posted {
        self.wanted.iter_mut().find(|posted| posted.id == id).unwrap()
    }

    fn edit(&mut self, nth: usize) {
        let Some(row) = self.pick(nth) else { return };
        let id = self.id();
        let body = format!("edit {}", self.last_id);
        self.want(row).body.clone_from(&body);
        if !self.outbox.fold_edit(row, &body) {
            let message = confab_protocol::method::MessageRef::ClientId(row);
            self.outbox.add(id, Action::Edit { place: PLACE, message, row, body }, NOW);
        }
    }

    fn rename(&mut self) {
        let id = self.id();
        self.wanted_name = format!("name {}", self.last_id);
        self.outbox.add(id, Action::Rename { place: PLACE, name: self.wanted_name.clone() }, NOW);
    }

    fn remove(&mut self, nth: usize) {
        let Some(row) = self.pick(nth) else { return };
        let id = self.id();
        if self.outbox.fold_remove(row) {
            self.wanted.retain(|posted| posted.id != row);
            return;
        }
        // Of a removed message no text is left.
        let gone = self.want(row);
        gone.removed = true;
        gone.body.clear();
        let message = confab_protocol::method::MessageRef::ClientId(row);
        self.outbox.add(id, Action::Remove { place: PLACE, message, row }, NOW);
    }

    fn settle(&mut self) {
        if self.online {
            self.outbox.release();
        }
        self.writes.extend(self.outbox.take_writes(|_| Some(SID)));
        if self.online {
            let out = self.outbox.transmit(|_| Some(SID));
            for entry in &out {
                assert_eq!(self.disk.get(&entry.client_id), Some(entry), "not on the disk as it goes out");
            }
            self.wire.extend(out);
        }
    }

    fn write(&mut self) {
        let Some((write, writes)) = self.writes.pop_front() else { return };
        for change in writes {
            match change {
                OutboxWrite::Put(entry) => drop(self.disk.insert(entry.client_id, *entry)),
                OutboxWrite::Delete(id) => drop(self.disk.remove(&id)),
                OutboxWrite::PutDraft(_) | OutboxWrite::DeleteDraft { .. } => {}
            }
        }
        self.outbox.persisted(write);
    }

    fn hear(&mut self) {
        match self.answers.pop_front() {
            Some((id, Answer::Applied)) => drop(self.outbox.acknowledge(id, None, NOW)),
            Some((id, Answer::Later)) => self.outbox.postpone(id),
            Some((id, Answer::Never)) => {
                let problem = Problem { code: "forbidden".into(), params: Map::new() };
                self.outbox.refuse(id, &problem);
            }
            None => {}
        }
    }

    fn connect(&mut self) {
        if !self.online {
            self.online = true;
            self.cached = Some(Epoch(Uuid::from_u128(self.epoch)));
            self.outbox.replay(self.cached, NOW);
        }
    }

    fn lose(&mut self) {
        self.online = false;
        self.wire.clear();
        self.answers.clear();
        self.outbox.connection_lost();
    }

    fn crash(&mut self) {
        self.lose();
        self.writes.clear();
        let mut kept: Vec<OutboxEntry> = self.disk.values().cloned().collect();
        kept.sort_by_key(|entry| entry.order);
        // The cache has another file, which may be ahead of this one.
        self.outbox = Outbox::new(kept, self.cached);
        // What was not written is not seen again either.
        let disk = &self.disk;
        self.wanted.retain(|posted| disk.contains_key(&posted.id));
    }

    /// Everything works from now on: until nothing is left to do.
    fn calm(&mut self) {
        self.connect();
        for _ in 0..1_000 {
            self.step(&Step::Wait);
            self.step(&Step::Write);
            self.step(&Step::Serve { mood: Mood::Willing });
            self.step(&Step::Hear);
            if self.outbox.entries().all(|entry| !entry.is_live()) {
                return;
            }
        }
        panic!("still on its way: {:?}", self.outbox);
    }

    fn stuck(&self, id: ClientId) -> bool {
        self.outbox.get(id).is_some_and(|entry| entry.problem().is_some())
    }

    /// What the person sent is there in the order in which it was sent, each once.
    fn assert_order(&self) {
        let order = |id: ClientId| self.disk.get(&id).map(|entry| entry.order);
        let orders: Vec<_> = self.server.log.iter().map(|posted| order(posted.id)).collect();
        assert!(orders.is_sorted() && orders.iter().all(Option::is_some), "{orders:?}");
    }
}

proptest! {
    #[test]
    fn what_the_person_did_is_what_the_server_has_in_the_same_order(steps in steps(false, false)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        world.calm();
        let wanted: Vec<Posted> = world.wanted.iter().filter(|posted| !world.stuck(posted.id)).cloned().collect();
        // A refused message is sent again by nobody: the server never had it.
        prop_assert_eq!(&world.server.log, &wanted);
        prop_assert_eq!(&world.server.name, &world.wanted_name);
    }

    #[test]
    fn a_server_that_goes_back_to_a_copy_is_told_everything_again_in_the_same_order(steps in steps(false, true)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        world.calm();
        let wanted: Vec<Posted> = world.wanted.iter().filter(|posted| !world.stuck(posted.id)).cloned().collect();
        prop_assert_eq!(&world.server.log, &wanted);
        prop_assert_eq!(&world.server.name, &world.wanted_name);
    }

    #[test]
    fn whatever_crashes_and_is_restored_nothing_that_was_kept_is_lost_or_doubled(steps in steps(true, true)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        let kept: Vec<ClientId> = world.disk.values().filter_map(|entry| match (&entry.action, &entry.state) {
            (Action::Send { .. }, EntryState::Released | EntryState::Acknowledged { .. }) => Some(entry.client_id),
            _ => None,
        }).collect();
        world.step(&Step::Crash);
        world.calm();
        world.assert_order();
        for id in kept {
            let copies = world.server.log.iter().filter(|posted| posted.id == id).count();
            prop_assert_eq!(copies, usize::from(!world.stuck(id)));
        }
    }

    #[test]
    fn after_any_crash_what_was_on_the_disk_arrives_once_and_in_order(steps in steps(true, false)) {
        let mut world = World::default();
        for step in &steps {
            world.step(step);
        }
        let kept: Vec<ClientId> = world.disk.values().filter_map(|entry| match (&entry.action, &entry.state) {
            (Action::Send { .. }, EntryState::Released) => Some(entry.client_id),
            _ => None,
        }).collect();
        world.step(&Step::Crash);
        world.calm();
        world.assert_order();
        for id in kept {
            let copies = world.server.log.iter().filter(|posted| posted.id == id).count();
            prop_assert_eq!(copies, usize::from(!world.stuck(id)));
        }
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

/// A horizon as the server keeps it.
struct Horizon {
    index: Option<u64>,
    version: u64,
    set_at: u64,
}

impl Horizon {
    fn new(index: Option<u64>) -> Self {
        Self { index, version: 1, set_at: 0 }
    }

    fn apply(&mut self, wish: Wish) {
        let moves = match wish.mode {
            HorizonMode::Advance => wish.based_on >= self.set_at && wish.index > self.index,
            HorizonMode::Set => true,
        };
        if moves {
            self.version += 1;
            self.index = wish.index;
            if wish.mode == HorizonMode::Set {
                self.set_at = self.version;
            }
        }
    }
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
    let kept = held(&mut outbox, 1, Action::Send { place: PLACE, body: "helo".into(), after: None });
    let gone = held(&mut outbox, 2, Action::Send { place: PLACE, body: "never mind".into(), after: None });
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
fn what_was_made_in_a_conversation_goes_by_its_sid_on_the_disk_as_soon_as_it_has_one() {
    let mut outbox = Outbox::default();
    let id = held(&mut outbox, 1, Action::Create { name: "Plans".into(), unique_name: None });
    let place = Key::Made(id);
    held(&mut outbox, 2, Action::Send { place, body: "first".into(), after: None });
    outbox.take_writes(|_| None);
    outbox.acknowledge(id, Some(SID), NOW);
    held(&mut outbox, 3, Action::Send { place, body: "second".into(), after: None });
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
