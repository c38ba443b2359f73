//! The cache on a disk that may be full: what there is no room for is owed, and written as soon as there is.

use std::path::Path;

use confab_core::stored::{CachePage, CacheRead, CacheWrite};
use confab_protocol::ClientId;

use super::cache::{Cache, CacheTx, Cached};
use super::file::StoreError;
use crate::account::Account;

/// The most writes that may be owed: with messages of the greatest length 64 MiB, with usual ones two.
const MOST: usize = 2_000;

/// Something for the cache to do.
pub(super) enum CacheJob {
    /// Change it.
    Write(Vec<CacheWrite>),
    /// Read from it; sees all that was to be written before.
    Read(CacheRead),
}

impl CacheJob {
    pub(super) fn writes(&self) -> &[CacheWrite] {
        match self {
            Self::Write(writes) => writes,
            Self::Read(_) => &[],
        }
    }
}

/// A cache, and what it has to be told again because the disk was full.
#[derive(Debug)]
pub(super) struct OwingCache {
    cache: Cache,
    owed: Vec<CacheWrite>,
}

impl OwingCache {
    /// Opens it, and reads what is needed for the first paint.
    pub(super) fn open(path: &Path, account: &Account) -> Result<(Self, Cached), StoreError> {
        let (cache, cached) = Cache::open(path, account)?;
        Ok((Self { cache, owed: Vec::new() }, cached))
    }

    /// Those of the ids that are messages of the cache.
    pub(super) fn delivered(&self, ids: impl Iterator<Item = ClientId>) -> Result<Vec<ClientId>, StoreError> {
        self.cache.delivered(ids)
    }

    /// Does all of it, after what is owed. On a full disk what was read stands all the same, because it was read before the
    /// commit failed.
    ///
    /// # Errors
    /// When the cache cannot be used any more, or owes too much.
    pub(super) fn work(&mut self, jobs: &[CacheJob]) -> Result<Vec<CachePage>, StoreError> {
        let (owed, mut pages) = (&self.owed, None);
        let outcome = self.cache.transaction(|tx| {
            owed.iter().try_for_each(|write| tx.apply(write))?;
            pages = Some(work_through(tx, jobs)?);
            Ok(())
        });
        match (outcome, pages) {
            (Ok(()), pages) => {
                self.owed.clear();
                Ok(pages.unwrap_or_default())
            }
            (Err(StoreError::Full), Some(pages)) => self.owe(jobs).map(|()| pages),
            (Err(error), _) => Err(error),
        }
    }

    fn owe(&mut self, jobs: &[CacheJob]) -> Result<(), StoreError> {
        let writes = jobs.iter().flat_map(CacheJob::writes);
        if self.owed.len() + writes.clone().count() > MOST {
            return Err(StoreError::Full);
        }
        self.owed.extend(writes.cloned());
        Ok(())
    }

    /// Whether something is left to do that no job asks for.
    pub(super) fn is_untidy(&self) -> bool {
        self.cache.is_unclean() || !self.owed.is_empty()
    }

    /// Writes what is owed, and makes what was deleted disappear from the files too.
    ///
    /// # Errors
    /// When the cache cannot be used any more.
    pub(super) fn tidy(&mut self) -> Result<(), StoreError> {
        if !self.owed.is_empty() {
            self.work(&[])?;
        }
        if let Err(error) = self.cache.scrub() {
            tracing::warn!(%error, "the log of the cache cannot be emptied yet");
        }
        Ok(())
    }

    /// Makes the disk as full as a test wants it.
    #[cfg(test)]
    pub(super) fn allow_pages(&self, pages: u32) {
        self.cache.allow_pages(pages);
    }
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

#[cfg(test)]
mod tests {
    use super::super::cache::tests::{PLACE, message};
    use super::*;
    use confab_core::stored::CachePlace;
    use confab_powercut::{Disk, Loss};

    fn bodies(cache: &mut OwingCache, before: Option<CacheWrite>) -> Vec<String> {
        let read =
            CacheRead { id: 1, conversation: PLACE, place: CachePlace::Newest, limit: 50, roster: false };
        let jobs = [CacheJob::Write(before.into_iter().collect()), CacheJob::Read(read)];
        let pages = cache.work(&jobs).unwrap();
        pages[0].messages.iter().filter_map(|message| message.body.clone()).collect()
    }

    fn open(disk: &Disk) -> OwingCache {
        OwingCache::open(&disk.path("cache.db"), &Account::sample()).unwrap().0
    }

    #[test]
    fn on_a_full_disk_everything_is_read_as_it_was_told_and_written_once_there_is_room() {
        let disk = Disk::new().unwrap();
        let mut cache = open(&disk);
        assert_eq!(bodies(&mut cache, Some(message(0, 1, "zero"))), ["zero"]);
        cache.tidy().unwrap();
        assert!(!cache.is_untidy());

        disk.fill();
        assert_eq!(bodies(&mut cache, Some(message(1, 2, "one"))), ["zero", "one"]);
        assert_eq!(bodies(&mut cache, Some(message(0, 3, "zero, edited"))), ["zero, edited", "one"]);
        cache.tidy().unwrap();
        assert!(cache.is_untidy(), "it is still owed");
        assert_eq!(bodies(&mut cache, None), ["zero, edited", "one"]);

        disk.free();
        cache.tidy().unwrap();
        assert!(!cache.is_untidy());
        drop(cache);
        disk.restore(Loss::All);
        assert_eq!(bodies(&mut open(&disk), None), ["zero, edited", "one"]);
    }

    #[test]
    fn what_is_owed_is_bounded() {
        let disk = Disk::new().unwrap();
        let mut cache = open(&disk);
        cache.tidy().unwrap();
        disk.fill();
        let many = |count| vec![CacheJob::Write((0..count).map(|n| message(n, 1, "x")).collect())];
        assert!(cache.work(&many(MOST as u64)).is_ok());
        assert!(matches!(cache.work(&many(1)), Err(StoreError::Full)));
    }
}
