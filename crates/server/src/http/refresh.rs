//! `POST /v1/refresh`: a new access token; the refresh token rotates.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::Json;
use confab_domain::account::{self, Refreshed};
use confab_protocol::ErrorCode;
use confab_protocol::http::{RefreshRequest, TokenGrant};

use super::{Refusal, body};
use crate::clock;
use crate::node::{Entry, Node};

pub(super) async fn refresh(
    State(node): State<Arc<Node>>,
    request: Body,
) -> Result<Json<TokenGrant>, Refusal> {
    let RefreshRequest { refresh_token } = body(request).await?;
    // A denial is committed too: it may have signed a device out.
    let entry = node.writer.call(move |tx, now, _| match account::refresh(&refresh_token, now, tx)? {
        Refreshed::Granted(grant) => Entry::read(*grant, tx).map(|(entry, events)| (Some(entry), events)),
        Refreshed::Denied { events } => Ok((None, events)),
    });
    let entry = entry.await?.ok_or(Refusal(ErrorCode::Denied.into()))?;
    Ok(Json(node.token_grant(entry, clock::now())))
}
