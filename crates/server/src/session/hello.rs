//! The first frame: which version both sides speak, and who is there.

use std::sync::Arc;

use axum::extract::ws::Message;
use confab_protocol::method::HelloParams;
use confab_protocol::{Call, ErrorCode, Request, VersionRange, WireError};
use futures_util::StreamExt as _;
use tokio::sync::oneshot;

use super::attach::Attach;
use super::{Session, Stream, TokenWatch};
use crate::clock;
use crate::hub::Queue;
use crate::node::Node;

/// A connection that is closed again.
pub(super) struct Refused {
    /// The request to answer, when there was one.
    pub(super) request: Option<u64>,
    /// Why.
    pub(super) error: WireError,
}

/// Waits for hello and begins the session.
pub(super) async fn greet(node: &Arc<Node>, stream: &mut Stream) -> Result<Session, Refused> {
    let first = tokio::time::timeout(node.bounds.hello, stream.next()).await;
    let Ok(Some(Ok(Message::Text(text)))) = first else {
        return Err(Refused { request: None, error: ErrorCode::Unauthenticated.into() });
    };
    let request =
        Request::decode(&text).map_err(|refused| Refused { request: refused.id, error: refused.error })?;
    let id = request.id;
    begin(node, request).await.map_err(|error| Refused { request: Some(id), error })
}

async fn begin(node: &Arc<Node>, request: Request) -> Result<Session, WireError> {
    let Call::Hello(params) = request.call else { return Err(ErrorCode::Unauthenticated.into()) };
    let HelloParams { versions, token, client, .. } = params;
    let version = VersionRange::OURS.common(versions).ok_or_else(unsupported)?;
    if node.is_stopping() {
        return Err(ErrorCode::Unavailable.into());
    }
    let _turn = node.hellos.try_acquire().map_err(|_| come_back(node))?;
    let claim = node.keys.verify(&token, clock::now())?;
    let expires_at = claim.expires_at;
    let queue = Arc::new(Queue::new(node.bounds.session_queue, Arc::clone(&node.stats)));
    queue.admit(1).await;
    let (answer, attached) = oneshot::channel();
    let attach = Attach::new(Arc::clone(node), claim, request.id, version, queue, answer);
    node.writer.submit(Box::new(attach)).await?;
    let (peer, place) = attached.await.unwrap_or(Err(ErrorCode::Unavailable.into()))?;
    tracing::debug!(user = %peer.actor.user, device = ?peer.actor.device, client, version, "a session begins");
    let token = TokenWatch::new(expires_at, &node.bounds);
    Ok(Session { node: Arc::clone(node), peer, place, token })
}

/// Too many begin at once. They come back spread over as long as it takes to let them all in.
fn come_back(node: &Node) -> WireError {
    let spread = node.guests.reconnect_spread_ms().max(1_000);
    let wait = u64::from(u32::from_le_bytes(clock::random())) % spread;
    WireError::new(ErrorCode::Unavailable).with("retry_after_ms", wait.max(1))
}

fn unsupported() -> WireError {
    let VersionRange { min, max } = VersionRange::OURS;
    WireError::new(ErrorCode::UnsupportedVersion).with("min", min).with("max", max)
}
