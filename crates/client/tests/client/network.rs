//! The network changes, and it is one of the test's own: what waits is tried at once, and what looks alive has to prove it.

use std::future::Future;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use confab_client::Account;
use confab_protocol::{Timestamp, limits};
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{WebSocketStream, accept_async};

use crate::desk::{Desk, PATIENCE};
use crate::scripted::{self, Io, Scripted};

const CHILD: &str = "CONFAB_TEST_OWN_NETWORK";
/// An address comes, then it goes. Twice, because what is there at the beginning is told as a change too.
const CHANGES: [&str; 2] = ["add", "del"];

fn ip(arguments: &[&str]) {
    let done = Command::new("ip").args(arguments).status().expect("ip runs");
    assert!(done.success(), "ip {arguments:?}");
}

fn change(change: &str) {
    ip(&["address", change, "127.7.7.7/32", "dev", "lo"]);
}

/// Plays a test, by its name, in a process with a network of its own.
#[expect(clippy::print_stderr, reason = "whoever reads what the tests said has to know")]
async fn in_own_network(test: &str, play: impl Future<Output = ()>) {
    if std::env::var_os(CHILD).is_some() {
        ip(&["link", "set", "lo", "up"]);
        return play.await;
    }
    let allowed = Command::new("unshare").args(["-rn", "ip", "link"]).stdout(Stdio::null()).status();
    if !allowed.is_ok_and(|status| status.success()) {
        eprintln!("no network of one's own may be made here: nothing was tested");
        return;
    }
    let mut own = Command::new("unshare");
    own.arg("-rn").arg(std::env::current_exe().unwrap()).args(["--exact", test]).env(CHILD, "1");
    let played = own.output().expect("it can be started");
    assert!(played.status.success(), "{}", String::from_utf8_lossy(&played.stdout));
}

/// Asks for attempts until the next one is further away than anybody has patience. Answers when it is due.
async fn until_it_waits_for_long(desk: &mut Desk) -> Timestamp {
    loop {
        let before = desk.shown.retry_at;
        desk.ask(confab_core::command::Command::Reconnect).await;
        let due = desk.until("a wait", |desk| desk.shown.retry_at.filter(|at| Some(*at) != before)).await;
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
        if Duration::from_millis(due.0).saturating_sub(now) > PATIENCE {
            return due;
        }
    }
}

#[tokio::test]
async fn what_waits_for_its_next_attempt_is_tried_when_the_network_changes() {
    let test = "network::what_waits_for_its_next_attempt_is_tried_when_the_network_changes";
    in_own_network(test, waiting()).await;
}

async fn waiting() {
    let home = tempfile::tempdir().unwrap();
    let grant = scripted::grant(&"ab".repeat(32), "127.0.0.1:1");
    let account = Account::of_grant(&grant, &[]);
    let mut desk = Desk::start(home.path(), &account, &Arc::default(), Some(grant)).await;
    for to in CHANGES {
        let due = until_it_waits_for_long(&mut desk).await;
        change(to);
        let next = desk.until("an attempt", |desk| desk.shown.retry_at.filter(|at| *at != due)).await;
        // The attempt that was due would have moved it on.
        assert!(next < due, "{to}: not tried before {due:?}");
    }
}

#[tokio::test]
async fn a_connection_that_looks_alive_has_to_prove_it_when_the_network_changes() {
    let test = "network::a_connection_that_looks_alive_has_to_prove_it_when_the_network_changes";
    in_own_network(test, looking_alive()).await;
}

async fn looking_alive() {
    let home = tempfile::tempdir().unwrap();
    let (came, mut connections) = mpsc::unbounded_channel();
    let server = Scripted::tls(move |io| {
        // Whoever took them is gone when the test is over.
        let _ = came.send(io);
        async {}
    })
    .await;
    let grant = scripted::grant(&server.fingerprint, &server.address.to_string());
    let account = Account::of_grant(&grant, &[]);
    let _desk = Desk::start(home.path(), &account, &Arc::default(), Some(grant)).await;
    let mut proven = 0;
    // Again where the machine was too slow to tell.
    for to in CHANGES.into_iter().cycle().take(6) {
        proven += usize::from(asks_at_once(connections.recv().await.unwrap(), to).await == Some(true));
        if proven == CHANGES.len() {
            return;
        }
    }
    panic!("{proven} times only a sign of life came sooner than it comes anyway");
}

/// Whether the network was changed under a connection and it asked for a sign of life before one was due. None when it
/// ended before.
async fn asks_at_once(connection: Box<dyn Io>, to: &str) -> Option<bool> {
    let mut line = accept_async(connection).await.ok()?;
    let hello = heard(&mut line, |method| method == "hello").await?;
    let greeted = Instant::now();
    line.send(Message::text(welcome(&hello))).await.ok()?;
    heard(&mut line, |_| true).await?;
    change(to);
    // Nothing is ever answered: so does a connection look whose network is gone.
    heard(&mut line, |method| method == "ping").await?;
    Some(greeted.elapsed() < Duration::from_millis(limits::HEARTBEAT_MS))
}

/// The next request that is wanted.
async fn heard(line: &mut WebSocketStream<Box<dyn Io>>, wanted: impl Fn(&str) -> bool) -> Option<Value> {
    loop {
        let frame: Value = serde_json::from_str(line.next().await?.ok()?.to_text().ok()?).ok()?;
        if wanted(frame["method"].as_str()?) {
            return Some(frame);
        }
    }
}

fn welcome(hello: &Value) -> String {
    let grant = scripted::grant(&"ab".repeat(32), "127.0.0.1:1");
    let result = json!({
        "version": 1, "workspace": grant.workspace, "epoch": "0199c2d47e0070008000000000000008", "user": grant.user,
        "device": grant.device, "state_version": 1, "now": 1_795_000_000_000_u64,
        "token_expires_at": grant.access_expires_at, "heartbeat_ms": limits::HEARTBEAT_MS,
    });
    json!({ "id": hello["id"], "result": result }).to_string()
}
