//! A bare client on the wire, for tests that count frames: one HTTP call, one WebSocket, nothing remembered.

use std::io::{Read as _, Write as _};
use std::net::TcpStream as Plain;

use anyhow::{Context as _, Result, bail, ensure};
use confab_protocol::http::{CONNECT, JOIN, JoinRequest, TokenGrant};
use confab_protocol::method::{ConversationCreateParams, HelloParams, MessageSendParams};
use confab_protocol::{
    Answer, Call, ClientId, ConversationSid, Link, Request, ServerFrame, VersionRange, WireError,
};
use futures_util::{SinkExt as _, StreamExt as _};
use serde::Serialize;
use tokio::net::TcpStream;
use tokio_tungstenite::{WebSocketStream, client_async, tungstenite::Message};
use uuid::Uuid;

use crate::wait;

/// A fresh id of a mutation.
#[must_use]
pub fn client_id() -> ClientId {
    ClientId(Uuid::now_v7())
}

/// Joins by an invite. Blocking.
///
/// # Errors
/// When the server refuses or is not there.
pub fn join(link: &str, identity: &str) -> Result<TokenGrant> {
    let link: Link = link.parse()?;
    let address = link.addresses.first().context("a link has an address")?;
    let secret = link.secret.clone().context("an invite has a secret")?;
    let body = JoinRequest {
        client_id: client_id(),
        secret,
        identity: identity.to_owned(),
        password: "seven grey herons".to_owned(),
        device_name: "wire".to_owned(),
    };
    let (status, answer) = post(address, JOIN, &body)?;
    ensure!(status == 200, "refused: {answer}");
    Ok(serde_json::from_str(&answer)?)
}

fn post(address: &str, path: &str, body: &impl Serialize) -> Result<(u16, String)> {
    let body = serde_json::to_string(body)?;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Type: application/json"
    );
    let mut stream = Plain::connect(address)?;
    stream.set_read_timeout(Some(wait::PATIENCE))?;
    stream.write_all(format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len()).as_bytes())?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("no answer")?;
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).context("no status")?;
    Ok((status, body.to_owned()))
}

/// A WebSocket after its `hello`.
#[derive(Debug)]
pub struct Wire {
    socket: WebSocketStream<TcpStream>,
    next: u64,
}

impl Wire {
    /// Connects and says hello.
    ///
    /// # Errors
    /// When the server refuses or is not there.
    pub async fn connect(address: &str, grant: &TokenGrant) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = client_async(format!("ws://{address}{CONNECT}"), stream).await?;
        let mut wire = Self { socket, next: 1 };
        let hello = HelloParams {
            versions: VersionRange::OURS,
            capabilities: vec![],
            token: grant.access_token.clone(),
            client: "confab-tests".to_owned(),
        };
        wire.call(Call::Hello(hello)).await?;
        Ok(wire)
    }

    /// Sends a request without waiting; gives its id.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn request(&mut self, call: Call) -> Result<u64> {
        let id = self.next;
        self.next += 1;
        self.socket.send(Message::text(Request { id, call }.encode())).await?;
        Ok(id)
    }

    /// The next answer of any request: its id, and what came of it. Pushes are passed over.
    ///
    /// # Errors
    /// When the connection is gone.
    pub async fn answer(&mut self) -> Result<(u64, Result<serde_json::Value, WireError>)> {
        loop {
            let frame = tokio::time::timeout(wait::PATIENCE, self.socket.next()).await?;
            let Message::Text(text) = frame.context("the server has gone")?? else { continue };
            if let ServerFrame::Response { id, outcome } = ServerFrame::decode(&text)? {
                return Ok((id, outcome));
            }
        }
    }

    /// Sends a request and waits for its answer; there must be none under way.
    ///
    /// # Errors
    /// When it is refused or the connection is gone.
    pub async fn call(&mut self, call: Call) -> Result<Answer> {
        let method = call.method();
        let id = self.request(call).await?;
        loop {
            let (answered, outcome) = self.answer().await?;
            if answered == id {
                return Ok(Answer::decode(method, outcome?)?);
            }
        }
    }
}

/// A `message.send` of a text.
#[must_use]
pub fn send(client_id: ClientId, conversation: ConversationSid, body: &str) -> Call {
    Call::MessageSend(MessageSendParams::new(client_id, conversation, body))
}

/// Makes a conversation with a friendly name.
///
/// # Errors
/// When the server refuses it.
pub async fn create(wire: &mut Wire, name: &str) -> Result<ConversationSid> {
    let create = ConversationCreateParams {
        friendly_name: Some(name.to_owned()),
        ..ConversationCreateParams::new(client_id())
    };
    let Answer::ConversationCreate(made) = wire.call(Call::ConversationCreate(create)).await? else {
        bail!("another answer than asked for")
    };
    Ok(made.summary.conversation.context("the maker is in it")?.sid)
}
