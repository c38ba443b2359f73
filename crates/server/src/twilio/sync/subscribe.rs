//! `POST v4/Subscriptions`: which objects a client wants to hear of, and from which event on.

use serde::Deserialize;
use serde_json::{Value, json};

use super::Feed;
use crate::twilio::client::Reply;
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// Objects of one request.
const BATCH: usize = 100;
/// Within what time the client hears of its subscriptions, in milliseconds; it asks again after that.
const DELIVERY_MS: u64 = 5_000;

#[derive(Deserialize)]
struct Ask {
    #[serde(default)]
    action: String,
    #[serde(default)]
    correlation_id: Value,
    #[serde(default)]
    requests: Vec<Wanted>,
}

#[derive(Deserialize)]
struct Wanted {
    object_sid: String,
    #[serde(default)]
    object_type: String,
    #[serde(default)]
    last_event_id: Option<u64>,
}

/// Whether a request is this one.
pub(in crate::twilio) fn is_meant(request: &Request) -> bool {
    request.method == "POST"
        && matches!(&request.path[..], [v4, what] if v4 == "v4" && what == "Subscriptions")
}

/// Takes the subscriptions; what is to be said of each follows as a notification.
///
/// # Errors
/// The request cannot be read, or asks for too much.
pub(in crate::twilio) fn answer(feed: &mut Feed, request: &Request) -> Result<Reply, Problem> {
    let ask: Ask = request.json()?;
    if ask.requests.len() > 10 * BATCH {
        return Err(Problem::invalid("requests", "too many"));
    }
    for wanted in &ask.requests {
        let Wanted { object_sid, object_type, last_event_id } = wanted;
        match ask.action.as_str() {
            "establish" => feed.establish(object_sid, object_type, *last_event_id, &ask.correlation_id),
            "cancel" => feed.cancel(object_sid, object_type, &ask.correlation_id),
            _ => return Err(Problem::invalid("action", "neither establish nor cancel")),
        }
    }
    // Without a time after which the client would ask for everything again.
    Ok(Reply::ok(json!({ "max_batch_size": BATCH, "estimated_delivery_in_ms": DELIVERY_MS })))
}
