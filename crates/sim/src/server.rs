//! The server: its real rules, its real group commit and its real fan-out, on either of its stores.

mod accounts;
mod answers;
mod chores;
mod group;
mod hearing;
mod privacy;
mod rights;
mod store;
mod whole;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use confab_domain::account::{self, Refreshed};
use confab_domain::tail::{self, Members, Standing};
use confab_domain::{Event, Read};
use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::model::User;
use confab_protocol::{
    Call, ConversationSid, DeviceSid, Push, Request, Response, Timestamp, UserSid, WorkspaceSid, limits,
};
use confab_server::Bounds;
use confab_server::simulation::{Ask, Hub, Session as Queued};
use confab_testkit::SeededIds;

use crate::network::Conn;
use crate::people::{self, SignedIn};
use crate::plan::Plan;
use crate::world::START;

use hearing::Hearing;

pub(crate) use answers::Reading;
pub(crate) use group::{Applied, Happened, HorizonMove, Strike, client_id, password_of};
pub(crate) use store::Db;

/// How long an access token lives here, in milliseconds.
pub(crate) const TOKEN_MS: u64 = limits::ACCESS_TOKEN_MS;
/// How long a session lives on after its token has ended, in milliseconds.
const GRACE_MS: u64 = 60_000;

/// A session that said hello.
pub(crate) struct Session {
    pub(crate) queued: Queued,
    /// When its access token ends, by the server's clock.
    expires_at: Timestamp,
    stage: Stage,
    /// Frames of the session itself, which go before those of the queue.
    own: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Announced,
    Expired,
}

/// What a commit has for the hub.
pub(crate) enum BusInput {
    /// A session begins.
    Attach { conn: Conn, standing: Standing },
    /// What one mutation has to tell.
    Told(Vec<Event>),
    /// Who is in a conversation, because the hub asked.
    Members(Members),
    /// How a user stands, because the hub asked.
    Standing(Standing),
    /// What people see of a user, because the hub asked.
    Profile(Box<User>),
}

/// What one group has for the hub.
pub(crate) struct BusPost {
    /// Of which life of the server.
    pub(crate) life: u64,
    pub(crate) inputs: Vec<BusInput>,
}

/// Whether it is told to people, and may get lost on a bus between computers.
pub(crate) fn is_told(input: &BusInput) -> bool {
    matches!(input, BusInput::Told(_))
}

/// A frame that is about to leave.
pub(crate) struct Leaving {
    pub(crate) text: String,
}

/// What a session sends now.
pub(crate) struct Drained {
    pub(crate) frames: Vec<Leaving>,
    pub(crate) ended: bool,
}

/// The server.
pub(crate) struct Server {
    pub(crate) db: Db,
    pub(crate) hub: Hub,
    pub(crate) ids: SeededIds,
    sessions: BTreeMap<Conn, Session>,
    group: Vec<group::Errand>,
    refusals: BTreeMap<Conn, Vec<String>>,
    readings: Vec<Reading>,
    backup: Option<Db>,
    life: u64,
    bus_last: u64,
    workspace: WorkspaceSid,
    bounds: Bounds,
    /// Up to which commit the rows were looked at, and when that is due again.
    cursor: u64,
    look_at: Timestamp,
    /// What the server's clock showed when it began, and what time it was.
    steady_from: Option<(Timestamp, Timestamp)>,
    /// Nothing changes by itself any more.
    rests: bool,
    /// Conversations that were ever in the directory.
    public: BTreeSet<ConversationSid>,
    /// What was asked on each connection, by its number.
    asked: BTreeMap<(Conn, u64), Call>,
    hearing: Hearing,
}

fn hub() -> Hub {
    Hub::new(Bounds::default())
}

/// Time as the hub knows it: since the beginning.
fn since(now: Timestamp) -> Duration {
    Duration::from_millis(now.since(START))
}

impl Server {
    /// A server with its workspace and people.
    pub(crate) fn new(plan: &Plan, now: Timestamp, rng: &mut SeededIds) -> (Self, Vec<SignedIn>) {
        let mut ids = SeededIds::new(rng.number());
        let workspace = WorkspaceSid(confab_domain::Ids::uuid(&mut ids));
        let mut db = Db::new(plan.store, workspace);
        let people = db.write(|tx| people::settle(plan.devices.len(), now, &mut ids, tx));
        let server = Self {
            db,
            hub: hub(),
            ids,
            sessions: BTreeMap::new(),
            group: Vec::new(),
            refusals: BTreeMap::new(),
            readings: Vec::new(),
            backup: None,
            life: 0,
            bus_last: 0,
            workspace,
            bounds: Bounds::default(),
            cursor: 0,
            look_at: now,
            steady_from: None,
            rests: false,
            public: BTreeSet::new(),
            asked: BTreeMap::new(),
            hearing: Hearing::default(),
        };
        (server, people)
    }

    pub(crate) fn workspace(&self) -> WorkspaceSid {
        self.workspace
    }

    pub(crate) fn life(&self) -> u64 {
        self.life
    }

    pub(crate) fn read(&self) -> &dyn Read {
        self.db.read()
    }

    /// The index of the newest message of a conversation, removed or not.
    pub(crate) fn newest(&self, conversation: ConversationSid) -> Option<u64> {
        let row = self.read().conversation(conversation).expect("the store can be read");
        row?.head.next_index.checked_sub(1)
    }

    /// Everything but the store is gone.
    pub(crate) fn crash(&mut self) {
        self.life += 1;
        self.db.power_cut();
        self.hub = hub();
        self.cursor = tail::end(self.db.read()).expect("the store can be read");
        self.sessions.clear();
        self.group.clear();
        self.refusals.clear();
        self.readings.clear();
        self.asked.clear();
        self.hearing = Hearing::default();
        self.steady_from = None;
    }

    /// Whether something waits for a commit.
    pub(crate) fn has_work(&self) -> bool {
        !self.group.is_empty()
    }

    /// Connections for which frames may wait.
    pub(crate) fn waiting(&self) -> Vec<Conn> {
        let waits = |(_, session): &(&Conn, &Session)| !session.own.is_empty() || session.queued.is_waiting();
        let sessions = self.sessions.iter().filter(waits).map(|(conn, _)| conn);
        sessions.chain(self.refusals.keys()).copied().collect()
    }

    /// What a frame answers, unless it is a refusal or a push.
    pub(crate) fn answered_by(&self, conn: Conn, frame: &Leaving) -> Option<&Call> {
        let (id, rest) = frame.text.strip_prefix("{\"id\":")?.split_once(',')?;
        let id = id.parse().ok().filter(|_| rest.starts_with("\"result\""))?;
        self.asked.get(&(conn, id))
    }

    pub(crate) fn session(&self, conn: Conn) -> Option<&Session> {
        self.sessions.get(&conn)
    }

    /// A connection is gone.
    pub(crate) fn closed(&mut self, conn: Conn, now: Timestamp) {
        self.refusals.remove(&conn);
        self.asked.retain(|(of, _), _| *of != conn);
        if let Some(session) = self.sessions.remove(&conn) {
            session.queued.end();
            self.hub.detach(session.queued.id(), since(now));
        }
    }

    /// A frame has arrived. `now` is what the server's clock shows, `true_now` what time it is.
    pub(crate) fn hear(
        &mut self,
        conn: Conn,
        client: usize,
        text: &str,
        is_next_level: bool,
        now: Timestamp,
        true_now: Timestamp,
    ) {
        let request = match Request::decode(text) {
            Ok(request) => request,
            // The next level knows methods that this one does not.
            Err(error) if is_next_level && error.id.is_some() => {
                let response = Response { id: error.id.unwrap_or(0), outcome: Err(error.error) };
                return self.own_frame(conn, response.encode());
            }
            Err(error) => panic!("a client sent what cannot be read: {error:?}: {text}"),
        };
        if let Some(session) = self.sessions.get(&conn) {
            session.queued.is_heard(since(true_now));
        }
        self.take(conn, client, request, now, true_now);
    }

    fn own_frame(&mut self, conn: Conn, text: String) {
        match self.sessions.get_mut(&conn) {
            Some(session) => session.own.push(text),
            None => self.refusals.entry(conn).or_default().push(text),
        }
    }

    /// What a session sends now.
    pub(crate) fn drain(&mut self, conn: Conn) -> Drained {
        let mut texts = self.refusals.remove(&conn).unwrap_or_default();
        let mut ended = !texts.is_empty() && !self.sessions.contains_key(&conn);
        if let Some(session) = self.sessions.get_mut(&conn) {
            texts.append(&mut session.own);
            texts.extend(session.queued.take());
            ended = session.queued.ended().is_some();
        }
        Drained { frames: texts.into_iter().map(|text| Leaving { text }).collect(), ended }
    }

    /// What reaches the hub arrives in its order.
    pub(crate) fn bus_arrival(&mut self, time: u64) -> u64 {
        self.bus_last = self.bus_last.max(time);
        self.bus_last
    }

    /// Something was committed.
    pub(crate) fn committed(&mut self, events: &[Event]) {
        self.hearing.committed(events);
    }

    /// The hub hears what was committed.
    pub(crate) fn told(&mut self, inputs: Vec<BusInput>, now: Timestamp) {
        for input in inputs {
            match input {
                BusInput::Told(events) => {
                    self.hearing.told(&events);
                    self.hub.told(events, since(now));
                }
                BusInput::Attach { conn, standing } => self.attach(conn, standing, now),
                BusInput::Members(members) => self.hub.members(members, since(now)),
                BusInput::Standing(standing) => {
                    self.hearing.stands(&standing);
                    self.hub.standing(standing, since(now));
                }
                BusInput::Profile(user) => self.hub.profile(*user, since(now)),
            }
        }
    }

    fn attach(&mut self, conn: Conn, standing: Standing, now: Timestamp) {
        if let Some(session) = self.sessions.get(&conn) {
            self.hearing.stands(&standing);
            self.hub.attach(&session.queued, standing, since(now));
        }
    }

    /// Answers to what the hub asks, as the rows are now; they still have to reach it.
    pub(crate) fn reloads(&mut self) -> Vec<BusInput> {
        let asks = self.hub.asks();
        let read = self.db.read();
        let answer = |ask| match ask {
            Ask::Members(conversation) => tail::members(read, conversation).map(BusInput::Members),
            Ask::Standing(user) => tail::standing(read, user).map(BusInput::Standing),
            Ask::Profile(user) => tail::profile(read, user).map(|user| BusInput::Profile(Box::new(user))),
        };
        asks.into_iter().filter_map(|ask| answer(ask).ok()).collect()
    }

    /// Looks at the rows for what the bus has lost.
    fn look(&mut self, true_now: Timestamp) {
        if true_now < self.look_at {
            return;
        }
        self.look_at = true_now.plus(u64::try_from(self.bounds.tail.as_millis()).unwrap_or(u64::MAX));
        loop {
            let moved = tail::since(self.db.read(), self.cursor).expect("the store can be read");
            self.cursor = moved.cursor;
            let more = moved.more;
            self.hub.tailed(moved, since(true_now));
            if !more {
                return;
            }
        }
    }

    /// What people would be told is lost; sessions that begin are not, because they begin on this node.
    pub(crate) fn lost_on_the_bus(&mut self, inputs: Vec<BusInput>, now: Timestamp) {
        let kept = inputs.into_iter().filter(|input| !is_told(input)).collect();
        self.told(kept, now);
    }

    /// The server does what is due.
    pub(crate) fn tick(&mut self, now: Timestamp, true_now: Timestamp) {
        for session in self.sessions.values_mut() {
            session.watch_token(now);
        }
        self.hearing.tick();
        self.hub.tick(since(true_now));
        self.look(true_now);
        self.see_to_chores(now, true_now);
    }

    /// The access token of a session ends now.
    pub(crate) fn expire(&mut self, conn: Conn) {
        if let Some(session) = self.sessions.get_mut(&conn) {
            session.expires_at = Timestamp(0);
        }
    }

    /// Gives new tokens for a refresh token.
    pub(crate) fn refresh(&mut self, token: &str, now: Timestamp) -> Refreshed {
        let refreshed =
            self.db.write(|tx| account::refresh(token, now, tx).expect("the store can be written"));
        if let Refreshed::Denied { events } = &refreshed {
            self.hub.told(events.clone(), Duration::ZERO);
        }
        refreshed
    }

    /// Keeps the rows as they are now.
    pub(crate) fn back_up(&mut self) {
        self.backup = Some(self.db.backup());
    }

    /// Goes back to the last backup, under a new epoch. False when there is none.
    pub(crate) fn restore(&mut self, _: Timestamp) -> bool {
        let Some(backup) = &self.backup else { return false };
        self.db = backup.backup();
        let ids = &mut self.ids;
        self.db.write(|tx| account::renew_epoch(ids, tx).expect("the epoch can be renewed"));
        true
    }

    /// Whether a device was signed out.
    pub(crate) fn is_signed_out(&self, user: UserSid, device: DeviceSid) -> bool {
        let row = self.read().device(device).expect("the store can be read");
        row.is_none_or(|row| row.revoked_at.is_some() || row.user != user)
    }
}

impl Session {
    fn watch_token(&mut self, now: Timestamp) {
        let signal = match self.stage {
            Stage::Fresh if now.plus(limits::TOKEN_WARNING_MS) >= self.expires_at => {
                self.stage = Stage::Announced;
                Signal::TokenAboutToExpire { expires_at: self.expires_at }
            }
            Stage::Announced if now >= self.expires_at => {
                self.stage = Stage::Expired;
                // A clock that was put does not shorten the grace.
                self.expires_at = now;
                Signal::TokenExpired {}
            }
            Stage::Expired if now >= self.expires_at.plus(GRACE_MS) => {
                self.queued.end();
                Signal::Closing { reason: CloseReason::TokenExpired }
            }
            _ => return,
        };
        self.own.push(Push::Signal(signal).encode());
    }

    pub(crate) fn user(&self) -> UserSid {
        self.queued.actor().user
    }
}
