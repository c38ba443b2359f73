//! Databases of every level that there ever was, as a program of that level left them: they open, and everything is there.

use std::path::{Path, PathBuf};

use confab_core::stored::{CachePlace, CacheRead};
use confab_protocol::version::PROTOCOL_VERSION;
use rusqlite::Connection;

use super::cache::{self, Cache};
use super::outbox::{self, Outbox};
use crate::account::Account;

/// The dump of a database of a level.
fn fixture(of: &str, level: usize) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("src/store/fixtures/{of}/level-{level}.sql"))
}

/// Makes a database of a level; false when there is no dump of it.
fn make(path: &Path, of: &str, level: usize) -> bool {
    let Ok(dump) = std::fs::read_to_string(fixture(of, level)) else { return false };
    Connection::open(path).unwrap().execute_batch(&dump).unwrap();
    true
}

/// Whose cache it is; of this level of the protocol from now on.
fn owner(path: &Path) -> Account {
    let db = Connection::open(path).unwrap();
    db.execute("UPDATE owner SET level = ?1", [PROTOCOL_VERSION]).unwrap();
    let name: String = db.query_row("SELECT account FROM owner", [], |row| row.get(0)).unwrap();
    let (workspace, user) = name.split_once('/').unwrap();
    Account { workspace: workspace.parse().unwrap(), user: user.parse().unwrap(), ..Account::sample() }
}

#[test]
fn a_cache_of_every_level_is_brought_to_the_newest_and_loses_nothing() {
    for level in 1..=cache::LEVELS {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("cache.db");
        if !make(&path, "cache", level) {
            continue;
        }
        let (mut cache, cached) = Cache::open(&path, &owner(&path)).unwrap();
        assert!(cached.meta.is_some(), "{level}");
        let names =
            cached.conversations.iter().filter_map(|row| row.conversation.as_ref()?.friendly_name.clone());
        let mut names: Vec<String> = names.collect();
        names.sort();
        assert_eq!(names, ["Harbour", "Plans"], "{level}");
        assert_eq!(cached.users.len(), 2, "{level}");
        let mut bodies = Vec::new();
        for row in &cached.conversations {
            let read =
                CacheRead { id: 1, conversation: row.sid, place: CachePlace::Newest, limit: 9, roster: true };
            let page = cache.transaction(|tx| tx.page(&read)).unwrap();
            bodies.extend(page.messages.into_iter().filter_map(|message| message.body));
        }
        bodies.sort();
        assert_eq!(bodies, ["for the spring", "good evening", "hello"], "{level}");
    }
}

#[test]
fn an_outbox_of_every_level_is_brought_to_the_newest_and_loses_nothing() {
    for level in 1..=outbox::LEVELS {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("outbox.db");
        if !make(&path, "outbox", level) {
            continue;
        }
        let (outbox, set_aside) = Outbox::open(&path).unwrap();
        assert_eq!(set_aside, None, "{level}");
        let entries = outbox.entries().unwrap();
        assert_eq!(entries.len(), 12, "{level}");
        let unsent = entries.iter().find(|entry| entry.action.subject() == "not sent yet").unwrap();
        let files: Vec<_> = unsent.action.files().iter().map(|file| file.file_name.as_deref()).collect();
        assert_eq!(files, if level == 1 { vec![] } else { vec![Some("quay.png")] }, "{level}");
        let drafts: Vec<String> = outbox.drafts().unwrap().into_iter().map(|draft| draft.body).collect();
        assert_eq!(drafts, ["and the autumn"], "{level}");
    }
}

#[test]
fn whoever_adds_a_level_keeps_a_database_of_the_one_before() {
    for (of, levels) in [("cache", cache::LEVELS), ("outbox", outbox::LEVELS)] {
        for level in (1..levels).chain([1]) {
            assert!(
                fixture(of, level).exists(),
                "keep a dump of {of}.db of level {level} in src/store/fixtures"
            );
        }
    }
}

#[test]
fn a_program_that_knows_of_no_files_does_not_open_an_outbox_that_may_name_some() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("outbox.db");
    assert!(make(&path, "outbox", 1));
    drop(Outbox::open(&path).unwrap());
    let level: u32 =
        Connection::open(&path).unwrap().pragma_query_value(None, "user_version", |row| row.get(0)).unwrap();
    assert!(level > 1, "it would send messages without their files");
}

/// A cache as a program left it, and what may become of it.
fn damaged(damage: impl FnOnce(&Path)) {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache.db");
    assert!(make(&path, "cache", cache::LEVELS));
    let account = owner(&path);
    damage(&path);
    let (cache, cached) = Cache::open(&path, &account).unwrap();
    assert!(cached.meta.is_none() && cached.conversations.is_empty(), "it was built anew");
    drop(cache);
    assert!(Cache::open(&path, &account).is_ok(), "and can be used from then on");
}

/// Overwrites a part of a file.
fn overwrite(path: &Path, from: usize, with: &[u8]) {
    let mut bytes = std::fs::read(path).unwrap();
    bytes[from..from + with.len()].copy_from_slice(with);
    std::fs::write(path, bytes).unwrap();
}

#[test]
fn a_cache_that_is_missing_damaged_or_cut_off_is_built_anew() {
    damaged(|path| std::fs::remove_file(path).unwrap());
    damaged(|path| overwrite(path, 0, &[0xff; 100]));
    damaged(|path| overwrite(path, 0, b"SQLite format 7"));
    damaged(|path| {
        let length = std::fs::metadata(path).unwrap().len();
        std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(length / 2).unwrap();
    });
    damaged(|path| std::fs::write(path, b"").unwrap());
    damaged(|path| {
        // Every page but the first, whatever it holds.
        let length = usize::try_from(std::fs::metadata(path).unwrap().len()).unwrap();
        overwrite(path, 4096, &vec![0xa5; length - 4096]);
    });
    damaged(|path| {
        let db = Connection::open(path).unwrap();
        db.pragma_update(None, "user_version", 99).unwrap();
    });
}

#[test]
fn garbage_in_the_log_of_a_cache_is_no_reason_not_to_start() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("cache.db");
    assert!(make(&path, "cache", cache::LEVELS));
    let account = owner(&path);
    std::fs::write(home.path().join("cache.db-wal"), [0x5a; 9_000]).unwrap();
    assert!(Cache::open(&path, &account).is_ok());
}

#[test]
fn an_outbox_of_a_newer_version_is_not_touched() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("outbox.db");
    assert!(make(&path, "outbox", outbox::LEVELS));
    let db = Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let before = std::fs::read(&path).unwrap();
    assert!(matches!(Outbox::open(&path), Err(super::StoreError::Newer)));
    assert!(std::fs::read(&path).unwrap() == before, "not a byte");
    assert_eq!(std::fs::read_dir(home.path()).unwrap().count(), 1);
}
