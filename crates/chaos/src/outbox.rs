//! An outbox on the disk, read from a copy: its client may be running and has it to itself.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use confab_core::stored::{Action, EntryState, OutboxEntry};
use rusqlite::{Connection, OpenFlags};

/// How often a copy is tried that came out torn.
const ATTEMPTS: usize = 5;

/// All entries in the outbox of a directory, by their order.
pub(crate) fn entries(directory: &Path) -> Result<Vec<OutboxEntry>> {
    let mut last = None;
    for _ in 0..ATTEMPTS {
        match copied(directory, "outbox.db", "SELECT entry FROM entries ORDER BY position") {
            Ok(entries) => {
                let entries = entries.iter().map(|text| serde_json::from_str(text));
                return Ok(entries.collect::<Result<_, _>>()?);
            }
            Err(error) => last = Some(error),
        }
    }
    Err(last.unwrap_or_else(|| anyhow::anyhow!("no attempt"))).context("the outbox cannot be read")
}

/// One column of a database that somebody else may have open.
pub(crate) fn copied(directory: &Path, name: &str, select: &str) -> Result<Vec<String>> {
    if !directory.join(name).exists() {
        return Ok(Vec::new());
    }
    let place = tempfile::tempdir()?;
    for part in [name.to_owned(), format!("{name}-wal")] {
        if directory.join(&part).exists() {
            fs::copy(directory.join(&part), place.path().join(&part))?;
        }
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let db = Connection::open_with_flags(place.path().join(name), flags)?;
    let mut statement = db.prepare(select)?;
    let rows = statement.query_map([], |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Whether an entry is still on its way.
pub(crate) fn is_waiting(entry: &OutboxEntry) -> bool {
    matches!(entry.state, EntryState::Held | EntryState::Released)
}

/// Whether an entry was refused, with a reason.
pub(crate) fn is_refused(entry: &OutboxEntry) -> bool {
    matches!(entry.state, EntryState::Refused { .. })
}

/// The text of an entry that sends a message.
pub(crate) fn sends(entry: &OutboxEntry) -> Option<&str> {
    match &entry.action {
        Action::Send { body, .. } => Some(body),
        _ => None,
    }
}
