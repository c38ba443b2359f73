//! How rows with many columns are bound, whether they are added or changed.

use std::borrow::Borrow;

use confab_domain::StoreResult;
use confab_domain::row::{
    ConversationRow, DeviceRow, HeadRow, IntervalRow, InviteRow, MediaRow, ParticipantRow, RoleRow, UserRow,
};
use confab_protocol::ConversationSid;
use confab_protocol::model::ParticipantFlags;
use rusqlite::{Connection, params};

use super::codec::{self, Code, at_or_null, int, int_or_null, names};
use super::read::SqliteTx;

/// Rows whose insert and update take the same values in the same order.
impl<C: Borrow<Connection>> SqliteTx<C> {
    pub(super) fn put_role(&self, sql: &str, row: &RoleRow) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.kind.code(),
                row.friendly_name,
                names(&row.permissions.names()),
                int(row.date_created.0),
                int(row.date_updated.0)
            ],
        )
    }

    pub(super) fn put_media(&self, sql: &str, row: &MediaRow) -> StoreResult<()> {
        let message = row.message.map(|sid| *sid.0.as_bytes());
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.user.0.as_bytes(),
                row.client_id.0.as_bytes(),
                row.file_name,
                row.content_type,
                row.sniffed_type,
                int(row.size),
                row.category.code(),
                row.width,
                row.height,
                row.sha256,
                row.state.code(),
                message,
                int(row.date_created.0)
            ],
        )
    }

    pub(super) fn put_user(&self, sql: &str, row: &UserRow) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.identity,
                row.identity_key,
                row.friendly_name,
                row.attributes,
                row.role.code(),
                row.password_hash,
                int(row.version),
                int(row.state_version),
                int(row.joined_count),
                row.deactivated,
                int(row.moved),
                int(row.date_created.0),
                row.custom_role.map(|sid| *sid.0.as_bytes()),
                row.status.map(Code::code),
                row.notifiable
            ],
        )
    }

    pub(super) fn put_device(&self, sql: &str, row: &DeviceRow) -> StoreResult<()> {
        let push = row.push.as_ref();
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.user.0.as_bytes(),
                row.name,
                row.family_hash,
                row.refresh_hash,
                row.previous_hash,
                int(row.generation),
                int(row.date_created.0),
                int(row.last_seen.0),
                at_or_null(row.revoked_at),
                int(row.moved),
                push.map(|push| &push.kind),
                push.map(|push| &push.token),
                codec::push_events(push)
            ],
        )
    }

    pub(super) fn put_invite(&self, sql: &str, row: &InviteRow) -> StoreResult<()> {
        let created_by = row.created_by.map(|user| *user.0.as_bytes());
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.secret_hash,
                created_by,
                int(row.date_created.0),
                int(row.expires_at.0),
                row.max_uses,
                row.uses,
                at_or_null(row.revoked_at)
            ],
        )
    }

    pub(super) fn put_conversation(&self, sql: &str, row: &ConversationRow) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                row.sid.0.as_bytes(),
                row.friendly_name,
                row.unique_name,
                row.attributes,
                row.created_by,
                int(row.date_created.0),
                int(row.date_updated.0),
                row.state.code(),
                row.direct,
                row.public_join,
                row.uber,
                int(row.state_at.0),
                int_or_null(row.timers.inactive),
                int_or_null(row.timers.closed),
                at_or_null(row.state_due),
                at_or_null(row.deleted_at),
                int_or_null(row.erase_from)
            ],
        )
    }

    pub(super) fn put_head(
        &self,
        sql: &str,
        conversation: ConversationSid,
        head: &HeadRow,
    ) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                conversation.0.as_bytes(),
                int(head.last_seq),
                int(head.roster_version),
                int(head.next_index),
                at_or_null(head.last_message_at),
                int(head.participants_count),
                int(head.activity),
                int(head.moved)
            ],
        )
    }

    pub(super) fn put_participant(&self, sql: &str, row: &ParticipantRow) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                row.conversation.0.as_bytes(),
                row.sid.0.as_bytes(),
                row.user.0.as_bytes(),
                row.role.code(),
                row.attributes,
                int_or_null(row.horizon),
                at_or_null(row.horizon_at),
                int(row.date_created.0),
                int(row.date_updated.0),
                row.status.code(),
                int(row.version),
                row.custom_role.map(|sid| *sid.0.as_bytes()),
                row.flags.map(ParticipantFlags::to_bits),
                int(row.horizon_seq)
            ],
        )
    }

    pub(super) fn put_interval(&self, sql: &str, row: &IntervalRow) -> StoreResult<()> {
        self.change(
            sql,
            params![
                self.workspace,
                row.user.0.as_bytes(),
                row.conversation.0.as_bytes(),
                int(row.joined_seq),
                int(row.joined_index),
                int_or_null(row.left_seq),
                int_or_null(row.left_index)
            ],
        )
    }
}
