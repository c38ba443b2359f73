//! Pictures to be shown: from this computer where they are kept, else from the server, each fetched once.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use bytes::{Bytes, BytesMut};
use confab_core::view::Problem;
use confab_protocol::{ClientId, ErrorCode, MediaSid, UserSid, WireError, WorkspaceSid, derived};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

use super::kept::{KeptFiles, MediaOf, PictureSize};
use super::way::Way;
use super::{Download, StagedFiles, look, thumbnail};
use crate::problem;

/// Longest picture that is shown whole, in bytes.
const WHOLE_BYTES: u64 = 32 * 1024 * 1024;
/// Pictures that are fetched at once.
const TURNS: usize = 4;

/// A picture to be shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// What it is by its bytes: a type that a window shows, and that runs nothing.
    pub content_type: &'static str,
    /// The picture.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Picture {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Picture").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// One of those that are being fetched.
type Busy = Weak<tokio::sync::Mutex<()>>;

/// Where pictures come from.
#[derive(Debug, Clone)]
pub(crate) struct Pictures {
    pub(crate) kept: KeptFiles,
    staged: StagedFiles,
    maker: (WorkspaceSid, UserSid),
    turns: Arc<Semaphore>,
    busy: Arc<Mutex<HashMap<(MediaOf, PictureSize), Busy>>>,
}

impl Pictures {
    pub(crate) fn new(kept: KeptFiles, staged: StagedFiles, maker: (WorkspaceSid, UserSid)) -> Self {
        Self { kept, staged, maker, turns: Arc::new(Semaphore::new(TURNS)), busy: Arc::default() }
    }

    /// The picture of a file that waits to be sent.
    ///
    /// # Errors
    /// `not_found` when it is not there or no picture.
    pub(crate) async fn staged(&self, id: ClientId) -> Result<Picture, Problem> {
        let path = self.staged.path(id);
        let bytes = spawn_blocking(move || read_within(&path)).await.unwrap_or_default();
        shown(bytes.ok_or_else(missing)?)
    }

    /// A picture of a message. `way` is asked for only when it has to be fetched.
    pub(crate) async fn get(
        &self,
        of: MediaOf,
        size: PictureSize,
        way: impl AsyncFnOnce() -> Result<Way, Problem>,
    ) -> Result<Picture, Problem> {
        if let Some(bytes) = self.here(of, size).await {
            return shown(bytes);
        }
        let alone = self.alone(of, size);
        let _alone = alone.lock().await;
        if let Some(bytes) = self.here(of, size).await {
            return shown(bytes);
        }
        let _turn = self.turns.acquire().await.map_err(|_| problem::local(problem::OFFLINE))?;
        let fetch = self.kept.begin(of);
        let way = way().await?;
        let bytes = match size {
            PictureSize::Small => thumbnail(way, of.media).await?.bytes,
            PictureSize::Whole => whole(Download::begin(way, of.media, None).await?).await?,
        };
        let kept = bytes.clone();
        // It is shown whether it can be kept or not.
        let _ = spawn_blocking(move || fetch.keep(size, &kept)).await;
        shown(bytes)
    }

    /// Where the bytes of a file are on this computer, if all of them are.
    pub(crate) fn file_here(&self, of: MediaOf) -> Option<std::path::PathBuf> {
        self.kept.whole(of).or_else(|| self.sent_from_here(of.media))
    }

    async fn here(&self, of: MediaOf, size: PictureSize) -> Option<Bytes> {
        let pictures = self.clone();
        let read = spawn_blocking(move || {
            let own = || read_within(&pictures.sent_from_here(of.media)?);
            pictures.kept.read(of, size).or_else(own)
        });
        read.await.unwrap_or_default()
    }

    /// The copy of a file that was sent from here and has not been forgotten yet.
    fn sent_from_here(&self, media: MediaSid) -> Option<std::path::PathBuf> {
        let (workspace, user) = self.maker;
        let id = self.staged.all().find(|id| derived::media(workspace, user, *id) == media)?;
        Some(self.staged.path(id)).filter(|path| path.is_file())
    }

    /// Whoever holds it is the only one that fetches this.
    fn alone(&self, of: MediaOf, size: PictureSize) -> Arc<tokio::sync::Mutex<()>> {
        let mut busy = self.busy.lock().unwrap_or_else(PoisonError::into_inner);
        busy.retain(|_, waiting| waiting.strong_count() > 0);
        let held = busy.get(&(of, size)).and_then(Weak::upgrade);
        held.unwrap_or_else(|| {
            let alone = Arc::default();
            busy.insert((of, size), Arc::downgrade(&alone));
            alone
        })
    }
}

fn missing() -> Problem {
    problem::of_wire(WireError::not_found("thumbnail"))
}

/// Only what shows itself to be a picture reaches a window.
fn shown(bytes: Bytes) -> Result<Picture, Problem> {
    let content_type = look::shown_type(&bytes).ok_or_else(missing)?;
    Ok(Picture { content_type, bytes })
}

fn read_within(path: &Path) -> Option<Bytes> {
    let about = fs::metadata(path).ok().filter(|about| about.len() <= WHOLE_BYTES)?;
    fs::read(path).ok().filter(|bytes| bytes.len() as u64 == about.len()).map(Bytes::from)
}

async fn whole(mut download: Download) -> Result<Bytes, Problem> {
    let too_large = |actual: u64| {
        let error = WireError::new(ErrorCode::TooLarge).with("field", "pixels");
        problem::of_wire(error.with("limit", WHOLE_BYTES).with("actual", actual))
    };
    if download.size() > WHOLE_BYTES {
        return Err(too_large(download.size()));
    }
    let mut bytes = BytesMut::new();
    while let Some(piece) = download.next().await? {
        bytes.extend_from_slice(&piece);
        if bytes.len() as u64 > WHOLE_BYTES {
            return Err(too_large(bytes.len() as u64));
        }
    }
    Ok(bytes.freeze())
}
