//! Every statement that a request can run goes by an index, and on a million messages and ten thousand participants it
//! takes about the steps that it takes on few.

use std::collections::BTreeMap;

use confab_domain::account::{self, Join, Password, SignIn};
use confab_domain::row::{SigningAlgorithm, SigningKeyRow, WorkspaceRow};
use confab_domain::{Actor, Read as _, Tx as _, answer, apply, is_mutation, retention};
use confab_protocol::model::Role;
use confab_protocol::{
    Call, ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, Timestamp, UserSid, WorkspaceSid,
};
use confab_testkit::SeededIds;
use rusqlite::{Connection, StatementStatus};
use uuid::Uuid;

use super::{SqliteTx, schema, sql};

const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// Rows of the parts that grow without a bound. What is bounded by the rules (1,000 conversations of one user) is the same
/// everywhere.
struct Size {
    messages: u64,
    people: u64,
}

/// One whole large block and a small one more: counters are read at both levels.
const FEW: Size = Size { messages: 66_000, people: 300 };
const MANY: Size = Size { messages: 1_000_000, people: 10_000 };

fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

/// A workspace in which user 1 has done much: owner, in nearly 1,000 conversations, the first of them with everybody.
fn grown(size: &Size) -> Connection {
    let mut connection = Connection::open_in_memory().unwrap();
    schema::migrate(&mut connection).unwrap();
    super::prepare(&connection).unwrap();
    connection.pragma_update(None, "foreign_keys", "ON").unwrap();
    connection.execute_batch("CREATE TEMP TABLE n (n INTEGER PRIMARY KEY, id BLOB NOT NULL)").unwrap();
    let numbers = "WITH RECURSIVE c (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM c WHERE n < ?1) \
        INSERT INTO n (n, id) SELECT n, unhex(printf('%032x', n)) FROM c";
    let most = i64::try_from(size.messages.max(20_000)).unwrap();
    connection.execute(numbers, [most]).unwrap();
    let script = include_str!("plan_tests/grow.sql")
        .replace(":messages", &size.messages.to_string())
        .replace(":people", &size.people.to_string());
    connection.execute_batch(&format!("BEGIN; {script} COMMIT;")).unwrap();
    connection
}

fn owner() -> Actor {
    let (workspace, user) = (WorkspaceSid(id(1)), UserSid(id(1)));
    Actor { workspace, user, identity: "user 1".into(), role: Role::Owner, device: Some(DeviceSid(id(1))) }
}

/// Calls that between them run the statements of all methods, each with the placeholders filled in.
fn calls(size: &Size) -> Vec<Call> {
    let script = include_str!("plan_tests/calls.txt");
    let mut client_id = 1_000_000_000;
    let mut fill = |line: &str| {
        client_id += 1;
        line.replace("$big", &ConversationSid(id(1)).to_string())
            .replace("$last", &(size.messages - 1).to_string())
            .replace("$one", &format!("{{\"sid\":\"IM{}\"}}", id(size.messages - 10).simple()))
            .replace("$other", &format!("{{\"sid\":\"IM{}\"}}", id(size.messages - 20).simple()))
            .replace("$id", &id(client_id).simple().to_string())
    };
    let lines = script.lines().filter(|line| !line.is_empty());
    lines
        .map(|line| {
            let line = fill(line);
            let (method, params) = line.split_once(' ').unwrap();
            Call::decode(method, params).unwrap_or_else(|error| panic!("{line}: {error:?}"))
        })
        .collect()
}

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

fn without_an_actor(tx: &mut SqliteTx<'_>, ids: &mut SeededIds) {
    let minted = account::mint_invite(None, None, NOW, ids, tx).unwrap();
    let join = Join {
        client_id: ClientId(id(5_000_000_001)),
        secret: &minted.secret,
        identity: "Somebody new",
        password: Password::New("a hash"),
        device_name: "Desk",
    };
    let grant = account::join(&join, NOW, ids, tx).unwrap();
    account::refresh(&grant.refresh_token, NOW, ids, tx).unwrap();
    account::authenticate(grant.user.sid, grant.device, tx).unwrap();
    let client_id = ClientId(id(5_000_000_002));
    let ask = SignIn { client_id, identity: "somebody new", verified: "a hash", device_name: "Ship" };
    account::sign_in(&ask, NOW, ids, tx).unwrap();
    retention::forget_outcomes(NOW, 100, tx).unwrap();
}

/// What no call of this script comes to.
fn rarely(tx: &mut SqliteTx<'_>, size: &Size) {
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
    tx.owners(conversation, 2).unwrap();
    let used = tx.redemption(InviteSid(id(2)), ClientId(id(2))).unwrap();
    assert!(used.is_some());
    tx.delete_mentions(conversation, 10).unwrap();
    // A long run of removed messages up to the end.
    let last = tx.last_live_message(ConversationSid(id(2)), 0..200_000).unwrap().unwrap();
    assert_eq!(last.index, 0);
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
