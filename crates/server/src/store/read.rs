//! The rules' look-ups on SQLite, inside whatever transaction its connection is in.

use std::borrow::Borrow;
use std::cell::Cell;
use std::ops::Range;

use confab_domain::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, Hash, IntervalRow, InviteRow, MediaRow,
    MediaUsage, MembershipRow, MessageRow, NonChatRow, ParticipantRow, ReceiptRow, RedemptionRow, RoleRow,
    Seen, SettingCount, SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};
use confab_domain::store::{
    BlockSize, Counted, DeviceRevoked, HeadMoved, Order, Readers, Stamped, UserMoved,
};
use confab_domain::{Read, StoreResult};
use confab_protocol::model::Head;
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use rusqlite::{Connection, Params, Row, params};
use uuid::Uuid;

use super::codec::{self, failure, int, limit};
use super::sql;

/// A connection, borrowed or owned, in a transaction that is confined to one workspace.
pub(crate) struct SqliteTx<C> {
    pub(crate) connection: C,
    pub(super) scope: WorkspaceSid,
    /// The workspace's number in this database; 0, which none has, before it was made.
    pub(super) workspace: i64,
    /// Counts writes.
    writes: Cell<u64>,
    /// What people wrote was overwritten, and the log's file may still hold it.
    pub(super) is_stained: Cell<bool>,
}

impl<C: Borrow<Connection>> SqliteTx<C> {
    /// The connection has begun a transaction.
    pub(crate) fn new(connection: C, scope: WorkspaceSid) -> StoreResult<Self> {
        let mut tx =
            Self { connection, scope, workspace: 0, writes: Cell::new(0), is_stained: Cell::new(true) };
        tx.find_workspace()?;
        Ok(tx)
    }

    /// Looks the workspace up: one that was made may have been taken back.
    pub(crate) fn find_workspace(&mut self) -> StoreResult<()> {
        let number = self.one(sql::SCOPE, [self.scope.0.as_bytes()], |row| row.get(0))?;
        self.workspace = number.unwrap_or(0);
        Ok(())
    }

    /// Something is written.
    pub(super) fn wrote(&self) {
        self.writes.set(self.writes.get() + 1);
    }

    /// How often something was written.
    pub(super) fn writes(&self) -> u64 {
        self.writes.get()
    }

    pub(super) fn one<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnOnce(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Option<T>> {
        let mut statement = self.connection.borrow().prepare_cached(sql).map_err(failure)?;
        let mut rows = statement.query(params).map_err(failure)?;
        let row = rows.next().map_err(failure)?;
        row.map(read).transpose().map_err(failure)
    }

    pub(super) fn many<T>(
        &self,
        sql: &str,
        params: impl Params,
        read: impl FnMut(&Row<'_>) -> rusqlite::Result<T>,
    ) -> StoreResult<Vec<T>> {
        let mut statement = self.connection.borrow().prepare_cached(sql).map_err(failure)?;
        let rows = statement.query_and_then(params, read).map_err(failure)?;
        rows.collect::<rusqlite::Result<_>>().map_err(failure)
    }

    /// The highest block in a range that counts a live message.
    fn last_live_block(
        &self,
        conversation: ConversationSid,
        size: BlockSize,
        blocks: Range<u64>,
    ) -> StoreResult<Option<u64>> {
        let size = int(size.messages());
        let key =
            params![self.workspace, conversation.0.as_bytes(), size, int(blocks.start), int(blocks.end)];
        self.one(sql::LAST_LIVE_BLOCK, key, codec::count)
    }

    fn last_live_row(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
    ) -> StoreResult<Option<MessageRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(indexes.start), int(indexes.end)];
        self.one(sql::LAST_LIVE_MESSAGE, key, codec::message)
    }
}

impl<C: Borrow<Connection>> Read for SqliteTx<C> {
    fn scope(&self) -> WorkspaceSid {
        self.scope
    }

    fn workspace(&self) -> StoreResult<Option<WorkspaceRow>> {
        self.one(sql::WORKSPACE, [self.workspace], codec::workspace)
    }

    fn newest_signing_key(&self) -> StoreResult<Option<SigningKeyRow>> {
        self.one(sql::NEWEST_SIGNING_KEY, [self.workspace], codec::signing_key)
    }

    fn first_signing_key(&self) -> StoreResult<Option<SigningKeyRow>> {
        self.one(sql::FIRST_SIGNING_KEY, [self.workspace], codec::signing_key)
    }

    fn signing_key(&self, kid: Uuid) -> StoreResult<Option<SigningKeyRow>> {
        self.one(sql::SIGNING_KEY, params![self.workspace, kid.as_bytes()], codec::signing_key)
    }

    fn role(&self, role: RoleSid) -> StoreResult<Option<RoleRow>> {
        self.one(sql::ROLE, params![self.workspace, role.0.as_bytes()], codec::role)
    }

    fn roles(&self, rows: usize) -> StoreResult<Vec<RoleRow>> {
        self.many(sql::ROLES, params![self.workspace, limit(rows)], codec::role)
    }

    fn has_role(&self, role: RoleSid) -> StoreResult<bool> {
        let found = self.one(sql::HAS_ROLE, params![self.workspace, role.0.as_bytes()], codec::count)?;
        Ok(found.unwrap_or_default() > 0)
    }

    fn user(&self, user: UserSid) -> StoreResult<Option<UserRow>> {
        self.one(sql::USER, params![self.workspace, user.0.as_bytes()], codec::user)
    }

    fn users(&self, after: Option<UserSid>, rows: usize) -> StoreResult<Vec<UserRow>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        self.many(sql::USERS, params![self.workspace, after, limit(rows)], codec::user)
    }

    fn user_by_key(&self, identity_key: &str) -> StoreResult<Option<UserRow>> {
        self.one(sql::USER_BY_KEY, params![self.workspace, identity_key], codec::user)
    }

    fn device(&self, device: DeviceSid) -> StoreResult<Option<DeviceRow>> {
        self.one(sql::DEVICE, params![self.workspace, device.0.as_bytes()], codec::device)
    }

    fn device_by_family(&self, family_hash: &Hash) -> StoreResult<Option<DeviceRow>> {
        self.one(sql::DEVICE_BY_FAMILY, params![self.workspace, family_hash], codec::device)
    }

    fn device_by_push(&self, kind: &str, token: &str) -> StoreResult<Option<DeviceRow>> {
        self.one(sql::DEVICE_BY_PUSH, params![self.workspace, kind, token], codec::device)
    }

    fn pushed_devices(&self, after: Option<(&str, DeviceSid)>, rows: usize) -> StoreResult<Vec<DeviceRow>> {
        let (kind, sid) = match &after {
            Some((kind, sid)) => (*kind, &sid.0.as_bytes()[..]),
            None => ("", &[][..]),
        };
        self.many(sql::PUSHED_DEVICES, params![self.workspace, kind, sid, limit(rows)], codec::device)
    }

    fn live_devices(&self, user: UserSid, rows: usize) -> StoreResult<Vec<DeviceRow>> {
        self.many(sql::LIVE_DEVICES, params![self.workspace, user.0.as_bytes(), limit(rows)], codec::device)
    }

    fn invite(&self, invite: InviteSid) -> StoreResult<Option<InviteRow>> {
        self.one(sql::INVITE, params![self.workspace, invite.0.as_bytes()], codec::invite)
    }

    fn invite_by_secret(&self, secret_hash: &Hash) -> StoreResult<Option<InviteRow>> {
        self.one(sql::INVITE_BY_SECRET, params![self.workspace, secret_hash], codec::invite)
    }

    fn live_invites(&self, now: Timestamp, rows: usize) -> StoreResult<Vec<InviteRow>> {
        self.many(sql::LIVE_INVITES, params![self.workspace, int(now.0), limit(rows)], codec::invite)
    }

    fn redemption(&self, invite: InviteSid, client_id: ClientId) -> StoreResult<Option<RedemptionRow>> {
        let key = params![self.workspace, invite.0.as_bytes(), client_id.0.as_bytes()];
        self.one(sql::REDEMPTION, key, codec::redemption)
    }

    fn audit(&self, rows: usize) -> StoreResult<Vec<AuditRow>> {
        self.many(sql::AUDIT, params![self.workspace, limit(rows)], codec::audit)
    }

    fn conversation(&self, conversation: ConversationSid) -> StoreResult<Option<ConversationRow>> {
        self.one(sql::CONVERSATION, params![self.workspace, conversation.0.as_bytes()], codec::conversation)
    }

    fn conversation_by_unique_name(&self, unique_name: &str) -> StoreResult<Option<ConversationRow>> {
        self.one(sql::CONVERSATION_BY_UNIQUE_NAME, params![self.workspace, unique_name], codec::conversation)
    }

    fn conversations(
        &self,
        after: Option<ConversationSid>,
        rows: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        self.many(sql::CONVERSATIONS, params![self.workspace, after, limit(rows)], codec::conversation)
    }

    fn public_conversations(
        &self,
        after: Option<ConversationSid>,
        rows: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        self.many(sql::PUBLIC_CONVERSATIONS, params![self.workspace, after, limit(rows)], codec::conversation)
    }

    fn state_due(&self, now: Timestamp, rows: usize) -> StoreResult<Vec<ConversationRow>> {
        self.many(sql::STATE_DUE, params![self.workspace, int(now.0), limit(rows)], codec::conversation)
    }

    fn next_to_erase(&self) -> StoreResult<Option<ConversationRow>> {
        self.one(sql::NEXT_TO_ERASE, [self.workspace], codec::conversation)
    }

    fn events(&self, conversation: ConversationSid, after: u64, to: u64) -> StoreResult<Vec<EventRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(after), int(to)];
        self.many(sql::EVENTS, key, codec::event)
    }

    fn message(&self, message: MessageSid) -> StoreResult<Option<MessageRow>> {
        self.one(sql::MESSAGE, params![self.workspace, message.0.as_bytes()], codec::message)
    }

    fn seen(&self, user: UserSid, client_id: ClientId) -> StoreResult<Option<Seen>> {
        let key = params![self.workspace, user.0.as_bytes(), client_id.0.as_bytes()];
        if let Some(message) = self.one(sql::MESSAGE_BY_CLIENT_ID, key, codec::message)? {
            return Ok(Some(Seen::Message(Box::new(message))));
        }
        Ok(self.one(sql::OUTCOME, key, codec::outcome)?.map(Seen::Outcome))
    }

    fn messages(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
        order: Order,
        rows: usize,
    ) -> StoreResult<Vec<MessageRow>> {
        let sql = match order {
            Order::Ascending => sql::MESSAGES_ASCENDING,
            Order::Descending => sql::MESSAGES_DESCENDING,
        };
        let (start, end) = (int(indexes.start), int(indexes.end));
        let key = params![self.workspace, conversation.0.as_bytes(), start, end, limit(rows)];
        self.many(sql, key, codec::message)
    }

    /// A long run of removed messages is stepped over by the counters of their blocks, never row by row.
    fn last_live_message(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
    ) -> StoreResult<Option<MessageRow>> {
        if indexes.is_empty() {
            return Ok(None);
        }
        let (small, large) = (BlockSize::Small.messages(), BlockSize::Large.messages());
        let per_large = large / small;
        let last = (indexes.end - 1) / small;
        let within = |block: u64| indexes.start.max(block * small)..indexes.end.min((block + 1) * small);
        if let Some(found) = self.last_live_row(conversation, within(last))? {
            return Ok(Some(found));
        }
        let first = indexes.start / small;
        let near = first.max(last / per_large * per_large)..last;
        let mut block = self.last_live_block(conversation, BlockSize::Small, near)?;
        if block.is_none() {
            let far = first / per_large..last / per_large;
            if let Some(large) = self.last_live_block(conversation, BlockSize::Large, far)? {
                let inside = first.max(large * per_large)..(large + 1) * per_large;
                block = self.last_live_block(conversation, BlockSize::Small, inside)?;
            }
        }
        block.map_or(Ok(None), |block| self.last_live_row(conversation, within(block)))
    }

    fn count_rows(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        indexes: Range<u64>,
    ) -> StoreResult<u64> {
        let (conversation, start, end) = (conversation.0.as_bytes(), int(indexes.start), int(indexes.end));
        let found = match counted {
            Counted::All => {
                self.one(sql::COUNT_ALL, params![self.workspace, conversation, start, end], codec::count)
            }
            Counted::By(user) => {
                let key = params![self.workspace, conversation, start, end, user.0.as_bytes()];
                self.one(sql::COUNT_BY, key, codec::count)
            }
            Counted::Mentioning(user) => {
                let key = params![self.workspace, conversation, start, end, user.0.as_bytes()];
                self.one(sql::COUNT_MENTIONING, key, codec::count)
            }
        };
        Ok(found?.unwrap_or(0))
    }

    fn count_blocks(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        size: BlockSize,
        blocks: Range<u64>,
    ) -> StoreResult<u64> {
        let (code, user) = codec::counted(&counted);
        let conversation = conversation.0.as_bytes();
        let (size, start, end) = (int(size.messages()), int(blocks.start), int(blocks.end));
        let key = params![self.workspace, conversation, code, user, size, start, end];
        Ok(self.one(sql::COUNT_BLOCKS, key, codec::count)?.unwrap_or(0))
    }

    fn participant(
        &self,
        conversation: ConversationSid,
        participant: ParticipantSid,
    ) -> StoreResult<Option<ParticipantRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), participant.0.as_bytes()];
        self.one(sql::PARTICIPANT, key, codec::participant)
    }

    fn participants(
        &self,
        conversation: ConversationSid,
        after: Option<ParticipantSid>,
        rows: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        let key = params![self.workspace, conversation.0.as_bytes(), after, limit(rows)];
        self.many(sql::PARTICIPANTS, key, codec::participant)
    }

    fn non_chat(&self, conversation: ConversationSid, rows: usize) -> StoreResult<Vec<NonChatRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), limit(rows)];
        self.many(sql::NON_CHAT, key, codec::non_chat)
    }

    fn non_chat_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        rows: usize,
    ) -> StoreResult<Vec<NonChatRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(after_version), limit(rows)];
        self.many(sql::NON_CHAT_CHANGES, key, codec::non_chat)
    }

    fn non_chat_at(
        &self,
        address: &str,
        after: Option<(ConversationSid, ParticipantSid)>,
        rows: usize,
    ) -> StoreResult<Vec<NonChatRow>> {
        let (conversation, sid) = match &after {
            Some((conversation, sid)) => (&conversation.0.as_bytes()[..], &sid.0.as_bytes()[..]),
            None => (&[][..], &[][..]),
        };
        let key = params![self.workspace, address, conversation, sid, limit(rows)];
        self.many(sql::NON_CHAT_AT, key, codec::non_chat)
    }

    fn receipts(
        &self,
        conversation: ConversationSid,
        index: u64,
        rows: usize,
    ) -> StoreResult<Vec<ReceiptRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(index), limit(rows)];
        self.many(sql::RECEIPTS, key, codec::receipt)
    }

    fn readers(&self, conversation: ConversationSid, index: u64, but: UserSid) -> StoreResult<Readers> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(index), but.0.as_bytes()];
        let some = self.one(sql::HAS_READ, key, codec::count)?;
        let not_all = self.one(sql::HAS_NOT_READ, key, codec::count)?;
        Ok(Readers { some: some == Some(1), not_all: not_all == Some(1) })
    }

    fn roster_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        rows: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(after_version), limit(rows)];
        self.many(sql::ROSTER_CHANGES, key, codec::participant)
    }

    fn newest_participant(&self, conversation: ConversationSid) -> StoreResult<Option<ParticipantRow>> {
        let key = params![self.workspace, conversation.0.as_bytes()];
        self.one(sql::NEWEST_PARTICIPANT, key, codec::participant)
    }

    fn owners(&self, conversation: ConversationSid, rows: usize) -> StoreResult<Vec<ParticipantRow>> {
        self.many(
            sql::OWNERS,
            params![self.workspace, conversation.0.as_bytes(), limit(rows)],
            codec::participant,
        )
    }

    fn membership(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<MembershipRow>> {
        let key = params![self.workspace, user.0.as_bytes(), conversation.0.as_bytes()];
        self.one(sql::MEMBERSHIP, key, codec::membership)
    }

    fn intervals(
        &self,
        user: UserSid,
        conversation: ConversationSid,
        rows: usize,
    ) -> StoreResult<Vec<IntervalRow>> {
        let key = params![self.workspace, user.0.as_bytes(), conversation.0.as_bytes(), limit(rows)];
        self.many(sql::INTERVALS, key, codec::interval)
    }

    fn witnesses(&self, conversation: ConversationSid, index: u64, rows: usize) -> StoreResult<Vec<UserSid>> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(index), limit(rows)];
        self.many(sql::WITNESSES, key, codec::user_sid)
    }

    fn by_activity(&self, user: UserSid, before: u64, rows: usize) -> StoreResult<Vec<Stamped>> {
        let key = params![self.workspace, user.0.as_bytes(), int(before), limit(rows)];
        self.many(sql::BY_ACTIVITY, key, codec::stamped)
    }

    fn moved(&self, user: UserSid, after: u64, rows: usize) -> StoreResult<Vec<Stamped>> {
        let key = params![self.workspace, user.0.as_bytes(), int(after), limit(rows)];
        self.many(sql::MOVED, key, codec::stamped)
    }

    fn own_rows_moved(&self, user: UserSid, after: u64, rows: usize) -> StoreResult<Vec<MembershipRow>> {
        let key = params![self.workspace, user.0.as_bytes(), int(after), limit(rows)];
        self.many(sql::OWN_ROWS_MOVED, key, codec::membership)
    }

    fn left(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        rows: usize,
    ) -> StoreResult<Vec<MembershipRow>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        let key = params![self.workspace, user.0.as_bytes(), after, limit(rows)];
        self.many(sql::LEFT, key, codec::membership)
    }

    fn joined(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        rows: usize,
    ) -> StoreResult<Vec<ConversationSid>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        let key = params![self.workspace, user.0.as_bytes(), after, limit(rows)];
        self.many(sql::JOINED, key, codec::conversation_sid)
    }

    fn joined_heads(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        rows: usize,
    ) -> StoreResult<Vec<Head>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        let key = params![self.workspace, user.0.as_bytes(), after, limit(rows)];
        self.many(sql::JOINED_HEADS, key, codec::head)
    }

    fn members(
        &self,
        conversation: ConversationSid,
        after: Option<UserSid>,
        rows: usize,
    ) -> StoreResult<Vec<UserSid>> {
        let after = after.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]);
        let key = params![self.workspace, conversation.0.as_bytes(), after, limit(rows)];
        self.many(sql::MEMBERS, key, codec::user_sid)
    }

    fn heads_moved(&self, after: u64, rows: usize) -> StoreResult<Vec<HeadMoved>> {
        let key = params![self.workspace, int(after), limit(rows)];
        self.many(sql::HEADS_MOVED, key, codec::head_moved)
    }

    fn users_moved(&self, after: u64, rows: usize) -> StoreResult<Vec<UserMoved>> {
        self.many(sql::USERS_MOVED, params![self.workspace, int(after), limit(rows)], codec::user_moved)
    }

    fn devices_revoked(&self, after: u64, rows: usize) -> StoreResult<Vec<DeviceRevoked>> {
        self.many(
            sql::DEVICES_REVOKED,
            params![self.workspace, int(after), limit(rows)],
            codec::device_revoked,
        )
    }

    fn draft(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<DraftRow>> {
        let key = params![self.workspace, user.0.as_bytes(), conversation.0.as_bytes()];
        self.one(sql::DRAFT, key, codec::draft)
    }

    fn draft_changes(&self, user: UserSid, after_version: u64, rows: usize) -> StoreResult<Vec<DraftRow>> {
        let key = params![self.workspace, user.0.as_bytes(), int(after_version), limit(rows)];
        self.many(sql::DRAFT_CHANGES, key, codec::draft)
    }

    fn setting(&self, user: UserSid, key: &str) -> StoreResult<Option<SettingRow>> {
        self.one(sql::SETTING, params![self.workspace, user.0.as_bytes(), key], codec::setting)
    }

    fn setting_changes(
        &self,
        user: UserSid,
        after_version: u64,
        rows: usize,
    ) -> StoreResult<Vec<SettingRow>> {
        let key = params![self.workspace, user.0.as_bytes(), int(after_version), limit(rows)];
        self.many(sql::SETTING_CHANGES, key, codec::setting)
    }

    fn count_settings(&self, user: UserSid) -> StoreResult<SettingCount> {
        let key = params![self.workspace, user.0.as_bytes()];
        let found = self.one(sql::COUNT_SETTINGS, key, codec::setting_count)?;
        Ok(found.unwrap_or(SettingCount { live: 0, ever: 0 }))
    }

    fn media(&self, media: MediaSid) -> StoreResult<Option<MediaRow>> {
        self.one(sql::MEDIA, params![self.workspace, media.0.as_bytes()], codec::media)
    }

    fn media_usage(&self, user: UserSid) -> StoreResult<MediaUsage> {
        let key = params![self.workspace, user.0.as_bytes()];
        let found = self.one(sql::MEDIA_USAGE, key, codec::media_usage)?;
        Ok(found.unwrap_or(MediaUsage { files: 0, bytes: 0 }))
    }

    fn unsent_media(&self, before: Timestamp, rows: usize) -> StoreResult<Vec<MediaRow>> {
        self.many(sql::UNSENT_MEDIA, params![self.workspace, int(before.0), limit(rows)], codec::media)
    }

    fn gone_media(&self, rows: usize) -> StoreResult<Vec<MediaRow>> {
        self.many(sql::GONE_MEDIA, params![self.workspace, limit(rows)], codec::media)
    }
}
