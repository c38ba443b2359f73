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
use super::reply::{Listed, Reply, Trail, page_of};
use super::{Place, Route, Scope, find, settings, shape};
use crate::twilio::problem::Problem;
use confab_domain::account::SYSTEM;

/// Fields of a conversation.
const FIELDS: &[&str] = &[
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

/// Conversations that are looked at for one page when only some of them are wanted: the next page goes on behind them.
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
    refuse_bindings(form)?;
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
    let found = ask.read(move |read| found(after, (size + 1, LOOKED_AT), &wanted, &place, read)).await?;
    page_of(&ask, "conversations", &trail, found.listed, found.looked_to)
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

/// What a list came to.
struct Found {
    listed: Vec<Listed>,
    /// The last that was looked at, when there may be more behind it.
    looked_to: Option<String>,
}

/// Lists so many at most, of so many that are looked at.
fn found(
    mut after: Option<ConversationSid>,
    (most, looked_at): (usize, usize),
    wanted: &Wanted,
    place: &Place,
    read: &dyn Read,
) -> DomainResult<Found> {
    let (mut listed, mut left, mut is_last) = (Vec::new(), looked_at, false);
    while listed.len() < most && left > 0 && !is_last {
        let step = most.min(left);
        let rows = read.conversations(after, step)?;
        (left, is_last) = (left - rows.len(), rows.len() < step);
        after = rows.last().map(|row| row.sid).or(after);
        let fitting = rows.iter().filter(|row| wanted.holds(row));
        listed.extend(fitting.map(|row| one(row, place)));
    }
    let looked_to = after.filter(|_| !is_last).map(|sid| sid.to_string());
    listed.truncate(most);
    Ok(Found { listed, looked_to })
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
    refuse_bindings(form)?;
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

fn refuse_bindings(form: &Fields) -> Result<(), Problem> {
    form.refuse(&["Bindings."], "this server has no connection to e-mail")
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

#[cfg(test)]
mod tests {
    use confab_testkit::World;
    use confab_testkit::domain::store::{Read as _, Tx as _};

    use super::*;

    #[test]
    fn a_narrowed_list_goes_on_behind_what_was_looked_at() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let mut rooms: Vec<ConversationSid> = (0..10).map(|_| world.conversation(&olga, &[])).collect();
        rooms.sort();
        let closed = [rooms[7], rooms[9]];
        for sid in closed {
            let mut row = world.store.conversation(sid).unwrap().unwrap();
            row.state = ConversationState::Closed;
            world.store.update_conversation(&row).unwrap();
        }
        let (account, service) = (String::new(), String::new());
        let place = Place { account, service, root: String::new(), base: String::new() };
        let wanted = Wanted { state: Some(ConversationState::Closed), from: None, to: None };
        let (mut after, mut pages) = (None, Vec::new());
        loop {
            let Found { listed, looked_to } = found(after, (3, 4), &wanted, &place, &world.store).unwrap();
            pages.push(listed.into_iter().map(|row| row.place).collect::<Vec<_>>());
            let Some(next) = looked_to else { break };
            after = Some(next.parse().unwrap());
        }
        let [seventh, ninth] = closed.map(|sid| sid.to_string());
        assert_eq!(pages, [vec![], vec![seventh], vec![ninth]]);
    }
}
