//! `POST /v1/sign-in`: the same person on another device.

use std::sync::Arc;
use std::time::Instant;

use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::response::Json;
use confab_domain::account::{self, find};
use confab_domain::name::identity_key;
use confab_protocol::http::{SignInRequest, TokenGrant};
use confab_protocol::{ErrorCode, WireError, limits};

use super::{Refusal, Remote, body};
use crate::clock;
use crate::node::{Entry, Node};

pub(super) async fn sign_in(
    State(node): State<Arc<Node>>,
    Extension(remote): Extension<Remote>,
    request: Body,
) -> Result<Json<TokenGrant>, Refusal> {
    let request: SignInRequest = body(request).await?;
    let name = identity_key(&request.identity);
    node.guesses.take(remote.0.ip(), &name, Instant::now())?;
    let entry = enter(&node, request).await;
    if !entry.as_ref().is_err_and(|error| error.code == ErrorCode::WrongPassword) {
        node.guesses.was_right(remote.0.ip(), &name, Instant::now());
    }
    Ok(Json(node.token_grant(entry?, clock::now())))
}

async fn enter(node: &Node, request: SignInRequest) -> Result<Entry, WireError> {
    let SignInRequest { client_id, identity, password, device_name } = request;
    if password.len() > limits::PASSWORD_BYTES {
        return Err(ErrorCode::WrongPassword.into());
    }
    let wanted = identity.clone();
    let stored =
        node.readers.read(move |read| find(&wanted, read)).await?.and_then(|user| user.password_hash);
    let right = node.passwords.verify(password, stored.clone()).await?;
    let verified = stored.filter(|_| right).ok_or(ErrorCode::WrongPassword)?;
    let run = node.writer.call(move |tx, now, ids| {
        let ask = account::SignIn {
            client_id,
            identity: &identity,
            verified: &verified,
            device_name: &device_name,
        };
        Entry::read(account::sign_in(&ask, now, ids, tx)?, tx)
    });
    run.await
}
