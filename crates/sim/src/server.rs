//! The server: its real rules on a store in memory, group commit, fan-out as a fold of the committed events.

use std::collections::{BTreeMap, BTreeSet};

use confab_domain::account::{self, Join, Password};
use confab_domain::row::UserRow;
use confab_domain::{Actor, DomainResult, Event, Ids, Outcome, Read};
use confab_protocol::event::Signal;
use confab_protocol::method::{HelloParams, HelloResult, Nothing, PingResult, PresenceSubscribeResult};
use confab_protocol::model::{Presence, Workspace};
use confab_protocol::{
    Answer, Call, Capability, ClientId, ConversationSid, DeviceSid, ErrorCode, Push, Request, Response,
    Timestamp, UserSid, WireError, WorkspaceSid, limits,
};
use confab_testkit::{MemoryStore, SeededIds};

/// A connection; never used twice.
pub(crate) type Conn = u64;

/// Where a crash strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// Not at all.
    Never,
    /// When everything is applied and nothing committed.
    BeforeCommit,
    /// When everything is committed and nothing told.
    AfterCommit,
}

struct Session {
    actor: Actor,
    open: Option<ConversationSid>,
}

/// The server, and what it would lose in a crash.
pub(crate) struct Server {
    pub(crate) store: MemoryStore,
    ids: SeededIds,
    sessions: BTreeMap<Conn, Session>,
    group: Vec<(Conn, Request)>,
    members: BTreeMap<ConversationSid, BTreeSet<UserSid>>,
}

/// Who signed in, as the client keeps it.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    pub(crate) user: UserRow,
    pub(crate) device: DeviceSid,
}

fn store<T>(result: DomainResult<T>) -> T {
    result.unwrap_or_else(|error| panic!("the workspace cannot be made: {error}"))
}

impl Server {
    /// A workspace with two people, the first of whom has two computers.
    pub(crate) fn new(seed: u64, now: Timestamp) -> (Self, Vec<SignedIn>) {
        let mut ids = SeededIds::new(seed);
        let mut tx = MemoryStore::new(WorkspaceSid(ids.uuid()));
        store(account::create_workspace("Fjordline", now, &mut ids, &mut tx));
        let ann = store(account::create_owner("Ann", None, "one", now, &mut ids, &mut tx));
        let second = store(account::owner_device("two", now, &mut ids, &mut tx));
        let minted = store(account::mint_invite(None, None, now, &mut ids, &mut tx));
        let join = Join {
            client_id: ClientId(ids.uuid()),
            secret: &minted.secret,
            identity: "Ben",
            password: Password::New("hash"),
            device_name: "three",
        };
        let ben = store(account::join(&join, now, &mut ids, &mut tx));
        tx.commit();
        let people = [ann, ben, second].map(|grant| SignedIn { user: grant.user, device: grant.device });
        let server =
            Self { store: tx, ids, sessions: BTreeMap::new(), group: vec![], members: BTreeMap::new() };
        (server, people.into())
    }

    /// Everything but the store is gone.
    fn forget(&mut self) {
        self.sessions.clear();
        self.group.clear();
        self.members.clear();
    }

    /// Whether mutations wait for a commit.
    pub(crate) fn has_work(&self) -> bool {
        !self.group.is_empty()
    }

    /// A connection is gone.
    pub(crate) fn closed(&mut self, conn: Conn) {
        self.sessions.remove(&conn);
    }

    /// A frame has arrived. Gives what to send back at once.
    pub(crate) fn frame(&mut self, conn: Conn, text: &str, now: Timestamp) -> Vec<(Conn, String)> {
        let request = match Request::decode(text) {
            Ok(request) => request,
            Err(error) => panic!("a client sent what cannot be read: {error:?}: {text}"),
        };
        if confab_domain::is_mutation(&request.call) && self.sessions.contains_key(&conn) {
            self.group.push((conn, request));
            return vec![];
        }
        let outcome = self.answer(conn, &request.call, now);
        vec![(conn, Response { id: request.id, outcome }.encode())]
    }

    fn answer(&mut self, conn: Conn, call: &Call, now: Timestamp) -> Result<Answer, WireError> {
        if let Call::Hello(hello) = call {
            return self.hello(conn, hello, now);
        }
        let session = self.sessions.get_mut(&conn).ok_or(ErrorCode::Unauthenticated)?;
        match call {
            Call::Ping(_) => {
                Ok(Answer::Ping(PingResult { now, reconnect_spread_ms: limits::RECONNECT_SPREAD_MS }))
            }
            Call::InterestSet(interest) => {
                session.open = interest.open;
                Ok(Answer::InterestSet(Nothing {}))
            }
            Call::TypingStart(_) => Ok(Answer::TypingStart(Nothing {})),
            Call::PresenceSubscribe(wish) => {
                let person = |identity: &String| Presence { identity: identity.clone(), online: true };
                let people = wish.identities.iter().map(person).collect();
                Ok(Answer::PresenceSubscribe(PresenceSubscribeResult { people }))
            }
            call => {
                confab_domain::answer(&session.actor, call, now, &self.store).map_err(|error| error.to_wire())
            }
        }
    }

    fn hello(&mut self, conn: Conn, hello: &HelloParams, now: Timestamp) -> Result<Answer, WireError> {
        let (user, device) = hello.token.split_once(' ').ok_or(ErrorCode::Unauthenticated)?;
        let user = user.parse().map_err(|_| ErrorCode::Unauthenticated)?;
        let device = device.parse().map_err(|_| ErrorCode::Unauthenticated)?;
        let (actor, profile) =
            account::authenticate(user, device, &self.store).map_err(|error| error.to_wire())?;
        let row = self.store.workspace().ok().flatten().expect("there is a workspace");
        let own = self.store.user(user).ok().flatten().expect("there is the user");
        for conversation in self.store.joined(user, None, 1_000).expect("memory can be read") {
            self.members.entry(conversation).or_default().insert(user);
        }
        self.sessions.insert(conn, Session { actor, open: None });
        let workspace =
            Workspace { sid: row.sid, name: row.name, addresses: vec![], fingerprint: "5f".repeat(32) };
        Ok(Answer::Hello(HelloResult {
            version: 1,
            capabilities: Capability::OURS.to_vec(),
            workspace,
            epoch: row.epoch,
            user: profile,
            device,
            state_version: own.state_version,
            now,
            token_expires_at: now.plus(limits::ACCESS_TOKEN_MS),
            heartbeat_ms: limits::HEARTBEAT_MS,
            reconnect_spread_ms: limits::RECONNECT_SPREAD_MS,
        }))
    }

    /// Applies everything that waits as one group, each in its own savepoint. Gives what to send, and whether the server
    /// is still there.
    pub(crate) fn commit(&mut self, now: Timestamp, strike: Strike) -> (Vec<(Conn, String)>, bool) {
        let mut answers = vec![];
        let mut events = vec![];
        for (conn, request) in std::mem::take(&mut self.group) {
            let savepoint = self.store.savepoint();
            let Some(session) = self.sessions.get(&conn) else { continue };
            let done =
                confab_domain::apply(&session.actor, &request.call, now, &mut self.ids, &mut self.store);
            let outcome = match done {
                Ok(Outcome { answer, events: told }) => {
                    events.extend(told);
                    Ok(answer)
                }
                Err(error) => {
                    self.store.rollback_to(savepoint);
                    Err(error.to_wire())
                }
            };
            answers.push((conn, Response { id: request.id, outcome }.encode()));
        }
        if strike == Strike::BeforeCommit {
            self.store.crash();
            self.forget();
            return (vec![], false);
        }
        self.store.commit();
        if strike == Strike::AfterCommit {
            self.forget();
            return (vec![], false);
        }
        let mut frames: Vec<_> = events.into_iter().flat_map(|event| self.fan_out(event)).collect();
        // Answers and pushes take different ways in a real server: either may be first.
        if self.ids.number().is_multiple_of(2) {
            frames.extend(answers);
        } else {
            frames.splice(0..0, answers);
        }
        (frames, true)
    }

    fn to(&self, push: &Push, wants: impl Fn(&Session) -> bool) -> Vec<(Conn, String)> {
        let text = push.encode();
        self.sessions.iter().filter(|(_, s)| wants(s)).map(|(conn, _)| (*conn, text.clone())).collect()
    }

    fn fan_out(&mut self, event: Event) -> Vec<(Conn, String)> {
        match event {
            Event::Log { event, joined, left, only } => {
                let members = self.members.entry(event.conversation).or_default();
                members.extend(joined);
                let to = members.clone();
                if let Some(user) = left {
                    members.remove(&user);
                }
                let may = |user: &UserSid| {
                    to.contains(user) && only.as_ref().is_none_or(|only| only.contains(user))
                };
                self.to(&Push::Log(*event), |session| may(&session.actor.user))
            }
            Event::Roster { conversation, from, to, rows, .. } => {
                let members = self.members.get(&conversation).cloned().unwrap_or_default();
                let push = Push::Signal(Signal::RosterChanged { conversation, from, to, rows });
                self.to(&push, |s| s.open == Some(conversation) && members.contains(&s.actor.user))
            }
            Event::State { user, from, to, rows, drafts, settings } => {
                let signal = Signal::StateChanged { from, to, rows, drafts, settings };
                self.to(&Push::Signal(signal), |s| s.actor.user == user)
            }
            Event::User(user) => self.to(&Push::Signal(Signal::UserChanged { users: vec![user] }), |_| true),
            Event::DeviceRevoked { .. } => vec![],
        }
    }
}
