//! A real server on a free port, and people with computers of their own.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use confab_client::{Account, join, sign_in};
use confab_protocol::http::TokenGrant;
use confab_server::{RunningServer, ServerConfig};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};

use crate::desk::{Desk, Keyring, PATIENCE, Shown};

/// A workspace with a server that can be stopped and started again at the same address.
pub(crate) struct World {
    pub(crate) config: ServerConfig,
    server: Option<Arc<RunningServer>>,
    _directory: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose server is configured otherwise.
    pub(crate) async fn with(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut config = ServerConfig::new(directory.path(), SocketAddr::from(([127, 0, 0, 1], 0)));
        // Hashing as slowly as for real would only make the tests slow.
        config.bounds.password_memory_kib = 64;
        config.bounds.password_passes = 1;
        configure(&mut config);
        let mut world = Self { config, server: None, _directory: directory };
        world.start().await;
        world.config.listen = world.server().local_addr();
        world
    }

    fn server(&self) -> Arc<RunningServer> {
        Arc::clone(self.server.as_ref().expect("the server runs"))
    }

    pub(crate) async fn start(&mut self) {
        let config = self.config.clone();
        let server = spawn_blocking(move || RunningServer::start(config)).await.unwrap().unwrap();
        self.server = Some(Arc::new(server));
    }

    pub(crate) async fn stop(&mut self) {
        let server = self.server.take().map(|server| Arc::into_inner(server).expect("nobody else uses it"));
        spawn_blocking(move || server.map(RunningServer::shutdown)).await.unwrap();
    }

    /// The owner, on the computer on which the server runs.
    pub(crate) async fn owner(&self, name: &'static str) -> Person {
        let server = self.server();
        let address = server.local_addr().to_string();
        let owner = move || server.owner("Fjordline", name, Some("correct horse"), "server");
        let grant = spawn_blocking(owner).await.unwrap().unwrap();
        Person::new(Account::of_grant(&grant, &[address]), grant)
    }

    pub(crate) async fn invite(&self) -> String {
        let server = self.server();
        spawn_blocking(move || server.invite(None, None)).await.unwrap().unwrap()
    }

    /// Somebody who joins by an invite.
    pub(crate) async fn guest(&self, name: &str) -> Person {
        let signed_in = join(&self.invite().await, name, "correct horse", "laptop").await.unwrap();
        Person::new(signed_in.account, signed_in.grant)
    }

    /// Somebody who is known, on one more computer.
    pub(crate) async fn sign_in(&self, name: &str) -> Person {
        let server = self.server();
        let link = spawn_blocking(move || server.link()).await.unwrap();
        let signed_in = sign_in(&link, name, "correct horse", "other laptop").await.unwrap();
        Person::new(signed_in.account, signed_in.grant)
    }
}

/// A person on one computer: its disk, its keyring, and the grant of the sign-in.
pub(crate) struct Person {
    pub(crate) account: Account,
    pub(crate) keyring: Arc<Keyring>,
    pub(crate) disk: TempDir,
    grant: Option<TokenGrant>,
}

impl Person {
    pub(crate) fn new(account: Account, grant: TokenGrant) -> Self {
        let (disk, keyring) = (tempfile::tempdir().unwrap(), Arc::default());
        Self { account, keyring, disk, grant: Some(grant) }
    }

    pub(crate) fn home(&self) -> PathBuf {
        self.disk.path().join("client")
    }

    /// Starts the client. Only the first start has the grant; later ones have what the keyring kept.
    pub(crate) async fn sit_down(&mut self) -> Desk {
        Desk::start(&self.home(), &self.account, &self.keyring, self.grant.take()).await
    }

    /// The same on a runtime of its own, whose end is as sudden as that of a process.
    pub(crate) async fn sit_down_at(&mut self, computer: &Runtime) -> Desk {
        let (home, account, keyring) = (self.home(), self.account.clone(), Arc::clone(&self.keyring));
        let grant = self.grant.take();
        computer.spawn(async move { Desk::start(&home, &account, &keyring, grant).await }).await.unwrap()
    }

    /// Starts the client and waits until it is connected.
    pub(crate) async fn connect(&mut self) -> Desk {
        let mut desk = self.sit_down().await;
        desk.until_shown("the connection", Shown::connected).await;
        desk
    }
}

/// Looks at something outside, such as a disk, until it is so; false when it does not come to that.
pub(crate) async fn until(is_so: impl Fn() -> bool) -> bool {
    let mut looks = interval(Duration::from_millis(50));
    let looking = async {
        while !is_so() {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, looking).await.is_ok()
}
