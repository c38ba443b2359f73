//! A machine with a driver that does as it is told, and says what it was told.

use confab_protocol::model::{
    Conversation, ConversationState, ConversationSummary, LastMessage, MembershipStatus, Message,
    NotificationLevel, Presence, Role, Timers, Unread, UserConversation, Workspace,
};
use confab_protocol::{
    Change, ConversationSid, DeviceSid, Epoch, LogEvent, Push, ServerFrame, Timestamp, UserSid, WireError,
    WorkspaceSid,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::print;
use crate::command::Command;
use crate::event::AccessToken;
use crate::stored::{OutboxEntry, Restored, StoredDraft};
use crate::testing::{self, CONVERSATION, message, participant};
use crate::{Cx, Effect, Event, Machine, Timer};

/// The machine of Ingrid, whose friendly name is "Ingrid S.".
pub(super) struct Rig {
    pub(super) machine: Machine,
    pub(super) now: u64,
    ids: u128,
    transcript: String,
    /// Requests without an answer, oldest first.
    waiting: Vec<(u64, &'static str)>,
    /// Parameters of the last request of each method.
    asked: std::collections::BTreeMap<&'static str, Value>,
    /// Writes that were not confirmed.
    writes: Vec<u64>,
    /// Whether the disk confirms by itself.
    pub(super) disk: bool,
    /// What the server's clock says in its greeting; the same as this computer's when nothing is set.
    pub(super) there: Option<u64>,
}

/// What a machine begins with when nothing is known.
pub(super) fn restored() -> Restored {
    Restored {
        workspace: WorkspaceSid(Uuid::from_u128(1)),
        workspace_name: "Fjordline".into(),
        user: UserSid(Uuid::from_u128(2)),
        identity: "Ingrid".into(),
        device: DeviceSid(Uuid::from_u128(3)),
        token: Some(AccessToken { secret: "first".into(), expires_at: Timestamp(600_000) }),
        meta: None,
        conversations: Vec::new(),
        users: Vec::new(),
        outbox: Vec::new(),
        drafts: Vec::new(),
        cached_drafts: Vec::new(),
        settings: Vec::new(),
        delivered: Vec::new(),
    }
}

/// The conversation after three messages.
pub(super) fn row(version: u64) -> Conversation {
    Conversation {
        sid: CONVERSATION,
        friendly_name: Some("Release".into()),
        unique_name: None,
        attributes: json!({}),
        created_by: "Aiko".into(),
        date_created: Timestamp(500),
        date_updated: Timestamp(500),
        state: ConversationState::Active,
        date_state_updated: Timestamp(500),
        timers: Timers::default(),
        direct: false,
        public_join: false,
        uber: false,
        version,
        roster_version: 2,
        participants_count: 2,
        last_message: Some(LastMessage { index: 2, date_created: Timestamp(1_002) }),
    }
}

pub(super) fn own(version: u64, horizon: Option<u64>, unread: u64, at_seq: u64) -> UserConversation {
    UserConversation {
        conversation: CONVERSATION,
        status: MembershipStatus::Joined,
        participant: None,
        role: Role::Participant,
        role_sid: None,
        flags: None,
        notification_level: NotificationLevel::Default,
        unread: Unread { horizon, unread, mentions: 0, at_seq, since: 0 },
        last_read_event_seq: 0,
        peer: None,
        left_name: None,
        left_at: None,
        version,
    }
}

/// Five events: two joined, three messages. One is unread.
pub(super) fn summary() -> ConversationSummary {
    ConversationSummary {
        conversation: Some(row(5)),
        me: own(3, Some(1), 1, 5),
        last_message: Some(message(2, 5, "two")),
    }
}

pub(super) fn epoch(number: u128) -> Epoch {
    Epoch(Uuid::from_u128(number))
}

/// The next change of one's own rows.
pub(super) fn changed(rows: Vec<UserConversation>) -> confab_protocol::event::Signal {
    let (drafts, settings) = (Vec::new(), Vec::new());
    confab_protocol::event::Signal::StateChanged { from: 3, to: 4, rows, drafts, settings }
}

/// A log event of the conversation.
pub(super) fn event(seq: u64, change: Change) -> LogEvent {
    LogEvent {
        conversation: CONVERSATION,
        seq,
        at: Timestamp(2_000),
        actor: None,
        device: None,
        changed: Vec::new(),
        subject: None,
        change,
    }
}

pub(super) fn added(message: Message) -> Change {
    Change::MessageAdded(Box::new(message))
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(restored())
    }

    pub(super) fn with(restored: Restored) -> Self {
        Self {
            machine: Machine::new(restored),
            now: 10_000,
            ids: 0xa00,
            transcript: String::new(),
            waiting: Vec::new(),
            asked: std::collections::BTreeMap::new(),
            writes: Vec::new(),
            disk: true,
            there: None,
        }
    }

    /// A machine that begins with an outbox and drafts.
    pub(super) fn with_outbox(outbox: Vec<OutboxEntry>, drafts: Vec<StoredDraft>) -> Self {
        Self::with(Restored { outbox, drafts, ..restored() })
    }

    /// Everything since the last time.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.transcript)
    }

    pub(super) fn note(&mut self, text: &str) {
        self.transcript.push_str(&format!("# {text}\n"));
    }

    pub(super) fn feed(&mut self, event: Event) {
        let mut ids = || {
            self.ids += 1;
            Uuid::from_u128(self.ids)
        };
        let mut random = || u64::MAX / 2;
        let mut cx = Cx { now: Timestamp(self.now), ids: &mut ids, random: &mut random };
        let effects = self.machine.handle(event, &mut cx);
        for effect in &effects {
            self.transcript.push_str(&print::effect(effect));
            match effect {
                Effect::Send(request) => {
                    let method = request.call.method();
                    self.waiting.push((request.id, method));
                    self.asked.insert(method, serde_json::to_value(&request.call).unwrap());
                }
                Effect::OutboxWrite { write, .. } => self.writes.push(*write),
                Effect::Disconnect => self.waiting.clear(),
                _ => {}
            }
        }
        if self.disk {
            self.persisted();
        }
    }

    /// The disk confirms what it was asked for.
    pub(super) fn persisted(&mut self) {
        for write in std::mem::take(&mut self.writes) {
            self.feed(Event::Persisted { write });
        }
    }

    pub(super) fn command(&mut self, command: Command) {
        self.feed(Event::Command { ticket: 1, command });
    }

    pub(super) fn timer(&mut self, timer: Timer) {
        self.feed(Event::Timer(timer));
    }

    pub(super) fn lose(&mut self) {
        self.waiting.clear();
        self.feed(Event::Lost);
    }

    /// Answers the oldest request of a method.
    pub(super) fn answer(&mut self, method: &str, outcome: Result<Value, WireError>) {
        let at = self.waiting.iter().position(|(_, asked)| *asked == method);
        let at = at.unwrap_or_else(|| panic!("no {method} among {:?}\n{}", self.waiting, self.transcript));
        let (id, _) = self.waiting.remove(at);
        self.feed(Event::Frame(ServerFrame::Response { id, outcome }));
    }

    pub(super) fn reply(&mut self, method: &str, result: Value) {
        self.answer(method, Ok(result));
    }

    pub(super) fn refuse(&mut self, method: &str, error: impl Into<WireError>) {
        self.answer(method, Err(error.into()));
    }

    /// Whether a request of this method waits for its answer.
    pub(super) fn waits(&self, method: &str) -> bool {
        self.waiting.iter().any(|(_, asked)| *asked == method)
    }

    /// The parameters of the last request of a method.
    pub(super) fn asked(&self, method: &str) -> &Value {
        &self.asked[method]
    }

    /// Who has which role in the open conversation, as it is shown.
    pub(super) fn roles(&self) -> Vec<(String, Role)> {
        let diffs = self.machine.snapshot();
        let roster = diffs.iter().find_map(|diff| match diff {
            crate::view::ViewDiff::Roster { upsert, .. } => Some(upsert),
            _ => None,
        });
        let mut roles: Vec<(String, Role)> =
            roster.unwrap().iter().map(|row| (row.identity.clone(), row.role)).collect();
        roles.sort_by(|one, other| one.0.cmp(&other.0));
        roles
    }

    /// The own role in a conversation, as the list shows it; none when it is not listed.
    pub(super) fn own_role(&self, conversation: ConversationSid) -> Option<Role> {
        let diffs = self.machine.snapshot();
        let mut rows = diffs.iter().filter_map(|diff| match diff {
            crate::view::ViewDiff::Conversations { upsert, .. } => Some(upsert),
            _ => None,
        });
        let sid = Some(conversation.to_string());
        rows.find_map(|rows| rows.iter().find(|row| row.sid == sid).map(|row| row.role))
    }

    /// A frame of the server, as it stands on the wire.
    pub(super) fn push(&mut self, push: &Push) {
        let frame = ServerFrame::decode(&push.encode()).unwrap();
        self.feed(Event::Frame(frame));
    }

    pub(super) fn log(&mut self, seq: u64, change: Change) {
        self.push(&Push::Log(event(seq, change)));
    }

    pub(super) fn log_of(&mut self, conversation: ConversationSid, seq: u64, change: Change) {
        self.push(&Push::Log(LogEvent { conversation, ..event(seq, change) }));
    }

    pub(super) fn signal(&mut self, signal: confab_protocol::event::Signal) {
        self.push(&Push::Signal(signal));
    }

    pub(super) fn hello(&mut self, epoch: Epoch) {
        let workspace = Workspace {
            sid: WorkspaceSid(Uuid::from_u128(1)),
            name: "Fjordline".into(),
            addresses: vec!["127.0.0.1:7420".into()],
            fingerprint: "ab".repeat(32),
        };
        self.reply(
            "hello",
            json!({
                "version": 1, "workspace": workspace, "epoch": epoch, "user": testing::user("Ingrid", "Ingrid S.", 1),
                "device": DeviceSid(Uuid::from_u128(3)), "state_version": 3, "now": self.there.unwrap_or(self.now),
                "token_expires_at": 600_000, "heartbeat_ms": 5_000,
            }),
        );
    }

    pub(super) fn list(&mut self, epoch: Epoch, summaries: &[ConversationSummary]) {
        let page = json!({ "epoch": epoch, "cursor": 40, "state_version": 3, "summaries": summaries });
        self.reply("conversation.list", page);
    }

    pub(super) fn resume(&mut self, epoch: Epoch, summaries: &[ConversationSummary]) {
        let page = json!({ "epoch": epoch, "cursor": 41, "more": false, "state_version": 3, "summaries": summaries });
        self.reply("resume", page);
    }

    /// Connects for the first time.
    pub(super) fn connect(&mut self) {
        self.feed(Event::Start);
        self.feed(Event::Opened);
        self.hello(epoch(8));
        self.list(epoch(8), &[summary()]);
        self.resume(epoch(8), &[]);
        self.people();
    }

    /// Connects again.
    pub(super) fn reconnect(&mut self, summaries: &[ConversationSummary]) {
        self.timer(Timer::Reconnect);
        self.feed(Event::Opened);
        self.hello(epoch(8));
        self.resume(epoch(8), summaries);
    }

    fn people(&mut self) {
        while self.waits("user.get") {
            self.reply("user.get", json!({ "users": [testing::user("Aiko", "Aiko Mori", 1)] }));
        }
    }

    /// Opens the conversation and answers what it asks for.
    pub(super) fn open(&mut self) {
        self.command(Command::Open { conversation: Some(CONVERSATION.to_string()) });
        self.page(0..3, 5);
        let rows = [participant("Aiko", 1), participant("Ingrid", 2)];
        self.reply("participant.list", json!({ "as_of": 2, "participants": rows, "more": false }));
        let there = [Presence { identity: "Aiko".into(), online: true, profile_version: 0 }];
        self.reply("presence.subscribe", json!({ "people": there }));
    }

    /// Answers a request for a page. Message n was added by event n + 3.
    pub(super) fn page(&mut self, indexes: std::ops::Range<u64>, as_of: u64) {
        let has_older = indexes.start > 0;
        let messages: Vec<Message> = indexes.map(|index| message(index, index + 3, &text(index))).collect();
        let page =
            json!({ "as_of": as_of, "messages": messages, "has_older": has_older, "has_newer": false });
        self.reply("message.page", page);
    }
}

fn text(index: u64) -> String {
    ["zero", "one", "two"]
        .get(usize::try_from(index).unwrap())
        .map_or(format!("n{index}"), ToString::to_string)
}

/// A message of Ingrid's under an id of the rig.
pub(super) fn mine(id: u128, index: u64, seq: u64, body: &str) -> Message {
    let client_id = confab_protocol::ClientId(Uuid::from_u128(id));
    Message { client_id, author: "Ingrid".into(), ..message(index, seq, body) }
}

pub(super) fn conversation() -> String {
    CONVERSATION.to_string()
}

/// Another conversation.
pub(super) const OTHER: ConversationSid = ConversationSid(Uuid::from_u128(0xd));
