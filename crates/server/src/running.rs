//! A server inside this process, on a thread and a runtime of its own.

use std::net::SocketAddr;
use std::sync::{Arc, mpsc as std_mpsc};
use std::thread::JoinHandle;
use std::time::Duration;

use confab_domain::account::{Minted, check_password, create_owner, mint_invite, owner_device};
use confab_domain::name::required;
use confab_domain::row::WorkspaceRow;
use confab_domain::{DomainResult, Ids, Tx};
use confab_protocol::http::TokenGrant;
use confab_protocol::{ErrorCode, Timestamp, WireError, limits};
use tokio::runtime::Handle;
use tokio::sync::mpsc;

use crate::clock;
use crate::config::ServerConfig;
use crate::error::ServerError;
use crate::node::{Entry, Node, workspace_row};
use crate::start::{Started, serve};
use crate::stats::Stats;
use crate::store::Committed;

/// Longest time that stopping takes.
const STOP_WITHIN: Duration = Duration::from_secs(5);

/// A server that runs until it is shut down or dropped.
pub struct RunningServer {
    node: Arc<Node>,
    address: SocketAddr,
    runtime: Handle,
    stop: Option<mpsc::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl RunningServer {
    /// Starts a server and returns once it takes connections. At the first start the workspace is made, still without an
    /// owner: [`RunningServer::owner`] makes one, or whoever joins first becomes it.
    ///
    /// # Errors
    /// The port, the data directory or its content cannot be used.
    pub fn start(config: ServerConfig) -> Result<Self, ServerError> {
        let (ready, started) = std_mpsc::channel();
        let (stop, stopped) = mpsc::channel(1);
        let thread = std::thread::Builder::new()
            .name("confab-server".to_owned())
            .spawn(move || run(config, &ready, stopped))
            .map_err(ServerError::Thread)?;
        let Started { node, address, runtime } = started.recv().map_err(|_| ServerError::Stopped)??;
        Ok(Self { node, address, runtime, stop: Some(stop), thread: Some(thread) })
    }

    /// Where it listens; the real port when 0 was asked for.
    #[must_use]
    pub fn local_addr(&self) -> SocketAddr {
        self.address
    }

    /// SHA-256 of the public key (SPKI) as 64 hex digits: what clients know the workspace by.
    #[must_use]
    pub fn fingerprint(&self) -> &str {
        &self.node.fingerprint
    }

    /// Where it can be reached, as links say it.
    #[must_use]
    pub fn addresses(&self) -> &[String] {
        &self.node.addresses
    }

    /// What it counts.
    #[must_use]
    pub fn stats(&self) -> &Stats {
        &self.node.stats
    }

    /// Tokens for the owner on this computer. The first call names the workspace and makes the owner; later ones sign the
    /// owner in on one more device, whatever name and password they carry. Blocks.
    ///
    /// # Errors
    /// What the rules refuse, and failures of the store.
    pub fn owner(
        &self,
        workspace_name: &str,
        display_name: &str,
        password: Option<&str>,
        device_name: &str,
    ) -> Result<TokenGrant, ServerError> {
        let password_hash = password.map(|password| self.hash(password)).transpose()?;
        let names = (workspace_name.to_owned(), display_name.to_owned(), device_name.to_owned());
        let entry = self.write(move |tx, now, ids| {
            let (workspace, identity, device) = &names;
            let row = workspace_row(tx)?;
            if row.owner.is_some() {
                return Entry::read(owner_device(device, now, ids, tx)?, tx);
            }
            let name = required("workspace_name", workspace, limits::WORKSPACE_NAME_CHARS)?.to_owned();
            tx.update_workspace(&WorkspaceRow { name, ..row })?;
            Entry::read(create_owner(identity, password_hash.as_deref(), device, now, ids, tx)?, tx)
        })?;
        Ok(self.node.token_grant(entry, clock::now()))
    }

    /// A link that says where the workspace is, for signing in; empty when the server has stopped.
    #[must_use]
    pub fn link(&self) -> String {
        let row = self.write(|tx, _, _| Ok((workspace_row(tx)?, Vec::new())));
        row.map(|row| self.node.link(&self.node.workspace(row), None)).unwrap_or_default()
    }

    /// An invite by whoever runs the server, as a link. Blocks.
    ///
    /// # Errors
    /// What the rules refuse, and failures of the store.
    pub fn invite(&self, expires_in: Option<Duration>, max_uses: Option<u32>) -> Result<String, ServerError> {
        let run = self.write(move |tx, now, ids| mint(expires_in, max_uses, now, ids, tx));
        let (minted, row) = run?;
        Ok(self.node.link(&self.node.workspace(row), Some(minted.secret)))
    }

    /// Ends every session with a word, writes what was taken in, and returns within five seconds.
    pub fn shutdown(mut self) {
        self.stop_and_wait();
    }

    /// Runs a function in the writer's transaction and waits for it, from whatever thread.
    fn write<T, F>(&self, run: F) -> Result<T, WireError>
    where
        T: Send + 'static,
        F: FnMut(&mut dyn Tx, Timestamp, &mut dyn Ids) -> DomainResult<Committed<T>> + Send + 'static,
    {
        let (answer, answered) = std_mpsc::channel();
        let writer = self.node.writer.clone();
        self.runtime.spawn(async move { answer.send(writer.call(run).await) });
        answered.recv().unwrap_or(Err(ErrorCode::Unavailable.into()))
    }

    fn hash(&self, password: &str) -> Result<String, WireError> {
        check_password("password", password)?;
        self.node.passwords.hash_blocking(password)
    }

    fn stop_and_wait(&mut self) {
        self.stop = None;
        if let Some(thread) = self.thread.take()
            && thread.join().is_err()
        {
            tracing::error!("the server's thread broke off");
        }
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        self.stop_and_wait();
    }
}

/// The operator's invite, in the writer's transaction.
pub(crate) fn mint(
    expires_in: Option<Duration>,
    max_uses: Option<u32>,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Committed<(Minted, WorkspaceRow)>> {
    let expires_in = expires_in.map(|life| u64::try_from(life.as_millis()).unwrap_or(u64::MAX));
    let minted = mint_invite(expires_in, max_uses, now, ids, tx)?;
    Ok(((minted, workspace_row(tx)?), Vec::new()))
}

/// The thread: a runtime, a server in it, and the end of both.
fn run(
    config: ServerConfig,
    ready: &std_mpsc::Sender<Result<Started, ServerError>>,
    mut stopped: mpsc::Receiver<()>,
) {
    let runtime =
        tokio::runtime::Builder::new_multi_thread().thread_name("confab-server-io").enable_all().build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return drop(ready.send(Err(ServerError::Thread(error)))),
    };
    runtime.block_on(async {
        match serve(config).await {
            Ok((started, service)) => {
                if ready.send(Ok(started)).is_ok() {
                    // Nothing is ever sent: the channel closes when the handle is dropped or shut down.
                    let _ = stopped.recv().await;
                }
                if tokio::time::timeout(STOP_WITHIN, service.stop()).await.is_err() {
                    tracing::warn!("stopping took too long; what was acknowledged is on the disk");
                }
            }
            Err(error) => drop(ready.send(Err(error))),
        }
    });
    runtime.shutdown_timeout(Duration::from_millis(200));
}
