//! Time, network and faults: the queue of what happens next.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use confab_core::view::Problem;
use confab_core::{AccessToken, Effect, Event, Timer};
use confab_domain::Read as _;
use confab_protocol::{ServerFrame, Timestamp, WorkspaceSid};
use confab_testkit::SeededIds;

use crate::client::Client;
use crate::server::{Conn, Server, Strike};
use crate::{check, script};

const START: Timestamp = Timestamp(1_800_000_000_000);
/// Events that one run may take: more is a loop that does not end.
const BOUND: usize = 400_000;

/// What a run is made of.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Everything follows from it.
    pub seed: u64,
    /// How many clients: the second person's is the second, the first person's other computer the third.
    pub clients: usize,
    /// How many things the people do.
    pub acts: usize,
    /// Whether programs crash and connections break.
    pub faults: bool,
}

/// What came of a run that kept its promises.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// Everything that happened, a line each.
    pub trace: String,
    /// Messages that stand on the server at the end.
    pub messages: usize,
    /// How often each rare thing happened.
    pub counts: BTreeMap<&'static str, usize>,
}

/// A promise that was not kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// The seed that shows it.
    pub seed: u64,
    /// What went wrong.
    pub what: String,
    /// Everything that happened before.
    pub trace: String,
}

enum Happening {
    Act,
    ToServer { conn: Conn, text: String },
    ToClient { conn: Conn, text: String },
    Commit,
    ServerUp,
    Client { client: usize, life: u64, step: Step },
    ClientUp { client: usize },
    CutAnyhow,
}

enum Step {
    Event(Box<Event>),
    Opened,
    Timer { timer: Timer, generation: u64 },
    Synced { fails: bool },
}

/// The simulated world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) rng: SeededIds,
    pub(crate) clients: Vec<Client>,
    pub(crate) server: Server,
    pub(crate) report: Report,
    pub(crate) workspace: WorkspaceSid,
    queue: BTreeMap<(u64, u64), Happening>,
    order: u64,
    server_up: bool,
    commit_due: bool,
    conns: BTreeMap<Conn, usize>,
    /// When the last frame of each direction arrives: a connection does not reorder.
    arrivals: BTreeMap<(Conn, bool), u64>,
    next_conn: Conn,
    acts_left: usize,
    /// Faults have ended.
    pub(crate) calm: bool,
}

/// Runs a plan to its end and compares everything with everything.
///
/// # Errors
/// A promise that was not kept, with the trace.
pub fn run(plan: Plan) -> Result<Report, Box<Violation>> {
    let mut world = World::new(plan);
    let outcome = world.live().and_then(|()| check::at_rest(&mut world));
    let mut report = world.report;
    match outcome {
        Ok(messages) => {
            report.messages = messages;
            Ok(report)
        }
        Err(what) => Err(Box::new(Violation { seed: plan.seed, what, trace: report.trace })),
    }
}

impl World {
    fn new(plan: Plan) -> Self {
        let mut rng = SeededIds::new(plan.seed);
        let (server, people) = Server::new(rng.number(), START);
        let names = ["ann", "ben", "ann-two"];
        let make = |(name, account)| Client::new(name, account, rng.number());
        let clients = names.into_iter().zip(people).take(plan.clients).map(make).collect();
        let workspace = server.store.scope();
        let mut world = Self {
            now: START,
            rng,
            clients,
            server,
            report: Report::default(),
            workspace,
            queue: BTreeMap::new(),
            order: 0,
            server_up: true,
            commit_due: false,
            conns: BTreeMap::new(),
            arrivals: BTreeMap::new(),
            next_conn: 1,
            acts_left: plan.acts,
            calm: !plan.faults,
        };
        for client in 0..world.clients.len() {
            world.after(1, Happening::ClientUp { client });
        }
        world.after(2_000, Happening::Act);
        world.after(3_000, Happening::CutAnyhow);
        world
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.rng.number() % bound.max(1)
    }

    /// True once in `n`, and never when faults have ended.
    fn strikes(&mut self, n: u64) -> bool {
        let hit = self.rng.number().is_multiple_of(n);
        hit && !self.calm
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        *self.report.counts.entry(what).or_default() += 1;
    }

    pub(crate) fn log(&mut self, line: std::fmt::Arguments<'_>) {
        let at = self.now.since(START);
        writeln!(self.report.trace, "{at:>8} {line}").expect("a string takes everything");
    }

    fn note(&mut self, client: usize, line: std::fmt::Arguments<'_>) {
        let name = self.clients[client].name;
        self.log(format_args!("{name} {line}"));
    }

    fn at(&mut self, time: u64, what: Happening) {
        self.order += 1;
        self.queue.insert((time, self.order), what);
    }

    fn after(&mut self, millis: u64, what: Happening) {
        self.at(self.now.0 + millis, what);
    }

    fn live(&mut self) -> Result<(), String> {
        self.run_until(|world| world.acts_left == 0)?;
        self.calm = true;
        self.log(format_args!("calm"));
        let end = self.now.0 + 10 * 60 * 1_000;
        self.run_until(|world| world.now.0 >= end)
    }

    /// Lets time pass until a condition holds.
    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Result<(), String> {
        for _ in 0..BOUND {
            if done(self) {
                return Ok(());
            }
            let Some(((time, _), what)) = self.queue.pop_first() else { return Ok(()) };
            self.now = Timestamp(time.max(self.now.0));
            self.happen(what);
        }
        Err("the run does not come to an end".to_owned())
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Act => self.act(),
            Happening::ToServer { conn, text } => self.server_hears(conn, &text),
            Happening::ToClient { conn, text } => self.client_hears(conn, &text),
            Happening::Commit => self.commit(),
            Happening::ServerUp => {
                self.log(format_args!("server up"));
                self.server_up = true;
            }
            Happening::Client { client, life, step } => self.step(client, life, step),
            Happening::ClientUp { client } => self.client_up(client),
            Happening::CutAnyhow => {
                if !self.calm {
                    self.cut_one();
                    let pause = 500 + self.below(20_000);
                    self.after(pause, Happening::CutAnyhow);
                }
            }
        }
    }

    fn act(&mut self) {
        if self.acts_left == 0 {
            return;
        }
        self.acts_left -= 1;
        let client = self.below(self.clients.len() as u64) as usize;
        if self.clients[client].is_up() {
            if self.strikes(25) {
                self.crash_client(client);
            } else if let Some(command) = script::next(self, client) {
                self.note(client, format_args!("asks {command:?}"));
                let ticket = self.order;
                self.feed(client, Event::Command { ticket, command });
            }
        }
        let pause = 1 + self.below(900);
        self.after(pause, Happening::Act);
    }

    fn client_up(&mut self, client: usize) {
        if self.clients[client].is_up() {
            return;
        }
        self.note(client, format_args!("starts"));
        self.clients[client].start(self.workspace);
        self.feed(client, Event::Start);
    }

    pub(crate) fn feed(&mut self, client: usize, event: Event) {
        let effects = self.clients[client].handle(event, self.now);
        for effect in effects {
            if self.strikes(1_500) {
                self.crash_client(client);
                return;
            }
            self.carry_out(client, effect);
        }
    }

    fn crash_client(&mut self, client: usize) {
        self.count("client crashed");
        let (cache, outbox) = (self.rng.number(), self.rng.number());
        self.note(client, format_args!("crashes"));
        if let Some(conn) = self.clients[client].conn {
            self.close(conn);
        }
        self.clients[client].crash(cache, outbox);
        let pause = 1 + self.below(8_000);
        self.after(pause, Happening::ClientUp { client });
    }

    fn later(&mut self, client: usize, millis: u64, step: Step) {
        let life = self.clients[client].life;
        self.after(millis, Happening::Client { client, life, step });
    }

    fn carry_out(&mut self, client: usize, effect: Effect) {
        match effect {
            Effect::Connect => {
                let delay = 1 + self.below(40);
                self.later(client, delay, Step::Opened);
            }
            Effect::Disconnect => {
                if let Some(conn) = self.clients[client].conn.take() {
                    self.close(conn);
                }
            }
            Effect::Send(request) => self.send(client, request.encode()),
            Effect::RefreshToken => {
                let account = &self.clients[client].account;
                let secret = format!("{} {}", account.user.sid, account.device);
                let token = AccessToken { secret, expires_at: self.now.plus(600_000) };
                self.later(client, 20, Step::Event(Box::new(Event::TokenReady(token))));
            }
            Effect::CacheWrite(writes) => self.clients[client].disk.write_cache(writes),
            Effect::ReadCache(read) => {
                let page = self.clients[client].disk.read_cache(read);
                let delay = self.below(5);
                self.later(client, delay, Step::Event(Box::new(Event::CacheRead(page))));
            }
            Effect::OutboxWrite { write, writes } => {
                self.clients[client].disk.queue_outbox(write, writes);
                let fails = self.strikes(120);
                self.later(client, 5, Step::Synced { fails });
            }
            Effect::SetTimer { timer, after_ms } => {
                self.order += 1;
                let generation = self.order;
                self.clients[client].timers.insert(timer, generation);
                self.later(client, after_ms, Step::Timer { timer, generation });
            }
            Effect::CancelTimer(timer) => drop(self.clients[client].timers.remove(&timer)),
            Effect::View(diffs) => {
                self.note(client, format_args!("sees {} diffs", diffs.len()));
                self.clients[client].screen.apply(&diffs);
            }
            Effect::Answer { result, .. } => {
                if let Err(problem) = result {
                    self.note(client, format_args!("is refused: {}", problem.code));
                }
            }
            Effect::Notify(_) => self.count("notification"),
            Effect::Withdraw { .. } | Effect::Learned(_) => {}
        }
    }

    fn step(&mut self, client: usize, life: u64, step: Step) {
        if self.clients[client].life != life || !self.clients[client].is_up() {
            return;
        }
        match step {
            Step::Event(event) => self.feed(client, *event),
            Step::Opened => self.opened(client),
            Step::Timer { timer, generation } => {
                if self.clients[client].timers.get(&timer) == Some(&generation) {
                    self.clients[client].timers.remove(&timer);
                    self.feed(client, Event::Timer(timer));
                }
            }
            Step::Synced { fails } => self.synced(client, fails),
        }
    }

    fn synced(&mut self, client: usize, fails: bool) {
        match self.clients[client].disk.sync_outbox(fails) {
            Some((write, true)) => self.feed(client, Event::Persisted { write }),
            Some((write, false)) => {
                self.count("outbox write failed");
                let problem = Problem { code: "disk_full".to_owned(), params: Default::default() };
                self.feed(client, Event::PersistFailed { write, problem });
            }
            None => {}
        }
    }

    fn opened(&mut self, client: usize) {
        if !self.server_up {
            self.feed(client, Event::Lost);
            return;
        }
        let conn = self.next_conn;
        self.next_conn += 1;
        self.conns.insert(conn, client);
        self.clients[client].conn = Some(conn);
        self.note(client, format_args!("connects ({conn})"));
        self.feed(client, Event::Opened);
    }

    fn arrival(&mut self, conn: Conn, up: bool) -> u64 {
        let soonest = self.now.0 + 1 + self.below(30);
        let last = self.arrivals.entry((conn, up)).or_default();
        *last = soonest.max(*last);
        *last
    }

    fn send(&mut self, client: usize, text: String) {
        let Some(conn) = self.clients[client].conn else { return };
        let time = self.arrival(conn, true);
        self.at(time, Happening::ToServer { conn, text });
    }

    fn post(&mut self, frames: Vec<(Conn, String)>) {
        for (conn, text) in frames {
            let time = self.arrival(conn, false);
            self.at(time, Happening::ToClient { conn, text });
        }
    }

    fn server_hears(&mut self, conn: Conn, text: &str) {
        if !self.conns.contains_key(&conn) || !self.server_up {
            return;
        }
        self.log(format_args!("{conn} > {text}"));
        let frames = self.server.frame(conn, text, self.now);
        self.post(frames);
        if self.server.has_work() && !self.commit_due {
            self.commit_due = true;
            let pause = 1 + self.below(6);
            self.after(pause, Happening::Commit);
        }
    }

    fn client_hears(&mut self, conn: Conn, text: &str) {
        let Some(client) = self.conns.get(&conn).copied() else { return };
        self.log(format_args!("{conn} < {text}"));
        let frame = ServerFrame::decode(text).unwrap_or_else(|error| panic!("{error}: {text}"));
        self.feed(client, Event::Frame(frame));
    }

    fn commit(&mut self) {
        self.commit_due = false;
        if !self.server_up {
            return;
        }
        let strike = if self.strikes(60) {
            Strike::BeforeCommit
        } else if self.strikes(60) {
            Strike::AfterCommit
        } else {
            Strike::Never
        };
        let (frames, alive) = self.server.commit(self.now, strike);
        self.post(frames);
        if !alive {
            self.count(if strike == Strike::BeforeCommit {
                "server crashed before commit"
            } else {
                "server crashed after commit"
            });
            self.log(format_args!("server crashes: {strike:?}"));
            self.server_up = false;
            let open: Vec<_> = self.conns.keys().copied().collect();
            open.into_iter().for_each(|conn| self.cut(conn));
            let pause = 100 + self.below(4_000);
            self.after(pause, Happening::ServerUp);
        }
    }

    fn close(&mut self, conn: Conn) {
        self.conns.remove(&conn);
        self.server.closed(conn);
    }

    /// A connection breaks: what is on its way is lost, and the client notices.
    fn cut(&mut self, conn: Conn) {
        let Some(client) = self.conns.get(&conn).copied() else { return };
        self.close(conn);
        if self.clients[client].conn == Some(conn) {
            self.clients[client].conn = None;
            let pause = self.below(200);
            self.later(client, pause, Step::Event(Box::new(Event::Lost)));
        }
    }

    fn cut_one(&mut self) {
        let open: Vec<_> = self.conns.keys().copied().collect();
        if !open.is_empty() {
            self.count("connection cut");
            let conn = open[self.below(open.len() as u64) as usize];
            self.log(format_args!("{conn} breaks"));
            self.cut(conn);
        }
    }
}
