//! Tokens: renewed in time, stored before use, gone after signing out.

use std::sync::atomic::Ordering;
use std::time::Duration;

use confab_core::view::{ConnectionState, MessageState};

use crate::world::World;

#[tokio::test]
async fn the_refresh_token_is_stored_and_enough_for_the_next_start() {
    let world = World::new().await;
    let mut guest = {
        let mut owner = world.owner("Ada").await;
        owner.connect().await.client.shutdown().await;
        world.guest("Ben").await
    };
    guest.connect().await.client.shutdown().await;
    let first = guest.keyring.held().unwrap();
    guest.connect().await.client.shutdown().await;
    let second = guest.keyring.held().unwrap();
    assert_ne!(first, second, "it rotates");
    guest.connect().await.client.shutdown().await;
}

#[tokio::test]
async fn an_access_token_is_renewed_before_it_ends_without_losing_the_connection() {
    let world = World::with(|config| {
        config.bounds.access_token = Duration::from_secs(32);
        config.bounds.token_warning = Duration::from_millis(31_500);
    })
    .await;
    let mut owner = world.owner("Ada").await;
    let mut ada = owner.connect().await;
    owner.keyring.changed_from(&owner.keyring.held()).await;
    // A message goes out on the same connection.
    let here = ada.create("Harbour").await;
    ada.say(&here, "hello").await;
    ada.until_shown("the message", |shown| {
        assert!(shown.connected());
        shown.message("hello").is_some_and(|row| row.state == MessageState::Sent)
    })
    .await;
}

#[tokio::test]
async fn a_keyring_that_fails_signs_nobody_out() {
    let world = World::new().await;
    let mut owner = world.owner("Ada").await;
    owner.keyring.broken.store(true, Ordering::SeqCst);
    let ada = owner.connect().await;
    ada.client.clone().shutdown().await;
    let mut ada = owner.sit_down().await;
    ada.until_shown("an attempt", |shown| shown.connection == ConnectionState::Connecting).await;
    owner.keyring.broken.store(false, Ordering::SeqCst);
    owner.keyring.token.send_replace(None);
    ada.client.nudge();
    ada.until_shown("the refusal", |shown| shown.connection == ConnectionState::Denied).await;
}

#[tokio::test]
async fn signing_out_leaves_neither_token_nor_cache_nor_device() {
    let world = World::new().await;
    let mut owner = world.owner("Ada").await;
    let ada = owner.connect().await;
    let spare = owner.keyring.held();
    ada.client.sign_out().await;
    assert_eq!(owner.keyring.held(), None);
    assert!(!owner.home().join("cache.db").exists());
    assert!(owner.home().join("outbox.db").exists());
    // A copy of the token is worth nothing now.
    owner.keyring.token.send_replace(spare);
    let mut ada = owner.sit_down().await;
    ada.until_shown("the refusal", |shown| shown.connection == ConnectionState::Denied).await;
}
