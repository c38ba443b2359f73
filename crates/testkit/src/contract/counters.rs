//! Counters per block of messages.

use confab_domain::row::MessageRow;
use confab_domain::store::{BLOCK, BlockSize, Counted, LARGE_BLOCK};

use super::rows::{ch, conversation, message, seed, us};
use super::{StoreUnderTest, Test, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("blocks of both sizes are counted up and down", blocks),
    ("messages are counted one by one", one_by_one),
    ("mentions are counted, and forgotten with their message", mentions),
];

fn count(
    store: &mut dyn StoreUnderTest,
    counted: Counted,
    size: BlockSize,
    blocks: std::ops::Range<u64>,
) -> u64 {
    read(store, |read| read.count_blocks(ch(1), counted, size, blocks.clone()))
}

fn blocks(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        for index in [0, BLOCK - 1, BLOCK, LARGE_BLOCK - 1, LARGE_BLOCK, 3 * LARGE_BLOCK] {
            tx.count_message(ch(1), index, us(1), 1)?;
        }
        tx.count_message(ch(1), 5, us(2), 1)?;
        tx.count_message(ch(2), 5, us(1), 1)
    });
    let (all, mine, his) = (Counted::All, Counted::By(us(1)), Counted::By(us(2)));
    assert_eq!(count(store, all, BlockSize::Small, 0..1), 3);
    assert_eq!(count(store, mine, BlockSize::Small, 0..1), 2);
    assert_eq!(count(store, his, BlockSize::Small, 0..1), 1);
    assert_eq!(count(store, all, BlockSize::Small, 1..2), 1);
    assert_eq!(count(store, all, BlockSize::Small, 0..256), 5);
    assert_eq!(count(store, all, BlockSize::Large, 0..1), 5);
    assert_eq!(count(store, mine, BlockSize::Large, 0..4), 6);
    assert_eq!(count(store, mine, BlockSize::Large, 1..3), 1);
    assert_eq!(count(store, his, BlockSize::Large, 1..9), 0);
    write(store, |tx| tx.count_message(ch(1), BLOCK - 1, us(1), -1));
    assert_eq!(count(store, all, BlockSize::Small, 0..1), 2);
    assert_eq!(count(store, mine, BlockSize::Small, 0..1), 1);
    assert_eq!(count(store, all, BlockSize::Large, 0..1), 4);
    assert_eq!(count(store, his, BlockSize::Large, 0..1), 1);
}

fn one_by_one(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for index in 0..6 {
            let author = if index < 2 { us(2) } else { us(1) };
            tx.insert_message(&MessageRow { removed: index == 3, ..message(ch(1), index, author) })?;
        }
        tx.insert_mention(ch(1), 2, us(3))?;
        tx.insert_mention(ch(1), 5, us(3))
    });
    let rows = |store: &mut dyn StoreUnderTest, counted, range: std::ops::Range<u64>| {
        read(store, |read| read.count_rows(ch(1), counted, range.clone()))
    };
    assert_eq!(rows(store, Counted::All, 0..6), 5);
    assert_eq!(rows(store, Counted::All, 3..4), 0);
    assert_eq!(rows(store, Counted::By(us(1)), 0..6), 3);
    assert_eq!(rows(store, Counted::By(us(2)), 1..6), 1);
    assert_eq!(rows(store, Counted::Mentioning(us(3)), 0..5), 1);
    assert_eq!(rows(store, Counted::Mentioning(us(3)), 0..6), 2);
    assert_eq!(rows(store, Counted::Mentioning(us(1)), 0..6), 0);
}

fn mentions(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for index in 0..3 {
            tx.insert_message(&message(ch(1), index, us(1)))?;
            tx.insert_mention(ch(1), index, us(2))?;
        }
        tx.insert_mention(ch(1), 1, us(3))
    });
    let (two, three) = (Counted::Mentioning(us(2)), Counted::Mentioning(us(3)));
    for size in BlockSize::ALL {
        assert_eq!((count(store, two, size, 0..1), count(store, three, size, 0..1)), (3, 1));
    }
    write(store, |tx| {
        tx.delete_mentions(ch(1), 1)?;
        tx.delete_mentions(ch(1), 9)
    });
    for size in BlockSize::ALL {
        assert_eq!((count(store, two, size, 0..1), count(store, three, size, 0..1)), (2, 0));
    }
    assert_eq!(read(store, |read| read.count_rows(ch(1), two, 0..9)), 2);
    assert_eq!(read(store, |read| read.count_rows(ch(1), three, 0..9)), 0);
}
