//! The operator's door: whoever may read the data directory reaches the running server through it.
//!
//! One line of JSON in, one line out. On Unix a socket with mode 0600; elsewhere a port of this machine's loopback
//! interface, with a token in a file of the directory.

#[cfg_attr(unix, path = "control/unix.rs")]
#[cfg_attr(not(unix), path = "control/loopback.rs")]
mod door;

use std::io::{BufRead as _, BufReader as StdBufReader, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use confab_domain::account::renew_epoch;
use confab_protocol::{ErrorCode, WireError};
use serde::{Deserialize, Serialize};
use tokio::io::{
    AsyncBufReadExt as _, AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _, BufReader,
};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::data_dir::DataDir;
use crate::error::ServerError;
use crate::hub;
use crate::node::Node;
use crate::operator::{api_key, webhooks};
use crate::running::mint;
use crate::twilio::webhook::{replay_one, replay_some};

/// Longest line of an order.
const LINE: u64 = 4 * 1024;
/// How long an order may take to arrive, and its answer to be made.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the operator wants.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// An invite, as a link.
    Invite { expires_in_ms: Option<u64>, max_uses: Option<u32> },
    /// Another epoch, for every client to begin anew.
    RenewEpoch,
    /// Something about keys for programs.
    Keys(KeyOrder),
    /// What hooks could not be told.
    DeadLetters,
    /// One of it, or all, is to be told again.
    Replay { id: Option<String> },
}

/// What the operator wants of keys for programs.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum KeyOrder {
    /// A new one.
    Create { friendly_name: String },
    /// All of them.
    List,
    /// The end of one.
    Revoke { key_sid: String },
}

/// An order, with what shows that its sender may read the data directory where the door itself does not.
#[derive(Serialize, Deserialize)]
struct Letter {
    #[serde(default)]
    token: String,
    order: Order,
}

/// What came of it.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Reply {
    Done(String),
    Refused(WireError),
}

/// Opens the door. A server without one runs all the same.
pub(crate) fn listen(
    dir: &DataDir,
    node: Arc<Node>,
    stopping: watch::Receiver<bool>,
) -> Option<JoinHandle<()>> {
    match door::Door::open(dir.path()) {
        Ok(door) => Some(tokio::spawn(attend(door, node, stopping))),
        Err(error) => {
            tracing::warn!(%error, "commands cannot reach this server while it runs");
            None
        }
    }
}

async fn attend(door: door::Door, node: Arc<Node>, mut stopping: watch::Receiver<bool>) {
    loop {
        let visitor = tokio::select! {
            visitor = door.accept() => visitor,
            _ = stopping.wait_for(|stop| *stop) => return,
        };
        let Ok(visitor) = visitor else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        // One after another: there is one operator.
        let _ = tokio::time::timeout(PATIENCE, answer(visitor, door.token(), &node)).await;
    }
}

async fn answer(
    visitor: impl AsyncRead + AsyncWrite + Unpin,
    token: &str,
    node: &Node,
) -> std::io::Result<()> {
    let (read, mut write) = tokio::io::split(visitor);
    let mut line = String::new();
    BufReader::new(read.take(LINE)).read_line(&mut line).await?;
    let reply = match admitted(&line, token) {
        Ok(order) => carry_out(order, node).await,
        Err(error) => Err(error),
    };
    let reply = reply.map_or_else(Reply::Refused, Reply::Done);
    let mut text = serde_json::to_vec(&reply)?;
    text.push(b'\n');
    write.write_all(&text).await?;
    write.shutdown().await
}

/// The order in a line, when its sender knows the door's token.
pub(crate) fn admitted(line: &str, token: &str) -> Result<Order, WireError> {
    let letter: Letter = serde_json::from_str(line).map_err(|_| WireError::new(ErrorCode::BadFrame))?;
    if letter.token == token { Ok(letter.order) } else { Err(ErrorCode::Forbidden.into()) }
}

async fn carry_out(order: Order, node: &Node) -> Result<String, WireError> {
    match order {
        Order::Invite { expires_in_ms, max_uses } => {
            let expires_in = expires_in_ms.map(Duration::from_millis);
            let run = node.writer.call(move |tx, now, ids| mint(expires_in, max_uses, now, ids, tx));
            let (minted, row) = run.await?;
            Ok(node.link(&node.workspace(row), Some(minted.secret)))
        }
        Order::RenewEpoch => {
            let epoch = node.writer.call(|tx, _, ids| Ok((renew_epoch(ids, tx)?, Vec::new()))).await?;
            node.tell_hub(hub::Input::NewEpoch).await;
            Ok(epoch.to_string())
        }
        Order::Keys(order) => {
            let ends = matches!(order, KeyOrder::Revoke { .. });
            let run = node
                .writer
                .call(move |tx, now, ids| Ok((api_key::carry_out(&order, now, ids, tx)?, Vec::new())));
            let done = run.await?;
            if ends {
                // Sessions look for their keys again.
                node.ended_keys.fetch_add(1, Relaxed);
            }
            Ok(done)
        }
        Order::DeadLetters => node.readers.read(webhooks::listed).await,
        Order::Replay { id } => {
            let replayed = match id {
                Some(id) => {
                    let run = node.writer.call(move |tx, now, _| Ok((replay_one(&id, now, tx)?, Vec::new())));
                    run.await.map(|()| 1)
                }
                None => replay_all(node).await,
            };
            node.hooks.wake();
            replayed.map(|count| count.to_string())
        }
    }
}

/// Has hooks told again whatever they could not be told, some in each transaction: people write meanwhile.
async fn replay_all(node: &Node) -> Result<usize, WireError> {
    let (mut count, mut after) = (0, None);
    loop {
        let run =
            node.writer.call(move |tx, now, _| Ok((replay_some(after.as_deref(), now, tx)?, Vec::new())));
        let some = run.await?;
        count += some.count;
        after = some.last;
        if after.is_none() {
            return Ok(count);
        }
    }
}

/// Asks the server that runs in a data directory for an invite; none when no server runs there.
pub(crate) fn ask_for_invite(
    data_dir: &Path,
    expires_in: Option<Duration>,
    max_uses: Option<u32>,
) -> Result<Option<String>, ServerError> {
    let expires_in_ms = expires_in.map(|life| u64::try_from(life.as_millis()).unwrap_or(u64::MAX));
    ask(data_dir, Order::Invite { expires_in_ms, max_uses })
}

/// Asks the server that runs in a data directory for another epoch; none when no server runs there.
pub(crate) fn ask_for_new_epoch(data_dir: &Path) -> Result<Option<String>, ServerError> {
    ask(data_dir, Order::RenewEpoch)
}

/// Orders something about keys of the server that runs in a data directory; none when no server runs there.
pub(crate) fn ask_about_keys(data_dir: &Path, order: KeyOrder) -> Result<Option<String>, ServerError> {
    ask(data_dir, Order::Keys(order))
}

/// Asks the server that runs in a data directory what hooks could not be told; none when no server runs there.
pub(crate) fn ask_for_dead_letters(data_dir: &Path) -> Result<Option<String>, ServerError> {
    ask(data_dir, Order::DeadLetters)
}

/// Has the server that runs in a data directory tell hooks again; none when no server runs there.
pub(crate) fn ask_to_replay(data_dir: &Path, id: Option<String>) -> Result<Option<String>, ServerError> {
    ask(data_dir, Order::Replay { id })
}

fn ask(data_dir: &Path, order: Order) -> Result<Option<String>, ServerError> {
    let Some((stream, token)) = door::knock(data_dir) else { return Ok(None) };
    let reply = exchange(stream, &Letter { token, order }).map_err(|_| ServerError::Stopped)?;
    match reply {
        Reply::Done(text) => Ok(Some(text)),
        Reply::Refused(error) => Err(error.into()),
    }
}

fn exchange(mut stream: door::Visit, letter: &Letter) -> std::io::Result<Reply> {
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut text = serde_json::to_vec(letter)?;
    text.push(b'\n');
    stream.write_all(&text)?;
    let mut line = String::new();
    StdBufReader::new(stream).read_line(&mut line)?;
    Ok(serde_json::from_str(&line)?)
}
