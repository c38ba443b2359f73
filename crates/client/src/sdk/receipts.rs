//! How far a message has come with one participant.

use confab_protocol::id::ReceiptSid;
use confab_protocol::model::{ChannelMetadata, DeliveryStatus, DetailedReceipt};
use confab_protocol::{ConversationSid, MessageSid, ParticipantSid, Timestamp};

use super::Message;

/// How far a message has come with one participant: of the workspace, as far as their horizon says; of those who take part by other
/// means, as far as was reported.
#[derive(Debug, Clone, PartialEq)]
pub struct DetailedDeliveryReceipt {
    /// Its identifier.
    pub sid: ReceiptSid,
    /// The message.
    pub message_sid: MessageSid,
    /// The conversation.
    pub conversation_sid: ConversationSid,
    /// The participant.
    pub participant_sid: ParticipantSid,
    /// The participant's identity; none for whoever takes part by other means.
    pub identity: Option<String>,
    /// How far it has come.
    pub status: DeliveryStatus,
    /// The message's name in the other system.
    pub channel_message_sid: Option<String>,
    /// The other system's number of what went wrong; 0 when nothing did.
    pub error_code: u32,
    /// What the other system says of it.
    pub channel_metadata: Option<ChannelMetadata>,
    /// When it was first known of.
    pub date_created: Timestamp,
    /// When it came so far.
    pub date_updated: Timestamp,
}

impl DetailedDeliveryReceipt {
    pub(super) fn new(message: &Message, row: DetailedReceipt) -> Self {
        Self {
            sid: row.sid,
            message_sid: message.sid(),
            conversation_sid: message.conversation().sid(),
            participant_sid: row.participant,
            identity: row.identity,
            status: row.status,
            channel_message_sid: row.channel_message_sid,
            error_code: row.error_code,
            channel_metadata: row.channel_metadata,
            date_created: row.date_created,
            date_updated: row.date_updated,
        }
    }
}
