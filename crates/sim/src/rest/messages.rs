//! Every message that was safe in an outbox stands once, in the order of its device, or its author knows why not.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::stored::{Action, EntryState, OutboxEntry};
use confab_protocol::{ClientId, ConversationSid};

use super::Truth;
use crate::promise::{Kept, ensure};
use crate::world::World;

/// No text stands twice: every text is written once.
pub(super) fn stand_once(truth: &Truth) -> Kept {
    let mut ids = BTreeSet::new();
    let mut texts = BTreeSet::new();
    for row in truth.values().flatten() {
        ensure!(Once, ids.insert((row.user, row.client_id)), "message {} stands twice", row.client_id);
        if let Some(body) = row.body.as_ref().filter(|body| body.starts_with("message ")) {
            ensure!(Once, texts.insert(body), "“{body}” stands twice");
        }
    }
    Ok(())
}

/// What a device has promised stands.
pub(super) fn are_there(world: &World, at: usize, truth: &Truth) -> Kept {
    let client = &world.clients[at];
    let mut places: BTreeMap<ClientId, (ConversationSid, u64)> = BTreeMap::new();
    for row in truth.values().flatten().filter(|row| row.user == client.account.user.sid) {
        places.insert(row.client_id, (row.conversation, row.index));
    }
    let mut last: BTreeMap<ConversationSid, (u64, ClientId)> = BTreeMap::new();
    let mut promised: Vec<&OutboxEntry> = client.disk.promised.values().collect();
    promised.sort_by_key(|entry| client.disk.promised_order[&entry.client_id]);
    for entry in promised {
        let id = entry.client_id;
        let Some((conversation, index)) = places.get(&id) else {
            ensure!(NotLost, is_excused(world, at, entry), "{} lost message {id}", client.name);
            continue;
        };
        if client.retried.contains(&id) {
            continue;
        }
        let Some((before, other)) = last.insert(*conversation, (*index, id)) else { continue };
        ensure!(InOrder, before < *index, "{} sent {id} ({index}) after {other} ({before})", client.name);
    }
    Ok(())
}

/// What a device that was signed out had not sent is kept.
pub(super) fn are_kept(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    for entry in client.disk.promised.values() {
        let id = entry.client_id;
        let stands =
            world.server.read().seen(client.account.user.sid, id).expect("the store can be read").is_some();
        let kept = client.disk.outbox.entries.contains_key(&id) || is_excused(world, at, entry);
        ensure!(NotLost, stands || kept, "{} lost message {id} when it was signed out", client.name);
    }
    Ok(())
}

/// The author knows why a message does not stand: it is shown as refused, or they took it back.
fn is_excused(world: &World, at: usize, entry: &OutboxEntry) -> bool {
    let client = &world.clients[at];
    let id = entry.client_id;
    if !matches!(entry.action, Action::Send { .. }) {
        return true;
    }
    let held = client.disk.outbox.entries.get(&id);
    let is_refused = held.is_some_and(|held| matches!(held.state, EntryState::Refused { .. }));
    let is_let_go = client.disk.let_go.contains(&id) && world.watch.has_gone_back();
    is_refused || is_let_go || world.withdrawn.contains(&id)
}
