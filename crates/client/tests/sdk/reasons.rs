//! Why something is told as changed, where those who take part by other means have to do with it.

use confab_client::sdk::{
    ConversationEvent, ConversationUpdateReason, DeliveryReport, DeliveryStatus, MessageEvent,
    MessageUpdateReason, Subscription,
};
use serde_json::json;

use crate::world::{World, find, say, talk};

async fn of_message(of_it: &mut Subscription<MessageEvent>) -> Vec<MessageUpdateReason> {
    find(of_it, |event| match event {
        MessageEvent::Updated { reasons } => Some(reasons.clone()),
        _ => None,
    })
    .await
}

/// Whether a conversation is told as changed because of this and its date. An answer on its way may bring the date before the log
/// says why it changed.
async fn is_told(inside: &mut Subscription<ConversationEvent>, why: ConversationUpdateReason) {
    let mut told = Vec::new();
    find(inside, |event| match event {
        ConversationEvent::Updated { reasons } => {
            told.extend(reasons.iter().copied());
            told.contains(&why).then_some(())
        }
        _ => None,
    })
    .await;
    told.dedup();
    assert_eq!(told, [ConversationUpdateReason::DateUpdated, why]);
}

/// T054 T100: a report of a copy is news of the receipt, and nobody has edited the message.
#[tokio::test(flavor = "multi_thread")]
async fn a_report_of_a_copy_is_a_receipt_and_no_edit() {
    use MessageUpdateReason as Reason;
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let pilot = here.add_non_chat_participant("sms", None, "+15550000002", None).await.unwrap();
    say(&here, "low water 12:04").await;
    let (mine, theirs) = (here.message(0).await.unwrap(), there.message(0).await.unwrap());
    let (before, mut of_it) = (theirs.date_updated(), theirs.subscribe());
    mine.report(pilot.sid, DeliveryReport::new(DeliveryStatus::Delivered)).await.unwrap();
    assert_eq!(of_message(&mut of_it).await, [Reason::DeliveryReceipt]);
    assert_eq!((theirs.date_updated(), theirs.last_updated_by()), (before, None));
    mine.update_attributes(json!({"seen": true})).await.unwrap();
    let edited = [Reason::Attributes, Reason::DateUpdated, Reason::LastUpdatedBy];
    assert_eq!(of_message(&mut of_it).await, edited);
}

/// T005 T057: who comes, changes and goes at an address elsewhere changes the conversation.
#[tokio::test(flavor = "multi_thread")]
async fn who_takes_part_by_other_means_is_a_reason() {
    use ConversationUpdateReason as Reason;
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut mine, mut theirs) = (here.subscribe(), there.subscribe());
    let pilot = here.add_non_chat_participant("sms", None, "+15550000002", None).await.unwrap();
    for inside in [&mut mine, &mut theirs] {
        is_told(inside, Reason::NonChatParticipants).await;
    }
    here.update_non_chat_participant(pilot.sid, json!({"boat": "tug"})).await.unwrap();
    is_told(&mut theirs, Reason::NonChatParticipants).await;
    here.remove_non_chat_participant(pilot.sid).await.unwrap();
    is_told(&mut theirs, Reason::NonChatParticipants).await;
    here.update_friendly_name(Some("Quay")).await.unwrap();
    is_told(&mut theirs, Reason::FriendlyName).await;
}
