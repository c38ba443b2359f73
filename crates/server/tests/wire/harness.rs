//! A server on a free port, people who join it, and clients that speak plain JSON.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use confab_server::{Bounds, MediaConfig, RunningServer, ServerConfig};
use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use uuid::Uuid;

/// Ends a test that would wait for ever.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for something that has to happen.
pub(crate) async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("what has to happen happens in time")
}

/// Bounds with which passwords cost next to nothing.
pub(crate) fn bounds() -> Bounds {
    Bounds { password_memory_kib: 8, password_passes: 1, ..Bounds::default() }
}

/// A server with its directory.
pub(crate) struct Server {
    pub(crate) running: RunningServer,
    pub(crate) place: tempfile::TempDir,
}

impl Server {
    pub(crate) fn start() -> Self {
        Self::with(bounds())
    }

    pub(crate) fn with(bounds: Bounds) -> Self {
        Self::with_media(bounds, MediaConfig::default())
    }

    pub(crate) fn with_media(bounds: Bounds, media: MediaConfig) -> Self {
        let place = tempfile::tempdir().unwrap();
        let running = run(place.path(), bounds, media);
        Self { running, place }
    }

    /// Stops it and starts another one in the same directory.
    pub(crate) fn restarted(self) -> Self {
        self.restarted_after(|| {})
    }

    /// The same, with something that happens while no server runs.
    pub(crate) fn restarted_after(self, meanwhile: impl FnOnce()) -> Self {
        let Self { running, place } = self;
        running.shutdown();
        meanwhile();
        let running = run(place.path(), bounds(), MediaConfig::default());
        Self { running, place }
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.running.local_addr()
    }

    /// Someone joins with an invite of their own; the first one owns the workspace.
    pub(crate) async fn join(&self, name: &str) -> Value {
        let secret = self.secret();
        let (status, grant) = self.post("/v1/join", &joining(&secret, name, &password(name))).await;
        assert_eq!(status, 200, "{grant}");
        grant
    }

    /// The secret of a new invite.
    pub(crate) fn secret(&self) -> String {
        let link = self.running.invite(None, None).unwrap();
        link.parse::<confab_protocol::Link>().unwrap().secret.unwrap()
    }

    /// Someone joins and connects.
    pub(crate) async fn person(&self, name: &str) -> Client {
        let grant = self.join(name).await;
        self.connect(&grant).await
    }

    /// Connects with the tokens of a grant.
    pub(crate) async fn connect(&self, grant: &Value) -> Client {
        let mut client = self.open().await;
        client.hello = client.call("hello", hello(grant)).await.unwrap();
        client
    }

    /// A WebSocket that has not said hello.
    pub(crate) async fn open(&self) -> Client {
        let stream = TcpStream::connect(self.address()).await.unwrap();
        let url = format!("ws://{}/v1/connect", self.address());
        let (socket, _) = soon(tokio_tungstenite::client_async(url, stream)).await.unwrap();
        Client { socket, next: 1, pushes: VecDeque::new(), hello: Value::Null }
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        self.request("POST", path, "", &body.to_string()).await
    }

    /// One HTTP request with more headers (each with its line end).
    pub(crate) async fn request(&self, method: &str, path: &str, headers: &str, body: &str) -> (u16, Value) {
        request(self.address(), method, path, headers, body).await
    }
}

/// One HTTP request to whoever listens there.
pub(crate) async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &str,
    body: &str,
) -> (u16, Value) {
    let host = if headers.contains("Host:") { String::new() } else { format!("Host: {address}\r\n") };
    let head = format!("{method} {path} HTTP/1.1\r\n{host}{headers}Connection: close\r\n");
    let text = format!("{head}Content-Length: {}\r\n\r\n{body}", body.len());
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(text.as_bytes()).await.unwrap();
    let mut answer = String::new();
    soon(stream.read_to_string(&mut answer)).await.unwrap();
    let status = answer.split(' ').nth(1).unwrap().parse().unwrap();
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status, serde_json::from_str(body).unwrap_or(Value::String(body.to_owned())))
}

fn run(place: &Path, bounds: Bounds, media: MediaConfig) -> RunningServer {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    RunningServer::start(ServerConfig { bounds, media, ..ServerConfig::new(place.join("data"), listen) })
        .unwrap()
}

pub(crate) fn password(name: &str) -> String {
    format!("the password of {name}")
}

pub(crate) fn joining(secret: &str, name: &str, password: &str) -> Value {
    json!({"client_id": id(), "secret": secret, "identity": name, "password": password, "device_name": "Desk"})
}

/// Parameters of hello.
pub(crate) fn hello(grant: &Value) -> Value {
    json!({"versions": {"min": 1, "max": 1}, "capabilities": [], "token": grant["access_token"], "client": "test"})
}

/// A new id in its form of the wire.
pub(crate) fn id() -> String {
    Uuid::now_v7().simple().to_string()
}

/// One connection.
pub(crate) struct Client {
    socket: WebSocketStream<TcpStream>,
    next: u64,
    pushes: VecDeque<Value>,
    /// The answer of hello.
    pub(crate) hello: Value,
}

impl Client {
    /// Sends a request without waiting for its answer.
    pub(crate) async fn send(&mut self, method: &str, params: Value) -> u64 {
        let id = self.next;
        self.next += 1;
        self.raw(&json!({"id": id, "method": method, "params": params}).to_string()).await;
        id
    }

    pub(crate) async fn raw(&mut self, text: &str) {
        self.socket.send(Message::text(text)).await.unwrap();
    }

    /// The next frame of either kind; none when the server has closed.
    pub(crate) async fn frame(&mut self) -> Option<Value> {
        loop {
            match soon(self.socket.next()).await? {
                Ok(Message::Text(text)) => return Some(serde_json::from_str(&text).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The close frame that ends the connection.
    pub(crate) async fn close_reason(&mut self) -> String {
        loop {
            match soon(self.socket.next()).await {
                Some(Ok(Message::Close(Some(frame)))) => return frame.reason.to_string(),
                Some(Ok(Message::Text(_))) => {}
                other => panic!("no close frame but {other:?}"),
            }
        }
    }

    /// Sends what ends the connection, and tells by which close frame it ended. None when the connection broke: the
    /// server may close it while the rest of the text is still under way, and what it has not read resets it.
    pub(crate) async fn ends_itself(&mut self, text: &str) -> Option<String> {
        soon(self.socket.send(Message::text(text))).await.ok()?;
        loop {
            match soon(self.socket.next()).await?.ok()? {
                Message::Close(frame) => return frame.map(|frame| frame.reason.to_string()),
                Message::Text(text) => assert!(!text.contains("\"id\":"), "answered: {text}"),
                _ => {}
            }
        }
    }

    /// The answer to a request; pushes that come before it are kept.
    pub(crate) async fn answer(&mut self, id: u64) -> Result<Value, Value> {
        loop {
            let frame = self.frame().await.expect("the connection stands");
            match frame.get("id") {
                Some(other) => {
                    assert_eq!(other, id, "{frame}");
                    return frame.get("result").cloned().ok_or_else(|| frame["error"].clone());
                }
                None => self.pushes.push_back(frame),
            }
        }
    }

    pub(crate) async fn call(&mut self, method: &str, params: Value) -> Result<Value, Value> {
        let id = self.send(method, params).await;
        self.answer(id).await
    }

    /// The code with which a request is refused.
    pub(crate) async fn refused(&mut self, method: &str, params: Value) -> String {
        self.call(method, params).await.unwrap_err()["code"].as_str().unwrap().to_owned()
    }

    /// The next push of a kind; others before it are dropped.
    pub(crate) async fn push(&mut self, event: &str) -> Value {
        loop {
            let frame = match self.pushes.pop_front() {
                Some(frame) => frame,
                None => self.frame().await.expect("the connection stands"),
            };
            if frame["event"] == event {
                return frame;
            }
        }
    }

    /// Pushes other than heartbeats that arrived so far: everything the server sent before it answered a ping.
    pub(crate) async fn pushed(&mut self) -> Vec<Value> {
        self.call("ping", json!({})).await.unwrap();
        self.pushes.drain(..).filter(|frame| frame["event"] != "heartbeat").collect()
    }

    /// Makes a conversation and gives its SID.
    pub(crate) async fn conversation(&mut self, name: &str) -> String {
        let params = json!({"client_id": id(), "friendly_name": name});
        let made = self.call("conversation.create", params).await.unwrap();
        made["summary"]["conversation"]["sid"].as_str().unwrap().to_owned()
    }

    pub(crate) async fn add(&mut self, conversation: &str, identity: &str) -> Value {
        let params = json!({"client_id": id(), "conversation": conversation, "identity": identity});
        self.call("participant.add", params).await.unwrap()
    }

    pub(crate) async fn say(&mut self, conversation: &str, body: &str) -> Value {
        self.call("message.send", message(conversation, body)).await.unwrap()["message"].clone()
    }
}

/// Parameters of a message.
pub(crate) fn message(conversation: &str, body: &str) -> Value {
    json!({"client_id": id(), "conversation": conversation, "body": body})
}
