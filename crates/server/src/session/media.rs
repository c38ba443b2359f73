//! Files over the WebSocket: addresses without a token, and what may be sent.

use std::sync::Arc;

use confab_domain::media::{EMAIL_TYPES, readable_all};
use confab_protocol::method::{MediaLimitsResult, MediaUrl, MediaUrlsParams, MediaUrlsResult};
use confab_protocol::{Answer, WireError, limits};

use crate::hub::Peer;
use crate::media::Address;
use crate::node::{Node, workspace_row};

/// `media.urls`
pub(super) async fn urls(
    node: Arc<Node>,
    peer: Arc<Peer>,
    _: u64,
    params: MediaUrlsParams,
) -> Result<Option<Answer>, WireError> {
    let user = peer.actor.user;
    let named = params.media.clone();
    let epoch = node.readers.read(move |read| {
        readable_all(user, &named, read)?;
        Ok(workspace_row(read)?.epoch)
    });
    let epoch = epoch.await?;
    let config = &node.media.config;
    let life = u64::try_from(config.url_life.as_millis()).unwrap_or(u64::MAX);
    let expires = config.clock.now().plus(life);
    let url = |sid| {
        let address = Address { media: sid, user, expires };
        MediaUrl { sid, url: address.write(&node.keys, epoch) }
    };
    let urls = params.media.into_iter().map(url).collect();
    Ok(Some(Answer::MediaUrls(MediaUrlsResult { urls, expires_at: expires })))
}

/// `media.limits`
pub(super) fn limits(node: &Node) -> Answer {
    let rules = node.media.rules().clone();
    let email: Vec<String> = EMAIL_TYPES.map(str::to_owned).into();
    Answer::MediaLimits(MediaLimitsResult {
        per_message: limits::MEDIA_PER_MESSAGE as u64,
        file_bytes: rules.file_bytes,
        unsent_bytes: rules.unsent_bytes,
        unsent_files: rules.unsent_files,
        allowed_types: rules.allowed_types,
        denied_types: rules.denied_types,
        body_types: email.clone(),
        history_types: email,
    })
}
