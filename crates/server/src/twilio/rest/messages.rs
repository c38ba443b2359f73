//! `/Conversations/{conversation}/Messages`

use confab_domain::account::SYSTEM;
use confab_domain::row::MessageRow;
use confab_domain::store::Order;
use confab_domain::{DomainResult, Read, Warrant};
use confab_protocol::method::{MessageEditParams, MessageRef, MessageRemoveParams, MessageSendParams};
use confab_protocol::{Answer, Call, ConversationSid, MediaSid, MessageSid, ParticipantSid, limits};

use super::ask::Ask;
use super::conversations::{dated, known, refuse_date_created};
use super::desk::everything;
use super::reply::{Listed, Reply, Trail, page};
use super::{Place, Route, Scope, find, shape};
use crate::twilio::problem::Problem;

const FIELDS: &[&str] =
    &["Author", "Body", "Subject", "Attributes", "MediaSid", "DateCreated", "DateUpdated", "Sid"];
const CHANGES: &[&str] = &["Body", "Subject", "Attributes", "DateUpdated"];

pub(super) const ROUTES: &[Route] = &[
    Route::post("/Conversations/{conversation}/Messages", Scope::Both, "post a message", FIELDS, |ask| {
        Box::pin(create(ask))
    }),
    Route::get("/Conversations/{conversation}/Messages", Scope::Both, "list messages", &["Order"], |ask| {
        Box::pin(list(ask))
    }),
    Route::get(
        "/Conversations/{conversation}/Messages/{message}",
        Scope::Both,
        "fetch a message",
        &[],
        |ask| Box::pin(fetch(ask)),
    ),
    Route::post(
        "/Conversations/{conversation}/Messages/{message}",
        Scope::Both,
        "update a message",
        CHANGES,
        |ask| Box::pin(update(ask)),
    ),
    Route::delete(
        "/Conversations/{conversation}/Messages/{message}",
        Scope::Both,
        "delete a message",
        |ask| Box::pin(delete(ask)),
    ),
];

async fn create(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    if form.has("ContentSid") {
        return Err(Problem::invalid("ContentSid", "this server has no content templates"));
    }
    let media = form.all("MediaSid").iter().map(|text| text.parse::<MediaSid>()).collect::<Result<_, _>>();
    let params = MessageSendParams {
        media: media.map_err(|_| Problem::invalid("MediaSid", "not such an identifier"))?,
        subject: form.owned("Subject"),
        attributes: form.json("Attributes")?,
        ..MessageSendParams::new(Ask::client_id(), conversation, form.text("Body").unwrap_or_default())
    };
    let sid = form.sid::<MessageSid>("Sid")?.map(|sid| sid.0);
    let warrant = Warrant { sid, ..dated(form, &everything())? };
    let author = form.text("Author").filter(|text| !text.is_empty()).unwrap_or(SYSTEM).to_owned();
    let call = ask.before(&author, Call::MessageSend(params)).await?;
    let place = ask.place.clone();
    ask.write(move |desk| {
        if let Some(sid) = sid {
            refuse_known(sid.into(), desk.tx)?;
        }
        let (actor, warrant) = match at_address(conversation, &author, desk.tx)? {
            Some(contact) => (desk.system()?, Warrant { speaks_for: Some(contact), ..warrant.clone() }),
            None => (desk.acting(&author)?, warrant.clone()),
        };
        let Answer::MessageSend(sent) = desk.apply(&actor, &warrant, &call)? else {
            unreachable!("sending answers with what was sent")
        };
        let row = find::message(conversation, &sent.message.sid.to_string(), desk.tx)?;
        Ok(Reply::made(shape::message(&row, &place)))
    })
    .await
}

/// The participant at an address; that is who writes when the author is named by it.
fn at_address(
    conversation: ConversationSid,
    author: &str,
    read: &dyn Read,
) -> DomainResult<Option<ParticipantSid>> {
    let rows = read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS)?;
    Ok(rows.into_iter().find(|row| row.address == author).map(|row| row.sid))
}

fn refuse_known(sid: MessageSid, read: &dyn Read) -> DomainResult<()> {
    if read.message(sid)?.is_some() {
        return Err(known(&sid).into());
    }
    Ok(())
}

async fn list(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    let order = match ask.query.text("Order") {
        None | Some("" | "asc") => Order::Ascending,
        Some("desc") => Order::Descending,
        Some(_) => return Err(Problem::invalid("Order", "neither asc nor desc")),
    };
    let trail = Trail::read(&ask)?;
    let after = trail.after().map(str::parse::<u64>).transpose();
    let after = after.map_err(|_| Problem::invalid("PageToken", "not from an answer"))?;
    let (size, place) = (ask.page_size()?, ask.place.clone());
    let rows = ask.read(move |read| live(conversation, after, order, size + 1, read)).await?;
    let listed =
        rows.iter().map(|row| Listed { place: row.index.to_string(), body: shape::message(row, &place) });
    page(&ask, "messages", &trail, listed.collect())
}

/// Messages that were not removed, behind an index.
pub(super) fn live(
    conversation: ConversationSid,
    mut after: Option<u64>,
    order: Order,
    most: usize,
    read: &dyn Read,
) -> DomainResult<Vec<MessageRow>> {
    let mut live = Vec::new();
    while live.len() < most {
        let range = match (order, after) {
            (Order::Ascending, after) => after.map_or(0, |after| after + 1)..u64::MAX >> 1,
            (Order::Descending, after) => 0..after.unwrap_or(u64::MAX >> 1),
        };
        let rows = read.messages(conversation, range, order, most)?;
        let is_last = rows.len() < most;
        after = rows.last().map(|row| row.index).or(after);
        live.extend(rows.into_iter().filter(|row| !row.removed));
        if is_last {
            break;
        }
    }
    live.truncate(most);
    Ok(live)
}

async fn fetch(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, name) = (ask.conversation().await?, ask.name("message").to_owned());
    let place = ask.place.clone();
    ask.read(move |read| Ok(Reply::found(shape::message(&find::message(conversation, &name, read)?, &place))))
        .await
}

async fn update(ask: Ask) -> Result<Reply, Problem> {
    let (conversation, form) = (ask.conversation().await?, &ask.form);
    refuse_date_created(form)?;
    let row = named(&ask, conversation).await?;
    if form.text("Author").is_some_and(|author| author != row.author) {
        return Err(Problem::invalid("Author", "whoever wrote a message stays its author"));
    }
    let params = MessageEditParams {
        client_id: Ask::client_id(),
        conversation,
        message: MessageRef::Sid(row.sid),
        body: form.owned("Body"),
        subject: form.owned("Subject"),
        attributes: form.json("Attributes")?,
    };
    let nothing = params.body.is_none() && params.subject.is_none() && params.attributes.is_none();
    let warrant = Warrant { updated: form.date("DateUpdated")?, ..everything() };
    let call = ask.before(SYSTEM, Call::MessageEdit(params)).await?;
    let (place, sid): (Place, _) = (ask.place.clone(), row.sid.to_string());
    ask.write(move |desk| {
        if !nothing {
            let system = desk.system()?;
            desk.apply(&system, &warrant, &call)?;
        }
        Ok(Reply::found(shape::message(&find::message(conversation, &sid, desk.tx)?, &place)))
    })
    .await
}

async fn delete(ask: Ask) -> Result<Reply, Problem> {
    let conversation = ask.conversation().await?;
    let message = MessageRef::Sid(named(&ask, conversation).await?.sid);
    let params = MessageRemoveParams { client_id: Ask::client_id(), conversation, message };
    let call = ask.before(SYSTEM, Call::MessageRemove(params)).await?;
    ask.write(move |desk| desk.apply_all(&call).map(drop)).await?;
    Ok(Reply::gone())
}

/// The message that the address names.
pub(super) async fn named(ask: &Ask, conversation: ConversationSid) -> Result<MessageRow, Problem> {
    let name = ask.name("message").to_owned();
    ask.read(move |read| find::message(conversation, &name, read)).await
}
