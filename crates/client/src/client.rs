//! The handle: what an application holds of a running client.

use std::io::{self, Read, Seek};
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use confab_core::command::{Command, CommandAnswer, FileToSend};
use confab_core::view::{Problem, ViewDiff};
use confab_protocol::http::{TokenGrant, UploadRequest};
use confab_protocol::{ClientId, MediaSid, UserSid, WorkspaceSid, derived};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::spawn_blocking;

use crate::account::Account;
use crate::actor::{self, Program, Wish};
use crate::clock;
use crate::events::{self, ClientEvents};
use crate::media::{
    self, Download, Existing, MediaOf, NewFile, Picture, PictureSize, Pictures, StagedFiles, Stretch,
    Thumbnail, Upload, Way,
};
use crate::problem;
use crate::store::{Files, Store, StoreError};
use crate::tokens::TokenStore;

/// Wishes that may wait for the actor. Whoever has one more waits too.
pub(crate) const INBOX: usize = 256;

/// What a client needs to run.
pub struct ClientConfig {
    /// The directory of this workspace and person, made when it is not there. Holds `cache.db` and `outbox.db`.
    pub directory: PathBuf,
    /// Who is signed in where.
    pub account: Account,
    /// Where the refresh token is kept.
    pub tokens: Arc<dyn TokenStore>,
    /// The grant of a sign-in that has just happened; its refresh token is stored before it is used.
    pub grant: Option<TokenGrant>,
}

/// Why a client cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Another client runs in this directory.
    #[error("another client has {path} open")]
    DataDirLocked {
        /// The directory.
        path: PathBuf,
    },
    /// The directory cannot be read or written.
    #[error("{path} cannot be used: {reason}")]
    DataDirUnwritable {
        /// The directory.
        path: PathBuf,
        /// What the system said.
        reason: String,
    },
    /// The outbox was written by a newer version.
    #[error("{path} was written by a newer version")]
    NewerData {
        /// The directory.
        path: PathBuf,
    },
    /// There is no room left on the disk.
    #[error("the disk is full")]
    DiskFull {
        /// The directory.
        path: PathBuf,
    },
}

impl ClientError {
    /// The same as a code with parameters, for the interface.
    #[must_use]
    pub fn problem(&self) -> Problem {
        let (code, path) = match self {
            Self::DataDirLocked { path } => (problem::DATA_DIR_LOCKED, path),
            Self::DataDirUnwritable { path, .. } => (problem::DATA_DIR_UNWRITABLE, path),
            Self::NewerData { path } => (problem::NEWER_DATA, path),
            Self::DiskFull { path } => (problem::DISK_FULL, path),
        };
        problem::with(code, "path", path.display().to_string())
    }

    fn of_store(path: PathBuf, error: StoreError) -> Self {
        match error {
            StoreError::Newer => Self::NewerData { path },
            StoreError::Locked => Self::DataDirLocked { path },
            StoreError::Full => Self::DiskFull { path },
            StoreError::Damaged(reason) | StoreError::Unusable(reason) => {
                Self::DataDirUnwritable { path, reason }
            }
        }
    }
}

/// A running client. Clones are handles of the same one; when the last is dropped, it ends as by
/// [`shutdown`](Self::shutdown).
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let (link, directory) = (world.invite().await, world.directory());
/// use std::sync::Arc;
///
/// use confab_client::sdk::MemoryTokens;
/// use confab_client::{Client, ClientConfig, ClientEvent, join};
/// use confab_core::command::Command;
/// use confab_core::view::ViewDiff;
///
/// // Redeem an invite, start, make a conversation, and say good morning in it when it comes up.
/// let signed_in = join(&link, "echo", "correct horse battery", "a server room")
///     .await
///     .map_err(|problem| problem.code)?;
/// let (client, mut events) = Client::start(ClientConfig {
///     directory,
///     account: signed_in.account,
///     tokens: Arc::new(MemoryTokens::default()),
///     grant: Some(signed_in.grant),
/// })
/// .await?;
/// client.command(Command::create("Harbour", None)).await.map_err(|problem| problem.code)?;
/// 'said: while let Some(event) = events.recv().await {
///     let ClientEvent::View(diffs) = event else { continue };
///     for diff in diffs {
///         let ViewDiff::Conversations { upsert, .. } = diff else { continue };
///         if let Some(row) = upsert.into_iter().find(|row| row.preview.is_none()) {
///             let send = Command::Send { conversation: row.key, body: "Good morning.".to_owned() };
///             client.command(send).await.map_err(|problem| problem.code)?;
///             break 'said;
///         }
///     }
/// }
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Client {
    inbox: mpsc::Sender<Wish>,
    files: StagedFiles,
    pictures: Pictures,
    maker: (WorkspaceSid, UserSid),
}

impl Client {
    /// Reads the local databases and starts. Returns before the network is even tried, so that what is cached can be
    /// painted at once: it is the first thing in the events.
    ///
    /// Must be called within a tokio runtime.
    ///
    /// # Errors
    /// When the directory cannot be used. A damaged cache is no error: it is built anew; nor is a damaged outbox: it is
    /// set aside, with a notice in the events.
    pub async fn start(config: ClientConfig) -> Result<(Self, ClientEvents), ClientError> {
        Self::run(config, mpsc::channel(INBOX), None).await
    }

    /// The same, with what a program needs.
    pub(crate) async fn run(
        config: ClientConfig,
        (inbox, wishes): (mpsc::Sender<Wish>, mpsc::Receiver<Wish>),
        program: Option<Program>,
    ) -> Result<(Self, ClientEvents), ClientError> {
        let ClientConfig { directory, account, tokens, grant } = config;
        let files = Files::of(&directory);
        let kept = files.pictures.clone();
        let (store, found) = Store::open(files, &account)
            .await
            .map_err(|error| ClientError::of_store(directory.clone(), error))?;
        let (files, maker) = (StagedFiles::new(&directory), (account.workspace, account.user));
        let pictures = Pictures::new(kept, files.clone(), maker);
        let (sink, events) = events::channel();
        let parts = actor::Parts { directory, account, tokens, grant, store, found, wishes, sink, program };
        actor::start(parts).await;
        Ok((Self { inbox, files, pictures, maker }, events))
    }

    /// Asks for something. Most commands answer at once and show their effect in the events.
    ///
    /// # Errors
    /// Why it was refused: `offline` when it needs a connection and there is none, or when the client has ended.
    pub async fn command(&self, command: Command) -> Result<CommandAnswer, Problem> {
        let (answer, answered) = oneshot::channel();
        let ended = || problem::local(problem::OFFLINE);
        self.inbox.send(Wish::Command { command, answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())?
    }

    /// Keeps a file beside the outbox until it is sent with [`Command::SendFiles`], also when there is no connection. It is on
    /// the disk when this returns.
    ///
    /// # Errors
    /// `file_unreadable`; `disk_full`.
    pub async fn stage(
        &self,
        name: Option<String>,
        content_type: String,
        source: impl Read + Send + 'static,
    ) -> Result<FileToSend, Problem> {
        let files = self.files.clone();
        let staged = spawn_blocking(move || media::stage(&files, source)).await;
        let staged = staged.unwrap_or_else(|error| Err(io::Error::other(error)));
        let staged = staged.map_err(|error| match error.kind() {
            io::ErrorKind::StorageFull => problem::local(problem::DISK_FULL),
            _ => problem::with(problem::FILE_UNREADABLE, "reason", error.to_string()),
        })?;
        Ok(staged.to_send(name, content_type))
    }

    /// Forgets a file that was kept and is not going to be sent.
    pub async fn unstage(&self, file: &FileToSend) {
        let Ok(id) = file.id.parse() else { return };
        let files = self.files.clone();
        // What stays is swept at the next start.
        let _ = spawn_blocking(move || files.delete(id)).await;
    }

    /// Uploads a file that the application sends by itself, over HTTP. What goes through the outbox needs none of this.
    ///
    /// # Errors
    /// `offline` when the client has ended.
    pub async fn upload(
        &self,
        file: NewFile,
        source: impl Read + Seek + Send + 'static,
    ) -> Result<Upload, Problem> {
        let mut way = self.way().await?;
        let NewFile { name: file_name, content_type, size, category } = file;
        let client_id = ClientId(clock::id());
        let ask = UploadRequest { client_id, file_name, content_type, size, category };
        let (tell, progress) = watch::channel(0);
        let back = way.clone();
        let task = tokio::spawn(async move {
            let there = |bytes| {
                tell.send_replace(bytes);
            };
            media::send_file(&mut way, &ask, source, there).await.map_err(Problem::from)
        });
        let (workspace, user) = self.maker;
        Ok(Upload { media: derived::media(workspace, user, client_id), progress, task, way: back })
    }

    /// Fetches a file, or these bytes of it.
    ///
    /// # Errors
    /// `not_found` when there is none or it may not be seen; `unreachable` and the like; `offline`.
    pub async fn download(&self, media: MediaSid, range: Option<Range<u64>>) -> Result<Download, Problem> {
        Download::begin(self.way().await?, media, range).await
    }

    /// Fetches a picture in small.
    ///
    /// # Errors
    /// `not_found` when there is none, `too_large`; `unreachable` and the like; `offline`.
    pub async fn thumbnail(&self, media: MediaSid) -> Result<Thumbnail, Problem> {
        media::thumbnail(self.way().await?, media).await
    }

    /// A picture of a message, to be shown: kept on this computer once it was fetched, for as long as its message is there.
    ///
    /// # Errors
    /// `not_found` when there is none or it may not be seen, `too_large`; `unreachable` and the like; `offline`.
    pub async fn picture(&self, of: MediaOf, size: PictureSize) -> Result<Picture, Problem> {
        self.pictures.get(of, size, async || self.way().await).await
    }

    /// The picture of a file that is kept until it is sent.
    ///
    /// # Errors
    /// `not_found` when there is none, or it is no picture.
    pub async fn staged_picture(&self, file: ClientId) -> Result<Picture, Problem> {
        self.pictures.staged(file).await
    }

    /// A stretch of a film or a sound of a message, a mebibyte at most.
    ///
    /// # Errors
    /// `not_found` when it is neither, or it may not be seen; `unreachable` and the like; `offline`.
    pub async fn play(&self, of: MediaOf, range: Range<u64>) -> Result<Stretch, Problem> {
        match self.file_here(of).await {
            Some(path) => spawn_blocking(move || media::play::read(&path, &range))
                .await
                .unwrap_or_else(|_| Err(problem::local(problem::OFFLINE))),
            None => {
                let range = media::play::bounded(&range);
                media::play::fetch(self.download(of.media, Some(range.clone())).await?, range.start).await
            }
        }
    }

    /// Saves a file of a message under this path. `tell` hears how many bytes have come. When it is given up or fails, what was
    /// there before is there still.
    ///
    /// # Errors
    /// `cannot_save`, `no_room_to_save`; `not_found` when it may not be seen; `unreachable` and the like; `offline`.
    pub async fn save(
        &self,
        of: MediaOf,
        to: PathBuf,
        existing: Existing,
        tell: impl Fn(u64),
    ) -> Result<(), Problem> {
        match self.file_here(of).await {
            Some(from) => media::saving::copy(from, to, existing).await,
            None => media::saving::fetch(self.download(of.media, None).await?, to, existing, tell).await,
        }
    }

    async fn file_here(&self, of: MediaOf) -> Option<PathBuf> {
        let pictures = self.pictures.clone();
        spawn_blocking(move || pictures.file_here(of)).await.unwrap_or_default()
    }

    /// Addresses of files that need no token, in their order, for a few minutes. Whoever has one has the file.
    ///
    /// # Errors
    /// `not_found` when one of them may not be seen; `offline`.
    pub async fn media_urls(&self, media: &[MediaSid]) -> Result<Vec<String>, Problem> {
        let way = self.way().await?;
        let wanted = media.iter().map(ToString::to_string).collect();
        let CommandAnswer::MediaUrls { urls } = self.command(Command::MediaUrls { media: wanted }).await?
        else {
            return Err(problem::local(problem::OFFLINE));
        };
        let (address, is_plain) = way.first().ok_or_else(|| problem::local(problem::OFFLINE))?;
        let scheme = if is_plain { "http" } else { "https" };
        Ok(urls.into_iter().map(|path| format!("{scheme}://{address}{path}")).collect())
    }

    async fn way(&self) -> Result<Way, Problem> {
        let (answer, answered) = oneshot::channel();
        let ended = || problem::local(problem::OFFLINE);
        self.inbox.send(Wish::Way { answer }).await.map_err(|_| ended())?;
        answered.await.map_err(|_| ended())
    }

    /// Everything that is shown, for a window that starts anew; begins with [`ViewDiff::Reset`]. Diffs that wait in
    /// [`ClientEvents`] are part of it and are dropped there, so what is received next goes on top.
    /// Empty when the client has ended.
    pub async fn snapshot(&self) -> Vec<ViewDiff> {
        let (answer, answered) = oneshot::channel();
        if self.inbox.send(Wish::Snapshot { answer }).await.is_err() {
            return Vec::new();
        }
        answered.await.unwrap_or_default()
    }

    /// Says that the network changed or that the computer woke up: the connection is tested or tried at once.
    pub fn nudge(&self) {
        // With a full inbox the actor is awake anyway.
        let _ = self.inbox.try_send(Wish::Nudge);
    }

    /// Ends: drafts are written, the databases closed, the server told. Other handles of this client end too.
    pub async fn shutdown(self) {
        self.end(Wish::Shutdown).await;
    }

    /// Ends, and forgets this sign-in: the device is revoked if the server can be reached, the tokens and the cache are
    /// deleted. What has not been sent stays in `outbox.db`.
    pub async fn sign_out(self) {
        self.end(Wish::SignOut).await;
    }

    async fn end(&self, wish: impl FnOnce(oneshot::Sender<()>) -> Wish) {
        let (done, ended) = oneshot::channel();
        if self.inbox.send(wish(done)).await.is_ok() {
            // An error means that the actor is gone, which is what was asked for.
            let _ = ended.await;
        }
    }
}
