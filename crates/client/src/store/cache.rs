//! `cache.db`: what the server told. Disposable: damaged, of a newer version, of another account or of another level of
//! the protocol, it is deleted and built anew.

use std::cell::Cell;
use std::path::Path;

use confab_core::stored::{CachePage, CachePlace, CacheRead, CacheWrite, CachedConversation, CachedMeta};
use confab_protocol::model::{Draft, MembershipStatus, Message, Participant, Setting, User};
use confab_protocol::version::PROTOCOL_VERSION;
use confab_protocol::{ClientId, ConversationSid};
use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::de::DeserializeOwned;

use super::file::{self, Durability, StoreError};
use crate::account::Account;

const MIGRATIONS: &[&str] = &[
    "
CREATE TABLE owner (
    id      INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    account TEXT    NOT NULL,
    level   INTEGER NOT NULL
) STRICT;
CREATE TABLE meta (
    id   INTEGER NOT NULL PRIMARY KEY CHECK (id = 1),
    meta TEXT    NOT NULL
) STRICT;
CREATE TABLE conversations (
    sid          TEXT NOT NULL PRIMARY KEY,
    conversation TEXT NOT NULL
) STRICT;
CREATE TABLE messages (
    conversation TEXT    NOT NULL,
    place        INTEGER NOT NULL,
    client_id    TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    message      TEXT    NOT NULL,
    PRIMARY KEY (conversation, place)
) STRICT;
CREATE INDEX messages_by_client_id ON messages (client_id);
CREATE TABLE participants (
    conversation TEXT    NOT NULL,
    sid          TEXT    NOT NULL,
    version      INTEGER NOT NULL,
    participant  TEXT    NOT NULL,
    PRIMARY KEY (conversation, sid)
) STRICT;
CREATE TABLE users (
    identity TEXT NOT NULL PRIMARY KEY,
    user     TEXT NOT NULL
) STRICT;
",
    "
CREATE TABLE drafts (
    conversation TEXT NOT NULL PRIMARY KEY,
    draft        TEXT NOT NULL
) STRICT;
CREATE TABLE settings (
    key     TEXT NOT NULL PRIMARY KEY,
    setting TEXT NOT NULL
) STRICT;
",
];
/// How many levels there have been.
#[cfg(test)]
pub(super) const LEVELS: usize = MIGRATIONS.len();

/// What the cache knows at the start.
#[derive(Debug, Default)]
pub(super) struct Cached {
    pub(super) meta: Option<CachedMeta>,
    pub(super) conversations: Vec<CachedConversation>,
    pub(super) users: Vec<User>,
    pub(super) drafts: Vec<Draft>,
    pub(super) settings: Vec<Setting>,
}

/// The open database.
#[derive(Debug)]
pub(super) struct Cache {
    db: Connection,
    /// Something was deleted that its log may still hold.
    unclean: bool,
}

impl Cache {
    /// Opens `path` and reads what is needed for the first paint; anything but a whole cache of this account is deleted.
    pub(super) fn open(path: &Path, account: &Account) -> Result<(Self, Cached), StoreError> {
        match Self::open_whole(path, account) {
            Err(StoreError::Damaged(reason)) => {
                tracing::warn!(reason, "the cache is built anew");
            }
            Err(StoreError::Newer) => tracing::info!("a newer version wrote the cache: it is built anew"),
            outcome => return outcome,
        }
        file::delete(path)?;
        Self::open_whole(path, account)
    }

    fn open_whole(path: &Path, account: &Account) -> Result<(Self, Cached), StoreError> {
        let db = file::open(path, Durability::Normal, MIGRATIONS)?;
        own(&db, account)?;
        let cached = Cached {
            meta: rows(&db, "SELECT meta FROM meta")?.pop(),
            conversations: rows(&db, "SELECT conversation FROM conversations ORDER BY sid")?,
            users: rows(&db, "SELECT user FROM users ORDER BY identity")?,
            drafts: rows(&db, "SELECT draft FROM drafts ORDER BY conversation")?,
            settings: rows(&db, "SELECT setting FROM settings ORDER BY key")?,
        };
        // The log of an earlier run may hold what that one deleted last.
        Ok((Self { db, unclean: true }, cached))
    }

    /// Those of the ids that are messages of the cache.
    pub(super) fn delivered(&self, ids: impl Iterator<Item = ClientId>) -> Result<Vec<ClientId>, StoreError> {
        let mut select = self.db.prepare("SELECT 1 FROM messages WHERE client_id = ?1")?;
        let mut found = Vec::new();
        for id in ids {
            if select.exists([id.to_string()])? {
                found.push(id);
            }
        }
        Ok(found)
    }

    /// Carries out `work` as one transaction.
    pub(super) fn transaction<T>(
        &mut self,
        work: impl FnOnce(&CacheTx<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tx = self.db.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let tx = CacheTx { tx, deleted: Cell::new(false) };
        let value = work(&tx)?;
        let deleted = tx.deleted.get();
        tx.tx.commit()?;
        self.unclean |= deleted;
        Ok(value)
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

    /// Makes the disk as full as a test wants it.
    #[cfg(test)]
    pub(super) fn allow_pages(&self, pages: u32) {
        self.db.pragma_update(None, "max_page_count", pages).unwrap();
    }
}

/// Claims an empty database for the account, and calls one of somebody else or of another level damaged.
fn own(db: &Connection, account: &Account) -> Result<(), StoreError> {
    let name = format!("{}/{}", account.workspace, account.user);
    let read = |row: &rusqlite::Row<'_>| Ok((row.get::<_, String>(0)?, row.get::<_, u32>(1)?));
    match db.query_row("SELECT account, level FROM owner", [], read).optional()? {
        Some(owner) if owner == (name, PROTOCOL_VERSION) => Ok(()),
        Some(_) => Err(StoreError::Damaged("it belongs to another account or level".to_owned())),
        None => {
            let claim = "INSERT INTO owner (id, account, level) VALUES (1, ?1, ?2)";
            db.execute(claim, params![format!("{}/{}", account.workspace, account.user), PROTOCOL_VERSION])?;
            Ok(())
        }
    }
}

fn rows<T: DeserializeOwned>(db: &Connection, select: &str) -> Result<Vec<T>, StoreError> {
    let mut select = db.prepare(select)?;
    let mut found = select.query([])?;
    let mut read = Vec::new();
    while let Some(row) = found.next()? {
        read.push(serde_json::from_str(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?)?);
    }
    Ok(read)
}

/// A transaction on the cache.
pub(super) struct CacheTx<'a> {
    tx: Transaction<'a>,
    /// It deletes what is to be nowhere afterwards.
    deleted: Cell<bool>,
}

impl CacheTx<'_> {
    /// Carries out one write.
    pub(super) fn apply(&self, write: &CacheWrite) -> Result<(), StoreError> {
        match write {
            CacheWrite::Meta(meta) => {
                let put = "INSERT OR REPLACE INTO meta (id, meta) VALUES (1, ?1)";
                self.tx.prepare_cached(put)?.execute([serde_json::to_string(meta)?])?;
            }
            CacheWrite::Conversation(conversation) => {
                let put = "INSERT OR REPLACE INTO conversations (sid, conversation) VALUES (?1, ?2)";
                let json = serde_json::to_string(conversation)?;
                self.tx.prepare_cached(put)?.execute([conversation.sid.to_string(), json])?;
            }
            CacheWrite::Message(message) => self.put_message(message)?,
            CacheWrite::Participant { conversation, participant } => {
                self.put_participant(*conversation, participant)?;
            }
            CacheWrite::User(user) => {
                let put = "INSERT OR REPLACE INTO users (identity, user) VALUES (?1, ?2)";
                self.tx.prepare_cached(put)?.execute([&user.identity, &serde_json::to_string(user)?])?;
            }
            CacheWrite::Draft(draft) => {
                let put = "INSERT OR REPLACE INTO drafts (conversation, draft) VALUES (?1, ?2)";
                let json = serde_json::to_string(draft)?;
                self.tx.prepare_cached(put)?.execute([draft.conversation.to_string(), json])?;
                if draft.body.is_empty() {
                    self.deleted.set(true);
                }
            }
            CacheWrite::Setting(setting) => {
                let put = "INSERT OR REPLACE INTO settings (key, setting) VALUES (?1, ?2)";
                self.tx.prepare_cached(put)?.execute([&setting.key, &serde_json::to_string(setting)?])?;
            }
            CacheWrite::ForgetMessage { .. } => self.deleted.set(true),
            CacheWrite::DropMessages { conversation } => self.drop_of("messages", *conversation)?,
            CacheWrite::DropRoster { conversation } => self.drop_of("participants", *conversation)?,
            CacheWrite::DropConversation { conversation } => {
                self.drop_of("messages", *conversation)?;
                self.drop_of("participants", *conversation)?;
                let delete = "DELETE FROM conversations WHERE sid = ?1";
                if self.tx.prepare_cached(delete)?.execute([conversation.to_string()])? > 0 {
                    self.deleted.set(true);
                }
            }
            CacheWrite::DropAll => {
                self.deleted.set(true);
                self.tx.execute_batch(
                    "DELETE FROM meta; DELETE FROM conversations; DELETE FROM messages; DELETE FROM participants;
                     DELETE FROM users; DELETE FROM drafts; DELETE FROM settings;",
                )?;
            }
        }
        Ok(())
    }

    fn put_message(&self, message: &Message) -> Result<(), StoreError> {
        let put = "INSERT INTO messages (conversation, place, client_id, version, message) VALUES (?1, ?2, ?3, ?4, ?5)
                   ON CONFLICT (conversation, place) DO UPDATE SET
                       client_id = excluded.client_id, version = excluded.version, message = excluded.message
                   WHERE excluded.version >= messages.version";
        let written = self.tx.prepare_cached(put)?.execute(params![
            message.conversation.to_string(),
            number(message.index),
            message.client_id.to_string(),
            number(message.version),
            serde_json::to_string(message)?,
        ])?;
        if message.removed && written > 0 {
            self.deleted.set(true);
        }
        Ok(())
    }

    fn put_participant(
        &self,
        conversation: ConversationSid,
        participant: &Participant,
    ) -> Result<(), StoreError> {
        let (place, sid) = (conversation.to_string(), participant.sid.to_string());
        if participant.status != MembershipStatus::Joined {
            let delete = "DELETE FROM participants WHERE conversation = ?1 AND sid = ?2 AND version <= ?3";
            self.tx.prepare_cached(delete)?.execute(params![place, sid, number(participant.version)])?;
            return Ok(());
        }
        let put = "INSERT INTO participants (conversation, sid, version, participant) VALUES (?1, ?2, ?3, ?4)
                   ON CONFLICT (conversation, sid) DO UPDATE SET
                       version = excluded.version, participant = excluded.participant
                   WHERE excluded.version >= participants.version";
        let json = serde_json::to_string(participant)?;
        self.tx.prepare_cached(put)?.execute(params![place, sid, number(participant.version), json])?;
        Ok(())
    }

    /// `table` is one of this file's names, never a value.
    fn drop_of(&self, table: &'static str, conversation: ConversationSid) -> Result<(), StoreError> {
        let delete = format!("DELETE FROM {table} WHERE conversation = ?1");
        if self.tx.prepare_cached(&delete)?.execute([conversation.to_string()])? > 0 {
            self.deleted.set(true);
        }
        Ok(())
    }

    /// Answers a question.
    pub(super) fn page(&self, read: &CacheRead) -> Result<CachePage, StoreError> {
        let conversation = read.conversation.to_string();
        let (bound, newest_first) = match read.place {
            CachePlace::Newest => (i64::MAX, true),
            CachePlace::Before(index) => (number(index), true),
            CachePlace::After(index) => (number(index), false),
        };
        let select = if newest_first { NEWEST_BELOW } else { OLDEST_ABOVE };
        let limit = usize::try_from(read.limit).unwrap_or(usize::MAX);
        let one_more = i64::from(read.limit) + 1;
        let mut messages: Vec<Message> = self.read(select, params![conversation, bound, one_more])?;
        let more = messages.len() > limit;
        messages.truncate(limit);
        if newest_first {
            messages.reverse();
        }
        let participants = if read.roster { self.read(ROSTER, params![conversation])? } else { Vec::new() };
        Ok(CachePage { id: read.id, messages, more, participants })
    }

    fn read<T: DeserializeOwned>(
        &self,
        select: &str,
        of: &[&dyn rusqlite::ToSql],
    ) -> Result<Vec<T>, StoreError> {
        let mut select = self.tx.prepare_cached(select)?;
        let rows: Vec<String> = select.query_map(of, |row| row.get(0))?.collect::<Result<_, _>>()?;
        rows.iter().map(|json| Ok(serde_json::from_str(json)?)).collect()
    }
}

const NEWEST_BELOW: &str =
    "SELECT message FROM messages WHERE conversation = ?1 AND place < ?2 ORDER BY place DESC LIMIT ?3";
const OLDEST_ABOVE: &str =
    "SELECT message FROM messages WHERE conversation = ?1 AND place > ?2 ORDER BY place LIMIT ?3";
const ROSTER: &str = "SELECT participant FROM participants WHERE conversation = ?1 ORDER BY sid";

/// Numbers of the wire are below 2^53.
fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use std::path::PathBuf;

    use confab_protocol::model::Role;
    use confab_protocol::{DeviceSid, UserSid, WorkspaceSid};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    pub(in crate::store) const PLACE: ConversationSid = ConversationSid(Uuid::from_u128(7));

    fn account(user: u128) -> Account {
        Account {
            workspace: WorkspaceSid(Uuid::from_u128(1)),
            workspace_name: "Fjordline".into(),
            user: UserSid(Uuid::from_u128(user)),
            identity: "Ada".into(),
            device: DeviceSid(Uuid::from_u128(3)),
            addresses: Vec::new(),
            fingerprint: None,
        }
    }

    /// A message of the one conversation of these tests.
    pub(in crate::store) fn message(index: u64, version: u64, body: &str) -> CacheWrite {
        let id = ClientId(Uuid::from_u128(u128::from(index))).to_string();
        let message = json!({
            "sid": format!("IM{id}"), "client_id": id, "conversation": PLACE, "index": index, "author": "Ada",
            "body": body, "date_created": 5, "date_updated": 5, "seq": index + 1, "version": version,
        });
        CacheWrite::Message(serde_json::from_value(message).unwrap())
    }

    fn participant(sid: u128, version: u64, status: &str) -> CacheWrite {
        let participant = json!({
            "sid": format!("MB{}", Uuid::from_u128(sid).simple()), "user": UserSid(Uuid::from_u128(2)),
            "identity": "Ada", "profile_version": 1, "date_created": 5, "date_updated": 5, "status": status,
            "version": version,
        });
        CacheWrite::Participant {
            conversation: PLACE,
            participant: serde_json::from_value(participant).unwrap(),
        }
    }

    fn user(identity: &str) -> CacheWrite {
        CacheWrite::User(Box::new(User {
            sid: UserSid(Uuid::from_u128(2)),
            identity: identity.into(),
            friendly_name: identity.into(),
            attributes: json!({}),
            role: Role::Participant,
            role_sid: None,
            status: None,
            notifiable: false,
            deactivated: false,
            version: 1,
        }))
    }

    struct Home {
        _directory: tempfile::TempDir,
        path: PathBuf,
    }

    impl Home {
        fn new() -> Self {
            let directory = tempfile::tempdir().unwrap();
            Self { path: directory.path().join("cache.db"), _directory: directory }
        }

        fn open(&self) -> (Cache, Cached) {
            Cache::open(&self.path, &account(2)).unwrap()
        }
    }

    fn write(cache: &mut Cache, writes: &[CacheWrite]) {
        cache.transaction(|tx| writes.iter().try_for_each(|write| tx.apply(write))).unwrap();
    }

    fn read(cache: &mut Cache, place: CachePlace, limit: u32) -> CachePage {
        let read = CacheRead { id: 1, conversation: PLACE, place, limit, roster: true };
        cache.transaction(|tx| tx.page(&read)).unwrap()
    }

    fn indexes(page: &CachePage) -> (Vec<u64>, bool) {
        (page.messages.iter().map(|message| message.index).collect(), page.more)
    }

    #[test]
    fn pages_lie_around_their_place_over_gaps() {
        let mut cache = Home::new().open().0;
        write(&mut cache, &[0, 1, 4, 5, 9].map(|index| message(index, index + 1, "")));
        assert_eq!(indexes(&read(&mut cache, CachePlace::Newest, 2)), (vec![5, 9], true));
        assert_eq!(indexes(&read(&mut cache, CachePlace::Before(5), 2)), (vec![1, 4], true));
        assert_eq!(indexes(&read(&mut cache, CachePlace::Before(4), 2)), (vec![0, 1], false));
        assert_eq!(indexes(&read(&mut cache, CachePlace::After(1), 2)), (vec![4, 5], true));
        assert_eq!(indexes(&read(&mut cache, CachePlace::After(5), 2)), (vec![9], false));
    }

    #[test]
    fn a_row_replaces_only_an_older_one() {
        let mut cache = Home::new().open().0;
        write(&mut cache, &[message(0, 3, "new"), message(0, 2, "old"), participant(8, 4, "joined")]);
        write(&mut cache, &[participant(8, 3, "not_participating")]);
        let page = read(&mut cache, CachePlace::Newest, 9);
        assert_eq!(page.messages[0].body.as_deref(), Some("new"));
        assert_eq!(page.participants.len(), 1);
        write(&mut cache, &[participant(8, 5, "not_participating")]);
        assert_eq!(read(&mut cache, CachePlace::Newest, 9).participants, []);
    }

    #[test]
    fn what_is_dropped_is_gone_and_nothing_else_is() {
        let mut cache = Home::new().open().0;
        write(&mut cache, &[message(0, 1, ""), participant(8, 4, "joined"), user("Ada")]);
        write(&mut cache, &[CacheWrite::DropMessages { conversation: PLACE }]);
        let page = read(&mut cache, CachePlace::Newest, 9);
        assert_eq!((page.messages.len(), page.participants.len()), (0, 1));
        write(&mut cache, &[CacheWrite::DropConversation { conversation: PLACE }]);
        assert_eq!(read(&mut cache, CachePlace::Newest, 9).participants, []);
        assert_eq!(rows::<User>(&cache.db, "SELECT user FROM users").unwrap().len(), 1);
        write(&mut cache, &[CacheWrite::DropAll]);
        assert_eq!(rows::<User>(&cache.db, "SELECT user FROM users").unwrap(), []);
    }

    fn draft(body: &str) -> Draft {
        Draft { conversation: PLACE, body: body.into(), version: 7 }
    }

    #[test]
    fn drafts_and_settings_are_kept_as_last_told_also_without_their_conversation() {
        let home = Home::new();
        let setting = Setting { key: "appearance.theme".into(), value: json!("dark"), version: 8 };
        let writes = [
            CacheWrite::Draft(Box::new(draft("ha"))),
            CacheWrite::Draft(Box::new(draft("half"))),
            CacheWrite::Setting(Box::new(setting.clone())),
            CacheWrite::DropConversation { conversation: PLACE },
        ];
        write(&mut home.open().0, &writes);
        let (mut cache, cached) = home.open();
        assert_eq!((cached.drafts, cached.settings), (vec![draft("half")], vec![setting]));
        write(&mut cache, &[CacheWrite::DropAll]);
        drop(cache);
        let cached = home.open().1;
        assert_eq!((cached.drafts.len(), cached.settings.len()), (0, 0));
    }

    #[test]
    fn a_cache_of_before_there_were_drafts_in_it_is_kept_and_stands_at_their_beginning() {
        let home = Home::new();
        let old = file::open(&home.path, Durability::Normal, &MIGRATIONS[..1]).unwrap();
        own(&old, &account(2)).unwrap();
        let user = json!({ "sid": UserSid(Uuid::from_u128(2)), "identity": "Ada", "friendly_name": "Ada", "version": 1 });
        let epoch = Uuid::from_u128(8).simple().to_string();
        let meta = json!({ "epoch": epoch, "cursor": 41, "state_version": 30, "me": user });
        old.execute("INSERT INTO meta (id, meta) VALUES (1, ?1)", [meta.to_string()]).unwrap();
        drop(old);
        let meta = home.open().1.meta.unwrap();
        assert_eq!((meta.cursor, meta.state_version), (Some(41), 0));
    }

    #[test]
    fn a_failed_transaction_leaves_no_half() {
        let mut cache = Home::new().open().0;
        let failed = cache.transaction(|tx| {
            tx.apply(&message(0, 1, ""))?;
            Err::<(), _>(StoreError::Full)
        });
        assert!(failed.is_err());
        assert_eq!(indexes(&read(&mut cache, CachePlace::Newest, 9)), (vec![], false));
    }

    #[test]
    fn messages_that_arrived_are_known_by_the_id_under_which_they_were_sent() {
        let mut cache = Home::new().open().0;
        write(&mut cache, &[message(4, 5, "")]);
        let [there, elsewhere] = [4, 5].map(|id| ClientId(Uuid::from_u128(id)));
        assert_eq!(cache.delivered([there, elsewhere].into_iter()).unwrap(), [there]);
    }

    #[test]
    fn a_cache_of_ones_own_is_kept_and_any_other_is_built_anew() {
        let home = Home::new();
        write(&mut home.open().0, &[user("Ada")]);
        assert_eq!(home.open().1.users.len(), 1);

        assert_eq!(Cache::open(&home.path, &account(9)).unwrap().1.users, [], "somebody else's");

        write(&mut home.open().0, &[user("Ada")]);
        home.open().0.db.execute("UPDATE owner SET level = level + 1", []).unwrap();
        assert_eq!(home.open().1.users, [], "of another level");

        write(&mut home.open().0, &[user("Ada")]);
        home.open().0.db.pragma_update(None, "user_version", 99).unwrap();
        assert_eq!(home.open().1.users, [], "of a newer version");

        write(&mut home.open().0, &[user("Ada")]);
        home.open().0.db.execute("UPDATE users SET user = 'nonsense'", []).unwrap();
        assert_eq!(home.open().1.users, [], "unreadable");

        std::fs::write(&home.path, "no database").unwrap();
        assert_eq!(home.open().1.users, [], "no database");
    }

    #[test]
    fn no_question_looks_at_more_rows_than_it_answers() {
        let cache = Home::new().open().0;
        let delivered = "SELECT 1 FROM messages WHERE client_id = ?1";
        for select in [NEWEST_BELOW, OLDEST_ABOVE, ROSTER, delivered] {
            let mut plan = cache.db.prepare(&format!("EXPLAIN QUERY PLAN {select}")).unwrap();
            // The plan does not depend on the values, so none are bound.
            let steps: Vec<String> =
                plan.raw_query().mapped(|row| row.get("detail")).collect::<Result<_, _>>().unwrap();
            assert!(!steps.is_empty());
            for step in steps {
                assert!(step.starts_with("SEARCH"), "{select}: {step}");
            }
        }
    }
}
