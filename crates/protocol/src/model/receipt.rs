//! How far a message has come.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ParticipantSid, ReceiptSid, Timestamp};

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
    /// Whom it is for: participants who may see it, its author not counted, and those who take part by other means.
    pub total: u64,
    /// It stands in the conversation.
    pub sent: DeliveryAmount,
    /// It has reached them. Of participants of the workspace it is known by their having read.
    pub delivered: DeliveryAmount,
    /// They have read up to it.
    pub read: DeliveryAmount,
    /// It could not be delivered; only ever of those who take part by other means.
    pub undelivered: DeliveryAmount,
    /// It failed; only ever of those who take part by other means.
    pub failed: DeliveryAmount,
}

/// How far a message has come with one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryStatus {
    /// It waits for whoever carries it out of the workspace.
    Queued,
    /// It stands in the conversation; of somebody who takes part by other means: it was passed on.
    Sent,
    /// It has arrived with somebody who takes part by other means.
    Delivered,
    /// It was read.
    Read,
    /// It was passed on and did not arrive.
    Undelivered,
    /// It could not be passed on.
    Failed,
    /// A status that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What another system says of a message that came from there or went there.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ChannelMetadata {
    /// What kind of system: `whatsapp`, or what a connector calls its own.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it says; free JSON.
    pub data: Value,
}

impl std::fmt::Debug for ChannelMetadata {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChannelMetadata").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// How far a message has come with one participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DetailedReceipt {
    /// Its identifier, which follows from message and participant.
    pub sid: ReceiptSid,
    /// The participant.
    pub participant: ParticipantSid,
    /// Their identity; null for whoever takes part by other means.
    #[serde(default)]
    pub identity: Option<String>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// The message's name in the other system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_message_sid: Option<String>,
    /// The other system's number of what went wrong; 0 when nothing did.
    #[serde(default)]
    pub error_code: u32,
    /// What the other system says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_metadata: Option<ChannelMetadata>,
    /// When it was first known of.
    pub date_created: Timestamp,
    /// When its status was reached: when the message stood, when the participant last moved the horizon past it, or when it was
    /// reported.
    pub date_updated: Timestamp,
}
