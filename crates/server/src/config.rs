//! What a server is started with.

mod media;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use confab_protocol::limits;

pub use media::{MediaClock, MediaConfig, MediaPlace, MediaRules};

/// Says that hooks may be in private networks.
const PRIVATE_WEBHOOKS: &str = "CONFAB_ALLOW_PRIVATE_WEBHOOKS";

/// Everything a server is told at its start.
#[derive(Debug, Clone)]
pub struct ServerConfig {
    /// Where the database and the key pair are kept; made when missing, used by one server at a time.
    pub data_dir: PathBuf,
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Addresses (`host:port`) put into links; empty: this machine's own.
    pub advertised: Vec<String>,
    /// Name of the workspace when the data directory is new.
    pub workspace_name: String,
    /// The bounds that an operator may move.
    pub bounds: Bounds,
    /// Those of files.
    pub media: MediaConfig,
    /// Hooks of programs may be in networks that only this machine reaches, and on this machine itself.
    pub private_webhooks: bool,
}

impl ServerConfig {
    /// The ordinary configuration for a directory and an address.
    /// Whether hooks may be in private networks is said by the environment: `CONFAB_ALLOW_PRIVATE_WEBHOOKS=1`.
    #[must_use]
    pub fn new(data_dir: impl Into<PathBuf>, listen: SocketAddr) -> Self {
        Self {
            data_dir: data_dir.into(),
            listen,
            advertised: Vec::new(),
            workspace_name: "Confab".to_owned(),
            bounds: Bounds::default(),
            media: MediaConfig::default(),
            private_webhooks: std::env::var_os(PRIVATE_WEBHOOKS).is_some_and(|value| value == "1"),
        }
    }
}

/// Bounds with the protocol's figures as defaults; a smaller one makes a test short.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// Life of an access token.
    pub access_token: Duration,
    /// How long before its end a token is announced to run out.
    pub token_warning: Duration,
    /// How long a session whose token ran out may still renew it.
    pub token_grace: Duration,
    /// How long a new connection may take to say hello.
    pub hello: Duration,
    /// Interval of heartbeats.
    pub heartbeat: Duration,
    /// Silence after which a session is dead.
    pub dead_after: Duration,
    /// How long someone without a session still counts as online.
    pub offline_after: Duration,
    /// Shortest time between two roster pushes of one conversation.
    pub roster_interval: Duration,
    /// How often the database is looked at for what the bus may have lost.
    pub tail: Duration,
    /// How often it is looked whether the state of a conversation is due, and whether something deleted is still to be emptied.
    pub chores: Duration,
    /// How long something that stands in the database may be on its way before it counts as lost.
    pub bus_delay: Duration,
    /// Participants of one conversation, 10,000 at most.
    pub participants: usize,
    /// Live sessions of the server.
    pub connections: usize,
    /// Live sessions of one user.
    pub connections_per_user: usize,
    /// Sessions that are beginning at once; beyond them those who come are told when to come back.
    pub hellos: usize,
    /// Requests of one user in a second, sustained.
    pub requests_per_second: u32,
    /// Requests of one user at once on top of that.
    pub request_burst: u32,
    /// Frames queued for one session before any is dropped.
    pub session_queue: usize,
    /// Memory that one password hash fills, in KiB.
    pub password_memory_kib: u32,
    /// Passes over that memory.
    pub password_passes: u32,
    /// How long a hook of a program may take to answer.
    pub webhook: Duration,
    /// After which times a hook that did not take something is told it again, before that is given up.
    pub webhook_retries: Vec<Duration>,
}

/// Seconds after which hooks are told again: for about four hours in all.
const RETRIES: [u64; 9] = [1, 5, 30, 120, 600, 1_200, 2_400, 3_600, 7_200];

impl Default for Bounds {
    fn default() -> Self {
        Self {
            access_token: Duration::from_millis(limits::ACCESS_TOKEN_MS),
            token_warning: Duration::from_millis(limits::TOKEN_WARNING_MS),
            token_grace: Duration::from_secs(30),
            hello: Duration::from_secs(10),
            heartbeat: Duration::from_millis(limits::HEARTBEAT_MS),
            dead_after: Duration::from_millis(limits::DEAD_AFTER_MS),
            offline_after: Duration::from_millis(limits::OFFLINE_AFTER_MS),
            roster_interval: Duration::from_secs(1),
            tail: Duration::from_secs(4),
            chores: Duration::from_secs(2),
            bus_delay: Duration::from_millis(500),
            participants: limits::PARTICIPANTS,
            connections: limits::CONNECTIONS,
            connections_per_user: limits::CONNECTIONS_PER_USER,
            hellos: 256,
            requests_per_second: limits::REQUESTS_PER_SECOND,
            request_burst: limits::REQUEST_BURST,
            session_queue: limits::SESSION_QUEUE,
            // One of OWASP's equal settings for Argon2id (2024): 46 MiB, one pass, one lane. Of these one that allocators
            // map by itself and give back at once: of 19 MiB glibc keeps a block for each thread that ever hashed.
            password_memory_kib: 46 * 1024,
            password_passes: 1,
            webhook: Duration::from_secs(5),
            webhook_retries: RETRIES.map(Duration::from_secs).to_vec(),
        }
    }
}
