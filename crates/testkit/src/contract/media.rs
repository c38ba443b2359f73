//! Files.

use confab_domain::row::{MediaRow, MediaState, MediaUsage};
use confab_protocol::{MediaSid, MessageSid, Timestamp};

use super::rows::{media, seed, us, uuid};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("a file is kept, changed and forgotten", kept),
    ("files that are in no message are counted and found by age", unsent),
    ("files that are gone are found", gone),
];

fn sids(rows: &[MediaRow]) -> Vec<MediaSid> {
    rows.iter().map(|row| row.sid).collect()
}

fn kept(store: &mut dyn StoreUnderTest) {
    let row = media(1, us(1), 5);
    write(store, |tx| {
        seed(tx)?;
        tx.insert_media(&row)
    });
    store.reopen();
    assert_eq!(read(store, |read| read.media(row.sid)), Some(row.clone()));
    assert_eq!(read(store, |read| read.media(MediaSid(uuid(2)))), None);
    conflict(store, |tx| tx.insert_media(&row));
    conflict(store, |tx| tx.update_media(&media(2, us(1), 5)));
    let bare = MediaRow {
        file_name: None,
        sniffed_type: None,
        width: None,
        height: None,
        sha256: None,
        message: None,
        state: MediaState::Uploading,
        ..row.clone()
    };
    write(store, |tx| tx.update_media(&bare));
    assert_eq!(read(store, |read| read.media(row.sid)), Some(bare));
    write(store, |tx| {
        tx.delete_media(row.sid)?;
        tx.delete_media(row.sid)
    });
    assert_eq!(read(store, |read| read.media(row.sid)), None);
}

fn unsent(store: &mut dyn StoreUnderTest) {
    let loose = |number, user, at| MediaRow { message: None, ..media(number, user, at) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_media(&loose(1, us(1), 9))?;
        tx.insert_media(&MediaRow { state: MediaState::Uploading, ..loose(2, us(1), 5) })?;
        tx.insert_media(&media(3, us(1), 5))?;
        tx.insert_media(&MediaRow { state: MediaState::Gone, ..loose(4, us(1), 5) })?;
        tx.insert_media(&loose(5, us(2), 6))
    });
    let usage = |store: &mut dyn StoreUnderTest, user| read(store, |read| read.media_usage(user));
    assert_eq!(usage(store, us(1)), MediaUsage { files: 2, bytes: 2 * media(1, us(1), 1).size });
    assert_eq!(usage(store, us(3)), MediaUsage { files: 0, bytes: 0 });
    let found = |store: &mut dyn StoreUnderTest, before, limit| {
        sids(&read(store, |read| read.unsent_media(Timestamp(before), limit)))
    };
    let [one, two, five] = [1, 2, 5].map(|number| MediaSid(uuid(number)));
    assert_eq!(found(store, 10, 9), [two, five, one]);
    assert_eq!(found(store, 9, 9), [two, five]);
    assert_eq!(found(store, 9, 1), [two]);
    let sent = MediaRow { message: Some(MessageSid(uuid(7))), ..loose(2, us(1), 5) };
    write(store, |tx| tx.update_media(&sent));
    assert_eq!(found(store, 10, 9), [five, one]);
}

fn gone(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        for number in [3, 1, 2] {
            let state = if number == 2 { MediaState::Ready } else { MediaState::Gone };
            tx.insert_media(&MediaRow { state, message: None, ..media(number, us(1), 5) })?;
        }
        Ok(())
    });
    let found = |store: &mut dyn StoreUnderTest, limit| sids(&read(store, |read| read.gone_media(limit)));
    assert_eq!(found(store, 9), [1, 3].map(|number| MediaSid(uuid(number))));
    assert_eq!(found(store, 1), [MediaSid(uuid(1))]);
}
