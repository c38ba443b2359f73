//! Two people, two clients, one real server.

use confab_core::command::Command;
use confab_core::view::MessageState;
use tokio::runtime::Runtime;

use crate::desk::{Desk, Shown};
use crate::world::World;

/// Ada makes a conversation and adds Ben. Answers its keys on both sides; both have it open.
async fn talk(ada: &mut Desk, ben: &mut Desk) -> (String, String) {
    let here = ada.create("Harbour").await;
    let add = Command::AddParticipant { conversation: here.clone(), identity: "BEN".into() };
    ada.ask(add).await;
    let there =
        ben.until("the conversation", |desk| Some(desk.shown.conversation("Harbour")?.key.clone())).await;
    ben.open(&there).await;
    (here, there)
}

async fn read(desk: &mut Desk, bodies: &[&str]) {
    desk.until_shown(&format!("{bodies:?}"), |shown| {
        shown.bodies() == bodies && shown.timeline.values().all(|row| row.state == MessageState::Sent)
    })
    .await;
}

#[tokio::test]
async fn two_people_chat_both_ways() {
    let world = World::new().await;
    let mut ada = world.owner("Ada").await.connect().await;
    let mut ben = world.guest("Ben").await.connect().await;
    let (here, there) = talk(&mut ada, &mut ben).await;
    ada.say(&here, "hello").await;
    read(&mut ben, &["hello"]).await;
    ben.say(&there, "good morning").await;
    read(&mut ada, &["hello", "good morning"]).await;
    assert!(ada.shown.message("good morning").is_some_and(|row| !row.own && row.author == "Ben"));
}

#[tokio::test]
async fn a_message_notifies_until_it_is_read_on_any_computer() {
    let world = World::new().await;
    let mut ada = world.owner("Ada").await.connect().await;
    let mut ben = world.guest("Ben").await.connect().await;
    let mut bens_other = world.sign_in("Ben").await.connect().await;
    let (here, there) = talk(&mut ada, &mut ben).await;
    ben.ask(Command::Open { conversation: None }).await;
    bens_other.until_shown("the conversation", |shown| shown.conversation("Harbour").is_some()).await;
    ada.say(&here, "hello").await;
    let told = ben.until("the notification", |desk| desk.notified.first().cloned()).await;
    assert_eq!((told.author.as_str(), told.body.as_str()), ("Ada", "hello"));
    assert_eq!(told.conversation, there);
    ben.until_shown("the badge", |shown| shown.unread == 1).await;
    bens_other.until_shown("the badge", |shown| shown.unread == 1).await;
    let theirs = bens_other.shown.conversation("Harbour").unwrap().key.clone();
    bens_other.ask(Command::Focus { focused: true }).await;
    bens_other.open(&theirs).await;
    read(&mut bens_other, &["hello"]).await;
    bens_other.ask(Command::Read { conversation: theirs, index: 0 }).await;
    ben.until("the withdrawal", |desk| desk.withdrawn.contains(&told.key).then_some(())).await;
    ben.until_shown("no badge", |shown| shown.unread == 0).await;
}

#[tokio::test]
async fn a_restarted_server_is_found_again_and_what_was_written_meanwhile_arrives_once() {
    let mut world = World::new().await;
    let mut ada = world.owner("Ada").await.connect().await;
    let mut ben = world.guest("Ben").await.connect().await;
    let (here, _) = talk(&mut ada, &mut ben).await;
    ada.say(&here, "before").await;
    read(&mut ben, &["before"]).await;
    world.stop().await;
    ada.until_shown("the loss of the connection", |shown| !shown.connected()).await;
    ada.say(&here, "meanwhile").await;
    ada.until_shown("the echo", |shown| shown.bodies() == ["before", "meanwhile"]).await;
    world.start().await;
    read(&mut ada, &["before", "meanwhile"]).await;
    read(&mut ben, &["before", "meanwhile"]).await;
}

#[tokio::test]
async fn a_client_that_dies_sends_what_it_had_shown_exactly_once() {
    let mut world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let computer = Runtime::new().unwrap();
    let mut ada = owner.sit_down_at(&computer).await;
    ada.until_shown("the connection", Shown::connected).await;
    let mut ben = world.guest("Ben").await.connect().await;
    let (here, _) = talk(&mut ada, &mut ben).await;
    ada.say(&here, "first").await;
    read(&mut ada, &["first"]).await;
    world.stop().await;
    ada.say(&here, "second").await;
    ada.until_shown("the echo", |shown| shown.message("second").is_some()).await;
    // No goodbye, nothing flushed.
    computer.shutdown_background();
    world.start().await;
    let mut ada = owner.connect().await;
    ada.open(&here).await;
    read(&mut ada, &["first", "second"]).await;
    read(&mut ben, &["first", "second"]).await;
}

#[tokio::test]
async fn the_first_paint_needs_no_server() {
    let mut world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let ada = owner.connect().await;
    let here = ada.create("Harbour").await;
    ada.say(&here, "hello").await;
    let mut ada = ada;
    read(&mut ada, &["hello"]).await;
    ada.client.clone().shutdown().await;
    world.stop().await;
    let mut ada = owner.sit_down().await;
    ada.until_shown("the list", |shown| shown.conversation("Harbour").is_some()).await;
    let key = ada.shown.conversation("Harbour").unwrap().key.clone();
    assert_eq!(key, here, "a conversation keeps its key");
    ada.open(&here).await;
    ada.until_shown("the history", |shown| shown.bodies() == ["hello"]).await;
    assert!(!ada.shown.connected());
}

#[tokio::test]
async fn drafts_survive() {
    let world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let mut ada = owner.connect().await;
    let here = ada.create("Harbour").await;
    ada.until_shown("its making", |shown| shown.conversations.values().any(|row| row.sid.is_some())).await;
    ada.ask(Command::Draft { conversation: here.clone(), body: "half a thou".into() }).await;
    ada.client.clone().shutdown().await;
    let mut ada = owner.sit_down().await;
    ada.until_shown("the draft", |shown| {
        shown.conversation("Harbour").is_some_and(|row| row.draft == "half a thou")
    })
    .await;
}

#[tokio::test]
async fn a_damaged_cache_is_built_anew_and_the_outbox_is_kept() {
    let mut world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let mut ada = owner.connect().await;
    let here = ada.create("Harbour").await;
    ada.say(&here, "first").await;
    read(&mut ada, &["first"]).await;
    world.stop().await;
    ada.say(&here, "second").await;
    ada.client.clone().shutdown().await;
    std::fs::write(owner.home().join("cache.db"), "torn").unwrap();
    world.start().await;
    let mut ada = owner.connect().await;
    let key = ada.until("the list", |desk| Some(desk.shown.conversation("Harbour")?.key.clone())).await;
    ada.open(&key).await;
    read(&mut ada, &["first", "second"]).await;
}

#[tokio::test]
async fn a_damaged_outbox_is_set_aside_and_said_so() {
    let world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let ada = owner.connect().await;
    ada.client.clone().shutdown().await;
    std::fs::write(owner.home().join("outbox.db"), "torn, and not by us").unwrap();
    let mut ada = owner.sit_down().await;
    ada.until_shown("the notice", |shown| {
        shown.notices.iter().any(|problem| {
            problem.code == "outbox_set_aside"
                && problem.params["path"].as_str().is_some_and(|path| std::path::Path::new(path).exists())
        })
    })
    .await;
}

#[tokio::test]
async fn a_snapshot_is_what_the_events_have_told() {
    let world = World::new().await;
    let mut ada = world.owner("Ada").await.connect().await;
    let here = ada.create("Harbour").await;
    ada.say(&here, "hello").await;
    read(&mut ada, &["hello"]).await;
    let told = (ada.shown.bodies(), ada.shown.conversations.clone());
    ada.reload().await;
    assert_eq!((ada.shown.bodies(), ada.shown.conversations.clone()), told);
    assert!(ada.shown.connected());
}
