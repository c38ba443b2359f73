//! Coming into conversations and going out of them.

use confab_client::sdk::{Change, Conversation, ConversationEvent, Event, MembershipStatus, Subscription};

use crate::world::{World, find, talk};

async fn left_and_removed(events: &mut Subscription<Event>, which: &Conversation) {
    find(events, |event| matches!(event, Event::ConversationLeft(left) if left == which).then_some(())).await;
    find(events, |event| matches!(event, Event::ConversationRemoved(gone) if gone == which).then_some(()))
        .await;
}

/// T002 T003 T004 T061 T085 T086 V012 V013 V072: joining, leaving, and what is remembered of it.
#[tokio::test(flavor = "multi_thread")]
async fn one_joins_and_leaves() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let public = ada.create_conversation().friendly_name("Quay").public_join().create().await.unwrap();
    let mut events = ben.subscribe();
    let joined = ben.join(public.sid()).await.unwrap();
    find(&mut events, |event| {
        matches!(event, Event::ConversationJoined(there) if *there == joined).then_some(())
    })
    .await;
    assert_eq!(joined.status(), MembershipStatus::Joined);
    assert_eq!(ben.conversations().items(), std::slice::from_ref(&joined));
    joined.leave().await.unwrap();
    left_and_removed(&mut events, &joined).await;
    assert_eq!(joined.status(), MembershipStatus::NotParticipating);
    assert!(ben.conversations().items().is_empty());
    assert_eq!(joined.leave().await, Ok(()), "who is not in it is not in it");
    ben.leave(public.sid()).await.unwrap();
    let left = ben.left_conversations().await.unwrap();
    assert_eq!((left.items()[0].sid, left.items()[0].name.as_str()), (public.sid(), "Quay"));
    assert!(left.items()[0].left_at.is_some());
    let again = ben.peek(public.sid()).await.unwrap();
    again.join().await.unwrap();
    find(&mut events, |event| {
        matches!(event, Event::ConversationJoined(there) if *there == joined).then_some(())
    })
    .await;
    assert_eq!(joined.status(), MembershipStatus::Joined, "an old handle lives again");
}

/// T003 T004 T007 T050 T058: whoever is removed is told, and so are the others.
#[tokio::test(flavor = "multi_thread")]
async fn one_is_removed() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut events, mut inside) = (ben.subscribe(), there.subscribe());
    let (mut others, mut outside) = (ada.subscribe(), here.subscribe());
    let them = here.participant_by_identity("Ben").await.unwrap();
    assert!(them.is_joined());
    here.remove_participant("ben").await.unwrap();
    left_and_removed(&mut events, &there).await;
    find(&mut inside, |event| matches!(event, ConversationEvent::Removed).then_some(())).await;
    find(&mut outside, |event| match event {
        ConversationEvent::ParticipantLeft(gone) => (*gone == them).then_some(()),
        _ => None,
    })
    .await;
    find(&mut others, |event| matches!(event, Event::ParticipantLeft(gone) if *gone == them).then_some(()))
        .await;
    assert!(!them.is_joined());
    assert_eq!(here.participants().await.unwrap().len(), 1);
}

/// T003 T004 T058 T076 V077: deleted for everyone.
#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_deleted() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut mine, mut theirs) = (ada.subscribe(), ben.subscribe());
    assert!(there.delete().await.unwrap_err().code().is_some(), "not everybody may");
    here.delete().await.unwrap();
    for events in [&mut mine, &mut theirs] {
        find(events, |event| match event {
            Event::Logged { conversation, event } if *conversation == here => {
                matches!(event.change, Change::ConversationDeleted(_)).then_some(())
            }
            _ => None,
        })
        .await;
    }
    left_and_removed(&mut mine, &here).await;
    left_and_removed(&mut theirs, &there).await;
    assert!(ada.peek(here.sid()).await.is_err());
}
