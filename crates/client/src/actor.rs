//! The one task that owns the state machine: feeds it what happens, carries out its effects, in order.

mod effects;
mod ending;
#[cfg(test)]
mod power_tests;
mod program;
mod showing;

use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::Arc;

use confab_core::command::{Command, CommandAnswer};
use confab_core::event::UploadFailure;
use confab_core::view::{Problem, ViewDiff};
use confab_core::{AccessToken, Cx, Effect, Event, Held, Machine, Post, Timer};
use confab_protocol::http::TokenGrant;
use confab_protocol::{Call, ClientId, MediaSid, Timestamp, WireError};
use tokio::sync::{Mutex, Semaphore, mpsc, oneshot};
use tokio::task::AbortHandle;
use tokio::time::{MissedTickBehavior, interval};

use self::ending::Ending;
use self::program::Outcome;
use self::showing::{Told, WAITING};
use crate::account::Account;
use crate::clock::{self, SleepWatch};
use crate::connection::{Connection, Ended, Generation, Heard};
use crate::events::EventSink;
use crate::media::{StagedFiles, Way};
use crate::net::NetError;
use crate::network::NetworkWatch;
use crate::problem;
use crate::sdk::Hub;
use crate::store::{Done, Found, Store};
use crate::timers::Timers;
use crate::tokens::{RefreshError, TokenStore, Tokens};

/// Frames that may wait for the actor; then the socket is no longer read.
const HEARD: usize = 256;

/// Uploads that may have something to say.
const UPLOADS: usize = 16;

/// What handles ask of the actor.
#[derive(Debug)]
pub(crate) enum Wish {
    /// Carry out a command.
    Command { command: Command, answer: oneshot::Sender<Result<CommandAnswer, Problem>> },
    /// Ask the server something.
    Request { call: Box<Call>, answer: oneshot::Sender<Outcome> },
    /// Post a message.
    Post { post: Box<Post>, answer: oneshot::Sender<Result<CommandAnswer, Problem>> },
    /// Take a message back that was posted.
    Unpost { entry: ClientId, answer: oneshot::Sender<Result<CommandAnswer, Problem>> },
    /// Use another access token.
    Token { token: String, answer: oneshot::Sender<Result<CommandAnswer, Problem>> },
    /// Tell everything that is shown.
    Snapshot { answer: oneshot::Sender<Vec<ViewDiff>> },
    /// How files are reached.
    Way { answer: oneshot::Sender<Way> },
    /// The network changed or the computer woke up.
    Nudge,
    /// End.
    Shutdown(oneshot::Sender<()>),
    /// End, and forget the sign-in.
    SignOut(oneshot::Sender<()>),
}

/// What an actor is made of.
pub(crate) struct Parts {
    pub(crate) directory: PathBuf,
    pub(crate) account: Account,
    pub(crate) tokens: Arc<dyn TokenStore>,
    pub(crate) grant: Option<TokenGrant>,
    pub(crate) store: Store,
    pub(crate) found: Found,
    pub(crate) wishes: mpsc::Receiver<Wish>,
    pub(crate) sink: EventSink,
    /// What programs see, and the token that they bring; none for a window.
    pub(crate) program: Option<Program>,
}

/// What an actor needs that works for a program.
pub(crate) struct Program {
    /// What it sees.
    pub(crate) hub: Arc<Hub>,
    /// The access token, when it brings them by itself.
    pub(crate) token: Option<String>,
}

/// Starts the actor. What it shows first is in the events when this returns.
pub(crate) async fn start(parts: Parts) {
    let Parts { directory, account, tokens, grant, store, found, wishes, sink, program } = parts;
    let (heard_to, heard) = mpsc::channel(HEARD);
    let (renewed_to, renewed) = mpsc::channel(1);
    let (uploaded_to, uploaded) = mpsc::channel(UPLOADS);
    let mut machine = Machine::new(found.restored);
    let (hub, token) = program.map_or((None, None), |program| {
        machine.follow();
        (Some(program.hub), program.token)
    });
    let mut actor = Actor {
        machine,
        account,
        tokens: Arc::new(Mutex::new(Tokens::new(tokens, grant))),
        access: token.clone(),
        store,
        sink,
        timers: Timers::new(),
        answers: HashMap::new(),
        requests: HashMap::new(),
        given: None,
        tokens_are_given: token.is_some(),
        hub,
        held: Held::default(),
        tickets: 0,
        line: None,
        leaving: None,
        generation: 0,
        heard_to,
        renewed_to,
        renewal: None,
        files: StagedFiles::new(&directory),
        uploads: HashMap::new(),
        uploading: Arc::new(Semaphore::new(1)),
        uploaded_to,
    };
    actor.settle_tokens();
    if let Some(path) = found.set_aside {
        let problem = problem::with(problem::OUTBOX_SET_ASIDE, "path", path.display().to_string());
        actor.show(vec![ViewDiff::Notice { problem }]);
    }
    actor.feed(Event::Start).await;
    if let Some(secret) = token {
        actor.feed(Event::TokenReady(AccessToken { secret, expires_at: Timestamp::default() })).await;
    }
    // So that what is shown first does not come later because something was written with it.
    actor.finish_writes().await;
    tokio::spawn(actor.run(Inputs { wishes, heard, renewed, uploaded }));
}

/// What the actor listens to besides its store and its timers.
struct Inputs {
    wishes: mpsc::Receiver<Wish>,
    heard: mpsc::Receiver<(Generation, Heard)>,
    renewed: mpsc::Receiver<Result<TokenGrant, RefreshError>>,
    uploaded: mpsc::Receiver<UploadNews>,
}

/// What an upload has to say.
#[derive(Debug)]
enum UploadNews {
    /// So many bytes of a file are there.
    Came { entry: ClientId, media: MediaSid, bytes: u64 },
    /// It is over.
    Over { entry: ClientId, result: Result<(), UploadFailure> },
}

struct Actor {
    machine: Machine,
    account: Account,
    tokens: Arc<Mutex<Tokens>>,
    /// The access token in use, for saying goodbye.
    access: Option<String>,
    store: Store,
    sink: EventSink,
    timers: Timers<Timer>,
    answers: HashMap<u64, oneshot::Sender<Result<CommandAnswer, Problem>>>,
    requests: HashMap<u64, oneshot::Sender<Outcome>>,
    /// Access tokens come from a program, and there is no refresh token.
    tokens_are_given: bool,
    /// A token that a program brought, until the server has taken it.
    given: Option<(u64, String)>,
    /// What programs see of all this; none for a window.
    hub: Option<Arc<Hub>>,
    /// What is to be told as soon as the disk has what it tells of.
    held: Held<Told>,
    tickets: u64,
    line: Option<Connection>,
    /// A connection that was closed and may still have frames to send.
    leaving: Option<Connection>,
    generation: Generation,
    heard_to: mpsc::Sender<(Generation, Heard)>,
    renewed_to: mpsc::Sender<Result<TokenGrant, RefreshError>>,
    /// The renewal that runs, or ran last.
    renewal: Option<AbortHandle>,
    /// Files that wait to be sent.
    files: StagedFiles,
    /// Uploads of entries of the outbox.
    uploads: HashMap<ClientId, (AbortHandle, Vec<MediaSid>)>,
    /// One after the other.
    uploading: Arc<Semaphore>,
    uploaded_to: mpsc::Sender<UploadNews>,
}

impl Actor {
    async fn work(&mut self, mut inputs: Inputs) -> Ending {
        let mut sleep = SleepWatch::new(clock::now());
        let mut network = NetworkWatch::new();
        let mut looks = interval(SleepWatch::INTERVAL);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                wish = inputs.wishes.recv(), if self.held.iter().len() < WAITING => match wish {
                    Some(Wish::Command { command, answer }) => self.command(command, answer).await,
                    Some(Wish::Request { call, answer }) => self.request(call, answer).await,
                    Some(Wish::Post { post, answer }) => self.post(post, answer).await,
                    Some(Wish::Unpost { entry, answer }) => self.unpost(entry, answer).await,
                    Some(Wish::Token { token, answer }) => self.token_given(token, answer).await,
                    Some(Wish::Snapshot { answer }) => self.snapshot(answer),
                    Some(Wish::Way { answer }) => {
                        // Whoever asked may have gone away.
                        let _ = answer.send(self.way());
                    }
                    Some(Wish::Nudge) => self.feed(Event::Nudge).await,
                    Some(Wish::Shutdown(done)) => return Ending::Shutdown(Some(done)),
                    Some(Wish::SignOut(done)) => return Ending::SignOut(done),
                    None => return Ending::Shutdown(None),
                },
                Some((generation, heard)) = inputs.heard.recv() => self.hear(generation, heard).await,
                done = self.store.done() => match done {
                    Some(done) => self.stored(done).await,
                    None => {
                        tracing::error!("the store has ended, and with it the client");
                        return Ending::Shutdown(None);
                    }
                },
                Some(outcome) = inputs.renewed.recv() => self.renewed(outcome).await,
                Some(news) = inputs.uploaded.recv() => self.uploaded(news).await,
                () = self.timers.due() => {
                    if let Some(timer) = self.timers.take_due() {
                        self.feed(Event::Timer(timer)).await;
                    }
                }
                () = network.changed() => {
                    tracing::debug!("the network changed");
                    self.feed(Event::Nudge).await;
                }
                _ = looks.tick() => {
                    if sleep.look(clock::now()) {
                        tracing::info!("the computer seems to have slept");
                        self.feed(Event::Nudge).await;
                    }
                    self.store.tidy().await;
                }
            }
        }
    }

    fn way(&self) -> Way {
        Way::new(self.account.routes(), Arc::clone(&self.tokens), self.access.clone())
    }

    /// An upload that was stopped has nothing to say any more.
    async fn uploaded(&mut self, news: UploadNews) {
        match news {
            UploadNews::Came { entry, media, bytes } if self.uploads.contains_key(&entry) => {
                self.feed(Event::Uploading { entry, media, bytes }).await;
            }
            UploadNews::Over { entry, result } if self.uploads.remove(&entry).is_some() => {
                self.feed(Event::Uploaded { entry, result }).await;
            }
            UploadNews::Came { .. } | UploadNews::Over { .. } => {}
        }
    }

    async fn command(&mut self, command: Command, answer: oneshot::Sender<Result<CommandAnswer, Problem>>) {
        let ticket = self.ticket();
        self.answers.insert(ticket, answer);
        self.feed(Event::Command { ticket, command }).await;
    }

    async fn hear(&mut self, generation: Generation, heard: Heard) {
        if self.line.as_ref().map(|line| line.generation) != Some(generation) {
            return;
        }
        match heard {
            Heard::Opened { address } => {
                tracing::info!(address, "connected");
                if self.account.prefer(&address) {
                    self.account_changed();
                }
                self.feed(Event::Opened).await;
            }
            Heard::Frame(frame) => self.feed(Event::Frame(frame)).await,
            Heard::Ended(reason) => {
                log_end(&reason);
                if let Some(hub) = &self.hub {
                    hub.line_ended(reason);
                }
                self.line = None;
                self.feed(Event::Lost).await;
            }
        }
    }

    async fn stored(&mut self, done: Done) {
        match done {
            Done::Page(page) => self.feed(Event::CacheRead(page)).await,
            Done::CacheEmpty => self.feed(Event::CacheEmpty).await,
            // What was written is shown before it is sent.
            Done::Persisted { write } => {
                let told = self.held.written();
                self.say(told);
                self.feed(Event::Persisted { write }).await;
            }
            Done::PersistFailed { write, problem } => {
                self.feed(Event::PersistFailed { write, problem }).await;
                let told = self.held.failed();
                self.say(told);
            }
        }
    }

    async fn renewed(&mut self, outcome: Result<TokenGrant, RefreshError>) {
        let event = match outcome {
            Ok(grant) => {
                self.access = Some(grant.access_token.clone());
                Event::TokenReady(AccessToken {
                    secret: grant.access_token,
                    expires_at: grant.access_expires_at,
                })
            }
            Err(error) => {
                tracing::warn!(%error, "no new access token");
                Event::TokenFailed { refusal: refusal(error) }
            }
        };
        self.feed(event).await;
    }

    /// Gives the machine an event, and what comes of it at once.
    async fn feed(&mut self, event: Event) {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for effect in self.step(event) {
                events.extend(self.carry_out(effect).await);
            }
        }
    }

    fn step(&mut self, event: Event) -> Vec<Effect> {
        let (mut ids, mut random) = (clock::id, clock::random);
        self.machine.handle(event, &mut Cx { now: clock::now(), ids: &mut ids, random: &mut random })
    }
}

/// What the server said, if it was asked.
fn refusal(error: RefreshError) -> Option<WireError> {
    match error {
        RefreshError::Net(NetError::Refused(error)) => Some(error),
        _ => None,
    }
}

fn log_end(reason: &Ended) {
    match reason {
        // Nothing that passes: somebody else answers at that address, or somebody listens on the way.
        Ended::Unreached(error @ NetError::FingerprintMismatch { .. }) => {
            tracing::error!(%error, "not connected");
        }
        _ => tracing::info!(%reason, "the connection ended"),
    }
}
