//! How far a message has come.

use serde::{Deserialize, Serialize};

use crate::id::{ParticipantSid, Timestamp};

/// How many of those whom a message is for are so far with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryAmount {
    /// Nobody.
    #[default]
    None,
    /// Somebody, but not everybody.
    Some,
    /// Everybody.
    All,
    /// An amount that this version does not know.
    #[serde(other)]
    Unknown,
}

/// How far a message has come, over all whom it is for. Each further state counts for those before it, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct AggregatedReceipt {
    /// Whom it is for: participants who may see it, its author not counted.
    pub total: u64,
    /// It stands in the conversation.
    pub sent: DeliveryAmount,
    /// It has reached them. Of participants of the workspace it is known by their having read.
    pub delivered: DeliveryAmount,
    /// They have read up to it.
    pub read: DeliveryAmount,
    /// It could not be delivered; never of participants of the workspace.
    pub undelivered: DeliveryAmount,
    /// It failed; never of participants of the workspace.
    pub failed: DeliveryAmount,
}

/// How far a message has come with one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It stands in the conversation.
    Sent,
    /// It was read.
    Read,
    /// A status that this version does not know.
    #[serde(other)]
    Unknown,
}

/// How far a message has come with one participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DetailedReceipt {
    /// The participant.
    pub participant: ParticipantSid,
    /// Their identity.
    pub identity: String,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// When it stood, or when the participant last moved the horizon past it.
    pub date_updated: Timestamp,
}
