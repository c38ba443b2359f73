//! What the operator asks of a database beside its rows: whether all of it agrees, and a copy of it. Both look at one state,
//! while others may go on writing.

use std::path::Path;

use confab_domain::media::is_whole;
use confab_domain::row::MediaRow;
use confab_domain::verify::{Finding, Report, examine};
use confab_domain::{Read as _, Scan as _, StoreError};
use confab_protocol::MediaSid;
use rusqlite::Connection;

use super::{SqliteStore, SqliteTx, StoreOpenError, codec, schema, sql};

/// Files of one page.
const PAGE: usize = 500;
/// Faults of the file that are listed.
const FAULTS: u32 = 100;

impl SqliteStore {
    /// Verifies the database: first the file and its indexes, then that its rows agree.
    pub(crate) fn examine(&self) -> Result<Report, StoreOpenError> {
        let connection = self.reading()?;
        schema::is_newest(&connection)?;
        connection.execute_batch(sql::BEGIN_READ)?;
        let mut report = match self.workspace()? {
            Some(scope) => match SqliteTx::new(&connection, scope) {
                Ok(tx) => examine(&tx),
                Err(error) => unreadable("workspaces", error.to_string()),
            },
            None => Report { findings: vec![Finding::NoWorkspace], ..Report::default() },
        };
        report.findings.splice(0..0, faults(&connection));
        connection.execute_batch(sql::COMMIT)?;
        Ok(report)
    }

    /// Whole files in pages, by SID.
    pub(crate) fn whole_media(&self, after: Option<&MediaRow>) -> Result<Vec<MediaRow>, StoreOpenError> {
        let Some(scope) = self.workspace()? else { return Ok(Vec::new()) };
        let connection = self.reading()?;
        let tx = SqliteTx::new(&connection, scope).map_err(unscanned)?;
        let mut after = after.cloned();
        loop {
            let page = tx.scan_media(after.as_ref(), PAGE).map_err(unscanned)?;
            let is_last = page.len() < PAGE;
            after = page.last().cloned();
            let whole: Vec<MediaRow> = page.into_iter().filter(is_whole).collect();
            if is_last || !whole.is_empty() {
                return Ok(whole);
            }
        }
    }

    /// Whether a file is whole now.
    pub(crate) fn is_whole_media(&self, media: MediaSid) -> Result<bool, StoreOpenError> {
        let Some(scope) = self.workspace()? else { return Ok(false) };
        let connection = self.reading()?;
        let tx = SqliteTx::new(&connection, scope).map_err(unscanned)?;
        Ok(tx.media(media).map_err(unscanned)?.is_some_and(|row| is_whole(&row)))
    }

    /// Writes a copy of the database as it stands now to a path where nothing is.
    pub(crate) fn copy_to(&self, path: &Path) -> Result<(), StoreOpenError> {
        let connection = self.reading()?;
        connection.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        Ok(())
    }

    /// Puts everything that was written into the one file of the database.
    pub(crate) fn settle(&self) -> Result<(), StoreOpenError> {
        let connection = self.writing()?;
        connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
        connection.close().map_err(|(_, error)| error.into())
    }
}

/// What SQLite itself finds: pages that cannot be read, indexes that do not hold what their tables hold.
fn faults(connection: &Connection) -> Vec<Finding> {
    let finding = |reason: String| Finding::Unreadable { table: "the file", reason };
    let found = connection.prepare(&format!("PRAGMA integrity_check({FAULTS})")).and_then(|mut statement| {
        statement.query_map([], |row| row.get::<_, String>(0))?.collect::<rusqlite::Result<Vec<_>>>()
    });
    match found {
        Ok(lines) => lines.into_iter().filter(|line| line != "ok").map(finding).collect(),
        Err(error) => vec![finding(codec::failure(error).to_string())],
    }
}

#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
fn unscanned(error: StoreError) -> StoreOpenError {
    StoreOpenError::Unreadable(error.to_string())
}

fn unreadable(table: &'static str, reason: String) -> Report {
    Report { findings: vec![Finding::Unreadable { table, reason }], ..Report::default() }
}
