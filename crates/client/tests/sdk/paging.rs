//! Pages.

use confab_client::sdk::{Error, From, Message, Paginator};

use crate::world::{World, say};

fn indexes(page: &Paginator<Message>) -> Vec<u64> {
    page.items().iter().map(Message::index).collect()
}

/// T078 T083 T107 T218 T219 T220 T221 T222: pages ascend whichever way they were read, anchors are part of them, each is an object of its own, and
/// there is no way beyond the ends.
#[tokio::test(flavor = "multi_thread")]
async fn messages_are_paged_both_ways() {
    let world = World::new().await;
    let ada = world.ada().await;
    let here = ada.create_conversation().create().await.unwrap();
    for round in 0..7 {
        say(&here, &format!("{round}")).await;
    }
    let newest = here.messages(From::Newest, 3).await.unwrap();
    assert_eq!(
        (indexes(&newest), newest.has_next_page(), newest.has_prev_page()),
        (vec![4, 5, 6], false, true)
    );
    let older = newest.prev_page().await.unwrap();
    assert_eq!((indexes(&older), indexes(&newest)), (vec![1, 2, 3], vec![4, 5, 6]), "another page");
    let oldest = older.prev_page().await.unwrap();
    assert_eq!((indexes(&oldest), oldest.has_prev_page()), (vec![0], false));
    assert_eq!(oldest.prev_page().await.unwrap_err(), Error::NoFurtherPage);
    assert_eq!(newest.next_page().await.unwrap_err(), Error::NoFurtherPage);
    assert_eq!(indexes(&oldest.next_page().await.unwrap()), [1, 2, 3]);
    assert_eq!(indexes(&here.messages(From::UpTo(4), 2).await.unwrap()), [3, 4]);
    let on = here.messages(From::On(4), 2).await.unwrap();
    assert_eq!((indexes(&on), on.has_next_page()), (vec![4, 5], true));
    assert_eq!(indexes(&here.messages(From::Oldest, 100).await.unwrap()), [0, 1, 2, 3, 4, 5, 6]);
    here.message(5).await.unwrap().remove().await.unwrap();
    assert_eq!(indexes(&here.messages(From::On(4), 3).await.unwrap()), [4, 6], "indexes have gaps");
    assert_eq!(here.messages_count().await, Ok(6));
    for size in [0, 101] {
        let wrong = here.messages(From::Newest, size).await.unwrap_err();
        assert!(matches!(wrong, Error::InvalidArgument { argument: "page_size", .. }));
    }
}

/// T038 V071: one's conversations, fifty per page.
#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_paged() {
    let world = World::new().await;
    let ada = world.ada().await;
    for _ in 0..53 {
        ada.create_conversation().create().await.unwrap();
    }
    let first = ada.conversations();
    assert_eq!((first.items().len(), first.has_prev_page()), (50, false));
    let last = first.next_page().await.unwrap();
    assert_eq!((last.items().len(), last.has_next_page(), last.has_prev_page()), (3, false, true));
    assert_eq!(last.prev_page().await.unwrap().into_items(), first.items());
    assert_eq!(last.next_page().await.unwrap_err(), Error::NoFurtherPage);
}

/// V006 V089: the directory, by SID, both ways.
#[tokio::test(flavor = "multi_thread")]
async fn the_directory_is_paged() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    for round in 0..52 {
        let name = format!("Quay {round}");
        ada.create_conversation().friendly_name(&name).public_join().create().await.unwrap();
    }
    let first = ben.public_conversations().await.unwrap();
    let second = first.next_page().await.unwrap();
    assert_eq!((first.items().len(), second.items().len()), (50, 2));
    assert_eq!((second.has_next_page(), first.has_prev_page()), (false, false));
    assert_eq!(second.prev_page().await.unwrap().items(), first.items());
    assert!(ben.conversations().items().is_empty(), "seen, not joined");
}

/// T078 V025 V055: in an "uber" conversation one reads what was said while one was there.
#[tokio::test(flavor = "multi_thread")]
async fn who_was_away_from_an_uber_conversation_does_not_read_what_was_said_meanwhile() {
    let world = World::new().await;
    let (ada, ben) = (world.ada().await, world.join("Ben").await);
    let here = ada.create_conversation().uber().public_join().create().await.unwrap();
    let there = ben.join(here.sid()).await.unwrap();
    say(&here, "there").await;
    there.leave().await.unwrap();
    say(&here, "away").await;
    there.join().await.unwrap();
    say(&here, "back").await;
    let page = there.messages(From::Newest, 30).await.unwrap();
    let bodies: Vec<_> = page.items().iter().filter_map(Message::body).collect();
    assert_eq!(bodies, ["there", "back"]);
    assert_eq!(there.messages_count().await, Ok(2));
}
