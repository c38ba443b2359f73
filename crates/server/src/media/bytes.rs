//! The bytes of files, in parts of one size: what has come of an upload is what whole parts there are, and a place in a file
//! is a place in a part.

use std::io;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use confab_protocol::limits::MEDIA_PART_BYTES;
use confab_protocol::{ErrorCode, MediaSid, WireError};
use futures_util::stream::BoxStream;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path as Key;
use object_store::{Error, GetOptions, GetRange, ObjectStore, ObjectStoreExt as _, Result};
use sha2::{Digest as _, Sha256};

/// The name of a file's thumbnail among its parts.
const THUMBNAIL: &str = "thumbnail";

/// Where the bytes of files are.
#[derive(Debug, Clone)]
pub(crate) struct MediaBytes {
    store: Arc<dyn ObjectStore>,
}

/// How many parts a file of so many bytes has.
pub(crate) fn parts(size: u64) -> u64 {
    size.div_ceil(MEDIA_PART_BYTES)
}

/// How long a part is.
pub(crate) fn part_bytes(size: u64, number: u64) -> u64 {
    size.saturating_sub(number * MEDIA_PART_BYTES).min(MEDIA_PART_BYTES)
}

/// The name of a part.
fn part_name(number: u64) -> String {
    format!("{number:06}")
}

/// Where a part lies in the directory of files.
pub(crate) fn part_path(sid: MediaSid, number: u64) -> String {
    format!("{sid}/{}", part_name(number))
}

/// A store that fails may work again later; what it says stays in the log.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub(crate) fn unavailable(error: Error) -> WireError {
    let full = std::iter::successors(Some(&error as &dyn std::error::Error), |error| error.source())
        .filter_map(|error| error.downcast_ref::<io::Error>())
        .any(|error| error.kind() == io::ErrorKind::StorageFull);
    tracing::warn!(%error, "the bytes of a file cannot be read or written");
    if full { ErrorCode::StorageFull.into() } else { ErrorCode::Unavailable.into() }
}

impl MediaBytes {
    /// In a directory, which is made when it is missing. What is written is on the disk.
    pub(crate) fn in_directory(path: &Path) -> io::Result<Self> {
        std::fs::create_dir_all(path)?;
        let store = LocalFileSystem::new_with_prefix(path).map_err(io::Error::other)?;
        Ok(Self { store: Arc::new(store.with_fsync(true).with_automatic_cleanup(true)) })
    }

    /// In memory.
    pub(crate) fn in_memory() -> Self {
        Self { store: Arc::new(InMemory::new()) }
    }

    /// How many bytes of a file are there from its beginning on, in whole parts.
    pub(crate) async fn arrived(&self, sid: MediaSid, size: u64) -> Result<u64> {
        let mut found: Vec<(String, u64)> = Vec::new();
        let mut objects = self.store.list(Some(&folder(sid)));
        while let Some(object) = objects.try_next().await? {
            if let Some(name) = object.location.filename() {
                found.push((name.to_owned(), object.size));
            }
        }
        found.sort_unstable();
        let whole = |(number, (name, bytes)): &(u64, (String, u64))| {
            *name == part_name(*number) && *bytes == part_bytes(size, *number)
        };
        let numbered = (0..parts(size)).zip(found);
        Ok(numbered.take_while(whole).map(|(_, (_, bytes))| bytes).sum())
    }

    /// Writes a part.
    pub(crate) async fn put_part(&self, sid: MediaSid, number: u64, part: Bytes) -> Result<()> {
        self.store.put(&folder(sid).join(part_name(number)), part.into()).await.map(drop)
    }

    /// Reads a part.
    pub(crate) async fn part(&self, sid: MediaSid, number: u64) -> Result<Bytes> {
        self.store.get(&folder(sid).join(part_name(number))).await?.bytes().await
    }

    /// SHA-256 of a whole file.
    pub(crate) async fn sha256(&self, sid: MediaSid, size: u64) -> Result<[u8; 32]> {
        let mut hasher = Sha256::new();
        for number in 0..parts(size) {
            hasher.update(self.part(sid, number).await?);
        }
        Ok(hasher.finalize().into())
    }

    /// Reads bytes of a file, in pieces as they come. Errors end it.
    pub(crate) fn read(&self, sid: MediaSid, range: Range<u64>) -> BoxStream<'static, Result<Bytes>> {
        let numbers = range.start / MEDIA_PART_BYTES..parts(range.end);
        let store = self.clone();
        let opened = stream::iter(numbers).then(move |number| {
            let (store, start) = (store.clone(), number * MEDIA_PART_BYTES);
            let (from, to) =
                (range.start.max(start) - start, range.end.min(start + MEDIA_PART_BYTES) - start);
            async move { store.open(sid, number, from..to).await }
        });
        opened.try_flatten().boxed()
    }

    async fn open(
        &self,
        sid: MediaSid,
        number: u64,
        range: Range<u64>,
    ) -> Result<BoxStream<'static, Result<Bytes>>> {
        let options = GetOptions { range: Some(GetRange::Bounded(range)), ..GetOptions::default() };
        Ok(self.store.get_opts(&folder(sid).join(part_name(number)), options).await?.into_stream())
    }

    /// The thumbnail of a file, when it was made.
    pub(crate) async fn thumbnail(&self, sid: MediaSid) -> Result<Option<Bytes>> {
        match self.store.get(&folder(sid).join(THUMBNAIL)).await {
            Ok(found) => found.bytes().await.map(Some),
            Err(Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Keeps the thumbnail of a file.
    pub(crate) async fn put_thumbnail(&self, sid: MediaSid, picture: Bytes) -> Result<()> {
        self.store.put(&folder(sid).join(THUMBNAIL), picture.into()).await.map(drop)
    }

    /// Deletes all bytes of a file and its thumbnail. What is gone already is no failure.
    pub(crate) async fn delete(&self, sid: MediaSid) -> Result<()> {
        let mut objects = self.store.list(Some(&folder(sid)));
        let mut found = Vec::new();
        while let Some(object) = objects.try_next().await? {
            found.push(object.location);
        }
        for location in found {
            match self.store.delete(&location).await {
                Err(Error::NotFound { .. }) | Ok(()) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn folder(sid: MediaSid) -> Key {
    Key::from(sid.to_string())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const SID: MediaSid = MediaSid(Uuid::from_u128(7));

    fn part(byte: u8, bytes: u64) -> Bytes {
        Bytes::from(vec![byte; usize::try_from(bytes).unwrap()])
    }

    async fn read(store: &MediaBytes, range: Range<u64>) -> Vec<u8> {
        store
            .read(SID, range)
            .try_fold(Vec::new(), |mut all, piece| async move {
                all.extend_from_slice(&piece);
                Ok(all)
            })
            .await
            .unwrap()
    }

    async fn stores() -> (tempfile::TempDir, [MediaBytes; 2]) {
        let place = tempfile::tempdir().unwrap();
        let on_disk = MediaBytes::in_directory(&place.path().join("media")).unwrap();
        (place, [on_disk, MediaBytes::in_memory()])
    }

    #[tokio::test]
    async fn whole_parts_count_up_to_the_first_that_is_missing_or_short() {
        let (_place, stores) = stores().await;
        let size = 2 * MEDIA_PART_BYTES + 5;
        for store in stores {
            assert_eq!(store.arrived(SID, size).await.unwrap(), 0);
            store.put_part(SID, 0, part(1, MEDIA_PART_BYTES)).await.unwrap();
            store.put_part(SID, 2, part(3, 5)).await.unwrap();
            store.put_thumbnail(SID, part(9, 3)).await.unwrap();
            assert_eq!(store.arrived(SID, size).await.unwrap(), MEDIA_PART_BYTES);
            store.put_part(SID, 1, part(2, 7)).await.unwrap();
            assert_eq!(store.arrived(SID, size).await.unwrap(), MEDIA_PART_BYTES);
            store.put_part(SID, 1, part(2, MEDIA_PART_BYTES)).await.unwrap();
            assert_eq!(store.arrived(SID, size).await.unwrap(), size);
        }
    }

    #[tokio::test]
    async fn any_range_is_read_across_parts_and_nothing_is_left_after_the_end() {
        let (place, stores) = stores().await;
        let size = 2 * MEDIA_PART_BYTES + 5;
        for store in stores {
            for (number, byte) in [(0, 1), (1, 2), (2, 3)] {
                store.put_part(SID, number, part(byte, part_bytes(size, number))).await.unwrap();
            }
            assert_eq!(read(&store, 0..size).await.len() as u64, size);
            let edge = 2 * MEDIA_PART_BYTES;
            assert_eq!(read(&store, edge - 2..edge + 3).await, [2, 2, 3, 3, 3]);
            assert_eq!(read(&store, size - 1..size).await, [3]);
            assert_eq!(store.thumbnail(SID).await.unwrap(), None);
            store.put_thumbnail(SID, part(9, 3)).await.unwrap();
            assert_eq!(store.thumbnail(SID).await.unwrap(), Some(part(9, 3)));
            store.delete(SID).await.unwrap();
            store.delete(SID).await.unwrap();
            assert!(store.part(SID, 0).await.is_err() && store.thumbnail(SID).await.unwrap().is_none());
        }
        assert_eq!(std::fs::read_dir(place.path().join("media")).unwrap().count(), 0);
    }
}
