//! The log of a conversation, event by event.

use std::sync::Arc;

use confab_client::sdk::{Change, ConversationEvent, Error, Event, LogEvent, Replay};

use crate::world::{World, find, say, talk};

fn sequences(events: &[LogEvent]) -> Vec<u64> {
    events.iter().map(|event| event.seq).collect()
}

/// T071 V041 V042 V043 V075 V092: the log by two of first, last and number.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_replayed() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    for round in 0..4 {
        say(&here, &format!("{round}")).await;
    }
    here.message(1).await.unwrap().update_body("one").await.unwrap();
    let last = here.replay(Replay::From(1, 100)).await.unwrap().to;
    let between = here.replay(Replay::Between(2, 4)).await.unwrap();
    assert_eq!((between.from, between.to, sequences(&between.events)), (2, 4, vec![2, 3, 4]));
    let from = here.replay(Replay::From(3, 2)).await.unwrap();
    assert_eq!(sequences(&from.events), [3, 4]);
    let to = here.replay(Replay::To(last, 2)).await.unwrap();
    assert_eq!(sequences(&to.events), [last - 1, last]);
    let fewer = here.replay(Replay::From(last, 50)).await.unwrap();
    assert_eq!(sequences(&fewer.events), [last], "no more than there are");
    let all = here.replay(Replay::Between(1, last)).await.unwrap().events;
    assert!(matches!(all[0].change, Change::ConversationCreated(_)));
    let texts: Vec<_> = all
        .iter()
        .filter_map(|event| match &event.change {
            Change::MessageAdded(message) => message.body.clone(),
            _ => None,
        })
        .collect();
    assert_eq!(texts, ["0", "one", "2", "3"], "what was edited shows its present text");
    for wrong in [Replay::Between(1, 101), Replay::Between(4, 3), Replay::From(1, 0), Replay::To(9, 101)] {
        assert!(matches!(here.replay(wrong).await, Err(Error::InvalidArgument { argument: "wanted", .. })));
    }
}

/// V048 V076 V078 V079 V080: each event of the log is told once and in order, with its sequence, who did it, and when; by the client as
/// by the conversation.
#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_told_as_it_grows() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let (here, there) = talk(&ada, &ben).await;
    let (mut inside, mut events) = (there.subscribe(), ben.subscribe());
    let before = there.last_event_sequence();
    say(&here, "hello").await;
    let message = here.message(0).await.unwrap();
    message.update_body("good morning").await.unwrap();
    here.update_friendly_name(Some("Quay")).await.unwrap();
    message.remove().await.unwrap();
    let mut told: Vec<Arc<LogEvent>> = Vec::new();
    while told.len() < 4 {
        let event = find(&mut inside, |event| match event {
            ConversationEvent::Logged(event) => (event.seq > before).then(|| Arc::clone(event)),
            _ => None,
        });
        told.push(event.await);
        let same = find(&mut events, |event| match event {
            Event::Logged { conversation, event } if *conversation == there => {
                (event.seq > before).then(|| Arc::clone(event))
            }
            _ => None,
        });
        assert_eq!(same.await.seq, before + told.len() as u64);
    }
    let sequences: Vec<u64> = told.iter().map(|event| event.seq).collect();
    assert_eq!(sequences, (before + 1..=before + 4).collect::<Vec<_>>());
    assert!(
        told.iter()
            .all(|event| event.actor.as_deref() == Some("Ada") && event.device.is_some() && event.at.0 > 0)
    );
    assert_eq!(told[1].changed, ["body"]);
    assert!(matches!(told[0].change, Change::MessageAdded(_)));
    assert!(matches!(told[2].change, Change::ConversationUpdated(_)));
    assert!(matches!(told[3].change, Change::MessageRemoved(_)));
}
