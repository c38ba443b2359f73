//! What was reported of copies of messages outside the workspace.

use confab_protocol::model::DeliveryStatus;
use confab_protocol::{ConversationSid, ParticipantSid, Timestamp};

use super::Json;

/// How far one message has come with somebody who takes part by other means. Keyed by conversation, index and participant; gone
/// with the message.
#[derive(Clone, PartialEq, Eq)]
pub struct ReceiptRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub index: u64,
    /// With whom; their record may be gone.
    pub participant: ParticipantSid,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// The message's name in the other system.
    pub channel_message_sid: Option<String>,
    /// The other system's number of what went wrong; 0 when nothing did.
    pub error_code: u32,
    /// What the other system says of it: a `ChannelMetadata`.
    pub channel_metadata: Option<Json>,
    /// When it was first reported.
    pub date_created: Timestamp,
    /// When it last changed.
    pub date_updated: Timestamp,
}

impl std::fmt::Debug for ReceiptRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ReceiptRow")
            .field("conversation", &self.conversation)
            .field("index", &self.index)
            .field("participant", &self.participant)
            .field("status", &self.status)
            .finish_non_exhaustive()
    }
}
