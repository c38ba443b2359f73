//! What must hold when everything has come to rest.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::Event;
use confab_core::command::Command;
use confab_core::stored::{Action, EntryState};
use confab_core::view::ConnectionState;
use confab_domain::Read;
use confab_domain::row::MessageRow;
use confab_domain::store::Order;
use confab_domain::unread::unread;
use confab_protocol::model::NotificationLevel;
use confab_protocol::{ClientId, ConversationSid};

use crate::world::World;

type Check<T = ()> = Result<T, String>;

macro_rules! ensure {
    ($condition:expr, $($text:tt)*) => {
        if !$condition {
            return Err(format!($($text)*));
        }
    };
}

/// Compares clients, server and promises. Gives how many messages stand.
pub(crate) fn at_rest(world: &mut World) -> Check<usize> {
    let truth = messages(world);
    for client in 0..world.clients.len() {
        at_ease(world, client)?;
        promises(world, client, &truth)?;
        list(world, client)?;
        timelines(world, client, &truth)?;
        cache(world, client, &truth)?;
    }
    Ok(truth.values().flatten().filter(|row| !row.removed).count())
}

fn conversations(world: &World) -> BTreeSet<ConversationSid> {
    let users = world.clients.iter().map(|client| client.account.user.sid);
    users.flat_map(|user| world.server.store.joined(user, None, 1_000).expect("memory can be read")).collect()
}

fn messages(world: &World) -> BTreeMap<ConversationSid, Vec<MessageRow>> {
    let rows = |sid| {
        world.server.store.messages(sid, 0..u64::MAX, Order::Ascending, 100_000).expect("memory can be read")
    };
    conversations(world).into_iter().map(|sid| (sid, rows(sid))).collect()
}

fn at_ease(world: &World, at: usize) -> Check {
    let client = &world.clients[at];
    ensure!(client.is_up(), "{} is not up", client.name);
    ensure!(client.screen.connection == ConnectionState::Connected, "{} is not connected", client.name);
    let waiting = client.disk.outbox.waiting();
    ensure!(waiting.is_empty(), "{} still has to send {waiting:?}", client.name);
    Ok(())
}

/// Every message that was safe in the outbox stands once, in the order of its device, or is refused, or was taken back.
fn promises(world: &World, at: usize, truth: &BTreeMap<ConversationSid, Vec<MessageRow>>) -> Check {
    let client = &world.clients[at];
    let mut places: BTreeMap<ClientId, Vec<(ConversationSid, u64)>> = BTreeMap::new();
    for row in truth.values().flatten().filter(|row| row.user == client.account.user.sid) {
        places.entry(row.client_id).or_default().push((row.conversation, row.index));
    }
    let mut last: BTreeMap<ConversationSid, (u64, u64)> = BTreeMap::new();
    let mut promised: Vec<_> = client.disk.promised.values().collect();
    promised.sort_by_key(|entry| entry.order);
    for entry in promised {
        let id = entry.client_id;
        let Some(found) = places.get(&id) else {
            let refused = client
                .disk
                .outbox
                .entries
                .get(&id)
                .is_some_and(|e| matches!(e.state, EntryState::Refused { .. }));
            let Action::Send { place, .. } = &entry.action else { continue };
            ensure!(
                refused || client.withdrawn.contains(&id) || lost_access(world, at, place),
                "{} lost message {id}",
                client.name
            );
            continue;
        };
        ensure!(found.len() == 1, "message {id} stands {} times", found.len());
        if client.retried.contains(&id) {
            continue;
        }
        let (conversation, index) = found[0];
        let before = last.insert(conversation, (entry.order, index));
        ensure!(
            before.is_none_or(|(order, before)| order < entry.order && before < index),
            "{} sent {id} after one that now stands behind it",
            client.name
        );
    }
    Ok(())
}

/// The conversation is not among those that can be looked at: nobody here is in it any more.
fn lost_access(world: &World, at: usize, place: &confab_core::Key) -> bool {
    let user = world.clients[at].account.user.sid;
    match place {
        confab_core::Key::Sid(sid) => {
            world.server.store.membership(user, *sid).ok().flatten().is_none_or(|row| !row.is_joined())
        }
        confab_core::Key::Made(_) => false,
    }
}

/// The list shows every conversation that one is in, with its name and an exact count.
fn list(world: &World, at: usize) -> Check {
    let client = &world.clients[at];
    let store = &world.server.store;
    let user = client.account.user.sid;
    let joined: BTreeSet<_> =
        store.joined(user, None, 1_000).expect("memory can be read").into_iter().collect();
    let shown: BTreeMap<String, _> = client
        .screen
        .rows
        .values()
        .filter(|row| !row.left)
        .filter_map(|row| Some((row.sid.clone()?, row)))
        .collect();
    let names: BTreeSet<String> = joined.iter().map(ToString::to_string).collect();
    let seen: BTreeSet<String> = shown.keys().cloned().collect();
    let rows: Vec<_> =
        client.screen.rows.values().map(|row| (&row.key, &row.sid, row.unread, row.left)).collect();
    ensure!(
        rows.iter().filter(|row| !row.3).count() == seen.len(),
        "{} sees a conversation twice: {rows:?}",
        client.name
    );
    ensure!(names == seen, "{} sees {seen:?} and is in {names:?}", client.name);
    let mut total = 0;
    for sid in joined {
        let row = shown[&sid.to_string()];
        let conversation = store.conversation(sid).expect("memory can be read").expect("a conversation");
        let own = store.membership(user, sid).expect("memory can be read").expect("a membership");
        let count = unread(store, &own, &conversation).expect("memory can be read");
        let name = conversation.friendly_name.unwrap_or_default();
        ensure!(row.name == name, "{} sees the name {} instead of {name}", client.name, row.name);
        ensure!(
            (row.unread, row.mentions) == (count.unread, count.mentions),
            "{} sees {} unread in {sid} instead of {}",
            client.name,
            row.unread,
            count.unread
        );
        ensure!(
            row.participants_count == conversation.head.participants_count,
            "{} miscounts the people of {sid}",
            client.name
        );
        ensure!(row.notification_level == own.level, "{} has another level in {sid}", client.name);
        let last = store.last_live_message(sid, 0..u64::MAX).expect("memory can be read");
        let body = last.and_then(|row| row.body);
        ensure!(row.preview == body, "{} previews {:?} instead of {body:?}", client.name, row.preview);
        if own.level != NotificationLevel::Muted {
            total += count.unread;
        }
    }
    ensure!(
        client.screen.unread_total == total,
        "{} shows {} on the badge instead of {total}",
        client.name,
        client.screen.unread_total
    );
    Ok(())
}

/// Each conversation, opened and read back to its beginning, shows exactly the messages that stand.
fn timelines(world: &mut World, at: usize, truth: &BTreeMap<ConversationSid, Vec<MessageRow>>) -> Check {
    let rows: Vec<_> = world.clients[at].screen.rows.values().filter(|row| !row.left).cloned().collect();
    for row in rows {
        let Some(sid) = row.sid.as_ref().and_then(|sid| sid.parse::<ConversationSid>().ok()) else {
            continue;
        };
        ask(world, at, Command::Open { conversation: None })?;
        ask(world, at, Command::Open { conversation: Some(row.key.clone()) })?;
        for _ in 0..50 {
            if !world.clients[at].screen.ends.has_older {
                break;
            }
            ask(world, at, Command::LoadOlder)?;
        }
        let client = &world.clients[at];
        let shown: Vec<_> = client
            .screen
            .sent()
            .iter()
            .filter_map(|row| Some((row.index?, row.body.clone(), row.author.clone())))
            .collect();
        let live = truth[&sid].iter().filter(|row| !row.removed);
        let stands: Vec<_> =
            live.map(|row| (row.index, row.body.clone().unwrap_or_default(), row.author.clone())).collect();
        ensure!(shown == stands, "{} shows {shown:?} in {sid} instead of {stands:?}", client.name);
        let failed = client.screen.failed().len();
        let refused = client.disk.outbox.entries.values().filter(|entry| {
            let here = entry.action.place().is_some_and(|place| place.to_string() == row.key);
            here && matches!((&entry.state, &entry.action), (EntryState::Refused { .. }, Action::Send { .. }))
        });
        ensure!(failed == refused.count(), "{} does not show what was refused in {sid}", client.name);
    }
    Ok(())
}

/// The cache holds nothing that the server has not, and nothing of conversations that one has lost.
fn cache(world: &World, at: usize, truth: &BTreeMap<ConversationSid, Vec<MessageRow>>) -> Check {
    let client = &world.clients[at];
    let joined = world.server.store.joined(client.account.user.sid, None, 1_000).expect("memory can be read");
    for ((sid, index), held) in &client.disk.cache().messages {
        ensure!(joined.contains(sid), "{} keeps a message of {sid}, which is closed to it", client.name);
        let row = truth[sid].iter().find(|row| row.index == *index);
        let same =
            row.is_some_and(|row| (row.sid, row.version, &row.body) == (held.sid, held.version, &held.body));
        ensure!(same, "{} keeps another message {index} of {sid} than stands", client.name);
    }
    Ok(())
}

fn ask(world: &mut World, at: usize, command: Command) -> Check {
    world.feed(at, Event::Command { ticket: 0, command });
    let end = world.now.plus(20_000);
    world.run_until(|world| world.now >= end)
}
