//! A workspace that has grown, and calls that between them run every statement: for the tests of query plans and for the
//! measurements. Not for anything else, so that it may panic.

use confab_domain::Actor;
use confab_protocol::model::Role;
use confab_protocol::{Call, ConversationSid, DeviceSid, Timestamp, UserSid, WorkspaceSid};
use rusqlite::Connection;
use uuid::Uuid;

use super::{prepare, schema};

/// When everything happens.
pub(super) const NOW: Timestamp = Timestamp(1_795_000_000_000);

/// Rows of the parts that grow without a bound. What is bounded by the rules (1,000 conversations of one user) is the same
/// everywhere.
pub(super) struct Size {
    pub(super) messages: u64,
    pub(super) people: u64,
}

/// One whole large block and a small one more: counters are read at both levels.
pub(super) const FEW: Size = Size { messages: 66_000, people: 300 };
pub(super) const MANY: Size = Size { messages: 1_000_000, people: 10_000 };

pub(super) fn id(number: u64) -> Uuid {
    Uuid::from_u128(u128::from(number))
}

/// A workspace in which user 1 has done much: owner, in nearly 1,000 conversations, the first of them with everybody.
pub(super) fn grown(size: &Size) -> Connection {
    let mut connection = Connection::open_in_memory().expect("the sample fits the schema");
    schema::migrate(&mut connection).expect("the sample fits the schema");
    prepare(&connection).expect("the sample fits the schema");
    connection.pragma_update(None, "foreign_keys", "ON").expect("the sample fits the schema");
    connection
        .execute_batch("CREATE TEMP TABLE n (n INTEGER PRIMARY KEY, id BLOB NOT NULL)")
        .expect("the sample fits the schema");
    let numbers = "WITH RECURSIVE c (n) AS (VALUES (0) UNION ALL SELECT n + 1 FROM c WHERE n < ?1) \
        INSERT INTO n (n, id) SELECT n, unhex(printf('%032x', n)) FROM c";
    let most = size.messages.max(20_000).cast_signed();
    connection.execute(numbers, [most]).expect("the sample fits the schema");
    let script = include_str!("sample/grow.sql")
        .replace(":messages", &size.messages.to_string())
        .replace(":people", &size.people.to_string());
    connection.execute_batch(&format!("BEGIN; {script} COMMIT;")).expect("the sample fits the schema");
    connection
}

pub(super) fn owner() -> Actor {
    let (workspace, user) = (WorkspaceSid(id(1)), UserSid(id(1)));
    Actor { workspace, user, identity: "user 1".into(), role: Role::Owner, device: Some(DeviceSid(id(1))) }
}

/// Calls that between them run the statements of all methods, each with the placeholders filled in.
pub(super) fn calls(size: &Size) -> Vec<Call> {
    let script = include_str!("sample/calls.txt");
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
            let (method, params) = line.split_once(' ').expect("a call has parameters");
            Call::decode(method, params).unwrap_or_else(|error| panic!("{line}: {error:?}"))
        })
        .collect()
}
