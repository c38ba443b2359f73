//! `MyConversations`: the conversations that one is in, and one's own settings for them.

use confab_protocol::method::{
    ConversationGetManyParams, ConversationGetParams, HorizonMode, HorizonSetParams,
    SetNotificationLevelParams,
};
use confab_protocol::model::{NotificationLevel, UserConversation};
use confab_protocol::{Answer, Call, ConversationSid, WireError, limits};
use serde_json::{Value, json};

use super::{Caller, Reply, conversations, strange};
use crate::twilio::problem::Problem;
use crate::twilio::wire::Request;

/// Conversations of one page.
const PAGE: usize = limits::CONVERSATION_BATCH;

/// `GET MyConversations`: pages by SID; a token is the last one of the page before.
pub(super) async fn list(caller: &Caller, request: &Request) -> Result<Reply, Problem> {
    let token = request.param("PageToken").map(str::parse::<ConversationSid>).transpose();
    let after = token.map_err(|_| Problem::invalid("PageToken", "not from an answer"))?;
    let user = caller.actor.user;
    let mut page = caller.read(move |read| Ok(read.joined(user, after, PAGE + 1)?)).await?;
    let more = page.len() > PAGE;
    page.truncate(PAGE);
    let next = page.last().filter(|_| more).copied();
    let found =
        caller.ask(Call::ConversationGetMany(ConversationGetManyParams { conversations: page })).await?;
    let Answer::ConversationGetMany(found) = found else { return Err(strange()) };
    let here = found.summaries.iter().filter(|summary| summary.conversation.is_some());
    let shaped =
        here.map(|summary| conversations::shape(caller, summary)).collect::<Result<Vec<Value>, _>>()?;
    let meta = json!({ "next_token": next, "previous_token": null });
    Ok(Reply::ok(json!({ "conversations": shaped, "meta": meta })))
}

/// `GET MyConversations/{sid or unique name}`
pub(super) async fn get(caller: &Caller, name: &str) -> Result<Reply, Problem> {
    let by_sid = name.parse().ok();
    let by_name = by_sid.is_none().then(|| name.to_owned());
    let found = conversations::joined(caller, by_sid, by_name).await?;
    found.map(Reply::ok).ok_or_else(|| WireError::not_found("conversation").into())
}

/// `POST MyConversations/{sid}`: the read horizon, to any place, or the notification level.
pub(super) async fn update(caller: &Caller, name: &str, request: &Request) -> Result<Reply, Problem> {
    let conversation = super::conversation_sid(name)?;
    let ask: Value = request.json()?;
    let client_id = request.client_id;
    if let Some(index) = ask.get("last_read_message_index") {
        let index = if index.is_null() { None } else { Some(number(index)?) };
        let (mode, based_on) = (HorizonMode::Set, 0);
        let params = HorizonSetParams { client_id, conversation, index, seq: None, mode, based_on };
        let moved = caller.apply(Call::HorizonSet(params)).await?;
        let Answer::HorizonSet(moved) = moved else { return Err(strange()) };
        return Ok(Reply::ok(counted(&moved.me)));
    }
    if let Some(level) = ask.get("notification_level") {
        let level = match level.as_str() {
            Some("default") => NotificationLevel::Default,
            Some("muted") => NotificationLevel::Muted,
            _ => return Err(Problem::invalid("notification_level", "neither default nor muted")),
        };
        let params = SetNotificationLevelParams { client_id, conversation, level };
        let set = caller.apply(Call::SetNotificationLevel(params)).await?;
        let Answer::SetNotificationLevel(set) = set else { return Err(strange()) };
        return Ok(Reply::ok(counted(&set.me)));
    }
    let get = ConversationGetParams { conversation: Some(conversation), unique_name: None };
    let Answer::ConversationGet(found) = caller.ask(Call::ConversationGet(get)).await? else {
        return Err(strange());
    };
    Ok(Reply::ok(counted(&found.summary.me)))
}

fn number(index: &Value) -> Result<u64, Problem> {
    index.as_u64().ok_or_else(|| Problem::invalid("last_read_message_index", "not an index"))
}

/// Without a horizon nothing is counted: whether all or nothing is unread then is for the application to say.
fn counted(me: &UserConversation) -> Value {
    let unread = me.unread.horizon.map(|_| me.unread.unread);
    json!({
        "conversation_sid": me.conversation,
        "last_read_message_index": me.unread.horizon,
        "unread_messages_count": unread,
        "notification_level": crate::twilio::sync::level(me.notification_level),
    })
}
