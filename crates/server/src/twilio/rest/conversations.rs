//! `/Conversations`

use confab_domain::row::ConversationRow;
use confab_domain::{DomainResult, Read, Warrant};
use confab_protocol::method::{ConversationCreateParams, ConversationDeleteParams, ConversationUpdateParams};
use confab_protocol::model::{ConversationState, Timers};
use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, Timestamp, WireError};
use serde_json::Value;

use super::ask::Ask;
use super::desk::{Desk, everything};
use super::fields::Fields;
use super::reply::{Listed, Reply, Trail, page};
use super::{Place, Route, Scope, find, settings, shape};
use crate::twilio::problem::Problem;
use confab_domain::account::SYSTEM;

/// Fields of a conversation.
pub(super) const FIELDS: &[&str] = &[
    "FriendlyName",
    "UniqueName",
    "Attributes",
    "State",
    "Timers.Inactive",
    "Timers.Closed",
    "DateCreated",
    "DateUpdated",
    "Sid",
];

/// Conversations that are looked at for one page when only some of them are wanted.
const LOOKED_AT: usize = 2_000;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/Conversations", Scope::Both, "create a conversation", FIELDS, |ask| Box::pin(create(ask))),
    Route::get(
        "/Conversations",
        Scope::Both,
        "list conversations",
        &["StartDate", "EndDate", "State"],
        |ask| Box::pin(list(ask)),
    ),
    Route::get("/Conversations/{conversation}", Scope::Both, "fetch a conversation", &[], |ask| {
        Box::pin(fetch(ask))
    }),
    Route::post("/Conversations/{conversation}", Scope::Both, "update a conversation", FIELDS, |ask| {
        Box::pin(update(ask))
    }),
    Route::delete("/Conversations/{conversation}", Scope::Both, "delete a conversation", |ask| {
        Box::pin(delete(ask))
    }),
];

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let (call, warrant) = (creation(&ask).await?, creating(&ask.form)?);
    let call = ask.before(SYSTEM, call).await?;
    let place = ask.place.clone();
    ask.write(move |desk| Ok(Reply::made(shape::conversation(&make(desk, &warrant, &call)?, &place)))).await
}

/// What a form asks to be made.
pub(super) async fn creation(ask: &Ask) -> Result<Call, Problem> {
    let form = &ask.form;
    let defaults = ask.read(|read| Ok(settings::conversations(read)?)).await?;
    let named = timers(form)?;
    let timers = Timers {
        inactive: named.inactive.or(defaults.default_inactive_timer),
        closed: named.closed.or(defaults.default_closed_timer),
    };
    Ok(Call::ConversationCreate(ConversationCreateParams {
        friendly_name: form.owned("FriendlyName"),
        unique_name: form.owned("UniqueName"),
        attributes: form.json("Attributes")?,
        state: state(form)?,
        timers: (timers.inactive.is_some() || timers.closed.is_some()).then_some(timers),
        ..ConversationCreateParams::new(Ask::client_id())
    }))
}

/// Under what it is made, with the identifier and the dates that it had elsewhere.
pub(super) fn creating(form: &Fields) -> Result<Warrant, Problem> {
    let sid = form.sid::<ConversationSid>("Sid")?.map(|sid| sid.0);
    Ok(Warrant { sid, ..dated(form, &everything())? })
}

/// The refusal of an identifier that stands for something already.
pub(super) fn known(sid: &impl ToString) -> WireError {
    WireError::new(ErrorCode::ClientIdReused).with("sid", sid.to_string())
}

/// Makes a conversation and gives its row.
pub(super) fn make(desk: &mut Desk<'_>, warrant: &Warrant, call: &Call) -> DomainResult<ConversationRow> {
    if let Some(sid) = warrant.sid.map(ConversationSid)
        && desk.tx.conversation(sid)?.is_some()
    {
        return Err(known(&sid).into());
    }
    let system = desk.system()?;
    let Answer::ConversationCreate(made) = desk.apply(&system, warrant, call)? else {
        unreachable!("a creation answers with what it made")
    };
    desk.conversation(made.summary.me.conversation)
}

/// Dates of what was elsewhere before.
pub(super) fn dated(form: &Fields, warrant: &Warrant) -> Result<Warrant, Problem> {
    let (created, updated) = (form.date("DateCreated")?, form.date("DateUpdated")?);
    Ok(Warrant { created, updated, ..warrant.clone() })
}

fn state(form: &Fields) -> Result<Option<ConversationState>, Problem> {
    match form.text("State") {
        None | Some("") => Ok(None),
        Some("active") => Ok(Some(ConversationState::Active)),
        Some("inactive") => Ok(Some(ConversationState::Inactive)),
        Some("closed") => Ok(Some(ConversationState::Closed)),
        Some(_) => Err(Problem::invalid("State", "neither active, inactive nor closed")),
    }
}

fn timers(form: &Fields) -> Result<Timers, Problem> {
    let of = |name| form.owned(name).filter(|text| !text.is_empty() && text != "PT0S");
    Ok(Timers { inactive: of("Timers.Inactive"), closed: of("Timers.Closed") })
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let trail = Trail::read(&ask)?;
    let after = trail.after().map(str::parse::<ConversationSid>);
    let after = after.transpose().map_err(|_| Problem::invalid("PageToken", "not from an answer"))?;
    let wanted = Wanted {
        state: match ask.query.text("State") {
            None | Some("") => None,
            Some(_) => state(&ask.query)?,
        },
        from: ask.query.date("StartDate")?,
        to: ask.query.date("EndDate")?,
    };
    let (size, place) = (ask.page_size()?, ask.place.clone());
    let rows = ask.read(move |read| found(after, size + 1, &wanted, &place, read)).await?;
    page(&ask, "conversations", &trail, rows)
}

/// Which conversations are listed.
struct Wanted {
    state: Option<ConversationState>,
    from: Option<Timestamp>,
    to: Option<Timestamp>,
}

impl Wanted {
    fn holds(&self, row: &ConversationRow) -> bool {
        self.state.is_none_or(|state| state == row.state)
            && self.from.is_none_or(|from| from <= row.date_created)
            && self.to.is_none_or(|to| row.date_created <= to)
    }
}

fn found(
    mut after: Option<ConversationSid>,
    most: usize,
    wanted: &Wanted,
    place: &Place,
    read: &dyn Read,
) -> DomainResult<Vec<Listed>> {
    let (mut listed, mut looked_at) = (Vec::new(), 0);
    while listed.len() < most && looked_at < LOOKED_AT {
        let rows = read.conversations(after, most)?;
        looked_at += rows.len();
        let is_last = rows.len() < most;
        after = rows.last().map(|row| row.sid);
        let fitting = rows.iter().filter(|row| wanted.holds(row));
        listed.extend(fitting.map(|row| one(row, place)));
        if is_last {
            break;
        }
    }
    listed.truncate(most);
    Ok(listed)
}

fn one(row: &ConversationRow, place: &Place) -> Listed {
    Listed { place: row.sid.to_string(), body: shape::conversation(row, place) }
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let (name, place) = (ask.name("conversation").to_owned(), ask.place.clone());
    ask.read(move |read| Ok(Reply::found(shape::conversation(&find::conversation(&name, read)?, &place))))
        .await
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    refuse_date_created(form)?;
    let clearing = |name| form.owned(name).map(Some);
    let (names, attributes) = ((clearing("FriendlyName"), clearing("UniqueName")), form.json("Attributes")?);
    let has_timers = form.has("Timers.Inactive") || form.has("Timers.Closed");
    let params = ConversationUpdateParams {
        friendly_name: names.0,
        unique_name: names.1,
        attributes,
        state: state(form)?,
        timers: if has_timers { Some(timers(form)?) } else { None },
        ..ConversationUpdateParams::new(Ask::client_id(), conversation)
    };
    let warrant = Warrant { updated: form.date("DateUpdated")?, ..everything() };
    let nothing = params == ConversationUpdateParams::new(params.client_id, conversation);
    let call = ask.before(SYSTEM, Call::ConversationUpdate(params)).await?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        if !nothing {
            let system = desk.system()?;
            desk.apply(&system, &warrant, &call)?;
        }
        Ok(Reply::found(shape::conversation(&desk.conversation(conversation)?, &place)))
    })
    .await
}

/// When something was made is said when it is made.
pub(super) fn refuse_date_created(form: &Fields) -> Result<(), Problem> {
    if form.has("DateCreated") {
        return Err(Problem::invalid("DateCreated", "can be given only when it is made"));
    }
    Ok(())
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    let params = ConversationDeleteParams { client_id: Ask::client_id(), conversation };
    let call = ask.before(SYSTEM, Call::ConversationDelete(params)).await?;
    ask.write(move |desk| desk.apply_all(&call).map(drop)).await?;
    Ok(Reply::gone())
}

/// The texts of people in a form: `Participant` of `ConversationWithParticipants`.
pub(super) fn people(form: &Fields) -> Result<Vec<Value>, Problem> {
    let wrong = |_| Problem::invalid("Participant", "not an object of JSON");
    form.all("Participant").iter().map(|text| serde_json::from_str(text).map_err(wrong)).collect()
}
