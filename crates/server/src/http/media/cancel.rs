//! `DELETE /v1/media/{sid}/upload`: gives a file up that is in no message.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use confab_domain::media;

use super::super::Refusal;
use super::super::bearer::bearer;
use super::media_sid;
use crate::node::Node;

pub(super) async fn cancel(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, Refusal> {
    let actor = bearer(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    node.writer.call(move |tx, _, _| Ok((media::cancel(&actor, sid, tx)?, Vec::new()))).await?;
    // From here on nobody begins to receive it; who does just now is to stop.
    node.media.turns.stop(sid).await?;
    Ok(StatusCode::NO_CONTENT)
}
