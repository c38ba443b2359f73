//! What a server is told of files.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

pub use confab_domain::media::Rules as MediaRules;
use confab_protocol::{Timestamp, limits};

use crate::clock;

/// The bounds of files, with the protocol's figures as defaults.
#[derive(Debug, Clone)]
pub struct MediaConfig {
    /// Where their bytes are kept.
    pub place: MediaPlace,
    /// What is taken.
    pub rules: MediaRules,
    /// How long an address that needs no token is good.
    pub url_life: Duration,
    /// How long a file that comes into no message is kept.
    pub unsent_for: Duration,
    /// How often it is looked for files that are to go.
    pub collect_every: Duration,
    /// Uploads that may be receiving at once; each holds one part in memory.
    pub uploads: usize,
    /// Of these, those of one user.
    pub uploads_per_user: usize,
    /// Silence after which an upload is given up; what has come stays.
    pub stall: Duration,
    /// Largest picture of which a thumbnail is made, in pixels.
    pub picture_pixels: u64,
    /// By which clock files and addresses grow old.
    pub clock: MediaClock,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            place: MediaPlace::default(),
            rules: MediaRules::default(),
            url_life: Duration::from_millis(limits::MEDIA_URL_MS),
            unsent_for: Duration::from_millis(limits::UNSENT_MEDIA_MS),
            collect_every: Duration::from_secs(2),
            uploads: 64,
            uploads_per_user: 8,
            stall: Duration::from_secs(30),
            picture_pixels: limits::PICTURE_PIXELS,
            clock: MediaClock::default(),
        }
    }
}

/// Where the bytes of files are kept.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum MediaPlace {
    /// In `media` in the data directory.
    #[default]
    Directory,
    /// In memory: gone with the server, for tests.
    Memory,
}

/// The system's clock, and how far a test has put it forward.
#[derive(Debug, Clone, Default)]
pub struct MediaClock {
    ahead_ms: Arc<AtomicU64>,
}

impl MediaClock {
    /// Puts it forward.
    pub fn advance(&self, by: Duration) {
        self.ahead_ms.fetch_add(u64::try_from(by.as_millis()).unwrap_or(u64::MAX), Ordering::SeqCst);
    }

    /// Now, in milliseconds since 1970.
    pub(crate) fn now(&self) -> Timestamp {
        self.ahead_of(clock::now())
    }

    /// So much later than some other clock says.
    pub(crate) fn ahead_of(&self, now: Timestamp) -> Timestamp {
        now.plus(self.ahead_ms.load(Ordering::SeqCst))
    }
}
