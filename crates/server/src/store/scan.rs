//! Walks over whole tables on SQLite. Keys are compared as rows, so that each page begins where the one before ended.

use std::borrow::Borrow;

use confab_domain::row::{
    ConversationRow, CounterRow, DraftRow, EventRow, IntervalRow, MediaRow, MembershipRow, MentionRow,
    MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow, SettingRow, UserRow,
};
use confab_domain::{Scan, StoreResult};
use rusqlite::{Connection, params};
use uuid::Uuid;

use super::codec::{self, int, limit};
use super::{SqliteTx, sql};

/// The bytes of an identifier; before the first row none, which come before all others.
fn bytes<R>(after: Option<&R>, id: impl FnOnce(&R) -> &Uuid) -> &[u8] {
    after.map_or(&[], |row| id(row).as_bytes())
}

/// A number of a key; before the first row one that comes before all others.
fn number<R>(after: Option<&R>, number: impl FnOnce(&R) -> u64) -> i64 {
    after.map_or(-1, |row| int(number(row)))
}

impl<C: Borrow<Connection>> Scan for SqliteTx<C> {
    fn scan_users(&self, after: Option<&UserRow>, rows: usize) -> StoreResult<Vec<UserRow>> {
        let key = params![self.workspace, bytes(after, |row| &row.sid.0), limit(rows)];
        self.many(sql::USERS, key, codec::user)
    }

    fn scan_conversations(
        &self,
        after: Option<&ConversationRow>,
        rows: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        let key = params![self.workspace, bytes(after, |row| &row.sid.0), limit(rows)];
        self.many(sql::SCAN_CONVERSATIONS, key, codec::conversation)
    }

    fn scan_events(&self, after: Option<&EventRow>, rows: usize) -> StoreResult<Vec<EventRow>> {
        let (conversation, seq) = (bytes(after, |row| &row.conversation.0), number(after, |row| row.seq));
        self.many(sql::SCAN_EVENTS, params![self.workspace, conversation, seq, limit(rows)], codec::event)
    }

    fn scan_messages(&self, after: Option<&MessageRow>, rows: usize) -> StoreResult<Vec<MessageRow>> {
        let (conversation, index) = (bytes(after, |row| &row.conversation.0), number(after, |row| row.index));
        self.many(
            sql::SCAN_MESSAGES,
            params![self.workspace, conversation, index, limit(rows)],
            codec::message,
        )
    }

    fn scan_mentions(&self, after: Option<&MentionRow>, rows: usize) -> StoreResult<Vec<MentionRow>> {
        let (conversation, index) = (bytes(after, |row| &row.conversation.0), number(after, |row| row.index));
        let key = params![self.workspace, conversation, index, bytes(after, |row| &row.user.0), limit(rows)];
        self.many(sql::SCAN_MENTIONS, key, codec::mention)
    }

    fn scan_counters(&self, after: Option<&CounterRow>, rows: usize) -> StoreResult<Vec<CounterRow>> {
        let conversation = bytes(after, |row| &row.conversation.0);
        let (code, user) = after.map_or((-1, &[][..]), |row| codec::counted(&row.counted));
        let (size, block) = (number(after, |row| row.size.messages()), number(after, |row| row.block));
        let key = params![self.workspace, conversation, code, user, size, block, limit(rows)];
        self.many(sql::SCAN_COUNTERS, key, codec::counter)
    }

    fn scan_participants(
        &self,
        after: Option<&ParticipantRow>,
        rows: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let (conversation, sid) = (bytes(after, |row| &row.conversation.0), bytes(after, |row| &row.sid.0));
        let key = params![self.workspace, conversation, sid, limit(rows)];
        self.many(sql::SCAN_PARTICIPANTS, key, codec::participant)
    }

    fn scan_non_chat(&self, after: Option<&NonChatRow>, rows: usize) -> StoreResult<Vec<NonChatRow>> {
        let (conversation, sid) = (bytes(after, |row| &row.conversation.0), bytes(after, |row| &row.sid.0));
        let key = params![self.workspace, conversation, sid, limit(rows)];
        self.many(sql::SCAN_NON_CHAT, key, codec::non_chat)
    }

    fn scan_receipts(&self, after: Option<&ReceiptRow>, rows: usize) -> StoreResult<Vec<ReceiptRow>> {
        let (conversation, index) = (bytes(after, |row| &row.conversation.0), number(after, |row| row.index));
        let participant = bytes(after, |row| &row.participant.0);
        let key = params![self.workspace, conversation, index, participant, limit(rows)];
        self.many(sql::SCAN_RECEIPTS, key, codec::receipt)
    }

    fn scan_memberships(
        &self,
        after: Option<&MembershipRow>,
        rows: usize,
    ) -> StoreResult<Vec<MembershipRow>> {
        let (user, conversation) = (bytes(after, |row| &row.user.0), bytes(after, |row| &row.conversation.0));
        let key = params![self.workspace, user, conversation, limit(rows)];
        self.many(sql::SCAN_MEMBERSHIPS, key, codec::membership)
    }

    fn scan_drafts(&self, after: Option<&DraftRow>, rows: usize) -> StoreResult<Vec<DraftRow>> {
        let (user, conversation) = (bytes(after, |row| &row.user.0), bytes(after, |row| &row.conversation.0));
        self.many(sql::SCAN_DRAFTS, params![self.workspace, user, conversation, limit(rows)], codec::draft)
    }

    fn scan_settings(&self, after: Option<&SettingRow>, rows: usize) -> StoreResult<Vec<SettingRow>> {
        let (user, key) = (bytes(after, |row| &row.user.0), after.map_or("", |row| &row.key));
        self.many(sql::SCAN_SETTINGS, params![self.workspace, user, key, limit(rows)], codec::setting)
    }

    fn scan_intervals(&self, after: Option<&IntervalRow>, rows: usize) -> StoreResult<Vec<IntervalRow>> {
        let (user, conversation) = (bytes(after, |row| &row.user.0), bytes(after, |row| &row.conversation.0));
        let joined = number(after, |row| row.joined_seq);
        let key = params![self.workspace, user, conversation, joined, limit(rows)];
        self.many(sql::SCAN_INTERVALS, key, codec::interval)
    }

    fn scan_media(&self, after: Option<&MediaRow>, rows: usize) -> StoreResult<Vec<MediaRow>> {
        let key = params![self.workspace, bytes(after, |row| &row.sid.0), limit(rows)];
        self.many(sql::SCAN_MEDIA, key, codec::media)
    }

    fn scan_outcomes(&self, after: Option<&OutcomeRow>, rows: usize) -> StoreResult<Vec<OutcomeRow>> {
        let (user, client_id) = (bytes(after, |row| &row.user.0), bytes(after, |row| &row.client_id.0));
        let key = params![self.workspace, user, client_id, limit(rows)];
        self.many(sql::SCAN_OUTCOMES, key, codec::outcome)
    }
}
