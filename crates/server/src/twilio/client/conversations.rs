//! `Conversations` and `Conversations/{sid}`.

use confab_domain::Warrant;
use confab_protocol::method::{
    ConversationCreateParams, ConversationDeleteParams, ConversationGetParams, ConversationParams,
    ConversationUpdateParams,
};
use confab_protocol::model::ConversationSummary;
use confab_protocol::{Answer, Call, ConversationSid};
use serde::Deserialize;
use serde_json::Value;

use super::{Caller, Reply, attributes, shapes, strange};
use crate::twilio::problem::Problem;
use crate::twilio::rest::settings;
use crate::twilio::wire::Request;

#[derive(Deserialize)]
struct Create {
    #[serde(default)]
    friendly_name: Option<String>,
    #[serde(default)]
    unique_name: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
}

/// `POST Conversations`: makes one. Its maker does not come in by that.
pub(super) async fn create(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let Create { friendly_name, unique_name, attributes: text } = request.json()?;
    let timers = caller.read(|read| Ok(settings::conversations(read)?.timers())).await?;
    let params = ConversationCreateParams {
        friendly_name,
        unique_name,
        attributes: attributes(text.as_deref())?,
        timers,
        ..ConversationCreateParams::new(request.client_id)
    };
    let (call, warrant) = caller.asked(Call::ConversationCreate(params)).await?;
    let made = caller.carry_out(call, Warrant { stays_out: true, ..warrant }).await?;
    let Answer::ConversationCreate(made) = made else { return Err(strange()) };
    // Its maker is not in it, and sees it from outside.
    Ok(Reply { status: 201, ..get(caller, made.summary.me.conversation).await? })
}

/// A summary, of whichever kind its user may see.
pub(super) fn shape(caller: &Caller, summary: &ConversationSummary) -> Result<Value, Problem> {
    let row = summary.conversation.as_ref().ok_or_else(strange)?;
    let me = Some(&summary.me).filter(|me| me.participant.is_some());
    Ok(shapes::conversation(caller, row, me))
}

/// `GET Conversations/{sid}`: one that one is in, or may come into.
pub(super) async fn get(caller: &Caller, sid: ConversationSid) -> Result<Reply, Problem> {
    if let Some(joined) = joined(caller, Some(sid), None).await? {
        return Ok(Reply::ok(joined));
    }
    let found = caller.ask(Call::ConversationPeek(ConversationParams { conversation: sid })).await?;
    let Answer::ConversationPeek(found) = found else { return Err(strange()) };
    Ok(Reply::ok(shapes::conversation(caller, &found.conversation, None)))
}

/// A conversation that one is in, with its counts.
pub(super) async fn joined(
    caller: &Caller,
    conversation: Option<ConversationSid>,
    unique_name: Option<String>,
) -> Result<Option<Value>, Problem> {
    let found = caller.ask(Call::ConversationGet(ConversationGetParams { conversation, unique_name })).await;
    let summary = match found {
        Ok(Answer::ConversationGet(found)) => found.summary,
        Ok(_) => return Err(strange()),
        Err(problem) if problem.status == 404 => return Ok(None),
        Err(problem) => return Err(problem),
    };
    let Some(row) = &summary.conversation else { return Ok(None) };
    let counted = caller.ask(Call::ConversationCounts(ConversationParams { conversation: row.sid })).await?;
    let Answer::ConversationCounts(counts) = counted else { return Err(strange()) };
    let mut body = shapes::conversation(caller, row, Some(&summary.me));
    body["messages_count"] = counts.messages.into();
    body["participants_count"] = counts.participants.into();
    Ok(Some(body))
}

#[derive(Deserialize)]
struct Update {
    #[serde(default)]
    friendly_name: Option<String>,
    #[serde(default)]
    unique_name: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
}

/// `POST Conversations/{sid}`: changes names or attributes. An empty name is none.
pub(super) async fn update(
    caller: &Caller,
    sid: ConversationSid,
    request: &Request,
) -> Result<Reply, Problem> {
    let Update { friendly_name, unique_name, attributes: text } = request.json()?;
    let params = ConversationUpdateParams {
        friendly_name: friendly_name.map(Some),
        unique_name: unique_name.map(Some),
        attributes: attributes(text.as_deref())?,
        ..ConversationUpdateParams::new(request.client_id, sid)
    };
    let changed = caller.apply(Call::ConversationUpdate(params)).await?;
    let Answer::ConversationUpdate(changed) = changed else { return Err(strange()) };
    Ok(Reply::ok(shape(caller, &changed.summary)?))
}

/// `DELETE Conversations/{sid}`
pub(super) async fn delete(
    caller: &Caller,
    sid: ConversationSid,
    request: &Request,
) -> Result<Reply, Problem> {
    let params = ConversationDeleteParams { client_id: request.client_id, conversation: sid };
    caller.apply(Call::ConversationDelete(params)).await?;
    Ok(Reply::nothing())
}
