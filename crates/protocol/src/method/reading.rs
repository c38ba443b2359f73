//! What was read, and what was not.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, ConversationSid};
use crate::model::{Unread, UserConversation};

/// How a horizon moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonMode {
    /// Forward only; a lower index changes nothing.
    Advance,
    /// To any place, also back; refused changes of a stale device change nothing.
    Set,
}

/// Parameters of `horizon.set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HorizonSetParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The index; null with `set`: all unread.
    #[serde(default)]
    pub index: Option<u64>,
    /// In place of the index the sequence of an event (Voximplant's way); 0 with `set`: all unread.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
    /// Forward only, or anywhere.
    pub mode: HorizonMode,
    /// Version of the own row that the wish is based on: an `advance` based on a row from before a `set` is ignored.
    pub based_on: u64,
}

/// Result of `horizon.set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonResult {
    /// The own row as it stands.
    pub me: UserConversation,
}

/// Parameters of `unread.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadGetParams {
    /// Conversations (≤ 50).
    pub conversations: Vec<ConversationSid>,
}

/// Counts of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Horizon and counts.
    #[serde(flatten)]
    pub unread: Unread,
}

/// Result of `unread.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadGetResult {
    /// One row for each conversation asked for that one is in.
    pub rows: Vec<UnreadRow>,
}
