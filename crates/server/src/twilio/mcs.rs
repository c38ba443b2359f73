//! Files of stock clients, which come and go over HTTP beside the WebSocket: the same files as natively, under the rules that
//! they have there. Programs with a key have all of them.

mod content;
mod record;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE, AUTHORIZATION,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use confab_domain::account::{SYSTEM, find, system_user};
use confab_domain::media::{held, own, readable};
use confab_domain::row::{MediaRow, UserRow};
use confab_domain::{Actor, DomainResult, Read};
use confab_protocol::{ErrorCode, MediaSid};

use super::admission;
use super::problem::Problem;
use super::rest::authenticated;
use crate::http::Refusal;
use crate::node::Node;

/// Where the token stands.
const TOKEN: &str = "x-twilio-token";

pub(super) fn routes() -> Router<Arc<Node>> {
    Router::new()
        .route("/v1/Services/{service}/Media", post(upload::upload))
        .route("/v1/Services/{service}/Media/{sid}", get(record::one))
        .route("/v1/Services/{service}/Media/{sid}/Content", get(content::content))
        .route("/v1/Services/{service}/MediaSet", post(record::set))
        // How long a file may be is a matter of its own rules.
        .layer(DefaultBodyLimit::disable())
        .layer(from_fn(open_to_pages))
}

/// Pages from anywhere may ask: none of them has anything to show but a token that it was given.
async fn open_to_pages(request: Request, next: Next) -> Response {
    let mut answer = if request.method() == Method::OPTIONS {
        let mut allowed = StatusCode::NO_CONTENT.into_response();
        let headers = allowed.headers_mut();
        headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST, OPTIONS"));
        headers.insert(
            ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("X-Twilio-Token, Content-Type, Range"),
        );
        headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        allowed
    } else {
        next.run(request).await
    };
    answer.headers_mut().insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    answer.headers_mut().insert("cross-origin-resource-policy", HeaderValue::from_static("cross-origin"));
    answer
}

/// Who asks.
#[derive(Clone)]
struct Asker {
    actor: Actor,
    /// It is a program with a key: `actor` is the one who acts when nobody is named.
    is_program: bool,
}

impl Asker {
    /// Whoever has a token, or a key, and asks not too often.
    async fn of(node: &Node, headers: &HeaderMap) -> Result<Self, Problem> {
        let is_program = headers.contains_key(AUTHORIZATION);
        let actor = if is_program { program(node, headers).await? } else { bearer(node, headers).await? };
        node.media.take_request(actor.user, std::time::Instant::now())?;
        Ok(Self { actor, is_program })
    }

    /// A file that they may have. Of one's own there is a record as soon as it has begun.
    fn find(&self, sid: MediaSid, read: &dyn Read) -> DomainResult<MediaRow> {
        if self.is_program {
            return held(sid, read);
        }
        readable(self.actor.user, sid, read).or_else(|_| own(&self.actor, sid, read))
    }
}

async fn bearer(node: &Node, headers: &HeaderMap) -> Result<Actor, Problem> {
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
    admission::actor(node, token).await
}

async fn program(node: &Node, headers: &HeaderMap) -> Result<Actor, Problem> {
    if node.is_stopping() {
        return Err(ErrorCode::Unavailable.into());
    }
    authenticated(node, headers).await?;
    let row = match node.readers.read(|read| find(SYSTEM, read)).await? {
        Some(row) => row,
        None => node.writer.call(|tx, now, _| Ok((system_user(now, tx)?, Vec::new()))).await?,
    };
    let UserRow { sid: user, identity, role, .. } = row;
    Ok(Actor { workspace: node.readers.scope(), user, identity, role, device: None })
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, Json(self.body())).into_response()
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        refusal.0.into()
    }
}
