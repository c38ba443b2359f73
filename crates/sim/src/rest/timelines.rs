//! Each conversation, opened and read back to its beginning, shows exactly the messages that stand and may be seen, what was
//! refused in its place, and who is in it.

use confab_core::command::Command;
use confab_core::stored::{Action, EntryState};
use confab_core::view::ConversationRow;
use confab_domain::visible::visible;
use confab_protocol::ConversationSid;

use super::{Truth, ask, people};
use crate::promise::{Kept, ensure};
use crate::world::World;

/// Pages of a conversation at most.
const PAGES: usize = 60;

pub(super) fn are_equal(world: &mut World, at: usize, truth: &Truth) -> Kept {
    let rows: Vec<_> = world.clients[at].screen.rows.values().filter(|row| !row.left).cloned().collect();
    for row in rows {
        let Some(sid) = row.sid.as_ref().and_then(|sid| sid.parse::<ConversationSid>().ok()) else {
            continue;
        };
        ask(world, at, Command::Open { conversation: None })?;
        ask(world, at, Command::Open { conversation: Some(row.key.clone()) })?;
        for _ in 0..PAGES {
            if !world.clients[at].screen.ends.has_older {
                break;
            }
            ask(world, at, Command::LoadOlder)?;
        }
        messages(world, at, sid, truth)?;
        refused(world, at, &row)?;
        people::are_equal(world, at, sid)?;
        people::rights_are_equal(world, at, sid)?;
    }
    Ok(())
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

fn refused(world: &World, at: usize, row: &ConversationRow) -> Kept {
    let client = &world.clients[at];
    let shown = client.screen.failed().iter().filter(|row| row.index.is_none()).count();
    let refused = client.disk.outbox.entries.values().filter(|entry| {
        let place = entry.action.place().map(|place| place.to_string());
        let here = place.as_ref().is_some_and(|place| *place == row.key || Some(place) == row.sid.as_ref());
        here && matches!((&entry.state, &entry.action), (EntryState::Refused { .. }, Action::Send { .. }))
    });
    ensure!(
        Settled,
        shown == refused.count(),
        "{} does not show what was refused in {}",
        client.name,
        row.key
    );
    Ok(())
}
