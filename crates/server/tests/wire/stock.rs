//! Stock Twilio clients, unmodified, against the running server. The scripts are in `tests/twilio`, each a list of steps; the
//! packages that they need are installed by `cargo xtask test`, or by `npm ci` there.

use std::path::PathBuf;
use std::process::Stdio;

use serde_json::{Map, Value, json};
use tokio::process::Command;

use super::harness::Server;

/// The newest version, and the older ones that have to work as well.
const PACKAGES: [&str; 3] = ["@twilio/conversations", "conversations-2-7", "conversations-2-6"];

/// Runs a script to its end and fails with what it said.
async fn play(script: &str, stage: &Value) {
    let directory = PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/twilio"));
    let run = Command::new("node")
        .arg(directory.join("client").join(script))
        .current_dir(&directory)
        .env("CONFAB_STAGE", stage.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = run.await.expect("node is there");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.ends_with("done\n"), "{script}:\n{said}\n{complained}");
}

/// What a script is told: where the server is, and a token for each of these people.
async fn stage(server: &Server, people: &[&str]) -> Value {
    let mut tokens = Map::new();
    for name in people {
        tokens.insert((*name).to_owned(), server.join(name).await["access_token"].clone());
    }
    json!({ "uri": format!("ws://{}/v3/wsconnect", server.address()), "tokens": tokens })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_of_every_version_connects_and_chats() {
    for package in PACKAGES {
        let server = Server::start();
        let mut stage = stage(&server, &["Ana", "Bo"]).await;
        stage["package"] = package.into();
        play("first.mjs", &stage).await;
    }
}
