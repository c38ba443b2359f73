//! Databases of every level that there ever was, as a program of that level left them: they open, and everything is there.

use std::path::PathBuf;

use rusqlite::Connection;

use super::{SqliteStore, schema};

/// The dump of a database of a level.
fn fixture(level: u32) -> PathBuf {
    let name = format!("src/store/fixtures/level-{level}.sql");
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn strings(connection: &Connection, select: &str) -> Vec<String> {
    let mut statement = connection.prepare(select).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap).collect()
}

#[test]
fn a_database_of_every_level_is_brought_to_the_newest_and_loses_nothing() {
    let mut levels = 0;
    for level in 1..=schema::newest() {
        let Ok(dump) = std::fs::read_to_string(fixture(level)) else { continue };
        levels += 1;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("confab.db");
        Connection::open(&path).unwrap().execute_batch(&dump).unwrap();
        let store = SqliteStore::open(&path).unwrap();
        let connection = store.writing().unwrap();
        let bodies = "SELECT body FROM messages WHERE removed = 0 ORDER BY date_created";
        assert_eq!(strings(&connection, bodies), ["hello", "good evening", "for the spring"], "{level}");
        let names = "SELECT friendly_name FROM conversations ORDER BY friendly_name";
        assert_eq!(strings(&connection, names), ["Harbour", "Plans"], "{level}");
        let people = "SELECT friendly_name FROM users ORDER BY friendly_name";
        assert_eq!(strings(&connection, people), ["Ada L.", "Ben"], "{level}");
        assert!(store.workspace().unwrap().is_some(), "{level}");
        let found = store.examine().unwrap();
        assert!(found.findings.is_empty(), "level {level}: {:?}", found.findings);
    }
    assert!(levels > 0);
}

#[test]
fn those_who_take_part_by_other_means_since_before_level_15_are_news() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("confab.db");
    let dump = std::fs::read_to_string(fixture(16)).unwrap();
    Connection::open(&path).unwrap().execute_batch(&dump).unwrap();
    let connection = SqliteStore::open(&path).unwrap().writing().unwrap();
    let versions = "SELECT printf('%s %d', address, version) FROM non_chat_participants ORDER BY version";
    let told = ["+4790000003 4", "+4790000001 5", "ida@example.org 6"];
    assert_eq!(strings(&connection, versions), told);
    let heads = "SELECT printf('%d %d', h.roster_version, h.moved) FROM heads h, workspaces w \
        WHERE h.workspace = w.workspace AND h.moved = w.commits";
    assert_eq!(strings(&connection, heads), ["6 17"]);
}

#[test]
fn whoever_adds_a_level_keeps_a_database_of_the_one_before() {
    for level in 1..schema::newest() {
        assert!(fixture(level).exists(), "keep a dump of a database of level {level} in src/store/fixtures");
    }
}
