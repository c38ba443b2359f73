//! The verification finds nothing where only the rules wrote, and what somebody else wrote it names.

use confab_domain::row::{
    ConversationRow, DraftRow, HeadRow, MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow,
    SettingRow, UserRow,
};
use confab_domain::store::{Order, Read as _, Tx as _};
use confab_domain::verify::{Finding, examine};
use confab_domain::{Scan as _, verify};
use confab_protocol::model::MembershipStatus;
use confab_protocol::{ConversationSid, UserSid, WorkspaceSid};
use confab_testkit::{MemoryStore, Talk};
use uuid::Uuid;

/// A conversation in which everything has happened.
fn talk(seed: u64, uber: bool) -> Talk {
    let mut talk = Talk::new(seed, uber);
    for _ in 0..700 {
        talk.step();
    }
    talk
}

#[test]
fn where_only_the_rules_wrote_everything_agrees() {
    for seed in 0..6 {
        let talk = talk(seed, seed % 2 == 1);
        let report = examine(&talk.world.store);
        assert_eq!(report.findings, [], "seed {seed}");
        assert_eq!((report.totals.users, report.totals.conversations), (4, 1));
        assert!(report.totals.messages == talk.messages.len() as u64 && report.totals.messages > 300);
        assert!(report.totals.events > report.totals.messages && report.totals.outcomes > 100);
    }
}

#[test]
fn an_empty_store_has_no_workspace() {
    let store = MemoryStore::new(WorkspaceSid(Uuid::from_u128(1)));
    assert_eq!(verify(&store), [Finding::NoWorkspace]);
}

/// What somebody does to a store behind the rules' back.
type Damage = fn(&mut MemoryStore, ConversationSid);

fn head(store: &mut MemoryStore, sid: ConversationSid, change: impl FnOnce(&mut HeadRow)) {
    let mut head = store.conversation(sid).expect("it is there").expect("it is there").head;
    change(&mut head);
    store.update_head(sid, &head).expect("it is there");
}

fn message(
    store: &mut MemoryStore,
    sid: ConversationSid,
    removed: bool,
    change: impl FnOnce(&mut MessageRow),
) {
    let rows = store.messages(sid, 0..1_000, Order::Ascending, 1_000).expect("it is there");
    let mut row =
        rows.into_iter().find(|row| row.removed == removed && row.mentions.is_empty()).expect("it is there");
    change(&mut row);
    store.update_message(&row).expect("it is there");
}

fn seat(store: &mut MemoryStore, sid: ConversationSid, change: impl FnOnce(&mut ParticipantRow)) {
    let mut row = store.participants(sid, None, 1).expect("it is there").remove(0);
    change(&mut row);
    store.update_participant(&row).expect("it is there");
}

fn own(store: &mut MemoryStore, sid: ConversationSid, change: impl FnOnce(&mut MembershipRow)) {
    let user = store.participants(sid, None, 1).expect("it is there").remove(0).user;
    let mut row = store.membership(user, sid).expect("it is there").expect("it is there");
    change(&mut row);
    store.put_membership(&row).expect("it is there");
}

fn user(store: &mut MemoryStore, change: impl FnOnce(&mut UserRow)) {
    let mut row = store.scan_users(None, 1).expect("it is there").remove(0);
    change(&mut row);
    store.update_user(&row).expect("it is there");
}

fn by_other_means(conversation: ConversationSid, version: u64) -> NonChatRow {
    NonChatRow {
        conversation,
        sid: confab_protocol::ParticipantSid(Uuid::from_u128(8)),
        kind: "sms".into(),
        address: "+47 1".into(),
        proxy_address: None,
        name: None,
        level: None,
        attributes: "{}".into(),
        date_created: confab_protocol::Timestamp(1),
        date_updated: confab_protocol::Timestamp(1),
        version,
        removed: false,
    }
}

fn field_of(finding: &Finding) -> String {
    finding.to_string()
}

#[test]
fn what_was_done_behind_the_back_of_the_rules_is_named() {
    let damages: &[(&str, Damage)] = &[
        ("last_seq", |store, room| head(store, room, |head| head.last_seq += 1)),
        ("next_index", |store, room| head(store, room, |head| head.next_index += 1)),
        ("participants_count", |store, room| head(store, room, |head| head.participants_count += 1)),
        ("roster_version", |store, room| head(store, room, |head| head.roster_version += 1)),
        ("moved", |store, room| head(store, room, |head| head.moved += 1_000)),
        ("activity", |store, room| head(store, room, |head| head.activity += 1_000)),
        ("last_message_at", |store, room| head(store, room, |head| head.last_message_at = None)),
        ("body of", |store, room| message(store, room, false, |row| row.body = None)),
        ("still holds", |store, room| message(store, room, true, |row| row.body = Some("back".into()))),
        ("removed of", |store, room| {
            message(store, room, true, |row| {
                (row.removed, row.body) = (false, Some("back".into()));
            });
        }),
        ("version of", |store, room| message(store, room, true, |row| row.version += 1)),
        ("mentions of", |store, room| message(store, room, false, |row| row.mentions = vec!["Bo".into()])),
        ("relates_to of", |store, room| message(store, room, false, |row| row.relates_to = Some(row.sid))),
        ("live messages of all", |store, room| {
            store.count_message(room, 3, UserSid(Uuid::from_u128(7)), 1).expect("it is there");
        }),
        ("are unread for", |store, room| {
            store.count_message(room, 999, UserSid(Uuid::from_u128(7)), 1).expect("it is there");
        }),
        ("is left over", |store, room| {
            store.insert_mention(room, 9_999, UserSid(Uuid::from_u128(7))).expect("it is there");
        }),
        ("status of", |store, room| seat(store, room, |row| row.status = MembershipStatus::NotParticipating)),
        ("version of MB", |store, room| seat(store, room, |row| row.version = 9_999)),
        ("horizon of MB", |store, room| seat(store, room, |row| row.horizon = Some(9_999))),
        ("role in the own row", |store, room| {
            own(store, room, |row| row.role = confab_protocol::model::Role::Unknown);
        }),
        ("horizon in the own row", |store, room| own(store, room, |row| row.horizon = Some(1))),
        ("version in the own row", |store, room| own(store, room, |row| row.version += 9_999)),
        ("version in the own row", |store, room| own(store, room, |row| row.moved += 9_999)),
        ("joined_count of", |store, _| user(store, |row| row.joined_count += 1)),
        ("identity_key of", |store, _| user(store, |row| row.identity = "Somebody".into())),
        ("a draft of", |store, room| {
            let user = store.scan_users(None, 1).expect("it is there").remove(0).sid;
            let row = DraftRow { user, conversation: room, body: "half".into(), version: 9_999, moved: 1 };
            store.put_draft(&row).expect("it is there");
        }),
        ("a setting of", |store, _| {
            let user = store.scan_users(None, 1).expect("it is there").remove(0).sid;
            let row = SettingRow { user, key: "theme".into(), value: None, version: 1, moved: 9_999 };
            store.put_setting(&row).expect("it is there");
        }),
        ("drafts: a row belongs to", |store, _| {
            let user = store.scan_users(None, 1).expect("it is there").remove(0).sid;
            let conversation = ConversationSid(Uuid::from_u128(9));
            let row = DraftRow { user, conversation, body: "half".into(), version: 1, moved: 1 };
            store.put_draft(&row).expect("it is there");
        }),
        ("non_chat_participants: a row belongs to", |store, _| {
            let conversation = ConversationSid(Uuid::from_u128(9));
            let row = by_other_means(conversation, 0);
            store.put_non_chat(&row).expect("it is there");
        }),
        ("removal of MB", |store, room| {
            let row = by_other_means(room, 0);
            store.put_non_chat(&NonChatRow { removed: true, ..row }).expect("it is there");
        }),
        ("version of MB", |store, room| {
            store.put_non_chat(&by_other_means(room, 9_999)).expect("it is there");
        }),
        ("a receipt of", |store, room| {
            let row = confab_domain::row::ReceiptRow {
                conversation: room,
                index: 77_000,
                participant: confab_protocol::ParticipantSid(Uuid::from_u128(8)),
                status: confab_protocol::model::DeliveryStatus::Sent,
                channel_message_sid: None,
                error_code: 0,
                channel_metadata: None,
                date_created: confab_protocol::Timestamp(1),
                date_updated: confab_protocol::Timestamp(1),
            };
            store.put_receipt(&row).expect("it is there");
        }),
        ("notifiable of", |store, _| {
            let row = store.scan_users(None, 1).expect("it is there").remove(0);
            store.update_user(&UserRow { notifiable: true, ..row }).expect("it is there");
        }),
        ("has deleted_at", |store, room| {
            let row = store.conversation(room).expect("it is there").expect("it is there");
            let deleted_at = Some(confab_protocol::Timestamp(7));
            store.update_conversation(&ConversationRow { deleted_at, ..row }).expect("it is there");
        }),
        ("has state_due", |store, room| {
            let row = store.conversation(room).expect("it is there").expect("it is there");
            let state_due = Some(confab_protocol::Timestamp(7));
            store.update_conversation(&ConversationRow { state_due, ..row }).expect("it is there");
        }),
        ("is of two people", |store, room| {
            let row = store.conversation(room).expect("it is there").expect("it is there");
            store.update_conversation(&ConversationRow { direct: true, ..row }).expect("it is there");
        }),
        ("known twice", |store, room| {
            let row = store.messages(room, 0..1, Order::Ascending, 1).expect("it is there").remove(0);
            let (user, client_id, payload_hash, subject) =
                (row.user, row.client_id, row.payload_hash, row.sid.0);
            let method = "message.edit".to_owned();
            let at = row.date_created;
            let outcome = OutcomeRow { user, client_id, method, payload_hash, subject, at };
            store.insert_outcome(&outcome).expect("it is there");
        }),
        ("belongs to CH", |store, room| {
            let row = store.events(room, 0, 1).expect("it is there").remove(0);
            let conversation = ConversationSid(Uuid::from_u128(9));
            store.insert_event(&confab_domain::row::EventRow { conversation, ..row }).expect("it is there");
        }),
        ("where 1 is due", |store, room| {
            let row = store.conversation(room).expect("it is there").expect("it is there");
            let sid = ConversationSid(Uuid::from_u128(9));
            store
                .insert_conversation(&ConversationRow { sid, unique_name: None, ..row.clone() })
                .expect("it is there");
            let row = store.events(room, 1, 2).expect("it is there").remove(0);
            store
                .insert_event(&confab_domain::row::EventRow { conversation: sid, ..row })
                .expect("it is there");
        }),
    ];
    let talk = talk(3, false);
    for (named, damage) in damages {
        let mut store = talk.world.store.clone();
        damage(&mut store, talk.conversation);
        let found = verify(&store);
        assert!(found.iter().any(|it| field_of(it).contains(named)), "{named}: {found:#?}");
    }
}

#[test]
fn findings_are_bounded() {
    let mut store = talk(3, false).world.store;
    let row = store.scan_events(None, 1).expect("it is there").remove(0);
    for number in 0..confab_domain::verify::FINDINGS as u128 + 50 {
        let conversation = ConversationSid(Uuid::from_u128(number));
        store
            .insert_event(&confab_domain::row::EventRow { conversation, ..row.clone() })
            .expect("it is there");
    }
    let report = examine(&store);
    assert_eq!((report.findings.len(), report.more), (confab_domain::verify::FINDINGS, 50));
}
