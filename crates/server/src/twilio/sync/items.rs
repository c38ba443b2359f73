//! `GET v3/Maps|Lists/{name or SID}/Items`: items of an object, in pages or one by one.

use confab_domain::row::MembershipRow;
use confab_domain::{Actor, DomainError, DomainResult, Read, answer};
use confab_protocol::method::{Direction, MessagePageParams, ParticipantListParams};
use confab_protocol::model::{Message, Participant};
use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, ParticipantSid, UserSid, WireError, limits};
use serde_json::{Value, json};

use super::changes::{Found, changes};
use super::open::{item, named, user_items};
use super::page::{Cut, Page};
use super::{no_object, rows};
use crate::clock;
use crate::twilio::client::{Caller, Reply};
use crate::twilio::problem::Problem;
use crate::twilio::sids::Object;
use crate::twilio::wire::Request;

/// Items as the request wants them.
///
/// # Errors
/// There is no such object, it is not for the one who asks, or the request cannot be read.
pub(in crate::twilio) async fn items(
    caller: &Caller,
    form: &str,
    name: &str,
    request: &Request,
) -> Result<Reply, Problem> {
    let object = named(caller, form, name)?;
    let page = Page::read(request)?;
    let key = request.param("Key").map(str::to_owned);
    match object {
        Object::Conversations(user) if user == caller.actor.user => {
            conversations(caller, user, page, key).await
        }
        Object::Conversations(_) | Object::Conversation(_) => Err(no_object()),
        Object::User(_) => profile(caller, object, &page, key).await,
        Object::Messages(sid) => messages(caller, sid, &page, request.param("Index")).await,
        Object::Roster(sid) => roster(caller, sid, page, key).await,
    }
}

fn reply(items: &[Value], previous: Option<&str>, next: Option<&str>) -> Reply {
    Reply::ok(json!({ "items": items, "meta": { "previous_token": previous, "next_token": next } }))
}

/// One key, when only that was asked for.
fn only(page: Page, key: Option<&String>) -> Page {
    match key {
        Some(key) => Page { size: 1, from: Some(key.clone()), ..page },
        None => page,
    }
}

async fn conversations(
    caller: &Caller,
    user: UserSid,
    page: Page,
    key: Option<String>,
) -> Result<Reply, Problem> {
    let page = only(page, key.as_ref());
    let cut = caller.read(move |read: &dyn Read| {
        let all = read.joined(user, None, limits::CONVERSATIONS_PER_USER)?;
        let Cut { items, previous, next } = page.cut(&all, ToString::to_string);
        let rows = items.into_iter().map(|sid| read.membership(user, sid)).collect::<Result<Vec<_>, _>>()?;
        Ok(Cut { items: rows.into_iter().flatten().collect::<Vec<_>>(), previous, next })
    });
    let cut = cut.await?;
    let wanted = |row: &&MembershipRow| key.as_ref().is_none_or(|key| *key == row.conversation.to_string());
    let object = Object::Conversations(user);
    let shown = |row: &MembershipRow| {
        item(caller, object, row.conversation.to_string().into(), row.moved, &rows::own(row))
    };
    let items: Vec<Value> = cut.items.iter().filter(wanted).map(shown).collect();
    Ok(one_or_page(&items, &cut, key.is_some()))
}

/// What was asked for by its key is no page.
fn one_or_page<T>(items: &[Value], cut: &Cut<T>, is_one: bool) -> Reply {
    if is_one { reply(items, None, None) } else { reply(items, cut.previous.as_deref(), cut.next.as_deref()) }
}

async fn profile(
    caller: &Caller,
    object: Object,
    page: &Page,
    key: Option<String>,
) -> Result<Reply, Problem> {
    let actor = caller.actor.clone();
    let found = caller.read(move |read: &dyn Read| changes(&actor, object, None, read)).await?;
    let Found::User { user, commit } = found else { return Err(no_object()) };
    let mut items = user_items(caller, &user, commit).await;
    let name = |item: &Value| item["key"].as_str().unwrap_or_default().to_owned();
    items.sort_by_key(name);
    if let Some(key) = key {
        items.retain(|item| name(item) == key);
        return Ok(reply(&items, None, None));
    }
    let cut = page.cut(&items, name);
    Ok(one_or_page(&cut.items, &cut, false))
}

async fn roster(
    caller: &Caller,
    sid: ConversationSid,
    page: Page,
    key: Option<String>,
) -> Result<Reply, Problem> {
    let (actor, page) = (caller.actor.clone(), only(page, key.as_ref()));
    let cut = caller.read(move |read: &dyn Read| {
        Ok(page.cut(&seats(&actor, sid, read)?, |seat: &Seat| seat.key.clone()))
    });
    let cut = cut.await?;
    let wanted = |seat: &&Seat| key.as_ref().is_none_or(|key| *key == seat.key);
    let object = Object::Roster(sid);
    let shown = |seat: &Seat| item(caller, object, seat.key.as_str().into(), seat.version, &seat.data);
    let items: Vec<Value> = cut.items.iter().filter(wanted).map(shown).collect();
    Ok(one_or_page(&items, &cut, key.is_some()))
}

/// An item of a roster.
#[derive(Clone)]
struct Seat {
    key: String,
    version: u64,
    data: Value,
}

/// Everybody who takes part in a conversation, by whatever means, by SID.
fn seats(actor: &Actor, sid: ConversationSid, read: &dyn Read) -> DomainResult<Vec<Seat>> {
    let seat = |sid: ParticipantSid, version, data| Seat { key: sid.to_string(), version, data };
    let people = participants(actor, sid, read)?;
    let mut all: Vec<Seat> =
        people.iter().map(|row| seat(row.sid, row.version, rows::participant(row))).collect();
    let others = read.non_chat(sid, limits::NON_CHAT_PARTICIPANTS)?;
    all.extend(others.iter().map(|row| seat(row.sid, row.version, rows::by_other_means(row))));
    all.sort_by(|one, other| one.key.cmp(&other.key));
    Ok(all)
}

/// Everybody who is in a conversation, by SID.
fn participants(actor: &Actor, sid: ConversationSid, read: &dyn Read) -> DomainResult<Vec<Participant>> {
    let mut all: Vec<Participant> = Vec::new();
    loop {
        let after = all.last().map(|row| row.sid);
        let params = ParticipantListParams { conversation: sid, after_version: None, after, limit: None };
        let call = Call::ParticipantList(params);
        let Answer::ParticipantList(found) = answer(actor, &call, clock::now(), read)? else {
            return Err(strange());
        };
        all.extend(found.participants);
        if !found.more {
            return Ok(all);
        }
    }
}

async fn messages(
    caller: &Caller,
    sid: ConversationSid,
    page: &Page,
    index: Option<&str>,
) -> Result<Reply, Problem> {
    let object = Object::Messages(sid);
    let number = |text: &str| text.parse::<u64>().map_err(|_| Problem::invalid("Index", "not a number"));
    let actor = caller.actor.clone();
    let shown = |message: &Message| {
        item(caller, object, message.index.into(), message.version, &rows::message(message))
    };
    if let Some(index) = index.map(number).transpose()? {
        let read = move |read: &dyn Read| live(&actor, sid, Some(index), Direction::Forward, 1, read);
        let found = caller.read(read).await?;
        let items: Vec<Value> = found.iter().filter(|message| message.index == index).map(shown).collect();
        return Ok(reply(&items, None, None));
    }
    let anchor = page.from.as_deref().map(number).transpose()?;
    let (direction, size) = (direction(page.descending), page.size);
    let found = caller.read(move |read: &dyn Read| {
        let ahead = live(&actor, sid, anchor, direction, size + 1, read)?;
        // Whether there is something on the other side of the first one, and where a page there begins.
        let behind = match (anchor, ahead.first()) {
            (None, _) => Vec::new(),
            (Some(anchor), first) => match before(first.map_or(anchor, |first| first.index), direction) {
                Some(from) => live(&actor, sid, Some(from), turned(direction), size, read)?,
                None => Vec::new(),
            },
        };
        Ok((ahead, behind))
    });
    let (mut ahead, behind) = found.await?;
    let next = ahead.get(size).map(|message| page.token(&message.index.to_string()));
    let previous = behind.last().map(|message| page.token(&message.index.to_string()));
    ahead.truncate(size);
    let items: Vec<Value> = ahead.iter().map(shown).collect();
    Ok(reply(&items, previous.as_deref(), next.as_deref()))
}

fn direction(descending: bool) -> Direction {
    if descending { Direction::Backwards } else { Direction::Forward }
}

fn turned(direction: Direction) -> Direction {
    match direction {
        Direction::Backwards => Direction::Forward,
        Direction::Forward => Direction::Backwards,
    }
}

/// The index from which one looks the other way; none: nothing is there.
fn before(index: u64, direction: Direction) -> Option<u64> {
    match direction {
        Direction::Backwards => index.checked_add(1),
        Direction::Forward => index.checked_sub(1),
    }
}

/// Messages that are not removed, from an anchor on in a direction, over however many that are.
fn live(
    actor: &Actor,
    sid: ConversationSid,
    mut anchor: Option<u64>,
    direction: Direction,
    count: usize,
    read: &dyn Read,
) -> DomainResult<Vec<Message>> {
    let mut found = Vec::new();
    let limit = u32::try_from(count.min(limits::MESSAGE_PAGE)).ok();
    loop {
        let params = MessagePageParams { conversation: sid, anchor, direction, limit };
        let Answer::MessagePage(page) = answer(actor, &Call::MessagePage(params), clock::now(), read)? else {
            return Err(strange());
        };
        let more = if direction == Direction::Forward { page.has_newer } else { page.has_older };
        let mut messages = page.messages;
        if direction == Direction::Backwards {
            messages.reverse();
        }
        let last = messages.last().map(|message| message.index);
        found.extend(messages.into_iter().filter(|message| !message.removed));
        found.truncate(count);
        let on = last.and_then(|last| before(last, turned(direction)));
        if found.len() == count || !more || on.is_none() {
            return Ok(found);
        }
        anchor = on;
    }
}

fn strange() -> DomainError {
    WireError::new(ErrorCode::Internal).into()
}
