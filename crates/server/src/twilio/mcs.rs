//! Files of stock clients, which come and go over HTTP beside the WebSocket: the same files as natively, under the rules that
//! they have there.

mod content;
mod record;
mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request};
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_MAX_AGE,
};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse, Json, Response};
use axum::routing::{get, post};
use confab_domain::Actor;

use super::admission;
use super::problem::Problem;
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

/// Who asks, when they may.
async fn actor(node: &Node, headers: &HeaderMap) -> Result<Actor, Problem> {
    let token = headers.get(TOKEN).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let actor = admission::actor(node, token).await?;
    node.media.take_request(actor.user, std::time::Instant::now())?;
    Ok(actor)
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
