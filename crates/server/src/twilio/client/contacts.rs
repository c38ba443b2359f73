//! Participants by other means than this workspace, of `Conversations/{sid}/Participants`: records for whoever connects the two.

use confab_protocol::method::{NonChatAddParams, NonChatRemoveParams, NonChatUpdateParams};
use confab_protocol::{Answer, Call, ConversationSid, ParticipantSid};
use serde::Deserialize;

use super::{Caller, Reply, attributes, shapes, strange};
use crate::twilio::binding;
use crate::twilio::problem::Problem;
use crate::twilio::rest::contact;
use crate::twilio::wire::Request;

/// The address of somebody, the one of ours that they write to, and what they are there.
#[derive(Deserialize)]
pub(super) struct Binding {
    address: Option<String>,
    proxy_address: Option<String>,
    name: Option<String>,
    level: Option<String>,
}

/// Adds somebody at an address.
pub(super) async fn add(
    caller: &Caller,
    conversation: ConversationSid,
    bound: Binding,
    text: Option<&str>,
    request: &Request,
) -> Result<Reply, Problem> {
    let address = bound.address.ok_or_else(|| Problem::invalid("messaging_binding.address", "missing"))?;
    let params = NonChatAddParams {
        client_id: request.client_id,
        conversation,
        kind: binding::kind(&address).to_owned(),
        address,
        proxy_address: bound.proxy_address,
        name: bound.name,
        level: bound.level,
        attributes: attributes(text)?,
    };
    let Answer::NonChatAdd(added) = caller.apply(Call::NonChatAdd(params)).await? else {
        return Err(strange());
    };
    Ok(Reply::created(shapes::contact(caller, conversation, &added.participant)))
}

/// The one whom a SID names, when they take part by other means.
pub(super) async fn named(
    caller: &Caller,
    conversation: ConversationSid,
    name: &str,
) -> Result<Option<ParticipantSid>, Problem> {
    let Ok(sid) = name.parse() else { return Ok(None) };
    let found = caller.read(move |read| contact(conversation, sid, read)).await?;
    Ok(found.map(|row| row.sid))
}

/// Changes what is said of somebody.
pub(super) async fn update(
    caller: &Caller,
    conversation: ConversationSid,
    participant: ParticipantSid,
    text: Option<&str>,
    request: &Request,
) -> Result<Reply, Problem> {
    let client_id = request.client_id;
    let attributes = attributes(text)?.ok_or_else(|| Problem::invalid("attributes", "missing"))?;
    let params = NonChatUpdateParams { client_id, conversation, participant, attributes };
    let Answer::NonChatUpdate(changed) = caller.apply(Call::NonChatUpdate(params)).await? else {
        return Err(strange());
    };
    Ok(Reply::ok(shapes::contact(caller, conversation, &changed.participant)))
}

/// Takes somebody away.
pub(super) async fn remove(
    caller: &Caller,
    conversation: ConversationSid,
    participant: ParticipantSid,
    request: &Request,
) -> Result<Reply, Problem> {
    let client_id = request.client_id;
    let params = NonChatRemoveParams { client_id, conversation, participant };
    caller.apply(Call::NonChatRemove(params)).await?;
    Ok(Reply::nothing())
}
