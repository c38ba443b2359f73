//! Participants by other means than this workspace: `MessagingBinding` of `/Participants`. They are records for whoever connects the
//! two, and stand behind the others in lists.

use confab_domain::account::SYSTEM;
use confab_domain::row::NonChatRow;
use confab_domain::{DomainResult, Read, Warrant, contact};
use confab_protocol::method::{NonChatAddParams, NonChatRemoveParams, NonChatUpdateParams};
use confab_protocol::{Answer, Call, ConversationSid, ParticipantSid, limits};
use serde_json::{Value, json};

use super::ask::Ask;
use super::conversations::{dated, known};
use super::date::write;
use super::desk::{Desk, everything};
use super::fields::Fields;
use super::reply::Reply;
use super::{Place, shape};
use crate::twilio::binding;
use crate::twilio::problem::Problem;

/// Whether a form names somebody by an address.
pub(super) fn is_named(form: &Fields) -> bool {
    form.iter().any(|(name, _)| name.starts_with("MessagingBinding."))
}

/// Adds somebody at an address.
pub(super) async fn add(ask: &Ask, conversation: ConversationSid) -> Result<Reply, Problem> {
    let form = &ask.form;
    if form.has("Identity") {
        return Err(binding::beside_an_identity());
    }
    let address = form.needed("MessagingBinding.Address")?.to_owned();
    let call = Call::NonChatAdd(NonChatAddParams {
        client_id: Ask::client_id(),
        conversation,
        kind: binding::kind(&address).to_owned(),
        address,
        proxy_address: form.owned("MessagingBinding.ProxyAddress"),
        name: None,
        level: None,
        attributes: form.json("Attributes")?,
    });
    let sid = form.sid::<ParticipantSid>("Sid")?;
    let warrant = Warrant { sid: sid.map(|sid| sid.0), ..dated(form, &everything())? };
    let call = ask.before(SYSTEM, call).await?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        if let Some(sid) = sid {
            refuse_known(conversation, sid, desk.tx)?;
        }
        let system = desk.system()?;
        let Answer::NonChatAdd(added) = desk.apply(&system, &warrant, &call)? else {
            unreachable!("adding answers with who was added")
        };
        Ok(Reply::made(shown(conversation, added.participant.sid, desk, &place)?))
    })
    .await
}

/// Refuses an identifier that stands for somebody in the conversation, or did before they were removed.
fn refuse_known(conversation: ConversationSid, sid: ParticipantSid, read: &dyn Read) -> DomainResult<()> {
    let is_known =
        read.participant(conversation, sid)?.is_some() || contact::ever(read, conversation, sid)?.is_some();
    if is_known { Err(known(&sid).into()) } else { Ok(()) }
}

fn shown(
    conversation: ConversationSid,
    sid: ParticipantSid,
    desk: &Desk<'_>,
    place: &Place,
) -> DomainResult<Value> {
    let row = find(conversation, sid, desk.tx)?;
    Ok(written(&row.ok_or_else(|| confab_protocol::WireError::not_found("participant"))?, place))
}

/// The record of this identifier.
pub(in crate::twilio) fn find(
    conversation: ConversationSid,
    sid: ParticipantSid,
    read: &dyn Read,
) -> DomainResult<Option<NonChatRow>> {
    let rows = read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS)?;
    Ok(rows.into_iter().find(|row| row.sid == sid))
}

/// The record that the address names, if it names one.
pub(super) async fn named(ask: &Ask, conversation: ConversationSid) -> Result<Option<NonChatRow>, Problem> {
    let Ok(sid) = ask.name("participant").parse() else { return Ok(None) };
    ask.read(move |read| find(conversation, sid, read)).await
}

/// Changes a record.
pub(super) async fn update(ask: &Ask, row: &NonChatRow) -> Result<Reply, Problem> {
    let (conversation, participant, place) = (row.conversation, row.sid, ask.place.clone());
    let call = match ask.form.json("Attributes")? {
        Some(attributes) => {
            let client_id = Ask::client_id();
            let params = NonChatUpdateParams { client_id, conversation, participant, attributes };
            Some(ask.before(SYSTEM, Call::NonChatUpdate(params)).await?)
        }
        None => None,
    };
    ask.write(move |desk| {
        if let Some(call) = &call {
            desk.apply_all(call)?;
        }
        Ok(Reply::found(shown(conversation, participant, desk, &place)?))
    })
    .await
}

/// Removes a record.
pub(super) async fn remove(ask: &Ask, row: &NonChatRow) -> Result<Reply, Problem> {
    let (client_id, conversation, participant) = (Ask::client_id(), row.conversation, row.sid);
    let params = NonChatRemoveParams { client_id, conversation, participant };
    let call = ask.before(SYSTEM, Call::NonChatRemove(params)).await?;
    ask.write(move |desk| desk.apply_all(&call).map(drop)).await?;
    Ok(Reply::gone())
}

/// A participant who is no user.
pub(super) fn written(row: &NonChatRow, place: &Place) -> Value {
    json!({
        "sid": row.sid,
        "account_sid": place.account,
        "conversation_sid": row.conversation,
        "identity": null,
        "attributes": row.attributes,
        "messaging_binding": shape::binding(row),
        "role_sid": null,
        "last_read_message_index": null,
        "last_read_timestamp": null,
        "date_created": write(row.date_created),
        "date_updated": write(row.date_updated),
        "url": format!("{}/Conversations/{}/Participants/{}", place.base, row.conversation, row.sid),
    })
}
