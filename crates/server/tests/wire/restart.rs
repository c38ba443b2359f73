//! Stopping, starting again, and what cannot start.

use std::net::SocketAddr;

use confab_server::{RunningServer, ServerConfig};
use serde_json::json;

use super::harness::{Server, message};

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_there_after_a_restart() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let mut ingrid = server.connect(&grant).await;
    let conversation = ingrid.conversation("Harbour").await;
    let mut sent = Vec::new();
    for number in 0..50 {
        sent.push(ingrid.send("message.send", message(&conversation, &number.to_string())).await);
    }
    let fingerprint = server.running.fingerprint().to_owned();
    let restarted = tokio::task::spawn_blocking(move || server.restarted());
    let mut acknowledged = 0;
    let mut reason = None;
    while let Some(frame) = ingrid.frame().await {
        acknowledged += usize::from(frame.get("result").is_some());
        if frame["event"] == "closing" {
            reason = Some(frame["reason"].clone());
        }
    }
    assert_eq!(reason, Some(json!("stopping")));
    let server = restarted.await.unwrap();
    assert_eq!(server.running.fingerprint(), fingerprint);
    let mut ingrid = server.connect(&grant).await;
    let page = json!({"conversation": conversation, "limit": 100});
    let there = ingrid.call("message.page", page).await.unwrap()["messages"].as_array().unwrap().len();
    assert!(there >= acknowledged, "{there} of {acknowledged}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_and_a_directory_have_one_server() {
    let server = Server::start();
    let other = tempfile::tempdir().unwrap();
    let config = ServerConfig::new(other.path(), server.address());
    assert_eq!(RunningServer::start(config).err().map(|error| error.code()), Some("port_in_use"));
    let free = SocketAddr::from(([127, 0, 0, 1], 0));
    let config = ServerConfig::new(server.place.path().join("data"), free);
    assert_eq!(RunningServer::start(config).err().map(|error| error.code()), Some("data_dir_locked"));
    let config = ServerConfig::new(server.place.path().join("data/key.pem/below"), free);
    assert_eq!(RunningServer::start(config).err().map(|error| error.code()), Some("data_dir_unwritable"));
}
