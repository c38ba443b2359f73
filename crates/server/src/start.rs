//! From a configuration to a server that takes connections, and back.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use confab_domain::account::create_workspace;
use confab_domain::name::required;
use confab_domain::retention::forget_outcomes;
use confab_domain::row::WorkspaceRow;
use confab_protocol::{WireError, WorkspaceSid, limits};
use tokio::net::TcpListener;
use tokio::runtime::Handle;
use tokio::sync::{mpsc, watch};
use tokio::task::JoinHandle;
use tokio_rustls::TlsAcceptor;
use uuid::Uuid;

use crate::address::reachable;
use crate::chores;
use crate::clock::SteadyClock;
use crate::config::ServerConfig;
use crate::control;
use crate::data_dir::{DATABASE, DataDir};
use crate::error::ServerError;
use crate::http::router;
use crate::hub::{Hub, Input};
use crate::listener::Listener;
use crate::media::{Media, collect};
use crate::node::{Node, NodeParts};
use crate::operator::keep_addresses;
use crate::stats::Stats;
use crate::store::{Readers, SqliteStore, Writer};
use crate::tail::{ASKS, follow};
use crate::tls::ServerIdentity;
use crate::token::TokenKeys;
use crate::twilio::webhook::{Hooks, deliver};

/// Inputs of the hub that wait before those who bring more have to wait too.
const HUB_QUEUE: usize = 1_024;
/// Connections beyond those of sessions: people who are signing in.
const STRANGERS: usize = 1_024;
/// How often what nobody may send again is forgotten, and how many rows of it at once.
const RETENTION: (Duration, usize) = (Duration::from_secs(3_600), 1_000);
/// How often the log's file is emptied when it may hold what was removed.
const SCRUB: Duration = Duration::from_secs(1);
/// How often it is looked whether all sessions have ended.
const GLANCE: Duration = Duration::from_millis(10);
/// How long sessions may take to end.
const SESSIONS_END_WITHIN: Duration = Duration::from_secs(3);

/// What the outside gets of a server that has started.
pub(crate) struct Started {
    pub(crate) node: Arc<Node>,
    pub(crate) address: SocketAddr,
    pub(crate) runtime: Handle,
}

/// The parts of a server that have to be stopped.
pub(crate) struct Running {
    node: Arc<Node>,
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
    hub: JoinHandle<()>,
    writer: thread::JoinHandle<()>,
    /// Held until everything has ended.
    dir: DataDir,
}

/// Starts a server on the present runtime.
pub(crate) async fn serve(config: ServerConfig) -> Result<(Started, Running), ServerError> {
    let dir = DataDir::open(&config.data_dir)?;
    let identity = ServerIdentity::open(&dir)?;
    let store = SqliteStore::open(&dir.join(DATABASE))?;
    let scope = store.workspace()?.unwrap_or_else(|| WorkspaceSid(Uuid::now_v7()));
    let socket = listen(config.listen).await?;
    let address =
        socket.local_addr().map_err(|source| ServerError::CannotListen { address: config.listen, source })?;

    let stats = Arc::new(Stats::default());
    let (hub_inbox, inputs) = mpsc::channel(HUB_QUEUE);
    let (writer, writer_thread) =
        Writer::start(store.writing()?, scope, hub_inbox.clone(), Arc::clone(&stats), ())?;
    make_workspace(&writer, &config).await?;
    let (asks, asked) = mpsc::channel(ASKS);
    let hub = tokio::spawn(Hub::new(config.bounds.clone(), Arc::clone(&stats)).run(inputs, asks));

    let most = config.bounds.connections.saturating_add(STRANGERS);
    let node = Node::new(NodeParts {
        media: Media::open(dir.path(), config.media, &config.bounds)?,
        hooks: Hooks::new(
            config.private_webhooks,
            config.bounds.webhook,
            config.bounds.webhook_retries.clone(),
        ),
        addresses: reachable(address, &config.advertised),
        advertised: config.advertised,
        fingerprint: identity.fingerprint,
        readers: Readers::open(&store, scope, readers())?,
        keys: keys(&store, scope)?,
        bounds: config.bounds,
        writer,
        hub: hub_inbox,
        stats: Arc::clone(&stats),
    })?;
    let node = Arc::new(node);
    let hooked = Arc::clone(&node);
    node.readers.read(move |read| Ok(hooked.hooks.load(read)?)).await?;
    let cursor = node.readers.read(|read| confab_domain::tail::end(read)).await?;
    keep_addresses(&dir, &node.addresses);
    let (stop, stopping) = watch::channel(false);
    let listener = Listener {
        socket,
        tls: TlsAcceptor::from(identity.tls),
        router: router(Arc::clone(&node)),
        stats,
        most,
    };
    let mut tasks = vec![
        tokio::spawn(listener.run(stopping.clone())),
        tokio::spawn(keep_tidy(Arc::clone(&node), stopping.clone())),
        tokio::spawn(keep_clean(Arc::clone(&node), stopping.clone())),
        tokio::spawn(chores::run(Arc::clone(&node), stopping.clone())),
        tokio::spawn(deliver(Arc::clone(&node), stopping.clone())),
        tokio::spawn(collect(Arc::clone(&node), stopping.clone())),
        tokio::spawn(follow(Arc::clone(&node), cursor, asked, stopping.clone())),
    ];
    tasks.extend(control::listen(&dir, Arc::clone(&node), stopping));
    let running = Running { node: Arc::clone(&node), stop, tasks, hub, writer: writer_thread, dir };
    Ok((Started { node, address, runtime: Handle::current() }, running))
}

impl Running {
    /// Takes nothing new, ends every session with a word, and closes the store after what was taken in.
    pub(crate) async fn stop(self) {
        self.node.begin_to_stop();
        self.stop.send_replace(true);
        self.node.tell_hub(Input::Stop).await;
        // Ended sessions leave the counter; a session that does not read is given up after two seconds.
        let _ = tokio::time::timeout(SESSIONS_END_WITHIN, self.sessions_end()).await;
        for task in self.tasks {
            task.abort();
        }
        self.node.writer.stop().await;
        let writer = self.writer;
        let ended = tokio::task::spawn_blocking(move || writer.join()).await;
        if !matches!(ended, Ok(Ok(()))) {
            tracing::error!("the writer broke off");
        }
        self.hub.abort();
        drop(self.dir);
    }

    async fn sessions_end(&self) {
        while self.node.guests.count() > 0 {
            tokio::time::sleep(GLANCE).await;
        }
    }
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|source| match source.kind() {
        io::ErrorKind::AddrInUse => ServerError::PortInUse { address },
        _ => ServerError::CannotListen { address, source },
    })
}

/// Makes the workspace at the first start, and notes how many participants a conversation may have.
async fn make_workspace(writer: &Writer, config: &ServerConfig) -> Result<(), WireError> {
    let name = required("workspace_name", &config.workspace_name, limits::WORKSPACE_NAME_CHARS)?.to_owned();
    let participants_limit = config.bounds.participants.clamp(1, limits::PARTICIPANTS_MOST) as u64;
    let run = writer.call(move |tx, now, ids| {
        let row = match tx.workspace()? {
            Some(row) => row,
            None => create_workspace(&name, now, ids, tx)?,
        };
        if row.participants_limit != participants_limit {
            tx.update_workspace(&WorkspaceRow { participants_limit, ..row })?;
        }
        Ok(((), Vec::new()))
    });
    run.await
}

pub(crate) fn keys(store: &SqliteStore, scope: WorkspaceSid) -> Result<TokenKeys, ServerError> {
    let rows = store.signing_keys()?;
    let keys = rows.into_iter().map(|row| (format!("SK{}", row.kid.simple()), row.secret)).collect();
    TokenKeys::new(scope, keys).ok_or_else(|| ServerError::Database("no signing key".to_owned()))
}

/// Readers wait for the disk more than for the processor.
fn readers() -> usize {
    thread::available_parallelism().map_or(2, usize::from).clamp(2, 8)
}

/// What was removed or edited leaves the files within seconds.
async fn keep_clean(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let mut due = tokio::time::interval(SCRUB);
    due.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        node.writer.scrub().await;
    }
}

async fn keep_tidy(node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    let (interval, rows) = RETENTION;
    let clock = SteadyClock::new();
    let mut due = tokio::time::interval(interval);
    loop {
        tokio::select! {
            _ = due.tick() => {}
            _ = stopping.wait_for(|stop| *stop) => return,
        }
        loop {
            let run =
                node.writer.call(move |tx, _, _| Ok((forget_outcomes(clock.now(), rows, tx)?, Vec::new())));
            match run.await {
                Ok(forgotten) if forgotten >= rows => {}
                Ok(_) => break,
                Err(error) => {
                    tracing::warn!(%error, "what is outdated could not be forgotten");
                    break;
                }
            }
        }
    }
}
