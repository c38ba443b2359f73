//! `verify` on a real database: it finds nothing, until somebody has written to it behind the server's back.

use std::fs;
use std::path::Path;
use std::process::Command;

use confab_server::{ServerError, Verified, verify};
use rusqlite::Connection;
use serde_json::json;

use super::harness::{Server, id, message};

/// A server with a database in which everything has happened.
pub(crate) async fn lived_in() -> Server {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    for name in ["Harbour", "Quay"] {
        let room = ingrid.conversation(name).await;
        ingrid.add(&room, "Aiko").await;
        let mut said = Vec::new();
        for number in 0..20 {
            let mut params = message(&room, &format!("{name} {number}"));
            params["mentions"] = json!(["Aiko"]);
            said.push(ingrid.call("message.send", params).await.unwrap()["message"]["sid"].clone());
        }
        let edit =
            json!({"client_id": id(), "conversation": room, "message": {"sid": said[3]}, "body": "Else"});
        ingrid.call("message.edit", edit).await.unwrap();
        let removal = json!({"client_id": id(), "conversation": room, "message": {"sid": said[5]}});
        ingrid.call("message.remove", removal).await.unwrap();
        let read =
            json!({"client_id": id(), "conversation": room, "index": 9, "mode": "advance", "based_on": 99});
        aiko.call("horizon.set", read).await.unwrap();
        let draft = json!({"client_id": id(), "conversation": room, "body": "Half a"});
        aiko.call("draft.set", draft).await.unwrap();
        let removal = json!({"client_id": id(), "conversation": room, "identity": "Aiko"});
        ingrid.call("participant.remove", removal).await.unwrap();
        ingrid.add(&room, "Aiko").await;
        let rename = json!({"client_id": id(), "conversation": room, "unique_name": name});
        ingrid.call("conversation.update", rename).await.unwrap();
    }
    let setting = json!({"client_id": id(), "key": "theme", "value": "dark"});
    aiko.call("setting.set", setting).await.unwrap();
    server
}

/// What somebody does to a database, and a part of the sentence that names it.
const DAMAGES: &[(&str, &str)] = &[
    ("UPDATE heads SET last_seq = last_seq + 1", "has last_seq"),
    ("UPDATE heads SET next_index = next_index + 1", "has next_index"),
    ("UPDATE heads SET participants_count = 7", "has participants_count 7"),
    ("UPDATE heads SET roster_version = roster_version + 1", "has roster_version"),
    ("UPDATE heads SET last_message_at = 1", "has last_message_at 1"),
    ("UPDATE heads SET moved = 9999", "has moved 9999"),
    ("UPDATE heads SET activity = 9999", "has activity 9999"),
    ("UPDATE heads SET activity = 1", "has activity 1"),
    ("UPDATE conversations SET date_updated = 1", "has date_updated 1"),
    ("UPDATE conversations SET deleted_at = 1", "has deleted_at 1"),
    ("UPDATE conversations SET state_due = 1", "has state_due 1"),
    ("UPDATE conversations SET direct = 1", "is of two people"),
    ("DELETE FROM heads", "events: a row belongs to CH"),
    ("DELETE FROM events WHERE seq = 7", "goes on with event 8 where 7 is due"),
    ("UPDATE events SET seq = 999 WHERE seq = 7", "goes on with event 999"),
    ("UPDATE events SET subject = randomblob(16) WHERE seq = 2", "event 2 of"),
    (
        "UPDATE events SET subject = randomblob(16) WHERE kind = 5 AND seq < 9",
        "tells of something that is not there",
    ),
    ("UPDATE events SET kind = 6 WHERE kind = 7", "removed of IM"),
    ("UPDATE events SET kind = 4 WHERE seq = 3", "cannot follow those before it"),
    ("UPDATE events SET kind = 99 WHERE seq = 3", "events cannot be read"),
    ("UPDATE messages SET idx = 99 WHERE idx = 4", "go on with index 5 where 4 is due"),
    ("DELETE FROM messages WHERE idx = 4", "go on with index 5 where 4 is due"),
    ("UPDATE messages SET removed = 1 WHERE idx = 4", "removed of IM"),
    ("UPDATE messages SET removed = 0, body = 'back' WHERE removed = 1", "removed of IM"),
    ("UPDATE messages SET seq = seq + 1 WHERE idx = 4", "seq of IM"),
    ("UPDATE messages SET version = version + 1 WHERE idx = 3", "version of IM"),
    ("UPDATE messages SET version = seq WHERE idx = 3", "cannot follow those before it"),
    ("UPDATE messages SET body = NULL WHERE idx = 4", "body of IM"),
    ("UPDATE messages SET body = 'back' WHERE removed = 1", "still holds something"),
    ("UPDATE messages SET attributes = '{\"a\":1}' WHERE removed = 1", "still holds something"),
    ("UPDATE messages SET mentions = '[\"Aiko\"]' WHERE removed = 1", "still holds something"),
    ("UPDATE messages SET user = randomblob(16) WHERE idx = 4", "author of IM"),
    ("UPDATE messages SET participant = randomblob(16) WHERE idx = 4", "author of IM"),
    ("UPDATE messages SET relates_to = randomblob(16) WHERE idx = 4", "relates_to of IM"),
    ("UPDATE messages SET mentions = '' WHERE idx = 4", "mentions of IM"),
    ("DELETE FROM mentions WHERE idx = 4", "mentions of IM"),
    (
        "INSERT INTO mentions SELECT workspace, conversation, 77, user FROM mentions WHERE idx = 4",
        "is left over",
    ),
    (
        "UPDATE blocks SET live = live + 1 WHERE counted = 0 AND size = 256",
        "live messages of all in block 0 of 256",
    ),
    ("UPDATE blocks SET live = live - 1 WHERE counted = 0 AND size = 65536", "in block 0 of 65536"),
    ("UPDATE blocks SET live = live + 1 WHERE counted = 1", "live messages by US"),
    ("UPDATE blocks SET live = live + 1 WHERE counted = 2", "live messages that mention US"),
    ("DELETE FROM blocks WHERE counted = 1", "counts 0 live messages by US"),
    (
        "INSERT INTO blocks SELECT workspace, conversation, counted, user, size, 9, 4 FROM blocks",
        "in block 9 of",
    ),
    ("UPDATE blocks SET live = live + 1 WHERE counted = 0", "are unread for US"),
    ("UPDATE participants SET version = version + 999 WHERE status = 1", "version of MB"),
    ("UPDATE participants SET version = 0 WHERE status = 2", "version of MB"),
    ("UPDATE participants SET horizon = 999 WHERE status = 1", "horizon of MB"),
    ("UPDATE participants SET status = 1", "status of MB"),
    ("UPDATE participants SET user = randomblob(16) WHERE status = 2", "participants: a row belongs to US"),
    ("DELETE FROM participants WHERE status = 2", "tells of something that is not there"),
    ("UPDATE participants SET role = 2", "participants and no owner"),
    ("UPDATE intervals SET left_seq = left_seq + 1", "is not what its log gives"),
    ("UPDATE intervals SET joined_index = joined_index + 1", "is not what its log gives"),
    ("DELETE FROM intervals WHERE left_seq IS NULL", "is not what its log gives"),
    (
        "INSERT INTO intervals SELECT workspace, user, conversation, 4, 0, 5, 0 FROM intervals WHERE joined_seq = 1",
        "is not what its log gives",
    ),
    ("UPDATE memberships SET version = 9999", "version in the own row"),
    ("UPDATE memberships SET moved = 9999", "version in the own row"),
    ("UPDATE memberships SET status = 2", "status in the own row"),
    ("UPDATE memberships SET role = 3", "role in the own row"),
    ("UPDATE memberships SET horizon = 1", "horizon in the own row"),
    ("UPDATE memberships SET joined_seq = 9", "joined_seq in the own row"),
    ("UPDATE memberships SET left_at = 9", "left_at in the own row"),
    ("UPDATE memberships SET horizon_set_version = 99", "horizon_set_version in the own row"),
    ("DELETE FROM memberships WHERE role = 1", "everything in the own row"),
    ("UPDATE memberships SET conversation = randomblob(16)", "memberships: a row belongs to CH"),
    ("UPDATE memberships SET user = randomblob(16)", "memberships: a row belongs to US"),
    ("UPDATE drafts SET version = version + 9999", "a draft of US"),
    ("UPDATE settings SET version = 9999", "a setting of US"),
    ("UPDATE users SET joined_count = 9", "joined_count of US"),
    ("UPDATE users SET state_version = 1", "version in the own row"),
    ("UPDATE users SET identity = 'Somebody'", "identity_key of US"),
    ("UPDATE users SET identity_key = sid || 'x'", "cannot be read"),
    ("UPDATE users SET identity_key = hex(sid)", "identity_key of US"),
    ("UPDATE workspaces SET owner = randomblob(16)", "is owned by US"),
    ("UPDATE workspaces SET commits = 1", "has moved"),
    ("DELETE FROM workspaces", "there is no workspace"),
    ("UPDATE outcomes SET subject = randomblob(16)", "without what it made or changed"),
    ("UPDATE outcomes SET user = randomblob(16)", "outcomes: a row belongs to US"),
    (
        "INSERT INTO outcomes SELECT workspace, user, client_id, 'message.edit', payload_hash, sid, 1 FROM messages",
        "known twice",
    ),
    (
        "INSERT INTO events SELECT workspace, randomblob(16), seq, kind, at, actor, device, changed, subject FROM events",
        "events: a row belongs to CH",
    ),
];

fn sentences(found: &Verified) -> Vec<String> {
    found.report.findings.iter().map(ToString::to_string).collect()
}

fn damaged(clean: &Path, sql: &str) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let path = place.path().join("confab.db");
    fs::copy(clean, &path).unwrap();
    let connection = Connection::open(&path).unwrap();
    connection.pragma_update(None, "foreign_keys", "OFF").unwrap();
    connection.execute_batch(sql).unwrap_or_else(|error| panic!("{sql}: {error}"));
    place
}

#[tokio::test(flavor = "multi_thread")]
async fn every_damage_is_named() {
    let server = lived_in().await;
    let data = server.place.path().join("data");
    let running = verify(&data, false).unwrap();
    assert_eq!(sentences(&running), Vec::<String>::new());
    let totals = running.report.totals;
    assert_eq!((totals.users, totals.conversations, totals.messages), (2, 2, 40));
    let Server { running, place } = server;
    running.shutdown();
    assert_eq!(verify(&data, false).unwrap().report.totals, totals);
    let mut missed = Vec::new();
    for (sql, named) in DAMAGES {
        let copy = damaged(&place.path().join("data/confab.db"), sql);
        let found = sentences(&verify(copy.path(), true).unwrap());
        if !found.iter().any(|sentence| sentence.contains(named)) {
            missed.push((sql, named, found));
        }
    }
    assert!(missed.is_empty(), "{missed:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_written_over_is_not_taken_for_good() {
    let Server { running, place } = lived_in().await;
    running.shutdown();
    let clean = fs::read(place.path().join("data/confab.db")).unwrap();
    let pages = clean.len() / 4_096;
    for page in 1..pages {
        let other = tempfile::tempdir().unwrap();
        let mut bytes = clean.clone();
        bytes[page * 4_096..(page + 1) * 4_096].fill(0x55);
        fs::write(other.path().join("confab.db"), bytes).unwrap();
        let found = verify(other.path(), true);
        assert!(!matches!(&found, Ok(it) if it.report.findings.is_empty()), "page {page} of {pages}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_verification_makes_everybody_begin_anew_while_the_server_runs() {
    let server = Server::start();
    let data = server.place.path().join("data");
    let grant = server.join("Ingrid").await;
    let mut ingrid = server.connect(&grant).await;
    let room = ingrid.conversation("Harbour").await;
    ingrid.say(&room, "Good morning").await;
    let before = ingrid.hello["epoch"].clone();
    let connection = Connection::open(data.join("confab.db")).unwrap();
    connection.execute_batch("UPDATE blocks SET live = 9 WHERE counted = 0 AND size = 256").unwrap();
    let found = tokio::task::block_in_place(|| verify(&data, true)).unwrap();
    assert!(!found.report.findings.is_empty() && !found.epoch_renewed);
    assert_eq!(server.connect(&grant).await.hello["epoch"], before);
    let found = tokio::task::block_in_place(|| verify(&data, false)).unwrap();
    assert!(found.epoch_renewed);
    assert_eq!(ingrid.push("closing").await["reason"], "stopping");
    assert!(ingrid.frame().await.is_none());
    let mut ingrid = server.connect(&grant).await;
    assert_ne!(ingrid.hello["epoch"], before);
    ingrid.say(&room, "Good evening").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_what_agrees_and_what_does_not() {
    let server = lived_in().await;
    let Server { running, place } = server;
    running.shutdown();
    let data = place.path().join("data");
    let run = |more: &[&str]| {
        let program = env!("CARGO_BIN_EXE_confab-server");
        let out = Command::new(program).arg("verify").arg("--data").arg(&data).args(more).output().unwrap();
        (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
    };
    let (code, said, _) = run(&[]);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.starts_with("2 users, 2 conversations, 40 messages, ") && said.ends_with(" agree\n"),
        "{said}"
    );
    let connection = Connection::open(data.join("confab.db")).unwrap();
    connection.execute_batch("UPDATE messages SET body = NULL WHERE removed = 0").unwrap();
    drop(connection);
    let (code, said, _) = run(&["--dry-run"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(
        said.contains("body of IM") && said.contains("38 findings") && !said.contains("new epoch"),
        "{said}"
    );
    let (code, said, _) = run(&[]);
    assert!(code == Some(1) && said.contains("new epoch") && said.contains("restore"), "{said}");
    let nowhere = verify(&place.path().join("nowhere"), true);
    assert!(matches!(nowhere, Err(ServerError::NoWorkspace { .. })));
    assert!(!place.path().join("nowhere").exists());
}
