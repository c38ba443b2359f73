//! Typing.

use confab_client::sdk::{ConversationEvent, Event, ParticipantEvent};

use crate::world::{World, find, say, talk};

/// T014 T015 T055 T056 T093 T138 T144 T145 V039 V081: somebody types, and has stopped when their message comes; wherever one listens.
#[tokio::test(flavor = "multi_thread")]
async fn typing_starts_and_ends_with_the_message() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let them = here.participant_by_identity("Ben").await.unwrap();
    let (mut events, mut inside, mut theirs) = (ada.subscribe(), here.subscribe(), them.subscribe());
    there.typing().await.unwrap();
    // Said already: swallowed.
    there.typing().await.unwrap();
    find(&mut events, |event| matches!(event, Event::TypingStarted(who) if *who == them).then_some(())).await;
    find(&mut inside, |event| {
        matches!(event, ConversationEvent::TypingStarted(who) if *who == them).then_some(())
    })
    .await;
    assert!(them.is_typing());
    say(&there, "hello").await;
    find(&mut events, |event| matches!(event, Event::TypingEnded(who) if *who == them).then_some(())).await;
    find(&mut inside, |event| {
        matches!(event, ConversationEvent::TypingEnded(who) if *who == them).then_some(())
    })
    .await;
    assert!(!them.is_typing());
    let mut heard = Vec::new();
    while heard.last() != Some(&ParticipantEvent::TypingEnded) {
        heard.push(find(&mut theirs, |event| Some(event.clone())).await);
    }
    assert_eq!(heard, [ParticipantEvent::TypingStarted, ParticipantEvent::TypingEnded], "once each");
}

/// T014 T055 T145: without a message typing ends by itself.
#[tokio::test(flavor = "multi_thread")]
async fn typing_ends_by_itself() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let mut inside = here.subscribe();
    there.typing().await.unwrap();
    find(&mut inside, |event| matches!(event, ConversationEvent::TypingStarted(_)).then_some(())).await;
    let them = find(&mut inside, |event| match event {
        ConversationEvent::TypingEnded(them) => Some(them.clone()),
        _ => None,
    })
    .await;
    assert_eq!((them.identity(), them.is_typing()), ("Ben".to_owned(), false));
}
