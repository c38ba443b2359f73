//! Hooks of programs: asked before something is done, told after it was. Twilio's manner in what is sent, how it is signed and
//! how long is waited; what was done is owed in the transaction that did it, so that it is told at least once.

mod before;
mod dead;
mod deliver;
mod gate;
mod owe;
mod payload;
mod send;
pub(crate) mod table;

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};
use std::time::Duration;

use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::{Read, StoreResult};
use tokio::sync::{Notify, Semaphore};

pub(crate) use before::{asked, before};
pub use dead::DeadLetter;
pub(crate) use dead::{list as dead_letters, replay_one, replay_some};
pub(crate) use deliver::deliver;
pub(crate) use owe::{forget, owe};
use table::HookTable;

/// Hooks that are asked at once before something is done; whoever comes later waits for a turn.
const ASKED_AT_ONCE: usize = 64;

/// Rows read at once.
const PAGE: usize = 500;

/// All rows of a kind, page by page.
struct Pages {
    kind: GatewayKind,
    after: Option<String>,
}

impl Pages {
    fn of(kind: GatewayKind) -> Self {
        Self { kind, after: None }
    }

    /// The next rows, in the order of their keys. None when there are no more.
    fn next(&mut self, read: &dyn Read) -> StoreResult<Option<Vec<GatewayRow>>> {
        let rows = read.gateway_rows(self.kind, self.after.as_deref(), PAGE)?;
        self.after = rows.last().map(|row| row.key.clone());
        Ok(self.after.is_some().then_some(rows))
    }
}

/// Where something was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Source {
    /// By a person with a client.
    Sdk,
    /// By a program.
    Api,
    /// By a timer.
    Timer,
}

impl Source {
    fn as_str(self) -> &'static str {
        match self {
            Self::Sdk => "SDK",
            Self::Api | Self::Timer => "API",
        }
    }
}

/// What a server knows of hooks.
pub(crate) struct Hooks {
    table: RwLock<Arc<HookTable>>,
    /// Made when the first hook is called: it needs the system's certificates, and a server without hooks does not.
    client: OnceLock<reqwest::Client>,
    /// Also those in networks that only this machine reaches.
    allow_private: bool,
    /// How long an answer may take.
    patience: Duration,
    /// After which time something is told again; when there is none left, it is given up.
    retries: Vec<Duration>,
    turns: Semaphore,
    woken: Notify,
    /// How much is still to be told, roughly.
    waiting: AtomicUsize,
    /// How often something was given up since the server started.
    given_up: AtomicUsize,
}

impl Hooks {
    /// No hooks yet.
    pub(crate) fn new(allow_private: bool, patience: Duration, retries: Vec<Duration>) -> Self {
        Self {
            table: RwLock::default(),
            client: OnceLock::new(),
            allow_private,
            patience,
            retries,
            turns: Semaphore::new(ASKED_AT_ONCE),
            woken: Notify::new(),
            waiting: AtomicUsize::new(0),
            given_up: AtomicUsize::new(0),
        }
    }

    /// What calls hooks.
    fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let made = gate::client(self.allow_private, self.patience)?;
        Ok(self.client.get_or_init(|| made).clone())
    }

    /// Takes over what stands in the database.
    pub(crate) fn load(&self, read: &dyn Read) -> StoreResult<()> {
        let table = Arc::new(HookTable::read(read)?);
        *self.table.write().unwrap_or_else(PoisonError::into_inner) = table;
        Ok(())
    }

    /// The hooks there are.
    pub(crate) fn table(&self) -> Arc<HookTable> {
        Arc::clone(&self.table.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// There may be something to tell.
    pub(crate) fn wake(&self) {
        self.woken.notify_one();
    }

    fn owes(&self, more: usize) -> usize {
        self.waiting.fetch_add(more, Ordering::Relaxed)
    }
}
