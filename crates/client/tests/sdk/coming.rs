//! Coming in, staying in, going: the client itself.

use std::sync::Arc;
use std::time::Duration;

use confab_client::sdk::{
    Client, Config, ConnectionState, ConversationEvent, Error, ErrorCode, Event, LogEvent, MemoryTokens,
    Subscription,
};
use confab_client::{SignedIn, TokenStore as _, refresh};

use crate::world::{World, find, say, within};

/// T001 T002 T019 T020 T021 T023 T025 T026 T027 T028 T030 T033 V005: a client comes in, knows who it is and what it is in, and goes.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_comes_in_and_goes() {
    let world = World::new().await;
    let signed_in = world.owner("Ada").await;
    let ada = world.client(signed_in).await;
    let here = ada.create_conversation().friendly_name("Harbour").create().await.unwrap();
    say(&here, "hello").await;
    ada.shutdown().await;

    let again = Client::start(world.config(world.again("Ada").await)).await.unwrap();
    let mut events = again.subscribe_with_replay();
    within(again.ready()).await.unwrap();
    let mut wanted = vec!["added", "joined", "user", "initialized"];
    find(&mut events, |event| {
        let told = match event {
            Event::ConversationAdded(there) if *there == here => "added",
            Event::ConversationJoined(there) if *there == here => "joined",
            Event::UserUpdated { user, .. } if user.identity() == "Ada" => "user",
            Event::Initialized => "initialized",
            _ => return None,
        };
        wanted.retain(|waiting| *waiting != told);
        wanted.is_empty().then_some(())
    })
    .await;
    assert_eq!(again.connection_state(), ConnectionState::Connected);
    assert_eq!((again.identity(), again.user().unwrap().identity()), ("Ada", "Ada".to_owned()));
    assert_eq!(again.reachability_enabled(), Ok(true));
    assert_eq!(Client::VERSION, env!("CARGO_PKG_VERSION"));
    let conversation = again.conversation(here.sid()).await.unwrap();
    again.shutdown().await;
    let mut states = Vec::new();
    while let Some(event) = within(events.next()).await {
        if let Event::ConnectionStateChanged(state) = event {
            states.push(state);
        }
    }
    assert_eq!(states, [ConnectionState::Disconnecting, ConnectionState::Disconnected]);
    assert_eq!(conversation.messages_count().await, Err(Error::Ended), "it does not keep the client alive");
}

/// T020 T022 T024 V087: who is signed out elsewhere is not let in again, and is told so.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_not_let_in_is_told_so() {
    let world = World::new().await;
    let signed_in = world.guest("Ben").await;
    let (account, directory) = (signed_in.account.clone(), world.directory());
    let store = Arc::new(MemoryTokens::default());
    let config = Config::signed_in(&directory, signed_in).tokens(store.clone());
    let ben = within(Client::create(config)).await.unwrap();
    let spare = store.load().unwrap().unwrap();
    ben.sign_out().await;
    // A copy of the token is worth nothing now.
    store.save(&spare).unwrap();
    let client = Client::start(Config::returning(&directory, account, store)).await.unwrap();
    assert_eq!(client.reachability_enabled(), Err(Error::Ended), "nothing is known yet");
    let mut events = client.subscribe_with_replay();
    let refused = within(client.ready()).await.unwrap_err();
    assert_eq!((refused.code(), refused.status()), (Some(ErrorCode::Denied), Some(401)));
    let error = find(&mut events, |event| match event {
        Event::ConnectionError(failure) if failure.terminal => Some(failure.clone()),
        _ => None,
    })
    .await;
    assert_eq!((error.code.as_str(), error.http_status), ("denied", Some(401)));
    find(&mut events, |event| matches!(event, Event::InitFailed(failure) if failure.terminal).then_some(()))
        .await;
    assert_eq!(client.connection_state(), ConnectionState::Denied);
    let ended = client.conversations_by_sid(&[confab_client::sdk::ConversationSid(uuid::Uuid::nil())]).await;
    assert_eq!(ended, Err(Error::Ended));
}

/// T023 T024: a connection that breaks comes back, and what was missed is told by the same events.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_is_told() {
    let mut world = World::new().await;
    let ada = world.ada().await;
    let ben = world.client(world.guest("Ben").await).await;
    let (here, there) = crate::world::talk(&ada, &ben).await;
    say(&here, "before").await;
    let mut seen = there.subscribe_with_replay();
    let mut events = ben.subscribe();
    world.stop().await;
    let lost = find(&mut events, |event| match event {
        Event::ConnectionError(failure) => Some(failure.clone()),
        _ => None,
    })
    .await;
    assert!(!lost.terminal);
    find(&mut events, |event| {
        matches!(event, Event::ConnectionStateChanged(ConnectionState::Connecting)).then_some(())
    })
    .await;
    // It waits in the outbox.
    let sending = here.send_message("meanwhile").await.unwrap();
    world.start().await;
    find(&mut events, |event| {
        matches!(event, Event::ConnectionStateChanged(ConnectionState::Connected)).then_some(())
    })
    .await;
    within(sending).await.unwrap();
    find(&mut seen, |event| match event {
        ConversationEvent::MessageAdded(message) => {
            (message.body().as_deref() == Some("meanwhile")).then_some(())
        }
        _ => None,
    })
    .await;
}

/// T012 T029 T034: whoever brings tokens is told when to, the same one changes nothing, a wrong one is refused, a good one keeps
/// the connection.
#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_brought() {
    let world = World::with(|config| {
        config.bounds.access_token = Duration::from_secs(20);
        config.bounds.token_warning = Duration::from_millis(19_500);
    })
    .await;
    let SignedIn { account, grant } = world.guest("Ben").await;
    let config = Config::with_access_token(world.directory(), account.clone(), grant.access_token.clone());
    let ben = Client::start(config).await.unwrap();
    let mut events = ben.subscribe_with_replay();
    within(ben.ready()).await.unwrap();
    find(&mut events, |event| match event {
        Event::TokenAboutToExpire { expires_at } => (*expires_at == grant.access_expires_at).then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(ben.update_token(&grant.access_token).await, Ok(()));
    assert!(matches!(
        ben.update_token("  ").await,
        Err(Error::InvalidArgument { argument: "access_token", .. })
    ));
    let wrong = within(ben.update_token("not a token")).await.unwrap_err();
    assert_eq!(wrong.code(), Some(ErrorCode::Unauthenticated));
    let others = world.guest("Cleo").await;
    let wrong = within(ben.update_token(&others.grant.access_token)).await.unwrap_err();
    assert_eq!(wrong.code(), Some(ErrorCode::Unauthenticated));
    let next = refresh(&account, &grant.refresh_token).await.unwrap();
    assert_eq!(within(ben.update_token(&next.access_token)).await, Ok(()));
    assert_eq!(ben.connection_state(), ConnectionState::Connected);
    let here = ben.create_conversation().create().await.unwrap();
    say(&here, "still here").await;
}

/// T013: a token that nobody renews ends, and that is told; the next one is taken.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_ends_is_told() {
    let world = World::with(|config| {
        config.bounds.access_token = Duration::from_secs(2);
        config.bounds.token_warning = Duration::from_millis(500);
    })
    .await;
    let SignedIn { account, grant } = world.guest("Ben").await;
    let config = Config::with_access_token(world.directory(), account.clone(), grant.access_token.clone());
    let ben = Client::start(config).await.unwrap();
    let mut events = ben.subscribe_with_replay();
    find(&mut events, |event| matches!(event, Event::TokenExpired).then_some(())).await;
    let next = refresh(&account, &grant.refresh_token).await.unwrap();
    assert_eq!(within(ben.update_token(&next.access_token)).await, Ok(()));
    within(ben.ready()).await.unwrap();
    within(ben.create_conversation().create()).await.unwrap();
}

/// V015: a subscription ends when it is dropped: what waited for it waits for nobody any more.
#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_ends_when_it_is_dropped() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let mut reads = here.subscribe();
    let waits: Subscription<Event> = ada.subscribe();
    let mut logged = Vec::new();
    for text in ["one", "two"] {
        say(&here, text).await;
        // The second is there for those who come later, in place of the first.
        logged.push(find(&mut reads, log_event).await);
    }
    assert_eq!(Arc::strong_count(&logged[0]), 2, "it waits");
    drop(waits);
    assert_eq!(Arc::strong_count(&logged[0]), 1);
}

fn log_event(event: &ConversationEvent) -> Option<Arc<LogEvent>> {
    match event {
        ConversationEvent::Logged(event) => Some(Arc::clone(event)),
        _ => None,
    }
}

/// V016: a subscription that reads too slowly is told how much it missed, and one that comes later is told what was last.
#[tokio::test(flavor = "multi_thread")]
async fn subscriptions_lag_and_replay() {
    let world = World::new().await;
    let ada = world.ada().await;
    let mut slow = ada.subscribe();
    let here = ada.create_conversation().create().await.unwrap();
    let mut quick = here.subscribe();
    for round in 0..400 {
        here.update_friendly_name(Some(&format!("Harbour {round}"))).await.unwrap();
        let renamed =
            |event: &ConversationEvent| matches!(event, ConversationEvent::Updated { .. }).then_some(());
        find(&mut quick, renamed).await;
    }
    // Each is told as an event of the log and as an update.
    for round in 0..300 {
        say(&here, &format!("{round}")).await;
    }
    let missed = find(&mut slow, |event| match event {
        Event::Missed { count } => Some(*count),
        _ => None,
    })
    .await;
    assert!(missed > 0);
    let mut replayed = here.subscribe_with_replay();
    let last = find(&mut replayed, |event| match event {
        ConversationEvent::MessageAdded(message) => message.index().checked_sub(298),
        _ => None,
    })
    .await;
    assert!(last <= 1, "the first ones are not the last");
}
