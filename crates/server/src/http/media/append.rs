//! `PATCH /v1/media/{sid}/upload`: the bytes of a file from an offset on, in a stream. Whole parts are kept as they come, so
//! that what breaks off is gone on with behind the last of them.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::body::{Body, BodyDataStream};
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::http::header::CONTENT_LENGTH;
use axum::response::Json;
use bytes::BytesMut;
use confab_domain::Actor;
use confab_domain::media::{cancel, finish, own};
use confab_domain::row::{MediaRow, MediaState};
use confab_protocol::http::{UPLOAD_OFFSET, UploadStatus};
use confab_protocol::{ErrorCode, WireError};
use futures_util::StreamExt as _;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;

use super::super::Refusal;
use super::super::bearer::bearer;
use super::{media_sid, status};
use crate::media::{PART, Turn, unavailable};
use crate::node::Node;

pub(super) async fn append(
    State(node): State<Arc<Node>>,
    Path(sid): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<UploadStatus>, Refusal> {
    let actor = bearer(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    let turn = node.media.turns.take(actor.user, sid).await?;
    let asked = actor.clone();
    let row = node.readers.read(move |read| own(&asked, sid, read)).await?;
    if row.state == MediaState::Ready {
        return Ok(Json(status(&row, row.size)));
    }
    let there = node.media.bytes.arrived(sid, row.size).await.map_err(unavailable)?;
    check_place(&headers, there, row.size)?;
    let mut receiver =
        Receiver { node: &node, row: &row, turn, at: there, part: BytesMut::new(), hasher: None };
    let came = receiver.receive(body.into_data_stream()).await;
    if came.as_ref().is_err_and(|error| error.code == ErrorCode::UnsupportedType) {
        give_up(&node, &actor, &row).await?;
    }
    came?;
    let Receiver { at, hasher, .. } = receiver;
    if at < row.size {
        return Ok(Json(status(&row, at)));
    }
    let row = complete(&node, &actor, row, hasher).await?;
    Ok(Json(status(&row, row.size)))
}

/// The bytes follow those that are there, and are not more than there are to be.
fn check_place(headers: &HeaderMap, there: u64, size: u64) -> Result<(), WireError> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.parse::<u64>().ok();
    let offset = number(UPLOAD_OFFSET).ok_or_else(|| WireError::invalid(UPLOAD_OFFSET, "missing"))?;
    if offset != there {
        return Err(WireError::new(ErrorCode::OffsetMismatch).with("offset", there));
    }
    match number(CONTENT_LENGTH.as_str()) {
        Some(length) if length > size - there => Err(too_long(size, there.saturating_add(length))),
        _ => Ok(()),
    }
}

fn too_long(limit: u64, actual: u64) -> WireError {
    WireError::new(ErrorCode::TooLarge).with("field", "body").with("limit", limit).with("actual", actual)
}

struct Receiver<'a> {
    node: &'a Node,
    row: &'a MediaRow,
    turn: Turn,
    /// Bytes that are kept.
    at: u64,
    /// What has come since.
    part: BytesMut,
    /// Over all of it, when all of it came this way.
    hasher: Option<Sha256>,
}

impl Receiver<'_> {
    async fn receive(&mut self, mut body: BodyDataStream) -> Result<(), WireError> {
        self.hasher = (self.at == 0).then(Sha256::new);
        loop {
            let piece = tokio::select! {
                piece = timeout(self.node.media.config.stall, body.next()) => piece,
                () = self.turn.stopped() => return Err(ErrorCode::Unavailable.into()),
            };
            match piece {
                Ok(Some(Ok(piece))) => self.take(&piece).await?,
                Ok(None) => return Ok(()),
                // It broke off, or nothing comes any more: what is kept is kept.
                Ok(Some(Err(_))) | Err(_) => return Err(ErrorCode::Unavailable.into()),
            }
        }
    }

    async fn take(&mut self, piece: &[u8]) -> Result<(), WireError> {
        let came = self.at + (self.part.len() + piece.len()) as u64;
        if came > self.row.size {
            return Err(too_long(self.row.size, came));
        }
        let mut rest = piece;
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PART - self.part.len()));
            self.part.extend_from_slice(now);
            rest = later;
            let is_last = self.at + self.part.len() as u64 == self.row.size;
            if self.part.len() == PART || is_last {
                self.keep().await?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), WireError> {
        let part = self.part.split().freeze();
        if let Some(hasher) = &mut self.hasher {
            hasher.update(&part);
        }
        let length = part.len() as u64;
        self.node.media.put_part(self.row.sid, self.at, part).await?;
        self.node.stats.media_received_bytes_total.fetch_add(length, Relaxed);
        self.at += length;
        Ok(())
    }
}

async fn complete(
    node: &Node,
    actor: &Actor,
    row: MediaRow,
    hasher: Option<Sha256>,
) -> Result<MediaRow, WireError> {
    let sha256 = match hasher {
        Some(hasher) => hasher.finalize().into(),
        None => node.media.bytes.sha256(row.sid, row.size).await.map_err(unavailable)?,
    };
    let found = node.media.look_at(row.sid, sha256).await?;
    let (actor, rules, sid) = (actor.clone(), node.media.rules().clone(), row.sid);
    let run = node.writer.call(move |tx, _, _| Ok((finish(&actor, sid, &found, &rules, tx)?, Vec::new())));
    run.await
}

/// What turned out to be of a type that is not taken counts against nobody.
async fn give_up(node: &Node, actor: &Actor, row: &MediaRow) -> Result<(), WireError> {
    let (actor, sid) = (actor.clone(), row.sid);
    node.writer.call(move |tx, _, _| Ok((cancel(&actor, sid, tx)?, Vec::new()))).await
}
