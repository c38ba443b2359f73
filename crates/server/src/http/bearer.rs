//! Who asks: the access token in the `Authorization` header.

use std::time::Instant;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use confab_domain::Actor;
use confab_domain::account::{authenticate, find};
use confab_protocol::{ErrorCode, WireError};

use crate::clock;
use crate::node::Node;

/// The one who asks, as long as the token is good and the device signed in, and not too often.
///
/// # Errors
/// `unauthenticated`, `token_expired`, `denied`, `deactivated`, `rate_limited`; `unavailable` while the server stops.
pub(super) async fn bearer(node: &Node, headers: &HeaderMap) -> Result<Actor, WireError> {
    if node.is_stopping() {
        return Err(ErrorCode::Unavailable.into());
    }
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
    let token = given.and_then(|text| text.strip_prefix("Bearer ")).ok_or(ErrorCode::Unauthenticated)?;
    let claim = node.keys.verify(token, clock::now())?;
    let found = move |read: &dyn confab_domain::Read| {
        let user = find(&claim.identity, read)?.ok_or(ErrorCode::Denied)?;
        Ok(authenticate(user.sid, claim.device, read)?.0)
    };
    let actor = node.readers.read(found).await?;
    node.media.take_request(actor.user, Instant::now())?;
    Ok(actor)
}
