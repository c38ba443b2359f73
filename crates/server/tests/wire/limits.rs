//! Bounds, and what happens at them.

use confab_server::Bounds;
use serde_json::json;

use super::harness::{Server, bounds, hello, message, soon};

#[tokio::test]
async fn a_frame_over_the_limit_ends_its_connection_and_no_other() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    for bytes in [257 * 1024, 1024 * 1024] {
        let grant = server.join(&format!("Mallory {bytes}")).await;
        let mut mallory = server.connect(&grant).await;
        let text = format!("{{\"id\":9,\"method\":\"ping\",\"params\":\"{}\"}}", "x".repeat(bytes));
        let reason = mallory.ends_itself(&text).await;
        assert!(reason.as_deref().is_none_or(|reason| reason == "too_large"), "{bytes}: {reason:?}");
    }
    assert!(ingrid.call("ping", json!({})).await.is_ok());
    assert!(aiko.call("ping", json!({})).await.is_ok());
}

#[tokio::test]
async fn what_is_no_request_is_refused_by_its_id_or_ends_the_connection() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    assert_eq!(ingrid.refused("no.such.method", json!({})).await, "unknown_method");
    assert_eq!(ingrid.refused("message.send", json!({"body": 7})).await, "invalid_params");
    assert_eq!(
        ingrid.refused("hello", json!({"versions": {"min": 1, "max": 1}, "token": ""})).await,
        "invalid_params"
    );
    ingrid.raw("this is no JSON").await;
    assert_eq!(ingrid.close_reason().await, "bad_frame");
}

#[tokio::test]
async fn whoever_asks_too_often_is_told_when_to_come_back() {
    let server = Server::with(Bounds { requests_per_second: 1, request_burst: 3, ..bounds() });
    let mut ingrid = server.person("Ingrid").await;
    let mut refused = None;
    for _ in 0..5 {
        refused = ingrid.call("ping", json!({})).await.err().or(refused);
    }
    let refused = refused.expect("five at once are too many");
    assert_eq!(refused["code"], "rate_limited");
    assert!(refused["params"]["retry_after_ms"].as_u64().unwrap() <= 1_000);
}

#[tokio::test]
async fn sessions_of_one_user_are_bounded() {
    let server = Server::with(Bounds { connections_per_user: 2, ..bounds() });
    let grant = server.join("Ingrid").await;
    let first = server.connect(&grant).await;
    let _second = server.connect(&grant).await;
    let mut third = server.open().await;
    assert_eq!(third.refused("hello", hello(&grant)).await, "limit_reached");
    drop(first);
    // The place comes back when the server has seen the end of the first.
    soon(async {
        loop {
            let mut next = server.open().await;
            if next.call("hello", hello(&grant)).await.is_ok() {
                return;
            }
        }
    })
    .await;
}

#[tokio::test]
async fn guesses_at_a_password_are_limited_by_name() {
    let server = Server::start();
    server.join("Ingrid").await;
    let guess = |number: u32| json!({"client_id": super::harness::id(), "identity": "Ingrid", "password": format!("guess {number}")});
    let mut codes = Vec::new();
    for number in 0..10 {
        codes.push(server.post("/v1/sign-in", &guess(number)).await.1["error"]["code"].clone());
    }
    assert_eq!(codes.first(), Some(&json!("wrong_password")));
    assert_eq!(codes.last(), Some(&json!("rate_limited")));
    let right = json!({"client_id": super::harness::id(), "identity": "Aiko", "password": "whatever it is"});
    assert_eq!(server.post("/v1/sign-in", &right).await.1["error"]["code"], "wrong_password");
}

#[tokio::test]
async fn a_slow_reader_lags_and_slows_nobody() {
    let server = Server::with(Bounds { session_queue: 16, ..bounds() });
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let mut slow = server.person("Slow").await;
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    ingrid.add(&conversation, "Slow").await;
    let body = "x".repeat(32 * 1024);
    let stats = || server.running.stats().lagged_total.load(std::sync::atomic::Ordering::Relaxed);
    let mut said = 0;
    while stats() == 0 {
        ingrid.say(&conversation, &body).await;
        aiko.push("message.added").await;
        ingrid.push("message.added").await;
        said += 1;
        assert!(said < 2_000, "a queue of 16 frames never fills");
    }
    ingrid.call("message.send", message(&conversation, "the last one")).await.unwrap();
    slow.push("lagged").await;
    let page = slow.call("message.page", json!({"conversation": conversation, "limit": 1})).await.unwrap();
    assert_eq!(page["messages"][0]["body"], "the last one");
}
