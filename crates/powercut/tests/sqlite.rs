//! SQLite on a disk that loses its power: what a full sync promises is kept, and what was never synced is lost.

use confab_powercut::{Disk, Loss};
use rusqlite::Connection;

/// Opens the database, as durable as is said.
fn open(disk: &Disk, journal: &str, synchronous: &str) -> rusqlite::Result<Connection> {
    let db = Connection::open(disk.path("a.db"))?;
    db.pragma_update(None, "journal_mode", journal)?;
    db.pragma_update(None, "synchronous", synchronous)?;
    db.execute_batch("CREATE TABLE IF NOT EXISTS t (n INTEGER PRIMARY KEY, filler BLOB NOT NULL) STRICT")?;
    Ok(db)
}

/// Inserts rows until the power goes; gives the last that was committed.
fn insert(db: &Connection, from: i64) -> i64 {
    let committed = (from..).take_while(|n| {
        let insert = "INSERT INTO t (n, filler) VALUES (?1, randomblob(900))";
        db.execute(insert, [n]).is_ok()
    });
    committed.last().unwrap_or(from - 1)
}

/// Many lives of a database; how many committed rows are missing at the end of each, or why it cannot be read.
fn lives(journal: &str, synchronous: &str, torn: bool) -> Vec<Result<i64, String>> {
    let disk = Disk::new().expect("SQLite takes it");
    let mut committed = 0;
    let mut missing = Vec::new();
    for life in 1..40 {
        let before = open(&disk, journal, synchronous).map(|db| {
            disk.cut_after(5 + life * 13 % 230);
            committed = insert(&db, committed + 1).max(committed);
        });
        disk.restore(if torn { Loss::Torn { seed: life } } else { Loss::All });
        let held = before.and_then(|()| held(&disk, journal, synchronous)).map_err(|error| error.to_string());
        let told = held.and_then(|(verdict, rows)| {
            // One more than was told of may be there: its commit was under way when the power went.
            if verdict == "ok" { Ok((committed - rows).max(0)) } else { Err(verdict) }
        });
        let is_broken = told.is_err();
        missing.push(told);
        if is_broken {
            break;
        }
        committed = highest(&disk);
    }
    missing
}

fn held(disk: &Disk, journal: &str, synchronous: &str) -> rusqlite::Result<(String, i64)> {
    let db = open(disk, journal, synchronous)?;
    let verdict = db.query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    Ok((verdict, db.query_row("SELECT count(*) FROM t", [], |row| row.get(0))?))
}

fn highest(disk: &Disk) -> i64 {
    let db = Connection::open(disk.path("a.db")).expect("it was opened before");
    db.query_row("SELECT coalesce(max(n), 0) FROM t", [], |row| row.get(0)).expect("it was read before")
}

#[test]
fn a_full_sync_keeps_every_commit_whatever_is_lost() {
    for (journal, torn) in [("WAL", false), ("WAL", true), ("DELETE", false), ("DELETE", true)] {
        let missing = lives(journal, "FULL", torn);
        assert!(missing.iter().all(|missing| *missing == Ok(0)), "{journal} torn {torn}: {missing:?}");
        assert_eq!(missing.len(), 39);
    }
}

#[test]
fn without_a_sync_at_each_commit_the_loss_is_found() {
    for (synchronous, torn) in [("OFF", false), ("OFF", true), ("NORMAL", false), ("NORMAL", true)] {
        let missing = lives("WAL", synchronous, torn);
        assert!(
            missing.iter().any(|missing| *missing != Ok(0)),
            "{synchronous} torn {torn}: nothing was lost"
        );
    }
}
