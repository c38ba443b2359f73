//! Twilsock: one WebSocket for everything but files. Requests come in packets, and so do answers and news.

mod attach;
mod desk;
mod packet;
mod request;
mod session;

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::HeaderMap;
use axum::http::header::HOST;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Extension, http::StatusCode};
use confab_protocol::limits;

pub(super) use request::Request;

use crate::http::Secure;
use crate::node::Node;

/// Where stock clients connect.
const CONNECT: &str = "/v3/wsconnect";
/// Bytes read, and collected for writing, at once.
const BUFFER: usize = 4 * 1024;
/// A packet: a frame of ours, its header, and what percents and quotes add.
const PACKET: usize = 2 * limits::FRAME_BYTES;

pub(super) fn routes() -> Router<Arc<Node>> {
    Router::new().route(CONNECT, get(connect))
}

async fn connect(
    State(node): State<Arc<Node>>,
    Extension(secure): Extension<Secure>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    if node.is_stopping() {
        return StatusCode::SERVICE_UNAVAILABLE.into_response();
    }
    let base = base(&node, &headers, secure);
    let upgrade = upgrade
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER)
        .max_message_size(PACKET)
        .max_frame_size(PACKET);
    upgrade.on_upgrade(move |socket| session::serve(node, base, socket))
}

/// The address under which the client reached this server, also through a proxy that says so.
pub(super) fn base(node: &Node, headers: &HeaderMap, secure: Secure) -> String {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let forwarded = text("x-forwarded-proto").is_some_and(|scheme| scheme.eq_ignore_ascii_case("https"));
    let scheme = if secure.0 || forwarded { "https" } else { "http" };
    let host = text(HOST.as_str()).or_else(|| node.addresses.first().map(String::as_str)).unwrap_or_default();
    format!("{scheme}://{host}")
}

/// Whether bytes are a packet; reads everything that it says.
#[cfg(feature = "fuzz")]
pub(crate) fn is_packet(bytes: &[u8]) -> bool {
    let Ok((header, payload)) = packet::read(bytes) else { return false };
    if let Some(http) = header.http_request {
        let request = Request::read(&http, payload);
        // Whatever comes of them, they are read to their ends.
        drop((request.json::<serde_json::Value>(), super::sync::page_of(&request)));
        let _ = request.form("ChannelSid").map(std::borrow::Cow::into_owned);
    }
    true
}
