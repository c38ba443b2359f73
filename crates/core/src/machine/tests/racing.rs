//! Pages, ranges, pushes, the cache and the person in any order: at rest the window and the cache hold what the server has.

use std::collections::{BTreeMap, VecDeque};

use confab_protocol::event::Signal;
use confab_protocol::method::{Direction, MessagePageParams};
use confab_protocol::model::{Conversation, ConversationSummary, Head, LastMessage, Message, Workspace};
use confab_protocol::{Call, Change, LogEvent, Push, Request, ServerFrame, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{added, conversation, epoch, event, own, restored, row};
use crate::command::Command;
use crate::stored::{CachePage, CachePlace, CacheRead, CacheWrite, CachedConversation};
use crate::testing::{self, CONVERSATION, message, participant};
use crate::view::{MessageRow, ViewDiff};
use crate::{Cx, Effect, Event, Machine, Timer};

#[derive(Debug, Clone)]
enum Step {
    /// Somebody posts, edits or removes a message; the push may be lost.
    Post {
        lost: bool,
    },
    Edit {
        back: usize,
        lost: bool,
    },
    Remove {
        back: usize,
        lost: bool,
    },
    /// The person opens the conversation, closes it, or moves the window.
    Open(bool),
    Older,
    Newer,
    Latest,
    /// The server reads the oldest frame; the answer arrives later.
    Serve,
    /// One of the answers and pushes arrives.
    Hear(usize),
    /// The cache answers, as it stood when it was asked.
    Read,
    /// The cache is lost and begun anew.
    Lost,
    /// The connection breaks, and comes back.
    Break,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        4 => any::<bool>().prop_map(|lost| Step::Post { lost }),
        3 => (0..120usize, any::<bool>()).prop_map(|(back, lost)| Step::Edit { back, lost }),
        2 => (0..120usize, any::<bool>()).prop_map(|(back, lost)| Step::Remove { back, lost }),
        4 => prop::bool::weighted(0.8).prop_map(Step::Open),
        4 => Just(Step::Older),
        2 => Just(Step::Newer),
        1 => Just(Step::Latest),
        12 => Just(Step::Serve),
        14 => (0..4usize).prop_map(Step::Hear),
        6 => Just(Step::Read),
        1 => prop::bool::ANY.prop_map(|lost| if lost { Step::Lost } else { Step::Break }),
    ];
    prop::collection::vec(step, 0..120)
}

/// Messages that are there in the beginning: three pages.
const BEFORE: u64 = 130;

struct Server {
    messages: Vec<Message>,
    /// Of each event after the beginning, the index of its message and what it was.
    log: Vec<(usize, u8)>,
}

impl Server {
    fn new() -> Self {
        let messages = (0..BEFORE).map(|index| message(index, index + 3, &format!("n{index}"))).collect();
        Self { messages, log: Vec::new() }
    }

    fn version(&self) -> u64 {
        2 + BEFORE + self.log.len() as u64
    }

    fn live(&self) -> impl Iterator<Item = &Message> {
        self.messages.iter().filter(|message| !message.removed)
    }

    fn summary(&self) -> ConversationSummary {
        let last = self.messages.last().unwrap();
        let last_message = Some(LastMessage { index: last.index, date_created: last.date_created });
        let unread = self.live().count() as u64;
        ConversationSummary {
            conversation: Some(Conversation { last_message, ..row(self.version()) }),
            me: own(3, None, unread, self.version()),
            last_message: self.live().last().cloned(),
        }
    }

    fn event(&self, at: usize) -> LogEvent {
        let (index, kind) = self.log[at];
        let subject = self.messages[index].clone();
        let change = match kind {
            0 => added(subject),
            1 => Change::MessageEdited(Box::new(subject)),
            _ => Change::MessageRemoved(Box::new(subject)),
        };
        event(3 + BEFORE + at as u64, change)
    }

    /// Something happens. Gives its push.
    fn happens(&mut self, kind: u8, back: usize) -> Option<Push> {
        let version = self.version() + 1;
        let index =
            if kind == 0 { self.messages.len() } else { self.messages.len().checked_sub(back + 1)? };
        match kind {
            0 => self.messages.push(message(index as u64, version, &format!("n{index}"))),
            _ if self.messages[index].removed => return None,
            1 => {
                let edited = &mut self.messages[index];
                (edited.body, edited.version) = (Some(format!("edit {version}")), version);
            }
            _ => {
                let gone = &mut self.messages[index];
                (gone.body, gone.removed, gone.version) = (None, true, version);
            }
        }
        self.log.push((index, kind));
        Some(Push::Log(self.event(self.log.len() - 1)))
    }

    fn page(&self, params: &MessagePageParams) -> Value {
        let limit = params.limit.unwrap_or(30) as usize;
        let (from, to) = match params.direction {
            Direction::Forward => {
                let from = params.anchor.map_or(0, |anchor| usize::try_from(anchor).unwrap());
                (from, (from + limit).min(self.messages.len()))
            }
            Direction::Backwards => {
                let end =
                    params.anchor.map_or(self.messages.len(), |anchor| usize::try_from(anchor).unwrap() + 1);
                let end = end.min(self.messages.len());
                (end.saturating_sub(limit), end)
            }
        };
        let messages = self.messages.get(from..to).unwrap_or_default();
        json!({ "as_of": self.version(), "messages": messages, "has_older": from > 0,
                "has_newer": to < self.messages.len() })
    }

    fn range(&self, after: u64) -> Value {
        let first = usize::try_from(after.saturating_sub(2 + BEFORE)).unwrap();
        let events: Vec<LogEvent> = (first..self.log.len()).take(100).map(|at| self.event(at)).collect();
        let to = events.last().map_or(after, |event| event.seq);
        json!({ "from": after + 1, "to": to, "more": to < self.version(), "events": events })
    }

    fn answer(&self, call: &Call) -> Value {
        match call {
            Call::Hello(_) => hello(),
            Call::ConversationList(_) => {
                json!({ "epoch": epoch(8), "cursor": 40, "state_version": 3, "summaries": [self.summary()] })
            }
            Call::Resume(_) => json!({ "epoch": epoch(8), "cursor": 41, "more": false, "state_version": 3,
                                       "summaries": [self.summary()] }),
            Call::ConversationGet(_) => json!({ "summary": self.summary() }),
            Call::MessagePage(params) => self.page(params),
            Call::EventRange(params) => self.range(params.after),
            Call::ParticipantList(_) => {
                let rows = [participant("Aiko", 1), participant("Ingrid", 2)];
                json!({ "as_of": 2, "participants": rows, "more": false })
            }
            Call::UserGet(_) => json!({ "users": [testing::user("Aiko", "Aiko", 1)] }),
            Call::PresenceSubscribe(_) => json!({ "people": [] }),
            Call::Ping(_) => json!({ "now": 10_000 }),
            _ => json!({}),
        }
    }
}

fn hello() -> Value {
    let workspace = Workspace {
        sid: restored().workspace,
        name: "Fjordline".into(),
        addresses: Vec::new(),
        fingerprint: "ab".repeat(32),
    };
    json!({
        "version": 1, "workspace": workspace, "epoch": epoch(8), "user": testing::user("Ingrid", "Ingrid", 1),
        "device": restored().device, "state_version": 3, "now": 10_000, "token_expires_at": 600_000,
        "heartbeat_ms": 5_000,
    })
}

/// A cache that answers questions in their order, with what it held when they were asked.
#[derive(Default)]
struct Cache {
    messages: BTreeMap<u64, Message>,
    row: Option<CachedConversation>,
    answers: VecDeque<CachePage>,
}

impl Cache {
    fn write(&mut self, write: CacheWrite) {
        match write {
            CacheWrite::Message(row)
                if self.messages.get(&row.index).is_none_or(|held| held.version <= row.version) =>
            {
                self.messages.insert(row.index, *row);
            }
            CacheWrite::Conversation(row) => self.row = Some(*row),
            CacheWrite::DropMessages { .. } => self.messages.clear(),
            CacheWrite::DropConversation { .. } | CacheWrite::DropAll => {
                self.messages.clear();
                self.row = None;
            }
            _ => {}
        }
    }

    fn read(&mut self, read: &CacheRead) {
        let limit = read.limit as usize;
        let all: Vec<&Message> = match read.place {
            CachePlace::Newest => self.messages.values().rev().collect(),
            CachePlace::Before(index) => self.messages.range(..index).rev().map(|(_, row)| row).collect(),
            CachePlace::After(index) => self.messages.range(index + 1..).map(|(_, row)| row).collect(),
        };
        let more = all.len() > limit;
        let mut messages: Vec<Message> = all.into_iter().take(limit).cloned().collect();
        messages.sort_by_key(|row| row.index);
        let participants = vec![participant("Aiko", 1), participant("Ingrid", 2)];
        self.answers.push_back(CachePage { id: read.id, messages, more, participants });
    }
}

struct World {
    machine: Machine,
    server: Server,
    cache: Cache,
    asked: VecDeque<Request>,
    frames: VecDeque<ServerFrame>,
    shown: BTreeMap<String, MessageRow>,
    has_older: bool,
    has_newer: bool,
    unread: u64,
    refetch: bool,
    connect: bool,
}

impl World {
    fn new() -> Self {
        let mut world = Self {
            machine: Machine::new(restored()),
            server: Server::new(),
            cache: Cache::default(),
            asked: VecDeque::new(),
            frames: VecDeque::new(),
            shown: BTreeMap::new(),
            has_older: false,
            has_newer: false,
            unread: 0,
            refetch: false,
            connect: false,
        };
        world.feed(Event::Start);
        world.feed(Event::Opened);
        world.connect = false;
        while !world.asked.is_empty() || !world.frames.is_empty() {
            world.step(&Step::Serve);
            world.step(&Step::Hear(0));
        }
        world
    }

    fn feed(&mut self, event: Event) {
        let mut ids = || Uuid::nil();
        let mut cx = Cx { now: Timestamp(10_000), ids: &mut ids, random: &mut || 0 };
        for effect in self.machine.handle(event, &mut cx) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => self.connect = true,
            Effect::Send(request) => self.asked.push_back(*request),
            Effect::CacheWrite(writes) => writes.into_iter().for_each(|write| self.cache.write(write)),
            Effect::ReadCache(read) => self.cache.read(&read),
            Effect::View(diffs) => diffs.into_iter().for_each(|diff| self.show(diff)),
            Effect::SetTimer { timer: Timer::Refetch, .. } => self.refetch = true,
            _ => {}
        }
    }

    fn show(&mut self, diff: ViewDiff) {
        match diff {
            ViewDiff::Opened { .. } => self.shown.clear(),
            ViewDiff::Timeline { upsert, removed, reset, ends, .. } => {
                self.shown.retain(|key, _| !reset && !removed.contains(key));
                self.shown.extend(upsert.into_iter().map(|row| (row.key.clone(), row)));
                (self.has_older, self.has_newer) = (ends.has_older, ends.has_newer);
            }
            ViewDiff::Conversations { upsert, .. } => {
                upsert.into_iter().for_each(|row| self.unread = row.unread);
            }
            _ => {}
        }
    }

    fn step(&mut self, step: &Step) {
        match *step {
            Step::Post { lost } => self.happens(0, 0, lost),
            Step::Edit { back, lost } => self.happens(1, back, lost),
            Step::Remove { back, lost } => self.happens(2, back, lost),
            Step::Open(open) => self.command(Command::Open { conversation: open.then(conversation) }),
            Step::Older => self.command(Command::LoadOlder),
            Step::Newer => self.command(Command::LoadNewer),
            Step::Latest => self.command(Command::LoadLatest),
            Step::Serve => self.serve(),
            Step::Hear(nth) => self.hear(nth),
            Step::Read => {
                if let Some(page) = self.cache.answers.pop_front() {
                    self.feed(Event::CacheRead(page));
                }
            }
            Step::Lost => {
                // What it answered before it was lost is told before.
                while !self.cache.answers.is_empty() {
                    self.step(&Step::Read);
                }
                self.cache = Cache::default();
                self.feed(Event::CacheEmpty);
            }
            Step::Break => {
                self.asked.clear();
                self.frames.clear();
                self.feed(Event::Lost);
            }
        }
        if std::mem::take(&mut self.connect) {
            self.feed(Event::Opened);
        }
    }

    fn command(&mut self, command: Command) {
        self.feed(Event::Command { ticket: 1, command });
    }

    fn happens(&mut self, kind: u8, back: usize, lost: bool) {
        if let Some(push) = self.server.happens(kind, back).filter(|_| !lost) {
            self.frames.push_back(ServerFrame::decode(&push.encode()).unwrap());
        }
    }

    fn serve(&mut self) {
        if let Some(request) = self.asked.pop_front() {
            let outcome = Ok(self.server.answer(&request.call));
            self.frames.push_back(ServerFrame::Response { id: request.id, outcome });
        }
    }

    /// Answers may overtake each other and the pushes.
    fn hear(&mut self, nth: usize) {
        let at = nth.min(self.frames.len().saturating_sub(1));
        if let Some(frame) = self.frames.remove(at) {
            self.feed(Event::Frame(frame));
        }
    }

    /// From now on nothing is lost, and everything arrives.
    fn calm(&mut self) {
        self.command(Command::Open { conversation: Some(conversation()) });
        let mut still = 0;
        while still < 4 {
            self.step(&Step::Serve);
            self.step(&Step::Hear(0));
            self.step(&Step::Read);
            if self.asked.is_empty() && self.frames.is_empty() && self.cache.answers.is_empty() {
                still += 1;
                self.feed(Event::Timer(Timer::Reconnect));
                if std::mem::take(&mut self.refetch) {
                    self.feed(Event::Timer(Timer::Refetch));
                }
                let head =
                    Head { conversation: CONVERSATION, version: self.server.version(), roster_version: 2 };
                let beat = Signal::Heartbeat {
                    heads: vec![head],
                    number: 0,
                    state_version: None,
                    roles_version: None,
                    people: None,
                };
                let push = Push::Signal(beat).encode();
                self.step(&Step::Hear(0));
                self.feed(Event::Frame(ServerFrame::decode(&push).unwrap()));
                if std::mem::take(&mut self.connect) {
                    self.feed(Event::Opened);
                }
            }
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        let held: BTreeMap<u64, String> =
            self.shown.values().map(|row| (row.index.unwrap(), row.body.clone())).collect();
        let truth: BTreeMap<u64, String> =
            self.server.live().map(|row| (row.index, row.body.clone().unwrap())).collect();
        if !held.is_empty() {
            let first = held.keys().next().copied().filter(|_| self.has_older).unwrap_or(0);
            let last = held.keys().next_back().copied().filter(|_| self.has_newer).unwrap_or(u64::MAX);
            let stretch: BTreeMap<u64, String> =
                truth.range(first..=last).map(|(index, body)| (*index, body.clone())).collect();
            prop_assert_eq!(&held, &stretch, "older {}, newer {}", self.has_older, self.has_newer);
        } else {
            prop_assert!(truth.is_empty() || self.has_older, "nothing is shown of {} messages", truth.len());
        }
        prop_assert_eq!(self.unread, truth.len() as u64);
        let history = self.cache.row.as_ref().and_then(|row| row.history);
        let oldest = history.map(|history| history.oldest.unwrap_or(0));
        for row in self.server.messages.iter().filter(|row| oldest.is_some_and(|oldest| row.index >= oldest))
        {
            let held = self.cache.messages.get(&row.index).map(|held| (held.version, &held.body));
            prop_assert_eq!(held, Some((row.version, &row.body)), "message {} of the cache", row.index);
        }
        Ok(())
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn whatever_overtakes_what_the_window_and_the_cache_end_up_with_what_the_server_has(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
        }
        world.calm();
        world.check()?;
        // And all the way back.
        for _ in 0..8 {
            world.command(Command::LoadOlder);
            world.calm();
            world.check()?;
        }
    }
}
