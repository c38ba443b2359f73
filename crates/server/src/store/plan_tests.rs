//! Every statement that a request can run goes by an index, and on a million messages and ten thousand participants it
//! takes about the steps that it takes on few.

use std::collections::BTreeMap;

use confab_domain::account::{self, Join, Password, SignIn};
use confab_domain::gateway::{GatewayKind, GatewayRead as _, GatewayRow, GatewayTx as _};
use confab_domain::row::{SigningAlgorithm, SigningKeyRow, WorkspaceRow};
use confab_domain::{
    Read as _, Scan as _, StoreResult, Tx as _, answer, apply, is_mutation, retention, tail,
};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MediaSid, ParticipantSid, UserSid, WorkspaceSid,
};
use confab_testkit::SeededIds;
use rusqlite::{Connection, StatementStatus};

use super::sample::{FEW, MANY, NOW, Size, calls, grown, id, owner};
use super::{SqliteTx, sql};

/// Runs everything and gives the steps of the longest run of each statement.
fn work_on(size: &Size) -> BTreeMap<&'static str, i32> {
    let connection = grown(size);
    let mut most = BTreeMap::new();
    let mut note = |connection: &Connection| {
        for (name, sql) in sql::ALL {
            let statement = connection.prepare_cached(sql).unwrap();
            let runs = statement.reset_status(StatementStatus::Run);
            let steps = statement.reset_status(StatementStatus::VmStep);
            if runs > 0 {
                let entry = most.entry(*name).or_insert(0);
                *entry = (*entry).max(steps / runs);
            }
        }
    };
    connection.execute_batch("BEGIN").unwrap();
    let mut tx = SqliteTx::new(&connection, WorkspaceSid(id(1))).unwrap();
    let mut ids = SeededIds::new(7);
    for call in calls(size) {
        let done = if is_mutation(&call) {
            apply(&owner(), &call, NOW, &mut ids, &mut tx).map(|outcome| outcome.answer)
        } else {
            answer(&owner(), &call, NOW, &tx)
        };
        done.unwrap_or_else(|error| panic!("{}: {error}", call.method()));
        note(&connection);
    }
    without_an_actor(&mut tx, &mut ids);
    note(&connection);
    rarely(&mut tx, size);
    note(&connection);
    most
}

fn without_an_actor(tx: &mut SqliteTx<&Connection>, ids: &mut SeededIds) {
    let minted = account::mint_invite(None, None, NOW, ids, tx).unwrap();
    let join = Join {
        client_id: ClientId(id(5_000_000_001)),
        secret: &minted.secret,
        identity: "Somebody new",
        password: Password::New("a hash"),
        device_name: "Desk",
    };
    let grant = account::join(&join, NOW, ids, tx).unwrap();
    account::refresh(&grant.refresh_token, NOW, tx).unwrap();
    account::authenticate(grant.user.sid, grant.device, tx).unwrap();
    let client_id = ClientId(id(5_000_000_002));
    let ask = SignIn { client_id, identity: "somebody new", verified: "a hash", device_name: "Ship" };
    account::sign_in(&ask, NOW, ids, tx).unwrap();
    retention::forget_outcomes(NOW, 100, tx).unwrap();
}

/// What no call of this script comes to.
fn rarely(tx: &mut SqliteTx<&Connection>, size: &Size) {
    let (conversation, user) = (ConversationSid(id(1)), UserSid(id(1)));
    let row = tx.workspace().unwrap().unwrap();
    tx.update_workspace(&row).unwrap();
    let again = WorkspaceRow { epoch: Epoch(id(9)), ..row };
    assert!(tx.insert_workspace(&again).is_err());
    let kid = id(3);
    let key = SigningKeyRow { kid, algorithm: SigningAlgorithm::Hs256, secret: vec![1], date_created: NOW };
    tx.insert_signing_key(&key).unwrap();
    assert!(tx.signing_key(kid).unwrap().is_some());
    assert!(tx.newest_signing_key().unwrap().is_some());
    assert_eq!(tx.audit(100).unwrap().len(), 100);
    assert_eq!(tx.witnesses(conversation, size.messages / 2, 100).unwrap().len(), 100);
    assert!(tx.joined(user, None, 1_000).unwrap().len() > 900);
    assert_eq!(tx.own_rows_moved(user, 0, 100).unwrap().len(), 100);
    tx.owners(conversation, 2).unwrap();
    assert_eq!(tx.members(conversation, None, 100).unwrap().len(), 100);
    let tail = tail::since(tx, tail::end(tx).unwrap() - 3).unwrap();
    assert!(!tail.heads.is_empty() && !tail.users.is_empty() && !tail.devices.is_empty());
    assert!(tail::standing(tx, user).unwrap().heads.len() > 900);
    let used = tx.redemption(InviteSid(id(2)), ClientId(id(2))).unwrap();
    assert!(used.is_some());
    tx.delete_mentions(conversation, 10).unwrap();
    files(tx);
    assert_eq!(tx.pushed_devices(Some(("fcm", DeviceSid(id(2)))), 5).unwrap().len(), 5);
    gateway(tx);
    pages_behind_the_first(tx);
    assert_eq!(tx.state_due(NOW, 5).unwrap().len(), 5);
    let to_erase = tx.next_to_erase().unwrap().unwrap();
    assert_eq!(to_erase.sid, ConversationSid(id(5)));
    tx.erase_messages(conversation, 0..500).unwrap();
    assert_eq!(tx.erase_counters(conversation, 200).unwrap(), 200);
    // A long run of removed messages up to the end.
    let last = tx.last_live_message(ConversationSid(id(2)), 0..200_000).unwrap().unwrap();
    assert_eq!(last.index, 0);
}

/// What gateways keep, and the walk over all conversations.
fn gateway(tx: &mut SqliteTx<&Connection>) {
    let row = |number: u64| GatewayRow {
        kind: GatewayKind::Delivery,
        key: format!("{number:03}"),
        value: "{}".into(),
    };
    for number in 0..100 {
        tx.put_gateway_row(&row(number)).unwrap();
    }
    assert_eq!(tx.gateway_rows(GatewayKind::Delivery, Some("049"), 20).unwrap().len(), 20);
    assert!(tx.gateway_row(GatewayKind::Delivery, "050").unwrap().is_some());
    assert!(tx.delete_gateway_row(GatewayKind::Delivery, "050").unwrap());
    assert_eq!(tx.conversations(Some(ConversationSid(id(1))), 50).unwrap().len(), 50);
    let behind = Some((ConversationSid(id(1)), ParticipantSid(id(10))));
    assert_eq!(tx.non_chat_at("+47 10", behind, 50).unwrap().len(), 1);
    // Behind all who are there stand those who are gone.
    assert_eq!(tx.non_chat_changes(ConversationSid(id(1)), 40, 20).unwrap().len(), 20);
}

/// Of a person with as many files as may be in no message, among those of many.
fn files(tx: &mut SqliteTx<&Connection>) {
    let user = UserSid(id(1));
    assert_eq!(tx.media_usage(user).unwrap().files, 200);
    let row = tx.media(MediaSid(id(1))).unwrap().unwrap();
    tx.update_media(&row).unwrap();
    assert_eq!(tx.unsent_media(NOW, 50).unwrap().len(), 50);
    assert_eq!(tx.gone_media(50).unwrap().len(), 50);
    tx.delete_media(row.sid).unwrap();
    tx.insert_media(&row).unwrap();
}

/// The walks of a verification.
fn pages_behind_the_first(tx: &SqliteTx<&Connection>) {
    fn second<R>(page: impl Fn(Option<&R>, usize) -> StoreResult<Vec<R>>) {
        let first = page(None, 10).unwrap();
        assert_eq!(page(first.last(), 10).unwrap().len(), 10);
    }
    second(|after, limit| tx.scan_users(after, limit));
    second(|after, limit| tx.scan_conversations(after, limit));
    second(|after, limit| tx.scan_events(after, limit));
    second(|after, limit| tx.scan_messages(after, limit));
    second(|after, limit| tx.scan_mentions(after, limit));
    second(|after, limit| tx.scan_counters(after, limit));
    second(|after, limit| tx.scan_participants(after, limit));
    second(|after, limit| tx.scan_non_chat(after, limit));
    second(|after, limit| tx.scan_receipts(after, limit));
    second(|after, limit| tx.scan_memberships(after, limit));
    second(|after, limit| tx.scan_drafts(after, limit));
    second(|after, limit| tx.scan_settings(after, limit));
    second(|after, limit| tx.scan_intervals(after, limit));
    second(|after, limit| tx.scan_outcomes(after, limit));
    second(|after, limit| tx.scan_media(after, limit));
}

#[test]
fn no_statement_scans_a_table() {
    let connection = grown(&Size { messages: 1_000, people: 100 });
    for (name, sql) in sql::ALL {
        let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
        let columns = statement.parameter_count();
        let nothing = std::iter::repeat_n(rusqlite::types::Null, columns);
        let steps =
            statement.query_map(rusqlite::params_from_iter(nothing), |row| row.get::<_, String>(3)).unwrap();
        for step in steps.map(Result::unwrap) {
            let made_up = ["subquery", "CONSTANT ROW", "VALUES CLAUSE"];
            let scans = step.starts_with("SCAN ") && !made_up.iter().any(|kind| step.contains(kind));
            assert!(!scans && !step.contains("AUTOMATIC"), "{name}: {step}");
            // What changed after a version is found by it, not sorted out of everything that there is.
            assert!(!(name.ends_with("_CHANGES") && step.contains("TEMP B-TREE")), "{name}: {step}");
        }
    }
}

#[test]
fn a_million_messages_cost_no_more_steps_than_few() {
    let (few, many) = (work_on(&FEW), work_on(&MANY));
    let mut grew = Vec::new();
    for (name, _) in sql::ALL {
        match (few.get(name), many.get(name)) {
            (Some(few), Some(many)) if *many <= few + few / 2 + 200 => {}
            (few, many) => grew.push(format!("{name}: {few:?} steps on few rows, {many:?} on many")),
        }
    }
    assert!(grew.is_empty(), "{grew:#?}");
}
