//! Starting without a server, and directories in which a client cannot start.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use confab_client::{Account, Client, ClientConfig};
use confab_core::view::Problem;

use crate::desk::{Desk, Keyring};
use crate::scripted;

fn config(directory: &Path) -> ClientConfig {
    let grant = scripted::grant(&"ab".repeat(32), "127.0.0.1:1");
    ClientConfig {
        directory: directory.to_owned(),
        account: Account::of_grant(&grant, &[]),
        tokens: Arc::new(Keyring::default()),
        grant: None,
    }
}

async fn start(directory: &Path) -> Client {
    Client::start(config(directory)).await.unwrap().0
}

async fn problem(directory: &Path) -> Problem {
    Client::start(config(directory)).await.unwrap_err().problem()
}

#[tokio::test]
async fn two_clients_never_share_a_directory() {
    let home = tempfile::tempdir().unwrap();
    let client = start(home.path()).await;
    let second = problem(home.path()).await;
    assert_eq!(second.code, "data_dir_locked");
    assert_eq!(second.params["path"], home.path().display().to_string());
    client.shutdown().await;
    start(home.path()).await.shutdown().await;
}

#[tokio::test]
async fn a_directory_that_cannot_be_made_is_said_to_be_unwritable() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "in the way").unwrap();
    assert_eq!(problem(&file.join("client")).await.code, "data_dir_unwritable");
}

#[tokio::test]
async fn an_outbox_of_a_newer_version_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    start(home.path()).await.shutdown().await;
    let path = home.path().join("outbox.db");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.close().unwrap();
    let before = fs::read(&path).unwrap();
    assert_eq!(problem(home.path()).await.code, "newer_data");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[tokio::test]
async fn everything_that_ended_is_offline() {
    let home = tempfile::tempdir().unwrap();
    let client = start(home.path()).await;
    client.clone().shutdown().await;
    let refused = client.command(confab_core::command::Command::Reconnect).await.unwrap_err();
    assert_eq!(refused.code, "offline");
    assert_eq!(client.snapshot().await, []);
    client.nudge();
    client.sign_out().await;
}

#[tokio::test]
async fn what_is_written_with_no_server_in_reach_is_there_after_the_next_start() {
    let home = tempfile::tempdir().unwrap();
    let account = config(home.path()).account;
    let keyring = Arc::default();
    let mut desk = Desk::start(home.path(), &account, &keyring, None).await;
    let here = desk.create("Harbour").await;
    desk.say(&here, "hello").await;
    desk.until_shown("the echo", |shown| shown.bodies() == ["hello"]).await;
    desk.client.shutdown().await;
    let mut desk = Desk::start(home.path(), &account, &keyring, None).await;
    desk.until_shown("the list", |shown| shown.conversation("Harbour").is_some()).await;
    desk.open(&here).await;
    desk.until_shown("the echo", |shown| shown.bodies() == ["hello"]).await;
}
