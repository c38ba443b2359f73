//! `v1/registrations`: devices that want to hear of what happens while no client runs on them. A registration is a row for
//! whoever carries push notifications out, and makes its user notifiable; this server pushes nothing by itself.

use confab_domain::account::{register_push, unregister_push};
use confab_protocol::method::PushRegisterParams;
use confab_protocol::model::PushEvent;
use confab_protocol::{DeviceSid, limits};
use serde::Deserialize;
use serde_json::json;

use super::{Caller, Reply};
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// Types of messages, as the REST API writes them. Edited messages have none.
pub(in crate::twilio) const MESSAGE_TYPES: [(PushEvent, &str); 3] = [
    (PushEvent::MessageAdded, "new_message"),
    (PushEvent::ParticipantJoined, "added_to_conversation"),
    (PushEvent::ParticipantLeft, "removed_from_conversation"),
];

#[derive(Deserialize)]
struct Register {
    channel_type: String,
    /// What the client runs on.
    #[serde(default)]
    endpoint_platform: String,
    #[serde(default)]
    message_types: Vec<String>,
    data: Address,
}

#[derive(Deserialize)]
struct Address {
    registration_id: String,
}

/// `POST v1/registrations`: registers, and is answered with the name of the registration. The client asks for ever when it is
/// refused, and does so at each of its starts.
pub(super) async fn register(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let Register { channel_type, endpoint_platform, message_types, data } = request.json()?;
    let ask = PushRegisterParams {
        client_id: request.client_id,
        kind: channel_type,
        token: data.registration_id,
        events: Some(message_types.iter().filter_map(|name| event(name)).collect()),
    };
    let printable = |letter: &char| !letter.is_control();
    let device: String =
        endpoint_platform.chars().filter(printable).take(limits::DEVICE_NAME_CHARS).collect();
    let actor = caller.actor.clone();
    let sid = caller.within(move |tx, now, ids| register_push(&actor, &ask, &device, now, ids, tx)).await?;
    Ok(Reply::created(json!({ "id": sid })))
}

/// What a type of message tells of. Typing and read horizons are in no notification.
fn event(name: &str) -> Option<PushEvent> {
    let name = name.strip_prefix("twilio.conversations.")?;
    MESSAGE_TYPES.iter().find(|(_, known)| *known == name).map(|(event, _)| *event)
}

/// `DELETE v1/registrations/{id}`. What is not there has ended.
pub(super) async fn end(caller: &Caller, id: &str) -> Result<Reply, Problem> {
    match id.parse() {
        Ok(device) => end_of(caller, device).await,
        Err(_) => Ok(Reply::nothing()),
    }
}

#[derive(Deserialize)]
struct Bound {
    binding_type: String,
    address: String,
}

/// `DELETE v1/registrations`: by what the carrier knows the device.
pub(super) async fn end_by_address(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let Bound { binding_type, address } = request.json()?;
    let known = caller.read(move |read| Ok(read.device_by_push(&binding_type, &address)?)).await?;
    match known.filter(|row| row.user == caller.actor.user) {
        Some(row) => end_of(caller, row.sid).await,
        None => Ok(Reply::nothing()),
    }
}

async fn end_of(caller: &Caller, device: DeviceSid) -> Result<Reply, Problem> {
    let actor = caller.actor.clone();
    let ended = caller.within(move |tx, now, _| Ok(((), unregister_push(&actor, device, now, tx)?))).await;
    match ended {
        Err(problem) if problem.status != 404 => Err(problem),
        Ok(()) | Err(_) => Ok(Reply::nothing()),
    }
}
