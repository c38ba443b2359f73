//! What people do: one random, sensible wish at a time.

use confab_core::command::Command;
use confab_core::view::{ConversationRow, MessageRow, MessageState};
use confab_protocol::ClientId;
use confab_protocol::model::NotificationLevel;

use crate::world::World;

/// The next wish of a person, from what is on the screen.
pub(crate) fn next(world: &mut World, client: usize) -> Option<Command> {
    let rows: Vec<ConversationRow> =
        world.clients[client].screen.rows.values().filter(|row| !row.left).cloned().collect();
    if rows.is_empty() || (rows.len() < 4 && world.below(20) == 0) {
        let name = format!("conversation {}", world.below(1_000));
        return Some(Command::CreateConversation { name, unique_name: None });
    }
    let row = rows[world.below(rows.len() as u64) as usize].clone();
    let open = world.clients[client].screen.open.clone();
    let Some(open) = open.filter(|key| rows.iter().any(|row| row.key == *key)) else {
        return Some(Command::Open { conversation: Some(row.key) });
    };
    Some(match world.below(40) {
        0..=15 => send(world, open),
        16..=18 => Command::Open { conversation: Some(row.key) },
        19..=20 => add(world, client, row.key),
        21 => remove_someone(world, client, row.key),
        22..=24 => with_message(world, client, open, edit),
        25..=26 => with_message(world, client, open, remove),
        27..=30 => read(world, client, open),
        31 => Command::MarkUnread { conversation: open, index: world.below(5) },
        32 => Command::Rename { conversation: row.key, name: format!("name {}", world.below(1_000)) },
        33 => Command::SetNotificationLevel { conversation: row.key, level: NotificationLevel::Muted },
        34 => Command::LoadOlder,
        35 => Command::Typing { conversation: open },
        36 => Command::Draft { conversation: open, body: format!("draft {}", world.below(1_000)) },
        37 => retry_or_discard(world, client, open),
        38 => Command::Focus { focused: world.below(2) == 0 },
        _ => Command::SetFriendlyName { name: format!("person {}", world.below(1_000)) },
    })
}

fn send(world: &mut World, conversation: String) -> Command {
    Command::Send { conversation, body: format!("message {}", world.rng.number()) }
}

fn other(world: &World, client: usize) -> String {
    let own = &world.clients[client].account.user.identity;
    if own == "Ann" { "ben".to_owned() } else { "ann".to_owned() }
}

fn add(world: &World, client: usize, conversation: String) -> Command {
    Command::AddParticipant { conversation, identity: other(world, client) }
}

fn remove_someone(world: &mut World, client: usize, conversation: String) -> Command {
    if world.below(3) == 0 {
        return Command::RemoveParticipant { conversation, identity: other(world, client) };
    }
    add(world, client, conversation)
}

fn pick(world: &mut World, client: usize, wanted: impl Fn(&MessageRow) -> bool) -> Option<MessageRow> {
    let messages: Vec<_> =
        world.clients[client].screen.messages.values().filter(|row| wanted(row)).cloned().collect();
    let at = world.below(messages.len() as u64) as usize;
    messages.into_iter().nth(at)
}

fn with_message(
    world: &mut World,
    client: usize,
    conversation: String,
    make: impl Fn(&mut World, usize, String, String) -> Command,
) -> Command {
    match pick(world, client, |row| row.own && row.state != MessageState::Failed) {
        Some(row) => make(world, client, conversation, row.key),
        None => send(world, conversation),
    }
}

fn edit(world: &mut World, _: usize, conversation: String, message: String) -> Command {
    Command::Edit { conversation, message, body: format!("edited {}", world.rng.number()) }
}

fn remove(world: &mut World, client: usize, conversation: String, message: String) -> Command {
    withdraw(world, client, &message);
    Command::Remove { conversation, message }
}

fn message_id(key: &str) -> ClientId {
    ClientId(uuid::Uuid::try_parse(key).expect("the key of a message is a client_id"))
}

fn withdraw(world: &mut World, client: usize, key: &str) {
    let id = message_id(key);
    // The person's other computer may have sent it.
    let user = world.clients[client].account.user.sid;
    let own = world.clients.iter_mut().filter(|other| other.account.user.sid == user);
    for other in own {
        other.withdrawn.insert(id);
    }
}

fn read(world: &World, client: usize, conversation: String) -> Command {
    let last = world.clients[client].screen.sent().last().and_then(|row| row.index);
    match last {
        Some(index) => Command::Read { conversation, index },
        None => Command::Typing { conversation },
    }
}

fn retry_or_discard(world: &mut World, client: usize, conversation: String) -> Command {
    match pick(world, client, |row| row.state == MessageState::Failed) {
        Some(row) if world.below(2) == 0 => {
            world.clients[client].retried.insert(message_id(&row.key));
            Command::Retry { conversation, message: row.key }
        }
        Some(row) => {
            withdraw(world, client, &row.key);
            Command::Discard { conversation, message: row.key }
        }
        None => send(world, conversation),
    }
}
