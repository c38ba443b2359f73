//! The thread that owns both databases. It takes all jobs that wait at once and commits them together.

use std::fs;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use confab_core::stored::{CachePage, CacheWrite, OutboxEntry, OutboxWrite, Restored};
use confab_core::view::Problem;
use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::sync::oneshot;

use super::cache::Cached;
use super::file::{self, StoreError};
use super::outbox::Outbox;
use super::owing::{CacheJob, OwingCache};
use super::{Done, Files, Found, Job};
use crate::account::Account;
use crate::media::Gone;
use crate::problem;

/// Jobs that one commit may take.
const GROUP: usize = 256;

/// Opens both databases, tells what is in them, then works until all handles are gone.
pub(super) fn run(
    files: &Files,
    account: &Account,
    opened: oneshot::Sender<Result<Found, StoreError>>,
    mut jobs: Receiver<Job>,
    tell: &UnboundedSender<Done>,
    untidy: &AtomicBool,
) {
    let mut databases = match Databases::open(files, account) {
        Ok((databases, found)) => {
            // Whoever asked may have gone away; then the jobs end at once too.
            let _ = opened.send(Ok(found));
            databases
        }
        Err(error) => {
            let _ = opened.send(Err(error));
            return;
        }
    };
    let mut group = Vec::new();
    while let Some(job) = jobs.blocking_recv() {
        group.push(job);
        while group.len() < GROUP
            && let Ok(job) = jobs.try_recv()
        {
            group.push(job);
        }
        if let Some((forget_cache, done)) = databases.work(group.drain(..), tell) {
            databases.close(forget_cache);
            let _ = done.send(());
            return;
        }
        untidy.store(databases.is_untidy(), Relaxed);
    }
}

struct Databases<'a> {
    files: &'a Files,
    account: &'a Account,
    outbox: Outbox,
    /// The write that failed, and why. Nothing later may get to the disk before it is made again.
    failed: Option<(u64, Problem)>,
    cache: CacheState,
}

/// Where the cache stands.
enum CacheState {
    /// It holds what it was told, or owes it.
    Whole(OwingCache),
    /// It was begun anew. Until the machine has taken note and tells everything again, what it tells does not fit.
    Empty(OwingCache),
    /// A write was lost, or there was none from the beginning: what came later would not fit what is there.
    Gone,
}

/// A group of jobs, taken apart by database.
#[derive(Default)]
struct Group {
    outbox: Vec<(u64, Vec<OutboxWrite>)>,
    cache: Vec<CacheJob>,
    tidy: bool,
    close: Option<(bool, oneshot::Sender<()>)>,
}

impl<'a> Databases<'a> {
    fn open(files: &'a Files, account: &'a Account) -> Result<(Self, Found), StoreError> {
        make_private(&files.directory)?;
        // The outbox first: whoever has it is the one that runs here, and may delete the cache.
        let (outbox, set_aside) = Outbox::open(&files.outbox)?;
        let entries = outbox.entries()?;
        if set_aside.is_none() {
            outbox.sweep(&entries)?;
        }
        let (mut cache, cached) = match OwingCache::open(&files.cache, account) {
            Ok((cache, cached)) => (CacheState::Whole(cache), cached),
            Err(StoreError::Locked) => return Err(StoreError::Locked),
            Err(error) => {
                tracing::warn!(%error, "running without a cache");
                (CacheState::Gone, Cached::default())
            }
        };
        if cached.meta.is_none() {
            // Nobody would tell of what was removed meanwhile.
            files.pictures.forget(Gone::Everything);
        }
        let delivered = match &cache {
            CacheState::Whole(cache) => cache.delivered(ids(&entries)),
            CacheState::Empty(_) | CacheState::Gone => Ok(Vec::new()),
        };
        let delivered = delivered.unwrap_or_else(|error| {
            tracing::warn!(%error, "running without a cache");
            cache = CacheState::Gone;
            Vec::new()
        });
        let restored = Restored {
            workspace: account.workspace,
            workspace_name: account.workspace_name.clone(),
            user: account.user,
            identity: account.identity.clone(),
            device: account.device,
            // Its refresh token has to be stored first: the machine asks for it.
            token: None,
            meta: cached.meta,
            conversations: cached.conversations,
            users: cached.users,
            drafts: outbox.drafts()?,
            cached_drafts: cached.drafts,
            settings: cached.settings,
            outbox: entries,
            delivered,
        };
        Ok((Self { files, account, outbox, failed: None, cache }, Found { restored, set_aside }))
    }

    fn work(
        &mut self,
        jobs: impl Iterator<Item = Job>,
        tell: &UnboundedSender<Done>,
    ) -> Option<(bool, oneshot::Sender<()>)> {
        let mut group = Group::default();
        for job in jobs {
            match job {
                Job::Outbox { write, writes } => group.outbox.push((write, writes)),
                Job::Cache(writes) => group.cache.push(CacheJob::Write(writes)),
                Job::Read(read) => group.cache.push(CacheJob::Read(read)),
                Job::Tidy => group.tidy = true,
                Job::Close { forget_cache, done } => group.close = Some((forget_cache, done)),
            }
        }
        // The outbox first: a message waits for it to be sent. An actor that is gone needs no answer.
        for done in self.work_outbox(&group.outbox).into_iter().chain(self.work_cache(&group.cache)) {
            let _ = tell.send(done);
        }
        if group.tidy && self.tidy() {
            let _ = tell.send(Done::CacheEmpty);
        }
        group.close
    }

    /// Whether something is left to do that no job asks for.
    fn is_untidy(&self) -> bool {
        let cache = match &self.cache {
            CacheState::Whole(cache) => cache.is_untidy(),
            CacheState::Empty(_) => false,
            CacheState::Gone => true,
        };
        cache || self.outbox.is_unclean()
    }

    /// What was deleted goes from the logs too, and a cache that could not be written is tried again. True when it was begun
    /// anew.
    fn tidy(&mut self) -> bool {
        if let Err(error) = self.outbox.scrub() {
            tracing::warn!(%error, "the log of the outbox cannot be emptied yet");
        }
        match &mut self.cache {
            CacheState::Whole(cache) => {
                if let Err(error) = cache.tidy() {
                    self.give_up_cache(&error);
                }
                false
            }
            CacheState::Empty(_) => false,
            CacheState::Gone => self.begin_cache(),
        }
    }

    /// Begins a cache that holds nothing, in the place of the one that could not be used.
    fn begin_cache(&mut self) -> bool {
        self.files.pictures.forget(Gone::Everything);
        let path = &self.files.cache;
        let begun =
            file::delete(path).map_err(StoreError::from).and_then(|()| OwingCache::open(path, self.account));
        match begun {
            Ok((cache, _)) => {
                tracing::info!("there is a cache again");
                self.cache = CacheState::Empty(cache);
                true
            }
            Err(error) => {
                tracing::debug!(%error, "still without a cache");
                false
            }
        }
    }

    fn work_outbox(&mut self, jobs: &[(u64, Vec<OutboxWrite>)]) -> Vec<Done> {
        if jobs.is_empty() {
            return Vec::new();
        }
        let before = self.failed.clone();
        let mut missing = before.as_ref().map(|(write, _)| *write);
        let mut ready = Vec::new();
        for (write, writes) in jobs {
            if missing.is_none_or(|missing| *write <= missing) {
                missing = missing.filter(|missing| missing != write);
                ready.push((*write, writes));
            }
        }
        if let Err(error) = self.outbox.write(ready.iter().flat_map(|(_, writes)| *writes)) {
            let first = ready.first().map_or(0, |(write, _)| *write);
            self.failed = Some((missing.map_or(first, |missing| missing.min(first)), self.explain(&error)));
            ready.clear();
        } else {
            self.failed = before.filter(|_| missing.is_some());
        }
        let done = |(write, _): &(u64, _)| match &self.failed {
            Some((_, problem)) if !ready.iter().any(|(kept, _)| kept == write) => {
                Done::PersistFailed { write: *write, problem: problem.clone() }
            }
            _ => Done::Persisted { write: *write },
        };
        jobs.iter().map(done).collect()
    }

    fn explain(&self, error: &StoreError) -> Problem {
        tracing::error!(%error, "the outbox cannot be written");
        let code =
            if matches!(error, StoreError::Full) { problem::DISK_FULL } else { problem::DATA_DIR_UNWRITABLE };
        problem::with(code, "path", self.files.directory.display().to_string())
    }

    fn work_cache(&mut self, jobs: &[CacheJob]) -> Vec<Done> {
        if jobs.is_empty() {
            return Vec::new();
        }
        self.take_note(jobs);
        self.forget_pictures(jobs);
        let outcome = match &mut self.cache {
            CacheState::Whole(cache) => Some(cache.work(jobs)),
            CacheState::Empty(_) | CacheState::Gone => None,
        };
        match outcome {
            Some(Ok(pages)) => pages.into_iter().map(Done::Page).collect(),
            Some(Err(error)) => {
                self.give_up_cache(&error);
                empty_pages(jobs)
            }
            None => empty_pages(jobs),
        }
    }

    /// Before it is written that they are gone: whatever breaks off is told and done again.
    fn forget_pictures(&self, jobs: &[CacheJob]) {
        for write in jobs.iter().flat_map(CacheJob::writes) {
            match write {
                CacheWrite::Message(message) if message.removed => {
                    self.files.pictures.forget(Gone::Message(message.conversation, message.sid));
                }
                CacheWrite::ForgetMessage { conversation, message } => {
                    self.files.pictures.forget(Gone::Message(*conversation, *message));
                }
                CacheWrite::DropMessages { conversation } | CacheWrite::DropConversation { conversation } => {
                    self.files.pictures.forget(Gone::Conversation(*conversation));
                }
                CacheWrite::DropAll => self.files.pictures.forget(Gone::Everything),
                _ => {}
            }
        }
    }

    /// The first thing that the machine tells a cache that was begun anew is that it holds nothing.
    fn take_note(&mut self, jobs: &[CacheJob]) {
        let anew =
            |job: &CacheJob| matches!(job, CacheJob::Write(writes) if writes.contains(&CacheWrite::DropAll));
        if matches!(self.cache, CacheState::Empty(_))
            && jobs.iter().any(anew)
            && let CacheState::Empty(cache) = std::mem::replace(&mut self.cache, CacheState::Gone)
        {
            self.cache = CacheState::Whole(cache);
        }
    }

    /// What is on the disk is whole as far as it goes, unless it is damaged; the next start begins with it.
    fn give_up_cache(&mut self, error: &StoreError) {
        tracing::warn!(%error, "the cache cannot be used any more");
        self.cache = CacheState::Gone;
        if let StoreError::Damaged(_) = error {
            self.forget_cache();
        }
    }

    fn forget_cache(&self) {
        self.files.pictures.forget(Gone::Everything);
        if let Err(error) = file::delete(&self.files.cache) {
            tracing::warn!(%error, "the cache cannot be deleted");
        }
    }

    fn close(mut self, forget_cache: bool) {
        self.cache = CacheState::Gone;
        if forget_cache {
            self.forget_cache();
        }
    }
}

fn ids(entries: &[OutboxEntry]) -> impl Iterator<Item = confab_protocol::ClientId> {
    entries.iter().map(|entry| entry.client_id)
}

fn empty_pages(jobs: &[CacheJob]) -> Vec<Done> {
    let empty = |job: &CacheJob| match job {
        CacheJob::Read(read) => Some(Done::Page(CachePage { id: read.id, ..CachePage::default() })),
        CacheJob::Write(_) => None,
    };
    jobs.iter().filter_map(empty).collect()
}

fn make_private(directory: &Path) -> Result<(), StoreError> {
    fs::create_dir_all(directory)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(directory, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use confab_core::Key;
    use confab_core::stored::StoredDraft;
    use confab_protocol::ClientId;
    use uuid::Uuid;

    use super::*;

    fn draft(place: u128, length: usize) -> Vec<OutboxWrite> {
        let conversation = Key::Made(ClientId(Uuid::from_u128(place)));
        vec![OutboxWrite::PutDraft(StoredDraft { conversation, body: "x".repeat(length) })]
    }

    fn kept(done: &[Done]) -> Vec<(u64, bool)> {
        let one = |done: &Done| match done {
            Done::Persisted { write } => (*write, true),
            Done::PersistFailed { write, .. } => (*write, false),
            Done::Page(_) | Done::CacheEmpty => panic!("not an answer to a write"),
        };
        done.iter().map(one).collect()
    }

    #[test]
    fn nothing_gets_to_the_disk_before_the_write_that_failed() {
        let home = tempfile::tempdir().unwrap();
        let (files, account) = (Files::of(home.path()), Account::sample());
        let (mut databases, _) = Databases::open(&files, &account).unwrap();
        databases.outbox.allow_pages(8);
        let long = (1, draft(1, 100_000));
        assert_eq!(kept(&databases.work_outbox(std::slice::from_ref(&long))), [(1, false)]);
        assert_eq!(kept(&databases.work_outbox(&[(2, draft(2, 5))])), [(2, false)], "it must not overtake");
        databases.outbox.allow_pages(1_000);
        assert_eq!(kept(&databases.work_outbox(&[(3, draft(3, 5))])), [(3, false)]);
        let again = [long, (2, draft(2, 5))];
        assert_eq!(kept(&databases.work_outbox(&again)), [(1, true), (2, true)]);
        assert_eq!(kept(&databases.work_outbox(&[(3, draft(3, 5))])), [(3, true)]);
        assert_eq!(databases.outbox.drafts().unwrap().len(), 3);
    }

    fn user(name: &str, length: usize) -> CacheWrite {
        let user = serde_json::json!({
            "sid": format!("US{:032x}", 2), "identity": name, "friendly_name": "x".repeat(length), "attributes": {},
            "role": "participant", "version": 1,
        });
        CacheWrite::User(Box::new(serde_json::from_value(user).unwrap()))
    }

    fn users(home: &Path) -> Vec<String> {
        let (files, account) = (Files::of(home), Account::sample());
        let (_, found) = Databases::open(&files, &account).unwrap();
        found.restored.users.into_iter().map(|user| user.identity).collect()
    }

    #[test]
    fn a_cache_without_room_goes_and_comes_back_by_itself_with_what_it_is_told_then() {
        let home = tempfile::tempdir().unwrap();
        let (files, account) = (Files::of(home.path()), Account::sample());
        let (mut databases, _) = Databases::open(&files, &account).unwrap();
        databases.work_cache(&[CacheJob::Write(vec![user("before", 5)])]);
        let CacheState::Whole(cache) = &databases.cache else { panic!("no cache") };
        cache.allow_pages(1);
        databases.work_cache(&[CacheJob::Write(vec![user("too long", 100_000)])]);
        assert!(matches!(databases.cache, CacheState::Gone) && databases.is_untidy());
        databases.work_cache(&[CacheJob::Write(vec![user("lost", 5)])]);
        assert!(databases.tidy(), "there is room again");
        databases.work_cache(&[CacheJob::Write(vec![user("told before it was noted", 5)])]);
        assert!(matches!(databases.cache, CacheState::Empty(_)), "that would not fit what is there");
        databases.work_cache(&[CacheJob::Write(vec![CacheWrite::DropAll, user("told again", 5)])]);
        databases.work_cache(&[CacheJob::Write(vec![user("told later", 5)])]);
        databases.close(false);
        assert_eq!(users(home.path()), ["told again", "told later"]);
    }

    #[test]
    fn a_cache_that_cannot_be_made_is_tried_again() {
        let home = tempfile::tempdir().unwrap();
        let (files, account) = (Files::of(home.path()), Account::sample());
        std::fs::create_dir(&files.cache).unwrap();
        let (mut databases, _) = Databases::open(&files, &account).unwrap();
        assert!(databases.is_untidy() && !databases.tidy());
        std::fs::remove_dir(home.path().join("cache.db")).unwrap();
        assert!(databases.tidy());
    }

    #[test]
    fn what_was_deleted_is_in_no_log_after_the_next_tidying() {
        let home = tempfile::tempdir().unwrap();
        let (files, account) = (Files::of(home.path()), Account::sample());
        let (mut databases, _) = Databases::open(&files, &account).unwrap();
        databases.tidy();
        assert!(!databases.is_untidy());
        let conversation = Key::Made(ClientId(Uuid::from_u128(1)));
        let draft = StoredDraft { conversation, body: "sesame-4711".into() };
        databases.work_outbox(&[(1, vec![OutboxWrite::PutDraft(draft)])]);
        assert!(!databases.is_untidy());
        databases.work_outbox(&[(2, vec![OutboxWrite::DeleteDraft { conversation }])]);
        assert!(databases.is_untidy());
        databases.tidy();
        assert!(!databases.is_untidy());
        for file in ["outbox.db", "outbox.db-wal"] {
            let bytes = std::fs::read(home.path().join(file)).unwrap();
            assert!(!bytes.windows(11).any(|window| window == b"sesame-4711"), "{file}");
        }
    }
}
