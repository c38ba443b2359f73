//! `POST /v1/join`: redeems an invite.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Json;
use confab_domain::account::{self, Password, check_password, find};
use confab_domain::name::identity_key;
use confab_protocol::http::{JoinRequest, TokenGrant};
use confab_protocol::{ErrorCode, WireError};

use super::{Refusal, Remote, body};
use crate::clock;
use crate::node::{Entry, Node};

/// What is known of the password, owned for its way to the writer.
enum Known {
    New(String),
    Verified(String),
    Wrong,
}

pub(super) async fn join(
    State(node): State<Arc<Node>>,
    Extension(remote): Extension<Remote>,
    request: Body,
) -> Result<Json<TokenGrant>, Refusal> {
    let request: JoinRequest = body(request).await?;
    let name = identity_key(&request.identity);
    node.guesses.take(remote.0.ip(), &name, Instant::now())?;
    let mut joined = attempt(&node, &request).await;
    if joined.as_ref().is_err_and(|error| error.code == ErrorCode::NameTaken) {
        // Somebody may have taken the name between looking it up and joining: it may have been the same request, sent twice.
        joined = attempt(&node, &request).await;
    }
    if !joined.as_ref().is_err_and(is_guess) {
        node.guesses.was_right(remote.0.ip(), &name, Instant::now());
    }
    Ok(Json(node.token_grant(joined?, clock::now())))
}

/// A refusal that tells whoever tries many times something.
fn is_guess(error: &WireError) -> bool {
    matches!(error.code, ErrorCode::NameTaken | ErrorCode::InviteUnknown)
}

async fn attempt(node: &Node, request: &JoinRequest) -> Result<Entry, WireError> {
    let known = known(node, request).await?;
    let request = request.clone();
    let run = node.writer.call(move |tx, now, ids| {
        let password = match &known {
            Known::New(hash) => Password::New(hash),
            Known::Verified(hash) => Password::Verified(hash),
            Known::Wrong => Password::Wrong,
        };
        let JoinRequest { client_id, secret, identity, device_name, .. } = &request;
        let ask = account::Join { client_id: *client_id, secret, identity, password, device_name };
        Entry::read(account::join(&ask, now, ids, tx)?, tx)
    });
    run.await
}

async fn known(node: &Node, request: &JoinRequest) -> Result<Known, WireError> {
    let identity = request.identity.clone();
    let password = request.password.clone();
    let Some(user) = node.readers.read(move |read| find(&identity, read)).await? else {
        check_password("password", &password)?;
        return Ok(Known::New(node.passwords.hash(password).await?));
    };
    let right = node.passwords.verify(password, user.password_hash.clone()).await?;
    Ok(match user.password_hash.filter(|_| right) {
        Some(hash) => Known::Verified(hash),
        None => Known::Wrong,
    })
}
