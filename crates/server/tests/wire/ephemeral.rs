//! Typing and presence.

use std::time::Duration;

use confab_server::Bounds;
use serde_json::json;

use super::harness::{Server, bounds};

#[tokio::test]
async fn typing_reaches_those_who_look_but_not_the_typist() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let (mut ingrid, mut tablet) = (server.connect(&grant).await, server.connect(&grant).await);
    let (mut aiko, mut noor) = (server.person("Aiko").await, server.person("Noor").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    ingrid.add(&conversation, "Noor").await;
    tablet.call("interest.set", json!({"open": conversation})).await.unwrap();
    aiko.call("interest.set", json!({"rows": [conversation]})).await.unwrap();
    ingrid.call("typing.start", json!({"conversation": conversation})).await.unwrap();
    let typing = aiko.push("typing.started").await;
    assert_eq!((&typing["identity"], &typing["timeout_ms"]), (&json!("Ingrid"), &json!(6_000)));
    for client in [&mut ingrid, &mut tablet, &mut noor] {
        assert!(client.pushed().await.iter().all(|frame| frame["event"] != "typing.started"));
    }
}

#[tokio::test]
async fn presence_is_a_snapshot_and_then_what_changes() {
    let server = Server::with(Bounds { offline_after: Duration::from_millis(100), ..bounds() });
    let mut ingrid = server.person("Ingrid").await;
    let grant = server.join("Aiko").await;
    let params = json!({"identities": ["aiko", "Ingrid", "Nobody"]});
    let snapshot = ingrid.call("presence.subscribe", params).await.unwrap();
    let expected = json!([
        {"identity": "Aiko", "online": false, "profile_version": 1},
        {"identity": "Ingrid", "online": true, "profile_version": 1},
    ]);
    assert_eq!(snapshot["people"], expected);
    let aiko = server.connect(&grant).await;
    let came = ingrid.push("presence.changed").await;
    assert_eq!(came["people"], json!([{"identity": "Aiko", "online": true}]));
    drop(aiko);
    let went = ingrid.push("presence.changed").await;
    assert_eq!(went["people"], json!([{"identity": "Aiko", "online": false}]));
}

#[tokio::test]
async fn heartbeats_say_which_heads_moved() {
    let server = Server::with(Bounds { heartbeat: Duration::from_millis(100), ..bounds() });
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    let said = ingrid.say(&conversation, "Hello").await;
    loop {
        let beat = ingrid.push("heartbeat").await;
        let heads = beat["heads"].as_array().unwrap();
        if let Some(head) = heads.iter().find(|head| head["version"] == said["seq"]) {
            assert_eq!(head["conversation"], conversation);
            break;
        }
    }
    let beat = ingrid.push("heartbeat").await;
    assert_eq!(beat["heads"], json!([]));
}

#[tokio::test]
async fn whoever_is_silent_is_dead() {
    let bounds =
        Bounds { heartbeat: Duration::from_millis(50), dead_after: Duration::from_millis(100), ..bounds() };
    let server = Server::with(bounds);
    let mut ingrid = server.person("Ingrid").await;
    while ingrid.frame().await.is_some() {}
}
