//! The rules' writes on SQLite.

use std::borrow::Borrow;
use std::ops::Range;

use confab_domain::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, HeadRow, IntervalRow, InviteRow, MediaRow,
    MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow, RedemptionRow, RoleRow,
    SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};
use confab_domain::store::{BlockSize, Counted};
use confab_domain::{StoreError, StoreResult, Tx};
use confab_protocol::model::ParticipantFlags;
use confab_protocol::{ConversationSid, MediaSid, RoleSid, Timestamp, UserSid};
use rusqlite::{Connection, Params, params};

use super::codec::{self, Code, algorithm_name, at_or_null, failure, int, int_or_null, limit, names};
use super::read::SqliteTx;
use super::sql;

impl<C: Borrow<Connection>> SqliteTx<C> {
    /// Runs a statement and gives the number of rows it changed.
    pub(super) fn run(&self, sql: &str, params: impl Params) -> StoreResult<usize> {
        self.wrote();
        let mut statement = self.connection.borrow().prepare_cached(sql).map_err(failure)?;
        statement.execute(params).map_err(failure)
    }

    /// Runs a statement that has one row to change.
    pub(super) fn change(&self, sql: &str, params: impl Params) -> StoreResult<()> {
        match self.run(sql, params)? {
            1 => Ok(()),
            rows => Err(StoreError::Conflict(format!("{rows} rows to change"))),
        }
    }

    /// Adds to the counters of both sizes.
    fn count(
        &self,
        conversation: ConversationSid,
        index: u64,
        counted: Counted,
        delta: i64,
    ) -> StoreResult<()> {
        let (code, user) = codec::counted(&counted);
        for size in BlockSize::ALL.map(BlockSize::messages) {
            let conversation = conversation.0.as_bytes();
            let row = params![self.workspace, conversation, code, user, int(size), int(index / size), delta];
            self.change(sql::COUNT, row)?;
        }
        Ok(())
    }
}

impl<C: Borrow<Connection>> Tx for SqliteTx<C> {
    fn insert_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()> {
        if row.sid != self.scope {
            return Err(StoreError::Conflict("a workspace of another scope".to_owned()));
        }
        let owner = row.owner.map(|owner| *owner.0.as_bytes());
        self.run(
            sql::INSERT_WORKSPACE,
            params![
                row.sid.0.as_bytes(),
                row.epoch.0.as_bytes(),
                row.name,
                int(row.commit),
                owner,
                int(row.date_created.0),
                int(row.participants_limit),
                int(row.roles_version)
            ],
        )?;
        self.workspace = self.connection.borrow().last_insert_rowid();
        Ok(())
    }

    fn update_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()> {
        let owner = row.owner.map(|owner| *owner.0.as_bytes());
        let (limit, roles) = (int(row.participants_limit), int(row.roles_version));
        let row = params![self.workspace, row.epoch.0.as_bytes(), row.name, owner, limit, roles];
        self.change(sql::UPDATE_WORKSPACE, row)
    }

    fn next_commit(&mut self) -> StoreResult<u64> {
        self.wrote();
        let commit = self.one(sql::NEXT_COMMIT, [self.workspace], codec::count)?;
        commit.ok_or_else(|| StoreError::Conflict("no workspace".to_owned()))
    }

    fn insert_signing_key(&mut self, row: &SigningKeyRow) -> StoreResult<()> {
        let (kid, algorithm) = (row.kid.as_bytes(), algorithm_name(row.algorithm));
        let row = params![self.workspace, kid, algorithm, row.secret, int(row.date_created.0)];
        self.run(sql::INSERT_SIGNING_KEY, row).map(drop)
    }

    fn insert_role(&mut self, row: &RoleRow) -> StoreResult<()> {
        self.put_role(sql::INSERT_ROLE, row)
    }

    fn update_role(&mut self, row: &RoleRow) -> StoreResult<()> {
        self.put_role(sql::UPDATE_ROLE, row)
    }

    fn delete_role(&mut self, role: RoleSid) -> StoreResult<()> {
        self.run(sql::DELETE_ROLE, params![self.workspace, role.0.as_bytes()]).map(drop)
    }

    fn insert_user(&mut self, row: &UserRow) -> StoreResult<()> {
        self.put_user(sql::INSERT_USER, row)
    }

    fn update_user(&mut self, row: &UserRow) -> StoreResult<()> {
        self.put_user(sql::UPDATE_USER, row)
    }

    fn insert_device(&mut self, row: &DeviceRow) -> StoreResult<()> {
        self.put_device(sql::INSERT_DEVICE, row)
    }

    fn update_device(&mut self, row: &DeviceRow) -> StoreResult<()> {
        self.put_device(sql::UPDATE_DEVICE, row)
    }

    fn insert_invite(&mut self, row: &InviteRow) -> StoreResult<()> {
        self.put_invite(sql::INSERT_INVITE, row)
    }

    fn update_invite(&mut self, row: &InviteRow) -> StoreResult<()> {
        self.put_invite(sql::UPDATE_INVITE, row)
    }

    fn insert_redemption(&mut self, row: &RedemptionRow) -> StoreResult<()> {
        let (invite, client_id) = (row.invite.0.as_bytes(), row.client_id.0.as_bytes());
        let row = params![self.workspace, invite, client_id, row.user.0.as_bytes(), int(row.at.0)];
        self.run(sql::INSERT_REDEMPTION, row).map(drop)
    }

    fn insert_audit(&mut self, row: &AuditRow) -> StoreResult<()> {
        let actor = row.actor.map(|actor| *actor.0.as_bytes());
        let device = row.device.map(|device| *device.0.as_bytes());
        let row = params![self.workspace, int(row.at.0), actor, device, row.action.as_str(), row.subject];
        self.run(sql::INSERT_AUDIT, row).map(drop)
    }

    fn insert_conversation(&mut self, row: &ConversationRow) -> StoreResult<()> {
        self.put_conversation(sql::INSERT_CONVERSATION, row)?;
        self.put_head(sql::INSERT_HEAD, row.sid, &row.head)
    }

    fn update_conversation(&mut self, row: &ConversationRow) -> StoreResult<()> {
        self.is_stained.set(true);
        self.put_conversation(sql::UPDATE_CONVERSATION, row)?;
        self.put_head(sql::UPDATE_HEAD, row.sid, &row.head)
    }

    fn update_head(&mut self, conversation: ConversationSid, head: &HeadRow) -> StoreResult<()> {
        self.put_head(sql::UPDATE_HEAD, conversation, head)
    }

    fn insert_event(&mut self, row: &EventRow) -> StoreResult<()> {
        let device = row.device.map(|device| *device.0.as_bytes());
        self.change(
            sql::INSERT_EVENT,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                int(row.seq),
                row.kind.code(),
                int(row.at.0),
                row.actor,
                device,
                names(&row.changed),
                row.subject.as_bytes()
            ],
        )
    }

    fn insert_message(&mut self, row: &MessageRow) -> StoreResult<()> {
        let relates_to = row.relates_to.map(|sid| *sid.0.as_bytes());
        self.change(
            sql::INSERT_MESSAGE,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                int(row.index),
                row.sid.0.as_bytes(),
                row.client_id.0.as_bytes(),
                row.payload_hash,
                row.user.0.as_bytes(),
                row.author,
                row.participant.as_ref().map_or(&[][..], |sid| &sid.0.as_bytes()[..]),
                row.kind.code(),
                row.body,
                row.attributes,
                relates_to,
                names(&row.mentions),
                int(row.date_created.0),
                int(row.date_updated.0),
                row.last_updated_by,
                row.removed,
                int(row.seq),
                int(row.version),
                row.subject,
                codec::files_text(&row.media)
            ],
        )
    }

    fn update_message(&mut self, row: &MessageRow) -> StoreResult<()> {
        self.is_stained.set(true);
        let relates_to = row.relates_to.map(|sid| *sid.0.as_bytes());
        self.change(
            sql::UPDATE_MESSAGE,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                int(row.index),
                row.kind.code(),
                row.body,
                row.attributes,
                relates_to,
                names(&row.mentions),
                int(row.date_updated.0),
                row.last_updated_by,
                row.removed,
                int(row.version),
                row.subject,
                codec::files_text(&row.media)
            ],
        )
    }

    fn count_message(
        &mut self,
        conversation: ConversationSid,
        index: u64,
        author: UserSid,
        delta: i64,
    ) -> StoreResult<()> {
        self.count(conversation, index, Counted::All, delta)?;
        self.count(conversation, index, Counted::By(author), delta)
    }

    fn insert_mention(
        &mut self,
        conversation: ConversationSid,
        index: u64,
        user: UserSid,
    ) -> StoreResult<()> {
        let row = params![self.workspace, conversation.0.as_bytes(), int(index), user.0.as_bytes()];
        self.change(sql::INSERT_MENTION, row)?;
        self.count(conversation, index, Counted::Mentioning(user), 1)
    }

    fn delete_mentions(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()> {
        let key = params![self.workspace, conversation.0.as_bytes(), int(index)];
        self.wrote();
        let mentioned = self.many(sql::DELETE_MENTIONS, key, codec::user_sid)?;
        let mut counted = mentioned.into_iter().map(Counted::Mentioning);
        counted.try_for_each(|counted| self.count(conversation, index, counted, -1))
    }

    fn erase_messages(&mut self, conversation: ConversationSid, indexes: Range<u64>) -> StoreResult<()> {
        self.is_stained.set(true);
        let (start, end) = (int(indexes.start), int(indexes.end));
        let key = params![self.workspace, conversation.0.as_bytes(), start, end];
        self.run(sql::ERASE_MEDIA, key)?;
        self.run(sql::ERASE_MESSAGES, key)?;
        self.run(sql::ERASE_RECEIPTS, key)?;
        self.run(sql::ERASE_MENTIONS, key).map(drop)
    }

    fn erase_counters(&mut self, conversation: ConversationSid, rows: usize) -> StoreResult<usize> {
        self.run(sql::ERASE_COUNTERS, params![self.workspace, conversation.0.as_bytes(), limit(rows)])
    }

    fn insert_participant(&mut self, row: &ParticipantRow) -> StoreResult<()> {
        self.put_participant(sql::INSERT_PARTICIPANT, row)
    }

    fn update_participant(&mut self, row: &ParticipantRow) -> StoreResult<()> {
        self.put_participant(sql::UPDATE_PARTICIPANT, row)
    }

    fn put_non_chat(&mut self, row: &NonChatRow) -> StoreResult<()> {
        self.is_stained.set(true);
        self.change(
            sql::PUT_NON_CHAT,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                row.sid.0.as_bytes(),
                row.kind,
                row.address,
                row.proxy_address,
                row.attributes,
                int(row.date_created.0),
                int(row.date_updated.0),
                int(row.version),
                row.removed,
                row.name,
                row.level
            ],
        )
    }

    fn put_receipt(&mut self, row: &ReceiptRow) -> StoreResult<()> {
        self.change(
            sql::PUT_RECEIPT,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                int(row.index),
                row.participant.0.as_bytes(),
                row.status.code(),
                row.channel_message_sid,
                row.error_code,
                row.channel_metadata,
                int(row.date_created.0),
                int(row.date_updated.0)
            ],
        )
    }

    fn delete_receipts(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()> {
        self.is_stained.set(true);
        let (start, end) = (int(index), int(index + 1));
        let key = params![self.workspace, conversation.0.as_bytes(), start, end];
        self.run(sql::ERASE_RECEIPTS, key).map(drop)
    }

    fn put_membership(&mut self, row: &MembershipRow) -> StoreResult<()> {
        let participant = row.participant.map(|sid| *sid.0.as_bytes());
        self.change(
            sql::PUT_MEMBERSHIP,
            params![
                self.workspace,
                row.user.0.as_bytes(),
                row.conversation.0.as_bytes(),
                row.status.code(),
                participant,
                row.role.code(),
                row.level.code(),
                int(row.joined_seq),
                int(row.joined_index),
                int_or_null(row.horizon),
                int(row.horizon_set_version),
                row.left_name,
                at_or_null(row.left_at),
                int(row.version),
                int(row.moved),
                row.custom_role.map(|sid| *sid.0.as_bytes()),
                row.flags.map(ParticipantFlags::to_bits),
                int(row.horizon_seq)
            ],
        )
    }

    fn insert_interval(&mut self, row: &IntervalRow) -> StoreResult<()> {
        self.put_interval(sql::INSERT_INTERVAL, row)
    }

    fn update_interval(&mut self, row: &IntervalRow) -> StoreResult<()> {
        self.put_interval(sql::UPDATE_INTERVAL, row)
    }

    fn put_draft(&mut self, row: &DraftRow) -> StoreResult<()> {
        self.is_stained.set(true);
        let (user, conversation) = (row.user.0.as_bytes(), row.conversation.0.as_bytes());
        let row = params![self.workspace, user, conversation, row.body, int(row.version), int(row.moved)];
        self.change(sql::PUT_DRAFT, row)
    }

    fn put_setting(&mut self, row: &SettingRow) -> StoreResult<()> {
        self.is_stained.set(true);
        let user = row.user.0.as_bytes();
        let row = params![self.workspace, user, row.key, row.value, int(row.version), int(row.moved)];
        self.change(sql::PUT_SETTING, row)
    }

    fn insert_outcome(&mut self, row: &OutcomeRow) -> StoreResult<()> {
        self.change(
            sql::INSERT_OUTCOME,
            params![
                self.workspace,
                row.user.0.as_bytes(),
                row.client_id.0.as_bytes(),
                row.method,
                row.payload_hash,
                row.subject.as_bytes(),
                int(row.at.0)
            ],
        )
    }

    fn delete_outcomes(&mut self, before: Timestamp, rows: usize) -> StoreResult<usize> {
        self.run(sql::DELETE_OUTCOMES, params![self.workspace, int(before.0), limit(rows)])
    }

    fn insert_media(&mut self, row: &MediaRow) -> StoreResult<()> {
        self.put_media(sql::INSERT_MEDIA, row)
    }

    fn update_media(&mut self, row: &MediaRow) -> StoreResult<()> {
        self.put_media(sql::UPDATE_MEDIA, row)
    }

    fn delete_media(&mut self, media: MediaSid) -> StoreResult<()> {
        self.is_stained.set(true);
        self.run(sql::DELETE_MEDIA, params![self.workspace, media.0.as_bytes()]).map(drop)
    }
}
