//! `Conversations/{sid}/Messages`.

use confab_protocol::method::{
    MessageEditParams, MessageReceiptsParams, MessageRef, MessageRemoveParams, MessageSendParams,
};
use confab_protocol::model::DetailedReceipt;
use confab_protocol::{Answer, Call, ConversationSid, MediaSid, MessageSid, ParticipantSid, WireError};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Caller, Reply, attributes, shapes, strange};
use crate::twilio::dates::exact;
use crate::twilio::problem::Problem;
use crate::twilio::rest::delivery_status;
use crate::twilio::wire::Request;

#[derive(Deserialize)]
struct Send {
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
    #[serde(default)]
    media_sids: Vec<MediaSid>,
    #[serde(default)]
    content_sid: Option<String>,
}

/// `POST Messages`
pub(super) async fn send(caller: &Caller, sid: ConversationSid, request: &Request) -> Result<Reply, Problem> {
    let Send { body, subject, attributes: text, media_sids, content_sid } = request.json()?;
    if content_sid.is_some() {
        return Err(Problem::new(404, 20404, "Content template not found: this service has none"));
    }
    let params = MessageSendParams {
        media: media_sids,
        subject,
        attributes: attributes(text.as_deref())?,
        ..MessageSendParams::new(request.client_id, sid, body.unwrap_or_default())
    };
    let sent = caller.apply(Call::MessageSend(params)).await?;
    let Answer::MessageSend(sent) = sent else { return Err(strange()) };
    Ok(Reply::created(shapes::message(caller, &sent.message)))
}

#[derive(Deserialize)]
struct Edit {
    #[serde(default)]
    body: Option<String>,
    #[serde(default)]
    attributes: Option<String>,
}

/// `POST Messages/{sid}`
pub(super) async fn edit(
    caller: &Caller,
    sid: ConversationSid,
    message: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let Edit { body, attributes: text } = request.json()?;
    let params = MessageEditParams {
        client_id: request.client_id,
        conversation: sid,
        message: MessageRef::Sid(message_sid(message)?),
        body,
        subject: None,
        attributes: attributes(text.as_deref())?,
    };
    let edited = caller.apply(Call::MessageEdit(params)).await?;
    let Answer::MessageEdit(edited) = edited else { return Err(strange()) };
    Ok(Reply::ok(shapes::message(caller, &edited.message)))
}

/// `DELETE Messages/{sid}`
pub(super) async fn remove(
    caller: &Caller,
    sid: ConversationSid,
    message: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let message = MessageRef::Sid(message_sid(message)?);
    let params = MessageRemoveParams { client_id: request.client_id, conversation: sid, message };
    caller.apply(Call::MessageRemove(params)).await?;
    Ok(Reply::nothing())
}

/// `GET Messages/{sid}/Receipts`: how far it has come with each of those whom it is for, which follows from their horizons.
pub(super) async fn receipts(
    caller: &Caller,
    sid: ConversationSid,
    message: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let message = message_sid(message)?;
    let token = request.param("PageToken").map(str::parse::<ParticipantSid>).transpose();
    let after = token.map_err(|_| Problem::invalid("PageToken", "not from an answer"))?;
    let size = request.param("PageSize").map(str::parse::<u32>).transpose();
    let limit =
        size.map_err(|_| Problem::invalid("PageSize", "not a number"))?.map(|size| size.clamp(1, 100));
    let params = MessageReceiptsParams { conversation: sid, message, after, limit };
    let Answer::MessageReceipts(found) = caller.ask(Call::MessageReceipts(params)).await? else {
        return Err(strange());
    };
    let receipts = found.receipts.iter().map(|row| receipt(sid, message, row)).collect::<Vec<_>>();
    let meta = json!({ "next_token": found.next, "previous_token": after });
    Ok(Reply::ok(json!({ "delivery_receipts": receipts, "meta": meta })))
}

fn receipt(conversation: ConversationSid, message: MessageSid, row: &DetailedReceipt) -> Value {
    json!({
        "sid": row.sid,
        "message_sid": message,
        "conversation_sid": conversation,
        "channel_message_sid": row.channel_message_sid,
        "participant_sid": row.participant,
        "status": delivery_status(row.status),
        "error_code": row.error_code,
        "date_created": exact(row.date_created),
        "date_updated": exact(row.date_updated),
    })
}

fn message_sid(text: &str) -> Result<MessageSid, Problem> {
    text.parse().map_err(|_| WireError::not_found("message").into())
}
