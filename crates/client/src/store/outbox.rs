//! `outbox.db`: what a person wrote and the server does not have yet. Never thrown away.

use std::path::{Path, PathBuf};

use confab_core::Key;
use confab_core::stored::{OutboxEntry, OutboxWrite, StoredDraft};
use confab_protocol::ClientId;
use rusqlite::{Connection, Row, Transaction, params};

use super::file::{self, Durability, StoreError};
use crate::media::StagedFiles;

const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE entries (
    client_id TEXT    NOT NULL PRIMARY KEY,
    position  INTEGER NOT NULL,
    entry     TEXT    NOT NULL
) STRICT;
CREATE TABLE drafts (
    conversation TEXT NOT NULL PRIMARY KEY,
    body         TEXT NOT NULL
) STRICT;
",
    // From here on messages name files. A program that knows of none would send them without, and delete what waits: it is not
    // to open this.
    "",
];
/// How many levels there have been.
#[cfg(test)]
pub(super) const LEVELS: usize = MIGRATIONS.len();

/// The open database.
#[derive(Debug)]
pub(super) struct Outbox {
    db: Connection,
    /// The files of its entries, which go with them.
    files: StagedFiles,
    /// Something was deleted that its log may still hold.
    unclean: bool,
}

impl Outbox {
    /// Opens `path`. A damaged one is set aside under the name answered, and a new one is begun.
    pub(super) fn open(path: &Path) -> Result<(Self, Option<PathBuf>), StoreError> {
        match Self::open_whole(path) {
            Err(StoreError::Damaged(reason)) => {
                let aside = file::set_aside(path)?;
                tracing::error!(reason, aside = %aside.display(), "the outbox is damaged and was set aside");
                Ok((Self::open_whole(path)?, Some(aside)))
            }
            outcome => Ok((outcome?, None)),
        }
    }

    fn open_whole(path: &Path) -> Result<Self, StoreError> {
        let db = file::open(path, Durability::Full, MIGRATIONS)?;
        // It is small, and what it holds exists nowhere else: look at all of it before anything is trusted to it.
        let verdict: String = db.pragma_query_value(None, "integrity_check", |row| row.get(0))?;
        if verdict != "ok" {
            return Err(StoreError::Damaged(verdict));
        }
        let files = StagedFiles::new(path.parent().unwrap_or(Path::new(".")));
        Ok(Self { db, files, unclean: true })
    }

    /// All entries in their order. One that cannot be read stays where it is, for a version that can.
    pub(super) fn entries(&self) -> Result<Vec<OutboxEntry>, StoreError> {
        let mut select = self.db.prepare("SELECT entry FROM entries ORDER BY position")?;
        let rows: Vec<String> = select.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let read = |json: &String| {
            serde_json::from_str(json)
                .inspect_err(|error| tracing::error!(%error, "an entry of the outbox cannot be read"))
                .ok()
        };
        Ok(rows.iter().filter_map(read).collect())
    }

    /// Deletes the files that no entry names. With an entry that cannot be read nobody knows which those are.
    pub(super) fn sweep(&self, entries: &[OutboxEntry]) -> Result<(), StoreError> {
        let rows: i64 = self.db.query_row("SELECT count(*) FROM entries", [], |row| row.get(0))?;
        if usize::try_from(rows).is_ok_and(|rows| rows == entries.len()) {
            let named: Vec<ClientId> = entries.iter().flat_map(names).collect();
            self.files.sweep(|id| named.contains(&id));
        }
        Ok(())
    }

    /// All drafts.
    pub(super) fn drafts(&self) -> Result<Vec<StoredDraft>, StoreError> {
        let mut select = self.db.prepare("SELECT conversation, body FROM drafts ORDER BY conversation")?;
        let read = |row: &Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?));
        let rows: Vec<(String, String)> = select.query_map([], read)?.collect::<Result<_, _>>()?;
        let draft = |(key, body): (String, String)| {
            Some(StoredDraft { conversation: key.parse::<Key>().ok()?, body })
        };
        Ok(rows.into_iter().filter_map(draft).collect())
    }

    /// Makes the disk as full as a test wants it.
    #[cfg(test)]
    pub(super) fn allow_pages(&self, pages: u32) {
        self.db.pragma_update(None, "max_page_count", pages).unwrap();
    }

    /// Makes it behave otherwise than it was opened.
    #[cfg(test)]
    pub(super) fn set(&self, pragma: &str, value: &str) {
        self.db.pragma_update(None, pragma, value).unwrap();
    }

    /// Carries out all writes as one transaction, on the disk when this returns.
    pub(super) fn write<'a>(
        &mut self,
        writes: impl Iterator<Item = &'a OutboxWrite>,
    ) -> Result<(), StoreError> {
        let tx = self.db.transaction()?;
        let mut deletes = false;
        let mut staged = Vec::new();
        for write in writes {
            if let OutboxWrite::Delete(client_id) = write {
                staged.extend(files_of(&tx, *client_id)?);
            }
            apply(&tx, write)?;
            deletes |= match write {
                OutboxWrite::Delete(_) | OutboxWrite::DeleteDraft { .. } => true,
                OutboxWrite::PutDraft(draft) => draft.body.is_empty(),
                OutboxWrite::Put(_) => false,
            };
        }
        tx.commit()?;
        self.unclean |= deletes;
        staged.into_iter().for_each(|id| self.files.delete(id));
        Ok(())
    }

    /// Whether something that was deleted may still be in the file of the log.
    pub(super) fn is_unclean(&self) -> bool {
        self.unclean
    }

    /// Makes what was deleted disappear from the files too.
    pub(super) fn scrub(&mut self) -> Result<(), StoreError> {
        self.unclean = self.unclean && !file::scrub(&self.db)?;
        Ok(())
    }
}

/// The files that go with an entry.
fn files_of(tx: &Transaction<'_>, client_id: ClientId) -> Result<Vec<ClientId>, StoreError> {
    let mut select = tx.prepare_cached("SELECT entry FROM entries WHERE client_id = ?1")?;
    let rows: Vec<String> =
        select.query_map([client_id.to_string()], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let entries = rows.iter().filter_map(|json| serde_json::from_str::<OutboxEntry>(json).ok());
    Ok(entries.flat_map(|entry| names(&entry)).collect())
}

fn names(entry: &OutboxEntry) -> Vec<ClientId> {
    entry.action.files().iter().map(|file| file.client_id).collect()
}

fn apply(tx: &Transaction<'_>, write: &OutboxWrite) -> Result<(), StoreError> {
    match write {
        OutboxWrite::Put(entry) => put(tx, entry)?,
        OutboxWrite::Delete(client_id) => {
            tx.prepare_cached("DELETE FROM entries WHERE client_id = ?1")?
                .execute([client_id.to_string()])?;
        }
        OutboxWrite::PutDraft(draft) => {
            tx.prepare_cached("INSERT OR REPLACE INTO drafts (conversation, body) VALUES (?1, ?2)")?
                .execute(params![draft.conversation.to_string(), draft.body])?;
        }
        OutboxWrite::DeleteDraft { conversation } => {
            tx.prepare_cached("DELETE FROM drafts WHERE conversation = ?1")?
                .execute([conversation.to_string()])?;
        }
    }
    Ok(())
}

fn put(tx: &Transaction<'_>, entry: &OutboxEntry) -> Result<(), StoreError> {
    let position = i64::try_from(entry.order).unwrap_or(i64::MAX);
    tx.prepare_cached("INSERT OR REPLACE INTO entries (client_id, position, entry) VALUES (?1, ?2, ?3)")?
        .execute(params![entry.client_id.to_string(), position, serde_json::to_string(entry)?])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use confab_core::stored::{Action, EntryState, Envelope};
    use confab_protocol::{ClientId, Timestamp};
    use uuid::Uuid;

    use super::*;

    fn key(number: u128) -> Key {
        Key::Made(ClientId(Uuid::from_u128(number)))
    }

    fn entry(id: u128, order: u64) -> OutboxEntry {
        OutboxEntry {
            client_id: ClientId(Uuid::from_u128(id)),
            order,
            at: Timestamp(5),
            state: EntryState::Held,
            replayed_for: None,
            epoch: None,
            action: Action::Send {
                place: key(9),
                body: format!("message {id}"),
                files: Vec::new(),
                envelope: Envelope::default(),
                after: None,
            },
        }
    }

    fn put(id: u128, order: u64) -> OutboxWrite {
        OutboxWrite::Put(Box::new(entry(id, order)))
    }

    #[test]
    fn entries_come_back_in_their_order_and_drafts_as_last_written() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("outbox.db");
        let draft =
            |body: &str| OutboxWrite::PutDraft(StoredDraft { conversation: key(9), body: body.into() });
        let (mut outbox, _) = Outbox::open(&path).unwrap();
        let gone = OutboxWrite::Delete(entry(3, 3).client_id);
        outbox.write([put(1, 2), put(2, 1), put(3, 3), draft("he"), draft("hello"), gone].iter()).unwrap();
        drop(outbox);
        let (mut outbox, set_aside) = Outbox::open(&path).unwrap();
        assert_eq!(set_aside, None);
        assert_eq!(outbox.entries().unwrap(), [entry(2, 1), entry(1, 2)]);
        assert_eq!(outbox.drafts().unwrap(), [StoredDraft { conversation: key(9), body: "hello".into() }]);
        outbox.write([OutboxWrite::DeleteDraft { conversation: key(9) }].iter()).unwrap();
        assert_eq!(outbox.drafts().unwrap(), []);
    }

    #[test]
    fn an_entry_that_cannot_be_read_hides_no_other_and_stays() {
        let home = tempfile::tempdir().unwrap();
        let (mut outbox, _) = Outbox::open(&home.path().join("outbox.db")).unwrap();
        outbox
            .db
            .execute("INSERT INTO entries (client_id, position, entry) VALUES ('x', 0, '{}')", [])
            .unwrap();
        outbox.write([put(1, 1)].iter()).unwrap();
        assert_eq!(outbox.entries().unwrap(), [entry(1, 1)]);
        assert_eq!(outbox.db.query_row("SELECT count(*) FROM entries", [], |row| row.get(0)), Ok(2));
    }

    #[test]
    fn a_damaged_outbox_is_set_aside_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("outbox.db");
        std::fs::write(&path, "not a database at all, but somebody's words").unwrap();
        let (outbox, set_aside) = Outbox::open(&path).unwrap();
        assert_eq!(outbox.entries().unwrap(), []);
        let kept = std::fs::read_to_string(set_aside.unwrap()).unwrap();
        assert_eq!(kept, "not a database at all, but somebody's words");
    }

    #[test]
    fn on_a_full_disk_a_transaction_is_refused_whole_and_the_rest_stays() {
        let home = tempfile::tempdir().unwrap();
        let (mut outbox, _) = Outbox::open(&home.path().join("outbox.db")).unwrap();
        outbox.write([put(1, 1)].iter()).unwrap();
        let pages: u32 = outbox.db.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        outbox.db.pragma_update(None, "max_page_count", pages + 1).unwrap();
        let long = "long ".repeat(4096);
        let draft = OutboxWrite::PutDraft(StoredDraft { conversation: key(9), body: long });
        assert!(matches!(outbox.write([put(2, 2), draft].iter()), Err(StoreError::Full)));
        assert_eq!(outbox.entries().unwrap(), [entry(1, 1)]);
        outbox.write([put(2, 2)].iter()).unwrap();
        assert_eq!(outbox.entries().unwrap().len(), 2);
    }
}
