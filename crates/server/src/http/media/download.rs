//! `GET /v1/media/{sid}`: a file, for those who may see its message, or for its uploader while it is in none.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{
    ACCEPT_RANGES, CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_LENGTH, CONTENT_RANGE,
    CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, Method, StatusCode};
use axum::response::Response;
use confab_domain::media::readable;
use confab_domain::row::MediaRow;
use confab_protocol::{ErrorCode, WireError};

use super::super::Refusal;
use super::super::bearer::bearer;
use super::media_sid;
use super::range::Wanted;
use crate::media::Serving;
use crate::node::Node;
use crate::tls::hex;

pub(super) async fn download(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    method: Method,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let actor = bearer(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    let row = node.readers.read(move |read| readable(actor.user, sid, read)).await?;
    give(&node, &row, &method, &headers)
}

/// A file as it was asked for.
pub(crate) fn give(
    node: &Node,
    row: &MediaRow,
    method: &Method,
    headers: &HeaderMap,
) -> Result<Response, Refusal> {
    let etag = format!("\"{}\"", hex(row.sha256.as_ref().map_or(&[][..], |hash| &hash[..])));
    let answer = guarded(&Serving::of(row)).header(ETAG, &etag).header(ACCEPT_RANGES, "bytes");
    let (answer, range) = match Wanted::of(headers, &etag, row.size) {
        Wanted::Unchanged => return finished(answer.status(StatusCode::NOT_MODIFIED), Body::empty()),
        Wanted::Nothing => {
            let all = format!("bytes */{}", row.size);
            let answer = answer.status(StatusCode::RANGE_NOT_SATISFIABLE).header(CONTENT_RANGE, all);
            return finished(answer, Body::empty());
        }
        Wanted::All => (answer.status(StatusCode::OK), 0..row.size),
        Wanted::Part(range) => {
            let place = format!("bytes {}-{}/{}", range.start, range.end - 1, row.size);
            (answer.status(StatusCode::PARTIAL_CONTENT).header(CONTENT_RANGE, place), range)
        }
    };
    let length = range.end - range.start;
    let answer = answer.header(CONTENT_LENGTH, length);
    if *method == Method::HEAD {
        return finished(answer, Body::empty());
    }
    node.stats.media_sent_bytes_total.fetch_add(length, Relaxed);
    finished(answer, Body::from_stream(node.media.bytes.read(row.sid, range)))
}

/// The headers without which a file of somebody else's could run as if it were this server's page.
pub(super) fn guarded(serving: &Serving) -> axum::http::response::Builder {
    Response::builder()
        .header(CONTENT_TYPE, &serving.content_type)
        .header(CONTENT_DISPOSITION, &serving.disposition)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'")
        .header("cross-origin-resource-policy", "same-origin")
        // What is removed is to be nowhere.
        .header(CACHE_CONTROL, "private, no-store")
}

pub(super) fn finished(answer: axum::http::response::Builder, body: Body) -> Result<Response, Refusal> {
    answer.body(body).map_err(|_| Refusal(WireError::new(ErrorCode::Internal)))
}
