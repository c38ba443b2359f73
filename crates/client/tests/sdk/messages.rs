//! Messages: what they hold, and what changes of them.

use confab_client::sdk::{
    ChannelMetadata, ConversationEvent, DeliveryAmount, DeliveryReport, DeliveryStatus, Error, ErrorCode,
    Event, MessageEvent, MessageKind, MessageUpdateReason as Reason,
};
use serde_json::json;

use crate::world::{World, find, say, talk, until, within};

/// T009 T052 T099 T101 T102 T103 T105 T106 T107 T108 T109 T110 T111 T114 T179 V044 V045 V046 V047 V048 V078: a message with all that it can
/// hold besides files, as the other side gets it.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_arrives_with_all_that_it_holds() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut inside, mut events) = (there.subscribe(), ben.subscribe());
    let builder = here.prepare_message().set_body("hello").set_subject("Tides");
    let sent = within(builder.set_attributes(json!({"low": "12:04"})).build_and_send().await.unwrap())
        .await
        .unwrap();
    let told = find(&mut inside, |event| match event {
        ConversationEvent::MessageAdded(message) => Some(message.clone()),
        _ => None,
    })
    .await;
    find(&mut events, |event| {
        matches!(event, Event::MessageAdded(message) if *message == told).then_some(())
    })
    .await;
    assert_eq!((told.sid(), told.index(), told.client_id()), (sent.sid(), 0, sent.client_id()));
    assert_eq!((told.body().as_deref(), told.subject().as_deref()), (Some("hello"), Some("Tides")));
    assert_eq!((told.attributes(), told.author()), (json!({"low": "12:04"}), "Ada".to_owned()));
    assert_eq!((told.kind(), told.last_updated_by()), (MessageKind::Text, None));
    assert_eq!((told.conversation(), told.date_updated()), (there.clone(), told.date_created()));
    assert_eq!(told.participant_sid(), Some(there.participant_by_identity("Ada").await.unwrap().sid()));
    assert_eq!(told.sequence(), there.last_event_sequence());
    assert!(told.media().is_none() && told.mentions().is_empty() && told.relates_to().is_none());
    assert!(!told.is_removed());
}

/// T010 T011 T053 T054 T100 T122 T123 T124 V049 V050 V079 V080: edits and removal are told with their reasons, and handles follow.
#[tokio::test(flavor = "multi_thread")]
async fn a_message_is_changed_and_removed() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    say(&here, "hello").await;
    let (mine, theirs) = (here.message(0).await.unwrap(), there.message(0).await.unwrap());
    let (mut of_it, mut inside, mut events) = (theirs.subscribe(), there.subscribe(), ben.subscribe());
    mine.update_body("good morning").await.unwrap();
    assert_eq!(mine.body().as_deref(), Some("good morning"), "what one did is seen at once");
    let reasons = edited(&mut of_it).await;
    assert_eq!(reasons, [Reason::Body, Reason::DateUpdated, Reason::LastUpdatedBy]);
    find(&mut inside, |event| {
        matches!(event, ConversationEvent::MessageUpdated { message, .. } if *message == theirs).then_some(())
    })
    .await;
    find(&mut events, |event| {
        matches!(event, Event::MessageUpdated { message, .. } if *message == theirs).then_some(())
    })
    .await;
    assert_eq!(theirs.body().as_deref(), Some("good morning"));
    assert_eq!(theirs.last_updated_by().as_deref(), Some("Ada"));
    assert!(theirs.date_updated() >= theirs.date_created());
    mine.update_attributes(json!({"seen": true})).await.unwrap();
    assert!(edited(&mut of_it).await.contains(&Reason::Attributes));
    mine.update(Some("hello again"), None).await.unwrap();
    edited(&mut of_it).await;
    assert_eq!(theirs.attributes(), json!({"seen": true}), "what was not named stayed");
    mine.update_subject("Greeting").await.unwrap();
    assert!(edited(&mut of_it).await.contains(&Reason::Subject));
    assert_eq!(theirs.update_body("mine").await.unwrap_err().code(), Some(ErrorCode::Forbidden));
    assert!(matches!(mine.update_body("  ").await, Err(Error::InvalidArgument { argument: "body", .. })));
    mine.remove().await.unwrap();
    find(&mut of_it, |event| matches!(event, MessageEvent::Removed).then_some(())).await;
    find(&mut inside, |event| {
        matches!(event, ConversationEvent::MessageRemoved(message) if *message == theirs).then_some(())
    })
    .await;
    find(&mut events, |event| {
        matches!(event, Event::MessageRemoved(message) if *message == theirs).then_some(())
    })
    .await;
    assert!(theirs.is_removed() && theirs.body().is_none());
    let touched = mine.update_body("come back").await.unwrap_err();
    assert_eq!(touched.code(), Some(ErrorCode::MessageRemoved));
    assert_eq!(there.message(0).await, Err(Error::NotFound { what: "message" }));
    assert_eq!(say(&here, "next").await, 1, "its index stays unused");
    assert_eq!(there.messages_count().await, Ok(1));
}

async fn edited(of_it: &mut confab_client::sdk::Subscription<MessageEvent>) -> Vec<Reason> {
    find(of_it, |event| match event {
        MessageEvent::Updated { reasons } => Some(reasons.clone()),
        _ => None,
    })
    .await
}

/// T120: the author as a participant, as long as they are one.
#[tokio::test(flavor = "multi_thread")]
async fn an_author_is_a_participant_until_they_leave() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    say(&there, "hello").await;
    let message = here.message(0).await.unwrap();
    assert_eq!(message.participant().await.unwrap().identity(), "Ben");
    let mut inside = here.subscribe();
    there.leave().await.unwrap();
    find(&mut inside, |event| matches!(event, ConversationEvent::ParticipantLeft(_)).then_some(())).await;
    assert_eq!(message.participant().await, Err(Error::NotFound { what: "participant" }));
}

/// T115 T121 T194 T195 T196 T197 T198 T199 T201 T202 T204 T205 T208: how far a message has come, over all and one by one.
#[tokio::test(flavor = "multi_thread")]
async fn receipts_follow_the_horizons() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    world.guest("Cleo").await;
    let (here, there) = talk(&ada, &ben).await;
    here.add("Cleo", None).await.unwrap();
    say(&here, "hello").await;
    let message = here.message(0).await.unwrap();
    let receipt = message.aggregated_delivery_receipt().await.unwrap();
    assert_eq!((receipt.total, receipt.sent), (2, DeliveryAmount::All));
    assert_eq!((receipt.delivered, receipt.read), (DeliveryAmount::None, DeliveryAmount::None));
    there.update_last_read_message_index(Some(0)).await.unwrap();
    let receipt = message.aggregated_delivery_receipt().await.unwrap();
    assert_eq!((receipt.delivered, receipt.read), (DeliveryAmount::Some, DeliveryAmount::Some));
    assert_eq!((receipt.undelivered, receipt.failed), (DeliveryAmount::None, DeliveryAmount::None));
    let all = message.detailed_delivery_receipts().await.unwrap();
    let of = |name: &str| all.iter().find(|receipt| receipt.identity.as_deref() == Some(name)).unwrap();
    assert_eq!((of("Ben").status, of("Cleo").status), (DeliveryStatus::Read, DeliveryStatus::Sent));
    let them = here.participant_by_identity("Ben").await.unwrap();
    assert_eq!(of("Ben").participant_sid, them.sid());
    assert_eq!((of("Ben").message_sid, of("Ben").conversation_sid), (message.sid(), here.sid()));
    // The roster is told on a way of its own.
    until(|| them.last_read_timestamp() == Some(of("Ben").date_updated)).await;
}

/// T115 T121 T130 T195 T196 T198 T200 T203 T205 T206 T207 T223 T224: what a connector reports of a copy outside.
#[tokio::test(flavor = "multi_thread")]
async fn reports_of_copies_outside_are_receipts() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    let pilot = here.add_non_chat_participant("sms", None, "+15550000002", None).await.unwrap();
    say(&here, "low water 12:04").await;
    let message = here.message(0).await.unwrap();
    assert_eq!(message.channel_metadata().await, Ok(None));
    let metadata = ChannelMetadata { kind: "sms".into(), data: json!({"parts": 1}) };
    let report = DeliveryReport {
        channel_message_sid: Some("SM1".into()),
        channel_metadata: Some(metadata.clone()),
        ..DeliveryReport::new(DeliveryStatus::Delivered)
    };
    message.report(pilot.sid, report).await.unwrap();
    let receipt = message.aggregated_delivery_receipt().await.unwrap();
    assert_eq!(
        (receipt.total, receipt.delivered, receipt.read),
        (1, DeliveryAmount::All, DeliveryAmount::None)
    );
    let [receipt] = &message.detailed_delivery_receipts().await.unwrap()[..] else {
        panic!("not one receipt")
    };
    assert_eq!((receipt.participant_sid, receipt.identity.as_ref()), (pilot.sid, None));
    assert_eq!((receipt.status, receipt.error_code), (DeliveryStatus::Delivered, 0));
    assert_eq!(receipt.channel_message_sid.as_deref(), Some("SM1"));
    assert!(receipt.sid.to_string().len() == 34 && receipt.date_created <= receipt.date_updated);
    let told = message.channel_metadata().await.unwrap().unwrap();
    assert_eq!((told.kind, told.data), (metadata.kind, metadata.data));
    let failed = DeliveryReport { error_code: Some(30_003), ..DeliveryReport::new(DeliveryStatus::Failed) };
    say(&here, "another").await;
    let other = here.message(1).await.unwrap().report(pilot.sid, failed).await.unwrap();
    assert_eq!((other.status, other.error_code), (DeliveryStatus::Failed, 30_003));
}
