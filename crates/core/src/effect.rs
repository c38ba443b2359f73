//! Everything that the machine can ask of its driver. What is not on this page it cannot cause.

use confab_protocol::model::Workspace;
use confab_protocol::{Answer, ClientId, Request, WireError};

use crate::command::CommandAnswer;
use crate::news::News;
use crate::stored::{CacheRead, CacheWrite, OutboxWrite, StagedFile};
use crate::view::{NotificationView, Problem, ViewDiff};

/// Something to be done. Effects of one event are carried out in their order.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// Open a WebSocket to the workspace. Answered by `Opened` or `Lost`. Never asked for while there is one.
    Connect,
    /// Close the WebSocket, or stop opening it. Frames that were sent before still go out; nothing that it says
    /// afterwards may reach the machine, except one `Lost`.
    Disconnect,
    /// Send a frame.
    Send(Box<Request>),
    /// Get a new access token. Answered by `TokenReady` or `TokenFailed`. Never asked for while one is on its way.
    RefreshToken,
    /// Write to `cache.db`, as one transaction.
    CacheWrite(Vec<CacheWrite>),
    /// Read from `cache.db`. Answered by `CacheRead`.
    ReadCache(CacheRead),
    /// Write to `outbox.db`, as one transaction, and sync. Answered by `Persisted` or `PersistFailed`. Once a write has
    /// failed, every later one fails too until that one was asked for again and is on the disk: an entry must never be there
    /// without what it depends on.
    OutboxWrite {
        /// To know the answer by.
        write: u64,
        /// What to write.
        writes: Vec<OutboxWrite>,
    },
    /// Upload the files of an entry, as far as the server does not have them. Answered by `Uploaded`. Never asked for while
    /// those of the same entry are on their way. `Uploading` may tell how far it has come.
    Upload {
        /// To know the answer by.
        entry: ClientId,
        /// Which, in order.
        files: Vec<StagedFile>,
    },
    /// Stop uploading the files of an entry, which is not there any more. No answer follows.
    StopUpload {
        /// Whose.
        entry: ClientId,
    },
    /// Delete files that were kept and are not going to be sent. No answer follows.
    Unstage {
        /// By which they are kept.
        files: Vec<ClientId>,
    },
    /// Set a timer, or set it anew.
    SetTimer {
        /// Which.
        timer: Timer,
        /// When it is to go off, in milliseconds from now.
        after_ms: u64,
    },
    /// Forget a timer.
    CancelTimer(Timer),
    /// Show this, as soon as the writes to the outbox that were asked for with it or before it have been answered: see
    /// [`Held`](crate::Held). At most once per event.
    View(Vec<ViewDiff>),
    /// Show a desktop notification.
    Notify(NotificationView),
    /// Take desktop notifications away.
    Withdraw {
        /// Their keys.
        keys: Vec<String>,
    },
    /// Answer a command; not before what is shown before it.
    Answer {
        /// Which.
        ticket: u64,
        /// What came of it.
        result: Result<CommandAnswer, Problem>,
    },
    /// Answer a request of a program: what the server said, or nothing when it could not be asked for a minute. Not before
    /// the news that come with it.
    Answered {
        /// Which.
        ticket: u64,
        /// What came of it.
        result: Option<Box<Result<Answer, WireError>>>,
    },
    /// Tell programs what happened. At most once per event.
    News(Vec<News>),
    /// The workspace has told of its name, its addresses and its key.
    Learned(Box<Workspace>),
}

/// The timers of the machine. There is one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Timer {
    /// Try to connect.
    Reconnect,
    /// Give a sign of life, and look for one.
    Heartbeat,
    /// Someone may have stopped typing.
    Typing,
    /// Write drafts.
    Drafts,
    /// Send drafts.
    SendDrafts,
    /// Write and send read horizons.
    Horizons,
    /// Send refused entries of the outbox again.
    Outbox,
    /// Ask again for what could not be had.
    Refetch,
    /// Write again what could not be written.
    Persist,
    /// Whoever waits for an answer may have waited long enough.
    Waiting,
    /// Forget entries that were acknowledged long ago.
    Acknowledged,
}
