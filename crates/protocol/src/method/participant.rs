//! Rosters.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ClientId, ConversationSid, ParticipantSid, RoleSid};
use crate::model::{Participant, ParticipantFlags, Role};

/// Parameters of `participant.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantListParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Only rows whose version is newer; tombstones included. Left out: all who are in it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_version: Option<u64>,
    /// Go on after this participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ParticipantSid>,
    /// At most this many (≤ 200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `participant.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantListResult {
    /// The roster's version when this was read.
    pub as_of: u64,
    /// By SID, or by version when `after_version` was given.
    pub participants: Vec<Participant>,
    /// There is more: go on after the last SID, or after the last version.
    pub more: bool,
}

/// Parameters of `participant.add`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantAddParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whom to add; compared without regard to case.
    pub identity: String,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

/// Parameters of `participant.update`: exactly one of `participant` and `identity`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// By SID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantSid>,
    /// By identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// The role in this conversation, a built-in one; ends flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
    /// The role by its identifier, in place of `role`; ends flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_sid: Option<RoleSid>,
    /// Decide what they stand for from now on, whatever the role says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<ParticipantFlags>,
}

impl ParticipantUpdateParams {
    /// Nothing changes, of nobody.
    #[must_use]
    pub fn new(client_id: ClientId, conversation: ConversationSid) -> Self {
        Self {
            client_id,
            conversation,
            participant: None,
            identity: None,
            attributes: None,
            role: None,
            role_sid: None,
            flags: None,
        }
    }
}

/// Parameters of `participant.remove`: exactly one of `participant` and `identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantRemoveParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// By SID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantSid>,
    /// By identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// A roster row after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantResult {
    /// The row as it stands.
    pub participant: Participant,
}
