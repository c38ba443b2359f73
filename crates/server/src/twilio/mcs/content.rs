//! `GET Media/{sid}/Content`: the bytes of a file, by an address that stands for itself, or for whoever may have it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;
use confab_domain::media::is_whole;
use confab_protocol::WireError;

use super::Asker;
use super::record::media_sid;
use crate::http::{by_address, give};
use crate::node::Node;
use crate::twilio::problem::Problem;

pub(super) async fn content(
    State(node): State<Arc<Node>>,
    Path((_, sid)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let sid = media_sid(&sid)?;
    if uri.query().is_some_and(|query| query.contains("signature=")) {
        return Ok(by_address(&node, sid, &method, &uri, &headers).await?);
    }
    let asker = Asker::of(&node, &headers).await?;
    let row = node.readers.read(move |read| asker.find(sid, read)).await?;
    if !is_whole(&row) {
        return Err(WireError::not_found("media").into());
    }
    Ok(give(&node, &row, &method, &headers)?)
}
