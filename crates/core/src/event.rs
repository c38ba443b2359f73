//! Everything that can happen to the machine. What is not on this page cannot happen.

use std::fmt;

use confab_protocol::{Call, ClientId, MediaSid, ServerFrame, Timestamp, WireError};

use crate::command::Command;
use crate::effect::Timer;
use crate::news::Post;
use crate::stored::CachePage;
use crate::view::Problem;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// The driver is ready. First event, once: paints what is restored, then connects.
    Start,
    /// The person asks for something. Answered exactly once, by an [`Effect::Answer`](crate::effect::Effect::Answer)
    /// with the same ticket.
    Command {
        /// To know the answer by.
        ticket: u64,
        /// What is asked for.
        command: Command,
    },
    /// A program asks the server something. Answered exactly once, by an [`Effect::Answered`](crate::effect::Effect::Answered)
    /// with the same ticket: after a minute without a connection at the latest.
    Request {
        /// To know the answer by.
        ticket: u64,
        /// What is asked. A mutation carries its own id, so that it may be asked twice.
        call: Box<Call>,
    },
    /// A program posts a message. Answered like a command as soon as it is on the disk; what becomes of it is told as
    /// [`News::Posted`](crate::News::Posted).
    Post {
        /// To know the answer by.
        ticket: u64,
        /// What is posted.
        post: Box<Post>,
    },
    /// A program takes a message back. Answered like a command: `too_late` when it may have been sent.
    Unpost {
        /// To know the answer by.
        ticket: u64,
        /// The id under which it was posted.
        entry: ClientId,
    },
    /// A program brings a new access token. Answered like a command, once the server has taken it.
    TokenGiven {
        /// To know the answer by.
        ticket: u64,
        /// The token.
        token: AccessToken,
    },
    /// The WebSocket that was asked for is open.
    Opened,
    /// A frame arrived on it.
    Frame(ServerFrame),
    /// It broke, was closed by the other side, or could not be opened. After a `Disconnect` it says that the connection
    /// is closed, and may be left out.
    Lost,
    /// There is a new access token.
    TokenReady(AccessToken),
    /// There is none.
    TokenFailed {
        /// What the server said; none when it could not be asked. It may deny this device, and only signing in again helps; anything
        /// else passes.
        refusal: Option<WireError>,
    },
    /// A timer went off.
    Timer(Timer),
    /// The writes of an [`Effect::OutboxWrite`](crate::effect::Effect::OutboxWrite) are on the disk. In the order in which they were asked for.
    Persisted {
        /// Which.
        write: u64,
    },
    /// They are not, and none of them is. The machine asks again.
    PersistFailed {
        /// Which.
        write: u64,
        /// Why: `disk_full`, ….
        problem: Problem,
    },
    /// A file of an entry has come so far. What is told may be less than all that happens.
    Uploading {
        /// Whose.
        entry: ClientId,
        /// Which.
        media: MediaSid,
        /// Bytes of it that the server has.
        bytes: u64,
    },
    /// The files of an entry are on the server, all of them, or could not be brought there.
    Uploaded {
        /// Whose.
        entry: ClientId,
        /// What came of it.
        result: Result<(), UploadFailure>,
    },
    /// The cache answers.
    CacheRead(CachePage),
    /// The cache could not be used any more and was begun anew. What it answered before was told before. It takes nothing until it is told
    /// [`DropAll`](crate::stored::CacheWrite::DropAll), then everything that it is to hold.
    CacheEmpty,
    /// The network changed or the computer woke up: whatever waits for a later attempt is tried now.
    Nudge,
    /// The program ends: what is not yet written is written, then the connection is closed.
    Shutdown,
}

/// Why files could not be uploaded.
#[derive(Debug, Clone, PartialEq)]
pub enum UploadFailure {
    /// The server refused: for now, or for good.
    Refused(WireError),
    /// It could not be reached: later.
    Unreached,
    /// The file is not there any more, or cannot be read.
    Lost(Problem),
}

/// An access token and when it ends.
#[derive(Clone, PartialEq, Eq)]
pub struct AccessToken {
    /// Goes into `hello`.
    pub secret: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl fmt::Debug for AccessToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccessToken").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}
