//! What is kept on this computer: the rows of `cache.db`, which can be fetched again, and of `outbox.db`, which cannot.

mod action;

use confab_protocol::model::{
    Conversation, Draft, Message, NamedRole, Participant, Setting, User, UserConversation,
};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, Epoch, MediaSid, MessageSid, Timestamp, UserSid, WorkspaceSid,
};
use serde::{Deserialize, Serialize};
use std::fmt;

pub use self::action::{Action, Envelope};
use crate::event::AccessToken;
use crate::key::Key;
use crate::view::{FileKind, Problem};

/// All that a machine begins with. Read from the local databases, never from the network.
#[derive(Debug, Clone)]
pub struct Restored {
    /// The workspace.
    pub workspace: WorkspaceSid,
    /// Its name when last heard of.
    pub workspace_name: String,
    /// The person.
    pub user: UserSid,
    /// The person's identity.
    pub identity: String,
    /// This computer.
    pub device: DeviceSid,
    /// An access token, when signing in has just given one.
    pub token: Option<AccessToken>,
    /// Where the cache stands; none when it is empty.
    pub meta: Option<CachedMeta>,
    /// All conversations of the cache.
    pub conversations: Vec<CachedConversation>,
    /// All profiles of the cache.
    pub users: Vec<User>,
    /// All entries of the outbox, by `order`.
    pub outbox: Vec<OutboxEntry>,
    /// What was typed and the server is not known to have.
    pub drafts: Vec<StoredDraft>,
    /// All drafts of the cache.
    pub cached_drafts: Vec<Draft>,
    /// All settings of the cache.
    pub settings: Vec<Setting>,
    /// Ids of entries of the outbox that are messages of the cache: the server has them, though no answer was seen.
    pub delivered: Vec<ClientId>,
}

/// Where the cache stands. One row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CachedMeta {
    /// The epoch that everything in the cache belongs to.
    pub epoch: Epoch,
    /// What to resume from; none when the first listing has not come to its end.
    pub cursor: Option<u64>,
    /// Version of one's own state, drafts and settings included. Under a name of its own: a cache from before they were kept
    /// stands at the beginning of them.
    #[serde(rename = "own_version", default)]
    pub state_version: u64,
    /// One's own profile.
    pub me: User,
    /// By how much the server's clock is ahead of this computer's, in milliseconds.
    #[serde(default)]
    pub ahead_ms: i64,
    /// Roles that people made.
    #[serde(default, skip_serializing_if = "CachedRoles::is_empty")]
    pub roles: CachedRoles,
}

/// Roles that people made, as of a version. There are a hundred at most, and hardly ever more than a few.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CachedRoles {
    /// The version.
    pub version: u64,
    /// By SID.
    pub roles: Vec<NamedRole>,
}

impl CachedRoles {
    /// Nobody ever made one.
    fn is_empty(&self) -> bool {
        self.version == 0
    }
}

/// A conversation of the cache. Keyed by its SID.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CachedConversation {
    /// The conversation's SID.
    pub sid: ConversationSid,
    /// The id of its making, when it was made here: its key.
    #[serde(default)]
    pub made_as: Option<ClientId>,
    /// The conversation; none when one is no longer in it.
    #[serde(default)]
    pub conversation: Option<Conversation>,
    /// One's own row, its counts brought up to what was seen.
    pub me: UserConversation,
    /// The newest live message.
    #[serde(default)]
    pub last_message: Option<Message>,
    /// What is held of its messages.
    #[serde(default)]
    pub history: Option<History>,
    /// The roster is held, as of this version.
    #[serde(default)]
    pub roster_version: Option<u64>,
    /// Something of it changed in a way that only asking again can tell, and was not asked for since.
    #[serde(default)]
    pub stale: bool,
}

/// What the cache holds of a conversation's messages: everything from the oldest one held to the end of the log at `version`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct History {
    /// Sequence of the last event that was applied.
    pub version: u64,
    /// Index of the oldest message held; none when none is.
    pub oldest: Option<u64>,
    /// The server has older ones.
    pub has_older: bool,
    /// Messages that changed in a way that this version does not know, and were not read again since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirty: Option<DirtyRows>,
}

/// A stretch of messages, by index, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DirtyRows {
    /// The first.
    pub from: u64,
    /// The last.
    pub to: u64,
    /// Sequence of the newest event that changed one of them: only what is as of that or later tells how they stand.
    #[serde(default)]
    pub seq: u64,
}

impl DirtyRows {
    /// With one more in it, which an event changed.
    #[must_use]
    pub fn with(self, index: u64, seq: u64) -> Self {
        Self { from: self.from.min(index), to: self.to.max(index), seq: self.seq.max(seq) }
    }

    /// Whether messages from `from` to `to` as of `as_of` are all that there is to know.
    #[must_use]
    pub fn are_told_by(self, asked: Self, as_of: u64) -> bool {
        asked.from <= self.from && self.to <= asked.to && self.seq <= as_of
    }

    /// How many messages it may be.
    #[must_use]
    pub fn span(self) -> u64 {
        self.to - self.from + 1
    }
}

/// A change of `cache.db`. The writes of one effect are one transaction; they may be lost only together with all later ones.
#[derive(Debug, Clone, PartialEq)]
pub enum CacheWrite {
    /// Replaces where the cache stands.
    Meta(Box<CachedMeta>),
    /// Adds or replaces a conversation.
    Conversation(Box<CachedConversation>),
    /// Adds a message, or replaces it unless the one held has a higher `version`. Keyed by conversation and index.
    Message(Box<Message>),
    /// Adds a row of a roster, or replaces it unless the one held has a higher `version`. Keyed by its SID. Tombstones
    /// (`status` not joined) delete the row.
    Participant {
        /// The conversation.
        conversation: ConversationSid,
        /// The row.
        participant: Box<Participant>,
    },
    /// Adds or replaces a profile. Keyed by identity.
    User(Box<User>),
    /// Adds or replaces a draft as the server has it, emptied ones too. Keyed by its conversation, with which it does not go.
    Draft(Box<Draft>),
    /// Adds or replaces a setting, forgotten ones too. Keyed by its key.
    Setting(Box<Setting>),
    /// What is kept of a message beside its row, its pictures and its place in the list of conversations, is in no file
    /// afterwards. Told when it was removed, or may have been while nobody heard of it.
    ForgetMessage {
        /// The conversation.
        conversation: ConversationSid,
        /// The message.
        message: MessageSid,
    },
    /// Deletes the messages of a conversation.
    DropMessages {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// Deletes the roster of a conversation.
    DropRoster {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// Deletes a conversation, its messages and its roster.
    DropConversation {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// Deletes everything.
    DropAll,
}

/// A question to `cache.db`. It sees all writes that were asked for before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CacheRead {
    /// To know the answer by.
    pub id: u64,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Which messages.
    pub place: CachePlace,
    /// At most this many messages.
    pub limit: u32,
    /// The whole roster too.
    pub roster: bool,
}

/// Which messages of the cache are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CachePlace {
    /// The newest ones.
    Newest,
    /// The newest ones with a lower index.
    Before(u64),
    /// The oldest ones with a higher index.
    After(u64),
}

/// The answer to a [`CacheRead`]. Empty when the cache failed.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct CachePage {
    /// Of the question.
    pub id: u64,
    /// Ascending by index, tombstones included.
    pub messages: Vec<Message>,
    /// The cache holds more in the direction that was asked for.
    pub more: bool,
    /// The roster, when it was asked for.
    pub participants: Vec<Participant>,
}

/// What was typed in a conversation and is not acknowledged. Keyed by the conversation.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoredDraft {
    /// The conversation.
    pub conversation: Key,
    /// The text; empty when what the server has was deleted here.
    pub body: String,
}

impl fmt::Debug for StoredDraft {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredDraft").field("conversation", &self.conversation).finish_non_exhaustive()
    }
}

/// A mutation on its way. Keyed by `client_id`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OutboxEntry {
    /// The id under which the server applies it once.
    pub client_id: ClientId,
    /// Place in the order of this device's entries.
    pub order: u64,
    /// When it was asked for.
    pub at: Timestamp,
    /// How far it has come.
    pub state: EntryState,
    /// It waits for a server that has lost its memory to take it again, since so many rounds of ten minutes: what it depends on
    /// may be missing there until others have sent theirs again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_for: Option<u32>,
    /// The epoch of the server that it was last done, sent or acknowledged in. One of another epoch may have lost it, or what it
    /// depends on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub epoch: Option<Epoch>,
    /// What it does.
    pub action: Action,
}

/// A file of a message that is on its way: it lies beside `outbox.db` until the server has had the message for an hour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StagedFile {
    /// Names its upload, and the file in the directory of staged files.
    pub client_id: ClientId,
    /// By what name it will be known: it follows from the upload's.
    pub sid: MediaSid,
    /// Its name, without a path.
    #[serde(default)]
    pub file_name: Option<String>,
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// What its first bytes say that it is, where they say anything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sniffed_type: Option<String>,
    /// How long it is, in bytes.
    pub size: u64,
    /// Width of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

impl StagedFile {
    /// What it is shown as.
    pub(crate) fn kind(&self) -> FileKind {
        FileKind::of(self.sniffed_type.as_deref(), self.width.is_some() && self.height.is_some())
    }
}

/// How far an entry of the outbox has come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum EntryState {
    /// Not yet given to a connection: may still be changed.
    Held,
    /// May have been transmitted: from now on it stays as it is, and is sent again until there is an answer.
    Released,
    /// The server refused it for good, or something that it depends on.
    Refused {
        /// Why.
        problem: Problem,
    },
    /// The server has it. Kept for an hour, should the server lose it.
    Acknowledged {
        /// When the answer came.
        at: Timestamp,
        /// The conversation that it made.
        #[serde(default)]
        made: Option<ConversationSid>,
        /// Rounds of ten minutes that it has been kept since, in step with the server. Counted instead of looking at a clock:
        /// one that is put forward must not make the hour short.
        #[serde(default)]
        rounds: u32,
    },
}

/// A change of `outbox.db`. The writes of one effect are one transaction, on the disk before it is confirmed.
#[derive(Debug, Clone, PartialEq)]
pub enum OutboxWrite {
    /// Adds or replaces an entry.
    Put(Box<OutboxEntry>),
    /// Deletes an entry.
    Delete(ClientId),
    /// Adds or replaces a draft.
    PutDraft(StoredDraft),
    /// Deletes a draft.
    DeleteDraft {
        /// The conversation.
        conversation: Key,
    },
}
