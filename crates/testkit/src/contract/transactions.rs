//! Groups, savepoints and crashes.

use confab_domain::row::HeadRow;
use confab_domain::{StoreError, StoreResult, Tx};
use confab_protocol::ClientId;

use super::rows::{ch, conversation, event, membership, message, outcome, seed, us, user, uuid};
use super::{StoreUnderTest, Test, group, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("a failed item leaves nothing, and its group stays", failed_item),
    ("an item sees what those before it wrote", sees_earlier),
    ("what was committed survives breaking off", survives),
];

fn failed_item(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    let mut first = |tx: &mut dyn Tx| tx.insert_message(&message(ch(1), 0, us(1)));
    let mut failing = |tx: &mut dyn Tx| -> StoreResult<()> {
        tx.next_commit()?;
        tx.insert_user(&user(8))?;
        tx.insert_message(&message(ch(1), 1, us(1)))?;
        tx.count_message(ch(1), 1, us(1), 1)?;
        tx.insert_mention(ch(1), 1, us(2))?;
        tx.insert_event(&event(ch(1), 1))?;
        tx.put_membership(&membership(us(1), ch(1), 1))?;
        tx.update_head(ch(1), &HeadRow::default())?;
        tx.insert_outcome(&outcome(us(1), 1, 1))?;
        Err(StoreError::Conflict("on purpose".to_owned()))
    };
    let mut last = |tx: &mut dyn Tx| {
        assert_eq!(tx.next_commit()?, 1, "a commit that was taken back is given again");
        tx.insert_message(&message(ch(1), 1, us(1)))
    };
    let group = group(store.journal(), &mut [&mut first, &mut failing, &mut last]);
    let results = group.expect("the group commits").results;
    assert_eq!(results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!(read(store, |read| read.user(us(8))), None);
    assert_eq!(read(store, |read| read.events(ch(1), 0, 9)), []);
    assert_eq!(read(store, |read| read.membership(us(1), ch(1))), None);
    assert_eq!(read(store, |read| read.conversation(ch(1))), Some(conversation(1, None)));
    assert_eq!(read(store, |read| read.seen(us(1), ClientId(uuid(1)))), None);
    let counted = confab_domain::store::Counted::Mentioning(us(2));
    assert_eq!(read(store, |read| read.count_rows(ch(1), counted, 0..9)), 0);
    assert!(read(store, |read| read.message(message(ch(1), 1, us(1)).sid)).is_some());
}

fn sees_earlier(store: &mut dyn StoreUnderTest) {
    let mut first = seed;
    let mut second = |tx: &mut dyn Tx| -> StoreResult<()> {
        assert_eq!(tx.user(us(1))?, Some(user(1)));
        tx.update_head(ch(1), &HeadRow { last_seq: 77, ..HeadRow::default() })?;
        assert_eq!(tx.conversation(ch(1))?.map(|row| row.head.last_seq), Some(77));
        Ok(())
    };
    let group = group(store.journal(), &mut [&mut first, &mut second]).expect("the group commits");
    let results = group.results;
    assert!(results.iter().all(Result::is_ok), "{results:?}");
}

fn survives(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_message(&message(ch(1), 0, us(1)))?;
        tx.insert_event(&event(ch(1), 1))
    });
    store.reopen();
    assert_eq!(read(store, |read| read.conversation(ch(1))), Some(conversation(1, None)));
    assert_eq!(
        read(store, |read| read.message(message(ch(1), 0, us(1)).sid)),
        Some(message(ch(1), 0, us(1)))
    );
    assert_eq!(read(store, |read| read.events(ch(1), 0, 9)), [event(ch(1), 1)]);
    write(store, |tx| tx.insert_event(&event(ch(1), 2)));
}
