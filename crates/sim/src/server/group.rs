//! What waits for the writer, in the server's own group commit.

use confab_domain::group;
use confab_domain::row::MembershipRow;
use confab_domain::tail::{Standing, standing};
use confab_domain::{Actor, DomainError, DomainResult, Event, Ids, Outcome, StoreError, Tx, account, apply};
use confab_protocol::method::{HelloResult, HorizonMode, HorizonSetParams, UserSetPasswordParams};
use confab_protocol::model::Workspace;
use confab_protocol::{
    Answer, Call, Capability, Change, ClientId, ConversationSid, DeviceSid, ErrorCode, Response, Timestamp,
    UserSid, limits,
};
use confab_server::simulation::Session as Queued;
use confab_testkit::faulty::{Faulty, Step};

use super::answers::Token;
use super::rights::Entitled;
use super::{BusInput, Server, Session, Stage, chores, since};
use crate::network::Conn;

/// No connection has this number.
const NOBODY: Conn = 0;

/// Where a crash strikes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strike {
    /// Not at all.
    Never,
    /// When everything is applied and nothing committed.
    BeforeCommit,
    /// When everything is committed and nothing told.
    AfterCommit,
    /// The commit fails, and the server goes on.
    CommitFails,
}

impl Strike {
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Never => "not struck",
            Self::BeforeCommit => "server crashed before a commit",
            Self::AfterCommit => "server crashed after a commit",
            Self::CommitFails => "commit failed",
        }
    }

    fn kills(self) -> bool {
        matches!(self, Self::BeforeCommit | Self::AfterCommit)
    }
}

/// A horizon that was moved.
pub(crate) struct HorizonMove {
    pub(crate) client: usize,
    pub(crate) user: UserSid,
    pub(crate) mode: HorizonMode,
    pub(crate) conversation: ConversationSid,
    /// Where it went.
    pub(crate) index: Option<u64>,
    /// Version of the own row when it was last put anywhere.
    pub(crate) set_version: u64,
}

/// A mutation that was applied.
pub(crate) struct Applied {
    pub(crate) user: UserSid,
    pub(crate) device: Option<DeviceSid>,
    pub(crate) client_id: ClientId,
    pub(crate) call: Box<Call>,
    pub(crate) answer: Answer,
    pub(crate) events: Vec<Event>,
}

/// Something that was committed.
pub(crate) enum Happened {
    /// A mutation.
    Applied(Box<Applied>),
    /// What was due.
    ByItself(Vec<Event>),
}

/// What came of a group.
#[derive(Default)]
pub(crate) struct Commit {
    /// There was something to commit.
    pub(crate) tried: bool,
    /// The server is still there.
    pub(crate) alive: bool,
    pub(crate) post: Vec<BusInput>,
    pub(crate) events: Vec<Event>,
    pub(crate) applied: Vec<&'static str>,
    pub(crate) horizons: Vec<HorizonMove>,
    /// What happened, in order. Mutations that were applied before are not among it.
    pub(crate) happened: Vec<Happened>,
    /// What somebody did who had no right to.
    pub(crate) trespass: Option<String>,
    /// A mutation that was refused, and of which something was kept.
    pub(crate) half_done: Option<(UserSid, ClientId)>,
}

/// Something that waits for the writer.
pub(super) struct Errand {
    conn: Conn,
    request: u64,
    kind: Kind,
    /// It fails after it has written.
    fails: bool,
}

enum Kind {
    Hello {
        token: Token,
        true_now: Timestamp,
        ready: Option<Box<Ready>>,
    },
    Mutation {
        client: usize,
        call: Box<Call>,
        outcome: Option<Box<Outcome>>,
        moved: Option<HorizonMove>,
        trespass: Option<String>,
    },
    Chore {
        now: Timestamp,
        events: Vec<Event>,
    },
}

struct Ready {
    actor: Actor,
    standing: Standing,
    hello: HelloResult,
}

impl Errand {
    pub(super) fn hello(conn: Conn, request: u64, token: Token, true_now: Timestamp) -> Self {
        Self { conn, request, kind: Kind::Hello { token, true_now, ready: None }, fails: false }
    }

    pub(super) fn mutation(conn: Conn, client: usize, request: u64, call: Call) -> Self {
        let kind =
            Kind::Mutation { client, call: Box::new(call), outcome: None, moved: None, trespass: None };
        Self { conn, request, kind, fails: false }
    }

    /// What is due then; nobody asks for it.
    pub(super) fn chore(now: Timestamp) -> Self {
        Self { conn: NOBODY, request: 0, kind: Kind::Chore { now, events: Vec::new() }, fails: false }
    }

    pub(super) fn is_chore(&self) -> bool {
        matches!(self.kind, Kind::Chore { .. })
    }

    fn client_id(&self) -> Option<ClientId> {
        match &self.kind {
            Kind::Mutation { call, .. } => client_id(call),
            Kind::Hello { .. } | Kind::Chore { .. } => None,
        }
    }

    pub(super) fn greets(&self, conn: Conn) -> bool {
        self.conn == conn && matches!(self.kind, Kind::Hello { .. })
    }

    fn run(
        &mut self,
        actor: Option<&Actor>,
        now: Timestamp,
        ids: &mut dyn Ids,
        tx: &mut dyn Tx,
    ) -> DomainResult<()> {
        match &mut self.kind {
            Kind::Hello { token, ready, .. } => *ready = Some(Box::new(greet(token, now, tx)?)),
            Kind::Mutation { client, call, outcome, moved, trespass } => {
                let Some(actor) = actor else { return Err(ErrorCode::Unauthenticated.into()) };
                let is_new =
                    client_id(call).map(|id| tx.seen(actor.user, id)).transpose()?.flatten().is_none();
                let entitled = Entitled::look(actor, call, tx);
                let before = horizon(call).map(|params| tx.membership(actor.user, params.conversation));
                let before = before.transpose()?.flatten();
                let done = match &**call {
                    Call::UserSetPassword(params) => change_password(actor, params, now, tx)?,
                    call => apply(actor, call, now, ids, tx)?,
                };
                *trespass = entitled.trespass(actor, &done.answer, call, tx).filter(|_| is_new);
                *outcome = Some(Box::new(done));
                *moved = horizon_move(*client, actor.user, call, before, tx)?;
                if self.fails {
                    return Err(ErrorCode::Unavailable.into());
                }
            }
            Kind::Chore { now, events } => {
                *events = chores::turn(*now, tx)?;
                if self.fails {
                    return Err(ErrorCode::Unavailable.into());
                }
            }
        }
        Ok(())
    }
}

pub(crate) fn client_id(call: &Call) -> Option<ClientId> {
    match call {
        Call::UserSetPassword(params) => Some(params.client_id),
        call => confab_domain::client_id(call),
    }
}

/// Hashing is the server's; here it keeps no secret.
const HASH: &str = "hash of ";

/// The password that a hash is of.
pub(crate) fn password_of(hash: &str) -> &str {
    hash.strip_prefix(HASH).unwrap_or(hash)
}

fn change_password(
    actor: &Actor,
    params: &UserSetPasswordParams,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    account::check_password("password", &params.password).map_err(DomainError::from)?;
    let stored = tx.user(actor.user)?.and_then(|row| row.password_hash);
    let done = tx.seen(actor.user, params.client_id)?.is_some();
    let verified = match params.current.as_ref().filter(|_| !done) {
        Some(current) if stored.as_deref().map(password_of) != Some(current) => {
            return Err(ErrorCode::WrongPassword.into());
        }
        Some(_) => stored,
        None => None,
    };
    let hash = format!("{HASH}{}", params.password);
    account::set_password(actor, params.client_id, verified.as_deref(), &hash, now, tx)
}

fn horizon(call: &Call) -> Option<&HorizonSetParams> {
    match call {
        Call::HorizonSet(params) => Some(params),
        _ => None,
    }
}

/// What a call has moved, if anything.
fn horizon_move(
    client: usize,
    user: UserSid,
    call: &Call,
    before: Option<MembershipRow>,
    tx: &dyn Tx,
) -> DomainResult<Option<HorizonMove>> {
    let (Some(params), Some(before)) = (horizon(call), before) else { return Ok(None) };
    let (conversation, set_version) = (params.conversation, before.horizon_set_version);
    let after = tx.membership(user, conversation)?.filter(|after| {
        (after.horizon, after.horizon_set_version) != (before.horizon, before.horizon_set_version)
    });
    let mode = params.mode;
    Ok(after.map(|after| HorizonMove { client, user, mode, conversation, index: after.horizon, set_version }))
}

fn greet(token: &Token, now: Timestamp, tx: &dyn Tx) -> DomainResult<Ready> {
    let (actor, user) = account::authenticate(token.user, token.device, tx)?;
    let workspace = tx.workspace()?.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?;
    let own = tx.user(token.user)?.ok_or(ErrorCode::Denied)?;
    let standing = standing(tx, token.user)?;
    let hello = HelloResult {
        version: 1,
        capabilities: Capability::OURS.to_vec(),
        workspace: Workspace {
            sid: workspace.sid,
            name: workspace.name,
            addresses: Vec::new(),
            fingerprint: "5f".repeat(32),
        },
        epoch: workspace.epoch,
        user,
        device: token.device,
        state_version: own.state_version,
        roles_version: workspace.roles_version,
        now,
        token_expires_at: token.expires_at,
        heartbeat_ms: limits::HEARTBEAT_MS,
        reconnect_spread_ms: limits::RECONNECT_SPREAD_MS,
    };
    Ok(Ready { actor, standing, hello })
}

impl Server {
    /// How many pieces of work wait.
    pub(crate) fn work(&self) -> usize {
        self.group.len()
    }

    /// Mutations of the next group that were not applied before, and who asks for them.
    fn unseen(&self, errands: &[Errand]) -> Vec<(UserSid, ClientId)> {
        let asks = errands.iter().filter_map(|errand| {
            let Kind::Mutation { call, .. } = &errand.kind else { return None };
            Some((self.sessions.get(&errand.conn)?.user(), client_id(call)?))
        });
        asks.filter(|(user, id)| !self.has_seen(*user, *id)).collect()
    }

    fn has_seen(&self, user: UserSid, id: ClientId) -> bool {
        self.read().seen(user, id).expect("the store can be read").is_some()
    }

    /// Commits everything that waits. Those pieces of work `fail` after they have written.
    pub(crate) fn commit(&mut self, now: Timestamp, strike: Strike, fail: &[usize]) -> Commit {
        let mut errands: Vec<Errand> = std::mem::take(&mut self.group);
        if errands.is_empty() {
            return Commit { alive: true, ..Commit::default() };
        }
        fail.iter().for_each(|at| errands[*at].fails = true);
        let unseen = self.unseen(&errands);
        let (sessions, ids) = (&self.sessions, &mut self.ids);
        let mut run = |errand: &mut Errand, tx: &mut dyn Tx| {
            let actor = sessions.get(&errand.conn).map(|session| session.queued.actor());
            errand.run(actor, now, ids, tx)
        };
        let group = if matches!(strike, Strike::BeforeCommit | Strike::CommitFails) {
            let mut faulty = Faulty::new(self.db.journal(), Step::Commit);
            group::commit(&mut faulty, &mut errands, &mut run)
        } else {
            group::commit(self.db.journal(), &mut errands, &mut run)
        };
        let mut done = Commit { tried: true, alive: !strike.kills(), ..Commit::default() };
        let results = match group {
            Ok(group) => group.results,
            Err(_) => errands.iter().map(|_| Err(ErrorCode::Unavailable.into())).collect(),
        };
        let applied = errands.iter().zip(&results).filter(|(_, result)| result.is_ok());
        let applied: Vec<ClientId> = applied.filter_map(|(errand, _)| errand.client_id()).collect();
        for (errand, result) in errands.into_iter().zip(results) {
            self.settle(errand, result, &mut done);
        }
        done.happened.retain(|what| match what {
            Happened::Applied(one) => unseen.contains(&(one.user, one.client_id)),
            Happened::ByItself(_) => true,
        });
        done.half_done =
            unseen.into_iter().find(|(user, id)| !applied.contains(id) && self.has_seen(*user, *id));
        done
    }

    fn settle(&mut self, errand: Errand, result: DomainResult<()>, done: &mut Commit) {
        let Errand { conn, request, kind, .. } = errand;
        if let Err(error) = result {
            if matches!(kind, Kind::Chore { .. }) {
                return;
            }
            return self.failed(conn, request, matches!(kind, Kind::Hello { .. }), &error);
        }
        match kind {
            Kind::Hello { token, true_now, ready } => {
                let Ready { actor, standing, hello } = *ready.expect("what was committed was run");
                let queued = Queued::new(conn, actor, &self.hub, since(true_now));
                queued.answer(request, Ok(Answer::Hello(hello)));
                let expires_at = token.expires_at;
                let session = Session { queued, expires_at, stage: Stage::Fresh, own: Vec::new() };
                self.sessions.insert(conn, session);
                done.post.push(BusInput::Attach { conn, standing });
            }
            Kind::Mutation { call, outcome, moved, trespass, .. } => {
                done.trespass = done.trespass.take().or(trespass);
                let Outcome { answer, events } = *outcome.expect("what was committed was run");
                done.applied.push(call.method());
                done.events.extend(events.iter().cloned());
                done.horizons.extend(moved);
                if let (Some(session), Some(client_id)) = (self.sessions.get(&conn), client_id(&call)) {
                    let (user, device) = (session.user(), session.queued.actor().device);
                    let answer = answer.clone();
                    let events = events.clone();
                    let one = Applied { user, device, client_id, call, answer, events };
                    done.happened.push(Happened::Applied(Box::new(one)));
                }
                self.note_public(&events);
                if !events.is_empty() {
                    done.post.push(BusInput::Told(events));
                }
                if let Some(session) = self.sessions.get(&conn) {
                    session.queued.answer(request, Ok(answer));
                }
            }
            Kind::Chore { events, .. } => {
                if !events.is_empty() {
                    done.applied.push("a state changed by itself");
                    done.events.extend(events.iter().cloned());
                    done.happened.push(Happened::ByItself(events.clone()));
                    done.post.push(BusInput::Told(events));
                }
            }
        }
    }

    /// Whoever is told of a conversation that was in the directory may have read it there before it was taken out.
    fn note_public(&mut self, events: &[Event]) {
        for event in events {
            if let Event::Log { event, .. } = event
                && let Change::ConversationCreated(row) | Change::ConversationUpdated(row) = &event.change
                && row.public_join
            {
                self.public.insert(row.sid);
            }
        }
    }

    fn failed(&mut self, conn: Conn, request: u64, greets: bool, error: &DomainError) {
        let outcome = Err(error.to_wire());
        match self.sessions.get(&conn) {
            Some(session) if !greets => session.queued.answer(request, outcome),
            _ => self.own_frame(conn, Response { id: request, outcome }.encode()),
        }
    }
}
