//! What was removed, or is no longer one's own, is in no file of this computer any more.

use std::path::Path;
use std::time::Duration;

use confab_core::command::Command;
use tokio::time::{interval, timeout};

use crate::desk::{Desk, Shown};
use crate::world::World;

/// Longer than anything that works takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// The files of a client that hold a text.
fn holders(home: &Path, text: &str) -> Vec<String> {
    let files = std::fs::read_dir(home).unwrap().map(|file| file.unwrap().path());
    let holds = |path: &std::path::PathBuf| {
        let bytes = std::fs::read(path).unwrap_or_default();
        bytes.windows(text.len()).any(|window| window == text.as_bytes())
    };
    files.filter(holds).map(|path| path.display().to_string()).collect()
}

async fn until_gone(home: &Path, text: &str) {
    let mut looks = interval(Duration::from_millis(50));
    let gone = async {
        while !holders(home, text).is_empty() {
            looks.tick().await;
        }
    };
    let seen = timeout(PATIENCE, gone).await;
    assert!(seen.is_ok(), "{text:?} is still in {:?}", holders(home, text));
}

async fn until_there(home: &Path, file: &str, text: &str) {
    let mut looks = interval(Duration::from_millis(50));
    let there = async {
        while !holders(home, text).iter().any(|path| path.contains(file)) {
            looks.tick().await;
        }
    };
    timeout(PATIENCE, there).await.unwrap_or_else(|_| panic!("{text:?} never came into {file}"));
}

async fn shows(desk: &mut Desk, bodies: &[&str]) {
    desk.until_shown(&format!("{bodies:?}"), |shown| shown.bodies() == bodies).await;
}

async fn remove(desk: &Desk, conversation: &str, body: &str) {
    let message = desk.shown.message(body).unwrap().key.clone();
    desk.ask(Command::Remove { conversation: conversation.into(), message }).await;
}

#[tokio::test]
async fn a_removed_message_is_in_no_file_of_its_author_or_its_readers() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let here = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: here.clone(), identity: "Ben".into() }).await;
    let there =
        ben.until("the conversation", |desk| Some(desk.shown.conversation("Harbour")?.key.clone())).await;
    ben.open(&there).await;
    ada.say(&here, "the password is sesame-4711").await;
    ada.say(&here, "good morning").await;
    shows(&mut ben, &["the password is sesame-4711", "good morning"]).await;
    shows(&mut ada, &["the password is sesame-4711", "good morning"]).await;
    ada.until_shown("the answer", |shown| shown.message("good morning").is_some_and(|row| row.sid.is_some()))
        .await;
    until_there(&owner.home(), "outbox.db", "sesame-4711").await;
    until_there(&owner.home(), "cache.db", "sesame-4711").await;
    until_there(&guest.home(), "cache.db", "sesame-4711").await;
    remove(&ada, &here, "the password is sesame-4711").await;
    shows(&mut ben, &["good morning"]).await;
    until_gone(&owner.home(), "sesame-4711").await;
    until_gone(&guest.home(), "sesame-4711").await;
    until_there(&owner.home(), ".db", "good morning").await;
    until_there(&guest.home(), ".db", "good morning").await;
}

#[tokio::test]
async fn a_message_that_was_removed_meanwhile_goes_when_the_connection_is_back_also_where_nobody_looks() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let here = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: here.clone(), identity: "Ben".into() }).await;
    let there =
        ben.until("the conversation", |desk| Some(desk.shown.conversation("Harbour")?.key.clone())).await;
    ben.open(&there).await;
    ada.say(&here, "the password is sesame-4711").await;
    ada.say(&here, "good morning").await;
    shows(&mut ben, &["the password is sesame-4711", "good morning"]).await;
    ben.ask(Command::Open { conversation: None }).await;
    ben.client.clone().shutdown().await;
    shows(&mut ada, &["the password is sesame-4711", "good morning"]).await;
    remove(&ada, &here, "the password is sesame-4711").await;
    shows(&mut ada, &["good morning"]).await;
    until_there(&guest.home(), ".db", "sesame-4711").await;
    let _ben = guest.connect().await;
    until_gone(&guest.home(), "sesame-4711").await;
    until_there(&guest.home(), ".db", "good morning").await;
}

#[tokio::test]
async fn who_is_removed_from_a_conversation_keeps_only_their_own_drafts_of_it() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (ada, mut ben) = (owner.connect().await, guest.connect().await);
    let here = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: here.clone(), identity: "Ben".into() }).await;
    let there =
        ben.until("the conversation", |desk| Some(desk.shown.conversation("Harbour")?.key.clone())).await;
    ben.open(&there).await;
    ada.say(&here, "the tide turns at noon").await;
    shows(&mut ben, &["the tide turns at noon"]).await;
    ben.say(&there, "then we sail at eleven").await;
    shows(&mut ben, &["the tide turns at noon", "then we sail at eleven"]).await;
    ben.ask(Command::Draft { conversation: there.clone(), body: "and bring the charts".into() }).await;
    until_there(&guest.home(), "outbox.db", "and bring the charts").await;
    ada.ask(Command::RemoveParticipant { conversation: here, identity: "Ben".into() }).await;
    ben.until_shown("the loss", |shown| shown.conversation("Harbour").is_some_and(|row| row.left)).await;
    until_gone(&guest.home(), "the tide turns at noon").await;
    until_gone(&guest.home(), "then we sail at eleven").await;
    assert_eq!(ben.shown.conversation("Harbour").unwrap().draft, "and bring the charts");
    until_there(&guest.home(), ".db", "and bring the charts").await;
    assert!(Shown::connected(&ben.shown));
}

/// What stands at the end of a conversation is kept for the list of them, also where nobody ever opened it.
#[tokio::test]
async fn what_was_shown_in_the_list_alone_goes_with_its_removal_and_with_the_access() {
    let world = World::new().await;
    let (mut owner, mut guest) = (world.owner("Ada").await, world.guest("Ben").await);
    let (mut ada, mut ben) = (owner.connect().await, guest.connect().await);
    let here = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: here.clone(), identity: "Ben".into() }).await;
    ben.until_shown("the conversation", |shown| shown.conversation("Harbour").is_some()).await;
    ada.say(&here, "the password is sesame-4711").await;
    until_there(&guest.home(), "cache.db", "sesame-4711").await;
    // It is no longer the last one when it goes.
    ada.say(&here, "the tide turns at noon").await;
    until_there(&guest.home(), "cache.db", "the tide turns at noon").await;
    shows(&mut ada, &["the password is sesame-4711", "the tide turns at noon"]).await;
    remove(&ada, &here, "the password is sesame-4711").await;
    until_gone(&guest.home(), "sesame-4711").await;
    until_there(&guest.home(), ".db", "the tide turns at noon").await;
    ada.ask(Command::RemoveParticipant { conversation: here, identity: "Ben".into() }).await;
    until_gone(&guest.home(), "the tide turns at noon").await;
}
