//! A client that is signed in, with a server that says anything at all.

use std::cell::RefCell;

use confab_core::command::Command;
use confab_core::stored::Restored;
use confab_core::{AccessToken, Cx, Effect, Event, Machine, Timer};
use confab_protocol::{DeviceSid, ServerFrame, Timestamp, UserSid, WorkspaceSid};
use uuid::Uuid;

use crate::seeds::examples;

/// Lines of one input that are looked at.
const LINES: usize = 64;
/// Timers that go off by themselves after each line.
const TIMERS: [Timer; 4] = [Timer::Heartbeat, Timer::Refetch, Timer::Outbox, Timer::Typing];

/// Lines, each a frame of the server or a command of the person.
pub(crate) fn machine(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let mut rig = Rig::signed_in();
    for line in text.lines().take(LINES) {
        if let Ok(frame) = ServerFrame::decode(line) {
            rig.hear(frame);
        } else if let Ok(command) = serde_json::from_str::<Command>(line) {
            rig.ask(command);
        }
    }
    for timer in TIMERS {
        rig.feed(Event::Timer(timer));
    }
    drop(rig.machine.snapshot());
    rig.feed(Event::Lost);
    rig.feed(Event::Nudge);
    rig.feed(Event::Shutdown);
}

/// The machine with a driver that does as it is told.
struct Rig {
    machine: Machine,
    now: u64,
    ids: u128,
    /// Ids of requests without an answer, with their methods.
    waiting: Vec<(u64, &'static str)>,
    /// Commands without an answer.
    asked: Vec<u64>,
    tickets: u64,
}

thread_local! {
    static ANSWERS: RefCell<Vec<(&'static str, serde_json::Value)>> = RefCell::new(answers());
}

/// The results that the document shows, by method.
fn answers() -> Vec<(&'static str, serde_json::Value)> {
    let answers = examples().into_iter().filter_map(|example| {
        let method = example.kind.strip_prefix("answer ")?;
        Some((method, example.value.get("result")?.clone()))
    });
    answers.collect()
}

fn answer(method: &str) -> Option<serde_json::Value> {
    ANSWERS.with_borrow(|answers| {
        answers.iter().find(|(name, _)| *name == method).map(|(_, value)| value.clone())
    })
}

/// An instant of the document's examples.
const NOW: u64 = 1_795_000_000_000;

fn restored() -> Restored {
    let id = |last: u128| Uuid::from_u128(0x0199_c2d4_7e00_7000_8000_0000_0000_0000 + last);
    Restored {
        workspace: WorkspaceSid(id(7)),
        workspace_name: "Fjordline".into(),
        user: UserSid(id(5)),
        identity: "Ingrid".into(),
        device: DeviceSid(id(10)),
        token: Some(AccessToken { secret: "first".into(), expires_at: Timestamp(NOW + 600_000) }),
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

impl Rig {
    /// A machine that has said hello and has its list.
    fn signed_in() -> Self {
        let machine = Machine::new(restored());
        let mut rig =
            Self { machine, now: NOW, ids: 0xa00, waiting: Vec::new(), asked: Vec::new(), tickets: 0 };
        rig.feed(Event::Start);
        rig.feed(Event::Opened);
        for method in ["hello", "conversation.list", "resume"] {
            if let Some(at) = rig.waiting.iter().position(|(_, asked)| *asked == method)
                && let Some(result) = answer(method)
            {
                let (id, _) = rig.waiting.remove(at);
                rig.feed(Event::Frame(ServerFrame::Response { id, outcome: Ok(result) }));
            }
        }
        rig
    }

    /// A frame arrives. An answer goes to a request that waits for one, or most would go nowhere.
    fn hear(&mut self, frame: ServerFrame) {
        let frame = match frame {
            ServerFrame::Response { id, outcome } if !self.waiting.is_empty() => {
                let at = usize::try_from(id).unwrap_or_default() % self.waiting.len();
                ServerFrame::Response { id: self.waiting.remove(at).0, outcome }
            }
            other => other,
        };
        self.feed(Event::Frame(frame));
    }

    fn ask(&mut self, command: Command) {
        self.tickets += 1;
        self.asked.push(self.tickets);
        self.feed(Event::Command { ticket: self.tickets, command });
    }

    fn feed(&mut self, event: Event) {
        let mut events = vec![event];
        while let Some(event) = events.pop() {
            for effect in self.step(event) {
                match effect {
                    Effect::Send(request) => self.waiting.push((request.id, request.call.method())),
                    Effect::OutboxWrite { write, .. } => events.insert(0, Event::Persisted { write }),
                    Effect::Disconnect => self.waiting.clear(),
                    Effect::Answer { ticket, .. } => {
                        let at = self.asked.iter().position(|asked| *asked == ticket);
                        self.asked.remove(at.expect("a command is answered once"));
                    }
                    _ => {}
                }
            }
        }
    }

    fn step(&mut self, event: Event) -> Vec<Effect> {
        self.now += 1;
        let mut ids = || {
            self.ids += 1;
            Uuid::from_u128(self.ids)
        };
        let mut random = || u64::MAX / 2;
        let mut cx = Cx { now: Timestamp(self.now), ids: &mut ids, random: &mut random };
        self.machine.handle(event, &mut cx)
    }
}
