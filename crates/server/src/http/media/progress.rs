//! `HEAD /v1/media/{sid}/upload`: how far an upload has come.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::CACHE_CONTROL;
use confab_domain::media::own;
use confab_domain::row::MediaState;
use confab_protocol::http::{UPLOAD_LENGTH, UPLOAD_OFFSET};

use super::super::Refusal;
use super::super::bearer::bearer;
use super::media_sid;
use crate::media::unavailable;
use crate::node::Node;

pub(super) async fn progress(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Result<[(&'static str, String); 3], Refusal> {
    let actor = bearer(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    let row = node.readers.read(move |read| own(&actor, sid, read)).await?;
    let offset = match row.state {
        MediaState::Ready => row.size,
        MediaState::Uploading | MediaState::Gone => {
            node.media.bytes.arrived(sid, row.size).await.map_err(unavailable)?
        }
    };
    Ok([
        (UPLOAD_OFFSET, offset.to_string()),
        (UPLOAD_LENGTH, row.size.to_string()),
        (CACHE_CONTROL.as_str(), "no-store".to_owned()),
    ])
}
