//! Uploads: begun under an id, sent piece by piece, gone on with where they broke off.

use std::io::{self, Read, Seek, SeekFrom};

use bytes::Bytes;
use confab_core::view::Problem;
use confab_protocol::http::{MEDIA, UPLOAD_OFFSET, UploadRequest, UploadStatus};
use confab_protocol::model::{Media, MediaCategory};
use confab_protocol::{ErrorCode, MediaSid, limits};
use hyper::Method;
use tokio::sync::watch;
use tokio::task::{JoinHandle, spawn_blocking};

use super::way::{Tries, Way};
use crate::net::{HttpLine, NetError};
use crate::problem;

/// What is held in memory of a file: a part of the server's, which it keeps as soon as it is there.
const PIECE: u64 = limits::MEDIA_PART_BYTES;

/// A file that is to be uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its name, without a path.
    pub name: Option<String>,
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// How long it is, in bytes.
    pub size: u64,
    /// What it will be to its message.
    pub category: MediaCategory,
}

/// An upload that is under way. Dropping it stops it; what has come stays on the server for a day.
pub struct Upload {
    pub(crate) media: MediaSid,
    pub(crate) progress: watch::Receiver<u64>,
    pub(crate) task: JoinHandle<Result<Media, Problem>>,
    pub(crate) way: Way,
}

impl Upload {
    /// By which name the server will know the file.
    #[must_use]
    pub fn media(&self) -> MediaSid {
        self.media
    }

    /// How many bytes the server has. It changes as it grows.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<u64> {
        self.progress.clone()
    }

    /// Waits for its end. A connection that breaks is made anew, and the upload goes on where it was.
    ///
    /// # Errors
    /// What the server refuses; `unreachable` and the like when it cannot be spoken to for half a minute; `file_unreadable`.
    pub async fn finished(mut self) -> Result<Media, Problem> {
        (&mut self.task).await.unwrap_or_else(|_| Err(problem::local(problem::OFFLINE)))
    }

    /// Stops it, and tells the server to forget what has come.
    pub async fn cancel(self) {
        self.task.abort();
        give_up(self.way.clone(), self.media).await;
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upload").field("media", &self.media).finish_non_exhaustive()
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Why a file did not get there.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Failure {
    /// The server refused, or could not be spoken to.
    #[error(transparent)]
    Net(#[from] NetError),
    /// The file itself.
    #[error("the file cannot be read: {0}")]
    Unreadable(io::Error),
}

impl From<Failure> for Problem {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::Net(error) => error.into(),
            Failure::Unreadable(error) => {
                problem::with(problem::FILE_UNREADABLE, "reason", error.to_string())
            }
        }
    }
}

/// Brings a file to the server. `tell` hears how many bytes are there.
pub(crate) async fn send_file<R: Read + Seek + Send + 'static>(
    way: &mut Way,
    ask: &UploadRequest,
    source: R,
    tell: impl Fn(u64),
) -> Result<Media, Failure> {
    let mut sender = Sender { way, ask, source: Some(source), offset: 0 };
    let mut tries = Tries::default();
    loop {
        let before = sender.offset;
        match sender.attempt(&tell).await {
            Ok(media) => return Ok(media),
            Err(Failure::Net(error)) => {
                if sender.offset > before {
                    tries.progress();
                }
                tries.again(error).await?;
            }
            Err(failure) => return Err(failure),
        }
    }
}

/// Tells the server to forget a file. When it cannot be told, it does so by itself after a day.
pub(crate) async fn give_up(mut way: Way, media: MediaSid) {
    let path = format!("{MEDIA}/{media}/upload");
    let asked = async {
        let mut line = way.dial().await?;
        way.ask(&mut line, &Method::DELETE, &path, &[], Bytes::new()).await
    };
    if let Err(error) = asked.await {
        tracing::debug!(%error, %media, "the server keeps a file for a day that nobody sends");
    }
}

struct Sender<'a, R> {
    way: &'a mut Way,
    ask: &'a UploadRequest,
    /// Lent to whoever reads it.
    source: Option<R>,
    offset: u64,
}

impl<R: Read + Seek + Send + 'static> Sender<'_, R> {
    /// Over one connection, from where the server says.
    async fn attempt(&mut self, tell: &impl Fn(u64)) -> Result<Media, Failure> {
        let mut line = self.way.dial().await?;
        let body = serde_json::to_vec(self.ask).map_err(|error| Failure::Unreadable(error.into()))?;
        let json = [("content-type", "application/json".to_owned())];
        let answer = self.way.ask(&mut line, &Method::POST, MEDIA, &json, body.into()).await?;
        let mut status: UploadStatus = line.json(answer).await?;
        while !status.ready {
            self.offset = status.offset;
            tell(self.offset);
            status = match self.piece(&mut line, &status).await {
                // Another try of this upload was still on its way.
                Err(Failure::Net(NetError::Refused(error))) if error.code == ErrorCode::OffsetMismatch => {
                    return Err(NetError::broken("", &"the upload goes on elsewhere").into());
                }
                outcome => outcome?,
            };
        }
        self.offset = self.ask.size;
        tell(self.offset);
        Ok(status.media)
    }

    async fn piece(&mut self, line: &mut HttpLine, status: &UploadStatus) -> Result<UploadStatus, Failure> {
        let bytes = self.read(status.offset, PIECE.min(self.ask.size - status.offset)).await?;
        let path = format!("{MEDIA}/{}/upload", status.media.sid);
        let offset = [(UPLOAD_OFFSET, status.offset.to_string())];
        let answer = self.way.ask(line, &Method::PATCH, &path, &offset, bytes).await?;
        Ok(line.json(answer).await?)
    }

    async fn read(&mut self, from: u64, length: u64) -> Result<Bytes, Failure> {
        let gone = || Failure::Unreadable(io::ErrorKind::BrokenPipe.into());
        let mut source = self.source.take().ok_or_else(gone)?;
        let reading = spawn_blocking(move || {
            let mut bytes = vec![0; usize::try_from(length).unwrap_or(usize::MAX)];
            let read = source.seek(SeekFrom::Start(from)).and_then(|_| source.read_exact(&mut bytes));
            (source, read.map(|()| Bytes::from(bytes)))
        });
        let (source, bytes) = reading.await.map_err(|_| gone())?;
        self.source = Some(source);
        bytes.map_err(Failure::Unreadable)
    }
}
