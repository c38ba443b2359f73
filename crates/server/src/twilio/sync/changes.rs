//! What happened to an object after an event: the one place that Sync's news come from, live and after any gap alike.

use confab_domain::row::NonChatRow;
use confab_domain::{Actor, DomainError, DomainResult, Read, answer};
use confab_protocol::method::{
    ConversationGetParams, ConversationParams, EventReplayParams, ParticipantListParams, UserGetParams,
};
use confab_protocol::model::{Conversation, Message, User};
use confab_protocol::{
    Answer, Call, Change, ConversationSid, ErrorCode, LogEvent, Timestamp, UserSid, WireError,
};
use serde_json::{Value, json};

use super::rows;
use crate::clock;
use crate::twilio::sids::Object;

/// Events looked at in one turn.
const TURN: usize = 100;

/// Something that happened to an object.
pub(super) struct Event {
    /// What, in the words of the client.
    pub(super) kind: &'static str,
    /// Its id, greater than those before it.
    pub(super) id: u64,
    /// When.
    pub(super) at: Timestamp,
    /// Which item, when it happened to one.
    pub(super) item: Value,
    /// What the item or the document holds now.
    pub(super) data: Value,
}

/// What was found of an object.
pub(super) enum Found {
    /// Events, in order, and the id up to which they are all that there were.
    News { events: Vec<Event>, position: u64, more: bool },
    /// A user as they are, and the newest commit then.
    User { user: Box<User>, commit: u64 },
    /// It is deleted, with this as its last id.
    Deleted(u64),
    /// It is not for the one who asks.
    Denied,
}

/// What happened to an object after an id, as far as the actor may see it. Without an id only where it stands.
pub(super) fn changes(
    actor: &Actor,
    object: Object,
    after: Option<u64>,
    read: &dyn Read,
) -> DomainResult<Found> {
    let found = match object {
        Object::Conversations(user) if user == actor.user => own_rows(actor, after, read),
        Object::Conversations(_) => Ok(Found::Denied),
        Object::User(user) => profile(actor, user, read),
        Object::Conversation(sid) => document(actor, sid, after, read),
        Object::Messages(sid) => messages(actor, sid, after, read),
        Object::Roster(sid) => roster(actor, sid, after, read),
    };
    match found {
        Err(DomainError::Refused(error)) if error.code == ErrorCode::NotFound => denied(object, read),
        found => found,
    }
}

fn denied(object: Object, read: &dyn Read) -> DomainResult<Found> {
    let row = object.conversation().map(|sid| read.conversation(sid)).transpose()?.flatten();
    let deleted = row.filter(|row| row.deleted_at.is_some());
    Ok(deleted.map_or(Found::Denied, |row| Found::Deleted(row.head.last_seq)))
}

/// Where an object stands when nothing of it was asked for.
fn stands(position: u64) -> DomainResult<Found> {
    Ok(Found::News { events: Vec::new(), position, more: false })
}

fn own_rows(actor: &Actor, after: Option<u64>, read: &dyn Read) -> DomainResult<Found> {
    let head = confab_domain::tail::end(read)?;
    let Some(after) = after else { return stands(head) };
    let rows = read.own_rows_moved(actor.user, after, TURN)?;
    let (more, last) = (rows.len() == TURN, rows.last().map(|row| row.moved));
    let events = rows.iter().map(|row| Event {
        kind: if row.is_joined() { "map_item_added" } else { "map_item_removed" },
        id: row.moved,
        at: row.left_at.unwrap_or_else(clock::now),
        item: row.conversation.to_string().into(),
        data: rows::own(row),
    });
    let position = last.filter(|_| more).unwrap_or(head).max(after);
    Ok(Found::News { events: events.collect(), position, more })
}

fn profile(actor: &Actor, user: UserSid, read: &dyn Read) -> DomainResult<Found> {
    let call = Call::UserGet(UserGetParams { identities: Vec::new(), users: vec![user] });
    let Answer::UserGet(found) = answer(actor, &call, clock::now(), read)? else { return Err(strange()) };
    let commit = confab_domain::tail::end(read)?;
    Ok(found
        .users
        .into_iter()
        .next()
        .map_or(Found::Denied, |user| Found::User { user: Box::new(user), commit }))
}

/// A conversation that the actor is in, or may come into.
pub(super) fn conversation(
    actor: &Actor,
    sid: ConversationSid,
    read: &dyn Read,
) -> DomainResult<Conversation> {
    let get = Call::ConversationGet(ConversationGetParams { conversation: Some(sid), unique_name: None });
    if let Ok(Answer::ConversationGet(found)) = answer(actor, &get, clock::now(), read)
        && let Some(conversation) = found.summary.conversation
    {
        return Ok(conversation);
    }
    let peek = Call::ConversationPeek(ConversationParams { conversation: sid });
    let Answer::ConversationPeek(found) = answer(actor, &peek, clock::now(), read)? else {
        return Err(strange());
    };
    Ok(found.conversation)
}

fn document(actor: &Actor, sid: ConversationSid, after: Option<u64>, read: &dyn Read) -> DomainResult<Found> {
    let row = conversation(actor, sid, read)?;
    let position = row.version;
    if after.is_none_or(|after| after >= position) {
        return stands(position.max(after.unwrap_or(0)));
    }
    let (kind, data) = ("document_updated", rows::conversation(&row));
    let event = Event { kind, id: position, at: row.date_updated, item: Value::Null, data };
    Ok(Found::News { events: vec![event], position, more: false })
}

fn messages(actor: &Actor, sid: ConversationSid, after: Option<u64>, read: &dyn Read) -> DomainResult<Found> {
    let Some(after) = after else { return stands(conversation(actor, sid, read)?.version) };
    let (from, count) = (Some(after.saturating_add(1)), Some(TURN as u64));
    let call = Call::EventReplay(EventReplayParams { conversation: sid, from, to: None, count });
    let Answer::EventReplay(found) = answer(actor, &call, clock::now(), read)? else { return Err(strange()) };
    let position = found.to.max(after);
    let more = position == after.saturating_add(TURN as u64);
    let events = found.events.iter().filter_map(of_message).collect();
    Ok(Found::News { events, position, more })
}

/// What an event of the log is to the list. Of what was removed since nothing is told but that.
fn of_message(event: &LogEvent) -> Option<Event> {
    let told = |kind, message: &Message| Event {
        kind,
        id: event.seq,
        at: event.at,
        item: message.index.into(),
        data: rows::message(message),
    };
    match &event.change {
        Change::MessageAdded(message) if !message.removed => Some(told("list_item_added", message)),
        Change::MessageEdited(message) if !message.removed => Some(told("list_item_updated", message)),
        Change::MessageRemoved(message) => Some(told("list_item_removed", message)),
        _ => None,
    }
}

fn roster(actor: &Actor, sid: ConversationSid, after: Option<u64>, read: &dyn Read) -> DomainResult<Found> {
    let limit = u32::try_from(TURN).ok();
    let params = ParticipantListParams { conversation: sid, after_version: after, after: None, limit };
    let call = Call::ParticipantList(params);
    let Answer::ParticipantList(found) = answer(actor, &call, clock::now(), read)? else {
        return Err(strange());
    };
    let Some(after) = after else { return stands(found.as_of) };
    let others = read.non_chat_changes(sid, after, TURN)?;
    let ends = [
        found.participants.last().map(|row| row.version).filter(|_| found.more),
        others.last().map(|row| row.version).filter(|_| others.len() == TURN),
    ];
    // Up to where both are known: what comes behind that is of a later turn.
    let end = ends.into_iter().flatten().min();
    let events = found.participants.iter().map(|row| Event {
        // Whoever holds the row takes this as a change of it.
        kind: if rows::is_in(row) { "map_item_added" } else { "map_item_removed" },
        id: row.version,
        at: row.date_updated,
        item: row.sid.to_string().into(),
        data: rows::participant(row),
    });
    let position = end.unwrap_or(found.as_of).max(after);
    let mut events: Vec<Event> = events.chain(others.iter().map(of_other_means)).collect();
    events.retain(|event| event.id <= position);
    events.sort_by_key(|event| event.id);
    Ok(Found::News { events, position, more: end.is_some() })
}

/// What a record of somebody who takes part by other means is to the roster's map.
fn of_other_means(row: &NonChatRow) -> Event {
    Event {
        kind: if row.removed { "map_item_removed" } else { "map_item_added" },
        id: row.version,
        at: row.date_updated,
        item: row.sid.to_string().into(),
        data: rows::by_other_means(row),
    }
}

fn strange() -> DomainError {
    WireError::new(ErrorCode::Internal).into()
}

/// How an event goes out.
pub(super) fn written(object: Object, sid: &str, event: &Event) -> Value {
    let (form, revision) = (object.form().name(), event.id.to_string());
    let mut body = json!({ "id": event.id, "date_created": crate::twilio::dates::exact(event.at) });
    body[format!("{form}_sid")] = sid.into();
    body[format!("{form}_revision")] = revision.as_str().into();
    if form == "document" {
        body["document_data"] = event.data.clone();
        return body;
    }
    body[if form == "list" { "item_index" } else { "item_key" }] = event.item.clone();
    body["item_data"] = event.data.clone();
    body["item_revision"] = revision.into();
    body["date_expires"] = Value::Null;
    body
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{NonChatAddParams, NonChatRemoveParams};
    use confab_testkit::World;

    use super::*;

    /// Somebody at an address is added and taken away again.
    fn come_and_go(world: &mut World, conversation: ConversationSid, number: usize) {
        let (olga, client_id, address) = (world.owner.clone(), world.client_id(), format!("+47 {number}"));
        let add = NonChatAddParams {
            client_id,
            conversation,
            kind: "sms".to_owned(),
            address,
            proxy_address: None,
            name: None,
            level: None,
            attributes: None,
        };
        let Ok(Answer::NonChatAdd(added)) = world.call(&olga, &Call::NonChatAdd(add)) else {
            panic!("not added")
        };
        let (client_id, participant) = (world.client_id(), added.participant.sid);
        let remove = NonChatRemoveParams { client_id, conversation, participant };
        world.call(&olga, &Call::NonChatRemove(remove)).unwrap();
    }

    #[test]
    fn a_long_roster_is_told_in_turns_each_item_once_and_in_order_whoever_it_is_of() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let people = TURN + TURN / 2;
        for number in 0..people {
            come_and_go(&mut world, room, number);
            // At first only the ones, then only the others: a turn ends where either list does.
            if number >= TURN {
                let person = world.user(&format!("Person {number}"));
                world.add(&olga, room, &person);
            }
        }
        let (mut after, mut told) = (0, Vec::new());
        loop {
            let found = changes(&olga, Object::Roster(room), Some(after), &world.store).unwrap();
            let Found::News { events, position, more } = found else { panic!("no news") };
            told.extend(events.iter().map(|event| (event.id, event.kind)));
            assert!(told.last().is_none_or(|(id, _)| *id <= position) && (position > after || !more));
            after = position;
            if !more {
                break;
            }
        }
        assert_eq!(after, world.store.conversation(room).unwrap().unwrap().head.roster_version);
        assert!(told.is_sorted_by_key(|(id, _)| *id), "{told:?}");
        let gone = told.iter().filter(|(_, kind)| *kind == "map_item_removed").count();
        assert_eq!((gone, told.len()), (people, people + 1 + TURN / 2));
    }
}
