//! `GET /v1/media/{sid}/thumbnail`: a picture in small, for those who may have the file.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;
use confab_domain::media::readable;

use super::super::Refusal;
use super::super::bearer::bearer;
use super::download::{finished, guarded};
use super::media_sid;
use crate::media::Serving;
use crate::node::Node;

/// How a PNG begins; what does not is a JPEG.
const PNG: &[u8] = b"\x89PNG";

pub(super) async fn thumbnail(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = bearer(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    let row = node.readers.read(move |read| readable(actor.user, sid, read)).await?;
    let picture = node.media.thumbnail(&node, &row).await?;
    let content_type = if picture.starts_with(PNG) { "image/png" } else { "image/jpeg" };
    let serving = Serving { content_type: content_type.to_owned(), disposition: "inline".to_owned() };
    finished(guarded(&serving), Body::from(picture))
}
