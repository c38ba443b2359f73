//! What the handles of a client share: what is known, who is told of what happens, and the way to the server.

mod news;
mod replay;
mod requests;
mod rosters;
mod users;

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, OnceLock, Weak};

use confab_core::view::{ConnectionState, Problem};
use confab_protocol::method::MediaLimitsResult;
use confab_protocol::{ClientId, ConversationSid};
use serde_json::Value;
use tokio::sync::{broadcast, mpsc, watch};

use self::replay::Last;
use self::users::Users;
use super::cells::{ConversationCell, ConversationData, UserCell, lock};
use super::events::{ConnectionFailure, Event};
use super::{Conversation, Error, Subscription};
use crate::account::Account;
use crate::actor::Wish;
use crate::connection::Ended;
use crate::media::StagedFiles;

pub(super) use replay::Scope;
pub(super) use requests::ask;

/// Events that wait for a subscriber that reads slowly.
const WAITING_EVENTS: usize = 1_024;

/// How far a client has come at its start.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    /// Not everything is known yet.
    Starting,
    /// Everything is known.
    Ready,
    /// The server does not let this device in.
    Denied(Problem),
    /// The client has ended.
    Ended,
}

/// Shared by all handles. Holds no sender that keeps the client alive: only a [`Client`](super::Client) does.
#[derive(Debug)]
pub(crate) struct Hub {
    inbox: mpsc::WeakSender<Wish>,
    pub(super) identity: String,
    pub(super) files: StagedFiles,
    state: Mutex<State>,
    /// None after the end.
    events: Mutex<Option<broadcast::Sender<Event>>>,
    connection: watch::Sender<ConnectionState>,
    stage: watch::Sender<Stage>,
    pub(super) limits: OnceLock<MediaLimitsResult>,
    /// To itself, for what the handles in events hold.
    this: Weak<Hub>,
}

#[derive(Debug, Default)]
struct State {
    /// Those that one is in.
    joined: BTreeMap<ConversationSid, Arc<ConversationCell>>,
    /// All of which somebody holds a handle.
    known: HashMap<ConversationSid, Weak<ConversationCell>>,
    users: Users,
    settings: BTreeMap<String, Value>,
    last: Last,
    uploads: HashMap<ClientId, watch::Sender<u64>>,
    posts: HashMap<ClientId, tokio::sync::oneshot::Sender<PostOutcome>>,
}

/// What became of a message that was posted.
pub(super) type PostOutcome = Result<Box<confab_protocol::model::Message>, Problem>;

impl Hub {
    pub(super) fn new(account: &Account, files: StagedFiles, inbox: mpsc::WeakSender<Wish>) -> Arc<Self> {
        let (events, _) = broadcast::channel(WAITING_EVENTS);
        Arc::new_cyclic(|this| Self {
            inbox,
            identity: account.identity.clone(),
            files,
            state: Mutex::default(),
            events: Mutex::new(Some(events)),
            connection: watch::Sender::new(ConnectionState::Connecting),
            stage: watch::Sender::new(Stage::Starting),
            limits: OnceLock::new(),
            this: this.clone(),
        })
    }

    /// Tells everybody who listens, and remembers it for those who come later.
    fn tell(&self, event: Event) {
        // Under one lock, so that nobody is told twice or not at all.
        let mut state = lock(&self.state);
        state.last.note(&event);
        if let Some(events) = lock(&self.events).as_ref() {
            // Nobody may be listening.
            let _ = events.send(event);
        }
    }

    /// A stream of the events that `choose` picks; with those that were last of their kind first, when `replay` names a scope.
    pub(super) fn subscribe<E>(
        &self,
        replay: Option<Scope>,
        choose: impl Fn(Event) -> Option<E> + Send + 'static,
    ) -> Subscription<E> {
        let state = lock(&self.state);
        let events = lock(&self.events).as_ref().map(broadcast::Sender::subscribe);
        let last = replay.map(|scope| state.last.of(scope)).unwrap_or_default();
        // After the end there is nothing more to hear.
        Subscription::new(events.unwrap_or_else(|| broadcast::channel(1).1), last, choose)
    }

    /// The client has ended: subscriptions do too.
    pub(crate) fn ended(&self) {
        self.tell_connection(ConnectionState::Disconnected);
        lock(&self.events).take();
        self.stage.send_replace(Stage::Ended);
        let mut state = lock(&self.state);
        (state.last, state.posts) = (Last::default(), HashMap::new());
    }

    pub(super) fn connection(&self) -> ConnectionState {
        *self.connection.borrow()
    }

    fn tell_connection(&self, state: ConnectionState) {
        let before = self.connection.send_replace(state);
        if before == ConnectionState::Connected && state == ConnectionState::Connecting {
            // It may have been given up because nothing came over it any more, which no error of the network tells.
            let message = "the connection broke".to_owned();
            self.tell(Event::ConnectionError(ConnectionFailure::passing("connection_lost", message)));
        }
        if before != state {
            self.tell(Event::ConnectionStateChanged(state));
        }
    }

    /// Waits until everything is known that a client knows from its start.
    pub(super) async fn ready(&self) -> Result<(), Error> {
        let mut stage = self.stage.subscribe();
        let reached = stage.wait_for(|stage| *stage != Stage::Starting).await;
        match reached.as_deref() {
            Ok(Stage::Ready) => Ok(()),
            Ok(Stage::Denied(problem)) => Err(problem.clone().into()),
            Ok(Stage::Ended | Stage::Starting) | Err(_) => Err(Error::Ended),
        }
    }

    pub(super) fn is_ready(&self) -> bool {
        *self.stage.borrow() == Stage::Ready
    }

    /// A connection could not be made, or broke.
    pub(crate) fn line_ended(&self, ended: Ended) {
        let message = ended.to_string();
        // That a connection broke is told with the change of its state.
        if let Ended::Unreached(error) = ended {
            let code = Problem::from(error).code;
            self.tell(Event::ConnectionError(ConnectionFailure::passing(&code, message)));
        }
    }

    fn refused(&self, terminal: bool, problem: &Problem) {
        let error = Error::from(problem.clone());
        let failure = ConnectionFailure {
            terminal,
            code: problem.code.clone(),
            message: error.to_string(),
            http_status: error.status(),
        };
        self.tell(Event::ConnectionError(failure.clone()));
        if !self.is_ready() {
            if terminal {
                self.stage.send_replace(Stage::Denied(problem.clone()));
            }
            self.tell(Event::InitFailed(failure));
        }
    }

    /// Conversations that one is in, by SID.
    pub(super) fn joined(&self) -> Vec<Conversation> {
        let cells: Vec<_> = lock(&self.state).joined.values().cloned().collect();
        cells.into_iter().map(|cell| self.conversation(cell)).collect()
    }

    pub(super) fn joined_by_sid(&self, sid: ConversationSid) -> Option<Conversation> {
        let cell = lock(&self.state).joined.get(&sid).cloned();
        cell.map(|cell| self.conversation(cell))
    }

    pub(super) fn conversation(&self, cell: Arc<ConversationCell>) -> Conversation {
        Conversation { hub: self.strong(), cell }
    }

    /// A conversation that one is not in, as it was read.
    pub(super) fn seen(&self, data: ConversationData) -> Conversation {
        let mut state = lock(&self.state);
        let sid = data.row.sid;
        if let Some(cell) = state.joined.get(&sid).cloned() {
            drop(state);
            return self.conversation(cell);
        }
        let cell = state.known_cell(data);
        drop(state);
        self.conversation(cell)
    }

    /// How far the upload of a message's files has come is told here.
    pub(crate) fn progress_of(&self, entry: ClientId) -> Option<watch::Sender<u64>> {
        lock(&self.state).uploads.get(&entry).cloned()
    }

    pub(super) fn await_post(
        &self,
        entry: ClientId,
    ) -> (watch::Receiver<u64>, tokio::sync::oneshot::Receiver<PostOutcome>) {
        let (settled, outcome) = tokio::sync::oneshot::channel();
        let (told, progress) = watch::channel(0);
        let mut state = lock(&self.state);
        state.uploads.insert(entry, told);
        state.posts.insert(entry, settled);
        (progress, outcome)
    }

    pub(super) fn forget_post(&self, entry: ClientId) {
        let mut state = lock(&self.state);
        state.uploads.remove(&entry);
        state.posts.remove(&entry);
    }

    pub(super) fn setting(&self, key: &str) -> Option<Value> {
        lock(&self.state).settings.get(key).cloned()
    }

    fn strong(&self) -> Arc<Self> {
        self.this.upgrade().expect("invariant: whoever calls a method holds it")
    }

    pub(super) fn user(&self, cell: Arc<UserCell>) -> super::User {
        super::User { hub: self.strong(), cell }
    }
}

impl State {
    /// The cell of a conversation, made when nobody holds one.
    fn known_cell(&mut self, data: ConversationData) -> Arc<ConversationCell> {
        let sid = data.row.sid;
        if let Some(cell) = self.known.get(&sid).and_then(Weak::upgrade) {
            cell.data.replace(data);
            return cell;
        }
        self.known.retain(|_, cell| cell.strong_count() > 0);
        let cell = Arc::new(ConversationCell::new(data));
        self.known.insert(sid, Arc::downgrade(&cell));
        cell
    }
}
