//! `POST /v1/media`: begins an upload. What is too large or of the wrong type is refused before a byte of it was sent.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use confab_domain::media::begin;
use confab_domain::row::MediaState;
use confab_protocol::http::{UploadRequest, UploadStatus};

use super::super::bearer::bearer;
use super::super::{Refusal, body};
use super::status;
use crate::media::unavailable;
use crate::node::Node;

pub(super) async fn create(
    State(node): State<Arc<Node>>,
    headers: HeaderMap,
    request: Body,
) -> Result<(StatusCode, Json<UploadStatus>), Refusal> {
    let actor = bearer(&node, &headers).await?;
    let ask: UploadRequest = body(request).await?;
    let rules = node.media.rules().clone();
    let run = node.writer.call(move |tx, now, _| Ok((begin(&actor, &ask, &rules, now, tx)?, Vec::new())));
    let row = run.await?;
    let offset = match row.state {
        MediaState::Ready => row.size,
        MediaState::Uploading | MediaState::Gone => {
            node.media.bytes.arrived(row.sid, row.size).await.map_err(unavailable)?
        }
    };
    Ok((StatusCode::CREATED, Json(status(&row, offset))))
}
