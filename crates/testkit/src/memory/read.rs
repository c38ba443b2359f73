//! Look-ups in the maps.

use std::ops::Range;

use confab_domain::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, Hash, HeadRow, IntervalRow, InviteRow,
    MediaRow, MediaState, MediaUsage, MembershipRow, MessageRow, NonChatRow, ParticipantRow, ReceiptRow,
    RedemptionRow, RoleRow, Seen, SettingCount, SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};
use confab_domain::store::{
    BlockSize, Counted, DeviceRevoked, HeadMoved, Order, Readers, Stamped, UserMoved,
};
use confab_domain::{Read, StoreResult};
use confab_protocol::model::{Head, MembershipStatus};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use uuid::Uuid;

use super::{BlockKey, MemoryStore};

const LAST: Uuid = Uuid::max();

impl MemoryStore {
    /// What a user's row says, with what the user's profile says now.
    pub(super) fn with_profile(&self, row: &ParticipantRow) -> ParticipantRow {
        let mut row = row.clone();
        if let Some(user) = self.users.get(&row.user) {
            row.identity = user.identity.clone();
            row.profile_version = user.version;
        }
        row
    }

    fn roster(&self, conversation: ConversationSid) -> impl Iterator<Item = ParticipantRow> {
        let last = (conversation, ParticipantSid(LAST));
        let rows = self.participants.range((conversation, ParticipantSid(Uuid::nil()))..=last);
        rows.map(|(_, row)| self.with_profile(row))
    }

    fn own_rows(&self, user: UserSid) -> impl Iterator<Item = &MembershipRow> {
        let last = (user, ConversationSid(LAST));
        self.memberships.range((user, ConversationSid(Uuid::nil()))..=last).map(|(_, row)| row)
    }

    fn stamped(
        &self,
        user: UserSid,
        stamp: impl Fn(&MembershipRow, &ConversationRow) -> u64,
    ) -> Vec<Stamped> {
        let rows = self.own_rows(user).filter_map(|me| {
            let conversation = self.conversations.get(&me.conversation)?;
            Some(Stamped { conversation: me.conversation, stamp: stamp(me, conversation) })
        });
        rows.collect()
    }

    /// Files that are in no message and not gone.
    fn unsent(&self) -> impl Iterator<Item = &MediaRow> {
        self.media.values().filter(|row| row.message.is_none() && row.state != MediaState::Gone)
    }

    fn is_counted(&self, row: &MessageRow, counted: Counted) -> bool {
        let counts = match counted {
            Counted::All => true,
            Counted::By(user) => row.user == user,
            Counted::Mentioning(user) => self.mentions.get(&(row.conversation, row.index, user)).is_some(),
        };
        counts && !row.removed
    }
}

fn head(row: &ConversationRow) -> Head {
    let HeadRow { last_seq: version, roster_version, .. } = row.head;
    Head { conversation: row.sid, version, roster_version }
}

/// The first of those that moved after a commit.
fn first<T>(rows: impl Iterator<Item = T>, after: u64, limit: usize, moved: impl Fn(&T) -> u64) -> Vec<T> {
    let mut rows: Vec<T> = rows.filter(|row| moved(row) > after).collect();
    rows.sort_by_key(|row| moved(row));
    rows.truncate(limit);
    rows
}

impl Read for MemoryStore {
    fn scope(&self) -> WorkspaceSid {
        self.scope
    }

    fn workspace(&self) -> StoreResult<Option<WorkspaceRow>> {
        Ok(self.workspace.get(&()).cloned())
    }

    fn newest_signing_key(&self) -> StoreResult<Option<SigningKeyRow>> {
        Ok(self.signing_keys.values().max_by_key(|row| (row.date_created, row.kid)).cloned())
    }

    fn first_signing_key(&self) -> StoreResult<Option<SigningKeyRow>> {
        Ok(self.signing_keys.values().min_by_key(|row| (row.date_created, row.kid)).cloned())
    }

    fn signing_key(&self, kid: Uuid) -> StoreResult<Option<SigningKeyRow>> {
        Ok(self.signing_keys.get(&kid).cloned())
    }

    fn role(&self, role: RoleSid) -> StoreResult<Option<RoleRow>> {
        Ok(self.roles.get(&role).cloned())
    }

    fn roles(&self, limit: usize) -> StoreResult<Vec<RoleRow>> {
        Ok(self.roles.values().take(limit).cloned().collect())
    }

    fn has_role(&self, role: RoleSid) -> StoreResult<bool> {
        let mut users = self.users.values();
        let mut own = self.memberships.values();
        Ok(users.any(|row| row.custom_role == Some(role)) || own.any(|row| row.custom_role == Some(role)))
    }

    fn user(&self, user: UserSid) -> StoreResult<Option<UserRow>> {
        Ok(self.users.get(&user).cloned())
    }

    fn users(&self, after: Option<UserSid>, limit: usize) -> StoreResult<Vec<UserRow>> {
        let rows = self.users.values().filter(|row| Some(row.sid) > after);
        Ok(rows.take(limit).cloned().collect())
    }

    fn user_by_key(&self, identity_key: &str) -> StoreResult<Option<UserRow>> {
        let sid = self.user_keys.get(&identity_key.to_owned());
        Ok(sid.and_then(|sid| self.users.get(sid)).cloned())
    }

    fn device(&self, device: DeviceSid) -> StoreResult<Option<DeviceRow>> {
        Ok(self.devices.get(&device).cloned())
    }

    fn device_by_family(&self, family_hash: &Hash) -> StoreResult<Option<DeviceRow>> {
        Ok(self.devices.values().find(|row| row.family_hash == *family_hash).cloned())
    }

    fn device_by_push(&self, kind: &str, token: &str) -> StoreResult<Option<DeviceRow>> {
        let goes_there =
            |row: &&DeviceRow| row.push.as_ref().is_some_and(|push| push.kind == kind && push.token == token);
        Ok(self.devices.values().find(goes_there).cloned())
    }

    fn pushed_devices(&self, after: Option<(&str, DeviceSid)>, limit: usize) -> StoreResult<Vec<DeviceRow>> {
        let place = |row: &DeviceRow| row.push.as_ref().map(|push| (push.kind.clone(), row.sid));
        let after = after.map(|(kind, sid)| (kind.to_owned(), sid));
        let mut rows: Vec<DeviceRow> = self.devices.values().cloned().collect();
        rows.retain(|row| row.push.is_some() && place(row) > after);
        rows.sort_by_key(place);
        rows.truncate(limit);
        Ok(rows)
    }

    fn live_devices(&self, user: UserSid, limit: usize) -> StoreResult<Vec<DeviceRow>> {
        let rows = self.devices.values().filter(|row| row.user == user && row.revoked_at.is_none());
        let mut rows: Vec<DeviceRow> = rows.cloned().collect();
        rows.sort_by_key(|row| std::cmp::Reverse((row.last_seen, row.sid)));
        rows.truncate(limit);
        Ok(rows)
    }

    fn invite(&self, invite: InviteSid) -> StoreResult<Option<InviteRow>> {
        Ok(self.invites.get(&invite).cloned())
    }

    fn invite_by_secret(&self, secret_hash: &Hash) -> StoreResult<Option<InviteRow>> {
        Ok(self.invites.values().find(|row| row.secret_hash == *secret_hash).cloned())
    }

    fn live_invites(&self, now: Timestamp, limit: usize) -> StoreResult<Vec<InviteRow>> {
        let rows = self.invites.values();
        let live =
            rows.filter(|row| row.revoked_at.is_none() && row.expires_at > now && row.uses < row.max_uses);
        Ok(live.take(limit).cloned().collect())
    }

    fn redemption(&self, invite: InviteSid, client_id: ClientId) -> StoreResult<Option<RedemptionRow>> {
        Ok(self.redemptions.get(&(invite, client_id)).cloned())
    }

    fn audit(&self, limit: usize) -> StoreResult<Vec<AuditRow>> {
        Ok(self.audit.values().rev().take(limit).cloned().collect())
    }

    fn conversation(&self, conversation: ConversationSid) -> StoreResult<Option<ConversationRow>> {
        Ok(self.conversations.get(&conversation).cloned())
    }

    fn conversation_by_unique_name(&self, unique_name: &str) -> StoreResult<Option<ConversationRow>> {
        let sid = self.unique_names.get(&unique_name.to_owned());
        Ok(sid.and_then(|sid| self.conversations.get(sid)).cloned())
    }

    fn conversations(
        &self,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        let rows = self.conversations.values().filter(|row| row.deleted_at.is_none());
        Ok(rows.filter(|row| Some(row.sid) > after).take(limit).cloned().collect())
    }

    fn public_conversations(
        &self,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>> {
        let rows = self.conversations.values().filter(|row| row.public_join && row.deleted_at.is_none());
        Ok(rows.filter(|row| Some(row.sid) > after).take(limit).cloned().collect())
    }

    fn state_due(&self, now: Timestamp, limit: usize) -> StoreResult<Vec<ConversationRow>> {
        let rows = self.conversations.values().filter(|row| row.state_due.is_some_and(|due| due <= now));
        let mut rows: Vec<ConversationRow> = rows.cloned().collect();
        rows.sort_by_key(|row| (row.state_due, row.sid));
        rows.truncate(limit);
        Ok(rows)
    }

    fn next_to_erase(&self) -> StoreResult<Option<ConversationRow>> {
        Ok(self.conversations.values().find(|row| row.erase_from.is_some()).cloned())
    }

    fn events(&self, conversation: ConversationSid, after: u64, to: u64) -> StoreResult<Vec<EventRow>> {
        if after >= to {
            return Ok(Vec::new());
        }
        let rows = self.events.range((conversation, after + 1)..=(conversation, to));
        Ok(rows.map(|(_, row)| row.clone()).collect())
    }

    fn message(&self, message: MessageSid) -> StoreResult<Option<MessageRow>> {
        Ok(self.message_sids.get(&message).and_then(|key| self.messages.get(key)).cloned())
    }

    fn seen(&self, user: UserSid, client_id: ClientId) -> StoreResult<Option<Seen>> {
        let message = self.message_client_ids.get(&(user, client_id));
        if let Some(row) = message.and_then(|key| self.messages.get(key)) {
            return Ok(Some(Seen::Message(Box::new(row.clone()))));
        }
        Ok(self.outcomes.get(&(user, client_id)).cloned().map(Seen::Outcome))
    }

    fn messages(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
        order: Order,
        limit: usize,
    ) -> StoreResult<Vec<MessageRow>> {
        if indexes.is_empty() {
            return Ok(Vec::new());
        }
        let rows = self.messages.range((conversation, indexes.start)..(conversation, indexes.end));
        let rows = rows.map(|(_, row)| row);
        Ok(match order {
            Order::Ascending => rows.take(limit).cloned().collect(),
            Order::Descending => rows.rev().take(limit).cloned().collect(),
        })
    }

    fn last_live_message(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
    ) -> StoreResult<Option<MessageRow>> {
        if indexes.is_empty() {
            return Ok(None);
        }
        let rows = self.messages.range((conversation, indexes.start)..(conversation, indexes.end));
        Ok(rows.rev().map(|(_, row)| row).find(|row| !row.removed).cloned())
    }

    fn count_rows(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        indexes: Range<u64>,
    ) -> StoreResult<u64> {
        let rows = self.messages.range((conversation, indexes.start)..(conversation, indexes.end));
        Ok(rows.filter(|(_, row)| self.is_counted(row, counted)).count() as u64)
    }

    fn count_blocks(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        size: BlockSize,
        blocks: Range<u64>,
    ) -> StoreResult<u64> {
        let key = |block| BlockKey { conversation, counted, size, block };
        Ok(self.blocks.range(key(blocks.start)..key(blocks.end)).map(|(_, live)| live).sum())
    }

    fn participant(
        &self,
        conversation: ConversationSid,
        participant: ParticipantSid,
    ) -> StoreResult<Option<ParticipantRow>> {
        let row = self.participants.get(&(conversation, participant));
        Ok(row.map(|row| self.with_profile(row)))
    }

    fn participants(
        &self,
        conversation: ConversationSid,
        after: Option<ParticipantSid>,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let rows = self.roster(conversation);
        let rows = rows.filter(|row| row.status == MembershipStatus::Joined && Some(row.sid) > after);
        Ok(rows.take(limit).collect())
    }

    fn non_chat(&self, conversation: ConversationSid, limit: usize) -> StoreResult<Vec<NonChatRow>> {
        let rows = self.non_chat.values().filter(|row| row.conversation == conversation && !row.removed);
        Ok(rows.take(limit).cloned().collect())
    }

    fn non_chat_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<NonChatRow>> {
        let rows = self.non_chat.values().filter(|row| row.conversation == conversation);
        let mut rows: Vec<NonChatRow> = rows.filter(|row| row.version > after_version).cloned().collect();
        rows.sort_by_key(|row| row.version);
        rows.truncate(limit);
        Ok(rows)
    }

    fn non_chat_at(
        &self,
        address: &str,
        after: Option<(ConversationSid, ParticipantSid)>,
        limit: usize,
    ) -> StoreResult<Vec<NonChatRow>> {
        let rows = self.non_chat.values().filter(|row| row.address == address && !row.removed);
        let rows = rows.filter(|row| Some((row.conversation, row.sid)) > after);
        Ok(rows.take(limit).cloned().collect())
    }

    fn receipts(
        &self,
        conversation: ConversationSid,
        index: u64,
        limit: usize,
    ) -> StoreResult<Vec<ReceiptRow>> {
        let rows =
            self.receipts.values().filter(|row| (row.conversation, row.index) == (conversation, index));
        Ok(rows.take(limit).cloned().collect())
    }

    fn readers(&self, conversation: ConversationSid, index: u64, but: UserSid) -> StoreResult<Readers> {
        let rows = self.roster(conversation);
        let rows = rows.filter(|row| row.status == MembershipStatus::Joined && row.user != but);
        let read: Vec<bool> = rows.map(|row| row.horizon.is_some_and(|at| at >= index)).collect();
        Ok(Readers { some: read.contains(&true), not_all: read.contains(&false) })
    }

    fn roster_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>> {
        let rows = self.roster(conversation).filter(|row| row.version > after_version);
        let mut rows: Vec<ParticipantRow> = rows.collect();
        rows.sort_by_key(|row| row.version);
        rows.truncate(limit);
        Ok(rows)
    }

    fn newest_participant(&self, conversation: ConversationSid) -> StoreResult<Option<ParticipantRow>> {
        Ok(self.roster(conversation).max_by_key(|row| row.version))
    }

    fn owners(&self, conversation: ConversationSid, limit: usize) -> StoreResult<Vec<ParticipantRow>> {
        let rows = self.roster(conversation);
        let rows = rows.filter(|row| row.status == MembershipStatus::Joined && row.is_owner());
        Ok(rows.take(limit).collect())
    }

    fn membership(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<MembershipRow>> {
        Ok(self.memberships.get(&(user, conversation)).cloned())
    }

    fn intervals(
        &self,
        user: UserSid,
        conversation: ConversationSid,
        limit: usize,
    ) -> StoreResult<Vec<IntervalRow>> {
        let rows = self.intervals.range((conversation, user, 0)..=(conversation, user, u64::MAX));
        Ok(rows.rev().take(limit).map(|(_, row)| *row).collect())
    }

    fn witnesses(
        &self,
        conversation: ConversationSid,
        index: u64,
        limit: usize,
    ) -> StoreResult<Vec<UserSid>> {
        let first = (conversation, UserSid(Uuid::nil()), 0);
        let rows = self.intervals.range(first..=(conversation, UserSid(LAST), u64::MAX)).map(|(_, row)| row);
        let there =
            rows.filter(|row| row.joined_index <= index && row.left_index.is_none_or(|left| index < left));
        let mut users: Vec<UserSid> = there
            .map(|row| row.user)
            .filter(|&user| self.memberships.get(&(user, conversation)).is_some_and(MembershipRow::is_joined))
            .collect();
        users.truncate(limit);
        Ok(users)
    }

    fn by_activity(&self, user: UserSid, before: u64, limit: usize) -> StoreResult<Vec<Stamped>> {
        let mut rows = self.stamped(user, |me, row| if me.is_joined() { row.head.activity } else { 0 });
        rows.retain(|row| row.stamp > 0 && row.stamp < before);
        rows.sort_by_key(|row| std::cmp::Reverse(row.stamp));
        rows.truncate(limit);
        Ok(rows)
    }

    fn moved(&self, user: UserSid, after: u64, limit: usize) -> StoreResult<Vec<Stamped>> {
        let mut rows = self
            .stamped(user, |me, row| if me.is_joined() { me.moved.max(row.head.moved) } else { me.moved });
        rows.retain(|row| row.stamp > after);
        rows.sort_by_key(|row| row.stamp);
        rows.truncate(limit);
        Ok(rows)
    }

    fn own_rows_moved(&self, user: UserSid, after: u64, limit: usize) -> StoreResult<Vec<MembershipRow>> {
        let mut rows: Vec<_> = self.own_rows(user).filter(|row| row.moved > after).cloned().collect();
        rows.sort_by_key(|row| row.moved);
        rows.truncate(limit);
        Ok(rows)
    }

    fn left(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<MembershipRow>> {
        let rows = self.own_rows(user).filter(|row| row.status == MembershipStatus::NotParticipating);
        Ok(rows.filter(|row| Some(row.conversation) > after).take(limit).cloned().collect())
    }

    fn joined(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationSid>> {
        let rows = self.own_rows(user).filter(|row| row.is_joined() && Some(row.conversation) > after);
        Ok(rows.take(limit).map(|row| row.conversation).collect())
    }

    fn joined_heads(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<Head>> {
        let sids = self.joined(user, after, limit)?;
        Ok(sids.iter().filter_map(|sid| self.conversations.get(sid)).map(head).collect())
    }

    fn members(
        &self,
        conversation: ConversationSid,
        after: Option<UserSid>,
        limit: usize,
    ) -> StoreResult<Vec<UserSid>> {
        let rows = self.memberships.values();
        let rows =
            rows.filter(|row| row.conversation == conversation && row.is_joined() && Some(row.user) > after);
        Ok(rows.take(limit).map(|row| row.user).collect())
    }

    fn heads_moved(&self, after: u64, limit: usize) -> StoreResult<Vec<HeadMoved>> {
        let rows = self.conversations.values();
        let moved = rows.map(|row| HeadMoved { head: head(row), moved: row.head.moved });
        Ok(first(moved, after, limit, |row| row.moved))
    }

    fn users_moved(&self, after: u64, limit: usize) -> StoreResult<Vec<UserMoved>> {
        let moved = self.users.values().map(|row| UserMoved {
            user: row.sid,
            state_version: row.state_version,
            profile_version: row.version,
            deactivated: row.deactivated,
            moved: row.moved,
        });
        Ok(first(moved, after, limit, |row| row.moved))
    }

    fn devices_revoked(&self, after: u64, limit: usize) -> StoreResult<Vec<DeviceRevoked>> {
        let rows = self.devices.values().filter(|row| row.revoked_at.is_some());
        let moved = rows.map(|row| DeviceRevoked { user: row.user, device: row.sid, moved: row.moved });
        Ok(first(moved, after, limit, |row| row.moved))
    }

    fn draft(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<DraftRow>> {
        Ok(self.drafts.get(&(user, conversation)).cloned())
    }

    fn draft_changes(&self, user: UserSid, after_version: u64, limit: usize) -> StoreResult<Vec<DraftRow>> {
        let rows = self.drafts.values().filter(|row| row.user == user && row.version > after_version);
        let mut rows: Vec<DraftRow> = rows.cloned().collect();
        rows.sort_by_key(|row| row.version);
        rows.truncate(limit);
        Ok(rows)
    }

    fn setting(&self, user: UserSid, key: &str) -> StoreResult<Option<SettingRow>> {
        Ok(self.settings.get(&(user, key.to_owned())).cloned())
    }

    fn setting_changes(
        &self,
        user: UserSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<SettingRow>> {
        let rows = self.settings.values().filter(|row| row.user == user && row.version > after_version);
        let mut rows: Vec<SettingRow> = rows.cloned().collect();
        rows.sort_by_key(|row| row.version);
        rows.truncate(limit);
        Ok(rows)
    }

    fn count_settings(&self, user: UserSid) -> StoreResult<SettingCount> {
        let rows = || self.settings.values().filter(|row| row.user == user);
        let live = rows().filter(|row| row.value.is_some()).count() as u64;
        Ok(SettingCount { live, ever: rows().count() as u64 })
    }

    fn media(&self, media: MediaSid) -> StoreResult<Option<MediaRow>> {
        Ok(self.media.get(&media).cloned())
    }

    fn media_usage(&self, user: UserSid) -> StoreResult<MediaUsage> {
        let rows = self.unsent().filter(|row| row.user == user);
        let count = |usage: MediaUsage, row: &MediaRow| MediaUsage {
            files: usage.files + 1,
            bytes: usage.bytes + row.size,
        };
        Ok(rows.fold(MediaUsage { files: 0, bytes: 0 }, count))
    }

    fn unsent_media(&self, before: Timestamp, limit: usize) -> StoreResult<Vec<MediaRow>> {
        let mut rows: Vec<&MediaRow> = self.unsent().filter(|row| row.date_created < before).collect();
        rows.sort_by_key(|row| (row.date_created, row.sid));
        Ok(rows.into_iter().take(limit).cloned().collect())
    }

    fn gone_media(&self, limit: usize) -> StoreResult<Vec<MediaRow>> {
        let rows = self.media.values().filter(|row| row.state == MediaState::Gone);
        Ok(rows.take(limit).cloned().collect())
    }
}
