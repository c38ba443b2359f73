//! Messages, and what was done under an id.

use confab_protocol::model::{Media, MessageType};
use confab_protocol::{ClientId, ConversationSid, MessageSid, ParticipantSid, Timestamp, UserSid};
use uuid::Uuid;

use super::{Hash, Json};
use crate::store::{BlockSize, Counted};

/// A message. Keyed by conversation and `index`; unique by `sid`, and by `user` and `client_id`.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Its conversation.
    pub conversation: ConversationSid,
    /// Its place, from 0; never reused.
    pub index: u64,
    /// Its identifier.
    pub sid: MessageSid,
    /// The id under which its author sent it.
    pub client_id: ClientId,
    /// Hash of the parameters it was sent with.
    pub payload_hash: Hash,
    /// The author.
    pub user: UserSid,
    /// The author's identity, or the address of whoever takes part by other means, for whom the user spoke.
    pub author: String,
    /// The author's participation; none when the author was not in it and a program wrote for them.
    pub participant: Option<ParticipantSid>,
    /// What it is.
    pub kind: MessageType,
    /// What it is about; none when nothing was said, or when removed.
    pub subject: Option<String>,
    /// The text; none when removed.
    pub body: Option<String>,
    /// Its files as they were when it was posted, when they were whole: they do not change.
    pub media: Vec<Media>,
    /// Free JSON.
    pub attributes: Json,
    /// The message that this one answers.
    pub relates_to: Option<MessageSid>,
    /// Identities that it calls; all of them were participants when it was posted.
    pub mentions: Vec<String>,
    /// When it was posted.
    pub date_created: Timestamp,
    /// When it was last edited or removed.
    pub date_updated: Timestamp,
    /// Who last edited it.
    pub last_updated_by: Option<String>,
    /// Only the envelope is left.
    pub removed: bool,
    /// Sequence of the event that added it.
    pub seq: u64,
    /// Sequence of the event that last changed it.
    pub version: u64,
}

impl std::fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRow")
            .field("sid", &self.sid)
            .field("index", &self.index)
            .field("author", &self.author)
            .field("removed", &self.removed)
            .field("seq", &self.seq)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// That a live message mentions a user. Keyed by all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MentionRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub index: u64,
    /// Who is mentioned.
    pub user: UserSid,
}

/// The counter of one block of messages. Keyed by all but `live`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CounterRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// What is counted.
    pub counted: Counted,
    /// Messages of the block.
    pub size: BlockSize,
    /// Number of the block.
    pub block: u64,
    /// How many live messages it counts.
    pub live: u64,
}

/// That a mutation was applied. Keyed by `user` and `client_id`. Holds no content: an answer is read from its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Whose mutation.
    pub user: UserSid,
    /// Its id.
    pub client_id: ClientId,
    /// Its method.
    pub method: String,
    /// Hash of its parameters.
    pub payload_hash: Hash,
    /// What it made or changed.
    pub subject: Uuid,
    /// When.
    pub at: Timestamp,
}

/// What was done under a `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A message was sent.
    Message(Box<MessageRow>),
    /// Something else was done.
    Outcome(OutcomeRow),
}
