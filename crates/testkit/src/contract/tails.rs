//! What moved in the whole workspace since a commit, and who is where.

use confab_domain::row::{ConversationRow, DeviceRow, HeadRow, UserRow};
use confab_domain::store::{DeviceRevoked, HeadMoved, UserMoved};
use confab_protocol::Timestamp;
use confab_protocol::model::Head;

use super::rows::{ch, conversation, device, left, membership, seed, us, user, workspace};
use super::{StoreUnderTest, Test, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("heads that moved after a commit, lowest first", heads),
    ("users who moved after a commit, lowest first", users),
    ("devices that were signed out after a commit", devices),
    ("a user's conversations come with their heads, a conversation's members by SID", memberships),
];

fn head(number: u64, version: u64, roster_version: u64) -> Head {
    Head { conversation: ch(number), version, roster_version }
}

fn heads(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        tx.insert_workspace(&workspace(tx.scope()))?;
        for (number, moved) in [(1, 30), (2, 10), (3, 20)] {
            let row = conversation(number, None);
            tx.insert_conversation(&ConversationRow { head: HeadRow { moved, ..row.head }, ..row })?;
        }
        tx.update_head(ch(2), &HeadRow { last_seq: 70, roster_version: 80, moved: 40, ..HeadRow::default() })
    });
    let moved = |store: &mut dyn StoreUnderTest, after, limit| {
        read(store, |read| read.heads_moved(after, limit))
            .into_iter()
            .map(|HeadMoved { head, moved }| (head, moved))
            .collect::<Vec<_>>()
    };
    let all = [(head(3, 11, 12), 20), (head(1, 11, 12), 30), (head(2, 70, 80), 40)];
    assert_eq!(moved(store, 0, 9), all);
    assert_eq!(moved(store, 0, 2), all[..2]);
    assert_eq!(moved(store, 30, 9), all[2..]);
    assert_eq!(moved(store, 40, 9), []);
}

fn users(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.update_user(&UserRow { moved: 400, deactivated: true, ..user(1) })?;
        tx.update_user(&UserRow { moved: 10, state_version: 5, version: 7, ..user(2) })
    });
    let expected = |number: u64, moved: u64| UserMoved {
        user: us(number),
        state_version: if number == 2 { 5 } else { user(number).state_version },
        profile_version: if number == 2 { 7 } else { user(number).version },
        deactivated: number == 1,
        moved,
    };
    let all = [expected(2, 10), expected(3, 303), expected(1, 400)];
    assert_eq!(read(store, |read| read.users_moved(0, 9)), all);
    assert_eq!(read(store, |read| read.users_moved(9, 1)), all[..1]);
    assert_eq!(read(store, |read| read.users_moved(10, 9)), all[1..]);
}

fn devices(store: &mut dyn StoreUnderTest) {
    let gone = |number, moved| DeviceRow {
        revoked_at: Some(Timestamp(50)),
        moved,
        ..device(number, us(number), 10)
    };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_device(&device(3, us(3), 10))?;
        tx.insert_device(&gone(1, 30))?;
        tx.insert_device(&device(2, us(2), 10))?;
        tx.update_device(&gone(2, 20))
    });
    let expected = |number: u64, moved| DeviceRevoked {
        user: us(number),
        device: device(number, us(number), 10).sid,
        moved,
    };
    assert_eq!(read(store, |read| read.devices_revoked(0, 9)), [expected(2, 20), expected(1, 30)]);
    assert_eq!(read(store, |read| read.devices_revoked(0, 1)), [expected(2, 20)]);
    assert_eq!(read(store, |read| read.devices_revoked(20, 9)), [expected(1, 30)]);
}

fn memberships(store: &mut dyn StoreUnderTest) {
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        tx.put_membership(&membership(us(1), ch(2), 1))?;
        tx.put_membership(&membership(us(1), ch(1), 1))?;
        tx.put_membership(&left(&membership(us(2), ch(1), 1)))?;
        tx.put_membership(&membership(us(3), ch(1), 1))
    });
    let of = |store: &mut dyn StoreUnderTest, number, after, limit| {
        read(store, |read| read.joined_heads(us(number), after, limit))
    };
    assert_eq!(of(store, 1, None, 9), [head(1, 11, 12), head(2, 11, 12)]);
    assert_eq!(of(store, 1, Some(ch(1)), 9), [head(2, 11, 12)]);
    assert_eq!(of(store, 1, None, 1), [head(1, 11, 12)]);
    assert_eq!(of(store, 2, None, 9), []);
    assert_eq!(read(store, |read| read.members(ch(1), None, 9)), [us(1), us(3)]);
    assert_eq!(read(store, |read| read.members(ch(1), Some(us(1)), 9)), [us(3)]);
    assert_eq!(read(store, |read| read.members(ch(1), None, 1)), [us(1)]);
}
