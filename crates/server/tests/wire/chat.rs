//! People chat: what is said arrives, in order, and only where it may.

use serde_json::{Value, json};

use super::harness::{Server, id, message};

#[tokio::test]
async fn two_people_chat_and_both_see_the_same_log() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "aiko").await;
    let state = aiko.push("state.changed").await;
    assert_eq!(state["rows"][0]["conversation"], conversation);
    let said = ingrid.say(&conversation, "Good morning").await;
    assert_eq!(said["index"], 0);
    let heard = aiko.push("message.added").await;
    assert_eq!(heard["data"], said);
    let echo = ingrid.push("message.added").await;
    assert_eq!(echo["seq"], heard["seq"]);
    let answer = aiko.say(&conversation, "Good morning to you").await;
    assert_eq!(ingrid.push("message.added").await["data"], answer);
    let page = aiko.call("message.page", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(page["messages"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_is_pipelined_is_answered_and_numbered_in_its_order() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    let mut sent = Vec::new();
    for number in 0..100 {
        sent.push(ingrid.send("message.send", message(&conversation, &number.to_string())).await);
    }
    for (index, request) in sent.into_iter().enumerate() {
        let answer = ingrid.answer(request).await.unwrap();
        assert_eq!(answer["message"]["index"], index);
        assert_eq!(answer["message"]["body"], index.to_string());
    }
}

#[tokio::test]
async fn the_same_client_id_posts_once_from_any_connection() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let mut first = server.connect(&grant).await;
    let conversation = first.conversation("Harbour").await;
    let params = message(&conversation, "Once");
    let answer = first.call("message.send", params.clone()).await.unwrap();
    let mut second = server.connect(&grant).await;
    assert_eq!(second.call("message.send", params).await.unwrap(), answer);
    let page = second.call("message.page", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(page["messages"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_was_removed_gets_nothing_more() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    let removal = json!({"client_id": id(), "conversation": conversation, "identity": "Aiko"});
    let sent = [
        ingrid.send("message.send", message(&conversation, "before")).await,
        ingrid.send("participant.remove", removal).await,
        ingrid.send("message.send", message(&conversation, "after")).await,
    ];
    for request in sent {
        ingrid.answer(request).await.unwrap();
    }
    assert_eq!(aiko.push("participant.left").await["data"]["identity"], "Aiko");
    // Someone comes back and hears of it: all that was pushed before is there by then.
    ingrid.add(&conversation, "Aiko").await;
    let mut seen = vec![aiko.push("participant.joined").await];
    seen.extend(aiko.pushed().await);
    assert!(seen.iter().all(|frame| frame["data"]["body"] != "after"), "{seen:?}");
}

#[tokio::test]
async fn strangers_hear_nothing_and_get_nothing() {
    let server = Server::start();
    let (mut ingrid, mut mallory) = (server.person("Ingrid").await, server.person("Mallory").await);
    let conversation = ingrid.conversation("Harbour").await;
    mallory.call("interest.set", json!({"open": conversation, "rows": [conversation]})).await.unwrap();
    ingrid.say(&conversation, "A secret").await;
    ingrid.call("typing.start", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(mallory.pushed().await, Vec::<Value>::new());
    for (method, params) in [
        ("message.page", json!({"conversation": conversation})),
        ("event.range", json!({"conversation": conversation, "after": 0})),
        ("typing.start", json!({"conversation": conversation})),
        ("message.send", message(&conversation, "Hello")),
    ] {
        assert_eq!(mallory.refused(method, params).await, "not_found", "{method}");
    }
}

#[tokio::test]
async fn horizons_reach_those_who_have_the_conversation_open() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    ingrid.say(&conversation, "Read me").await;
    let state = aiko.push("state.changed").await["rows"][0].clone();
    ingrid.call("interest.set", json!({"open": conversation})).await.unwrap();
    let horizon = json!({"client_id": id(), "conversation": conversation, "index": 0, "mode": "advance",
        "based_on": state["version"]});
    let me = aiko.call("horizon.set", horizon).await.unwrap()["me"].clone();
    assert_eq!(me["unread"], 0);
    let roster = ingrid.push("roster.changed").await;
    assert_eq!(roster["rows"][0]["identity"], "Aiko");
    assert_eq!(roster["rows"][0]["last_read_message_index"], 0);
    assert_eq!(roster["to"], roster["rows"][0]["version"]);
    assert!(aiko.pushed().await.iter().all(|frame| frame["event"] != "roster.changed"));
}
