//! The HTTP side: signing in, health, files, and the upgrade to the WebSocket.

mod bearer;
mod connect;
mod join;
mod media;
mod probe;
mod refresh;
mod sign_in;

pub(crate) use media::{by_address, give};

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use confab_protocol::http::{self as wire, ErrorBody};
use confab_protocol::{ErrorCode, WireError, limits};
use serde::de::DeserializeOwned;

use crate::address::is_for_us;
use crate::node::Node;
use crate::twilio;

/// How long a body may take to arrive.
const BODY: Duration = Duration::from_secs(10);

/// The other end of a connection; put into every request by the listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Remote(pub(crate) SocketAddr);

/// Whether a connection is under TLS; put into every request by the listener.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Secure(pub(crate) bool);

/// All routes.
pub(crate) fn router(node: Arc<Node>) -> Router {
    let guarded = Router::new()
        .route(wire::WORKSPACE, get(probe::workspace))
        .route(wire::JOIN, post(join::join))
        .route(wire::SIGN_IN, post(sign_in::sign_in))
        .route(wire::REFRESH, post(refresh::refresh))
        .route(wire::CONNECT, get(connect::connect))
        .merge(media::routes())
        .merge(twilio::rest::routes())
        .route("/metrics", get(probe::metrics))
        .layer(from_fn_with_state(Arc::clone(&node), guard));
    Router::new()
        .route(wire::HEALTH, get(probe::health))
        .merge(guarded)
        .merge(twilio::routes())
        .fallback(nothing_here)
        .with_state(node)
}

async fn nothing_here() -> Refusal {
    Refusal(WireError::not_found("path"))
}

/// Pages from elsewhere, also under a name that was bound to this address, get nothing.
async fn guard(State(node): State<Arc<Node>>, request: Request, next: Next) -> Response {
    if is_for_us(request.headers(), &node.advertised) {
        return next.run(request).await;
    }
    Refusal(WireError::new(ErrorCode::Forbidden).with("permission", "origin")).into_response()
}

/// A refusal with the status of its code.
#[derive(Debug)]
pub(crate) struct Refusal(pub(crate) WireError);

impl From<WireError> for Refusal {
    fn from(error: WireError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.code.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(ErrorBody { error: self.0 })).into_response()
    }
}

/// Reads a body of bounded size in bounded time.
pub(crate) async fn body<T: DeserializeOwned>(body: Body) -> Result<T, Refusal> {
    let late = |_| WireError::new(ErrorCode::BadFrame);
    let bytes = tokio::time::timeout(BODY, to_bytes(body, limits::HTTP_BODY_BYTES)).await.map_err(late)?;
    let bytes = bytes.map_err(|_| WireError::new(ErrorCode::TooLarge).with("field", "body"))?;
    serde_json::from_slice(&bytes).map_err(|error| Refusal(unreadable(&error)))
}

/// Names the field, as far as it is known, never what was in it.
fn unreadable(error: &serde_json::Error) -> WireError {
    let text = error.to_string();
    match text.split('`').nth(1).filter(|_| text.starts_with("missing field")) {
        Some(field) => WireError::invalid(field, "missing"),
        None => WireError::invalid("body", "not of the expected form"),
    }
}
