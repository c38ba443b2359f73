//! Conversations, as lists, one by one, and one's own row for each.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ClientId, ConversationSid, Epoch};
use crate::model::{
    Conversation, ConversationState, ConversationSummary, NotificationLevel, Role, StatePage, Timers,
    UserConversation,
};

/// Parameters of `conversation.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationListParams {
    /// Go on after the page whose answer said this.
    #[serde(default)]
    pub after: Option<String>,
    /// At most this many (≤ 50).
    #[serde(default)]
    pub limit: Option<u32>,
    /// Drafts and settings are held up to this version of one's own state; left out: none are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_version: Option<u64>,
}

/// Result of `conversation.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationListResult {
    /// The epoch of everything here.
    pub epoch: Epoch,
    /// A cursor for `resume` as of this page; the first page's is the one to keep.
    pub cursor: u64,
    /// The user's state version when this was read.
    pub state_version: u64,
    /// Newest activity first.
    pub summaries: Vec<ConversationSummary>,
    /// What to pass as `after` for the next page; null at the end.
    #[serde(default)]
    pub next: Option<String>,
    /// Drafts and settings that changed, when a `state_version` was passed. What does not fit comes with `resume`.
    #[serde(flatten)]
    pub state: StatePage,
}

/// Parameters that name a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationParams {
    /// The conversation.
    pub conversation: ConversationSid,
}

/// Parameters of `conversation.get`: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGetParams {
    /// By SID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationSid>,
    /// By unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
}

/// A conversation as the asker may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationResult {
    /// Conversation, own row and last message, each with its version.
    pub summary: ConversationSummary,
}

/// Parameters of `conversation.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationCreateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// A name unique in the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// Participants see only what was posted while they were in it.
    #[serde(default)]
    pub uber: bool,
    /// Of exactly two people, the maker and one other, for ever. When they have one already, that is the answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub direct: bool,
    /// Whoever knows its SID may join.
    #[serde(default, skip_serializing_if = "is_false")]
    pub public_join: bool,
    /// Who is in it from the beginning besides its maker (≤ 100); named twice counts once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub participants: Vec<InitialParticipant>,
    /// `active` or `inactive`; left out: active.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ConversationState>,
    /// When it changes its state by itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timers: Option<Timers>,
}

impl ConversationCreateParams {
    /// A conversation without a name, of its maker alone.
    #[must_use]
    pub fn new(client_id: ClientId) -> Self {
        Self {
            client_id,
            friendly_name: None,
            unique_name: None,
            attributes: None,
            uber: false,
            direct: false,
            public_join: false,
            participants: Vec::new(),
            state: None,
            timers: None,
        }
    }
}

/// Somebody who is in a conversation from its beginning.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InitialParticipant {
    /// Who; compared without regard to case.
    pub identity: String,
    /// Role in the conversation.
    #[serde(default)]
    pub role: Role,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes what it looks at by reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

/// Parameters of `conversation.update`; fields left out stay as they are, null or "" clears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The name that people see.
    #[serde(default, with = "patch", skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<Option<String>>,
    /// A name unique in the workspace.
    #[serde(default, with = "patch", skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<Option<String>>,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// Whether whoever knows its SID may join.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_join: Option<bool>,
    /// Where it stands in its life; `closed` is for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<ConversationState>,
    /// When it changes its state by itself, replaced as a whole: `{}` ends both timers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timers: Option<Timers>,
}

impl ConversationUpdateParams {
    /// Everything stays as it is.
    #[must_use]
    pub fn new(client_id: ClientId, conversation: ConversationSid) -> Self {
        Self {
            client_id,
            conversation,
            friendly_name: None,
            unique_name: None,
            attributes: None,
            public_join: None,
            state: None,
            timers: None,
        }
    }
}

/// A field that may be left out (outer `None`) or null (inner `None`).
mod patch {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::option_option, reason = "left out and null are two things here")]
    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(to)
    }

    #[expect(clippy::option_option, reason = "left out and null are two things here")]
    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::deserialize(from).map(Some)
    }
}

/// Parameters of `conversation.get_many`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGetManyParams {
    /// Conversations (≤ 30).
    pub conversations: Vec<ConversationSid>,
}

/// Result of `conversation.get_many`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationGetManyResult {
    /// One for each conversation asked for that one is or was in.
    pub summaries: Vec<ConversationSummary>,
}

/// Result of `conversation.peek`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationPeekResult {
    /// The conversation, without its messages.
    pub conversation: Conversation,
}

/// Parameters of what comes in pages by SID.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationPageParams {
    /// Go on after this conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ConversationSid>,
    /// At most this many (≤ 50).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `conversation.list_public`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationListPublicResult {
    /// By SID.
    pub conversations: Vec<Conversation>,
    /// There is more: go on after the last one.
    pub more: bool,
}

/// Result of `conversation.list_left`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationListLeftResult {
    /// One's own rows, by the SID of the conversation.
    pub left: Vec<UserConversation>,
    /// There is more: go on after the last one.
    pub more: bool,
}

/// Result of `conversation.counts`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationCountsResult {
    /// Sequence of the last event of the log when this was counted.
    pub as_of: u64,
    /// Live messages that one may see.
    pub messages: u64,
    /// Participants.
    pub participants: u64,
}

/// Parameters of `conversation.join`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationJoinParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
}

/// Parameters of `conversation.delete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationDeleteParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
}

/// Parameters of `conversation.set_notification_level`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotificationLevelParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The level.
    pub level: NotificationLevel,
}

/// One's own row after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateResult {
    /// The row as it stands.
    pub me: UserConversation,
}
