//! Messages, and the log that tells of them.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::event::LogEvent;
use crate::id::{ClientId, ConversationSid, MediaSid, MessageSid, ParticipantSid};
use crate::model::{
    AggregatedReceipt, ChannelMetadata, DeliveryStatus, DetailedReceipt, Message, MessageType,
};

/// Parameters of `message.send`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageSendParams {
    /// Applied once, for ever.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The text; may be blank beside files.
    pub body: String,
    /// One's own files, uploaded whole and in no other message, in the order in which they are shown (attachments ≤ 10).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<MediaSid>,
    /// What it is.
    #[serde(default, rename = "type")]
    pub kind: MessageType,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relates_to: Option<MessageSid>,
    /// Identities that this message calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The device's previous message that has no answer yet: this one is refused (`out_of_order`) until that one stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ClientId>,
}

impl MessageSendParams {
    /// A text, and nothing else.
    #[must_use]
    pub fn new(client_id: ClientId, conversation: ConversationSid, body: impl Into<String>) -> Self {
        Self {
            client_id,
            conversation,
            body: body.into(),
            media: Vec::new(),
            kind: MessageType::Text,
            subject: None,
            attributes: None,
            relates_to: None,
            mentions: Vec::new(),
            after: None,
        }
    }
}

impl std::fmt::Debug for MessageSendParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageSendParams")
            .field("client_id", &self.client_id)
            .field("conversation", &self.conversation)
            .finish_non_exhaustive()
    }
}

/// How a message is named: `{"sid":…}`, or `{"client_id":…}` for one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRef {
    /// By SID.
    Sid(MessageSid),
    /// By the id under which one sent it.
    ClientId(ClientId),
}

/// Parameters of `message.edit`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageEditParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageRef,
    /// The new text; left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// What it is about; empty takes it away, left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Free JSON, replaced as a whole; left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

impl std::fmt::Debug for MessageEditParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageEditParams")
            .field("client_id", &self.client_id)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Parameters of `message.remove`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRemoveParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageRef,
}

/// A message after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageResult {
    /// The message as it stands; its `version` says as of when.
    pub message: Message,
}

/// Parameters of `message.receipts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageReceiptsParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageSid,
    /// Go on after this participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ParticipantSid>,
    /// At most this many participants are looked at (≤ 200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `message.receipts`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageReceiptsResult {
    /// Over all whom it is for.
    pub aggregated: AggregatedReceipt,
    /// One for each of them in this page, by SID; on the first page those who take part by other means come before the others.
    pub receipts: Vec<DetailedReceipt>,
    /// The participant to go on after; null at the end.
    #[serde(default)]
    pub next: Option<ParticipantSid>,
}

/// Parameters of `message.report`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageReportParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageSid,
    /// With whom: somebody who takes part by other means.
    pub participant: ParticipantSid,
    /// How far it has come. What is behind the status that stands changes nothing of it.
    pub status: DeliveryStatus,
    /// The message's name in the other system.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_message_sid: Option<String>,
    /// The other system's number of what went wrong.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_code: Option<u32>,
    /// What the other system says of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel_metadata: Option<ChannelMetadata>,
}

/// Result of `message.report`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageReportResult {
    /// The receipt as it stands.
    pub receipt: DetailedReceipt,
}

/// Where a page lies from its anchor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The anchor is the newest message of the page.
    #[default]
    Backwards,
    /// The anchor is the oldest message of the page.
    Forward,
}

/// Parameters of `message.page`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePageParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// An index, itself included; over gaps the next one in the direction. Left out: the end (backwards) or the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<u64>,
    /// Which way from the anchor.
    #[serde(default)]
    pub direction: Direction,
    /// At most this many (≤ 100, 30 by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `message.page`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagePageResult {
    /// Sequence of the last event of the log when this was read.
    pub as_of: u64,
    /// Ascending by index; removed ones as tombstones.
    pub messages: Vec<Message>,
    /// There are visible ones before the first.
    pub has_older: bool,
    /// There are visible ones after the last.
    pub has_newer: bool,
}

/// Parameters of `event.range`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRangeParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Events with a higher sequence.
    pub after: u64,
    /// At most this many numbers (≤ 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Parameters of `event.replay`: exactly two of `from`, `to` and `count`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventReplayParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The first sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u64>,
    /// The last sequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u64>,
    /// How many, from the first one forwards or from the last one backwards (≤ 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
}

/// Result of `event.replay`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventReplayResult {
    /// First number covered.
    pub from: u64,
    /// Last number covered; less than `from` when there is nothing.
    pub to: u64,
    /// What may be seen, ascending.
    pub events: Vec<LogEvent>,
}

/// Result of `event.range`: covers every number from `from` to `to`, with fewer events where some may not be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRangeResult {
    /// First number covered: `after` + 1.
    pub from: u64,
    /// Last number covered; moves the client's version. Less than `from` when there is nothing.
    pub to: u64,
    /// There is more: ask again after `to`.
    pub more: bool,
    /// The log is longer than is worth replaying: drop what is cached of it and load anew; `to` is its head.
    #[serde(default)]
    pub reset: bool,
    /// What may be seen, ascending.
    pub events: Vec<LogEvent>,
}
