//! Time and what happens next: devices, people, network and server under one clock that exists only here.

mod accounts;
mod devices;
mod house;
mod uploads;
mod weather;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use confab_core::event::UploadFailure;
use confab_core::stored::StagedFile;
use confab_core::{Event, Key, Timer};
use confab_protocol::{ClientId, Timestamp, derived};
use confab_testkit::SeededIds;

use crate::client::Client;
use crate::network::{Conn, Network, Way};
use crate::people;
use crate::person;
use crate::plan::{PEOPLE, Plan, What};
use crate::promise::{Broken, Kept, Promise};
use crate::report::Report;
use crate::server::{BusPost, Reading, Server};
use crate::watch::Watch;

/// When a run begins.
pub(crate) const START: Timestamp = Timestamp(1_800_000_000_000);
/// Things that may happen in one run: more is a loop that does not end.
const BOUND: usize = 600_000;

/// Something that happens at its time.
pub(crate) enum Happening {
    /// The next step of the plan.
    Step,
    /// A frame arrives.
    Frame { conn: Conn, way: Way, text: String },
    /// The server commits what waits.
    Commit,
    /// A reader of the server has done.
    Read(Box<Reading>),
    /// What a group has to tell reaches the hub.
    Bus(BusPost),
    /// The server does what is due.
    Tick { life: u64 },
    /// The server sends what waits for a session.
    Drain { conn: Conn },
    /// The server is there again.
    ServerUp,
    /// A request for a new access token arrives at the server.
    TokenAsked { client: usize, life: u64, token: String },
    /// Files of an entry have got to the server, if it can be reached.
    Upload { client: usize, life: u64, entry: ClientId, files: Vec<StagedFile> },
    /// Something happens within a device.
    Client { client: usize, life: u64, step: Inner },
    /// A device's program is started.
    ClientUp { client: usize },
    /// There is a network again.
    Online { client: usize },
    /// A person signs in again.
    SignIn { client: usize },
}

/// Something within a device.
pub(crate) enum Inner {
    Event(Box<Event>),
    Opened {
        dial: u64,
    },
    /// A connection broke, or was closed by the other side.
    Lost(Conn),
    Timer {
        timer: Timer,
        generation: u64,
    },
    Synced,
    Uploaded {
        entry: ClientId,
        result: Result<(), UploadFailure>,
    },
    Refreshed {
        token: String,
        secret: String,
        expires_at: Timestamp,
    },
}

/// The simulated world.
pub(crate) struct World {
    pub(crate) now: Timestamp,
    pub(crate) plan: Plan,
    pub(crate) rng: SeededIds,
    pub(crate) clients: Vec<Client>,
    pub(crate) server: Server,
    pub(crate) network: Network,
    pub(crate) report: Report,
    pub(crate) watch: Watch,
    /// Messages that a person took back or threw away.
    pub(crate) withdrawn: BTreeSet<ClientId>,
    /// Faults have ended.
    pub(crate) calm: bool,
    trace: Option<String>,
    queue: BTreeMap<(u64, u64), Happening>,
    order: u64,
    next_step: usize,
    unique: u64,
    /// The server does nothing until then.
    paused_until: Timestamp,
    server_up: bool,
    commit_due: bool,
    draining: BTreeSet<Conn>,
    broken: Option<Broken>,
    /// The next post is lost, on purpose.
    loses_post: bool,
    /// The next push to this client is lost, on purpose.
    loses_push: Option<usize>,
}

impl World {
    /// The world at the beginning of a plan; `traced` keeps what happens.
    pub(crate) fn new(plan: Plan, traced: bool) -> Self {
        let mut rng = SeededIds::new(plan.seed);
        let count = plan.devices.len();
        let (server, signed_in) = Server::new(&plan, START, &mut rng);
        let device = |((account, program), (name, _)): ((people::SignedIn, _), (&'static str, _))| {
            (name, account, program)
        };
        let devices = signed_in.into_iter().zip(plan.devices.clone()).zip(PEOPLE).map(device);
        let clients = devices
            .map(|(name, account, program)| Client::new(name, account, program, rng.number()))
            .collect();
        let mut world = Self {
            now: START,
            rng,
            clients,
            server,
            network: Network::default(),
            report: Report::default(),
            watch: Watch::new(count),
            withdrawn: BTreeSet::new(),
            calm: false,
            trace: traced.then(String::new),
            queue: BTreeMap::new(),
            order: 0,
            next_step: 0,
            unique: 0,
            paused_until: START,
            server_up: true,
            commit_due: false,
            draining: BTreeSet::new(),
            broken: None,
            loses_post: false,
            loses_push: None,
            plan,
        };
        for client in 0..count {
            world.after(1, Happening::ClientUp { client });
        }
        world.after(1, Happening::Tick { life: 0 });
        world.after(2_000, Happening::Step);
        world
    }

    /// Everything that was kept of what happened.
    pub(crate) fn take_trace(&mut self) -> String {
        self.trace.take().unwrap_or_default()
    }

    /// A number below `bound`.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.rng.number() % bound.max(1)
    }

    /// A number that nobody gets again.
    pub(crate) fn unique(&mut self) -> u64 {
        self.unique += 1;
        self.unique
    }

    /// A person gives up an entry of their outbox, with what waits for the conversation that it was to make.
    pub(crate) fn give_up(&mut self, client: usize, entry: &str) {
        let Ok(id) = uuid::Uuid::try_parse(entry).map(ClientId) else { return };
        let user = self.clients[client].account.user.sid;
        let made = derived::conversation(self.server.workspace(), user, id);
        let inside = |place: Key| place == Key::Made(id) || place == Key::Sid(made);
        // A message that was written just now may not be on the disk yet.
        let outbox = self.clients[client].disk.outbox_soon();
        let gone = outbox
            .entries
            .values()
            .filter(|other| other.client_id == id || other.action.place().is_some_and(inside));
        let ids: Vec<ClientId> = gone.map(|other| other.client_id).collect();
        self.withdrawn.extend(ids);
    }

    /// True once in `n`; never for 0, and never when faults have ended.
    fn strikes(&mut self, n: u64) -> bool {
        n != 0 && !self.calm && self.rng.number().is_multiple_of(n)
    }

    pub(crate) fn count(&mut self, what: &'static str) {
        self.report.count(what);
    }

    pub(crate) fn log(&mut self, line: std::fmt::Arguments<'_>) {
        let at = self.now.since(START);
        if let Some(trace) = &mut self.trace {
            writeln!(trace, "{at:>8} {line}").expect("a string takes everything");
        }
    }

    fn note(&mut self, client: usize, line: std::fmt::Arguments<'_>) {
        let name = self.clients[client].name;
        self.log(format_args!("{name} {line}"));
    }

    /// Keeps the first promise that was not kept.
    pub(crate) fn hold(&mut self, kept: Kept) {
        if let Err(broken) = kept
            && self.broken.is_none()
        {
            self.log(format_args!("BROKEN {broken}"));
            self.broken = Some(broken);
        }
    }

    fn at(&mut self, time: u64, what: Happening) {
        self.order += 1;
        self.queue.insert((time, self.order), what);
    }

    pub(crate) fn after(&mut self, millis: u64, what: Happening) {
        self.at(self.now.0 + millis, what);
    }

    /// Goes through the plan, with all its faults.
    pub(crate) fn live(&mut self) -> Kept {
        self.run_until(|world| world.next_step == world.plan.steps.len())?;
        self.clear_up();
        Ok(())
    }

    /// Lets time pass until a condition holds, or nothing happens any more.
    pub(crate) fn run_until(&mut self, done: impl Fn(&Self) -> bool) -> Kept {
        for _ in 0..BOUND {
            if let Some(broken) = self.broken.take() {
                return Err(broken);
            }
            if done(self) {
                return Ok(());
            }
            let Some(((time, _), what)) = self.queue.pop_first() else { return Ok(()) };
            self.now = Timestamp(time.max(self.now.0));
            self.happen(what);
        }
        Err(Broken { promise: Promise::Settled, how: "the run does not come to an end".to_owned() })
    }

    /// Lets some time pass.
    pub(crate) fn pass(&mut self, millis: u64) -> Kept {
        let end = self.now.plus(millis);
        // Something has to happen at the end, or the time would stand still before it.
        self.run_until(|world| world.queue.first_key_value().is_none_or(|((time, _), _)| *time > end.0))?;
        self.now = Timestamp(self.now.0.max(end.0));
        Ok(())
    }

    fn happen(&mut self, what: Happening) {
        match what {
            Happening::Step => self.next_step(),
            Happening::Frame { conn, way: Way::Up, text } => self.server_hears(conn, text),
            Happening::Frame { conn, way: Way::Down, text } => self.client_hears(conn, &text),
            Happening::Commit => self.commit(),
            Happening::Bus(post) => self.bus(post),
            Happening::Read(reading) => {
                self.server.answered(*reading);
                self.after_server();
            }
            Happening::Tick { life } => self.tick(life),
            Happening::Drain { conn } => self.drain(conn),
            Happening::ServerUp => self.server_comes(),
            Happening::TokenAsked { client, life, token } => self.token_asked(client, life, &token),
            Happening::Upload { client, life, entry, files } => {
                self.upload_ends(client, life, entry, &files);
            }
            Happening::Client { client, life, step } => self.step(client, life, step),
            Happening::ClientUp { client } => self.client_up(client),
            Happening::Online { client } => self.online(client),
            Happening::SignIn { client } => self.sign_in(client),
        }
    }

    fn next_step(&mut self) {
        let Some(step) = self.plan.steps.get(self.next_step).copied() else { return };
        self.next_step += 1;
        let device = step.device % self.clients.len();
        match step.what {
            What::Act(act) => {
                if self.clients[device].is_up() {
                    let wishes = person::does(self, device, act, step.pick);
                    if !wishes.is_empty() {
                        self.count(act.label());
                    }
                    for wish in wishes {
                        self.wish(device, wish);
                    }
                }
            }
            What::Weather(weather) => {
                self.count(weather.label());
                let name = self.clients[device].name;
                self.log(format_args!("{} ({name})", weather.label()));
                self.weather(device, weather, step.pick);
            }
        }
        if let Some(next) = self.plan.steps.get(self.next_step) {
            let pause = next.after_ms;
            self.after(pause.max(1), Happening::Step);
        }
    }
}
