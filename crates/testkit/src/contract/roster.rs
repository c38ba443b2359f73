//! Rosters.

use confab_domain::row::{NonChatRow, ParticipantRow, ReceiptRow, UserRow};
use confab_domain::store::Readers;
use confab_protocol::Timestamp;
use confab_protocol::model::{DeliveryStatus, MembershipStatus, ParticipantFlags, Role};

use super::rows::{ch, conversation, mb, non_chat, participant, receipt, seed, us, user};
use super::{StoreUnderTest, Test, conflict, read, write};

pub(super) const TESTS: &[(&str, Test)] = &[
    ("rows of a roster are kept, and changed", kept),
    ("a roster is listed by SID without those who left", listed),
    ("owners are those whom their flags leave it", owners),
    ("changes of a roster come by version, tombstones too", changes),
    ("who has read up to an index is known, and whether everybody has", readers),
    ("those who take part by other means are put, listed, walked over and forgotten", by_other_means),
    ("what is reported of copies is put, listed, walked over and forgotten", copies),
    ("identity and profile version are those of the user now", profile),
];

fn kept(store: &mut dyn StoreUnderTest) {
    let row = participant(ch(1), 1, &user(1), 7);
    write(store, |tx| {
        seed(tx)?;
        tx.insert_participant(&row)
    });
    assert_eq!(read(store, |read| read.participant(ch(1), mb(1))), Some(row.clone()));
    assert_eq!(read(store, |read| read.participant(ch(1), mb(2))), None);
    assert_eq!(read(store, |read| read.participant(ch(2), mb(1))), None);
    conflict(store, |tx| tx.insert_participant(&row));
    let changed = ParticipantRow {
        role: Role::Owner,
        attributes: "{}".into(),
        horizon: None,
        horizon_at: None,
        date_updated: Timestamp(99),
        status: MembershipStatus::NotParticipating,
        version: 8,
        ..row
    };
    write(store, |tx| tx.update_participant(&changed));
    assert_eq!(read(store, |read| read.participant(ch(1), mb(1))), Some(changed));
    conflict(store, |tx| tx.update_participant(&participant(ch(1), 5, &user(1), 9)));
}

/// Participants 1 to 4 of which 2 has left and 3 and 4 are owners, and one of another conversation.
fn people(store: &mut dyn StoreUnderTest) -> [ParticipantRow; 4] {
    let row = |number, of, version| participant(ch(1), number, &user(of), version);
    let gone =
        ParticipantRow { status: MembershipStatus::NotParticipating, role: Role::Owner, ..row(2, 2, 9) };
    let owner = |row| ParticipantRow { role: Role::Owner, flags: None, ..row };
    let rows = [row(1, 1, 4), gone, owner(row(3, 3, 2)), owner(row(4, 2, 10))];
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        tx.insert_participant(&participant(ch(2), 5, &user(1), 1))?;
        for row in rows.iter().rev() {
            tx.insert_participant(row)?;
        }
        Ok(())
    });
    rows
}

fn listed(store: &mut dyn StoreUnderTest) {
    let [one, _, three, four] = people(store);
    let list = |store: &mut dyn StoreUnderTest, after, limit| {
        read(store, |read| read.participants(ch(1), after, limit))
    };
    assert_eq!(list(store, None, 9), [one.clone(), three.clone(), four.clone()]);
    assert_eq!(list(store, None, 1), [one]);
    assert_eq!(list(store, Some(mb(1)), 1), std::slice::from_ref(&three));
    assert_eq!(list(store, Some(mb(4)), 9), []);
    assert_eq!(read(store, |read| read.owners(ch(1), 9)), [three.clone(), four]);
    assert_eq!(read(store, |read| read.owners(ch(1), 1)), [three]);
    assert_eq!(read(store, |read| read.owners(ch(2), 9)), []);
}

/// Flags that take from an owner what an owner is for leave one who is none.
fn owners(store: &mut dyn StoreUnderTest) {
    let [_, _, three, four] = people(store);
    let all = ParticipantFlags::from_bits(0b110_0000);
    for (flags, owns) in [
        (ParticipantFlags { owner: false, ..all }, false),
        (ParticipantFlags { can_manage_participants: false, ..all }, false),
        (all, true),
    ] {
        let row = ParticipantRow { flags: Some(flags), ..three.clone() };
        write(store, |tx| tx.update_participant(&row));
        let first = if owns { row } else { four.clone() };
        assert_eq!(read(store, |read| read.owners(ch(1), 1)), [first], "{flags:?}");
    }
}

fn changes(store: &mut dyn StoreUnderTest) {
    let [one, two, three, four] = people(store);
    let after = |store: &mut dyn StoreUnderTest, version, limit| {
        read(store, |read| read.roster_changes(ch(1), version, limit))
    };
    assert_eq!(after(store, 0, 9), [three, one.clone(), two.clone(), four.clone()]);
    assert_eq!(after(store, 2, 2), [one, two]);
    assert_eq!(after(store, 9, 9), [four]);
    assert_eq!(after(store, 10, 9), []);
}

fn profile(store: &mut dyn StoreUnderTest) {
    people(store);
    write(store, |tx| tx.update_user(&UserRow { version: 44, ..user(1) }));
    let found = read(store, |read| read.participants(ch(1), None, 1));
    assert_eq!(found.first().map(|row| row.profile_version), Some(44));
    let found = read(store, |read| read.participant(ch(1), mb(1)));
    assert_eq!(found.map(|row| (row.identity, row.profile_version)), Some((user(1).identity, 44)));
}

fn readers(store: &mut dyn StoreUnderTest) {
    let at =
        |number, horizon| ParticipantRow { horizon, ..participant(ch(1), number, &user(number), number) };
    let left =
        ParticipantRow { status: MembershipStatus::NotParticipating, ..participant(ch(1), 9, &user(2), 9) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_participant(&at(1, Some(5)))?;
        tx.insert_participant(&at(2, Some(7)))?;
        tx.insert_participant(&ParticipantRow { horizon: Some(99), ..left.clone() })
    });
    let found = |store: &mut dyn StoreUnderTest, index, but| {
        let Readers { some, not_all } = read(store, |read| read.readers(ch(1), index, us(but)));
        (some, not_all)
    };
    assert_eq!(
        (found(store, 5, 3), found(store, 6, 3), found(store, 8, 3)),
        ((true, false), (true, true), (false, true))
    );
    assert_eq!((found(store, 6, 1), found(store, 6, 2)), ((true, false), (false, true)));
    write(store, |tx| tx.insert_participant(&at(3, None)));
    assert_eq!((found(store, 5, 9), found(store, 5, 3)), ((true, true), (true, false)));
}

fn copies(store: &mut dyn StoreUnderTest) {
    let bare = ReceiptRow {
        status: DeliveryStatus::Sent,
        channel_message_sid: None,
        error_code: 0,
        channel_metadata: None,
        ..receipt(ch(1), 5, 2)
    };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        for (room, index, number) in [(1, 5, 3), (1, 5, 1), (1, 5, 2), (1, 6, 1), (1, 7, 1), (2, 5, 1)] {
            tx.put_receipt(&receipt(ch(room), index, number))?;
        }
        tx.put_receipt(&bare)?;
        tx.delete_receipts(ch(1), 6)?;
        tx.delete_receipts(ch(1), 9)
    });
    let found = [receipt(ch(1), 5, 1), bare, receipt(ch(1), 5, 3)];
    assert_eq!(read(store, |read| read.receipts(ch(1), 5, 9)), found);
    assert_eq!(read(store, |read| read.receipts(ch(1), 5, 2)), found[..2]);
    assert_eq!(read(store, |read| read.receipts(ch(1), 6, 9)), []);
    let walk = |store: &mut dyn StoreUnderTest, after: Option<&ReceiptRow>, limit| {
        read(store, |scan| scan.scan_receipts(after, limit))
    };
    assert_eq!(walk(store, None, 2), found[..2]);
    let rest = [found[2].clone(), receipt(ch(1), 7, 1), receipt(ch(2), 5, 1)];
    assert_eq!(walk(store, Some(&found[1]), 9), rest);
    write(store, |tx| tx.erase_messages(ch(1), 0..7));
    assert_eq!(walk(store, None, 9), rest[1..]);
}

fn by_other_means(store: &mut dyn StoreUnderTest) {
    let changed = NonChatRow { proxy_address: None, attributes: "{}".to_owned(), ..non_chat(ch(1), 2) };
    let gone = NonChatRow { version: 11, removed: true, ..non_chat(ch(1), 4) };
    let old = NonChatRow { version: 0, ..non_chat(ch(1), 5) };
    write(store, |tx| {
        seed(tx)?;
        tx.insert_conversation(&conversation(2, None))?;
        for (room, number) in [(1, 3), (1, 1), (1, 2), (1, 4), (2, 2)] {
            tx.put_non_chat(&non_chat(ch(room), number))?;
        }
        tx.put_non_chat(&changed)?;
        tx.put_non_chat(&gone)?;
        // As it was written before its changes moved the roster.
        tx.put_non_chat(&old)
    });
    let one = [non_chat(ch(1), 1), changed, non_chat(ch(1), 3), old];
    let moved = |store: &mut dyn StoreUnderTest, after, limit| {
        read(store, |read| read.non_chat_changes(ch(1), after, limit))
    };
    assert_eq!(moved(store, 0, 9), [one[2].clone(), one[1].clone(), one[0].clone(), gone.clone()]);
    assert_eq!(moved(store, 7, 2), [one[1].clone(), one[0].clone()]);
    assert_eq!(moved(store, 11, 9), []);
    assert_eq!(read(store, |read| read.non_chat_at("+47 4", None, 9)), []);
    assert_eq!(read(store, |read| read.non_chat(ch(1), 9)), one);
    assert_eq!(read(store, |read| read.non_chat(ch(1), 1)), one[..1]);
    let at = |store: &mut dyn StoreUnderTest, after, limit| {
        read(store, |read| read.non_chat_at("+47 2", after, limit))
    };
    assert_eq!(at(store, None, 9), [one[1].clone(), non_chat(ch(2), 2)]);
    assert_eq!(at(store, None, 1), [one[1].clone()]);
    assert_eq!(at(store, Some((ch(1), mb(2))), 9), [non_chat(ch(2), 2)]);
    assert_eq!(read(store, |read| read.non_chat_at("+47", None, 9)), []);
    let walk = |store: &mut dyn StoreUnderTest, after: Option<&NonChatRow>, limit| {
        read(store, |scan| scan.scan_non_chat(after, limit))
    };
    assert_eq!(walk(store, None, 2), one[..2]);
    let rest = [one[2].clone(), gone, one[3].clone(), non_chat(ch(2), 2)];
    assert_eq!(walk(store, Some(&one[1]), 9), rest);
}
