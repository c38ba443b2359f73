//! Users' own rows and the intervals of their memberships.

use confab_domain::row::{HeadRow, IntervalRow, MembershipRow};
use confab_domain::store::Stamped;
use confab_protocol::model::{NotificationLevel, Role};

use super::rows::{ch, conversation, interval, left, membership, seed, us};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("own rows are put and put again", kept),
    ("conversations are listed by activity", by_activity),
    ("what moved after a commit is found, lowest first", moved),
    ("the conversations of a user are listed by SID", joined),
    ("what a user has left is listed by SID", has_left),
    ("intervals come newest first, and end", intervals),
    ("those who were there when a message was posted are found", witnesses),
];

fn kept(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.put_membership(&membership(us(1), ch(1), 6))
    });
    let found = |store: &mut dyn StoreUnderTest, user| read(store, |read| read.membership(user, ch(1)));
    assert_eq!(found(store, us(1)), Some(membership(us(1), ch(1), 6)));
    assert_eq!(found(store, us(2)), None);
    let changed = MembershipRow {
        role: Role::Participant,
        level: NotificationLevel::Default,
        joined_seq: 12,
        joined_index: 13,
        horizon_set_version: 14,
        version: 15,
        ..left(&membership(us(1), ch(1), 16))
    };
    write(store, |tx| tx.put_membership(&changed));
    assert_eq!(found(store, us(1)), Some(changed));
}

/// User 1 is in the conversations 1 to 4 and has left 5; user 2 is in 1. Activity is 100 and the number, heads moved at
/// 200 and the number, own rows at 10 and the number.
fn memberships(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for number in 2..=5 {
            tx.insert_conversation(&conversation(number, None))?;
        }
        for number in 1..=4 {
            tx.put_membership(&membership(us(1), ch(number), 10 + number))?;
        }
        tx.put_membership(&left(&membership(us(1), ch(5), 15)))?;
        tx.put_membership(&membership(us(2), ch(1), 17))
    });
}

fn numbers(rows: &[Stamped]) -> Vec<(u64, u64)> {
    let number = |row: &Stamped| (row.conversation.0.as_u128() & 0xff).try_into().expect("a small number");
    rows.iter().map(|row| (number(row), row.stamp)).collect()
}

fn by_activity(store: &mut dyn StoreUnderTest) {
    memberships(store);
    write(store, |tx| tx.update_head(ch(1), &HeadRow { activity: 999, ..HeadRow::default() }));
    let page = |store: &mut dyn StoreUnderTest, before, limit| {
        numbers(&read(store, |read| read.by_activity(us(1), before, limit)))
    };
    assert_eq!(page(store, 10_000, 2), [(1, 999), (4, 104)]);
    assert_eq!(page(store, 104, 9), [(3, 103), (2, 102)]);
    assert!(page(store, 102, 9).is_empty());
}

fn has_left(store: &mut dyn StoreUnderTest) {
    memberships(store);
    let gone = |number| left(&membership(us(1), ch(number), 30 + number));
    write(store, |tx| tx.put_membership(&gone(2)));
    let page =
        |store: &mut dyn StoreUnderTest, after, limit| read(store, |read| read.left(us(1), after, limit));
    let five = left(&membership(us(1), ch(5), 15));
    assert_eq!(page(store, None, 9), [gone(2), five.clone()]);
    assert_eq!(page(store, None, 1), [gone(2)]);
    assert_eq!(page(store, Some(ch(2)), 9), [five]);
    assert_eq!(read(store, |read| read.left(us(2), None, 9)), []);
}

fn moved(store: &mut dyn StoreUnderTest) {
    memberships(store);
    write(store, |tx| tx.update_head(ch(2), &HeadRow { moved: 3, ..HeadRow::default() }));
    let page = |store: &mut dyn StoreUnderTest, after, limit| {
        numbers(&read(store, |read| read.moved(us(1), after, limit)))
    };
    assert_eq!(page(store, 0, 9), [(2, 12), (5, 15), (1, 201), (3, 203), (4, 204)]);
    assert_eq!(page(store, 12, 2), [(5, 15), (1, 201)]);
    assert_eq!(page(store, 203, 9), [(4, 204)]);
    assert!(page(store, 204, 9).is_empty());
    let own = |store: &mut dyn StoreUnderTest, after, limit| {
        let rows = read(store, |read| read.own_rows_moved(us(1), after, limit));
        rows.into_iter().map(|row| (row.conversation, row.moved)).collect::<Vec<_>>()
    };
    let all = [(ch(1), 11), (ch(2), 12), (ch(3), 13), (ch(4), 14), (ch(5), 15)];
    assert_eq!(own(store, 0, 9), all);
    assert_eq!(own(store, 12, 2), all[2..4]);
    assert_eq!(own(store, 15, 9), []);
}

fn joined(store: &mut dyn StoreUnderTest) {
    memberships(store);
    let page =
        |store: &mut dyn StoreUnderTest, after, limit| read(store, |read| read.joined(us(1), after, limit));
    assert_eq!(page(store, None, 3), [ch(1), ch(2), ch(3)]);
    assert_eq!(page(store, Some(ch(3)), 3), [ch(4)]);
    assert_eq!(page(store, Some(ch(4)), 3), []);
}

fn ended(row: IntervalRow, left_seq: u64, left_index: u64) -> IntervalRow {
    IntervalRow { left_seq: Some(left_seq), left_index: Some(left_index), ..row }
}

fn intervals(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_interval(&interval(us(1), ch(1), 2))?;
        tx.insert_interval(&interval(us(2), ch(1), 4))?;
        tx.update_interval(&ended(interval(us(1), ch(1), 2), 5, 50))?;
        tx.insert_interval(&interval(us(1), ch(1), 7))
    });
    let found =
        |store: &mut dyn StoreUnderTest, limit| read(store, |read| read.intervals(us(1), ch(1), limit));
    assert_eq!(found(store, 9), [interval(us(1), ch(1), 7), ended(interval(us(1), ch(1), 2), 5, 50)]);
    assert_eq!(found(store, 1), [interval(us(1), ch(1), 7)]);
    conflict(store, |tx| tx.insert_interval(&interval(us(1), ch(1), 7)));
    conflict(store, |tx| tx.update_interval(&interval(us(1), ch(1), 8)));
}

fn witnesses(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.put_membership(&membership(us(1), ch(1), 1))?;
        tx.put_membership(&membership(us(2), ch(1), 1))?;
        tx.put_membership(&left(&membership(us(3), ch(1), 1)))?;
        // 1 was there for the messages 10 to 19 and again from 30, 2 from 15, and 3 from 10 to 39.
        tx.insert_interval(&ended(interval(us(1), ch(1), 1), 2, 20))?;
        tx.insert_interval(&interval(us(1), ch(1), 3))?;
        tx.insert_interval(&IntervalRow { joined_index: 15, ..interval(us(2), ch(1), 2) })?;
        tx.insert_interval(&ended(interval(us(3), ch(1), 1), 4, 40))
    });
    let there = |store: &mut dyn StoreUnderTest, index| read(store, |read| read.witnesses(ch(1), index, 9));
    assert_eq!(there(store, 9), []);
    assert_eq!(there(store, 10), [us(1)]);
    assert_eq!(there(store, 19), [us(1), us(2)]);
    assert_eq!(there(store, 20), [us(2)]);
    assert_eq!(there(store, 30), [us(1), us(2)]);
    assert_eq!(read(store, |read| read.witnesses(ch(1), 30, 1)), [us(1)]);
}
