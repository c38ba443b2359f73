//! A real server on a free port, and people with clients.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_client::sdk::{Client, Config, Conversation, Event, Subscription, UserSid};
use confab_client::{Account, SignedIn, join, sign_in};
use confab_server::{RunningServer, ServerConfig, api_key_create};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::spawn_blocking;
use tokio::time::{interval, timeout};

/// Longer than anything that works takes, so that what does not work ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// A workspace with a server that can be stopped and started again at the same address.
pub(crate) struct World {
    pub(crate) config: ServerConfig,
    server: Option<Arc<RunningServer>>,
    home: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A world whose server is configured otherwise.
    pub(crate) async fn with(configure: impl FnOnce(&mut ServerConfig)) -> Self {
        let home = tempfile::tempdir().unwrap();
        let listen = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut config = ServerConfig::new(home.path().join("server"), listen);
        // Hashing as slowly as for real would only make the tests slow.
        config.bounds.password_memory_kib = 64;
        config.bounds.password_passes = 1;
        configure(&mut config);
        let mut world = Self { config, server: None, home };
        world.start().await;
        world.config.listen = world.server().local_addr();
        world.owner("Ada").await;
        world
    }

    pub(crate) fn server(&self) -> Arc<RunningServer> {
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

    /// The owner on one more device.
    pub(crate) async fn owner(&self, name: &'static str) -> SignedIn {
        let server = self.server();
        let address = server.local_addr().to_string();
        let owner = move || server.owner("Fjordline", name, Some("correct horse"), "server");
        let grant = spawn_blocking(owner).await.unwrap().unwrap();
        SignedIn { account: Account::of_grant(&grant, &[address]), grant }
    }

    pub(crate) async fn invite(&self) -> String {
        let server = self.server();
        spawn_blocking(move || server.invite(None, None)).await.unwrap().unwrap()
    }

    /// Somebody who joins by an invite, signed in.
    pub(crate) async fn guest(&self, name: &str) -> SignedIn {
        join(&self.invite().await, name, "correct horse", "laptop").await.unwrap()
    }

    /// Somebody who is known, on one more device.
    pub(crate) async fn again(&self, name: &str) -> SignedIn {
        let server = self.server();
        let link = spawn_blocking(move || server.link()).await.unwrap();
        sign_in(&link, name, "correct horse", "other laptop").await.unwrap()
    }

    /// A back end with a key of the operator's takes somebody the right to sign in.
    pub(crate) async fn deactivate(&self, user: UserSid) {
        let key = api_key_create(&self.config.data_dir, "a back end").unwrap();
        let login = STANDARD.encode(format!("{}:{}", key.key_sid, key.secret));
        let request = format!(
            "DELETE /v1/Users/{user} HTTP/1.1\r\nHost: {}\r\nAuthorization: Basic {login}\r\nConnection: close\r\n\r\n",
            self.config.listen
        );
        let mut stream = TcpStream::connect(self.config.listen).await.unwrap();
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        within(stream.read_to_string(&mut answer)).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 204"), "{answer}");
    }

    /// A directory for a client.
    pub(crate) fn directory(&self) -> PathBuf {
        self.home.path().join(uuid::Uuid::now_v7().simple().to_string())
    }

    pub(crate) fn config(&self, signed_in: SignedIn) -> Config {
        Config::signed_in(self.directory(), signed_in)
    }

    /// The client of the owner, Ada.
    pub(crate) async fn ada(&self) -> Client {
        self.client(self.owner("Ada").await).await
    }

    /// The client of somebody who joins.
    pub(crate) async fn join(&self, name: &str) -> Client {
        self.client(self.guest(name).await).await
    }

    pub(crate) async fn client(&self, signed_in: SignedIn) -> Client {
        within(Client::create(self.config(signed_in))).await.unwrap()
    }
}

/// Waits, but not for ever.
pub(crate) async fn within<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it did not come")
}

/// Looks at something outside, such as a disk, until it is so.
pub(crate) async fn until(is_so: impl Fn() -> bool) {
    let mut looks = interval(Duration::from_millis(50));
    let looking = async {
        while !is_so() {
            looks.tick().await;
        }
    };
    within(looking).await;
}

/// Reads events until one is wanted.
pub(crate) async fn find<E: std::fmt::Debug, T>(
    events: &mut Subscription<E>,
    mut look: impl FnMut(&E) -> Option<T>,
) -> T {
    let mut seen = Vec::new();
    let found = timeout(PATIENCE, async {
        loop {
            let event = events.next().await.expect("the client ended");
            if let Some(found) = look(&event) {
                return found;
            }
            seen.push(event);
        }
    });
    found.await.unwrap_or_else(|_| panic!("it did not come; this did: {seen:#?}"))
}

/// A conversation of two, seen from both sides.
pub(crate) async fn talk(maker: &Client, other: &Client) -> (Conversation, Conversation) {
    let mut events = other.subscribe();
    let here = maker.create_conversation().friendly_name("Harbour").create().await.unwrap();
    here.add(other.identity(), None).await.unwrap();
    let joined = |event: &Event| match event {
        Event::ConversationJoined(there) if *there == here => Some(there.clone()),
        _ => None,
    };
    let there = find(&mut events, joined).await;
    (here, there)
}

/// Sends a text and waits until the server has it. Answers its index.
pub(crate) async fn say(conversation: &Conversation, text: &str) -> u64 {
    let sending = conversation.send_message(text).await.unwrap();
    within(sending).await.unwrap().index()
}
