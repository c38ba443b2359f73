//! What this service does not have, answered as a Twilio service answers that has none of it set up.

use serde_json::json;

use super::Reply;

/// A page of nothing. The client goes on for ever when there is no word of a next one.
pub(super) fn page(name: &str) -> Reply {
    let mut body = json!({ "meta": { "next_token": null, "previous_token": null } });
    body[name] = json!([]);
    Reply::ok(body)
}
