//! What the verification asks of a store beside [`Read`]: every row of a table in pages, by its key.

use crate::row::{
    ConversationRow, CounterRow, DraftRow, EventRow, IntervalRow, MediaRow, MembershipRow, MentionRow,
    MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow, SettingRow, UserRow,
};
use crate::store::{Read, StoreResult};

/// Walks over whole tables of the workspace. Each page holds the rows behind `after`, at most `limit`; the first page is that
/// of none. A row whose other parts are missing, such as its conversation or its user, is given all the same.
pub trait Scan: Read {
    /// Users, by SID.
    fn scan_users(&self, after: Option<&UserRow>, limit: usize) -> StoreResult<Vec<UserRow>>;
    /// Conversations, by SID.
    fn scan_conversations(
        &self,
        after: Option<&ConversationRow>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>>;
    /// Events, by conversation and `seq`.
    fn scan_events(&self, after: Option<&EventRow>, limit: usize) -> StoreResult<Vec<EventRow>>;
    /// Messages, tombstones too, by conversation and `index`.
    fn scan_messages(&self, after: Option<&MessageRow>, limit: usize) -> StoreResult<Vec<MessageRow>>;
    /// Mentions, by conversation, `index` and user.
    fn scan_mentions(&self, after: Option<&MentionRow>, limit: usize) -> StoreResult<Vec<MentionRow>>;
    /// Counters, by conversation, what is counted, size and block.
    fn scan_counters(&self, after: Option<&CounterRow>, limit: usize) -> StoreResult<Vec<CounterRow>>;
    /// Rows of rosters, tombstones too, by conversation and SID. Without their user they come with an empty identity.
    fn scan_participants(
        &self,
        after: Option<&ParticipantRow>,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>>;
    /// Those who take part by other means, by conversation and SID.
    fn scan_non_chat(&self, after: Option<&NonChatRow>, limit: usize) -> StoreResult<Vec<NonChatRow>>;
    /// What was reported of copies of messages, by conversation, `index` and participant.
    fn scan_receipts(&self, after: Option<&ReceiptRow>, limit: usize) -> StoreResult<Vec<ReceiptRow>>;
    /// Own rows, by user and conversation.
    fn scan_memberships(
        &self,
        after: Option<&MembershipRow>,
        limit: usize,
    ) -> StoreResult<Vec<MembershipRow>>;
    /// Drafts, emptied ones too, by user and conversation.
    fn scan_drafts(&self, after: Option<&DraftRow>, limit: usize) -> StoreResult<Vec<DraftRow>>;
    /// Settings, forgotten ones too, by user and key.
    fn scan_settings(&self, after: Option<&SettingRow>, limit: usize) -> StoreResult<Vec<SettingRow>>;
    /// Intervals, by user, conversation and `joined_seq`.
    fn scan_intervals(&self, after: Option<&IntervalRow>, limit: usize) -> StoreResult<Vec<IntervalRow>>;
    /// Files, by SID.
    fn scan_media(&self, after: Option<&MediaRow>, limit: usize) -> StoreResult<Vec<MediaRow>>;
    /// Outcomes, by user and `client_id`.
    fn scan_outcomes(&self, after: Option<&OutcomeRow>, limit: usize) -> StoreResult<Vec<OutcomeRow>>;
}
