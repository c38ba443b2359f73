//! `/ParticipantConversations` and `/ConversationWithParticipants`

use confab_domain::Warrant;
use confab_domain::account::SYSTEM;
use confab_domain::row::MembershipRow;
use confab_domain::{DomainResult, Ids as _, Read};
use confab_protocol::method::ParticipantAddParams;
use confab_protocol::{Call, ConversationSid, ParticipantSid};
use futures_util::future::try_join_all;
use serde_json::Value;

use super::ask::Ask;
use super::conversations::{FIELDS, creating, creation, make, people};
use super::participants::add;
use super::reply::{Listed, Reply, Trail, page};
use super::users::{joined, joined_after};
use super::{Route, Scope, find, shape};
use crate::clock::SystemIds;
use crate::twilio::problem::Problem;

/// Participants that a conversation is made with at once: Twilio's bound.
const MOST: usize = 10;

pub(super) const ROUTES: &[Route] = &[
    Route::get(
        "/ParticipantConversations",
        Scope::Both,
        "list the conversations of an identity or an address",
        &["Identity", "Address"],
        |ask| Box::pin(list(ask)),
    ),
    Route::post(
        "/ConversationWithParticipants",
        Scope::Both,
        "create a conversation with its participants",
        FIELDS,
        |ask| Box::pin(create(ask)),
    ),
];

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let Some(identity) = ask.query.owned("Identity").filter(|identity| !identity.is_empty()) else {
        return list_at_address(&ask).await;
    };
    let trail = Trail::read(&ask)?;
    let after = joined_after(&trail)?;
    let (size, place) = (ask.page_size()?, ask.place.clone());
    let rows = ask.read(move |read| {
        let Ok(user) = find::user(&identity, read) else { return Ok(Vec::new()) };
        let shaped = |me: &MembershipRow, read: &dyn Read| -> DomainResult<Value> {
            let row = find::conversation(&me.conversation.to_string(), read)?;
            Ok(shape::participant_conversation(&user, me, &row, &place))
        };
        joined(&user, after, size + 1, read, &shaped)
    });
    page(&ask, "conversations", &trail, rows.await?)
}

/// The conversations in which somebody at an address takes part.
async fn list_at_address(ask: &Ask) -> Result<Reply, Problem> {
    let address = ask.query.owned("Address").filter(|address| !address.is_empty());
    let address = address.ok_or_else(|| Problem::invalid("Identity", "neither this nor Address is given"))?;
    let trail = Trail::read(ask)?;
    let wrong = || Problem::invalid("PageToken", "not from an answer");
    let after = trail.after().map(|text| one_at_address(text).ok_or_else(wrong)).transpose()?;
    let (size, place) = (ask.page_size()?, ask.place.clone());
    let rows = ask.read(move |read| {
        let found = read.non_chat_at(&address, after, size + 1)?;
        let listed = found.iter().map(|who| {
            let row = find::conversation(&who.conversation.to_string(), read)?;
            let body = shape::contact_conversation(who, &row, &place);
            Ok(Listed { place: format!("{}.{}", who.conversation, who.sid), body })
        });
        listed.collect::<DomainResult<Vec<_>>>()
    });
    page(ask, "conversations", &trail, rows.await?)
}

/// Conversation and participant, as a page's token names them.
fn one_at_address(text: &str) -> Option<(ConversationSid, ParticipantSid)> {
    let (conversation, participant) = text.split_once('.')?;
    Some((conversation.parse().ok()?, participant.parse().ok()?))
}

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let wanted = people(&ask.form)?;
    if wanted.len() > MOST {
        return Err(Problem::invalid("Participant", "at most 10"));
    }
    let wanted = wanted.iter().map(person).collect::<Result<Vec<_>, _>>()?;
    let (call, warrant) = (creation(&ask).await?, creating(&ask.form)?);
    // Hooks are asked about its people before it is made: by then it has to have its name.
    let sid = warrant.sid.unwrap_or_else(|| SystemIds.uuid());
    let warrant = Warrant { sid: Some(sid), ..warrant };
    let call = ask.before(SYSTEM, call).await?;
    let adding = |(identity, attributes)| {
        let (client_id, conversation) = (Ask::client_id(), ConversationSid(sid));
        let params = ParticipantAddParams { client_id, conversation, identity, attributes };
        ask.before(SYSTEM, Call::ParticipantAdd(params))
    };
    let people = try_join_all(wanted.into_iter().map(adding)).await?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        let row = make(desk, &warrant, &call)?;
        for person in &people {
            add(desk, &Warrant { sid: None, ..warrant.clone() }, person, None)?;
        }
        Ok(Reply::accepted(shape::conversation(&desk.conversation(row.sid)?, &place)))
    })
    .await
}

/// Identity and attributes of one who is to be in it.
fn person(given: &Value) -> Result<(String, Option<Value>), Problem> {
    if given.get("messaging_binding").is_some_and(|binding| !binding.is_null()) {
        let why = "this server has no connection to telephones or e-mail";
        return Err(Problem::invalid("Participant", why));
    }
    let identity = given.get("identity").and_then(Value::as_str);
    let identity = identity.ok_or_else(|| Problem::invalid("Participant", "without an identity"))?;
    let attributes = match given.get("attributes") {
        Some(Value::String(text)) => {
            let read = serde_json::from_str(text);
            Some(read.map_err(|_| Problem::invalid("Participant", "attributes that are not JSON"))?)
        }
        Some(Value::Null) | None => None,
        Some(other) => Some(other.clone()),
    };
    Ok((identity.to_owned(), attributes))
}
