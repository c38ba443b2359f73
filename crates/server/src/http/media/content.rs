//! `GET /v1/media/{sid}/content`: a file by an address of `media.urls`, without a token.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use confab_domain::Read;
use confab_domain::account::SYSTEM;
use confab_domain::media::{held, readable};
use confab_protocol::{ErrorCode, MediaSid, WireError};

use super::super::Refusal;
use super::download::give;
use super::media_sid;
use crate::media::Address;
use crate::node::{Node, workspace_row};

pub(super) async fn content(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    by_address(&node, media_sid(&sid)?, &method, &uri, &headers).await
}

/// A file by an address that this server gave out, whatever stands before its query.
pub(crate) async fn by_address(
    node: &Node,
    sid: MediaSid,
    method: &Method,
    uri: &Uri,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    if node.is_stopping() {
        return Err(Refusal(ErrorCode::Unavailable.into()));
    }
    let (address, signature) = Address::read(sid, uri.query().unwrap_or_default())?;
    let epoch = node.readers.read(|read| Ok(workspace_row(read)?.epoch)).await?;
    address.verify(&signature, &node.keys, epoch, node.media.config.clock.now())?;
    let find = move |read: &dyn Read| {
        let user = read.user(address.user)?.ok_or_else(|| WireError::not_found("media"))?;
        if user.identity == SYSTEM {
            return held(address.media, read);
        }
        // Who was deactivated has nothing any more, by whatever address.
        if user.deactivated {
            return Err(WireError::not_found("media").into());
        }
        readable(user.sid, address.media, read)
    };
    let row = node.readers.read(find).await?;
    give(node, &row, method, headers)
}
