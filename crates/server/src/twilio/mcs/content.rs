//! `GET Media/{sid}/Content`: the bytes of a file, by an address that stands for itself.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, Method, Uri};
use axum::response::Response;

use super::record::media_sid;
use crate::http::by_address;
use crate::node::Node;
use crate::twilio::problem::Problem;

pub(super) async fn content(
    State(node): State<Arc<Node>>,
    Path((_, sid)): Path<(String, String)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    Ok(by_address(&node, media_sid(&sid)?, &method, &uri, &headers).await?)
}
