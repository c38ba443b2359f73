//! Messages that are to be sent: put together, looked at, sent by way of the outbox.

use std::fmt;
use std::io::{self, Cursor, Read};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use confab_core::Post;
use confab_core::command::FileToSend;
use confab_protocol::{ClientId, limits};
use serde_json::Value;
use tokio::sync::{oneshot, watch};
use tokio::task::spawn_blocking;

use super::cells::lock;
use super::hub::{Hub, PostOutcome};
use super::{Conversation, Error, Message, check};
use crate::clock;
use crate::media::{Staged, stage};
use crate::problem;

/// A file that is to be sent.
#[derive(Clone, PartialEq, Eq)]
pub struct MediaToSend {
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// Its name, without a path.
    pub file_name: Option<String>,
    /// Where its bytes are.
    pub source: MediaSource,
}

/// Where the bytes of a file are.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MediaSource {
    /// In memory.
    Bytes(Bytes),
    /// In a file, which is copied when the message is sent.
    File(PathBuf),
}

impl MediaToSend {
    /// Bytes in memory.
    pub fn bytes(content_type: impl Into<String>, bytes: impl Into<Bytes>) -> Self {
        Self { content_type: content_type.into(), file_name: None, source: MediaSource::Bytes(bytes.into()) }
    }

    /// A file, by its own name.
    pub fn file(content_type: impl Into<String>, path: impl Into<PathBuf>) -> Self {
        let path = path.into();
        let file_name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        Self { content_type: content_type.into(), file_name, source: MediaSource::File(path) }
    }

    /// The same under another name.
    #[must_use]
    pub fn named(mut self, file_name: impl Into<String>) -> Self {
        self.file_name = Some(file_name.into());
        self
    }

    fn check(&self) -> Result<(), Error> {
        let content_type = check::name("content_type", &self.content_type, limits::CONTENT_TYPE_BYTES)?;
        if content_type.split('/').filter(|part| !part.is_empty()).count() != 2 {
            return Err(Error::invalid("content_type", "is not of the form `image/png`"));
        }
        if let Some(name) = &self.file_name {
            check::name("file_name", name, limits::FILE_NAME_CHARS)?;
        }
        if self.source == MediaSource::Bytes(Bytes::new()) {
            return Err(Error::invalid("media", "is empty"));
        }
        Ok(())
    }

    /// Copies it to where it is kept until it is sent.
    async fn keep(self, hub: &Hub) -> Result<FileToSend, Error> {
        let Self { content_type, file_name: name, source } = self;
        let files = hub.files.clone();
        let staged = spawn_blocking(move || -> io::Result<Staged> {
            let source: Box<dyn Read + Send> = match source {
                MediaSource::Bytes(bytes) => Box::new(Cursor::new(bytes)),
                MediaSource::File(path) => Box::new(std::fs::File::open(path)?),
            };
            stage(&files, source)
        });
        let staged = staged.await.unwrap_or_else(|error| Err(io::Error::other(error)));
        let unreadable = |error: io::Error| match error.kind() {
            io::ErrorKind::StorageFull => Error::Local(problem::local(problem::DISK_FULL)),
            _ => Error::Local(problem::with(problem::FILE_UNREADABLE, "reason", error.to_string())),
        };
        Ok(staged.map_err(unreadable)?.to_send(name, content_type))
    }
}

impl fmt::Debug for MediaToSend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MediaToSend").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

/// Puts a message together.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let client = world.ada().await;
/// use confab_client::sdk::MediaToSend;
/// use serde_json::json;
///
/// let conversation = client.create_conversation().friendly_name("Harbour").create().await?;
/// let sending = conversation
///     .prepare_message()
///     .set_body("The board at noon.")
///     .set_attributes(json!({"pier": 4}))
///     .add_media(MediaToSend::bytes("text/plain", "low water 12:04").named("tides.txt"))
///     .build_and_send()
///     .await?;
/// let message = sending.await?;
/// assert_eq!(message.index(), 0);
/// assert_eq!(message.attached_media()[0].file_name(), Some("tides.txt"));
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
#[must_use = "nothing is sent before it is built and sent"]
pub struct MessageBuilder {
    message: UnsentMessage,
}

impl MessageBuilder {
    pub(super) fn new(conversation: Conversation) -> Self {
        let message = UnsentMessage {
            conversation,
            text: None,
            subject: None,
            attributes: None,
            media_content: Vec::new(),
        };
        Self { message }
    }

    /// The text.
    pub fn set_body(mut self, text: impl Into<String>) -> Self {
        self.message.text = Some(text.into());
        self
    }

    /// What it is about.
    pub fn set_subject(mut self, subject: impl Into<String>) -> Self {
        self.message.subject = Some(subject.into());
        self
    }

    /// Free JSON.
    pub fn set_attributes(mut self, attributes: Value) -> Self {
        self.message.attributes = Some(attributes);
        self
    }

    /// One more file, up to ten.
    pub fn add_media(mut self, media: MediaToSend) -> Self {
        self.message.media_content.push(media);
        self
    }

    /// Looks at it, without a connection.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`]: neither text nor files, or too much of anything.
    pub fn build(self) -> Result<UnsentMessage, Error> {
        self.message.check()?;
        Ok(self.message)
    }

    /// Looks at it and sends it.
    ///
    /// # Errors
    /// As of [`build`](Self::build) and [`UnsentMessage::send`].
    pub async fn build_and_send(self) -> Result<Sending, Error> {
        self.build()?.send().await
    }
}

/// A message that can be sent.
#[derive(Debug, Clone)]
pub struct UnsentMessage {
    conversation: Conversation,
    /// The text.
    pub text: Option<String>,
    /// What it is about.
    pub subject: Option<String>,
    /// Free JSON.
    pub attributes: Option<Value>,
    /// Its files.
    pub media_content: Vec<MediaToSend>,
}

impl UnsentMessage {
    fn check(&self) -> Result<(), Error> {
        let text = self.text.as_deref().unwrap_or_default();
        check::body(text)?;
        let (many, most) = (self.media_content.len(), limits::MEDIA_PER_MESSAGE);
        if many > most {
            return Err(Error::invalid("media", format!("are {many} files; {most} at most in one message")));
        }
        if text.trim().is_empty() && many == 0 {
            return Err(Error::invalid("body", "is blank, and there are no files; there is nothing to send"));
        }
        if let Some(subject) = &self.subject {
            check::characters("subject", subject, limits::SUBJECT_CHARS)?;
        }
        if let Some(attributes) = &self.attributes {
            check::attributes(attributes, limits::ATTRIBUTES_BYTES)?;
        }
        self.media_content.iter().try_for_each(MediaToSend::check)
    }

    /// Sends it by way of the outbox: when this returns it is on the disk, and leaves as soon as there is a connection, after this
    /// program has ended too. Await the [`Sending`] for the message that comes of it. What this device sends into a conversation arrives in
    /// the order in which it was sent.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] as of [`MessageBuilder::build`]; [`Error::NotParticipating`]; [`Error::Local`] when a file cannot be read.
    pub async fn send(self) -> Result<Sending, Error> {
        self.check()?;
        self.conversation.participating_now()?;
        let Self { conversation, text, subject, attributes, media_content } = self;
        let hub = Arc::clone(&conversation.hub);
        let mut files = Vec::new();
        for media in media_content {
            files.push(media.keep(&hub).await?);
        }
        let total = files.iter().map(|file| file.size).sum();
        let entry = ClientId(clock::id());
        let (progress, outcome) = hub.await_post(entry);
        let (sid, body) = (conversation.sid(), text.unwrap_or_default());
        let post = Post { entry, conversation: sid, body, subject, attributes, files };
        if let Err(error) = hub.post(post).await {
            hub.forget_post(entry);
            return Err(error);
        }
        lock(&conversation.cell.said_typing).take();
        Ok(Sending { conversation, entry, total, progress, outcome })
    }
}

/// How much of a message's files the server has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UploadProgress {
    /// Bytes that are there.
    pub sent: u64,
    /// Bytes that are to be there.
    pub total: u64,
}

/// A message on its way. Awaiting it gives the message; dropping it stops nothing.
pub struct Sending {
    conversation: Conversation,
    entry: ClientId,
    total: u64,
    progress: watch::Receiver<u64>,
    outcome: oneshot::Receiver<PostOutcome>,
}

impl Sending {
    /// The id under which it is sent: the message will have it.
    #[must_use]
    pub fn client_id(&self) -> ClientId {
        self.entry
    }

    /// How much of its files the server has.
    #[must_use]
    pub fn progress(&self) -> UploadProgress {
        UploadProgress { sent: *self.progress.borrow(), total: self.total }
    }

    /// Waits until more of its files is there than before; none when nothing more is going to be told.
    pub async fn progressed(&mut self) -> Option<UploadProgress> {
        self.progress.changed().await.ok()?;
        Some(self.progress())
    }

    /// Takes it back while its files are on their way, or before there is a connection; what has come of the files is forgotten.
    /// Awaiting it then gives [`Error::Cancelled`].
    ///
    /// # Errors
    /// [`Error::TooLate`] when it was sent, or is being sent.
    pub async fn cancel(&self) -> Result<(), Error> {
        self.conversation.hub.unpost(self.entry).await
    }
}

impl Future for Sending {
    type Output = Result<Message, Error>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.outcome).poll(cx).map(|outcome| match outcome {
            Ok(Ok(message)) => Ok(self.conversation.hub.message(&self.conversation.cell, &message)),
            Ok(Err(problem)) => Err(problem.into()),
            Err(_) => Err(Error::Ended),
        })
    }
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sending").field("entry", &self.entry).field("progress", &self.progress()).finish()
    }
}
