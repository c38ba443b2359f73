//! What the server's database holds, read from beside the running server and counted anew from the messages themselves.

use std::collections::BTreeMap;
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::Result;
use confab_protocol::model::Media;
use confab_protocol::{ClientId, ConversationSid, MediaSid};
use rusqlite::types::Type;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, Row};
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::files::{Held, Upload};
use crate::kinds::{self, Kind};
use crate::notes::{self, Notes};

/// A message as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Message {
    pub(crate) conversation: String,
    pub(crate) index: u64,
    /// The id under which it was sent: the key of its row everywhere.
    pub(crate) key: String,
    pub(crate) author: String,
    /// None when it was removed.
    pub(crate) body: Option<String>,
    pub(crate) files: Vec<Held>,
}

/// What a person is to see of a conversation that the person is in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Own {
    pub(crate) name: String,
    pub(crate) people: u64,
    pub(crate) muted: bool,
    pub(crate) unread: u64,
    pub(crate) mentions: u64,
    /// What the person is writing there, on whichever device.
    pub(crate) draft: String,
    pub(crate) owner: bool,
    pub(crate) kind: Kind,
}

impl Own {
    /// The same as a row shows it: a conversation of two goes by the name of the other one.
    pub(crate) fn as_shown(&self, truth: &Truth) -> Self {
        let peer = self.kind.peer.as_ref().and_then(|peer| truth.notes.people.get(peer));
        let name = peer.map_or_else(|| self.name.clone(), |peer| peer.name.clone());
        Self { name, ..self.clone() }
    }
}

/// Everything at one moment.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Truth {
    /// All messages, by conversation and index.
    pub(crate) messages: Vec<Message>,
    /// By identity and conversation.
    pub(crate) own: BTreeMap<String, BTreeMap<String, Own>>,
    /// Read horizons of those who are there, by conversation and identity.
    pub(crate) horizons: BTreeMap<String, BTreeMap<String, Option<u64>>>,
    /// Settings that follow people, by identity and key, as JSON.
    pub(crate) settings: BTreeMap<String, BTreeMap<String, String>>,
    /// Profiles, and attributes of conversations and of those who are there.
    pub(crate) notes: Notes,
    /// Stretches of messages that somebody may see of an uber conversation, by identity and conversation.
    pub(crate) stretches: BTreeMap<String, BTreeMap<String, Vec<Range<u64>>>>,
    /// What the server knows of files, by SID.
    pub(crate) uploads: BTreeMap<String, Upload>,
}

impl Truth {
    /// Reads the database of a server's data directory.
    pub(crate) fn read(data: &Path) -> Result<Self> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let mut db = Connection::open_with_flags(data.join("confab.db"), flags)?;
        // One transaction: one moment.
        let db = db.transaction()?;
        let mut truth = Self::default();
        each(&db, MESSAGES, |row| {
            truth.messages.push(message(row)?);
            Ok(())
        })?;
        each(&db, OWN, |row| {
            let (person, place) = (row.get(0)?, conversation(row, 1)?);
            truth.own.entry(person).or_default().insert(place, own(row)?);
            Ok(())
        })?;
        each(&db, HORIZONS, |row| {
            let person: String = row.get(1)?;
            truth.horizons.entry(conversation(row, 0)?).or_default().insert(person, horizon(row)?);
            Ok(())
        })?;
        notes::read(&db, &mut truth.notes)?;
        each(&db, STRETCHES, |row| {
            let stretches = truth.stretches.entry(row.get(0)?).or_default();
            let end = row.get::<_, Option<i64>>(3)?.map_or(u64::MAX, i64::cast_unsigned);
            stretches.entry(conversation(row, 1)?).or_default().push(number(row, 2)?..end);
            Ok(())
        })?;
        each(&db, UPLOADS, |row| {
            truth.uploads.insert(MediaSid(uuid(row, 0)?).to_string(), upload(row)?);
            Ok(())
        })?;
        each(&db, SETTINGS, |row| {
            truth.settings.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
            Ok(())
        })?;
        Ok(truth)
    }

    /// Reads the database of a data directory whose server was killed: from a copy, so that it finds it as it left it.
    pub(crate) fn read_copy(data: &Path) -> Result<Self> {
        let place = tempfile::tempdir()?;
        for part in ["confab.db", "confab.db-wal"] {
            if data.join(part).exists() {
                fs::copy(data.join(part), place.path().join(part))?;
            }
        }
        // What is left in the log is taken in by whoever opens a database for writing.
        Connection::open(place.path().join("confab.db"))?
            .query_row("SELECT 1 FROM messages LIMIT 1", [], |_| Ok(()))
            .optional()?;
        Self::read(place.path())
    }

    /// Live messages of a conversation as they are to be shown to a person.
    pub(crate) fn timeline<'a>(&'a self, person: &str, conversation: &str) -> Vec<&'a Message> {
        let here = self.messages.iter().filter(|message| message.conversation == conversation);
        here.filter(|message| message.body.is_some() && self.sees(person, message)).collect()
    }

    /// Whether a person may see a message: of what the person is in everything, of an uber conversation the own stretches.
    pub(crate) fn sees(&self, person: &str, message: &Message) -> bool {
        let Some(own) = self.own.get(person).and_then(|own| own.get(&message.conversation)) else {
            return false;
        };
        let stretches = self.stretches.get(person).and_then(|stretches| stretches.get(&message.conversation));
        !own.kind.uber
            || stretches.is_some_and(|some| some.iter().any(|stretch| stretch.contains(&message.index)))
    }
}

const MESSAGES: &str = "
    SELECT conversation, idx, client_id, author, CASE removed WHEN 0 THEN body END, media
    FROM messages ORDER BY conversation, idx";

/// Unread: live messages by others above the horizon, or since joining where there is none; of an uber conversation those of the
/// own stretches.
const OWN: &str = "
    WITH above AS (
        SELECT o.workspace, o.user, o.conversation, m.idx, m.user AS author FROM memberships o
        JOIN conversations c ON c.workspace = o.workspace AND c.sid = o.conversation
        JOIN messages m ON m.workspace = o.workspace AND m.conversation = o.conversation
        WHERE m.removed = 0 AND m.idx >= coalesce(o.horizon + 1, o.joined_index)
            AND (c.uber = 0 OR EXISTS (SELECT 1 FROM intervals i WHERE i.workspace = o.workspace
                AND i.user = o.user AND i.conversation = o.conversation AND i.joined_index <= m.idx
                AND (i.left_index IS NULL OR m.idx < i.left_index))))
    SELECT u.identity, o.conversation, coalesce(c.friendly_name, ''), h.participants_count, o.level = 2,
        (SELECT count(*) FROM above a WHERE a.workspace = o.workspace AND a.user = o.user
            AND a.conversation = o.conversation AND a.author <> o.user),
        (SELECT count(*) FROM above a JOIN mentions n ON n.workspace = a.workspace
            AND n.conversation = a.conversation AND n.idx = a.idx AND n.user = a.user
            WHERE a.workspace = o.workspace AND a.user = o.user AND a.conversation = o.conversation),
        coalesce(d.body, ''), o.role = 1, c.unique_name, c.state, c.public_join, c.uber,
        (SELECT p.identity FROM memberships b JOIN users p ON p.workspace = b.workspace AND p.sid = b.user
            WHERE c.direct = 1 AND b.workspace = o.workspace AND b.conversation = o.conversation AND b.user <> o.user)
    FROM memberships o
    JOIN users u ON u.workspace = o.workspace AND u.sid = o.user
    JOIN conversations c ON c.workspace = o.workspace AND c.sid = o.conversation
    JOIN heads h ON h.workspace = o.workspace AND h.conversation = o.conversation
    LEFT JOIN drafts d ON d.workspace = o.workspace AND d.user = o.user AND d.conversation = o.conversation
    WHERE o.status = 1";

const HORIZONS: &str = "
    SELECT p.conversation, u.identity, p.horizon FROM participants p
    JOIN users u ON u.workspace = p.workspace AND u.sid = p.user WHERE p.status = 1";

const SETTINGS: &str = "
    SELECT u.identity, s.key, s.value FROM settings s
    JOIN users u ON u.workspace = s.workspace AND u.sid = s.user WHERE s.value IS NOT NULL";

const STRETCHES: &str = "
    SELECT u.identity, i.conversation, i.joined_index, i.left_index FROM intervals i
    JOIN users u ON u.workspace = i.workspace AND u.sid = i.user ORDER BY i.joined_index";

const UPLOADS: &str = "SELECT sid, coalesce(file_name, ''), size, state, message IS NOT NULL FROM media";

pub(crate) fn each(
    db: &Connection,
    select: &str,
    mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>,
) -> Result<()> {
    let mut statement = db.prepare(select)?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        take(row)?;
    }
    Ok(())
}

fn uuid(row: &Row<'_>, column: usize) -> rusqlite::Result<Uuid> {
    row.get::<_, [u8; 16]>(column).map(Uuid::from_bytes)
}

fn number(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    row.get::<_, i64>(column).map(i64::cast_unsigned)
}

fn horizon(row: &Row<'_>) -> rusqlite::Result<Option<u64>> {
    row.get::<_, Option<i64>>(2).map(|index| index.map(i64::cast_unsigned))
}

pub(crate) fn conversation(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(ConversationSid(uuid(row, column)?).to_string())
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        conversation: conversation(row, 0)?,
        index: number(row, 1)?,
        key: ClientId(uuid(row, 2)?).to_string(),
        author: row.get(3)?,
        body: row.get(4)?,
        files: files(row)?,
    })
}

/// What is said of files in the row of a message: a list, or nothing.
fn files(row: &Row<'_>) -> rusqlite::Result<Vec<Held>> {
    let text: String = row.get(5)?;
    let files: Vec<Media> = if text.is_empty() { Vec::new() } else { json(5, &text)? };
    let held = |file: Media| Held {
        sid: file.sid.to_string(),
        name: file.file_name.unwrap_or_default(),
        size: file.size,
    };
    Ok(files.into_iter().map(held).collect())
}

/// JSON in a column.
pub(crate) fn json<T: DeserializeOwned>(column: usize, text: &str) -> rusqlite::Result<T> {
    serde_json::from_str(text)
        .map_err(|error| rusqlite::Error::FromSqlConversionFailure(column, Type::Text, error.into()))
}

fn upload(row: &Row<'_>) -> rusqlite::Result<Upload> {
    let state: i64 = row.get(3)?;
    Ok(Upload {
        name: row.get(1)?,
        size: number(row, 2)?,
        ready: state == 2,
        gone: state == 3,
        taken: row.get(4)?,
    })
}

fn own(row: &Row<'_>) -> rusqlite::Result<Own> {
    Ok(Own {
        name: row.get(2)?,
        people: number(row, 3)?,
        muted: row.get(4)?,
        unread: number(row, 5)?,
        mentions: number(row, 6)?,
        draft: row.get(7)?,
        owner: row.get(8)?,
        kind: Kind {
            unique_name: row.get(9)?,
            state: kinds::state(row.get(10)?),
            public_join: row.get(11)?,
            uber: row.get(12)?,
            peer: row.get(13)?,
        },
    })
}
