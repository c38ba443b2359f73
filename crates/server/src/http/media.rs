//! Files over HTTP: uploads that can be gone on with, downloads in ranges, thumbnails.

mod append;
mod cancel;
mod content;
mod create;
mod download;
mod progress;
mod range;
mod thumbnail;

pub(crate) use content::by_address;
pub(crate) use download::give;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, head, post};
use confab_domain::media::described;
use confab_domain::row::{MediaRow, MediaState};
use confab_protocol::http::{self as wire, UploadStatus};
use confab_protocol::{MediaSid, WireError};

use crate::node::Node;

/// The routes below `/v1/media`.
pub(super) fn routes() -> Router<Arc<Node>> {
    let of = |rest: &str| format!("{}/{{sid}}{rest}", wire::MEDIA);
    Router::new()
        .route(wire::MEDIA, post(create::create))
        .route(&of(""), get(download::download))
        .route(&of("/upload"), head(progress::progress).patch(append::append).delete(cancel::cancel))
        .route(&of("/thumbnail"), get(thumbnail::thumbnail))
        .route(&of("/content"), get(content::content))
}

/// The file of a path.
fn media_sid(text: &str) -> Result<MediaSid, WireError> {
    text.parse().map_err(|_| WireError::not_found("media"))
}

fn status(row: &MediaRow, offset: u64) -> UploadStatus {
    UploadStatus { media: described(row), offset, ready: row.state == MediaState::Ready }
}
