//! Conversations of every kind: how they are made, found, joined and left, fall asleep and end.

use confab_server::Bounds;
use serde_json::{Value, json};

use super::harness::{Client, Server, bounds, id, message, soon};

async fn create(client: &mut Client, mut params: Value) -> Value {
    params["client_id"] = id().into();
    client.call("conversation.create", params).await.unwrap()["summary"].clone()
}

async fn update(client: &mut Client, conversation: &Value, mut params: Value) -> Result<Value, Value> {
    params["client_id"] = id().into();
    params["conversation"] = conversation.clone();
    client.call("conversation.update", params).await
}

fn of(conversation: &Value) -> Value {
    json!({"client_id": id(), "conversation": conversation})
}

/// T039, T066, T072, V001, V051–V056: everything that a conversation can be made with.
#[tokio::test]
async fn a_conversation_is_made_with_all_it_is_to_have() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let made = create(
        &mut ingrid,
        json!({"friendly_name": "Quay", "unique_name": "quay", "attributes": {"pier": 7}, "uber": true,
            "public_join": true, "state": "inactive", "timers": {"inactive": "PT90M", "closed": "P2W"},
            "participants": [{"identity": "aiko", "role": "owner", "attributes": {"desk": 3}}]}),
    )
    .await;
    let row = &made["conversation"];
    assert_eq!(row["timers"], json!({"inactive": "PT1H30M", "closed": "P14D"}));
    assert_eq!(
        json!([row["friendly_name"], row["unique_name"], row["attributes"], row["state"]]),
        json!(["Quay", "quay", {"pier": 7}, "inactive"])
    );
    assert_eq!(
        json!([row["uber"], row["public_join"], row["direct"], row["participants_count"]]),
        json!([true, true, false, 2])
    );
    let state = aiko.push("state.changed").await["rows"][0].clone();
    assert_eq!((&state["conversation"], &state["role"]), (&row["sid"], &json!("owner")));
    let roster = aiko.call("participant.list", json!({"conversation": row["sid"]})).await.unwrap();
    let rows = roster["participants"].as_array().unwrap();
    let hers = rows.iter().find(|row| row["identity"] == "Aiko").unwrap();
    assert_eq!(hers["attributes"], json!({"desk": 3}));
}

/// V023, V053: a pair has one, whoever makes it.
#[tokio::test]
async fn a_pair_has_one_conversation_and_it_stays_theirs() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    server.join("Bo").await;
    let pair = |whom: &str| json!({"direct": true, "participants": [{"identity": whom}]});
    let made = create(&mut ingrid, pair("Aiko")).await;
    let sid = made["conversation"]["sid"].clone();
    aiko.push("state.changed").await;
    let again = create(&mut aiko, pair("ingrid")).await;
    assert_eq!((&again["conversation"]["sid"], &again["me"]["role"]), (&sid, &json!("owner")));
    let named = |identity: &str| json!({"client_id": id(), "conversation": sid, "identity": identity});
    for (method, params) in [
        ("participant.add", named("Bo")),
        ("participant.remove", named("Aiko")),
        ("participant.remove", named("Ingrid")),
        ("conversation.delete", of(&sid)),
    ] {
        assert_eq!(ingrid.refused(method, params).await, "direct_conversation", "{method}");
    }
    assert_eq!(aiko.say(sid.as_str().unwrap(), "Just us").await["index"], 0);
}

/// T035, T036, T085, T086, V003, V004, V006, V012, V013, V072: found without being in it, joined, left, and listed as left.
#[tokio::test]
async fn what_is_open_is_found_peeked_at_joined_and_left() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let open = create(&mut ingrid, json!({"friendly_name": "Open"})).await["conversation"]["sid"].clone();
    let closed =
        create(&mut ingrid, json!({"friendly_name": "Private"})).await["conversation"]["sid"].clone();
    assert_eq!(aiko.refused("conversation.peek", json!({"conversation": open})).await, "not_found");
    update(&mut ingrid, &open, json!({"public_join": true})).await.unwrap();
    let directory = aiko.call("conversation.list_public", json!({})).await.unwrap();
    assert_eq!((&directory["conversations"][0]["sid"], &directory["more"]), (&open, &json!(false)));
    let seen = aiko.call("conversation.peek", json!({"conversation": open})).await.unwrap();
    assert_eq!(seen["conversation"]["friendly_name"], "Open");
    assert_eq!(aiko.refused("message.page", json!({"conversation": open})).await, "not_found");
    let joined = aiko.call("conversation.join", of(&open)).await.unwrap();
    assert_eq!(joined["summary"]["me"]["status"], "joined");
    while ingrid.push("participant.joined").await["data"]["identity"] != "Aiko" {}
    assert_eq!(aiko.refused("conversation.join", of(&open)).await, "already_participant");
    assert_eq!(aiko.refused("conversation.join", of(&closed)).await, "not_found");
    aiko.say(open.as_str().unwrap(), "Hello").await;
    let asked = json!({"conversations": [closed, open]});
    let many = aiko.call("conversation.get_many", asked).await.unwrap();
    assert_eq!(many["summaries"].as_array().unwrap().len(), 1);
    let leave = json!({"client_id": id(), "conversation": open, "identity": "Aiko"});
    aiko.call("participant.remove", leave).await.unwrap();
    let left = aiko.call("conversation.list_left", json!({})).await.unwrap();
    assert_eq!((&left["left"][0]["conversation"], &left["left"][0]["left_name"]), (&open, &json!("Open")));
    update(&mut ingrid, &open, json!({"public_join": false})).await.unwrap();
    assert_eq!(aiko.refused("conversation.join", of(&open)).await, "not_joinable");
}

/// T080, T083: counted by the server.
#[tokio::test]
async fn live_messages_and_participants_are_counted() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    server.join("Aiko").await;
    let conversation = ingrid.conversation("Harbour").await;
    let gone = ingrid.say(&conversation, "one").await;
    ingrid.say(&conversation, "two").await;
    let remove = json!({"client_id": id(), "conversation": conversation, "message": {"sid": gone["sid"]}});
    ingrid.call("message.remove", remove).await.unwrap();
    ingrid.add(&conversation, "Aiko").await;
    let counts = ingrid.call("conversation.counts", json!({"conversation": conversation})).await.unwrap();
    assert_eq!((&counts["messages"], &counts["participants"]), (&json!(1), &json!(2)));
}

/// T076, T058, V077: deleted for everyone, and emptied in the files.
#[tokio::test]
async fn what_is_deleted_ends_for_everyone_and_leaves_nothing() {
    let server = Server::with(Bounds { chores: std::time::Duration::from_millis(20), ..bounds() });
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    ingrid.say(&conversation, "the combination of the safe").await;
    assert_eq!(aiko.refused("conversation.delete", of(&json!(conversation))).await, "forbidden");
    let sent = ingrid.send("conversation.delete", of(&json!(conversation))).await;
    let behind = ingrid.send("message.send", message(&conversation, "too late")).await;
    ingrid.answer(sent).await.unwrap();
    assert_eq!(ingrid.answer(behind).await.unwrap_err()["code"], "not_found");
    assert_eq!(aiko.push("conversation.deleted").await["data"]["sid"], conversation.as_str());
    let state = aiko.push("state.changed").await["rows"][0].clone();
    assert_eq!((&state["status"], &state["left_name"]), (&json!("not_participating"), &json!("Harbour")));
    for (method, params) in [
        ("message.page", json!({"conversation": conversation})),
        ("event.range", json!({"conversation": conversation, "after": 0})),
        ("conversation.peek", json!({"conversation": conversation})),
    ] {
        assert_eq!(aiko.refused(method, params).await, "not_found", "{method}");
    }
    soon(super::leftovers::gone(&server.place.path().join("data"), "the combination of the safe")).await;
}

/// Turns the hours back for a database whose server has stopped.
fn let_pass(database: &std::path::Path, millis: u64) {
    let sql = format!(
        "UPDATE conversations SET state_at = state_at - {millis}, state_due = state_due - {millis};
         UPDATE heads SET last_message_at = last_message_at - {millis};"
    );
    rusqlite::Connection::open(database).unwrap().execute_batch(&sql).unwrap();
}

/// T072: timers stand in the database, and go on after a restart.
#[tokio::test(flavor = "multi_thread")]
async fn what_was_quiet_for_long_enough_falls_asleep_over_a_restart() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let mut ingrid = server.connect(&grant).await;
    let timers = json!({"timers": {"inactive": "PT5M", "closed": "PT10M"}});
    let sid = create(&mut ingrid, timers).await["conversation"]["sid"].clone();
    drop(ingrid);
    let database = server.place.path().join("data/confab.db");
    let server = server.restarted_after(|| let_pass(&database, 6 * 60_000));
    let mut ingrid = server.connect(&grant).await;
    let state = wait_for_state(&mut ingrid, &sid, "inactive").await;
    assert!(state["date_state_updated"].as_u64() > state["date_created"].as_u64());
    ingrid.say(sid.as_str().unwrap(), "Anybody?").await;
    // That it had fallen asleep may be pushed only now.
    let woken = loop {
        let woken = ingrid.push("conversation.updated").await;
        if woken["data"]["state"] == "active" {
            break woken;
        }
    };
    assert_eq!(woken["actor"], "Ingrid");
    update(&mut ingrid, &sid, json!({"state": "inactive"})).await.unwrap();
    drop(ingrid);
    let server = server.restarted_after(|| let_pass(&database, 11 * 60_000));
    let mut ingrid = server.connect(&grant).await;
    wait_for_state(&mut ingrid, &sid, "closed").await;
    let refused = ingrid.refused("message.send", message(sid.as_str().unwrap(), "Too late")).await;
    assert_eq!(refused, "conversation_closed");
    let refused = update(&mut ingrid, &sid, json!({"state": "active"})).await.unwrap_err();
    assert_eq!(refused["code"], "conversation_closed");
}

async fn wait_for_state(client: &mut Client, conversation: &Value, state: &str) -> Value {
    loop {
        let found = client.call("conversation.get", json!({"conversation": conversation})).await.unwrap();
        let row = found["summary"]["conversation"].clone();
        if row["state"] == state {
            return row;
        }
        client.push("conversation.updated").await;
    }
}
