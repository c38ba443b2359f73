//! The first frame, and what is refused there.

use std::sync::Arc;
use std::time::Duration;

use confab_server::Bounds;
use serde_json::{Value, json};

use super::harness::{Server, bounds, hello, soon};

#[tokio::test]
async fn hello_says_who_is_there_and_where() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let client = server.connect(&grant).await;
    assert_eq!(client.hello["user"]["identity"], "Ingrid");
    assert_eq!(client.hello["user"]["role"], "owner");
    assert_eq!(client.hello["device"], grant["device"]);
    assert_eq!(client.hello["workspace"], grant["workspace"]);
    assert_eq!(client.hello["version"], 1);
    assert_eq!(client.hello["epoch"].as_str().unwrap().len(), 32);
}

#[tokio::test]
async fn what_is_no_hello_is_refused_and_closed() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let mut future = hello(&grant);
    future["versions"] = json!({"min": 7, "max": 9});
    let mut forged = hello(&grant);
    forged["token"] = json!("a.b.c");
    for (method, params, code) in [
        ("ping", json!({}), "unauthenticated"),
        ("hello", future, "unsupported_version"),
        ("hello", forged, "unauthenticated"),
        ("hello", json!({}), "invalid_params"),
    ] {
        let mut client = server.open().await;
        assert_eq!(client.refused(method, params).await, code, "{method}");
        assert_eq!(client.close_reason().await, code);
    }
}

#[tokio::test]
async fn silence_instead_of_hello_is_ended() {
    let server = Server::with(Bounds { hello: Duration::from_millis(50), ..bounds() });
    assert_eq!(server.open().await.close_reason().await, "unauthenticated");
}

#[tokio::test]
async fn a_token_is_announced_to_end_and_renewed_without_reconnecting() {
    let bounds =
        Bounds { access_token: Duration::from_secs(2), token_warning: Duration::from_secs(60), ..bounds() };
    let server = Server::with(bounds);
    let grant = server.join("Ingrid").await;
    let mut client = server.connect(&grant).await;
    assert_eq!(client.push("token.about_to_expire").await["expires_at"], grant["access_expires_at"]);
    client.push("token.expired").await;
    assert_eq!(client.refused("device.list", json!({})).await, "token_expired");
    let (status, next) = server.post("/v1/refresh", &json!({"refresh_token": grant["refresh_token"]})).await;
    assert_eq!(status, 200);
    let renewed = client.call("token.renew", json!({"token": next["access_token"]})).await.unwrap();
    assert_eq!(renewed["token_expires_at"], next["access_expires_at"]);
    assert!(client.call("device.list", json!({})).await.is_ok());
    assert_eq!(client.refused("token.renew", json!({"token": "a.b.c"})).await, "unauthenticated");
}

#[tokio::test]
async fn a_token_that_is_not_renewed_ends_the_session() {
    let bounds =
        Bounds { access_token: Duration::from_secs(1), token_grace: Duration::from_millis(10), ..bounds() };
    let server = Server::with(bounds);
    let mut client = server.person("Ingrid").await;
    assert_eq!(client.push("closing").await["reason"], "token_expired");
    assert!(client.frame().await.is_none());
}

#[tokio::test]
async fn another_persons_token_renews_nothing() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let aiko = server.join("Aiko").await;
    assert_eq!(
        ingrid.refused("token.renew", json!({"token": aiko["access_token"]})).await,
        "unauthenticated"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_too_many_come_at_once_they_are_told_when_to_come_back_and_those_inside_are_served() {
    let server = Arc::new(Server::with(Bounds { hellos: 1, connections_per_user: 100, ..bounds() }));
    let grant = server.join("Ingrid").await;
    let mut inside = server.connect(&grant).await;
    let comers: Vec<_> = (0..60)
        .map(|_| {
            let (server, grant) = (Arc::clone(&server), grant.clone());
            tokio::spawn(async move { come_in(&server, &grant).await })
        })
        .collect();
    for _ in 0..20 {
        inside.call("conversation.list", json!({})).await.unwrap();
    }
    let mut turned_away = 0;
    for comer in comers {
        turned_away += soon(comer).await.unwrap();
    }
    assert!(turned_away > 0, "nobody was turned away: the bound was not come to");
}

/// Comes back until it is let in; gives how often it was turned away.
async fn come_in(server: &Server, grant: &Value) -> usize {
    for times in 0.. {
        let mut client = server.open().await;
        let Err(refused) = client.call("hello", hello(grant)).await else { return times };
        assert_eq!(refused["code"], "unavailable", "{refused}");
        let wait = refused["params"]["retry_after_ms"].as_u64().expect("a time to wait");
        assert!((1..=1_000).contains(&wait));
        tokio::time::sleep(Duration::from_millis(wait / 10)).await;
    }
    unreachable!("it comes back until it is let in")
}
