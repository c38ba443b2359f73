//! Backups of a serving server, the way back, and everything that is no backup.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use confab_server::{RunningServer, ServerConfig, ServerError, backup, restore, verify};
use rusqlite::Connection;
use serde_json::{Value, json};

use super::harness::{Server, bounds, message, soon};
use super::verify::lived_in;

/// A server that was backed up and stopped.
struct Kept {
    place: tempfile::TempDir,
    data: PathBuf,
    file: PathBuf,
}

async fn kept() -> Kept {
    let server = lived_in().await;
    let data = server.place.path().join("data");
    let file = server.place.path().join("workspace.backup");
    backup(&data, &file, false).unwrap();
    let Server { running, place } = server;
    running.shutdown();
    Kept { place, data, file }
}

/// Everything of a data directory that its next start reads.
fn content(data: &Path) -> Vec<(String, Vec<u8>)> {
    let names = ["confab.db", "confab.db-wal", "key.pem"];
    names.iter().filter_map(|name| Some(((*name).to_owned(), fs::read(data.join(name)).ok()?))).collect()
}

fn serve(data: &Path) -> RunningServer {
    let config = ServerConfig::new(data, ([127, 0, 0, 1], 0).into());
    RunningServer::start(ServerConfig { bounds: bounds(), ..config }).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_of_a_serving_server_holds_one_moment() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let room = ingrid.conversation("Harbour").await;
    let (data, to) = (server.place.path().join("data"), server.place.path().join("one.backup"));
    let sent: Vec<u64> = {
        let mut sent = Vec::new();
        for number in 0..300 {
            sent.push(ingrid.send("message.send", message(&room, &number.to_string())).await);
        }
        sent
    };
    ingrid.answer(sent[0]).await.unwrap();
    let from = data.clone();
    let file = to.clone();
    let made = soon(tokio::task::spawn_blocking(move || backup(&from, &file, false))).await.unwrap().unwrap();
    for request in &sent[1..] {
        ingrid.answer(*request).await.unwrap();
    }
    assert_eq!(fs::metadata(&to).unwrap().len(), made.bytes);
    let elsewhere = server.place.path().join("elsewhere");
    let restored = restore(&elsewhere, &to, false).unwrap();
    assert_eq!((restored.workspace, restored.made_at, restored.aside), (made.workspace, made.made_at, None));
    assert!((1..=300).contains(&restored.totals.messages));
    assert_eq!(verify(&elsewhere, true).unwrap().report.totals, restored.totals);
    let other = serve(&elsewhere);
    assert_eq!(other.fingerprint(), server.running.fingerprint());
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_for_its_owner_alone_and_replaces_nothing_unasked() {
    use std::os::unix::fs::PermissionsExt as _;
    let Kept { place, data, file } = kept().await;
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(
        backup(&data, &file, false).unwrap_err().to_string(),
        ServerError::BackupExists { path: file.clone() }.to_string()
    );
    let first = fs::read(&file).unwrap();
    fs::write(&file, "something else").unwrap();
    backup(&data, &file, true).unwrap();
    assert_eq!(fs::read(&file).unwrap().len(), first.len());
    let nowhere = place.path().join("no such directory/workspace.backup");
    assert!(matches!(backup(&data, &nowhere, false), Err(ServerError::BackupUnwritable { .. })));
    assert!(matches!(
        backup(place.path(), &place.path().join("x"), false),
        Err(ServerError::NoWorkspace { .. })
    ));
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_there_is_kept_aside_and_the_epoch_is_another() {
    let Kept { place: _place, data, file } = kept().await;
    let epoch = |data: &Path| -> Vec<u8> {
        let connection = Connection::open(data.join("confab.db")).unwrap();
        connection.query_row("SELECT epoch FROM workspaces", [], |row| row.get(0)).unwrap()
    };
    let (before, old) = (epoch(&data), content(&data));
    let first = restore(&data, &file, false).unwrap();
    let aside = first.aside.unwrap();
    assert_eq!(aside.parent(), Some(data.as_path()));
    assert_eq!(content(&aside), old);
    let second = restore(&data, &file, false).unwrap();
    assert!(second.aside.as_ref().is_some_and(|other| *other != aside));
    let epochs = [before, epoch(&aside), epoch(&second.aside.unwrap()), epoch(&data)];
    assert!(epochs[0] == epochs[1] && epochs[1] != epochs[2] && epochs[2] != epochs[3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_is_not_taken_by_surprise() {
    let server = Server::start();
    let data = server.place.path().join("data");
    let file = server.place.path().join("one.backup");
    backup(&data, &file, false).unwrap();
    assert!(matches!(restore(&data, &file, true), Err(ServerError::DataDirLocked { .. })));
    server.join("Ingrid").await;
}

/// Writes an archive with a manifest of one's own.
fn archive(to: &Path, manifest: &Value, parts: &[(&str, &[u8])]) {
    let mut archive = tar::Builder::new(fs::File::create(to).unwrap());
    let text = manifest.to_string();
    for (name, bytes) in std::iter::once(&("manifest.json", text.as_bytes())).chain(parts) {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        archive.append_data(&mut header, name, *bytes).unwrap();
    }
    archive.finish().unwrap();
}

/// The parts of a backup: its manifest, its database and its key.
fn parts(file: &Path) -> (Value, Vec<u8>, Vec<u8>) {
    let mut archive = tar::Archive::new(fs::File::open(file).unwrap());
    let mut read = archive.entries().unwrap().map(|entry| {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut entry.unwrap(), &mut bytes).unwrap();
        bytes
    });
    let manifest = serde_json::from_slice(&read.next().unwrap()).unwrap();
    (manifest, read.next().unwrap(), read.next().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_backup_changes_nothing() {
    let Kept { place, data, file } = kept().await;
    let whole = fs::read(&file).unwrap();
    let (manifest, database, key) = parts(&file);
    let bad = place.path().join("bad.backup");
    let old = content(&data);
    let refused = |code: &str| {
        let error = restore(&data, &bad, false).unwrap_err();
        assert!(error.to_string().contains(code), "{code}: {error}");
        assert_eq!(content(&data), old, "{code}");
        let left: Vec<_> = fs::read_dir(&data).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().contains("restore")), "{left:?}");
    };
    refused("cannot read");
    for cut in [0, 1, 600, 2_000, whole.len() / 2, whole.len() - 20_000] {
        fs::write(&bad, &whole[..cut]).unwrap();
        refused("is not a whole backup");
    }
    fs::write(&bad, vec![7; 100_000]).unwrap();
    refused("is not a whole backup");
    let mut touched = whole.clone();
    touched[whole.len() / 2] ^= 1;
    fs::write(&bad, &touched).unwrap();
    refused("confab.db is not what it was");
    let named = |name: &'static str, bytes| [(name, bytes), ("key.pem", &key[..])];
    let mut newer = manifest.clone();
    newer["form"] = json!(3);
    archive(&bad, &newer, &named("confab.db", &database[..]));
    refused("update Confab");
    archive(&bad, &json!({"form": 1}), &named("confab.db", &database[..]));
    refused("its manifest");
    archive(&bad, &manifest, &named("../confab.db", &database[..])[1..]);
    refused("no confab.db");
    let mut more = manifest.clone();
    more["parts"][0]["name"] = json!("../confab.db");
    archive(&bad, &more, &named("confab.db", &database[..]));
    refused("other parts");
    let mut longer = manifest.clone();
    longer["parts"][0]["bytes"] = json!(database.len() - 1);
    archive(&bad, &longer, &named("confab.db", &database[..]));
    refused("confab.db is not what it was");
    // One from before files were part of it.
    let mut older = manifest.clone();
    older["form"] = json!(1);
    archive(&bad, &older, &named("confab.db", &database[..]));
    restore(&data, &bad, false).unwrap();
}

/// A backup whose database was changed before it was made.
fn changed(kept: &Kept, sql: &str) -> PathBuf {
    let other = kept.place.path().join("other");
    restore(&other, &kept.file, false).unwrap();
    let connection = Connection::open(other.join("confab.db")).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    let to = kept.place.path().join("changed.backup");
    backup(&other, &to, true).unwrap();
    to
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_does_not_agree_replaces_nothing() {
    let kept = kept().await;
    let old = content(&kept.data);
    let damaged = changed(&kept, "UPDATE heads SET last_seq = last_seq + 1");
    let error = restore(&kept.data, &damaged, false).unwrap_err();
    assert!(matches!(error, ServerError::BackupDisagrees { count: 2, .. }), "{error}");
    assert_eq!(content(&kept.data), old);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_workspace_is_only_replaced_when_asked_to() {
    let (ours, theirs) = (kept().await, kept().await);
    let old = content(&ours.data);
    let refused = restore(&ours.data, &theirs.file, false);
    assert!(matches!(refused, Err(ServerError::OtherWorkspace { .. })));
    assert_eq!(content(&ours.data), old);
    fs::write(ours.data.join("confab.db"), "no database any more").unwrap();
    restore(&ours.data, &ours.file, false).unwrap();
    let restored = restore(&ours.data, &theirs.file, true).unwrap();
    assert!(restored.aside.is_some());
    let key = |kept: &Kept| fs::read(kept.data.join("key.pem")).unwrap();
    assert_eq!(key(&ours), key(&theirs));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_commands_say_what_they_did() {
    let Kept { place, data, file } = kept().await;
    let run = |arguments: &[&str]| {
        let program = env!("CARGO_BIN_EXE_confab-server");
        let out = Command::new(program).args(arguments).output().unwrap();
        let said = [out.stdout, out.stderr].map(|text| String::from_utf8(text).unwrap());
        (out.status.success(), said.concat())
    };
    let (data, file) = (data.to_str().unwrap(), file.to_str().unwrap());
    let (done, said) = run(&["backup", "--data", data, "--to", file]);
    assert!(!done && said.contains("--force"), "{said}");
    let (done, said) = run(&["backup", "--data", data, "--to", file, "--force"]);
    assert!(done && said.starts_with("IS") && said.contains("bytes"), "{said}");
    let (done, said) = run(&["restore", "--data", data, "--from", file]);
    assert!(done && said.contains("40 messages") && said.contains("before-restore-"), "{said}");
    let missing = place.path().join("missing");
    let new = place.path().join("new");
    let (done, said) =
        run(&["restore", "--data", new.to_str().unwrap(), "--from", missing.to_str().unwrap()]);
    assert!(!done && said.contains("cannot read") && !new.exists(), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_was_signed_in_stays_so_behind_a_restored_backup() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let (data, file) = (server.place.path().join("data"), server.place.path().join("one.backup"));
    backup(&data, &file, false).unwrap();
    let mut token = grant["refresh_token"].clone();
    for _ in 0..4 {
        let (status, renewed) = server.post("/v1/refresh", &json!({"refresh_token": token})).await;
        assert_eq!(status, 200, "{renewed}");
        token = renewed["refresh_token"].clone();
    }
    let Server { running, place } = server;
    running.shutdown();
    restore(&data, &file, false).unwrap();
    let server = Server { running: serve(&data), place };
    let (status, renewed) = server.post("/v1/refresh", &json!({"refresh_token": token})).await;
    assert_eq!(status, 200, "{renewed}");
    server.connect(&renewed).await;
    let (status, _) = server.post("/v1/refresh", &json!({"refresh_token": grant["refresh_token"]})).await;
    assert_eq!(status, 401, "a spent one still signs out");
}
