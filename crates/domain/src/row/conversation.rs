//! Conversations and their logs.

use confab_protocol::model::ConversationState;
use confab_protocol::{ConversationSid, DeviceSid, Timestamp};
use uuid::Uuid;

use super::Json;

/// A conversation. Unique by `unique_name` where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// Its identifier.
    pub sid: ConversationSid,
    /// The name that people see.
    pub friendly_name: Option<String>,
    /// A name unique in the workspace.
    pub unique_name: Option<String>,
    /// Free JSON.
    pub attributes: Json,
    /// Identity of who made it.
    pub created_by: String,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it last changed, messages not counted.
    pub date_updated: Timestamp,
    /// Where it stands in its life.
    pub state: ConversationState,
    /// When that last changed; the making of it counts.
    pub state_at: Timestamp,
    /// When it changes its state by itself.
    pub timers: TimersRow,
    /// Not before this is its state to be looked at again; none: nothing changes by itself. A message moves what is due, and
    /// this follows when it is looked at: see [`crate::timers`].
    pub state_due: Option<Timestamp>,
    /// When it was deleted for everyone; none while it stands.
    pub deleted_at: Option<Timestamp>,
    /// From which index on messages of a deleted conversation have still to be emptied; none: nothing has.
    pub erase_from: Option<u64>,
    /// Exactly two people, for ever: its identifier is that of the pair.
    pub direct: bool,
    /// Whoever knows its SID may join.
    pub public_join: bool,
    /// Participants see only what was posted while they were in it.
    pub uber: bool,
    /// What changes with every message.
    pub head: HeadRow,
}

/// After how many milliseconds a conversation changes its state by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TimersRow {
    /// From active to inactive, without a message.
    pub inactive: Option<u64>,
    /// From inactive to closed.
    pub closed: Option<u64>,
}

/// The counters of a conversation; a part of its row, written alone by `Tx::update_head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeadRow {
    /// Sequence of the last event of the log.
    pub last_seq: u64,
    /// Version of the last change of the roster.
    pub roster_version: u64,
    /// Index of the next message.
    pub next_index: u64,
    /// When the newest message there ever was was posted; none without messages.
    pub last_message_at: Option<Timestamp>,
    /// How many participants there are.
    pub participants_count: u64,
    /// Commit of the last message, or of the making: orders conversations by activity. Unique in a workspace.
    pub activity: u64,
    /// Commit of the last change of log or roster. Unique in a workspace.
    pub moved: u64,
}

/// What a log event tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// The conversation was made.
    ConversationCreated,
    /// Fields of the conversation changed.
    ConversationUpdated,
    /// Someone came in.
    ParticipantJoined,
    /// Someone left or was removed.
    ParticipantLeft,
    /// A message was posted.
    MessageAdded,
    /// A message was edited.
    MessageEdited,
    /// A message was removed.
    MessageRemoved,
    /// The conversation was deleted.
    ConversationDeleted,
}

impl EventKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 8] = [
        Self::ConversationCreated,
        Self::ConversationUpdated,
        Self::ParticipantJoined,
        Self::ParticipantLeft,
        Self::MessageAdded,
        Self::MessageEdited,
        Self::MessageRemoved,
        Self::ConversationDeleted,
    ];

    /// A number to store it as, from 1; never reused.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The kind that a number stands for.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One event of a conversation's log, without content. Keyed by conversation and `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// What it tells of.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// Identity of who did it.
    pub actor: Option<String>,
    /// The actor's device.
    pub device: Option<DeviceSid>,
    /// Names of the fields that changed.
    pub changed: Vec<String>,
    /// The conversation, participant or message that it tells of, by `kind`.
    pub subject: Uuid,
}
