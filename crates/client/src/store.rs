//! The two databases, on a thread of their own: `cache.db` can be fetched again, `outbox.db` exists nowhere else.

mod cache;
mod file;
#[cfg(test)]
mod fixture_tests;
mod outbox;
mod owing;
#[cfg(test)]
mod power_tests;
mod thread;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use confab_core::stored::{CachePage, CacheRead, CacheWrite, OutboxWrite, Restored};
use confab_core::view::Problem;
use tokio::sync::{mpsc, oneshot};

pub(crate) use file::StoreError;

use crate::account::Account;
use crate::media::KeptFiles;

/// Jobs that may wait for the thread; the actor waits when there are more.
const JOBS: usize = 256;

/// Where everything lies.
#[derive(Debug)]
pub(crate) struct Files {
    /// Private to the person; made when it is not there.
    pub(crate) directory: PathBuf,
    pub(crate) cache: PathBuf,
    pub(crate) outbox: PathBuf,
    /// Pictures of messages of the cache, which go with them.
    pub(crate) pictures: KeptFiles,
}

impl Files {
    /// Both databases under their names in a directory.
    pub(crate) fn of(directory: &Path) -> Self {
        Self {
            directory: directory.to_owned(),
            cache: directory.join("cache.db"),
            outbox: directory.join("outbox.db"),
            pictures: KeptFiles::new(directory),
        }
    }
}

/// Something for the thread to do. Jobs on one database are done in their order.
#[derive(Debug)]
enum Job {
    Cache(Vec<CacheWrite>),
    Read(CacheRead),
    Outbox { write: u64, writes: Vec<OutboxWrite> },
    Tidy,
    Close { forget_cache: bool, done: oneshot::Sender<()> },
}

/// What came of a job.
#[derive(Debug)]
pub(crate) enum Done {
    /// The cache's answer.
    Page(CachePage),
    /// The writes are on the disk.
    Persisted { write: u64 },
    /// They are not.
    PersistFailed { write: u64, problem: Problem },
    /// The cache was begun anew. It takes nothing before it is told [`CacheWrite::DropAll`].
    CacheEmpty,
}

/// What was found at the start.
#[derive(Debug)]
pub(crate) struct Found {
    /// For the machine.
    pub(crate) restored: Restored,
    /// Where a damaged outbox lies now.
    pub(crate) set_aside: Option<PathBuf>,
}

/// The actor's end of the thread.
#[derive(Debug)]
pub(crate) struct Store {
    jobs: mpsc::Sender<Job>,
    /// Unbounded, so that the thread never waits for an actor that waits for the thread; there is at most one answer
    /// per job.
    done: mpsc::UnboundedReceiver<Done>,
    /// Writes to the outbox that have no answer yet.
    writing: usize,
    /// The thread has something to do that no job asks for.
    untidy: Arc<AtomicBool>,
}

impl Store {
    /// Opens both databases and reads what a machine begins with.
    pub(crate) async fn open(files: Files, account: &Account) -> Result<(Self, Found), StoreError> {
        let (jobs, waiting) = mpsc::channel(JOBS);
        let (tell, done) = mpsc::unbounded_channel();
        let (opened, found) = oneshot::channel();
        let account = account.clone();
        let untidy = Arc::new(AtomicBool::new(true));
        let told = Arc::clone(&untidy);
        std::thread::Builder::new().name("confab-store".to_owned()).spawn(move || {
            thread::run(&files, &account, opened, waiting, &tell, &told);
        })?;
        let gone = |_| StoreError::Unusable("the thread ended".to_owned());
        let found = found.await.map_err(gone)??;
        Ok((Self { jobs, done, writing: 0, untidy }, found))
    }

    pub(crate) async fn write_cache(&self, writes: Vec<CacheWrite>) {
        self.give(Job::Cache(writes)).await;
    }

    pub(crate) async fn read_cache(&self, read: CacheRead) {
        self.give(Job::Read(read)).await;
    }

    pub(crate) async fn write_outbox(&mut self, write: u64, writes: Vec<OutboxWrite>) {
        self.writing += 1;
        self.give(Job::Outbox { write, writes }).await;
    }

    /// Lets the thread put in order what it could not so far, if there is anything: deleted text is still in a log, or there is no
    /// cache. To be called every few seconds.
    pub(crate) async fn tidy(&self) {
        if self.untidy.load(Relaxed) {
            self.give(Job::Tidy).await;
        }
    }

    /// The next answer; none when the thread has ended. May be dropped and called again.
    pub(crate) async fn done(&mut self) -> Option<Done> {
        let done = self.done.recv().await?;
        if let Done::Persisted { .. } | Done::PersistFailed { .. } = done {
            self.writing -= 1;
        }
        Some(done)
    }

    /// Whether writes to the outbox still have to be answered.
    pub(crate) fn is_writing(&self) -> bool {
        self.writing > 0
    }

    /// Closes both databases once all jobs are done; `forget_cache` deletes the cache.
    pub(crate) async fn close(self, forget_cache: bool) {
        let (done, closed) = oneshot::channel();
        self.give(Job::Close { forget_cache, done }).await;
        if closed.await.is_err() {
            tracing::error!("the store ended before it was closed");
        }
    }

    async fn give(&self, job: Job) {
        if self.jobs.send(job).await.is_err() {
            tracing::error!("the store has ended");
        }
    }
}

/// What an outbox holds.
#[cfg(test)]
pub(crate) fn entries_at(path: &Path) -> Vec<confab_core::stored::OutboxEntry> {
    let (outbox, aside) = outbox::Outbox::open(path).unwrap();
    assert_eq!(aside, None, "it is damaged");
    outbox.entries().unwrap()
}

#[cfg(test)]
mod tests {
    use confab_core::Key;
    use confab_core::stored::{Action, CachePlace, EntryState, Envelope, OutboxEntry, StoredDraft};
    use confab_protocol::model::{Role, User};
    use confab_protocol::{ClientId, ConversationSid, Timestamp, UserSid};
    use uuid::Uuid;

    use super::*;

    async fn open(directory: &Path) -> (Store, Found) {
        Store::open(Files::of(directory), &Account::sample()).await.unwrap()
    }

    fn draft(body: u64) -> OutboxWrite {
        let conversation = Key::Made(ClientId(Uuid::from_u128(7)));
        OutboxWrite::PutDraft(StoredDraft { conversation, body: body.to_string() })
    }

    fn user(name: &str) -> CacheWrite {
        CacheWrite::User(Box::new(User {
            sid: UserSid(Uuid::from_u128(2)),
            identity: "Ada".into(),
            friendly_name: name.into(),
            attributes: serde_json::json!({}),
            role: Role::Participant,
            role_sid: None,
            status: None,
            notifiable: false,
            deactivated: false,
            version: 1,
        }))
    }

    #[tokio::test]
    async fn writes_are_confirmed_in_their_order_and_are_there_afterwards() {
        let home = tempfile::tempdir().unwrap();
        let (mut store, _) = open(home.path()).await;
        for write in 0..600 {
            store.write_outbox(write, vec![draft(write)]).await;
        }
        let mut confirmed = 0;
        while store.is_writing() {
            assert!(matches!(store.done().await, Some(Done::Persisted { write }) if write == confirmed));
            confirmed += 1;
        }
        assert_eq!(confirmed, 600);
        store.close(false).await;
        assert_eq!(open(home.path()).await.1.restored.drafts[0].body, "599");
    }

    #[tokio::test]
    async fn what_was_asked_for_before_the_handle_went_away_is_done() {
        let home = tempfile::tempdir().unwrap();
        let (mut store, _) = open(home.path()).await;
        store.write_outbox(1, vec![draft(5)]).await;
        store.write_cache(vec![user("Ada")]).await;
        drop(store);
        // Opening waits until the files are free.
        let restored = open(home.path()).await.1.restored;
        assert_eq!((restored.drafts[0].body.as_str(), restored.users.len()), ("5", 1));
    }

    #[tokio::test]
    async fn an_entry_that_the_cache_has_as_a_message_is_known_to_have_arrived() {
        let home = tempfile::tempdir().unwrap();
        let (mut store, _) = open(home.path()).await;
        let place = ConversationSid(Uuid::from_u128(7));
        let entry = |id: u128| OutboxEntry {
            client_id: ClientId(Uuid::from_u128(id)),
            order: 1,
            at: Timestamp(5),
            state: EntryState::Released,
            replayed_for: None,
            epoch: None,
            action: Action::Send {
                place: Key::Sid(place),
                body: "hello".into(),
                files: Vec::new(),
                envelope: Envelope::default(),
                after: None,
            },
        };
        let [arrived, lost] = [8, 9].map(entry);
        let message = serde_json::json!({
            "sid": "IM00000000000000000000000000000008", "client_id": arrived.client_id, "conversation": place,
            "index": 0, "author": "Ada", "date_created": 5, "date_updated": 5, "seq": 1, "version": 1,
        });
        let message = serde_json::from_value(message).unwrap();
        let puts = [&arrived, &lost].map(|entry| OutboxWrite::Put(Box::new(entry.clone())));
        store.write_outbox(1, puts.into()).await;
        store.write_cache(vec![CacheWrite::Message(Box::new(message))]).await;
        store.close(false).await;
        assert_eq!(open(home.path()).await.1.restored.delivered, [arrived.client_id]);
    }

    #[tokio::test]
    async fn forgetting_the_cache_keeps_the_outbox() {
        let home = tempfile::tempdir().unwrap();
        let (mut store, _) = open(home.path()).await;
        store.write_outbox(1, vec![draft(5)]).await;
        store.write_cache(vec![user("Ada")]).await;
        store.close(true).await;
        assert!(!home.path().join("cache.db").exists());
        let restored = open(home.path()).await.1.restored;
        assert_eq!((restored.drafts.len(), restored.users.len()), (1, 0));
    }

    #[tokio::test]
    async fn without_a_cache_every_question_is_still_answered() {
        let home = tempfile::tempdir().unwrap();
        // A directory in its place: neither a database nor deleted like one.
        std::fs::create_dir(home.path().join("cache.db")).unwrap();
        let (mut store, found) = open(home.path()).await;
        assert!(found.restored.meta.is_none());
        store.write_cache(vec![user("Ada")]).await;
        let conversation = ConversationSid(Uuid::from_u128(7));
        let read = CacheRead { id: 4, conversation, place: CachePlace::Newest, limit: 9, roster: true };
        store.read_cache(read).await;
        let Some(Done::Page(page)) = store.done().await else { panic!("no page") };
        assert_eq!(page, CachePage { id: 4, ..CachePage::default() });
    }
}
