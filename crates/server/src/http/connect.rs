//! `GET /v1/connect`: the upgrade to the WebSocket.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use confab_protocol::{ErrorCode, limits};

use super::Refusal;
use crate::node::Node;
use crate::session;

/// Bytes read, and collected for writing, at once. The library's default of 128 KiB each would be most of what an idle
/// session costs.
const BUFFER: usize = 4 * 1024;

/// A frame a little over the limit is still read, so that its sender can be told.
const FRAME: usize = limits::FRAME_BYTES + 4 * 1024;

pub(super) async fn connect(
    State(node): State<Arc<Node>>,
    upgrade: WebSocketUpgrade,
) -> Result<Response, Refusal> {
    if node.is_stopping() {
        return Err(Refusal(ErrorCode::Unavailable.into()));
    }
    let upgrade = upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(FRAME)
        .max_frame_size(FRAME);
    Ok(upgrade.on_upgrade(move |socket| session::serve(node, socket)))
}
