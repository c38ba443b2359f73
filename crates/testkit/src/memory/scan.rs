//! Walks over the maps.

use std::ops::Bound;

use confab_domain::row::{
    ConversationRow, CounterRow, DraftRow, EventRow, IntervalRow, MediaRow, MembershipRow, MentionRow,
    MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow, SettingRow, UserRow,
};
use confab_domain::{Scan, StoreResult};

use super::table::Table;
use super::{BlockKey, MemoryStore};

/// A page of a map whose order is that of the walk.
fn page<K: Ord + Clone + std::fmt::Debug, V: Clone, R>(
    table: &Table<K, V>,
    after: Option<K>,
    limit: usize,
    row: impl Fn((&K, &V)) -> R,
) -> StoreResult<Vec<R>> {
    let start = after.map_or(Bound::Unbounded, Bound::Excluded);
    Ok(table.range((start, Bound::Unbounded)).take(limit).map(row).collect())
}

impl Scan for MemoryStore {
    fn scan_users(&self, after: Option<&UserRow>, limit: usize) -> StoreResult<Vec<UserRow>> {
        page(&self.users, after.map(|row| row.sid), limit, |(_, row)| row.clone())
    }

    fn scan_conversations(
        &self,
        after: Option<&ConversationRow>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        page(&self.conversations, after.map(|row| row.sid), limit, |(_, row)| row.clone())
    }

    fn scan_events(&self, after: Option<&EventRow>, limit: usize) -> StoreResult<Vec<EventRow>> {
        page(&self.events, after.map(|row| (row.conversation, row.seq)), limit, |(_, row)| row.clone())
    }

    fn scan_messages(&self, after: Option<&MessageRow>, limit: usize) -> StoreResult<Vec<MessageRow>> {
        page(&self.messages, after.map(|row| (row.conversation, row.index)), limit, |(_, row)| row.clone())
    }

    fn scan_mentions(&self, after: Option<&MentionRow>, limit: usize) -> StoreResult<Vec<MentionRow>> {
        let after = after.map(|row| (row.conversation, row.index, row.user));
        page(&self.mentions, after, limit, |(&(conversation, index, user), ())| MentionRow {
            conversation,
            index,
            user,
        })
    }

    fn scan_counters(&self, after: Option<&CounterRow>, limit: usize) -> StoreResult<Vec<CounterRow>> {
        let key = |row: &CounterRow| {
            let CounterRow { conversation, counted, size, block, .. } = *row;
            BlockKey { conversation, counted, size, block }
        };
        page(&self.blocks, after.map(key), limit, |(key, &live)| {
            let BlockKey { conversation, counted, size, block } = *key;
            CounterRow { conversation, counted, size, block, live }
        })
    }

    fn scan_participants(
        &self,
        after: Option<&ParticipantRow>,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let after = after.map(|row| (row.conversation, row.sid));
        page(&self.participants, after, limit, |(_, row)| match self.users.get(&row.user) {
            Some(_) => self.with_profile(row),
            None => ParticipantRow { identity: String::new(), profile_version: 0, ..row.clone() },
        })
    }

    fn scan_non_chat(&self, after: Option<&NonChatRow>, limit: usize) -> StoreResult<Vec<NonChatRow>> {
        page(&self.non_chat, after.map(|row| (row.conversation, row.sid)), limit, |(_, row)| row.clone())
    }

    fn scan_receipts(&self, after: Option<&ReceiptRow>, limit: usize) -> StoreResult<Vec<ReceiptRow>> {
        let key = |row: &ReceiptRow| (row.conversation, row.index, row.participant);
        page(&self.receipts, after.map(key), limit, |(_, row)| row.clone())
    }

    fn scan_memberships(
        &self,
        after: Option<&MembershipRow>,
        limit: usize,
    ) -> StoreResult<Vec<MembershipRow>> {
        page(&self.memberships, after.map(|row| (row.user, row.conversation)), limit, |(_, row)| row.clone())
    }

    fn scan_drafts(&self, after: Option<&DraftRow>, limit: usize) -> StoreResult<Vec<DraftRow>> {
        page(&self.drafts, after.map(|row| (row.user, row.conversation)), limit, |(_, row)| row.clone())
    }

    fn scan_settings(&self, after: Option<&SettingRow>, limit: usize) -> StoreResult<Vec<SettingRow>> {
        page(&self.settings, after.map(|row| (row.user, row.key.clone())), limit, |(_, row)| row.clone())
    }

    fn scan_intervals(&self, after: Option<&IntervalRow>, limit: usize) -> StoreResult<Vec<IntervalRow>> {
        let key = |row: &IntervalRow| (row.user, row.conversation, row.joined_seq);
        let after = after.map(key);
        let mut rows: Vec<IntervalRow> =
            self.intervals.values().filter(|row| Some(key(row)) > after).copied().collect();
        rows.sort_by_key(key);
        rows.truncate(limit);
        Ok(rows)
    }

    fn scan_media(&self, after: Option<&MediaRow>, limit: usize) -> StoreResult<Vec<MediaRow>> {
        page(&self.media, after.map(|row| row.sid), limit, |(_, row)| row.clone())
    }

    fn scan_outcomes(&self, after: Option<&OutcomeRow>, limit: usize) -> StoreResult<Vec<OutcomeRow>> {
        page(&self.outcomes, after.map(|row| (row.user, row.client_id)), limit, |(_, row)| row.clone())
    }
}
