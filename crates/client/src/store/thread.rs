//! The thread that owns both databases. It takes all jobs that wait at once and commits them together.

use std::fs;
use std::path::Path;

use confab_core::stored::{CachePage, CacheRead, CacheWrite, OutboxEntry, OutboxWrite, Restored};
use confab_core::view::Problem;
use tokio::sync::mpsc::{Receiver, UnboundedSender};
use tokio::sync::oneshot;

use super::cache::{Cache, CacheTx, Cached};
use super::file::{self, StoreError};
use super::outbox::Outbox;
use super::{Done, Found, Job};
use crate::account::Account;
use crate::problem;

/// Jobs that one commit may take.
const GROUP: usize = 256;

/// Opens both databases, tells what is in them, then works until all handles are gone.
pub(super) fn run(
    directory: &Path,
    account: &Account,
    opened: oneshot::Sender<Result<Found, StoreError>>,
    mut jobs: Receiver<Job>,
    tell: &UnboundedSender<Done>,
) {
    let mut databases = match Databases::open(directory, account) {
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
    }
}

struct Databases<'a> {
    directory: &'a Path,
    outbox: Outbox,
    /// The write that failed, and why. Nothing later may get to the disk before it is made again.
    failed: Option<(u64, Problem)>,
    /// None once a write was lost: what came later would not fit what is there.
    cache: Option<Cache>,
}

/// A group of jobs, taken apart by database.
#[derive(Default)]
struct Group {
    outbox: Vec<(u64, Vec<OutboxWrite>)>,
    cache: Vec<CacheJob>,
    close: Option<(bool, oneshot::Sender<()>)>,
}

enum CacheJob {
    Write(Vec<CacheWrite>),
    Read(CacheRead),
}

impl<'a> Databases<'a> {
    fn open(directory: &'a Path, account: &Account) -> Result<(Self, Found), StoreError> {
        make_private(directory)?;
        // The outbox first: whoever has it is the one that runs here, and may delete the cache.
        let (outbox, set_aside) = Outbox::open(&directory.join("outbox.db"))?;
        let entries = outbox.entries()?;
        let (mut cache, cached) = match Cache::open(&directory.join("cache.db"), account) {
            Ok((cache, cached)) => (Some(cache), cached),
            Err(StoreError::Locked) => return Err(StoreError::Locked),
            Err(error) => {
                tracing::warn!(%error, "running without a cache");
                (None, Cached::default())
            }
        };
        let delivered = cache.as_ref().map_or(Ok(Vec::new()), |cache| cache.delivered(ids(&entries)));
        let delivered = delivered.unwrap_or_else(|error| {
            tracing::warn!(%error, "running without a cache");
            cache = None;
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
            outbox: entries,
            delivered,
        };
        Ok((Self { directory, outbox, failed: None, cache }, Found { restored, set_aside }))
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
                Job::Close { forget_cache, done } => group.close = Some((forget_cache, done)),
            }
        }
        // The outbox first: a message waits for it to be sent. An actor that is gone needs no answer.
        for done in self.work_outbox(&group.outbox).into_iter().chain(self.work_cache(&group.cache)) {
            let _ = tell.send(done);
        }
        group.close
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
        problem::with(code, "path", self.directory.display().to_string())
    }

    fn work_cache(&mut self, jobs: &[CacheJob]) -> Vec<Done> {
        if jobs.is_empty() {
            return Vec::new();
        }
        let outcome = self.cache.as_mut().map(|cache| cache.transaction(|tx| work_through(tx, jobs)));
        match outcome {
            Some(Ok(pages)) => pages.into_iter().map(Done::Page).collect(),
            Some(Err(error)) => {
                self.give_up_cache(&error);
                empty_pages(jobs)
            }
            None => empty_pages(jobs),
        }
    }

    /// What is on the disk is whole as far as it goes, unless it is damaged; the next start begins with it.
    fn give_up_cache(&mut self, error: &StoreError) {
        tracing::warn!(%error, "the cache cannot be used any more");
        self.cache = None;
        if let StoreError::Damaged(_) = error {
            self.forget_cache();
        }
    }

    fn forget_cache(&self) {
        if let Err(error) = file::delete(&self.directory.join("cache.db")) {
            tracing::warn!(%error, "the cache cannot be deleted");
        }
    }

    fn close(mut self, forget_cache: bool) {
        self.cache = None;
        if forget_cache {
            self.forget_cache();
        }
    }
}

fn ids(entries: &[OutboxEntry]) -> impl Iterator<Item = confab_protocol::ClientId> {
    entries.iter().map(|entry| entry.client_id)
}

fn work_through(tx: &CacheTx<'_>, jobs: &[CacheJob]) -> Result<Vec<CachePage>, StoreError> {
    let mut pages = Vec::new();
    for job in jobs {
        match job {
            CacheJob::Write(writes) => writes.iter().try_for_each(|write| tx.apply(write))?,
            CacheJob::Read(read) => pages.push(tx.page(read)?),
        }
    }
    Ok(pages)
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
            Done::Page(_) => panic!("not an answer to a write"),
        };
        done.iter().map(one).collect()
    }

    #[test]
    fn nothing_gets_to_the_disk_before_the_write_that_failed() {
        let home = tempfile::tempdir().unwrap();
        let account = Account::sample();
        let (mut databases, _) = Databases::open(home.path(), &account).unwrap();
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
}
