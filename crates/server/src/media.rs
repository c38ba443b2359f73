//! Files: their bytes beside the database, who uploads just now, what they are, and their addresses without a token.

mod bytes;
mod collect;
mod picture;
mod sniff;
mod turns;
mod urls;

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ::bytes::Bytes;
use confab_domain::media::{Found, Rules};
use confab_protocol::limits::MEDIA_PART_BYTES;
use confab_protocol::{MediaSid, UserSid, WireError};
use tokio::sync::Semaphore;

use crate::config::{Bounds, MediaConfig, MediaPlace};
use crate::error::ServerError;
use crate::limiter::{Limiter, Rate};
use crate::node::rate_limited;

pub(crate) use bytes::{MediaBytes, part_bytes, part_path, parts, unavailable};
pub(crate) use collect::collect;
#[cfg(feature = "fuzz")]
pub(crate) use picture::dimensions;
pub(crate) use sniff::Serving;
#[cfg(feature = "fuzz")]
pub(crate) use sniff::sniff;
pub(crate) use turns::Turn;
pub(crate) use urls::Address;

/// The directory in the data directory.
pub(crate) const DIRECTORY: &str = "media";

/// Bytes of a part, which is what one upload holds in memory.
pub(crate) const PART: usize = 1024 * 1024;
const _: () = assert!(PART as u64 == MEDIA_PART_BYTES);

/// Users that are remembered for how often they ask.
const ASKING: usize = 10_000;
/// Pictures that are made small at once: each takes the memory of one whole picture.
const PICTURES: usize = 1;

/// What all requests for files share.
pub(crate) struct Media {
    pub(crate) config: MediaConfig,
    pub(crate) bytes: MediaBytes,
    pub(crate) turns: turns::Turns,
    requests: Mutex<Limiter<UserSid>>,
    pictures: Semaphore,
}

impl Media {
    /// Opens the place where files are kept.
    pub(crate) fn open(data_dir: &Path, config: MediaConfig, bounds: &Bounds) -> Result<Self, ServerError> {
        let path = data_dir.join(DIRECTORY);
        let bytes = match config.place {
            MediaPlace::Directory => MediaBytes::in_directory(&path)
                .map_err(|source| ServerError::DataDirUnwritable { path, source })?,
            MediaPlace::Memory => MediaBytes::in_memory(),
        };
        let refill = Duration::from_secs(1) / bounds.requests_per_second.max(1);
        let rate = Rate { burst: bounds.request_burst, refill };
        Ok(Self {
            turns: turns::Turns::new(config.uploads, config.uploads_per_user),
            config,
            bytes,
            requests: Mutex::new(Limiter::new(rate, ASKING)),
            pictures: Semaphore::new(PICTURES),
        })
    }

    /// What may be uploaded.
    pub(crate) fn rules(&self) -> &Rules {
        &self.config.rules
    }

    /// Takes one request of a user.
    pub(crate) fn take_request(&self, user: UserSid, now: Instant) -> Result<(), WireError> {
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.take(user, now).map_err(rate_limited)
    }

    /// What the first part of a file and the hash of all of it say.
    pub(crate) async fn look_at(&self, sid: MediaSid, sha256: [u8; 32]) -> Result<Found, WireError> {
        let first = self.bytes.part(sid, 0).await.map_err(unavailable)?;
        let looked = tokio::task::spawn_blocking(move || {
            let sniffed_type = sniff::sniff(&first);
            let size = sniffed_type.as_deref().and_then(|_| picture::dimensions(&first));
            Found {
                sniffed_type,
                sha256,
                width: size.map(|(width, _)| width),
                height: size.map(|(_, height)| height),
            }
        });
        looked.await.map_err(|_| confab_protocol::ErrorCode::Internal.into())
    }

    /// Keeps the part of a file that begins at this byte. The first one says whether the file is of a type that is taken.
    pub(crate) async fn put_part(&self, sid: MediaSid, at: u64, part: Bytes) -> Result<(), WireError> {
        if at == 0 {
            self.take_first(&part)?;
        }
        self.bytes.put_part(sid, at / MEDIA_PART_BYTES, part).await.map_err(unavailable)
    }

    fn take_first(&self, first: &[u8]) -> Result<(), WireError> {
        sniff::sniff(first).map_or(Ok(()), |sniffed| self.rules().take_type(&sniffed))
    }
}
