//! Whether the bytes of all files are where they ought to be.

use std::fs;
use std::path::Path;

use confab_domain::row::MediaRow;
use confab_domain::verify::{FINDINGS, Finding};

use crate::error::ServerError;
use crate::media::{DIRECTORY, part_bytes, part_path, parts};
use crate::store::SqliteStore;

/// Files that the database takes for whole and that are not, at most so many as are kept of findings.
pub(super) fn missing(store: &SqliteStore, data_dir: &Path) -> Result<Vec<Finding>, ServerError> {
    let directory = data_dir.join(DIRECTORY);
    let (mut findings, mut after) = (Vec::new(), None);
    loop {
        let rows = store.whole_media(after.as_ref())?;
        for row in rows.iter().filter(|row| !is_there(&directory, row)) {
            // Of a server that serves it may have been removed since it was read.
            if store.is_whole_media(row.sid)? && findings.len() < FINDINGS {
                findings.push(Finding::Media { media: row.sid, how: "has lost bytes" });
            }
        }
        match rows.into_iter().next_back() {
            Some(last) => after = Some(last),
            None => return Ok(findings),
        }
    }
}

fn is_there(directory: &Path, row: &MediaRow) -> bool {
    (0..parts(row.size)).all(|number| {
        let found = fs::metadata(directory.join(part_path(row.sid, number)));
        found.is_ok_and(|found| found.len() == part_bytes(row.size, number))
    })
}
