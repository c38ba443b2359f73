//! `/Conversations/{conversation}/Participants`

use confab_domain::account::SYSTEM;
use confab_domain::row::ParticipantRow;
use confab_domain::{DomainResult, Warrant};
use confab_protocol::method::{
    HorizonMode, HorizonSetParams, ParticipantAddParams, ParticipantRemoveParams, ParticipantUpdateParams,
};
use confab_protocol::{Answer, Call, ConversationSid, ParticipantSid, RoleSid, Timestamp, limits};

use super::ask::Ask;
use super::conversations::{dated, known, refuse_date_created};
use super::desk::{Desk, everything};
use super::fields::Fields;
use super::reply::{Listed, Reply, Trail, page};
use super::{Route, Scope, contacts, find, shape};
use crate::twilio::binding;
use crate::twilio::problem::Problem;

const FIELDS: &[&str] = &[
    "Identity",
    "Attributes",
    "RoleSid",
    "DateCreated",
    "DateUpdated",
    "MessagingBinding.Address",
    "MessagingBinding.ProxyAddress",
    "Sid",
];
const CHANGES: &[&str] =
    &["Attributes", "RoleSid", "LastReadMessageIndex", "LastReadTimestamp", "DateUpdated"];
const LIST: &str = "/Conversations/{conversation}/Participants";
const ONE: &str = "/Conversations/{conversation}/Participants/{participant}";

pub(super) const ROUTES: &[Route] = &[
    Route::post(LIST, Scope::Both, "add a participant", FIELDS, |ask| Box::pin(create(ask))),
    Route::get(LIST, Scope::Both, "list participants", &[], |ask| Box::pin(list(ask))),
    Route::get(ONE, Scope::Both, "fetch a participant", &[], |ask| Box::pin(fetch(ask))),
    Route::post(ONE, Scope::Both, "update a participant", CHANGES, |ask| Box::pin(update(ask))),
    Route::delete(ONE, Scope::Both, "remove a participant", |ask| Box::pin(delete(ask))),
];

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    if contacts::is_named(form) {
        if form.has("Identity") {
            return Err(binding::beside_an_identity());
        }
        return contacts::add(&ask, conversation).await;
    }
    let params = ParticipantAddParams {
        client_id: Ask::client_id(),
        conversation,
        identity: form.needed("Identity")?.to_owned(),
        attributes: form.json("Attributes")?,
    };
    let sid = form.sid::<ParticipantSid>("Sid")?.map(|sid| sid.0);
    let (warrant, role) = (Warrant { sid, ..dated(form, &everything())? }, form.sid::<RoleSid>("RoleSid")?);
    let call = ask.before(SYSTEM, Call::ParticipantAdd(params)).await?;
    let place = ask.place.clone();
    ask.write(move |desk| Ok(Reply::made(shape::participant(&add(desk, &warrant, &call, role)?, &place))))
        .await
}

/// Adds somebody, whom nobody need have heard of before, and gives the row.
pub(super) fn add(
    desk: &mut Desk<'_>,
    warrant: &Warrant,
    call: &Call,
    role: Option<RoleSid>,
) -> DomainResult<ParticipantRow> {
    let Call::ParticipantAdd(params) = call else { unreachable!("only such calls come here") };
    if let Some(sid) = warrant.sid.map(ParticipantSid)
        && desk.tx.participant(params.conversation, sid)?.is_some()
    {
        return Err(known(&sid).into());
    }
    desk.user(&params.identity)?;
    let system = desk.system()?;
    let Answer::ParticipantAdd(added) = desk.apply(&system, warrant, call)? else {
        unreachable!("adding answers with who was added")
    };
    let participant = Some(added.participant.sid);
    if role.is_none() {
        desk.seat(params.conversation, added.participant.sid)?;
    }
    if role.is_some_and(|role| Some(role) != added.participant.role_sid) {
        let client_id = confab_protocol::ClientId(desk.ids.uuid());
        let params = ParticipantUpdateParams::new(client_id, params.conversation);
        let warrant = Warrant { sid: None, ..warrant.clone() };
        let update = ParticipantUpdateParams { participant, role_sid: role, ..params };
        desk.apply(&system, &warrant, &Call::ParticipantUpdate(update))?;
    }
    find::participant(params.conversation, &added.participant.sid.to_string(), desk.tx)
}

/// In a page's token, before those who are no users: they stand behind the others.
const BEHIND: char = '~';

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    let trail = Trail::read(&ask)?;
    let (size, place, after) = (ask.page_size()?, ask.place.clone(), trail.after().map(str::to_owned));
    let wrong = || Problem::invalid("PageToken", "not from an answer");
    let only_behind = after.as_deref().is_some_and(|after| after.starts_with(BEHIND));
    let sid = after.as_deref().map(|after| after.trim_start_matches(BEHIND).parse::<ParticipantSid>());
    let sid = sid.transpose().map_err(|_| wrong())?;
    let rows = ask.read(move |read| {
        let mut rows = Vec::new();
        if !only_behind {
            let users = read.participants(conversation, sid, size + 1)?;
            rows.extend(users.iter().map(|row| one(row.sid.to_string(), shape::participant(row, &place))));
        }
        if rows.len() <= size {
            let others = read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS)?;
            let others = others.iter().filter(|row| !only_behind || Some(row.sid) > sid);
            rows.extend(
                others.map(|row| one(format!("{BEHIND}{}", row.sid), contacts::written(row, &place))),
            );
        }
        Ok(rows)
    });
    page(&ask, "participants", &trail, rows.await?)
}

fn one(place: String, body: serde_json::Value) -> Listed {
    Listed { place, body }
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    if let Some(row) = contacts::named(&ask, conversation).await? {
        return Ok(Reply::found(contacts::written(&row, &ask.place)));
    }
    let row = named(&ask, conversation).await?;
    Ok(Reply::found(shape::participant(&row, &ask.place)))
}

async fn named(ask: &Ask, conversation: ConversationSid) -> Result<ParticipantRow, Problem> {
    let name = ask.name("participant").to_owned();
    ask.read(move |read| find::participant(conversation, &name, read)).await
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    refuse_date_created(form)?;
    form.refuse(&["Identity", "MessagingBinding."], "can be given only when the participant is added")?;
    if let Some(row) = contacts::named(&ask, conversation).await? {
        return contacts::update(&ask, &row).await;
    }
    let row = named(&ask, conversation).await?;
    let params = ParticipantUpdateParams {
        participant: Some(row.sid),
        attributes: form.json("Attributes")?,
        role_sid: form.sid("RoleSid")?,
        ..ParticipantUpdateParams::new(Ask::client_id(), conversation)
    };
    let changes = params.attributes.is_some() || params.role_sid.is_some();
    let read_to = ReadTo::asked(form)?;
    let warrant = Warrant { updated: form.date("DateUpdated")?, ..everything() };
    let call = ask.before(SYSTEM, Call::ParticipantUpdate(params)).await?;
    let (place, sid) = (ask.place.clone(), row.sid.to_string());
    ask.write(move |desk| {
        if changes {
            let system = desk.system()?;
            desk.apply(&system, &warrant, &call)?;
        }
        if let Some(read_to) = read_to {
            read_up_to(desk, conversation, &row.identity, read_to)?;
        }
        Ok(Reply::found(shape::participant(&find::participant(conversation, &sid, desk.tx)?, &place)))
    })
    .await
}

/// How far somebody has read.
#[derive(Clone, Copy)]
pub(super) struct ReadTo {
    index: Option<u64>,
    /// When, if not now.
    at: Option<Timestamp>,
    /// When the participant last changed, if not now.
    updated: Option<Timestamp>,
}

impl ReadTo {
    /// What a form asks for.
    pub(super) fn asked(form: &Fields) -> Result<Option<Self>, Problem> {
        let at = form.date("LastReadTimestamp")?;
        if !form.has("LastReadMessageIndex") {
            let alone = || Problem::invalid("LastReadTimestamp", "goes with LastReadMessageIndex");
            return at.map_or(Ok(None), |_| Err(alone()));
        }
        let (index, updated) = (form.number("LastReadMessageIndex")?, form.date("DateUpdated")?);
        Ok(Some(Self { index, at, updated }))
    }
}

/// Puts the read horizon of somebody.
pub(super) fn read_up_to(
    desk: &mut Desk<'_>,
    conversation: ConversationSid,
    identity: &str,
    ReadTo { index, at, updated }: ReadTo,
) -> DomainResult<()> {
    let client_id = confab_protocol::ClientId(desk.ids.uuid());
    let (mode, seq, based_on) = (HorizonMode::Set, None, 0);
    let params = HorizonSetParams { client_id, conversation, index, seq, mode, based_on };
    let actor = desk.acting(identity)?;
    let warrant = Warrant { created: at, updated: updated.or(Some(desk.now)), ..Warrant::default() };
    desk.apply(&actor, &warrant, &Call::HorizonSet(params)).map(drop)
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    if let Some(row) = contacts::named(&ask, conversation).await? {
        return contacts::remove(&ask, &row).await;
    }
    let participant = Some(named(&ask, conversation).await?.sid);
    remove(&ask, conversation, participant).await
}

/// Removes somebody.
pub(super) async fn remove(
    ask: &Ask,
    conversation: ConversationSid,
    participant: Option<ParticipantSid>,
) -> Result<Reply, Problem> {
    let client_id = Ask::client_id();
    let params = ParticipantRemoveParams { client_id, conversation, participant, identity: None };
    let call = ask.before(SYSTEM, Call::ParticipantRemove(params)).await?;
    ask.write(move |desk| desk.apply_all(&call).map(drop)).await?;
    Ok(Reply::gone())
}
