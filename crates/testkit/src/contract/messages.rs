//! Messages, and what was done under an id.

use confab_domain::row::{MessageRow, Seen};
use confab_domain::store::Order;
use confab_protocol::{ClientId, MessageSid, Timestamp};

use super::rows::{ch, conversation, message, outcome, seed, us, uuid};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("messages are kept with every field", kept),
    ("messages are unique by index, SID, and author and id", unique),
    ("messages come back from either end of a range", ranges),
    ("the last live message is found behind removed ones", last_live),
    ("what was done under an id is found", seen),
    ("outcomes from before an instant are forgotten in pieces", forgotten),
];

fn kept(store: &mut dyn StoreUnderTest) {
    let row = message(ch(1), 0, us(1));
    write(store, |tx| {
        seed(tx)?;
        tx.insert_message(&row)
    });
    assert_eq!(read(store, |read| read.message(row.sid)), Some(row.clone()));
    assert_eq!(read(store, |read| read.message(MessageSid(uuid(5)))), None);
    let bare = MessageRow {
        body: None,
        media: Vec::new(),
        attributes: "{}".into(),
        relates_to: None,
        mentions: Vec::new(),
        date_updated: Timestamp(99),
        last_updated_by: None,
        removed: true,
        version: 98,
        ..row.clone()
    };
    write(store, |tx| tx.update_message(&bare));
    assert_eq!(read(store, |read| read.message(row.sid)), Some(bare));
    conflict(store, |tx| tx.update_message(&message(ch(1), 7, us(1))));
}

fn unique(store: &mut dyn StoreUnderTest) {
    let row = message(ch(1), 0, us(1));
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        tx.insert_message(&row)
    });
    let other = message(ch(1), 1, us(1));
    conflict(store, |tx| tx.insert_message(&MessageRow { index: 0, ..other.clone() }));
    conflict(store, |tx| tx.insert_message(&MessageRow { sid: row.sid, ..other.clone() }));
    conflict(store, |tx| tx.insert_message(&MessageRow { client_id: row.client_id, ..other.clone() }));
    conflict(store, |tx| {
        tx.insert_message(&MessageRow { conversation: ch(2), client_id: row.client_id, ..other.clone() })
    });
    // Ids are made by clients: another author may have the same one.
    let by_other = MessageRow { user: us(2), client_id: row.client_id, ..other };
    write(store, |tx| tx.insert_message(&by_other));
    let found = |store: &mut dyn StoreUnderTest, user| read(store, |read| read.seen(user, row.client_id));
    assert_eq!(found(store, us(1)), Some(Seen::Message(Box::new(row.clone()))));
    assert_eq!(found(store, us(2)), Some(Seen::Message(Box::new(by_other.clone()))));
}

fn ranges(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        for index in [0, 1, 2, 5, 6] {
            tx.insert_message(&message(ch(1), index, us(1)))?;
        }
        tx.insert_message(&MessageRow { conversation: ch(2), ..message(ch(2), 3, us(1)) })
    });
    let page = |store: &mut dyn StoreUnderTest, range: std::ops::Range<u64>, order, limit| -> Vec<u64> {
        let rows = read(store, |read| read.messages(ch(1), range.clone(), order, limit));
        rows.into_iter().map(|row| row.index).collect()
    };
    assert_eq!(page(store, 0..7, Order::Ascending, 3), [0, 1, 2]);
    assert_eq!(page(store, 0..7, Order::Descending, 3), [6, 5, 2]);
    assert_eq!(page(store, 1..6, Order::Descending, 9), [5, 2, 1]);
    assert_eq!(page(store, 2..u64::MAX >> 11, Order::Ascending, 9), [2, 5, 6]);
    assert!(page(store, 3..5, Order::Ascending, 9).is_empty());
    assert!(page(store, 5..5, Order::Descending, 9).is_empty());
}

fn last_live(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for index in 0..6 {
            let removed = index >= 4 || index == 1;
            tx.insert_message(&MessageRow { removed, ..message(ch(1), index, us(1)) })?;
        }
        Ok(())
    });
    let last = |store: &mut dyn StoreUnderTest, range: std::ops::Range<u64>| {
        read(store, |read| read.last_live_message(ch(1), range.clone())).map(|row| row.index)
    };
    assert_eq!(last(store, 0..6), Some(3));
    assert_eq!(last(store, 0..2), Some(0));
    assert_eq!(last(store, 4..6), None);
    assert_eq!(last(store, 1..2), None);
}

fn seen(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_outcome(&outcome(us(1), 1, 10))
    });
    let found = |store: &mut dyn StoreUnderTest, user, number| {
        read(store, |read| read.seen(us(user), ClientId(uuid(number))))
    };
    assert_eq!(found(store, 1, 1), Some(Seen::Outcome(outcome(us(1), 1, 10))));
    assert_eq!(found(store, 2, 1), None);
    assert_eq!(found(store, 1, 2), None);
    conflict(store, |tx| tx.insert_outcome(&outcome(us(1), 1, 11)));
    write(store, |tx| tx.insert_outcome(&outcome(us(2), 1, 12)));
}

fn forgotten(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for number in 1..=5 {
            tx.insert_outcome(&outcome(us(1), number, number * 10))?;
        }
        Ok(())
    });
    let mut gone = Vec::new();
    write(store, |tx| {
        gone.push(tx.delete_outcomes(Timestamp(40), 2)?);
        gone.push(tx.delete_outcomes(Timestamp(40), 2)?);
        gone.push(tx.delete_outcomes(Timestamp(40), 2)?);
        Ok(())
    });
    assert_eq!(gone, [2, 1, 0]);
    let left = |store: &mut dyn StoreUnderTest, number| {
        read(store, |read| read.seen(us(1), ClientId(uuid(number)))).is_some()
    };
    assert_eq!(
        (1..=5).map(|number| left(store, number)).collect::<Vec<_>>(),
        [false, false, false, true, true]
    );
}
