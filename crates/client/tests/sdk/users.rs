//! Users.

use confab_client::sdk::{
    ConnectionState, Error, ErrorCode, Event, Subscription, User, UserEvent, UserStatus,
    UserUpdateReason as Reason,
};
use serde_json::{Value, json};

use crate::world::{World, find};

/// T017 T018 T044 T045 T147 T151 T152 T153 T158 T164 V018 V019 V020 V085 V086 V007 V009 V090 V091: subscribed to, told of, given up.
#[tokio::test(flavor = "multi_thread")]
async fn one_subscribes_to_users() {
    let world = World::new().await;
    let ada = world.ada().await;
    let (_ben, _cleo) = (world.guest("Ben").await, world.guest("Cleo").await);
    let mut events = ada.subscribe();
    let ben = ada.user_by_identity("ben").await.unwrap();
    find(&mut events, |event| matches!(event, Event::UserSubscribed(user) if *user == ben).then_some(()))
        .await;
    assert_eq!(
        (ben.identity(), ben.friendly_name(), ben.is_subscribed()),
        ("Ben".into(), "Ben".into(), true)
    );
    assert_eq!(ada.user_by_identity("BEN").await.unwrap(), ben);
    ada.subscribe_users(&["Cleo", "Nobody"]).await.unwrap();
    let names: Vec<_> = ada.subscribed_users().iter().map(confab_client::sdk::User::identity).collect();
    assert_eq!(names, ["Ada", "Ben", "Cleo"], "oneself first");
    assert_eq!(ada.user_by_identity("Nobody").await, Err(Error::NotFound { what: "user" }));
    let mut of_ben = ben.subscribe_with_replay();
    assert_eq!(of_ben.next().await, Some(UserEvent::Subscribed), "the last of its kind");
    ben.unsubscribe().await.unwrap();
    find(&mut events, |event| matches!(event, Event::UserUnsubscribed(user) if *user == ben).then_some(()))
        .await;
    find(&mut of_ben, |event| matches!(event, UserEvent::Unsubscribed).then_some(())).await;
    assert_eq!((ben.is_subscribed(), ben.is_online()), (false, None));
    assert_eq!(ben.update_friendly_name("Benjamin").await, Err(Error::Unsubscribed));
    ada.unsubscribe_users(&["CLEO"]).await.unwrap();
    assert_eq!(ada.subscribed_users().len(), 1);
    ada.subscribe_users(&["Ben", "Cleo"]).await.unwrap();
    ada.unsubscribe_from_all().await.unwrap();
    assert_eq!(ada.subscribed_users().len(), 1, "one's own user stays");
    assert!(matches!(
        ada.user_by_identity("").await,
        Err(Error::InvalidArgument { argument: "identity", .. })
    ));
}

/// T019 T027 T150 T153 T154 T155 T159 T162 T163 V002 V066 V067 V068 V069 V083: profiles, one's own and others', and their changes.
#[tokio::test(flavor = "multi_thread")]
async fn profiles_change_and_are_told() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let seen = ada.user_by_identity("Ben").await.unwrap();
    let (mut of_ben, mut events) = (seen.subscribe(), ada.subscribe());
    let me = ben.user().unwrap();
    me.update_friendly_name("Benjamin").await.unwrap();
    assert_eq!(me.friendly_name(), "Benjamin");
    assert_eq!(updated(&mut of_ben, Reason::FriendlyName).await, [Reason::FriendlyName]);
    told(&mut events, &seen, Reason::FriendlyName).await;
    me.update_attributes(json!({"pier": 4})).await.unwrap();
    assert_eq!(updated(&mut of_ben, Reason::Attributes).await, [Reason::Attributes]);
    assert_eq!((seen.friendly_name(), seen.attributes()), ("Benjamin".to_owned(), json!({"pier": 4})));
    assert_eq!((seen.sid(), seen.identity()), (me.sid(), "Ben".to_owned()));
    let refused = ben.user_by_identity("Ada").await.unwrap().update_friendly_name("Me").await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::Forbidden));
    seen.update_friendly_name("Ben of the quay").await.unwrap();
    let mut mine = ben.subscribe_with_replay();
    find(&mut mine, |_| (me.friendly_name() == "Ben of the quay").then_some(())).await;
    assert!(matches!(me.update_friendly_name(" ").await, Err(Error::InvalidArgument { .. })));
    assert!(matches!(
        me.update_attributes(json!({"x": "y".repeat(4_096)})).await,
        Err(Error::InvalidArgument { .. })
    ));
}

async fn updated(events: &mut Subscription<UserEvent>, reason: Reason) -> Vec<Reason> {
    find(events, |event| match event {
        UserEvent::Updated { reasons } if reasons.contains(&reason) => Some(reasons.clone()),
        _ => None,
    })
    .await
}

/// The client tells of it too.
async fn told(events: &mut Subscription<Event>, whom: &User, reason: Reason) {
    find(events, |event| match event {
        Event::UserUpdated { user, reasons } => (user == whom && reasons.contains(&reason)).then_some(()),
        _ => None,
    })
    .await;
}

/// T028 T156 T161 V017 V084: who is there, by their connections and by what they say.
#[tokio::test(flavor = "multi_thread")]
async fn presence_is_told() {
    let world =
        World::with(|config| config.bounds.offline_after = std::time::Duration::from_millis(200)).await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let seen = ada.user_by_identity("Ben").await.unwrap();
    let (mut of_ben, mut events) = (seen.subscribe_with_replay(), ada.subscribe());
    find(&mut of_ben, |_| (seen.is_online() == Some(true)).then_some(())).await;
    assert_eq!(seen.status(), None);
    ben.set_status(Some(UserStatus::Offline)).await.unwrap();
    assert_eq!(updated(&mut of_ben, Reason::Status).await, [Reason::Status]);
    told(&mut events, &seen, Reason::Status).await;
    assert_eq!((seen.status(), seen.is_online()), (Some(UserStatus::Offline), Some(true)));
    ben.shutdown().await;
    updated(&mut of_ben, Reason::ReachabilityOnline).await;
    assert_eq!(seen.is_online(), Some(false));
}

/// V074: whoever is not to come in any more is known by it, and is not let in.
#[tokio::test(flavor = "multi_thread")]
async fn one_is_deactivated() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let seen = ada.user_by_identity("Ben").await.unwrap();
    assert!(!seen.is_deactivated());
    let (mut of_ben, mut mine) = (seen.subscribe(), ben.subscribe());
    world.deactivate(seen.sid()).await;
    updated(&mut of_ben, Reason::Deactivated).await;
    assert!(seen.is_deactivated());
    find(&mut mine, |event| match event {
        Event::ConnectionError(failure) => failure.terminal.then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(ben.connection_state(), ConnectionState::Denied);
}

/// T040 T041 T042 T157 T160 V014: who has a registration is notifiable, and that is told.
#[tokio::test(flavor = "multi_thread")]
async fn a_registered_device_makes_notifiable() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let seen = ada.user_by_identity("Ben").await.unwrap();
    assert_eq!(seen.is_notifiable(), Some(false));
    let mut of_ben = seen.subscribe();
    let events = Some(vec![confab_client::sdk::PushEvent::MessageAdded]);
    let registration = ben.set_push_registration("fcm", "by this name", events.clone()).await.unwrap();
    assert_eq!((registration.kind.as_str(), Some(registration.events)), ("fcm", events));
    updated(&mut of_ben, Reason::ReachabilityNotifiable).await;
    assert_eq!(seen.is_notifiable(), Some(true));
    ben.remove_push_registration().await.unwrap();
    updated(&mut of_ben, Reason::ReachabilityNotifiable).await;
    assert_eq!(seen.is_notifiable(), Some(false));
    let empty = ben.set_push_registration("fcm", " ", None).await;
    assert!(matches!(empty, Err(Error::InvalidArgument { argument: "token", .. })));
    seen.unsubscribe().await.unwrap();
    assert_eq!(seen.is_notifiable(), None);
}

/// T018 T044: the hundred and first crowds the first out.
#[tokio::test(flavor = "multi_thread")]
async fn the_first_is_crowded_out_first() {
    let world = World::with(|config| {
        config.bounds.password_memory_kib = 8;
    })
    .await;
    let ada = world.ada().await;
    let names: Vec<String> = (0..101).map(|number| format!("P{number:03}")).collect();
    let conversation = ada.create_conversation().create().await.unwrap();
    for name in &names {
        world.guest(name).await;
    }
    drop(conversation);
    let mut events = ada.subscribe();
    for chunk in names.chunks(50) {
        let chunk: Vec<&str> = chunk.iter().map(String::as_str).collect();
        ada.subscribe_users(&chunk).await.unwrap();
    }
    let gone = find(&mut events, |event| match event {
        Event::UserUnsubscribed(user) => Some(user.identity()),
        _ => None,
    })
    .await;
    assert_eq!(gone, "P000");
    let held: Vec<_> = ada.subscribed_users().iter().map(confab_client::sdk::User::identity).collect();
    assert_eq!((held.len(), held[1].as_str(), held[100].as_str()), (101, "P001", "P100"));
}

/// V008 V010 V011: users by identity and by SID, alone and several at once, and all of them.
#[tokio::test(flavor = "multi_thread")]
async fn users_are_found() {
    let world = World::new().await;
    let ada = world.ada().await;
    world.guest("Ben").await;
    world.guest("Cleo").await;
    let both = ada.users_by_identity(&["ben", "Cleo", "Nobody"]).await.unwrap();
    assert_eq!(both.len(), 2);
    assert!(both.iter().all(|user| !user.is_subscribed()));
    let ben = both.iter().find(|user| user.identity() == "Ben").unwrap();
    assert_eq!(ada.user_by_sid(ben.sid()).await.unwrap(), *ben);
    assert_eq!(ada.users_by_sid(&[ben.sid()]).await.unwrap(), std::slice::from_ref(ben));
    let unknown = ada.user_by_sid(confab_client::sdk::UserSid(uuid::Uuid::nil())).await;
    assert_eq!(unknown, Err(Error::NotFound { what: "user" }));
    let all = ada.directory().await.unwrap();
    assert_eq!((all.items().len(), all.has_next_page()), (3, false));
    let many = vec!["Ben"; 51];
    for wrong in [ada.users_by_identity(&[]).await, ada.users_by_identity(&many).await] {
        assert!(matches!(wrong, Err(Error::InvalidArgument { argument: "identities", .. })));
    }
}

/// V002 V070: data of one's own, on all one's devices and for nobody else.
#[tokio::test(flavor = "multi_thread")]
async fn private_data_is_ones_own() {
    let world = World::new().await;
    let ben = world.join("Ben").await;
    ben.set_private_data(json!({"theme": "dark"})).await.unwrap();
    let again = world.client(world.again("Ben").await).await;
    assert_eq!(again.private_data(), json!({"theme": "dark"}));
    let ada = world.ada().await;
    assert_eq!(ada.private_data(), Value::Null);
    ben.set_private_data(Value::Null).await.unwrap();
    let third = world.client(world.again("Ben").await).await;
    assert_eq!(third.private_data(), Value::Null);
}
