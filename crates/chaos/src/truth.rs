//! What the server's database holds, read from beside the running server and counted anew from the messages themselves.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Result;
use confab_protocol::{ClientId, ConversationSid};
use rusqlite::{Connection, OpenFlags, Row};
use uuid::Uuid;

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
        each(&db, SETTINGS, |row| {
            truth.settings.entry(row.get(0)?).or_default().insert(row.get(1)?, row.get(2)?);
            Ok(())
        })?;
        Ok(truth)
    }

    /// Live messages of a conversation as they are to be shown: index, text and author.
    pub(crate) fn timeline(&self, conversation: &str) -> Vec<(u64, &str, &str)> {
        let here = self.messages.iter().filter(|message| message.conversation == conversation);
        here.filter_map(|message| Some((message.index, message.body.as_deref()?, message.author.as_str())))
            .collect()
    }
}

const MESSAGES: &str = "
    SELECT conversation, idx, client_id, author, CASE removed WHEN 0 THEN body END
    FROM messages ORDER BY conversation, idx";

/// Unread: live messages by others above the horizon, or since joining where there is none.
const OWN: &str = "
    SELECT u.identity, o.conversation, coalesce(c.friendly_name, ''), h.participants_count, o.level = 2,
        (SELECT count(*) FROM messages m WHERE m.workspace = o.workspace AND m.conversation = o.conversation
            AND m.removed = 0 AND m.user <> o.user AND m.idx >= coalesce(o.horizon + 1, o.joined_index)),
        (SELECT count(*) FROM messages m JOIN mentions n ON n.workspace = m.workspace
            AND n.conversation = m.conversation AND n.idx = m.idx AND n.user = o.user
            WHERE m.workspace = o.workspace AND m.conversation = o.conversation
            AND m.removed = 0 AND m.idx >= coalesce(o.horizon + 1, o.joined_index)),
        coalesce(d.body, ''), o.role = 1
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

fn each(db: &Connection, select: &str, mut take: impl FnMut(&Row<'_>) -> rusqlite::Result<()>) -> Result<()> {
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

fn conversation(row: &Row<'_>, column: usize) -> rusqlite::Result<String> {
    Ok(ConversationSid(uuid(row, column)?).to_string())
}

fn message(row: &Row<'_>) -> rusqlite::Result<Message> {
    Ok(Message {
        conversation: conversation(row, 0)?,
        index: number(row, 1)?,
        key: ClientId(uuid(row, 2)?).to_string(),
        author: row.get(3)?,
        body: row.get(4)?,
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
    })
}
