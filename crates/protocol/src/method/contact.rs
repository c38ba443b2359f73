//! Participants who are no users of the workspace.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ClientId, ConversationSid, ParticipantSid};
use crate::model::NonChatParticipant;

/// Parameters of `participant.add_non_chat`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct NonChatAddParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// By what means: 1 to 32 of `a-z` and `_`, not `chat`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Their address there.
    pub address: String,
    /// The address of ours that they write to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxy_address: Option<String>,
    /// What they are called there (≤ 256 characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// How they take part there, as `to` or `cc` of e-mail: 1 to 32 of `a-z` and `_`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<String>,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

impl std::fmt::Debug for NonChatAddParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NonChatAddParams")
            .field("client_id", &self.client_id)
            .field("conversation", &self.conversation)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// Parameters of `participant.update_non_chat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonChatUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whose record.
    pub participant: ParticipantSid,
    /// Free JSON, replaced as a whole.
    pub attributes: Value,
}

/// Parameters of `participant.remove_non_chat`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct NonChatRemoveParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whose record.
    pub participant: ParticipantSid,
}

/// A record after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonChatResult {
    /// The record as it stands.
    pub participant: NonChatParticipant,
}

/// Result of `participant.list_non_chat`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NonChatListResult {
    /// Sequence of the last event of the log when this was read.
    pub as_of: u64,
    /// By SID; at most 50.
    pub participants: Vec<NonChatParticipant>,
}
