//! The list shows every conversation that one is in, as the server has it, with exact counts.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::view::ConversationRow;
use confab_domain::Read;
use confab_domain::row::ConversationRow as Stands;
use confab_domain::unread::unread;
use confab_protocol::model::{NotificationLevel, Timers};
use confab_protocol::{ConversationSid, period};
use serde_json::Value;

use crate::promise::{Kept, ensure};
use crate::world::World;

pub(super) fn are_equal(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    let joined = super::joined(world, at);
    let shown: Vec<&ConversationRow> = client.screen.rows.values().filter(|row| !row.left).collect();
    let by_sid: BTreeMap<String, &ConversationRow> =
        shown.iter().filter_map(|row| Some((row.sid.clone()?, *row))).collect();
    let unmade = shown.iter().filter(|row| row.sid.is_none()).count();
    let rows: Vec<_> = shown.iter().map(|row| (&row.key, &row.sid, &row.name)).collect();
    ensure!(
        Equal,
        by_sid.len() + unmade == shown.len(),
        "{} sees a conversation twice: {rows:?}",
        client.name
    );
    ensure!(
        Settled,
        unmade == failed_makings(&shown),
        "{} still makes a conversation: {rows:?}",
        client.name
    );
    let names: BTreeSet<String> = joined.iter().map(ToString::to_string).collect();
    let seen: BTreeSet<String> = by_sid.keys().cloned().collect();
    ensure!(Equal, names == seen, "{} sees {seen:?} and is in {names:?}", client.name);
    settings_are_equal(world, at)?;
    let mut total = (0, 0);
    for sid in joined {
        let (unread, mentions) = row_is_equal(world, at, sid, by_sid[&sid.to_string()])?;
        total = (total.0 + unread, total.1 + mentions);
    }
    let shown = client.screen.total;
    ensure!(Counted, shown == total, "{} shows {shown:?} on the badge instead of {total:?}", client.name);
    Ok(())
}

fn settings_are_equal(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    let rows = world.server.read().setting_changes(client.account.user.sid, 0, 1_000);
    let rows = rows.expect("the store can be read").into_iter();
    let stand: BTreeMap<String, Value> =
        rows.filter_map(|row| Some((row.key, serde_json::from_str(&row.value?).expect("a value")))).collect();
    let shown = &client.screen.settings;
    ensure!(Equal, *shown == stand, "{} has the settings {shown:?} instead of {stand:?}", client.name);
    Ok(())
}

fn failed_makings(shown: &[&ConversationRow]) -> usize {
    shown.iter().filter(|row| row.sid.is_none() && row.failed).count()
}

/// Gives what the row adds to the badge: unread messages, and mentions among them.
fn row_is_equal(world: &World, at: usize, sid: ConversationSid, row: &ConversationRow) -> Kept<(u64, u64)> {
    let client = &world.clients[at];
    let store = world.server.read();
    let user = client.account.user.sid;
    let conversation = store.conversation(sid).expect("the store can be read").expect("a conversation");
    let own = store.membership(user, sid).expect("the store can be read").expect("a membership");
    let count = unread(store, &own, &conversation).expect("the store can be read");
    kind_is_equal(world, at, row, &conversation)?;
    let name = conversation.friendly_name.unwrap_or_default();
    ensure!(
        Equal,
        row.name == name || conversation.direct,
        "{} sees the name {} instead of {name}",
        client.name,
        row.name
    );
    ensure!(
        Counted,
        (row.unread, row.mentions) == (count.unread, count.mentions),
        "{} sees {} unread and {} mentions in {sid} instead of {count:?}",
        client.name,
        row.unread,
        row.mentions
    );
    let people = conversation.head.participants_count;
    ensure!(Equal, row.participants_count == people, "{} miscounts the people of {sid}", client.name);
    ensure!(Equal, row.notification_level == own.level, "{} has another level in {sid}", client.name);
    let draft =
        store.draft(user, sid).expect("the store can be read").map_or_else(String::new, |row| row.body);
    ensure!(
        Equal,
        row.draft == draft,
        "{} has the draft {:?} in {sid} instead of {draft:?}",
        client.name,
        row.draft
    );
    ensure!(Equal, row.role == own.role, "{} has another role in {sid}", client.name);
    let seen = confab_domain::visible::visible(store, Some(&own), &conversation_again(store, sid));
    let seen = seen.expect("the store can be read");
    let mut last = None;
    for part in seen.within(0..u64::MAX >> 1).rev() {
        last = last.or(store.last_live_message(sid, part).expect("the store can be read"));
    }
    let line = last.map(|last| line_of(&last));
    if !row.failed {
        ensure!(Equal, row.preview == line, "{} previews {:?} instead of {line:?}", client.name, row.preview);
    }
    let counted = if own.level == NotificationLevel::Muted { 0 } else { count.unread };
    Ok((counted, count.mentions))
}

/// What stands for a message in the list.
fn line_of(row: &confab_domain::row::MessageRow) -> String {
    let body = row.body.clone().filter(|body| !body.is_empty());
    body.or_else(|| row.media.first()?.file_name.clone()).unwrap_or_default()
}

/// Of what kind it is, where it stands in its life, and with whom it is, when it is one of two.
fn kind_is_equal(world: &World, at: usize, row: &ConversationRow, stands: &Stands) -> Kept {
    let client = &world.clients[at];
    let timers = Timers {
        inactive: stands.timers.inactive.map(period::write),
        closed: stands.timers.closed.map(period::write),
    };
    let shown = (&row.unique_name, row.public_join, row.uber, row.state, &row.timers);
    let stand = (&stands.unique_name, stands.public_join, stands.uber, stands.state, &timers);
    ensure!(Equal, shown == stand, "{} sees {shown:?} of {} instead of {stand:?}", client.name, stands.sid);
    let pair = world.server.read().participants(stands.sid, None, 3).expect("the store can be read");
    let mut others = pair.into_iter().filter(|other| other.user != client.account.user.sid);
    let peer = others.next().filter(|_| stands.direct).map(|other| other.identity);
    ensure!(
        Equal,
        row.peer == peer,
        "{} sees {:?} across in {} instead of {peer:?}",
        client.name,
        row.peer,
        stands.sid
    );
    Ok(())
}

fn conversation_again(store: &dyn Read, sid: ConversationSid) -> confab_domain::row::ConversationRow {
    store.conversation(sid).expect("the store can be read").expect("a conversation")
}
