//! Group commit: what is refused leaves nothing, the rest stands, and a group that cannot be committed leaves nothing.

use std::cell::Cell;

use confab_domain::{StoreError, StoreResult, Tx};

use super::rows::{ch, message, seed, us, user};
use super::{StoreUnderTest, Test, group, read, write};
use crate::faulty::{Faulty, Step};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("what is refused before it wrote costs no second run", refused),
    ("what fails after it wrote is taken back alone", half_done),
    ("a group fails as a whole at whatever step, and the next one is not hindered", whole),
];

fn on_purpose() -> StoreError {
    StoreError::Conflict("on purpose".to_owned())
}

fn refused(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    let runs = Cell::new(0);
    let mut first = |tx: &mut dyn Tx| {
        runs.set(runs.get() + 1);
        tx.insert_user(&user(7))
    };
    let mut refused = |tx: &mut dyn Tx| -> StoreResult<()> {
        assert!(tx.user(us(7))?.is_some());
        Err(on_purpose())
    };
    let mut last = |tx: &mut dyn Tx| tx.insert_user(&user(8));
    let group = group(store.journal(), &mut [&mut first, &mut refused, &mut last]).expect("it commits");
    assert_eq!(group.results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!((group.ran_twice, runs.get()), (false, 1));
    store.reopen();
    assert!(read(store, |read| read.user(us(7))).is_some() && read(store, |read| read.user(us(8))).is_some());
}

fn half_done(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    let runs = Cell::new(0);
    let mut first = |tx: &mut dyn Tx| {
        runs.set(runs.get() + 1);
        tx.insert_message(&message(ch(1), 0, us(1)))
    };
    let mut failing = |tx: &mut dyn Tx| -> StoreResult<()> {
        tx.insert_user(&user(7))?;
        Err(on_purpose())
    };
    let mut last = |tx: &mut dyn Tx| -> StoreResult<()> {
        assert_eq!(tx.user(us(7))?, None, "it sees what was taken back");
        tx.insert_user(&user(8))
    };
    let group = group(store.journal(), &mut [&mut first, &mut failing, &mut last]).expect("it commits");
    assert_eq!(group.results.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, true]);
    assert_eq!((group.ran_twice, runs.get()), (true, 2));
    store.reopen();
    assert_eq!(read(store, |read| read.user(us(7))), None);
    assert!(read(store, |read| read.user(us(8))).is_some());
    assert!(read(store, |read| read.message(message(ch(1), 0, us(1)).sid)).is_some());
}

/// A group that comes to every step: a piece that stands, and one that fails after it wrote.
fn whole(store: &mut dyn StoreUnderTest) {
    write(store, seed);
    let mut first = |tx: &mut dyn Tx| tx.insert_user(&user(7));
    let mut failing = |tx: &mut dyn Tx| -> StoreResult<()> {
        tx.insert_user(&user(8))?;
        Err(on_purpose())
    };
    for step in Step::ALL {
        let mut faulty = Faulty::new(store.journal(), step);
        let failed = group(&mut faulty, &mut [&mut first, &mut failing]);
        assert!(matches!(failed, Err(StoreError::Full)), "{step:?}: {failed:?}");
        assert!(faulty.has_failed());
        assert_eq!(read(store, |read| read.user(us(7))), None, "{step:?}");
    }
    let group = group(store.journal(), &mut [&mut first, &mut failing]).expect("it commits");
    assert!(group.results[0].is_ok() && group.results[1].is_err());
    store.reopen();
    assert!(read(store, |read| read.user(us(7))).is_some());
    assert_eq!(read(store, |read| read.user(us(8))), None);
}
