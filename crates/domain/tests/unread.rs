//! Counts from blocks against counting by hand: random talk, removals, horizons, coming and going.

#![expect(clippy::unwrap_used, reason = "a look-up that fails fails the test")]

use confab_domain::Actor;
use confab_domain::row::MessageRow;
use confab_domain::store::{BLOCK, LARGE_BLOCK, Order, Read as _, Tx as _};
use confab_domain::unread::unread;
use confab_domain::visible::visible;
use confab_protocol::model::{MessageType, Unread};
use confab_protocol::{ClientId, ConversationSid, MessageSid, ParticipantSid};
use confab_testkit::{Talk, World};
use uuid::Uuid;

/// What is unread, counted message by message.
fn by_hand(world: &World, of: &Actor, conversation: ConversationSid) -> Unread {
    let row = world.store.conversation(conversation).unwrap().unwrap();
    let me = world.store.membership(of.user, conversation).unwrap().unwrap();
    let seen = visible(&world.store, Some(&me), &row).unwrap();
    let first = me.horizon.map_or(me.joined_index, |horizon| horizon + 1);
    let rows =
        world.store.messages(conversation, first..row.head.next_index, Order::Ascending, usize::MAX).unwrap();
    let news: Vec<&MessageRow> = rows
        .iter()
        .filter(|message| !message.removed && message.user != of.user && seen.holds_index(message.index))
        .collect();
    let mentions = news.iter().filter(|message| message.mentions.contains(&of.identity)).count();
    Unread {
        horizon: me.horizon,
        unread: news.len() as u64,
        mentions: mentions as u64,
        at_seq: row.head.last_seq,
        since: me.joined_index,
    }
}

fn check(talk: &mut Talk) {
    for person in talk.people.clone() {
        if talk.is_in(&person) {
            let expected = by_hand(&talk.world, &person, talk.conversation);
            assert_eq!(talk.world.unread(&person, talk.conversation), expected, "{}", person.identity);
        }
    }
}

#[test]
fn any_talk_is_counted_as_by_hand() {
    for seed in 0..6 {
        let mut talk = Talk::new(seed, seed % 2 == 1);
        for step in 0..1_500 {
            talk.step();
            if step % 25 == 0 {
                check(&mut talk);
            }
        }
        check(&mut talk);
        assert!(talk.messages.len() as u64 > 3 * BLOCK, "the talk was long enough to fill blocks");
    }
}

#[test]
fn counts_leap_over_large_blocks() {
    let mut world = World::default();
    let (olga, ana) = (world.owner.clone(), world.user("Ana"));
    let conversation = world.conversation(&olga, &[&ana]);
    let count = LARGE_BLOCK + 3 * BLOCK + 5;
    fill(&mut world, &olga, &ana, conversation, count);
    let row = world.store.conversation(conversation).unwrap().unwrap();
    let mut me = world.store.membership(ana.user, conversation).unwrap().unwrap();
    for first in
        [0, 1, BLOCK - 1, BLOCK, 300, LARGE_BLOCK - 1, LARGE_BLOCK, LARGE_BLOCK + 1, count - 1, count]
    {
        me.horizon = first.checked_sub(1);
        let found = unread(&world.store, &me, &row).unwrap();
        // Every third message is by Ana.
        let by_others = (first..count).filter(|index| index % 3 != 0).count();
        assert_eq!((found.unread, found.mentions), (by_others as u64, 0), "from {first}");
    }
}

fn fill(world: &mut World, olga: &Actor, ana: &Actor, conversation: ConversationSid, count: u64) {
    let mut row = world.store.conversation(conversation).unwrap().unwrap();
    row.head.next_index = count;
    world.store.update_head(conversation, &row.head).unwrap();
    let sid = world.store.membership(olga.user, conversation).unwrap().unwrap().participant.unwrap();
    for index in 0..count {
        let author = if index % 3 == 0 { ana } else { olga };
        world.store.insert_message(&message(conversation, index, author, sid)).unwrap();
        world.store.count_message(conversation, index, author.user, 1).unwrap();
    }
    world.store.commit();
}

fn message(
    conversation: ConversationSid,
    index: u64,
    author: &Actor,
    participant: ParticipantSid,
) -> MessageRow {
    let uuid = Uuid::from_u128(u128::from(index));
    MessageRow {
        conversation,
        index,
        sid: MessageSid(uuid),
        client_id: ClientId(uuid),
        payload_hash: [0; 32],
        user: author.user,
        author: author.identity.clone(),
        participant: Some(participant),
        kind: MessageType::Text,
        subject: None,
        body: Some("x".into()),
        media: Vec::new(),
        attributes: "{}".into(),
        relates_to: None,
        mentions: Vec::new(),
        date_created: Default::default(),
        date_updated: Default::default(),
        last_updated_by: None,
        removed: false,
        seq: index,
        version: index,
    }
}
