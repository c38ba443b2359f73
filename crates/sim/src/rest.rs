//! What must hold when everything has come to rest.

mod cached;
mod lists;
mod messages;
mod people;
mod timelines;

use std::collections::{BTreeMap, BTreeSet};

use confab_core::Event;
use confab_core::command::Command;
use confab_core::view::ConnectionState;
use confab_domain::row::MessageRow;
use confab_domain::store::Order;
use confab_protocol::ConversationSid;

use crate::promise::{Kept, ensure};
use crate::world::World;

/// How long everything may take to come to rest after the last fault, in milliseconds.
const REST_MS: u64 = 110 * 60 * 1_000;
/// How long what was lost by the network may go unnoticed, and until it is there again, in milliseconds.
const LOST_MS: u64 = 40_000;
/// How long nothing more may happen before it counts as rest, in milliseconds.
const QUIET_MS: u64 = 12_000;

/// All messages, by conversation.
pub(crate) type Truth = BTreeMap<ConversationSid, Vec<MessageRow>>;

/// Waits until everything is at rest, and compares clients, server and promises. Gives how many messages stand.
pub(crate) fn at_rest(world: &mut World) -> Kept<usize> {
    come_to_rest(world)?;
    world.server.rest();
    world.pass(QUIET_MS)?;
    world.server.is_whole()?;
    world.watch.what_was_acknowledged_is_there(&world.server)?;
    world.watch.what_was_set_stands(&world.server)?;
    let truth = truth(world);
    messages::stand_once(&truth)?;
    for client in 0..world.clients.len() {
        if world.is_signed_out(client) {
            world.count("a device was signed out at the end");
            messages::are_kept(world, client)?;
            continue;
        }
        of_this_epoch(world, client)?;
        at_ease(world, client)?;
        messages::are_there(world, client, &truth)?;
        lists::are_equal(world, client)?;
        people::session_is_equal(world, client)?;
        people::roles_are_equal(world, client)?;
        timelines::are_equal(world, client, &truth)?;
        cached::are_equal(world, client, &truth)?;
    }
    Ok(truth.values().flatten().filter(|row| !row.removed).count())
}

fn come_to_rest(world: &mut World) -> Kept {
    let end = world.now.plus(REST_MS);
    // A question that was lost on the way is given up after half a minute, and asked again.
    world.pass(LOST_MS)?;
    while world.now < end {
        world.try_again_where_denied();
        world.pass(QUIET_MS)?;
        let devices = 0..world.clients.len();
        if devices.clone().all(|client| world.is_signed_out(client) || at_ease(world, client).is_ok()) {
            // What was on its way when the last of them came to rest has arrived after this.
            return world.pass(QUIET_MS);
        }
    }
    Ok(())
}

fn at_ease(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    ensure!(Settled, client.is_up(), "{} is not up", client.name);
    let state = client.screen.connection;
    ensure!(Settled, state == ConnectionState::Connected, "{} is {state:?}", client.name);
    let waiting = client.disk.outbox.waiting();
    ensure!(Settled, waiting.is_empty(), "{} still has to send {waiting:?}", client.name);
    Ok(())
}

/// Every conversation that anybody is or was in.
fn conversations(world: &World) -> BTreeSet<ConversationSid> {
    let read = world.server.read();
    let mut all = BTreeSet::new();
    for client in &world.clients {
        let moved = read.moved(client.account.user.sid, 0, 10_000).expect("the store can be read");
        all.extend(moved.into_iter().map(|stamped| stamped.conversation));
    }
    all
}

fn truth(world: &World) -> Truth {
    let read = world.server.read();
    let rows =
        |sid| read.messages(sid, 0..u64::MAX >> 1, Order::Ascending, 100_000).expect("the store can be read");
    conversations(world).into_iter().map(|sid| (sid, rows(sid))).collect()
}

/// The conversations that the person of a client is in.
fn joined(world: &World, at: usize) -> BTreeSet<ConversationSid> {
    let user = world.clients[at].account.user.sid;
    world.server.read().joined(user, None, 1_000).expect("the store can be read").into_iter().collect()
}

/// No client is ahead of the server.
fn of_this_epoch(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    let workspace = world.server.read().workspace().expect("the store can be read").expect("a workspace");
    let cache = client.disk.cache();
    let Some(meta) = &cache.meta else { return Ok(()) };
    ensure!(OfThisEpoch, meta.epoch == workspace.epoch, "{} keeps another epoch", client.name);
    ensure!(
        OfThisEpoch,
        meta.cursor <= Some(workspace.commit),
        "{} has a cursor from the future",
        client.name
    );
    for row in cache.conversations.values() {
        let head = world.server.read().conversation(row.sid).expect("the store can be read");
        let (Some(head), Some(held)) = (head.map(|row| row.head), &row.conversation) else { continue };
        let is_ahead = held.version > head.last_seq || held.roster_version > head.roster_version;
        ensure!(OfThisEpoch, !is_ahead, "{} is ahead of the server in {}", client.name, row.sid);
    }
    Ok(())
}

/// A person asks for something, and waits for what comes of it.
fn ask(world: &mut World, at: usize, command: Command) -> Kept {
    world.feed(at, Event::Command { ticket: 0, command });
    world.pass(1_500)
}
