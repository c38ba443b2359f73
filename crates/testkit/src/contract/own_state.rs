//! Users' drafts and settings.

use confab_domain::row::{DraftRow, SettingCount, SettingRow};

use super::rows::{ch, draft, seed, setting, us};
use super::{StoreUnderTest, Test, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("drafts are put and put again", drafts),
    ("settings are put and put again, and counted", settings),
    ("drafts and settings that changed come by version", changes),
];

fn drafts(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.put_draft(&draft(us(1), ch(1), 5))
    });
    let found = |store: &mut dyn StoreUnderTest, user| read(store, |read| read.draft(user, ch(1)));
    assert_eq!(found(store, us(1)), Some(draft(us(1), ch(1), 5)));
    assert_eq!(found(store, us(2)), None);
    let emptied = DraftRow { body: String::new(), moved: 9, ..draft(us(1), ch(1), 6) };
    write(store, |tx| tx.put_draft(&emptied));
    store.reopen();
    assert_eq!(found(store, us(1)), Some(emptied));
}

fn settings(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.put_setting(&setting(us(1), "a.b-c_d", 5))?;
        tx.put_setting(&setting(us(1), "other", 6))?;
        tx.put_setting(&setting(us(2), "other", 5))
    });
    let found = |store: &mut dyn StoreUnderTest, user, key| read(store, |read| read.setting(user, key));
    let count = |store: &mut dyn StoreUnderTest, user| read(store, |read| read.count_settings(user));
    assert_eq!(found(store, us(1), "a.b-c_d"), Some(setting(us(1), "a.b-c_d", 5)));
    assert_eq!(found(store, us(2), "a.b-c_d"), None);
    assert_eq!(count(store, us(1)), SettingCount { live: 2, ever: 2 });
    let forgotten = SettingRow { value: None, ..setting(us(1), "other", 7) };
    write(store, |tx| tx.put_setting(&forgotten));
    store.reopen();
    assert_eq!(found(store, us(1), "other"), Some(forgotten));
    assert_eq!(count(store, us(1)), SettingCount { live: 1, ever: 2 });
    assert_eq!(count(store, us(3)), SettingCount { live: 0, ever: 0 });
}

fn changes(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for (number, version) in [(1, 9), (2, 7), (3, 8)] {
            tx.put_draft(&draft(us(1), ch(number), version))?;
            tx.put_setting(&setting(us(1), &format!("k{number}"), version + 10))?;
        }
        tx.put_draft(&draft(us(2), ch(1), 8))?;
        tx.put_setting(&setting(us(2), "k1", 18))
    });
    let drafts = |store: &mut dyn StoreUnderTest, after, limit| {
        let rows = read(store, |read| read.draft_changes(us(1), after, limit));
        rows.iter().map(|row| row.version).collect::<Vec<_>>()
    };
    assert_eq!(drafts(store, 0, 9), [7, 8, 9]);
    assert_eq!(drafts(store, 7, 1), [8]);
    assert!(drafts(store, 9, 9).is_empty());
    let settings = |store: &mut dyn StoreUnderTest, after, limit| {
        let rows = read(store, |read| read.setting_changes(us(1), after, limit));
        rows.iter().map(|row| row.version).collect::<Vec<_>>()
    };
    assert_eq!(settings(store, 0, 2), [17, 18]);
    assert_eq!(settings(store, 18, 9), [19]);
}
