//! What this service does not have, answered as a Twilio service answers that has none of it set up.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use super::{Caller, Reply};
use crate::tls::hex;
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// A page of nothing. The client goes on for ever when there is no word of a next one.
pub(super) fn page(name: &str) -> Reply {
    let mut body = json!({ "meta": { "next_token": null, "previous_token": null } });
    body[name] = json!([]);
    Reply::ok(body)
}

/// No message came from elsewhere.
pub(super) fn no_channel_metadata() -> Problem {
    Problem::new(404, 50530, "Channel metadata not found")
}

/// `POST v1/registrations`: a device that wants pushes. Nothing is pushed without credentials, and the client would ask for ever
/// when it was refused: it gets the name that the registration has.
pub(super) fn register(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let ask: Value = request.json()?;
    let mut hasher = Sha256::new();
    hasher.update(caller.actor.user.0.as_bytes());
    hasher.update(ask.get("data").unwrap_or(&Value::Null).to_string());
    let digest: [u8; 32] = hasher.finalize().into();
    Ok(Reply::created(json!({ "id": hex(&digest[..16]) })))
}
