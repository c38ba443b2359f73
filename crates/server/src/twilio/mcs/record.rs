//! What is said of a file, and where its bytes are: `GET Media/{sid}` and `POST MediaSet`.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::{Extension, Path, State};
use axum::http::HeaderMap;
use axum::response::Json;
use confab_domain::Actor;
use confab_domain::media::readable_all;
use confab_domain::row::MediaRow;
use confab_protocol::{Epoch, MediaSid, WireError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Asker, bearer};
use crate::http::{self, Secure};
use crate::media::Address;
use crate::node::{Node, workspace_row};
use crate::twilio::dates::exact;
use crate::twilio::problem::Problem;
use crate::twilio::sync::category;
use crate::twilio::wire::base;

/// `GET Media/{sid}`: a file, with an address for its bytes that is good for a while.
pub(super) async fn one(
    State(node): State<Arc<Node>>,
    Extension(secure): Extension<Secure>,
    Path((_, sid)): Path<(String, String)>,
    headers: HeaderMap,
) -> Result<Json<Value>, Problem> {
    let asker = Asker::of(&node, &headers).await?;
    let sid = media_sid(&sid)?;
    let asked = asker.clone();
    let found = node.readers.read(move |read| Ok((asked.find(sid, read)?, workspace_row(read)?.epoch)));
    let (row, epoch) = found.await?;
    let place = Place { node: &node, base: base(&node, &headers, secure), epoch };
    Ok(Json(place.record(&asker.actor, &row)))
}

#[derive(Deserialize)]
struct Set {
    #[serde(default)]
    command: String,
    #[serde(default)]
    list: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    media_sid: MediaSid,
}

/// `POST MediaSet`: several files at once, all of them or none.
pub(super) async fn set(
    State(node): State<Arc<Node>>,
    Extension(secure): Extension<Secure>,
    headers: HeaderMap,
    body: Body,
) -> Result<Json<Value>, Problem> {
    let actor = bearer(&node, &headers).await?;
    node.media.take_request(actor.user, std::time::Instant::now())?;
    let set: Set = http::body(body).await?;
    if set.command != "get" {
        return Err(Problem::invalid("command", "only get is known"));
    }
    let sids: Vec<MediaSid> = set.list.into_iter().map(|wanted| wanted.media_sid).collect();
    let user = actor.user;
    let found =
        node.readers.read(move |read| Ok((readable_all(user, &sids, read)?, workspace_row(read)?.epoch)));
    let (rows, epoch) = found.await?;
    let place = Place { node: &node, base: base(&node, &headers, secure), epoch };
    let records = rows.iter().map(|row| json!({ "code": 200, "media_record": place.record(&actor, row) }));
    Ok(Json(records.collect()))
}

/// Where the addresses of files begin.
pub(super) struct Place<'a> {
    pub(super) node: &'a Node,
    pub(super) base: String,
    pub(super) epoch: Epoch,
}

impl Place<'_> {
    /// A file as its record. The address of its bytes is made anew each time.
    pub(super) fn record(&self, actor: &Actor, row: &MediaRow) -> Value {
        let config = &self.node.media.config;
        let life = u64::try_from(config.url_life.as_millis()).unwrap_or(u64::MAX);
        let address = Address { media: row.sid, user: actor.user, expires: config.clock.now().plus(life) };
        let query = address.query(&self.node.keys, self.epoch);
        let url = format!("{}/v1/Services/{}/Media/{}", self.base, actor.workspace, row.sid);
        json!({
            "sid": row.sid,
            "service_sid": actor.workspace,
            "channel_sid": null,
            "message_sid": row.message,
            "date_created": exact(row.date_created),
            "date_upload_updated": exact(row.date_created),
            "date_updated": exact(row.date_created),
            "size": row.size,
            "content_type": row.content_type,
            "filename": row.file_name,
            "category": category(row.category),
            "author": (row.user == actor.user).then_some(&actor.identity),
            "is_multipart_upstream": false,
            "url": url,
            "links": {
                "content": format!("{url}/Content"),
                "content_direct_temporary": format!("{url}/Content?{query}"),
            },
        })
    }
}

/// The file of a path.
pub(super) fn media_sid(text: &str) -> Result<MediaSid, Problem> {
    text.parse().map_err(|_| WireError::not_found("media").into())
}
