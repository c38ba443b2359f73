//! What can be asked without signing in: health, what workspace this is, and, from this machine, the counters.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Json, Response};
use confab_protocol::http::{Health, WorkspaceInfo};
use confab_protocol::{ErrorCode, VersionRange};

use super::{Refusal, Remote};
use crate::node::{Node, workspace_row};

/// `GET /health`
pub(super) async fn health(State(node): State<Arc<Node>>) -> Response {
    let (status, word) = match (node.is_stopping(), node.stats.disk_full.load(Relaxed)) {
        (true, _) => (StatusCode::SERVICE_UNAVAILABLE, "stopping"),
        (false, 0) => (StatusCode::OK, "ok"),
        // Reads go on, and writes do by themselves once there is room.
        (false, _) => (StatusCode::INSUFFICIENT_STORAGE, "storage_full"),
    };
    let version = env!("CARGO_PKG_VERSION").to_owned();
    (status, Json(Health { status: word.to_owned(), version })).into_response()
}

/// `GET /v1/workspace`
pub(super) async fn workspace(State(node): State<Arc<Node>>) -> Result<Json<WorkspaceInfo>, Refusal> {
    let row = node.readers.read(workspace_row).await?;
    Ok(Json(WorkspaceInfo { workspace: node.workspace(row), versions: VersionRange::OURS }))
}

/// `GET /metrics`, for programs on this machine only.
pub(super) async fn metrics(
    State(node): State<Arc<Node>>,
    Extension(remote): Extension<Remote>,
) -> Result<String, Refusal> {
    if !remote.0.ip().to_canonical().is_loopback() {
        return Err(Refusal(ErrorCode::Forbidden.into()));
    }
    Ok(node.stats.render())
}
