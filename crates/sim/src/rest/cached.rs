//! The cache holds nothing that the server has not, and nothing that is closed to the person: also what is not on the screen.

use confab_core::stored::CachedConversation;
use confab_domain::row::MessageRow;
use confab_protocol::ParticipantSid;
use confab_protocol::model::{Message, Participant};
use serde_json::Value;

use super::{Truth, joined};
use crate::promise::{Kept, ensure};
use crate::world::World;

pub(super) fn are_equal(world: &World, at: usize, truth: &Truth) -> Kept {
    messages_are_equal(world, at, truth)?;
    world.clients[at].disk.cache().conversations.values().try_for_each(|held| {
        conversation_is_equal(world, at, held)?;
        roster_is_equal(world, at, held)
    })
}

fn json(text: &str) -> Value {
    serde_json::from_str(text).expect("what the server keeps is JSON")
}

/// What a message is, but for its place.
type Content<'a> = (u64, &'a Option<String>, &'a Option<String>, Value, &'a [String], Vec<String>);

fn content(held: &Message) -> Content<'_> {
    let files = held.media.iter().map(|file| file.sid.to_string()).collect();
    (held.version, &held.body, &held.subject, held.attributes.clone(), &held.mentions, files)
}

fn content_of(row: &MessageRow) -> Content<'_> {
    let files = row.media.iter().map(|file| file.sid.to_string()).collect();
    (row.version, &row.body, &row.subject, json(&row.attributes), &row.mentions, files)
}

fn messages_are_equal(world: &World, at: usize, truth: &Truth) -> Kept {
    let client = &world.clients[at];
    let joined = joined(world, at);
    for ((sid, index), held) in &client.disk.cache().messages {
        ensure!(
            Private,
            joined.contains(sid),
            "{} keeps a message of {sid}, which is closed to it",
            client.name
        );
        let row = truth[sid].iter().find(|row| row.index == *index && row.sid == held.sid);
        let stands = row.map(content_of);
        let same = stands.as_ref() == Some(&content(held));
        ensure!(Equal, same, "{} keeps {index} of {sid} as {held:?} instead of {stands:?}", client.name);
    }
    Ok(())
}

fn conversation_is_equal(world: &World, at: usize, held: &CachedConversation) -> Kept {
    let Some(conversation) = &held.conversation else { return Ok(()) };
    let row = world.server.read().conversation(held.sid).expect("the store can be read");
    let stands = row.map(|row| (row.head.last_seq, json(&row.attributes)));
    let kept = Some((conversation.version, conversation.attributes.clone()));
    ensure!(
        Equal,
        kept == stands,
        "{} keeps {} as {kept:?} instead of {stands:?}",
        world.clients[at].name,
        held.sid
    );
    Ok(())
}

fn seen(who: ParticipantSid, row: &Participant) -> (ParticipantSid, u64, Option<u64>, Value) {
    (who, row.version, row.last_read_message_index, row.attributes.clone())
}

fn roster_is_equal(world: &World, at: usize, held: &CachedConversation) -> Kept {
    let (client, sid) = (&world.clients[at], held.sid);
    if held.roster_version.is_none() || held.conversation.is_none() {
        return Ok(());
    }
    let rows = world.server.read().participants(sid, None, 1_000).expect("the store can be read");
    let stands = rows.iter().map(|row| (row.sid, row.version, row.horizon, json(&row.attributes)));
    let stands: Vec<_> = stands.collect();
    let of_it = client.disk.cache().participants.iter().filter(|((conversation, _), _)| *conversation == sid);
    let kept: Vec<_> = of_it.map(|((_, who), row)| seen(*who, row)).collect();
    ensure!(
        Equal,
        kept == stands,
        "{} keeps the people {kept:?} of {sid} instead of {stands:?}",
        client.name
    );
    Ok(())
}
