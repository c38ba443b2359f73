//! `Conversations/{sid}/Participants`.

use confab_domain::name::identity_key;
use confab_domain::{Actor, apply_with};
use confab_protocol::derived::{Made, made_by};
use confab_protocol::method::{
    ConversationJoinParams, ParticipantAddParams, ParticipantListParams, ParticipantRemoveParams,
    ParticipantUpdateParams,
};
use confab_protocol::{Answer, Call, ClientId, ConversationSid, ParticipantSid, RoleSid, WireError};
use serde::Deserialize;
use serde_json::Value;

use super::contacts::{self, Binding};
use super::{Caller, Reply, attributes, shapes, strange};
use crate::twilio::binding;
use crate::twilio::defaults::{admitted, seated};
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

#[derive(Deserialize)]
struct Add {
    #[serde(default)]
    identity: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
    #[serde(default)]
    messaging_binding: Option<Binding>,
}

/// `POST Participants`: adds somebody, who need not have been here before, or is at an address elsewhere. One's own identity means coming in by oneself.
pub(super) async fn add(caller: &Caller, sid: ConversationSid, request: &Request) -> Result<Reply, Problem> {
    let Add { identity, attributes: text, messaging_binding } = request.json()?;
    let identity = match (identity, messaging_binding) {
        (Some(identity), None) => identity,
        (None, Some(binding)) => {
            return contacts::add(caller, sid, binding, text.as_deref(), request).await;
        }
        (None, None) => return Err(Problem::invalid("identity", "missing")),
        (Some(_), Some(_)) => return Err(binding::beside_an_identity()),
    };
    let attributes = attributes(text.as_deref())?;
    if identity_key(&identity) == identity_key(&caller.actor.identity) {
        return join(caller, sid, attributes, request).await;
    }
    let client_id = request.client_id;
    let params =
        ParticipantAddParams { client_id, conversation: sid, identity: identity.clone(), attributes };
    let (call, warrant) = caller.asked(Call::ParticipantAdd(params)).await?;
    let actor = std::sync::Arc::clone(&caller.actor);
    let added = caller.within(move |tx, now, ids| {
        let (_, mut events) = admitted(&identity, now, ids, tx)?;
        let outcome = apply_with(&actor, &warrant, &call, now, ids, tx)?;
        events.extend(outcome.events);
        if let Answer::ParticipantAdd(added) = &outcome.answer {
            events.extend(seated(sid, added.participant.sid, now, ids, tx)?);
        }
        Ok((outcome.answer, events))
    });
    let Answer::ParticipantAdd(added) = added.await? else { return Err(strange()) };
    Ok(Reply::created(one(caller, sid, added.participant.sid).await?))
}

async fn join(
    caller: &Caller,
    sid: ConversationSid,
    attributes: Option<Value>,
    request: &Request,
) -> Result<Reply, Problem> {
    let params = ConversationJoinParams { client_id: request.client_id, conversation: sid };
    let joined = caller.apply(Call::ConversationJoin(params)).await?;
    let Answer::ConversationJoin(joined) = joined else { return Err(strange()) };
    let me = joined.summary.me.participant.ok_or_else(strange)?;
    if attributes.as_ref().is_some_and(|value| *value != serde_json::json!({})) {
        // The other half of what was asked for: sent again, that is the same, too.
        let Actor { workspace, user, .. } = *caller.actor;
        let client_id = ClientId(made_by(workspace, user, request.client_id, Made::Participant, 1));
        let params = ParticipantUpdateParams { attributes, ..ParticipantUpdateParams::new(client_id, sid) };
        let Reply { body, .. } =
            change(caller, sid, ParticipantUpdateParams { participant: Some(me), ..params }).await?;
        return Ok(Reply { status: 201, body });
    }
    Ok(Reply::created(one(caller, sid, me).await?))
}

/// A participant who is there.
async fn one(caller: &Caller, sid: ConversationSid, participant: ParticipantSid) -> Result<Value, Problem> {
    // Pages begin behind a SID: behind the one before, this one is the first.
    let after =
        participant.0.as_u128().checked_sub(1).map(|before| ParticipantSid(uuid::Uuid::from_u128(before)));
    let params = ParticipantListParams { conversation: sid, after_version: None, after, limit: Some(1) };
    let Answer::ParticipantList(found) = caller.ask(Call::ParticipantList(params)).await? else {
        return Err(strange());
    };
    let row = found.participants.iter().find(|row| row.sid == participant);
    let row = row.ok_or_else(|| Problem::from(WireError::not_found("participant")))?;
    Ok(shapes::participant(caller, sid, row))
}

#[derive(Deserialize)]
struct Update {
    #[serde(default)]
    attributes: Option<String>,
    #[serde(default)]
    role_sid: Option<RoleSid>,
}

/// `POST Participants/{sid or identity}`
pub(super) async fn update(
    caller: &Caller,
    sid: ConversationSid,
    name: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let Update { attributes: text, role_sid } = request.json()?;
    if let Some(contact) = contacts::named(caller, sid, name).await? {
        return contacts::update(caller, sid, contact, text.as_deref(), request).await;
    }
    let (participant, identity) = named(name);
    let params = ParticipantUpdateParams {
        participant,
        identity,
        attributes: attributes(text.as_deref())?,
        role_sid,
        ..ParticipantUpdateParams::new(request.client_id, sid)
    };
    change(caller, sid, params).await
}

async fn change(
    caller: &Caller,
    sid: ConversationSid,
    params: ParticipantUpdateParams,
) -> Result<Reply, Problem> {
    let changed = caller.apply(Call::ParticipantUpdate(params)).await?;
    let Answer::ParticipantUpdate(changed) = changed else { return Err(strange()) };
    Ok(Reply::ok(shapes::participant(caller, sid, &changed.participant)))
}

/// `DELETE Participants/{sid or identity}`
pub(super) async fn remove(
    caller: &Caller,
    sid: ConversationSid,
    name: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    if let Some(contact) = contacts::named(caller, sid, name).await? {
        return contacts::remove(caller, sid, contact, request).await;
    }
    let (participant, identity) = named(name);
    let client_id = request.client_id;
    let params = ParticipantRemoveParams { client_id, conversation: sid, participant, identity };
    caller.apply(Call::ParticipantRemove(params)).await?;
    Ok(Reply::nothing())
}

/// What has the form of a SID is one.
fn named(name: &str) -> (Option<ParticipantSid>, Option<String>) {
    match name.parse() {
        Ok(sid) => (Some(sid), None),
        Err(_) => (None, Some(name.to_owned())),
    }
}
