//! `POST Media`: a file, as the body or as the one part of a form. How long it is shows itself at its end.

use std::sync::Arc;
use std::sync::atomic::Ordering::Relaxed;

use axum::body::Bytes;
use axum::extract::{Extension, FromRequest as _, Multipart, Request, State};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Json;
use bytes::BytesMut;
use confab_domain::Actor;
use confab_domain::media::{begin_as, cancel, finish, is_whole, measured};
use confab_domain::row::MediaRow;
use confab_protocol::http::UploadRequest;
use confab_protocol::model::MediaCategory;
use confab_protocol::{ClientId, ErrorCode, MediaSid, WireError, derived};
use futures_util::{Stream, StreamExt as _};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::time::timeout;
use uuid::Uuid;

use super::Asker;
use super::record::Place;
use crate::http::Secure;
use crate::media::{PART, Turn};
use crate::node::{Node, workspace_row};
use crate::twilio::problem::Problem;
use crate::twilio::wire::base;

/// What a file is said to be.
struct Said {
    content_type: String,
    file_name: Option<String>,
    category: MediaCategory,
    /// The identifier that it had elsewhere, which a program may give.
    sid: Option<MediaSid>,
}

pub(super) async fn upload(
    State(node): State<Arc<Node>>,
    Extension(secure): Extension<Secure>,
    request: Request,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let headers = request.headers().clone();
    let Asker { actor, is_program } = Asker::of(&node, &headers).await?;
    let mut said = said(&request, is_program)?;
    if let Some(sid) = said.sid {
        make_way(&node, &actor, sid).await?;
    }
    let most = announced(&headers)?.min(node.media.rules().file_bytes);
    let row = if said.content_type.starts_with("multipart/form-data") {
        let mut form = Multipart::from_request(request, &()).await.map_err(|_| no_form())?;
        let field = form.next_field().await.map_err(|_| no_form())?.ok_or_else(no_form)?;
        said.content_type = field.content_type().unwrap_or("application/octet-stream").to_owned();
        said.file_name = field.file_name().map(str::to_owned).or(said.file_name);
        receive(&node, &actor, said, most, field).await?
    } else {
        receive(&node, &actor, said, most, request.into_body().into_data_stream()).await?
    };
    let epoch = node.readers.read(|read| Ok(workspace_row(read)?.epoch)).await?;
    let place = Place { node: &node, base: base(&node, &headers, secure), epoch };
    Ok((StatusCode::CREATED, Json(place.record(&actor, &row))))
}

fn no_form() -> Problem {
    Problem::invalid("body", "a form without a file")
}

/// Whoever gives an identifier may have begun under it before. What is whole stays; what was broken off is given up, and is to be
/// sent again once it is cleared away.
async fn make_way(node: &Node, actor: &Actor, sid: MediaSid) -> Result<(), Problem> {
    let Some(row) = node.readers.read(move |read| Ok(read.media(sid)?)).await? else { return Ok(()) };
    if is_whole(&row) || row.user != actor.user {
        return Err(WireError::new(ErrorCode::ClientIdReused).with("sid", sid.to_string()).into());
    }
    let who = actor.clone();
    node.writer.call(move |tx, _, _| Ok((cancel(&who, sid, tx)?, Vec::new()))).await?;
    Err(ErrorCode::Unavailable.into())
}

fn said(request: &Request, is_program: bool) -> Result<Said, Problem> {
    let query = request.uri().query().unwrap_or_default();
    let param = |wanted: &str| {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == wanted).map(|(_, value)| value.into_owned())
    };
    let category = match param("Category").as_deref() {
        Some("body") => MediaCategory::Body,
        Some("history") => MediaCategory::History,
        Some(_) | None => MediaCategory::Media,
    };
    let content_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or("application/octet-stream").to_owned();
    let sid = param("Sid").filter(|_| is_program).map(|text| super::record::media_sid(&text)).transpose()?;
    Ok(Said { content_type, file_name: param("Filename"), category, sid })
}

/// How long the body is: a file is at most as long.
fn announced(headers: &HeaderMap) -> Result<u64, Problem> {
    let length = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    length.ok_or_else(|| Problem::new(411, 20001, "The length of the body is missing"))
}

/// Takes a file in. What broke off, or is not taken, is given up at once: the client would not go on with it.
async fn receive<E>(
    node: &Node,
    actor: &Actor,
    said: Said,
    most: u64,
    body: impl Stream<Item = Result<Bytes, E>>,
) -> Result<MediaRow, Problem> {
    let Said { content_type, file_name, category, sid } = said;
    let client_id = ClientId(Uuid::now_v7());
    let sid = sid.unwrap_or_else(|| derived::media(actor.workspace, actor.user, client_id));
    let ask = UploadRequest { client_id, file_name, content_type, size: most, category };
    let (who, rules) = (actor.clone(), node.media.rules().clone());
    let begun =
        node.writer.call(move |tx, now, _| Ok((begin_as(&who, sid, &ask, &rules, now, tx)?, Vec::new())));
    let row = begun.await?;
    let turn = node.media.turns.take(actor.user, row.sid).await?;
    let intake = Intake { node, row: &row, turn, at: 0, part: BytesMut::new(), hasher: Sha256::new() };
    let done = match intake.take_all(body).await {
        Ok((size, sha256)) => complete(node, actor, &row, size, sha256).await,
        Err(error) => Err(error),
    };
    if done.is_err() {
        let (who, sid) = (actor.clone(), row.sid);
        // When not even this can be written, what is in no message is cleared away within a day.
        let _ = node.writer.call(move |tx, _, _| Ok((cancel(&who, sid, tx)?, Vec::new()))).await;
    }
    Ok(done?)
}

struct Intake<'a> {
    node: &'a Node,
    row: &'a MediaRow,
    turn: Turn,
    at: u64,
    part: BytesMut,
    hasher: Sha256,
}

impl Intake<'_> {
    /// Keeps everything that comes; gives how much it was, and its hash.
    async fn take_all<E>(
        mut self,
        body: impl Stream<Item = Result<Bytes, E>>,
    ) -> Result<(u64, [u8; 32]), WireError> {
        let mut body = std::pin::pin!(body);
        loop {
            let piece = tokio::select! {
                piece = timeout(self.node.media.config.stall, body.next()) => piece,
                () = self.turn.stopped() => return Err(ErrorCode::Unavailable.into()),
            };
            match piece {
                Ok(Some(Ok(piece))) => self.take(&piece).await?,
                Ok(None) => break,
                Ok(Some(Err(_))) | Err(_) => return Err(ErrorCode::Unavailable.into()),
            }
        }
        if !self.part.is_empty() {
            self.keep().await?;
        }
        Ok((self.at, self.hasher.finalize().into()))
    }

    async fn take(&mut self, mut rest: &[u8]) -> Result<(), WireError> {
        let came = self.at + (self.part.len() + rest.len()) as u64;
        if came > self.row.size {
            let error = WireError::new(ErrorCode::TooLarge).with("field", "body");
            return Err(error.with("limit", self.row.size).with("actual", came));
        }
        while !rest.is_empty() {
            let (now, later) = rest.split_at(rest.len().min(PART - self.part.len()));
            self.part.extend_from_slice(now);
            rest = later;
            if self.part.len() == PART {
                self.keep().await?;
            }
        }
        Ok(())
    }

    async fn keep(&mut self) -> Result<(), WireError> {
        let part = self.part.split().freeze();
        self.hasher.update(&part);
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
    row: &MediaRow,
    size: u64,
    sha256: [u8; 32],
) -> Result<MediaRow, WireError> {
    if size == 0 {
        return Err(WireError::invalid("body", "empty"));
    }
    let found = node.media.look_at(row.sid, sha256).await?;
    let (actor, rules, sid) = (actor.clone(), node.media.rules().clone(), row.sid);
    let run = node.writer.call(move |tx, _, _| {
        measured(&actor, sid, size, tx)?;
        Ok((finish(&actor, sid, &found, &rules, tx)?, Vec::new()))
    });
    run.await
}
