//! Stock Twilio clients, unmodified, against the running server. The scripts are in `tests/twilio`, each a list of steps; the
//! packages that they need are installed by `cargo xtask test`, or by `npm ci` there.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::Ordering::Relaxed;
use std::time::Duration;

use confab_server::{Bounds, api_key_create, api_key_revoke};
use rusqlite::Connection;
use serde_json::{Value, json};
use tokio::process::Command;

use super::back_end::near;
use super::harness::{Server, bounds, soon};
use super::tail::{behind, hex};

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

/// What a script is told: where the server is, and a key to sign tokens with.
fn stage(server: &Server) -> Value {
    let key = api_key_create(&server.place.path().join("data"), "a back end").unwrap();
    json!({ "uri": format!("ws://{}/v3/wsconnect", server.address()), "key": key })
}

/// Plays a script on a server of its own.
async fn play_alone(script: &str, bounds: Bounds) {
    let server = Server::with(bounds);
    play(script, &stage(&server)).await;
}

/// Plays a script with every version, each on a server of its own.
async fn play_with_all(script: &str, bounds: Bounds) {
    let one = async |package: &str| {
        let server = Server::with(bounds.clone());
        let mut stage = stage(&server);
        stage["package"] = package.into();
        play(script, &stage).await;
    };
    let [newest, before, oldest] = PACKAGES;
    tokio::join!(one(newest), one(before), one(oldest));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_of_every_version_connects_and_chats() {
    play_with_all("first.mjs", bounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_request_of_a_stock_client_is_answered_and_every_push_heard() {
    play_with_all("routes.mjs", Bounds { offline_after: Duration::from_millis(200), ..bounds() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_stock_client_missed_is_replayed_to_it() {
    play_with_all("reconnect.mjs", bounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_are_refused_announced_and_renewed_as_stock_clients_expect() {
    play_alone("tokens.mjs", Bounds { token_warning: Duration::from_secs(8), ..bounds() }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_sees_and_does_nothing_that_it_may_not() {
    play_alone("rights.mjs", bounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_has_sixty_conversations_and_hears_a_thousand_messages() {
    play_alone("many.mjs", bounds()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_of_stock_clients_are_changed_and_refused_by_the_hook_that_is_asked() {
    let server = near();
    play("hooks.mjs", &stage(&server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_of_stock_clients_come_and_go() {
    play_alone("media.mjs", bounds()).await;
}

/// What a script has written into a file, once it has.
async fn asked(path: &Path) -> String {
    loop {
        match std::fs::read_to_string(path) {
            Ok(text) if !text.is_empty() => return text,
            _ => tokio::task::yield_now().await,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_client_hears_by_itself_what_was_lost_on_the_way() {
    let (tail, heartbeat) = (Duration::from_millis(50), Duration::from_millis(100));
    let server = Server::with(Bounds { tail, heartbeat, ..bounds() });
    let mut stage = stage(&server);
    let [quay, pier] = ["Quay", "Pier"].map(|name| {
        let path = server.place.path().join(name);
        stage[name] = path.to_str().unwrap().into();
        path
    });
    let rename = |room: &str, name: &str| {
        let room = hex(room);
        let name = format!("UPDATE conversations SET friendly_name = '{name}' WHERE sid = {room}");
        let head = "UPDATE heads SET last_seq = last_seq + 1, moved = $moved WHERE conversation =";
        behind(&server, &[&name, &format!("{head} {room}")]);
    };
    let losing = async {
        rename(&asked(&quay).await, "Quay");
        let room = asked(&pier).await;
        let log = |statement| {
            let database = Connection::open(server.place.path().join("data/confab.db")).unwrap();
            database.busy_timeout(Duration::from_secs(10)).unwrap();
            database.execute_batch(statement).unwrap();
        };
        log("ALTER TABLE events RENAME TO out_of_reach");
        let put_off = || server.running.stats().stock_put_off_total.load(Relaxed);
        assert_eq!(put_off(), 0);
        rename(&room, "Pier");
        while put_off() == 0 {
            tokio::task::yield_now().await;
        }
        log("ALTER TABLE out_of_reach RENAME TO events");
    };
    tokio::join!(play("lost.mjs", &stage), soon(losing));
}

/// In a real browser, where there is one that the tests bring along: on Linux.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_page_of_another_origin_chats_and_goes_on_after_it_was_loaded_again() {
    let server = Server::start();
    let mut stage = stage(&server);
    stage["browser"] = "chromium".into();
    play("page.mjs", &stage).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_session_ends_with_the_key_that_let_it_in() {
    let server = Server::with(Bounds { heartbeat: Duration::from_millis(100), ..bounds() });
    let mut stage = stage(&server);
    let (connected, data) = (server.place.path().join("connected"), server.place.path().join("data"));
    stage["connected"] = connected.to_str().unwrap().into();
    let key = stage["key"]["key_sid"].as_str().unwrap().to_owned();
    let revoking = async {
        while !connected.exists() {
            tokio::task::yield_now().await;
        }
        tokio::task::spawn_blocking(move || api_key_revoke(&data, &key)).await.unwrap().unwrap();
    };
    tokio::join!(play("revoked.mjs", &stage), soon(revoking));
}
