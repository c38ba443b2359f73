//! What is found in time when it gets lost: the last push, whether the bus or the network loses it, and a dead connection.

use confab_core::command::Command;
use confab_core::view::{ConnectionState, ConversationRow};
use confab_domain::permission::{Permission, in_conversation};
use confab_protocol::model::ConversationState;

use crate::promise::{Kept, ensure};
use crate::world::World;

/// A push that the bus has lost is found by the tail of the database, in milliseconds.
const BY_THE_TAIL_MS: u64 = 10_000;
/// A push that the network has lost is found by a heartbeat, in milliseconds.
const BY_A_HEARTBEAT_MS: u64 = 30_000;
/// A dead connection is found, in milliseconds.
const DEAD_MS: u64 = 15_000;
/// What the simulated network and disks take on top.
const SLACK_MS: u64 = 1_000;

/// Whoever is in a conversation with somebody else.
struct Pair {
    sender: usize,
    receiver: usize,
    /// The conversation's key on the sender's device, and its SID.
    key: String,
    sid: String,
}

/// Loses what is told last, in both ways, and the connection itself.
pub(crate) fn in_time(world: &mut World) -> Kept {
    let Some(pair) = pair(world) else { return Ok(()) };
    world.command(pair.sender, Command::Open { conversation: Some(pair.key.clone()) });
    world.command(pair.receiver, Command::Open { conversation: None });
    world.pass(2_000)?;

    world.lose_next_post();
    is_seen(world, &pair, BY_THE_TAIL_MS, "lost on the bus")?;
    world.lose_next_push(pair.receiver);
    is_seen(world, &pair, BY_A_HEARTBEAT_MS, "lost by the network")?;

    world.kill_line(pair.receiver);
    world.pass(DEAD_MS + SLACK_MS)?;
    let state = world.clients[pair.receiver].screen.connection;
    world.count("probe: dead connection");
    let name = world.clients[pair.receiver].name;
    ensure!(
        Timely,
        !world.has_dead_line(pair.receiver),
        "{name} takes a dead connection for a live one: {state:?}"
    );
    ensure!(
        Timely,
        state == ConnectionState::Connected,
        "{name} has not come back after a dead connection: {state:?}"
    );
    Ok(())
}

fn is_seen(world: &mut World, pair: &Pair, within_ms: u64, what: &'static str) -> Kept {
    let body = format!("message {}", world.unique());
    world.command(pair.sender, Command::Send { conversation: pair.key.clone(), body: body.clone() });
    world.pass(within_ms + SLACK_MS)?;
    world.count(if within_ms == BY_THE_TAIL_MS {
        "probe: lost on the bus"
    } else {
        "probe: lost by the network"
    });
    let receiver = &world.clients[pair.receiver];
    let row = receiver.screen.rows.values().find(|row| row.sid.as_ref() == Some(&pair.sid));
    let seen = row.is_some_and(|row| row.preview.as_ref() == Some(&body));
    ensure!(Timely, seen, "{} has not found within {within_ms} ms what was {what}", receiver.name);
    Ok(())
}

/// Whether messages can be sent there now, and still can in a while.
fn stays_open(row: &ConversationRow) -> bool {
    !row.left && !row.failed && !row.going && row.state != ConversationState::Closed
}

/// Whether the person of a device has the right to post there.
fn may_send(world: &World, at: usize, sid: &str) -> bool {
    let (read, user) = (world.server.read(), world.clients[at].account.user.sid);
    let row = sid.parse().ok().and_then(|sid| read.membership(user, sid).expect("the store can be read"));
    let may = |row| in_conversation(read, row).expect("the store can be read").hold(Permission::SendMessage);
    row.as_ref().is_some_and(may)
}

/// Two devices of different people that share a conversation.
fn pair(world: &World) -> Option<Pair> {
    let usable = |client: &usize| {
        world.clients[*client].screen.connection == ConnectionState::Connected
            && !world.is_signed_out(*client)
    };
    let devices: Vec<usize> = (0..world.clients.len()).filter(usable).collect();
    for sender in &devices {
        for row in world.clients[*sender].screen.rows.values().filter(|row| stays_open(row)) {
            let Some(sid) = row.sid.as_ref().filter(|sid| may_send(world, *sender, sid)) else { continue };
            let shares = |receiver: &&usize| {
                let (one, other) = (&world.clients[*sender], &world.clients[**receiver]);
                one.account.user.sid != other.account.user.sid
                    && other.screen.rows.values().any(|row| !row.left && row.sid.as_ref() == Some(sid))
            };
            if let Some(receiver) = devices.iter().find(shares) {
                let (sender, receiver) = (*sender, *receiver);
                return Some(Pair { sender, receiver, key: row.key.clone(), sid: sid.clone() });
            }
        }
    }
    None
}
