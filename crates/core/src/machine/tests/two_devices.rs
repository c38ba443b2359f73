//! One person at two computers, in any order of typing, sending, pushes, lost connections, crashes and a restored server: what
//! was typed stays on its computer until the server has it, and at rest both show the same.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use confab_protocol::event::Signal;
use confab_protocol::method::MessageResult;
use confab_protocol::model::{Conversation, ConversationSummary, Draft, LastMessage, Message, Workspace};
use confab_protocol::{Call, ClientId, Epoch, ErrorCode, Push, Request, ServerFrame, Timestamp};
use proptest::prelude::*;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{added, conversation, event, own, restored, row};
use crate::command::Command;
use crate::key::Key;
use crate::stored::{
    CachePage, CacheWrite, CachedConversation, CachedMeta, OutboxEntry, OutboxWrite, Restored, StoredDraft,
};
use crate::testing::{self, CONVERSATION, message, participant};
use crate::view::ViewDiff;
use crate::{Cx, Effect, Event, Machine, Timer};

#[derive(Debug, Clone)]
enum Step {
    /// The person types on a computer.
    Type(usize, String),
    /// And sends it.
    Send(usize),
    Focus(usize, bool),
    /// A timer goes off.
    Timer(usize),
    /// The disk confirms its oldest write.
    Write(usize),
    /// The server takes the oldest frame.
    Serve(usize),
    /// The oldest frame of the server arrives.
    Hear(usize),
    /// The connection breaks.
    Lose(usize),
    /// The program ends without a word and starts again.
    Crash(usize),
    /// The server is set back to how it was some changes ago.
    Restore(usize),
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let which = || 0..2usize;
    let step = prop_oneof![
        8 => (which(), "[a-c]{0,2}").prop_map(|(at, text)| Step::Type(at, text)),
        2 => which().prop_map(Step::Send),
        2 => (which(), any::<bool>()).prop_map(|(at, focused)| Step::Focus(at, focused)),
        8 => which().prop_map(Step::Timer),
        12 => which().prop_map(Step::Write),
        12 => which().prop_map(Step::Serve),
        12 => which().prop_map(Step::Hear),
        2 => which().prop_map(Step::Lose),
        1 => which().prop_map(Step::Crash),
        1 => (0..6usize).prop_map(Step::Restore),
    ];
    prop::collection::vec(step, 0..120)
}

/// What a server keeps.
#[derive(Debug, Clone)]
struct Kept {
    state_version: u64,
    draft: Draft,
    messages: Vec<Message>,
    seen: BTreeSet<ClientId>,
}

struct Server {
    epoch: u128,
    now: Kept,
    past: Vec<Kept>,
}

impl Server {
    fn new() -> Self {
        let draft = Draft { conversation: CONVERSATION, body: String::new(), version: 0 };
        let now = Kept { state_version: 3, draft, messages: Vec::new(), seen: BTreeSet::new() };
        Self { epoch: 8, now, past: Vec::new() }
    }

    fn epoch(&self) -> Epoch {
        super::rig::epoch(self.epoch)
    }

    fn version(&self) -> u64 {
        2 + self.now.messages.len() as u64
    }

    fn summary(&self) -> ConversationSummary {
        let last = self.now.messages.last();
        let last_message =
            last.map(|last| LastMessage { index: last.index, date_created: last.date_created });
        ConversationSummary {
            conversation: Some(Conversation { last_message, ..row(self.version()) }),
            me: own(3, None, 0, self.version()),
            last_message: last.cloned(),
        }
    }

    /// The answer, and what is pushed to both computers.
    fn take(&mut self, call: &Call) -> (Value, Option<Push>) {
        match call {
            Call::Hello(_) => (self.hello(), None),
            Call::ConversationList(params) => {
                let page = json!({ "cursor": 0, "summaries": [self.summary()] });
                (self.state_page(page, params.state_version), None)
            }
            Call::Resume(params) => {
                let page = json!({ "cursor": 0, "more": false, "summaries": [self.summary()] });
                (self.state_page(page, params.state_version), None)
            }
            Call::ConversationGet(_) => (json!({ "summary": self.summary() }), None),
            Call::DraftSet(params) => self.draft(params),
            Call::MessageSend(params) => self.message(params),
            Call::MessagePage(_) => {
                let messages = &self.now.messages;
                (
                    json!({ "as_of": self.version(), "messages": messages, "has_older": false, "has_newer": false }),
                    None,
                )
            }
            Call::EventRange(params) => (self.range(params.after), None),
            Call::ParticipantList(_) => {
                (json!({ "as_of": 2, "participants": [participant("Ingrid", 2)], "more": false }), None)
            }
            Call::UserGet(_) => (json!({ "users": [] }), None),
            Call::PresenceSubscribe(_) => (json!({ "people": [] }), None),
            Call::Ping(_) => (json!({ "now": 0 }), None),
            _ => (json!({}), None),
        }
    }

    fn hello(&self) -> Value {
        let workspace = Workspace {
            sid: restored().workspace,
            name: "Fjordline".into(),
            addresses: Vec::new(),
            fingerprint: "ab".repeat(32),
        };
        json!({
            "version": 1, "workspace": workspace, "epoch": self.epoch(), "user": testing::user("Ingrid", "Ingrid", 1),
            "device": restored().device, "state_version": self.now.state_version, "now": 0,
            "token_expires_at": 600_000, "heartbeat_ms": 5_000,
        })
    }

    fn state_page(&self, mut page: Value, after: Option<u64>) -> Value {
        let newer = self.now.draft.version > after.unwrap_or(0);
        let drafts: Vec<&Draft> = Some(&self.now.draft).filter(|_| newer).into_iter().collect();
        let own = json!({
            "epoch": self.epoch(), "state_version": self.now.state_version, "state_to": self.now.state_version,
            "drafts": drafts,
        });
        page.as_object_mut().unwrap().extend(own.as_object().unwrap().clone());
        page
    }

    /// By the rules of `draft.set`.
    fn draft(&mut self, params: &confab_protocol::method::DraftSetParams) -> (Value, Option<Push>) {
        let before = &self.now.draft;
        let stale = params.based_on.is_some_and(|based_on| based_on < before.version);
        let changes = params.body != before.body && !(params.body.is_empty() && stale);
        let mut push = None;
        if !self.now.seen.contains(&params.client_id) && changes {
            self.keep_past();
            self.now.state_version += 1;
            (self.now.draft.body, self.now.draft.version) = (params.body.clone(), self.now.state_version);
            let (to, rows, settings) = (self.now.state_version, Vec::new(), Vec::new());
            let drafts = vec![self.now.draft.clone()];
            push = Some(Push::Signal(Signal::StateChanged { from: to - 1, to, rows, drafts, settings }));
        }
        self.now.seen.insert(params.client_id);
        (json!({ "draft": self.now.draft }), push)
    }

    fn message(&mut self, params: &confab_protocol::method::MessageSendParams) -> (Value, Option<Push>) {
        let known = self.now.messages.iter().find(|message| message.client_id == params.client_id).cloned();
        if let Some(message) = known {
            return (serde_json::to_value(MessageResult { message }).unwrap(), None);
        }
        self.keep_past();
        let (index, seq) = (self.now.messages.len() as u64, self.version() + 1);
        let posted = Message {
            client_id: params.client_id,
            author: "Ingrid".into(),
            ..message(index, seq, &params.body)
        };
        self.now.messages.push(posted.clone());
        let push = Push::Log(event(seq, added(posted.clone())));
        (serde_json::to_value(MessageResult { message: posted }).unwrap(), Some(push))
    }

    fn range(&self, after: u64) -> Value {
        let to = self.version().max(after);
        let missed = self.now.messages.iter().filter(|message| message.seq > after);
        let events: Vec<_> = missed.map(|message| event(message.seq, added(message.clone()))).collect();
        json!({ "from": after + 1, "to": to, "more": false, "reset": false, "events": events })
    }

    fn keep_past(&mut self) {
        self.past.push(self.now.clone());
    }

    fn restore(&mut self, back: usize) {
        for _ in 0..back {
            if let Some(before) = self.past.pop() {
                self.now = before;
            }
        }
        self.epoch += 1;
    }
}

/// Both databases of a computer.
#[derive(Debug, Default)]
struct Disk {
    meta: Option<CachedMeta>,
    conversations: BTreeMap<confab_protocol::ConversationSid, CachedConversation>,
    cached_draft: Option<Draft>,
    entries: BTreeMap<ClientId, OutboxEntry>,
    drafts: BTreeMap<Key, StoredDraft>,
}

impl Disk {
    fn restored(&self) -> Restored {
        let mut outbox: Vec<OutboxEntry> = self.entries.values().cloned().collect();
        outbox.sort_by_key(|entry| entry.order);
        Restored {
            meta: self.meta.clone(),
            conversations: self.conversations.values().cloned().collect(),
            cached_drafts: self.cached_draft.iter().cloned().collect(),
            drafts: self.drafts.values().cloned().collect(),
            outbox,
            ..restored()
        }
    }

    fn cache(&mut self, write: CacheWrite) {
        match write {
            CacheWrite::Meta(meta) => self.meta = Some(*meta),
            CacheWrite::Conversation(row) => drop(self.conversations.insert(row.sid, *row)),
            CacheWrite::Draft(row) => self.cached_draft = Some(*row),
            CacheWrite::DropAll => {
                (self.meta, self.cached_draft) = (None, None);
                self.conversations.clear();
            }
            _ => {}
        }
    }

    fn outbox(&mut self, write: OutboxWrite) {
        match write {
            OutboxWrite::Put(entry) => drop(self.entries.insert(entry.client_id, *entry)),
            OutboxWrite::Delete(id) => drop(self.entries.remove(&id)),
            OutboxWrite::PutDraft(draft) => drop(self.drafts.insert(draft.conversation, draft)),
            OutboxWrite::DeleteDraft { conversation } => drop(self.drafts.remove(&conversation)),
        }
    }

    /// What was typed, as far as the disk knows.
    fn typed(&self) -> Option<String> {
        self.drafts.values().next().map(|draft| draft.body.clone())
    }
}

struct Computer {
    machine: Machine,
    disk: Disk,
    ids: u128,
    writes: VecDeque<(u64, Vec<OutboxWrite>)>,
    timers: BTreeSet<Timer>,
    /// Requests on their way, and frames on their way back; none without a connection.
    line: Option<(VecDeque<Request>, VecDeque<ServerFrame>)>,
    /// Drafts that were sent on this connection.
    sent: BTreeMap<u64, String>,
    /// `hello` was answered: pushes reach it.
    attached: bool,
    shown: String,
    /// What was typed here last and the server is not known to have.
    typed: Option<String>,
    /// The draft that the server told of last.
    theirs: String,
}

impl Computer {
    fn new(number: u128) -> Self {
        let mut computer = Self {
            machine: Machine::new(restored()),
            disk: Disk::default(),
            ids: number << 32,
            writes: VecDeque::new(),
            timers: BTreeSet::new(),
            line: None,
            sent: BTreeMap::new(),
            attached: false,
            shown: String::new(),
            typed: None,
            theirs: String::new(),
        };
        computer.feed(Event::Start);
        computer
    }

    fn feed(&mut self, event: Event) {
        let mut ids = || {
            self.ids += 1;
            Uuid::from_u128(self.ids)
        };
        let mut cx = Cx { now: Timestamp(10_000), ids: &mut ids, random: &mut || 0 };
        for effect in self.machine.handle(event, &mut cx) {
            self.carry_out(effect);
        }
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Connect => {
                self.line = Some((VecDeque::new(), VecDeque::new()));
                self.feed(Event::Opened);
            }
            Effect::Disconnect => self.hang_up(),
            Effect::Send(request) => {
                if let Call::DraftSet(params) = &request.call {
                    self.sent.insert(request.id, params.body.clone());
                }
                if let Some((out, _)) = &mut self.line {
                    out.push_back(*request);
                }
            }
            Effect::CacheWrite(writes) => writes.into_iter().for_each(|write| self.disk.cache(write)),
            Effect::ReadCache(read) => {
                self.feed(Event::CacheRead(CachePage { id: read.id, ..CachePage::default() }));
            }
            Effect::OutboxWrite { write, writes } => self.writes.push_back((write, writes)),
            Effect::SetTimer { timer, .. } => drop(self.timers.insert(timer)),
            Effect::CancelTimer(timer) => drop(self.timers.remove(&timer)),
            Effect::View(diffs) => diffs.iter().for_each(|diff| self.show(diff)),
            _ => {}
        }
    }

    fn show(&mut self, diff: &ViewDiff) {
        if let ViewDiff::Conversations { upsert, removed, .. } = diff {
            for row in upsert.iter().filter(|row| row.key == conversation()) {
                self.shown.clone_from(&row.draft);
            }
            if removed.contains(&conversation()) {
                self.shown.clear();
            }
        }
    }

    fn is_known(&self) -> bool {
        self.machine.snapshot().iter().any(
            |diff| matches!(diff, ViewDiff::Conversations { upsert, .. } if upsert.iter().any(|row| row.key == conversation())),
        )
    }

    fn write(&mut self) {
        let Some((write, writes)) = self.writes.pop_front() else { return };
        writes.into_iter().for_each(|write| self.disk.outbox(write));
        self.feed(Event::Persisted { write });
    }

    fn hear(&mut self) {
        let Some(frame) = self.line.as_mut().and_then(|(_, back)| back.pop_front()) else { return };
        let is_sent = matches!(&frame, ServerFrame::Response { id, outcome: Ok(_) }
            if self.sent.get(id).is_some_and(|sent| self.typed.as_ref() == Some(sent)));
        // From its answer on it is the server's.
        if is_sent {
            self.typed = None;
        }
        if let Some(theirs) = draft_of(&frame) {
            // Both typed the same: whichever is sent, it is the server's now.
            self.typed = self.typed.take().filter(|typed| *typed != theirs);
            self.theirs = theirs;
        }
        self.feed(Event::Frame(frame));
    }

    fn hang_up(&mut self) {
        (self.line, self.attached) = (None, false);
        self.sent.clear();
    }

    fn lose(&mut self) {
        if self.line.is_some() {
            self.hang_up();
            self.feed(Event::Lost);
        }
    }

    fn crash(&mut self) {
        self.hang_up();
        self.writes.clear();
        self.timers.clear();
        self.shown.clear();
        self.typed = self.disk.typed().filter(|kept| self.typed.is_some() && !kept.is_empty());
        self.machine = Machine::new(self.disk.restored());
        self.feed(Event::Start);
    }

    fn timer(&mut self) {
        // Signs of life would go on for ever.
        self.timers.retain(|timer| !matches!(timer, Timer::Heartbeat | Timer::Acknowledged));
        if let Some(timer) = self.timers.pop_first() {
            self.feed(Event::Timer(timer));
        }
    }

    fn is_busy(&self) -> bool {
        let waits = self.line.as_ref().is_none_or(|(out, back)| !out.is_empty() || !back.is_empty());
        let due = self.timers.iter().any(|timer| !matches!(timer, Timer::Heartbeat | Timer::Acknowledged));
        waits || due || !self.writes.is_empty()
    }
}

/// The draft that a frame tells of.
fn draft_of(frame: &ServerFrame) -> Option<String> {
    match frame {
        ServerFrame::Push(push) => match &**push {
            Push::Signal(Signal::StateChanged { drafts, .. }) => Some(drafts.last()?.body.clone()),
            _ => None,
        },
        ServerFrame::Response { outcome, .. } => {
            let rows = outcome.as_ref().ok()?["drafts"].as_array()?;
            Some(rows.last()?["body"].as_str()?.to_owned())
        }
    }
}

struct World {
    server: Server,
    computers: [Computer; 2],
}

impl World {
    fn new() -> Self {
        let mut world = Self { server: Server::new(), computers: [Computer::new(1), Computer::new(2)] };
        world.calm();
        for computer in &mut world.computers {
            let open = Command::Open { conversation: Some(conversation()) };
            computer.feed(Event::Command { ticket: 1, command: open });
        }
        world.calm();
        world
    }

    fn step(&mut self, step: &Step) {
        match step {
            Step::Type(at, text) => self.type_at(*at, text),
            Step::Send(at) => {
                let body = self.computers[*at].shown.clone();
                if !body.is_empty() {
                    self.computers[*at].typed = None;
                    let command = Command::Send { conversation: conversation(), body };
                    self.computers[*at].feed(Event::Command { ticket: 1, command });
                }
            }
            Step::Focus(at, focused) => {
                let command = Command::Focus { focused: *focused };
                self.computers[*at].feed(Event::Command { ticket: 1, command });
            }
            Step::Timer(at) => self.computers[*at].timer(),
            Step::Write(at) => self.computers[*at].write(),
            Step::Serve(at) => self.serve(*at),
            Step::Hear(at) => self.computers[*at].hear(),
            Step::Lose(at) => self.computers[*at].lose(),
            Step::Crash(at) => self.computers[*at].crash(),
            Step::Restore(back) => {
                self.server.restore(*back);
                self.computers.iter_mut().for_each(Computer::lose);
            }
        }
    }

    fn type_at(&mut self, at: usize, text: &str) {
        let computer = &mut self.computers[at];
        if computer.is_known() && computer.shown != text {
            // What the server has already is the server's, whoever typed it.
            computer.typed =
                Some(text.to_owned()).filter(|text| !text.is_empty() && *text != computer.theirs);
            let command = Command::Draft { conversation: conversation(), body: text.to_owned() };
            computer.feed(Event::Command { ticket: 1, command });
        }
    }

    fn serve(&mut self, at: usize) {
        let Some(request) = self.computers[at].line.as_mut().and_then(|(out, _)| out.pop_front()) else {
            return;
        };
        let (result, push) = self.server.take(&request.call);
        let ahead = match &request.call {
            Call::Resume(params) => {
                params.epoch != self.server.epoch()
                    || params.state_version > Some(self.server.now.state_version)
            }
            _ => false,
        };
        let outcome = if ahead { Err(ErrorCode::EpochChanged.into()) } else { Ok(result) };
        self.computers[at].attached |= matches!(request.call, Call::Hello(_));
        // A push may come before the answer of what it tells of, or after it.
        let answer = ServerFrame::Response { id: request.id, outcome };
        let push = push.map(|push| ServerFrame::decode(&push.encode()).unwrap());
        let answer_first = request.id % 2 == 0;
        for (number, computer) in self.computers.iter_mut().enumerate() {
            let (attached, mine) = (computer.attached, number == at);
            let Some((_, back)) = &mut computer.line else { continue };
            if mine && answer_first {
                back.push_back(answer.clone());
            }
            back.extend(push.clone().filter(|_| attached));
            if mine && !answer_first {
                back.push_back(answer.clone());
            }
        }
    }

    /// What was typed and is not acknowledged stands, whatever comes in.
    fn nothing_is_lost(&self) -> Result<(), TestCaseError> {
        for computer in &self.computers {
            if let Some(typed) = computer.typed.as_ref().filter(|_| computer.is_known()) {
                prop_assert_eq!(&computer.shown, typed);
            }
        }
        Ok(())
    }

    /// Everything works from now on: until nothing is left to do.
    fn calm(&mut self) {
        for _ in 0..2_000 {
            if !self.computers.iter().any(Computer::is_busy) {
                return;
            }
            for at in 0..2 {
                for step in [Step::Write(at), Step::Serve(at), Step::Hear(at), Step::Timer(at)] {
                    self.step(&step);
                }
            }
        }
        panic!("the computers go on and on");
    }
}

proptest! {
    #[test]
    fn what_was_typed_stays_until_the_server_has_it_and_at_rest_both_show_the_same(steps in steps()) {
        let mut world = World::new();
        for step in &steps {
            world.step(step);
            world.nothing_is_lost()?;
        }
        world.calm();
        let server = &world.server.now.draft.body;
        for computer in &world.computers {
            prop_assert_eq!(&computer.shown, server);
            prop_assert_eq!(computer.disk.typed(), None, "what the server has is not kept beside it");
        }
        // Also after both are started again.
        world.computers.iter_mut().for_each(Computer::crash);
        world.calm();
        for computer in &world.computers {
            prop_assert_eq!(&computer.shown, &world.server.now.draft.body);
        }
    }
}
