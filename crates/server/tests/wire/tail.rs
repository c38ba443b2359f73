//! What moves in the database without the server being told of it, as by another node whose bus has lost everything: the tail
//! finds it. No heartbeat is due by itself in these tests.

use std::time::Duration;

use confab_protocol::ConversationSid;
use confab_server::Bounds;
use rusqlite::Connection;
use serde_json::{Value, json};

use super::harness::{Server, bounds};

fn server() -> Server {
    let (tail, bus_delay) = (Duration::from_millis(50), Duration::from_millis(20));
    Server::with(Bounds { tail, bus_delay, heartbeat: Duration::from_secs(600), ..bounds() })
}

/// Writes behind the server's back, in one commit of its own.
pub(crate) fn behind(server: &Server, statements: &[&str]) {
    let path = server.place.path().join("data/confab.db");
    let mut database = Connection::open(path).expect("it opens");
    database.busy_timeout(Duration::from_secs(10)).expect("it waits");
    let change = database.transaction().expect("it begins");
    change.execute("UPDATE workspaces SET commits = commits + 1", []).expect("a commit");
    for statement in statements {
        let moved = "(SELECT max(commits) FROM workspaces)";
        assert_eq!(
            change.execute(&statement.replace("$moved", moved), []).expect("it fits"),
            1,
            "{statement}"
        );
    }
    change.commit().expect("it is committed");
}

pub(crate) fn hex(conversation: &str) -> String {
    let sid: ConversationSid = conversation.parse().expect("a conversation");
    format!("x'{}'", sid.0.simple())
}

#[tokio::test(flavor = "multi_thread")]
async fn heads_and_own_states_that_nobody_told_of_are_in_a_heartbeat_at_once() {
    let server = server();
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    let told = ingrid.push("state.changed").await["to"].clone();
    let sid = hex(&conversation);
    let head = format!("UPDATE heads SET last_seq = last_seq + 1, moved = $moved WHERE conversation = {sid}");
    let own = "UPDATE users SET state_version = state_version + 1, moved = $moved WHERE identity = 'Ingrid'";
    behind(&server, &[&head]);
    let beat = ingrid.push("heartbeat").await;
    assert_eq!(beat["heads"][0]["conversation"], conversation, "{beat}");
    assert_eq!(beat["state_version"], told, "{beat}");
    behind(&server, &[own]);
    let beat = ingrid.push("heartbeat").await;
    let state = ingrid.call("conversation.list", json!({})).await.expect("a list")["state_version"].clone();
    assert_eq!(beat["state_version"], state, "{beat}");
    assert_ne!(state, told);
}

#[tokio::test(flavor = "multi_thread")]
async fn someone_who_was_removed_elsewhere_gets_nothing_more() {
    let server = server();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "aiko").await;
    aiko.push("state.changed").await;
    let sid = hex(&conversation);
    let head = format!("UPDATE heads SET last_seq = last_seq + 1, moved = $moved WHERE conversation = {sid}");
    let user = "(SELECT sid FROM users WHERE identity = 'Aiko')";
    let out = format!(
        "UPDATE memberships SET status = 2, moved = $moved WHERE conversation = {sid} AND user = {user}"
    );
    behind(&server, &[&head, &out]);
    // Sent at once: the gap is noticed by this message, or before it by the tail.
    ingrid.say(&conversation, "Among us").await;
    ingrid.push("heartbeat").await;
    ingrid.say(&conversation, "Still among us").await;
    ingrid.push("message.added").await;
    assert_eq!(aiko.pushed().await, Vec::<Value>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_that_was_signed_out_elsewhere_ends() {
    let server = server();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let user = "(SELECT sid FROM users WHERE identity = 'Aiko')";
    behind(&server, &[&format!("UPDATE devices SET revoked_at = 1, moved = $moved WHERE user = {user}")]);
    assert_eq!(aiko.push("closing").await["reason"], "revoked");
    assert_eq!(aiko.frame().await, None);
    assert_eq!(ingrid.pushed().await, Vec::<Value>::new());
}
