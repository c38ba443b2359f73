//! `/ParticipantConversations` and `/ConversationWithParticipants`

use confab_domain::Warrant;
use confab_domain::account::SYSTEM;
use confab_domain::row::MembershipRow;
use confab_domain::{DomainResult, Ids as _, Read};
use confab_protocol::method::{NonChatAddParams, ParticipantAddParams};
use confab_protocol::{Call, ConversationSid, ParticipantSid};
use futures_util::future::join_all;
use serde_json::Value;

use super::ask::Ask;
use super::conversations::{creating, creation, make, people};
use super::participants::add;
use super::reply::{Listed, Reply, Trail, page};
use super::users::{joined, joined_after};
use super::{Route, Scope, find, shape};
use crate::clock::SystemIds;
use crate::twilio::binding;
use crate::twilio::problem::Problem;

/// Participants that a conversation is made with at once: Twilio's bound.
const MOST: usize = 10;

/// Where everything is made at once.
pub(super) const AT_ONCE: &str = "/ConversationWithParticipants";

pub(super) const ROUTES: &[Route] = &[
    Route::get(
        "/ParticipantConversations",
        Scope::Both,
        "list the conversations of an identity or an address",
        &["Identity", "Address"],
        |ask| Box::pin(list(ask)),
    ),
    Route::post(
        AT_ONCE,
        Scope::Both,
        "create a conversation with its participants",
        &[
            "FriendlyName",
            "UniqueName",
            "Attributes",
            "State",
            "Timers.Inactive",
            "Timers.Closed",
            "DateCreated",
            "DateUpdated",
            "Sid",
            "Participant",
        ],
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
    let wanted = wanted.iter().map(Person::read).collect::<Result<Vec<_>, _>>()?;
    let (call, warrant) = (creation(&ask).await?, creating(&ask.form)?);
    // Hooks are asked about its people before it is made: by then it has to have its name.
    let sid = warrant.sid.unwrap_or_else(|| SystemIds.uuid());
    let warrant = Warrant { sid: Some(sid), ..warrant };
    let call = ask.before(SYSTEM, call).await?;
    let adding = |person: Person| ask.before(SYSTEM, person.coming_into(ConversationSid(sid)));
    let asked = join_all(wanted.into_iter().map(adding)).await;
    let people = asked.into_iter().collect::<Result<Vec<_>, _>>()?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        let row = make(desk, &warrant, &call)?;
        for person in &people {
            match person {
                Call::NonChatAdd(_) => drop(desk.apply_all(person)?),
                _ => drop(add(desk, &Warrant { sid: None, ..warrant.clone() }, person, None)?),
            }
        }
        Ok(Reply::accepted(shape::conversation(&desk.conversation(row.sid)?, &place)))
    })
    .await
}

/// One who is to be in a conversation from its beginning.
struct Person {
    who: Who,
    attributes: Option<Value>,
}

enum Who {
    User(String),
    /// Somebody at an address, and the address of ours that they write to.
    Contact(String, Option<String>),
}

impl Person {
    fn read(given: &Value) -> Result<Self, Problem> {
        let wrong = |why| Problem::invalid("Participant", why);
        let text = |of: &Value, name: &str| of.get(name).and_then(Value::as_str).map(str::to_owned);
        let binding = given.get("messaging_binding").filter(|binding| !binding.is_null());
        let who = match (text(given, "identity"), binding) {
            (Some(_), Some(_)) => return Err(binding::beside_an_identity()),
            (Some(identity), None) => Who::User(identity),
            (None, Some(binding)) => {
                let address =
                    text(binding, "address").ok_or_else(|| wrong("a binding without an address"))?;
                Who::Contact(address, text(binding, "proxy_address"))
            }
            (None, None) => return Err(wrong("without an identity or an address")),
        };
        let attributes = match given.get("attributes") {
            Some(Value::String(text)) => {
                let read = serde_json::from_str(text);
                Some(read.map_err(|_| wrong("attributes that are not JSON"))?)
            }
            Some(Value::Null) | None => None,
            Some(other) => Some(other.clone()),
        };
        Ok(Self { who, attributes })
    }

    /// The mutation by which they come in.
    fn coming_into(self, conversation: ConversationSid) -> Call {
        let (client_id, attributes) = (Ask::client_id(), self.attributes);
        match self.who {
            Who::User(identity) => {
                Call::ParticipantAdd(ParticipantAddParams { client_id, conversation, identity, attributes })
            }
            Who::Contact(address, proxy_address) => Call::NonChatAdd(NonChatAddParams {
                client_id,
                conversation,
                kind: binding::kind(&address).to_owned(),
                address,
                proxy_address,
                name: None,
                level: None,
                attributes,
            }),
        }
    }
}
