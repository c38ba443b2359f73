//! What all sessions and requests of one running server share.

use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use confab_domain::Read;
use confab_domain::account::{Grant, authenticate};
use confab_domain::row::WorkspaceRow;
use confab_domain::{DomainResult, StoreError};
use confab_protocol::http::TokenGrant;
use confab_protocol::model::Workspace;
use confab_protocol::{ErrorCode, Link, Timestamp, WireError};
use tokio::sync::{Semaphore, mpsc};

use crate::config::Bounds;
use crate::guests::Guests;
use crate::hub;
use crate::limiter::{Exhausted, Limiter, Rate};
use crate::media::Media;
use crate::password::Passwords;
use crate::stats::Stats;
use crate::store::{Readers, Writer};
use crate::token::TokenKeys;
use crate::twilio::webhook::Hooks;

/// Wrong passwords and secrets from one address.
const GUESSES_PER_ADDRESS: Rate = Rate { burst: 100, refill: Duration::from_secs(2) };
/// Wrong passwords for one name.
const GUESSES_PER_NAME: Rate = Rate { burst: 8, refill: Duration::from_secs(15) };
/// Addresses and names that are remembered for their guesses.
const GUESSERS: usize = 10_000;

/// The shared part of a server.
pub(crate) struct Node {
    pub(crate) bounds: Bounds,
    /// Addresses and names under which the server was told to be reached.
    pub(crate) advertised: Vec<String>,
    /// Addresses that go into links.
    pub(crate) addresses: Vec<String>,
    pub(crate) fingerprint: String,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    pub(crate) hub: mpsc::Sender<Vec<hub::Input>>,
    pub(crate) keys: TokenKeys,
    pub(crate) passwords: Passwords,
    pub(crate) guests: Guests,
    /// Sessions that may begin: those who are here are not to wait for all who come back at once.
    pub(crate) hellos: Semaphore,
    pub(crate) stats: Arc<Stats>,
    pub(crate) guesses: Guesses,
    pub(crate) media: Media,
    /// Hooks of programs.
    pub(crate) hooks: Hooks,
    /// Keys of programs that have ended while this server runs.
    pub(crate) ended_keys: AtomicU64,
    stopping: AtomicBool,
    next_peer: AtomicU64,
}

/// The parts from which a node is made.
pub(crate) struct NodeParts {
    pub(crate) bounds: Bounds,
    pub(crate) advertised: Vec<String>,
    pub(crate) addresses: Vec<String>,
    pub(crate) fingerprint: String,
    pub(crate) writer: Writer,
    pub(crate) readers: Readers,
    pub(crate) hub: mpsc::Sender<Vec<hub::Input>>,
    pub(crate) keys: TokenKeys,
    pub(crate) stats: Arc<Stats>,
    pub(crate) media: Media,
    pub(crate) hooks: Hooks,
}

impl Node {
    /// A node that is not stopping.
    pub(crate) fn new(parts: NodeParts) -> Result<Self, WireError> {
        let NodeParts {
            bounds,
            advertised,
            addresses,
            fingerprint,
            writer,
            readers,
            hub,
            keys,
            stats,
            media,
            hooks,
        } = parts;
        Ok(Self {
            passwords: Passwords::new(&bounds)?,
            guests: Guests::new(&bounds),
            hellos: Semaphore::new(bounds.hellos),
            guesses: Guesses::new(),
            ended_keys: AtomicU64::new(0),
            stopping: AtomicBool::new(false),
            next_peer: AtomicU64::new(1),
            bounds,
            advertised,
            addresses,
            fingerprint,
            writer,
            readers,
            hub,
            keys,
            stats,
            media,
            hooks,
        })
    }

    /// A name for a new session.
    pub(crate) fn peer_id(&self) -> hub::PeerId {
        self.next_peer.fetch_add(1, Ordering::Relaxed)
    }

    /// Tells the hub something of a session.
    pub(crate) async fn tell_hub(&self, input: hub::Input) {
        // Without a hub the server is stopping, and the session ends with it.
        let _ = self.hub.send(vec![input]).await;
    }

    /// Who of these people is there now, one for one. Nobody is while the server stops.
    pub(crate) async fn present(&self, people: Vec<confab_protocol::UserSid>) -> Vec<bool> {
        let (count, (answer, answered)) = (people.len(), tokio::sync::oneshot::channel());
        self.tell_hub(hub::Input::Present { people, answer }).await;
        answered.await.unwrap_or_else(|_| vec![false; count])
    }

    /// From now on nothing new begins.
    pub(crate) fn begin_to_stop(&self) {
        self.stopping.store(true, Ordering::SeqCst);
    }

    pub(crate) fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    /// The workspace as clients are told of it.
    pub(crate) fn workspace(&self, row: WorkspaceRow) -> Workspace {
        Workspace {
            sid: row.sid,
            name: row.name,
            addresses: self.addresses.clone(),
            fingerprint: self.fingerprint.clone(),
        }
    }

    /// A link to the workspace; with a secret, an invite.
    pub(crate) fn link(&self, workspace: &Workspace, secret: Option<String>) -> String {
        Link {
            workspace: workspace.sid,
            name: workspace.name.clone(),
            addresses: workspace.addresses.clone(),
            fingerprint: workspace.fingerprint.clone(),
            secret,
        }
        .to_string()
    }

    /// What a device that has just signed in gets.
    pub(crate) fn token_grant(&self, entry: Entry, now: Timestamp) -> TokenGrant {
        let life = u64::try_from(self.bounds.access_token.as_millis()).unwrap_or(u64::MAX);
        let token = self.keys.sign(&entry.user.identity, entry.device, now, now.plus(life));
        TokenGrant {
            workspace: self.workspace(entry.workspace),
            user: entry.user,
            device: entry.device,
            access_token: token.text,
            access_expires_at: token.expires_at,
            refresh_token: entry.refresh_token,
        }
    }
}

/// A sign-in that was committed, still without its access token.
pub(crate) struct Entry {
    workspace: WorkspaceRow,
    user: confab_protocol::model::User,
    device: confab_protocol::DeviceSid,
    refresh_token: String,
}

impl Entry {
    /// Completes a grant with what stands in the same transaction.
    pub(crate) fn read(grant: Grant, read: &dyn Read) -> DomainResult<(Self, Vec<confab_domain::Event>)> {
        let (_, user) = authenticate(grant.user.sid, grant.device, read)?;
        let workspace = workspace_row(read)?;
        let entry = Self { workspace, user, device: grant.device, refresh_token: grant.refresh_token };
        Ok((entry, grant.events))
    }
}

/// The workspace, which every running server has.
pub(crate) fn workspace_row(read: &dyn Read) -> DomainResult<WorkspaceRow> {
    Ok(read.workspace()?.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?)
}

/// How often passwords and secrets may be guessed: by address and by name. A right guess costs nothing.
pub(crate) struct Guesses {
    addresses: Mutex<Limiter<IpAddr>>,
    names: Mutex<Limiter<String>>,
}

impl Guesses {
    fn new() -> Self {
        Self {
            addresses: Mutex::new(Limiter::new(GUESSES_PER_ADDRESS, GUESSERS)),
            names: Mutex::new(Limiter::new(GUESSES_PER_NAME, GUESSERS)),
        }
    }

    /// Takes a guess of an address for a name.
    pub(crate) fn take(&self, address: IpAddr, name: &str, now: Instant) -> Result<(), WireError> {
        lock(&self.addresses).take(address, now).map_err(rate_limited)?;
        self.take_for_name(name, now)
    }

    /// Takes a guess for a name by someone who is signed in.
    pub(crate) fn take_for_name(&self, name: &str, now: Instant) -> Result<(), WireError> {
        lock(&self.names).take(name.to_owned(), now).map_err(rate_limited)
    }

    /// The guess was right.
    pub(crate) fn was_right(&self, address: IpAddr, name: &str, now: Instant) {
        lock(&self.addresses).give_back(&address, now);
        self.was_right_for_name(name, now);
    }

    /// The guess by someone who is signed in was right.
    pub(crate) fn was_right_for_name(&self, name: &str, now: Instant) {
        lock(&self.names).give_back(&name.to_owned(), now);
    }
}

/// The refusal of one who asks too often.
pub(crate) fn rate_limited(exhausted: Exhausted) -> WireError {
    let millis = u64::try_from(exhausted.retry_after.as_millis()).unwrap_or(u64::MAX).max(1);
    WireError::new(ErrorCode::RateLimited).with("retry_after_ms", millis)
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
