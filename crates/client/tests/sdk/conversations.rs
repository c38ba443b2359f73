//! Making conversations of every kind, finding them, changing them.

use confab_client::sdk::{
    ConversationEvent, ConversationState, ConversationUpdateReason as Reason, Error, ErrorCode, Event,
    MembershipStatus, NotificationLevel, Role, Timers,
};
use serde_json::json;

use crate::world::{World, find, say, talk};

/// T039 T059 T060 T061 T062 T063 T064 T065 T066 T068 T072 T077 V001 V021 V022 V027 V028 V029 V030 V051 V056 V075: a conversation
/// with everything that it can be made with.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_made_and_told_of() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let mut events = ben.subscribe();
    let here = ada
        .create_conversation()
        .friendly_name("Harbour")
        .unique_name("harbour")
        .attributes(json!({"pier": 4}))
        .participant_with("Ben", Role::Participant, Some(json!({"shift": "night"})))
        .timers(Timers { inactive: Some("PT30M".into()), closed: None })
        .create()
        .await
        .unwrap();
    let there = find(&mut events, |event| match event {
        Event::ConversationAdded(there) => Some(there.clone()),
        _ => None,
    })
    .await;
    assert_eq!((there.sid(), there.uuid()), (here.sid(), here.sid().0));
    assert_eq!(there.friendly_name().as_deref(), Some("Harbour"));
    assert_eq!(there.unique_name().as_deref(), Some("harbour"));
    assert_eq!((there.attributes(), there.created_by()), (json!({"pier": 4}), "Ada".to_owned()));
    assert_eq!((there.status(), there.state()), (MembershipStatus::Joined, ConversationState::Active));
    assert_eq!((there.is_direct(), there.is_public_join(), there.is_uber()), (false, false, false));
    assert_eq!(there.timers().inactive.as_deref(), Some("PT30M"));
    assert_eq!(there.notification_level(), NotificationLevel::Default);
    assert_eq!((there.last_message(), there.last_read_message_index()), (None, None));
    assert_eq!((here.role(), there.role()), (Role::Owner, Role::Participant));
    assert!(there.date_created().0 > 0 && there.date_updated() >= there.date_created());
    assert_eq!(there.date_state_updated(), there.date_created());
    let shift = there.participant_by_identity("Ben").await.unwrap().attributes();
    assert_eq!(shift, json!({"shift": "night"}));
    let before = there.last_event_sequence();
    say(&here, "hello").await;
    find(&mut events, |event| match event {
        Event::MessageAdded(message) => (message.body().as_deref() == Some("hello")).then_some(()),
        _ => None,
    })
    .await;
    assert_eq!(there.last_message().unwrap().index, 0);
    assert_eq!(there.last_event_sequence(), before + 1);
}

/// V023 V024 V025 V052 V053 V054 V055: the kinds that exclude each other, and a pair has one conversation.
#[tokio::test(flavor = "multi_thread")]
async fn kinds_of_conversations() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let first = ada.create_conversation().direct().participant("Ben").create().await.unwrap();
    let second = ben.create_conversation().direct().participant("Ada").create().await.unwrap();
    assert_eq!(first, second);
    assert_eq!(first.participants_count().await, Ok(2), "whom it was made with is in it");
    assert_eq!(first.leave().await.unwrap_err().code(), Some(ErrorCode::DirectConversation));
    let public = ada.create_conversation().public_join().create().await.unwrap();
    let uber = ada.create_conversation().uber().inactive().create().await.unwrap();
    let kinds =
        [&first, &public, &uber].map(|made| (made.is_direct(), made.is_public_join(), made.is_uber()));
    assert_eq!(kinds, [(true, false, false), (false, true, false), (false, false, true)]);
    assert_eq!(uber.state(), ConversationState::Inactive);
    for wrong in [
        ada.create_conversation().direct(),
        ada.create_conversation().direct().participant("Ben").uber(),
        ada.create_conversation().direct().participant("Ben").public_join(),
        ada.create_conversation().friendly_name(&"x".repeat(257)),
        ada.create_conversation().attributes(json!({"x": "y".repeat(16 * 1024)})),
        ada.create_conversation().participant("  "),
    ] {
        assert!(matches!(wrong.create().await, Err(Error::InvalidArgument { .. })));
    }
}

/// T035 T036 T037 V003 V004 V088: by SID, by UUID, by unique name, several at once, and those that one is not in.
#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_found() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let named = ada.create_conversation().unique_name("harbour").create().await.unwrap();
    let public = ada.create_conversation().friendly_name("Quay").public_join().create().await.unwrap();
    assert_eq!(ada.conversation(named.sid()).await.unwrap(), named);
    assert_eq!(ada.conversation(named.uuid()).await.unwrap(), named);
    assert_eq!(ada.conversation_by_unique_name(" harbour ").await.unwrap(), named);
    let both = ada.conversations_by_sid(&[named.sid(), public.sid()]).await.unwrap();
    assert_eq!(both.len(), 2);
    let peeked = ben.peek(public.sid()).await.unwrap();
    assert_eq!(
        (peeked.friendly_name().as_deref(), peeked.status()),
        (Some("Quay"), MembershipStatus::NotParticipating)
    );
    assert_eq!(ben.conversation(public.sid()).await.unwrap(), peeked, "what one is not in is peeked at");
    assert!(ben.conversations().items().is_empty());
    for unknown in [
        ben.peek(named.sid()).await,
        ben.conversation(named.sid()).await,
        ben.conversation_by_unique_name("harbour").await,
    ] {
        let refused = unknown.unwrap_err();
        assert_eq!((refused.code(), refused.status()), (Some(ErrorCode::NotFound), Some(404)));
    }
    assert_eq!(ben.conversations_by_sid(&[named.sid()]).await, Ok(Vec::new()));
    let empty = ben.conversation_by_unique_name("").await.unwrap_err();
    assert!(matches!(empty, Error::InvalidArgument { argument: "unique_name", .. }));
    let many = vec![named.sid(); 31];
    for wrong in [ben.conversations_by_sid(&[]).await, ben.conversations_by_sid(&many).await] {
        assert!(matches!(wrong, Err(Error::InvalidArgument { argument: "sids", .. })));
    }
}

/// T005 T057 T094 T095 T097 V031 V032 V033 V034 V076: each change is told with its reason, on both sides.
#[tokio::test(flavor = "multi_thread")]
async fn changes_are_told_with_their_reasons() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut inside, mut events) = (there.subscribe(), ben.subscribe());
    here.update_friendly_name(Some("Quay")).await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::DateUpdated, Reason::FriendlyName]);
    let told = find(&mut events, |event| match event {
        Event::ConversationUpdated { conversation, reasons } => Some((conversation.clone(), reasons.clone())),
        _ => None,
    })
    .await;
    assert_eq!(told, (there.clone(), vec![Reason::DateUpdated, Reason::FriendlyName]));
    here.update_unique_name(Some("quay")).await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::DateUpdated, Reason::UniqueName]);
    here.update_attributes(json!({"pier": 5})).await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::Attributes, Reason::DateUpdated]);
    here.update().public_join(true).friendly_name(None).unique_name(None).send().await.unwrap();
    assert_eq!(
        updated(&mut inside).await,
        [Reason::DateUpdated, Reason::FriendlyName, Reason::UniqueName, Reason::PublicJoin]
    );
    assert_eq!(
        (there.friendly_name(), there.unique_name(), there.attributes()),
        (None, None, json!({"pier": 5}))
    );
    here.update().timers(Timers { inactive: Some("PT5M".into()), closed: None }).send().await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::DateUpdated, Reason::Timers]);
    // What is so already is not sent: nothing of it reaches the log.
    let sequence = here.last_event_sequence();
    here.update_friendly_name(None).await.unwrap();
    here.update_unique_name(Some("")).await.unwrap();
    assert_eq!(here.last_event_sequence(), sequence);
    let taken = ada.create_conversation().unique_name("taken").create().await.unwrap();
    let refused = here.update_unique_name(taken.unique_name().as_deref()).await.unwrap_err();
    assert_eq!((refused.code(), refused.status()), (Some(ErrorCode::UniqueNameTaken), Some(409)));
    assert_eq!(
        there.update_friendly_name(Some("mine")).await.unwrap_err().code(),
        Some(ErrorCode::Forbidden)
    );
}

async fn updated(inside: &mut confab_client::sdk::Subscription<ConversationEvent>) -> Vec<Reason> {
    find(inside, |event| match event {
        ConversationEvent::Updated { reasons } => Some(reasons.clone()),
        _ => None,
    })
    .await
}

/// T072: a state that is told, and closed is for ever.
#[tokio::test(flavor = "multi_thread")]
async fn a_closed_conversation_takes_nothing_any_more() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let mut inside = there.subscribe();
    here.update().state(ConversationState::Closed).send().await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::DateUpdated, Reason::State]);
    assert_eq!(there.state(), ConversationState::Closed);
    assert!(there.date_state_updated() > there.date_created());
    let refused = crate::world::within(there.send_message("too late").await.unwrap()).await.unwrap_err();
    assert_eq!(refused.code(), Some(ErrorCode::ConversationClosed));
}

/// T069 T092: one's own notification level, on one's own devices only.
#[tokio::test(flavor = "multi_thread")]
async fn a_notification_level_is_ones_own() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let again = world.client(world.again("Ben").await).await;
    let other = again.conversation(there.sid()).await.unwrap();
    let mut inside = other.subscribe();
    there.set_user_notification_level(NotificationLevel::Muted).await.unwrap();
    assert_eq!(updated(&mut inside).await, [Reason::NotificationLevel]);
    assert_eq!(
        (other.notification_level(), here.notification_level()),
        (NotificationLevel::Muted, NotificationLevel::Default)
    );
}

/// T071: what may be sent is known from the server.
#[tokio::test(flavor = "multi_thread")]
async fn limits_are_the_servers() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let limits = here.limits().await.unwrap();
    assert_eq!((limits.per_message, limits.file_bytes), (10, 150 * 1024 * 1024));
    assert_eq!(ada.limits().await.unwrap(), limits);
    assert!(!limits.body_types.is_empty() && !limits.history_types.is_empty());
}
