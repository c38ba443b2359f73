//! `GET Configuration`: where everything is, and what there is.

use confab_domain::media::EMAIL_TYPES;
use confab_protocol::limits;
use serde_json::json;

use super::{Caller, Reply};
use crate::twilio::problem::Problem;
use crate::twilio::rest::settings;
use crate::twilio::sids::Object;

/// Bytes of the unit in which sizes are told.
const MEBIBYTE: u64 = 1024 * 1024;
/// How long the client holds back what can wait, and keeps what it has read.
const INTERVAL: &str = "PT5S";

/// The configuration of one user.
pub(super) async fn get(caller: &Caller) -> Result<Reply, Problem> {
    let shows_who_is_there = caller.read(|read| Ok(settings::service(read)?.reachability_enabled)).await?;
    let user = caller.actor.user;
    let service = caller.actor.workspace;
    let size = caller.node.media.rules().file_bytes / MEBIBYTE;
    Ok(Reply::ok(json!({
        "identity": caller.actor.identity,
        "url": caller.url("Configuration"),
        "sync_objects": {
            "my_conversations": Object::Conversations(user).unique_name(),
            "my_user_info": Object::User(user).unique_name(),
        },
        "links": {
            "my_conversations": caller.url("MyConversations"),
            "conversations": caller.url("Conversations"),
            "users": caller.url("Users"),
            "current_user": caller.url(&format!("Users/{}", super::users::encoded(&caller.actor.identity))),
            "typing": format!("{}/v1/typing", caller.base),
            "media_service": format!("{}/v1/Services/{service}/Media", caller.base),
            "media_set_service": format!("{}/v1/Services/{service}/MediaSet", caller.base),
            "messages_receipts": caller.url("Conversations/%s/Messages/%s/Receipts"),
        },
        "options": {
            "consumption_report_interval": INTERVAL,
            "http_cache_interval": INTERVAL,
            "user_infos_to_subscribe": limits::INTEREST,
            "reachability_enabled": shows_who_is_there,
            "my_conversations_page_size": limits::CONVERSATION_PAGE,
            "media_attachments_count_limit": limits::MEDIA_PER_MESSAGE,
            "media_attachment_size_limit_in_mb": size,
            "media_attachments_total_size_limit_in_mb": size * limits::MEDIA_PER_MESSAGE as u64,
            "email_histories_allowed_mime_types": EMAIL_TYPES,
            "email_bodies_allowed_mime_types": EMAIL_TYPES,
        },
    })))
}
