//! One person at two computers, with a real server between them.

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{ConnectionState, ConversationRow};
use confab_protocol::model::Role;
use serde_json::json;

use crate::desk::{Desk, Shown};
use crate::world::World;

async fn write(desk: &Desk, key: &str, body: &str) {
    desk.ask(Command::Draft { conversation: key.to_owned(), body: body.to_owned() }).await;
}

async fn drafted(desk: &mut Desk, body: &str) {
    let draft = |shown: &Shown| shown.conversation("Harbour").map(|row: &ConversationRow| row.draft.clone());
    desk.until_shown(&format!("the draft {body:?}"), |shown| draft(shown).as_deref() == Some(body)).await;
}

#[tokio::test]
async fn a_draft_and_a_setting_follow_to_the_other_computer_and_sending_ends_the_draft_on_both() {
    let world = World::new().await;
    let mut here = world.owner("Ada").await.connect().await;
    let key = here.create("Harbour").await;
    let mut elsewhere = world.sign_in("Ada").await;
    let mut there = elsewhere.connect().await;
    write(&here, &key, "half a").await;
    here.ask(Command::SetSetting { key: "appearance.theme".into(), value: json!("dark") }).await;
    drafted(&mut there, "half a").await;
    there
        .until_shown("the setting", |shown| shown.settings.get("appearance.theme") == Some(&json!("dark")))
        .await;
    there.client.shutdown().await;
    // Whatever happens meanwhile is there at the next start.
    write(&here, &key, "half a sentence").await;
    here.ask(Command::SetSetting { key: "appearance.theme".into(), value: json!(null) }).await;
    let mut there = elsewhere.connect().await;
    drafted(&mut there, "half a sentence").await;
    there.until_shown("no setting", |shown| shown.settings.is_empty()).await;
    let theirs = there.shown.conversation("Harbour").unwrap().key.clone();
    there.say(&theirs, "half a sentence").await;
    drafted(&mut here, "").await;
    drafted(&mut there, "").await;
}

#[tokio::test]
async fn a_lost_computer_is_listed_and_signed_out_from_another() {
    let world = World::new().await;
    let here = world.owner("Ada").await.connect().await;
    let mut lost = world.sign_in("Ada").await.connect().await;
    let CommandAnswer::Devices { devices } = here.ask(Command::ListDevices).await else { panic!("no list") };
    let other = devices.iter().find(|device| !device.current).unwrap();
    assert_eq!((devices.len(), other.name.as_str()), (2, "other laptop"));
    here.ask(Command::RevokeDevice { device: other.sid.to_string() }).await;
    lost.until_shown("the end", |shown| shown.connection == ConnectionState::Denied).await;
    let CommandAnswer::Devices { devices } = here.ask(Command::ListDevices).await else { panic!("no list") };
    assert_eq!(devices.len(), 1);
}

#[tokio::test]
async fn an_owner_makes_another_one() {
    let world = World::new().await;
    let mut ada = world.owner("Ada").await.connect().await;
    let mut ben = world.guest("Ben").await.connect().await;
    let key = ada.create("Harbour").await;
    ada.ask(Command::AddParticipant { conversation: key.clone(), identity: "Ben".into() }).await;
    // In one breath: the second waits for the first.
    ada.ask(Command::SetRole { conversation: key.clone(), identity: "Ben".into(), role: Role::Owner }).await;
    let owner = |shown: &Shown| shown.conversation("Harbour").is_some_and(|row| row.role == Role::Owner);
    ben.until_shown("the role", owner).await;
    let theirs = ben.shown.conversation("Harbour").unwrap().key.clone();
    ben.ask(Command::SetRole { conversation: theirs, identity: "ada".into(), role: Role::Participant }).await;
    ada.until_shown("no role", |shown| !owner(shown)).await;
}
