//! Each conversation, opened and read back to its beginning, shows exactly the messages that stand and may be seen, what was
//! refused in its place, and who is in it.

use std::collections::BTreeSet;

use confab_core::Key;
use confab_core::command::Command;
use confab_core::stored::{Action, EntryState};
use confab_domain::visible::visible;
use confab_protocol::ConversationSid;

use super::{Truth, ask, people};
use crate::promise::{Kept, ensure};
use crate::world::World;

/// Pages of a conversation at most.
const PAGES: usize = 60;

pub(super) fn are_equal(world: &mut World, at: usize, truth: &Truth) -> Kept {
    let rows: Vec<_> = world.clients[at].screen.rows.values().cloned().collect();
    let mut failed = BTreeSet::new();
    for row in rows {
        ask(world, at, Command::Open { conversation: None })?;
        ask(world, at, Command::Open { conversation: Some(row.key.clone()) })?;
        for _ in 0..PAGES {
            if !world.clients[at].screen.ends.has_older {
                break;
            }
            ask(world, at, Command::LoadOlder)?;
        }
        failed.extend(world.clients[at].screen.failed().into_iter().map(|row| row.key.clone()));
        let sid = row.sid.as_ref().and_then(|sid| sid.parse::<ConversationSid>().ok());
        if let Some(sid) = sid.filter(|_| !row.left) {
            messages(world, at, sid, truth)?;
            people::are_equal(world, at, sid)?;
            people::rights_are_equal(world, at, sid)?;
        }
    }
    refused(world, at, &failed)
}

fn messages(world: &World, at: usize, sid: ConversationSid, truth: &Truth) -> Kept {
    let client = &world.clients[at];
    let store = world.server.read();
    let conversation = store.conversation(sid).expect("the store can be read").expect("a conversation");
    let me = store.membership(client.account.user.sid, sid).expect("the store can be read");
    let seen = visible(store, me.as_ref(), &conversation).expect("the store can be read");
    let sent = client.screen.sent();
    let shown: Vec<_> = sent
        .iter()
        .filter_map(|row| {
            let files: Vec<String> = row.media.iter().map(|file| file.sid.clone()).collect();
            Some((row.index?, row.body.as_str(), row.author.as_str(), files))
        })
        .collect();
    let live = truth[&sid].iter().filter(|row| !row.removed && seen.holds_index(row.index));
    let stands: Vec<_> = live
        .map(|row| {
            (
                row.index,
                edited(world, at, row.client_id).or(row.body.as_deref()).unwrap_or_default(),
                row.author.as_str(),
                row.media.iter().map(|file| file.sid.to_string()).collect::<Vec<_>>(),
            )
        })
        .collect();
    ensure!(Equal, shown == stands, "{} shows {shown:?} in {sid} instead of {stands:?}", client.name);
    Ok(())
}

/// The text of an edit that was refused is shown in the place of the message.
fn edited(world: &World, at: usize, row: confab_protocol::ClientId) -> Option<&str> {
    let entries = world.clients[at].disk.outbox.entries.values();
    let edits = entries.filter_map(|entry| match (&entry.action, &entry.state) {
        (Action::Edit { row: of, body, .. }, EntryState::Refused { .. }) if *of == row => {
            Some((entry.order, body.as_str()))
        }
        _ => None,
    });
    edits.max_by_key(|(order, _)| *order).map(|(_, body)| body)
}

/// What was refused is shown: a message, or a change of one, in its place, whether one is still there or not; anything else in the
/// list of what is stuck. What is left of a conversation that could not be made is tried again and given up with that. And nothing
/// else is shown as refused.
fn refused(world: &World, at: usize, failed: &BTreeSet<String>) -> Kept {
    let client = &world.clients[at];
    let mut rest: BTreeSet<&str> = client.screen.stuck.iter().map(String::as_str).collect();
    let mut rows = BTreeSet::new();
    let unmade = |key: Option<Key>| match key {
        Some(Key::Made(id)) => client.screen.stuck.contains(&id.to_string()),
        _ => false,
    };
    for entry in client.disk.outbox.entries.values() {
        let EntryState::Refused { problem } = &entry.state else { continue };
        let key = entry.client_id.to_string();
        let is_listed = rest.remove(key.as_str());
        let row = match &entry.action {
            Action::Send { .. } => Some(entry.client_id.to_string()),
            Action::Edit { row, .. } | Action::Remove { row, .. } => Some(row.to_string()),
            _ => None,
        };
        let is_shown =
            is_listed || unmade(entry.action.place()) || row.as_ref().is_some_and(|row| failed.contains(row));
        let (name, code) = (entry.action.name(), &problem.code);
        ensure!(Settled, is_shown, "{} does not show that {name} {key} was refused: {code}", client.name);
        rows.extend(row);
    }
    ensure!(Settled, rest.is_empty(), "{} shows {rest:?} as stuck, which were not refused", client.name);
    let other = failed.difference(&rows).next();
    ensure!(Settled, other.is_none(), "{} shows {other:?} as failed, which was not refused", client.name);
    Ok(())
}
