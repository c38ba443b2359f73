//! Opening a database file: bound to one process, private to the person, at a schema that this version knows.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

/// How long a client that is just ending may still hold the file.
const PATIENCE: Duration = Duration::from_secs(5);

/// Why a database could not be opened or used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    /// Its content is no database, or none of ours.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// A newer version wrote it.
    #[error("a newer version wrote the file")]
    Newer,
    /// Another process has it open.
    #[error("another process has the file open")]
    Locked,
    /// The disk is full.
    #[error("the disk is full")]
    Full,
    /// It cannot be read or written.
    #[error("the file cannot be used: {0}")]
    Unusable(String),
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error.to_string()),
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(_) => Self::Unusable(error.to_string()),
            // No code: a row that has not the form that the statement expects.
            None => Self::Damaged(error.to_string()),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Damaged(error.to_string())
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull => Self::Full,
            _ => Self::Unusable(error.to_string()),
        }
    }
}

/// How much a committed row is worth.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Durability {
    /// It can be fetched again.
    Normal,
    /// It exists nowhere else: on the disk before the commit returns.
    Full,
}

/// Opens `path`, makes it when it is not there, and applies the migrations that it lacks.
pub(crate) fn open(
    path: &Path,
    durability: Durability,
    migrations: &[&str],
) -> Result<Connection, StoreError> {
    let mut db = Connection::open(path)?;
    db.busy_timeout(PATIENCE)?;
    let synchronous = match durability {
        Durability::Normal => "NORMAL",
        Durability::Full => "FULL",
    };
    // One process at a time: two clients would undo each other's outbox.
    db.pragma_update(None, "locking_mode", "EXCLUSIVE")?;
    // Before anything is written: of a file of a newer version not a byte may change.
    level(&db, migrations)?;
    db.pragma_update(None, "journal_mode", "WAL")?;
    db.pragma_update(None, "synchronous", synchronous)?;
    // A transaction touches the disk at its commit and not before: what it reads is read also when the disk is full.
    db.pragma_update(None, "cache_spill", false)?;
    // What is deleted is to be gone from the disk too.
    db.pragma_update(None, "secure_delete", true)?;
    migrate(&mut db, migrations)?;
    keep_private(path)?;
    Ok(db)
}

/// The number of migrations applied stands in `user_version`; the list only ever grows.
fn migrate(db: &mut Connection, migrations: &[&str]) -> Result<(), StoreError> {
    let tx = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let version = level(&tx, migrations)?;
    for (number, migration) in (1..).zip(migrations).skip(version) {
        tx.execute_batch(migration)?;
        tx.pragma_update(None, "user_version", number)?;
    }
    Ok(tx.commit()?)
}

/// Brings all pages from the log into the database and empties the log: what was deleted is in no file any more. False when
/// somebody reads just now.
pub(crate) fn scrub(db: &Connection) -> Result<bool, StoreError> {
    let busy: i64 = db.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get(0))?;
    Ok(busy == 0)
}

/// How many migrations were applied to a file.
fn level(db: &Connection, migrations: &[&str]) -> Result<usize, StoreError> {
    let version: u32 = db.pragma_query_value(None, "user_version", |row| row.get(0))?;
    let applied = usize::try_from(version).map_err(|_| StoreError::Newer)?;
    if applied > migrations.len() { Err(StoreError::Newer) } else { Ok(applied) }
}

#[cfg(unix)]
fn keep_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    for file in with_companions(path).iter().filter(|file| file.exists()) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o600))?;
    }
    Ok(())
}

/// Elsewhere the directory of a person is private already.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "the other side can fail")]
fn keep_private(_: &Path) -> io::Result<()> {
    Ok(())
}

/// Deletes a database with everything beside it.
pub(crate) fn delete(path: &Path) -> io::Result<()> {
    for file in with_companions(path).iter().filter(|file| file.exists()) {
        fs::remove_file(file)?;
    }
    Ok(())
}

/// Moves a database with everything beside it to a name that is free. Answers the new path.
pub(crate) fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let free = (1..).map(|n| suffixed(path, &format!(".damaged-{n}"))).find(|path| !path.exists());
    let aside = free.unwrap_or_else(|| suffixed(path, ".damaged"));
    for (from, to) in with_companions(path).iter().zip(with_companions(&aside)) {
        if from.exists() {
            fs::rename(from, to)?;
        }
    }
    Ok(aside)
}

fn with_companions(path: &Path) -> [PathBuf; 3] {
    [path.to_owned(), suffixed(path, "-wal"), suffixed(path, "-shm")]
}

fn suffixed(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIRST: &str = "CREATE TABLE a (x INTEGER NOT NULL) STRICT;";
    const SECOND: &str = "ALTER TABLE a ADD COLUMN y INTEGER NOT NULL DEFAULT 7;";

    #[test]
    fn migrations_are_applied_once_and_a_newer_file_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.db");
        let db = open(&path, Durability::Full, &[FIRST]).unwrap();
        db.execute("INSERT INTO a (x) VALUES (1)", []).unwrap();
        drop(db);
        let db = open(&path, Durability::Full, &[FIRST, SECOND]).unwrap();
        assert_eq!(db.query_row("SELECT y FROM a", [], |row| row.get::<_, i64>(0)), Ok(7));
        drop(db);
        assert!(matches!(open(&path, Durability::Full, &[FIRST]), Err(StoreError::Newer)));
    }

    #[test]
    fn what_is_no_database_is_damaged_and_can_be_set_aside_twice() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.db");
        for _ in 0..2 {
            fs::write(&path, "this is not a database, whatever its name says").unwrap();
            assert!(matches!(open(&path, Durability::Full, &[FIRST]), Err(StoreError::Damaged(_))));
            assert!(set_aside(&path).unwrap().exists());
            assert!(!path.exists());
        }
        assert_eq!(fs::read_dir(home.path()).unwrap().count(), 2);
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_can_read_the_files() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("a.db");
        let _db = open(&path, Durability::Full, &[FIRST]).unwrap();
        for file in fs::read_dir(home.path()).unwrap() {
            assert_eq!(file.unwrap().metadata().unwrap().permissions().mode() & 0o077, 0);
        }
    }
}
