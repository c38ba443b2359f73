//! Asking before something is done. A hook may change it or refuse it; one that does not answer within the bound, or fails itself,
//! is no reason to keep people from talking: then it is done as it was asked for.

use confab_domain::{Actor, Ids as _, Read, Warrant, client_id};
use confab_protocol::{Call, ErrorCode, WireError};
use serde_json::{Map, Value};

use super::Source;
use super::payload::{Account, Form, Params};
use super::send::send;
use crate::clock::SystemIds;
use crate::node::Node;
use crate::twilio::keys::account_sid;

/// The event that a mutation is announced as; none for what hooks are not asked about.
fn event_of(call: &Call) -> Option<&'static str> {
    Some(match call {
        Call::MessageSend(_) => "onMessageAdd",
        Call::MessageEdit(_) => "onMessageUpdate",
        Call::MessageRemove(_) => "onMessageRemove",
        Call::ConversationCreate(_) => "onConversationAdd",
        Call::ConversationUpdate(_) => "onConversationUpdate",
        Call::ConversationDelete(_) => "onConversationRemove",
        Call::ParticipantAdd(_) | Call::ConversationJoin(_) | Call::NonChatAdd(_) => "onParticipantAdd",
        Call::ParticipantUpdate(_) | Call::NonChatUpdate(_) => "onParticipantUpdate",
        Call::ParticipantRemove(_) | Call::NonChatRemove(_) => "onParticipantRemove",
        Call::UserUpdate(_) => "onUserUpdate",
        _ => return None,
    })
}

/// Whether somebody has to be asked before this is done.
fn asks(node: &Node, call: &Call) -> bool {
    event_of(call).is_some_and(|event| node.hooks.table().asked(event).is_some())
}

/// What a person asked for as it is to be done once hooks were asked, and under what. Of what was done already nobody is asked
/// again.
///
/// # Errors
/// `forbidden` when the hook refuses it; failures of the store.
pub(crate) async fn asked(node: &Node, actor: &Actor, call: Call) -> Result<(Call, Warrant), WireError> {
    if !asks(node, &call) {
        return Ok((call, Warrant::default()));
    }
    if let Some(client_id) = client_id(&call) {
        let user = actor.user;
        let done = move |read: &dyn Read| Ok(read.seen(user, client_id)?.is_some());
        if node.readers.read(done).await? {
            return Ok((call, Warrant::default()));
        }
    }
    let asked = Some(Box::new(call.clone()));
    let call = before(node, Source::Sdk, &actor.identity, call).await?;
    Ok((call, Warrant { asked, ..Warrant::default() }))
}

/// Asks whoever has to be asked, and gives what is to be done.
///
/// # Errors
/// `forbidden` when the hook refuses it.
pub(crate) async fn before(node: &Node, source: Source, author: &str, call: Call) -> Result<Call, WireError> {
    let Some(event) = event_of(&call) else { return Ok(call) };
    let Some(target) = node.hooks.table().asked(event) else { return Ok(call) };
    let scope = node.readers.scope();
    let account = Account { account: account_sid(scope), service: scope.to_string() };
    let params = params(&account, event, source, author, &call);
    let token = SystemIds.uuid().simple().to_string();
    let asked = async {
        let _turn = node.hooks.turns.acquire().await;
        send(node, &target, &params, &token).await
    };
    match tokio::time::timeout(node.hooks.patience, asked).await {
        Ok(Ok(said)) if (400..500).contains(&said.status) => {
            Err(WireError::new(ErrorCode::Forbidden).with("permission", "webhook"))
        }
        Ok(Ok(said)) if said.status == 200 => Ok(changed(call, &said.body)),
        Ok(Ok(said)) => {
            tracing::warn!(event, status = said.status, "a hook that was asked before failed");
            Ok(call)
        }
        Ok(Err(error)) => {
            tracing::warn!(event, %error, "a hook that was asked before did not answer");
            Ok(call)
        }
        Err(_) => {
            tracing::warn!(event, "a hook that was asked before was too slow");
            Ok(call)
        }
    }
}

fn params(account: &Account, event: &str, source: Source, author: &str, call: &Call) -> Params {
    let mut form = Form::new(account, event, source, Some(author));
    match call {
        Call::MessageSend(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("Author", author);
            form.set("Body", &it.body);
            form.maybe("Subject", it.subject.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::MessageEdit(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("MessageSid", &message(&it.message));
            form.set("ModifiedBy", author);
            form.maybe("Body", it.body.as_deref());
            form.maybe("Subject", it.subject.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::MessageRemove(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("MessageSid", &message(&it.message));
        }
        Call::ConversationCreate(it) => {
            form.maybe("FriendlyName", it.friendly_name.as_deref());
            form.maybe("UniqueName", it.unique_name.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::ConversationUpdate(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.maybe("FriendlyName", it.friendly_name.as_ref().and_then(Option::as_deref));
            form.maybe("UniqueName", it.unique_name.as_ref().and_then(Option::as_deref));
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::ConversationDelete(it) => form.set("ConversationSid", &it.conversation.to_string()),
        Call::ConversationJoin(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("Identity", author);
        }
        Call::ParticipantAdd(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("Identity", &it.identity);
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::ParticipantUpdate(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.maybe("ParticipantSid", it.participant.map(|sid| sid.to_string()).as_deref());
            form.maybe("Identity", it.identity.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::ParticipantRemove(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.maybe("ParticipantSid", it.participant.map(|sid| sid.to_string()).as_deref());
            form.maybe("Identity", it.identity.as_deref());
        }
        Call::NonChatAdd(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.binding(&it.kind, &it.address, it.proxy_address.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        Call::NonChatUpdate(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("ParticipantSid", &it.participant.to_string());
            form.json("Attributes", Some(&it.attributes));
        }
        Call::NonChatRemove(it) => {
            form.set("ConversationSid", &it.conversation.to_string());
            form.set("ParticipantSid", &it.participant.to_string());
        }
        Call::UserUpdate(it) => {
            form.maybe("UserSid", it.user.map(|sid| sid.to_string()).as_deref());
            form.maybe("FriendlyName", it.friendly_name.as_deref());
            form.json("Attributes", it.attributes.as_ref());
        }
        _ => {}
    }
    form.done()
}

fn message(named: &confab_protocol::method::MessageRef) -> String {
    match named {
        confab_protocol::method::MessageRef::Sid(sid) => sid.to_string(),
        confab_protocol::method::MessageRef::ClientId(client_id) => client_id.to_string(),
    }
}

/// The mutation with what the hook put in place: the fields that Twilio lets hooks change. What cannot be read changes nothing.
fn changed(mut call: Call, body: &[u8]) -> Call {
    let Ok(fields) = serde_json::from_slice::<Map<String, Value>>(body) else { return call };
    let text = |name: &str| fields.get(name).and_then(Value::as_str).map(str::to_owned);
    let attributes = || match fields.get("attributes") {
        Some(Value::String(text)) => serde_json::from_str::<Value>(text).ok(),
        Some(Value::Null) | None => None,
        Some(value) => Some(value.clone()),
    };
    match &mut call {
        Call::MessageSend(it) => {
            it.body = text("body").unwrap_or_else(|| std::mem::take(&mut it.body));
            it.attributes = attributes().or_else(|| it.attributes.take());
        }
        Call::MessageEdit(it) => {
            it.body = text("body").or_else(|| it.body.take());
            it.attributes = attributes().or_else(|| it.attributes.take());
        }
        Call::ConversationCreate(it) => {
            it.friendly_name = text("friendly_name").or_else(|| it.friendly_name.take());
            it.unique_name = text("unique_name").or_else(|| it.unique_name.take());
            it.attributes = attributes().or_else(|| it.attributes.take());
        }
        Call::ConversationUpdate(it) => {
            it.friendly_name = text("friendly_name").map(Some).or_else(|| it.friendly_name.take());
            it.unique_name = text("unique_name").map(Some).or_else(|| it.unique_name.take());
            it.attributes = attributes().or_else(|| it.attributes.take());
        }
        Call::ParticipantAdd(it) => it.attributes = attributes().or_else(|| it.attributes.take()),
        Call::ParticipantUpdate(it) => it.attributes = attributes().or_else(|| it.attributes.take()),
        Call::NonChatAdd(it) => it.attributes = attributes().or_else(|| it.attributes.take()),
        Call::NonChatUpdate(it) => it.attributes = attributes().unwrap_or_else(|| it.attributes.take()),
        Call::UserUpdate(it) => {
            it.friendly_name = text("friendly_name").or_else(|| it.friendly_name.take());
            it.attributes = attributes().or_else(|| it.attributes.take());
        }
        _ => {}
    }
    call
}
