//! How far one has read.

use confab_client::sdk::{ConversationEvent, ConversationUpdateReason as Reason, Error, ErrorCode, Event};

use crate::world::{World, find, say, talk};

/// T067 T075 T084 T090 T091 T096 V040: the horizon goes where it is told, forwards only when that is asked, and unread is null without one.
#[tokio::test(flavor = "multi_thread")]
async fn a_horizon_goes_where_it_is_told() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    assert_eq!(there.set_all_messages_read().await, Ok(0), "nothing to read");
    for text in ["one", "two", "three"] {
        say(&here, text).await;
    }
    let mut inside = there.subscribe_with_replay();
    find(&mut inside, |_| (there.last_message()?.index == 2).then_some(())).await;
    assert_eq!(there.unread_messages_count().await, Ok(None));
    assert_eq!(there.unread().await.unwrap().unread, 3);
    assert_eq!(there.update_last_read_message_index(Some(0)).await, Ok(2));
    assert_eq!(there.unread_messages_count().await, Ok(Some(2)));
    assert_eq!(there.advance_last_read_message_index(1).await, Ok(1));
    assert_eq!(there.advance_last_read_message_index(0).await, Ok(1), "it does not go back");
    assert_eq!(there.last_read_message_index(), Some(1));
    assert_eq!(there.update_last_read_message_index(Some(0)).await, Ok(2), "it does when it is put there");
    assert_eq!(there.set_all_messages_read().await, Ok(0));
    assert_eq!(
        (there.last_read_message_index(), there.unread_messages_count().await),
        (Some(2), Ok(Some(0)))
    );
    let read = there.last_read_event_sequence();
    assert_eq!(there.set_all_messages_unread().await, Ok(3));
    assert_eq!((there.last_read_message_index(), there.unread_messages_count().await), (None, Ok(None)));
    assert_eq!(there.mark_as_read(read).await, Ok(0));
    assert_eq!((there.last_read_message_index(), there.last_read_event_sequence()), (Some(2), read));
    assert_eq!(there.mark_as_read(read - 1).await, Ok(1));
    assert_eq!(there.mark_as_read(0).await, Ok(3));
    let beyond = there.mark_as_read(read + 100).await.unwrap_err();
    assert_eq!(beyond.code(), Some(ErrorCode::InvalidParams));
    // Nothing in the client moves the sender's horizon.
    assert_eq!(here.last_read_message_index(), None);
}

/// T005 T067: another device of the same person hears of it.
#[tokio::test(flavor = "multi_thread")]
async fn a_horizon_is_the_same_on_all_devices() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    say(&here, "one").await;
    let again = world.client(world.again("Ben").await).await;
    let other = again.conversation(there.sid()).await.unwrap();
    let mut inside = other.subscribe();
    there.update_last_read_message_index(Some(0)).await.unwrap();
    find(&mut inside, |event| match event {
        ConversationEvent::Updated { reasons } => {
            reasons.contains(&Reason::LastReadMessageIndex).then_some(())
        }
        _ => None,
    })
    .await;
    assert_eq!(other.last_read_message_index(), Some(0));
}

/// T075 T084: whoever is not in it has no horizon.
#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_in_it_has_no_horizon() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let public = ada.create_conversation().public_join().create().await.unwrap();
    let peeked = ben.peek(public.sid()).await.unwrap();
    assert_eq!(peeked.unread_messages_count().await, Err(Error::NotParticipating));
    assert_eq!(peeked.advance_last_read_message_index(0).await, Err(Error::NotParticipating));
    assert_eq!(peeked.set_all_messages_read().await, Err(Error::NotParticipating));
    assert_eq!(peeked.typing().await, Err(Error::NotParticipating));
    assert!(matches!(peeked.send_message("hello").await, Err(Error::NotParticipating)));
    let mut events = ben.subscribe();
    peeked.join().await.unwrap();
    find(&mut events, |event| matches!(event, Event::ConversationJoined(_)).then_some(())).await;
    assert_eq!(peeked.unread_messages_count().await, Ok(None));
}
