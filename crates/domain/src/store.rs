//! What the rules ask of a store: typed look-ups and writes, each of which is one indexed statement of bounded cost.

use std::ops::Range;

use confab_protocol::model::Head;
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use uuid::Uuid;

use crate::gateway::{GatewayRead, GatewayTx};
use crate::row::{
    AuditRow, ConversationRow, DeviceRow, DraftRow, EventRow, Hash, HeadRow, IntervalRow, InviteRow,
    MediaRow, MediaUsage, MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow, ReceiptRow,
    RedemptionRow, RoleRow, Seen, SettingCount, SettingRow, SigningKeyRow, UserRow, WorkspaceRow,
};

/// A look-up or a write that failed. Nothing of its transaction may stay.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// No room is left.
    #[error("no room is left")]
    Full,
    /// The store cannot be reached, or broke off: the same may succeed later.
    #[error("the store cannot be reached: {0}")]
    Unavailable(String),
    /// A row cannot be read as what it ought to be.
    #[error("a row cannot be read: {0}")]
    Corrupt(String),
    /// A row with this key, or with this unique value, stands already; or the row to change is not there.
    #[error("a row is in the way or missing: {0}")]
    Conflict(String),
}

/// What a look-up or a write gives.
pub type StoreResult<T> = Result<T, StoreError>;

/// Messages of one small block of the live counters.
pub const BLOCK: u64 = 256;
/// Messages of one large block of the live counters.
pub const LARGE_BLOCK: u64 = 65_536;

/// The two sizes of counter blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockSize {
    /// [`BLOCK`] messages.
    Small,
    /// [`LARGE_BLOCK`] messages.
    Large,
}

impl BlockSize {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Small, Self::Large];

    /// Messages per block: the block of index `i` has the number `i / messages()`.
    #[must_use]
    pub fn messages(self) -> u64 {
        match self {
            Self::Small => BLOCK,
            Self::Large => LARGE_BLOCK,
        }
    }
}

/// Which live messages are counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Counted {
    /// All.
    All,
    /// Those by one author.
    By(UserSid),
    /// Those that mention one user.
    Mentioning(UserSid),
}

/// Which end a page of messages begins at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// Lowest index first.
    Ascending,
    /// Highest index first.
    Descending,
}

/// Whether a message was read by those who are in its conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Readers {
    /// Somebody has read it.
    pub some: bool,
    /// Somebody has not.
    pub not_all: bool,
}

/// A conversation and the commit that places it in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stamped {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Activity, or the commit of the last move.
    pub stamp: u64,
}

/// A conversation whose head has moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeadMoved {
    /// Where it stands.
    pub head: Head,
    /// Commit of the last move.
    pub moved: u64,
}

/// A user whose own state or profile has moved, or who was deactivated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UserMoved {
    /// The user.
    pub user: UserSid,
    /// Version of the newest of the user's own rows.
    pub state_version: u64,
    /// Version of the profile.
    pub profile_version: u64,
    /// May not be here any more.
    pub deactivated: bool,
    /// Commit of the last move.
    pub moved: u64,
}

/// A device that was signed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceRevoked {
    /// Whose.
    pub user: UserSid,
    /// The device.
    pub device: DeviceSid,
    /// Commit of its end.
    pub moved: u64,
}

/// Look-ups. All of them concern the workspace of [`Read::scope`] alone, and see one state of it.
pub trait Read: GatewayRead {
    /// The workspace that this transaction is confined to.
    fn scope(&self) -> WorkspaceSid;
    /// The workspace; none before it was made.
    fn workspace(&self) -> StoreResult<Option<WorkspaceRow>>;
    /// The newest signing key (by `date_created`, then `kid`).
    fn newest_signing_key(&self) -> StoreResult<Option<SigningKeyRow>>;
    /// The oldest signing key (by `date_created`, then `kid`).
    fn first_signing_key(&self) -> StoreResult<Option<SigningKeyRow>>;
    /// A signing key.
    fn signing_key(&self, kid: Uuid) -> StoreResult<Option<SigningKeyRow>>;

    /// A role that somebody made.
    fn role(&self, role: RoleSid) -> StoreResult<Option<RoleRow>>;
    /// Roles that somebody made, by SID.
    fn roles(&self, limit: usize) -> StoreResult<Vec<RoleRow>>;
    /// Whether anybody has a role, in the workspace or in a conversation.
    fn has_role(&self, role: RoleSid) -> StoreResult<bool>;

    /// A user.
    fn user(&self, user: UserSid) -> StoreResult<Option<UserRow>>;
    /// Users of the workspace, by SID.
    fn users(&self, after: Option<UserSid>, limit: usize) -> StoreResult<Vec<UserRow>>;
    /// The user with this identity key.
    fn user_by_key(&self, identity_key: &str) -> StoreResult<Option<UserRow>>;
    /// A device.
    fn device(&self, device: DeviceSid) -> StoreResult<Option<DeviceRow>>;
    /// The device whose refresh tokens are of this family.
    fn device_by_family(&self, family_hash: &Hash) -> StoreResult<Option<DeviceRow>>;
    /// The device that a carrier of push notifications knows by this token.
    fn device_by_push(&self, kind: &str, token: &str) -> StoreResult<Option<DeviceRow>>;
    /// Devices to which push notifications go, by their carrier, then by SID.
    fn pushed_devices(&self, after: Option<(&str, DeviceSid)>, limit: usize) -> StoreResult<Vec<DeviceRow>>;
    /// Devices of a user that are not revoked, by `last_seen` then `sid`, newest first.
    fn live_devices(&self, user: UserSid, limit: usize) -> StoreResult<Vec<DeviceRow>>;
    /// An invite.
    fn invite(&self, invite: InviteSid) -> StoreResult<Option<InviteRow>>;
    /// The invite with this secret.
    fn invite_by_secret(&self, secret_hash: &Hash) -> StoreResult<Option<InviteRow>>;
    /// Invites that are not revoked, end after `now` and are not used up, by SID.
    fn live_invites(&self, now: Timestamp, limit: usize) -> StoreResult<Vec<InviteRow>>;
    /// The use of an invite under a `client_id`.
    fn redemption(&self, invite: InviteSid, client_id: ClientId) -> StoreResult<Option<RedemptionRow>>;
    /// Lines of the audit table, newest first.
    fn audit(&self, limit: usize) -> StoreResult<Vec<AuditRow>>;

    /// A conversation.
    fn conversation(&self, conversation: ConversationSid) -> StoreResult<Option<ConversationRow>>;
    /// The conversation with this unique name.
    fn conversation_by_unique_name(&self, unique_name: &str) -> StoreResult<Option<ConversationRow>>;
    /// Conversations that were not deleted, by SID.
    fn conversations(
        &self,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>>;
    /// Conversations that let anybody in, by SID; deleted ones are not among them.
    fn public_conversations(
        &self,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationRow>>;
    /// Conversations whose `state_due` has come, the longest due first (then by SID).
    fn state_due(&self, now: Timestamp, limit: usize) -> StoreResult<Vec<ConversationRow>>;
    /// The deleted conversation with the lowest SID of those whose messages have still to be emptied.
    fn next_to_erase(&self) -> StoreResult<Option<ConversationRow>>;
    /// Events of a log with `after < seq <= to`, ascending. The caller bounds the distance.
    fn events(&self, conversation: ConversationSid, after: u64, to: u64) -> StoreResult<Vec<EventRow>>;

    /// A message of any conversation.
    fn message(&self, message: MessageSid) -> StoreResult<Option<MessageRow>>;
    /// What a user did under a `client_id`: a message sent, or else an outcome.
    fn seen(&self, user: UserSid, client_id: ClientId) -> StoreResult<Option<Seen>>;
    /// Messages (tombstones too) with an index in the range, from one end of it.
    fn messages(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
        order: Order,
        limit: usize,
    ) -> StoreResult<Vec<MessageRow>>;
    /// The message with the highest index in the range that is not removed.
    fn last_live_message(
        &self,
        conversation: ConversationSid,
        indexes: Range<u64>,
    ) -> StoreResult<Option<MessageRow>>;
    /// Live messages with an index in the range, counted one by one. The range is shorter than [`BLOCK`].
    fn count_rows(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        indexes: Range<u64>,
    ) -> StoreResult<u64>;
    /// The sum of the counters of the blocks with a number in the range.
    fn count_blocks(
        &self,
        conversation: ConversationSid,
        counted: Counted,
        size: BlockSize,
        blocks: Range<u64>,
    ) -> StoreResult<u64>;

    /// A row of a roster, tombstones too.
    fn participant(
        &self,
        conversation: ConversationSid,
        participant: ParticipantSid,
    ) -> StoreResult<Option<ParticipantRow>>;
    /// Those who are in a conversation now, by SID.
    fn participants(
        &self,
        conversation: ConversationSid,
        after: Option<ParticipantSid>,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>>;
    /// Those who take part in a conversation by other means, by SID.
    fn non_chat(&self, conversation: ConversationSid, limit: usize) -> StoreResult<Vec<NonChatRow>>;
    /// Their records whose version is greater than this, those of whoever is gone included, by version.
    fn non_chat_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<NonChatRow>>;
    /// Those at an address by whatever means, behind one of them, by conversation and SID.
    fn non_chat_at(
        &self,
        address: &str,
        after: Option<(ConversationSid, ParticipantSid)>,
        limit: usize,
    ) -> StoreResult<Vec<NonChatRow>>;
    /// What was reported of the copies of a message, by participant.
    fn receipts(
        &self,
        conversation: ConversationSid,
        index: u64,
        limit: usize,
    ) -> StoreResult<Vec<ReceiptRow>>;
    /// Whether anybody who is in a conversation now, but for one user, has read up to an index, and whether anybody has not.
    fn readers(&self, conversation: ConversationSid, index: u64, but: UserSid) -> StoreResult<Readers>;
    /// Rows of a roster with a newer version, tombstones too, by version.
    fn roster_changes(
        &self,
        conversation: ConversationSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<ParticipantRow>>;
    /// The row of a roster that changed last.
    fn newest_participant(&self, conversation: ConversationSid) -> StoreResult<Option<ParticipantRow>>;
    /// Those who are in a conversation now and may administer it as its owners ([`ParticipantRow::is_owner`]), by SID.
    fn owners(&self, conversation: ConversationSid, limit: usize) -> StoreResult<Vec<ParticipantRow>>;

    /// A user's own row for a conversation.
    fn membership(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<MembershipRow>>;
    /// When a user was in a conversation, newest first.
    fn intervals(
        &self,
        user: UserSid,
        conversation: ConversationSid,
        limit: usize,
    ) -> StoreResult<Vec<IntervalRow>>;
    /// Those who are in a conversation now and were in it when the message with this index was posted, by SID, each once.
    fn witnesses(&self, conversation: ConversationSid, index: u64, limit: usize)
    -> StoreResult<Vec<UserSid>>;
    /// Conversations that a user is in with an activity below `before`, highest first.
    fn by_activity(&self, user: UserSid, before: u64, limit: usize) -> StoreResult<Vec<Stamped>>;
    /// Conversations that a user is in whose head or own row moved after a commit, and those left after it. The stamp
    /// is the greater of `head.moved` (only while joined) and the own row's `moved`; lowest first.
    fn moved(&self, user: UserSid, after: u64, limit: usize) -> StoreResult<Vec<Stamped>>;
    /// Own rows of a user that changed after a commit, those of conversations that the user has left too; lowest commit first.
    fn own_rows_moved(&self, user: UserSid, after: u64, limit: usize) -> StoreResult<Vec<MembershipRow>>;
    /// Own rows of a user for conversations that the user has left, by conversation.
    fn left(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<MembershipRow>>;
    /// Conversations that a user is in, by SID.
    fn joined(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<ConversationSid>>;

    /// Heads of the conversations that a user is in, by SID.
    fn joined_heads(
        &self,
        user: UserSid,
        after: Option<ConversationSid>,
        limit: usize,
    ) -> StoreResult<Vec<Head>>;
    /// Those who are in a conversation now, by SID.
    fn members(
        &self,
        conversation: ConversationSid,
        after: Option<UserSid>,
        limit: usize,
    ) -> StoreResult<Vec<UserSid>>;
    /// Heads of the workspace that moved after a commit, lowest first.
    fn heads_moved(&self, after: u64, limit: usize) -> StoreResult<Vec<HeadMoved>>;
    /// Users of the workspace who moved after a commit, lowest first.
    fn users_moved(&self, after: u64, limit: usize) -> StoreResult<Vec<UserMoved>>;
    /// Devices of the workspace that were signed out after a commit, lowest first.
    fn devices_revoked(&self, after: u64, limit: usize) -> StoreResult<Vec<DeviceRevoked>>;

    /// A user's draft in a conversation, an emptied one too.
    fn draft(&self, user: UserSid, conversation: ConversationSid) -> StoreResult<Option<DraftRow>>;
    /// A user's drafts with a newer version, emptied ones too, by version.
    fn draft_changes(&self, user: UserSid, after_version: u64, limit: usize) -> StoreResult<Vec<DraftRow>>;
    /// A user's setting, a forgotten one too.
    fn setting(&self, user: UserSid, key: &str) -> StoreResult<Option<SettingRow>>;
    /// A user's settings with a newer version, forgotten ones too, by version.
    fn setting_changes(
        &self,
        user: UserSid,
        after_version: u64,
        limit: usize,
    ) -> StoreResult<Vec<SettingRow>>;
    /// How many settings a user has.
    fn count_settings(&self, user: UserSid) -> StoreResult<SettingCount>;

    /// A file.
    fn media(&self, media: MediaSid) -> StoreResult<Option<MediaRow>>;
    /// What a user has of files that are in no message and not gone.
    fn media_usage(&self, user: UserSid) -> StoreResult<MediaUsage>;
    /// Files that are in no message, not gone, and from before an instant, oldest first.
    fn unsent_media(&self, before: Timestamp, limit: usize) -> StoreResult<Vec<MediaRow>>;
    /// Files that are gone, by SID.
    fn gone_media(&self, limit: usize) -> StoreResult<Vec<MediaRow>>;
}

/// Writes. `insert_…` fails with [`StoreError::Conflict`] where the row or a unique value of it stands already,
/// `update_…` where the row is missing. Rolled back as a whole on any error.
pub trait Tx: Read + GatewayTx {
    /// Adds the workspace of the scope.
    fn insert_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()>;
    /// Changes epoch, name, owner and limit; not `commit`.
    fn update_workspace(&mut self, row: &WorkspaceRow) -> StoreResult<()>;
    /// Adds one to the workspace's commit counter and gives the new value. Called once per applied mutation.
    fn next_commit(&mut self) -> StoreResult<u64>;
    /// Adds a signing key.
    fn insert_signing_key(&mut self, row: &SigningKeyRow) -> StoreResult<()>;

    /// Adds a role.
    fn insert_role(&mut self, row: &RoleRow) -> StoreResult<()>;
    /// Changes a role.
    fn update_role(&mut self, row: &RoleRow) -> StoreResult<()>;
    /// Forgets a role.
    fn delete_role(&mut self, role: RoleSid) -> StoreResult<()>;

    /// Adds a user.
    fn insert_user(&mut self, row: &UserRow) -> StoreResult<()>;
    /// Changes a user.
    fn update_user(&mut self, row: &UserRow) -> StoreResult<()>;
    /// Adds a device.
    fn insert_device(&mut self, row: &DeviceRow) -> StoreResult<()>;
    /// Changes a device.
    fn update_device(&mut self, row: &DeviceRow) -> StoreResult<()>;
    /// Adds an invite.
    fn insert_invite(&mut self, row: &InviteRow) -> StoreResult<()>;
    /// Changes an invite.
    fn update_invite(&mut self, row: &InviteRow) -> StoreResult<()>;
    /// Adds a use of an invite.
    fn insert_redemption(&mut self, row: &RedemptionRow) -> StoreResult<()>;
    /// Adds a line to the audit table.
    fn insert_audit(&mut self, row: &AuditRow) -> StoreResult<()>;

    /// Adds a conversation with its head.
    fn insert_conversation(&mut self, row: &ConversationRow) -> StoreResult<()>;
    /// Changes a conversation with its head.
    fn update_conversation(&mut self, row: &ConversationRow) -> StoreResult<()>;
    /// Changes the head of a conversation alone.
    fn update_head(&mut self, conversation: ConversationSid, head: &HeadRow) -> StoreResult<()>;
    /// Adds an event to a log.
    fn insert_event(&mut self, row: &EventRow) -> StoreResult<()>;
    /// Adds a message; its counters are a matter of [`Tx::count_message`].
    fn insert_message(&mut self, row: &MessageRow) -> StoreResult<()>;
    /// Changes a message.
    fn update_message(&mut self, row: &MessageRow) -> StoreResult<()>;
    /// Adds `delta` (1 or -1) to the counters of all messages and of the author's, in the blocks of both sizes.
    fn count_message(
        &mut self,
        conversation: ConversationSid,
        index: u64,
        author: UserSid,
        delta: i64,
    ) -> StoreResult<()>;
    /// Notes that a message mentions a user and adds 1 to the counters of mentions of that user, in both sizes.
    fn insert_mention(&mut self, conversation: ConversationSid, index: u64, user: UserSid)
    -> StoreResult<()>;
    /// Forgets every mention by a message and takes 1 off the counters of each user mentioned, in both sizes.
    fn delete_mentions(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()>;

    /// Leaves nothing but the envelope of messages with an index in the range, forgets whom they mention and what was
    /// reported of their copies, and lets go of their files. The caller bounds the range.
    fn erase_messages(&mut self, conversation: ConversationSid, indexes: Range<u64>) -> StoreResult<()>;
    /// Forgets counters of a conversation, at most `limit`; gives how many were forgotten.
    fn erase_counters(&mut self, conversation: ConversationSid, limit: usize) -> StoreResult<usize>;

    /// Adds a row to a roster.
    fn insert_participant(&mut self, row: &ParticipantRow) -> StoreResult<()>;
    /// Changes a row of a roster.
    fn update_participant(&mut self, row: &ParticipantRow) -> StoreResult<()>;
    /// Adds or changes a record of somebody who takes part by other means.
    fn put_non_chat(&mut self, row: &NonChatRow) -> StoreResult<()>;
    /// Adds or changes what was reported of a copy of a message.
    fn put_receipt(&mut self, row: &ReceiptRow) -> StoreResult<()>;
    /// Forgets what was reported of the copies of a message.
    fn delete_receipts(&mut self, conversation: ConversationSid, index: u64) -> StoreResult<()>;
    /// Adds or changes a user's own row.
    fn put_membership(&mut self, row: &MembershipRow) -> StoreResult<()>;
    /// Adds an interval.
    fn insert_interval(&mut self, row: &IntervalRow) -> StoreResult<()>;
    /// Changes an interval: sets its end.
    fn update_interval(&mut self, row: &IntervalRow) -> StoreResult<()>;

    /// Adds or changes a user's draft.
    fn put_draft(&mut self, row: &DraftRow) -> StoreResult<()>;
    /// Adds or changes a user's setting.
    fn put_setting(&mut self, row: &SettingRow) -> StoreResult<()>;

    /// Keeps that a mutation was applied.
    fn insert_outcome(&mut self, row: &OutcomeRow) -> StoreResult<()>;
    /// Forgets outcomes from before an instant, at most `limit`; gives how many were forgotten.
    fn delete_outcomes(&mut self, before: Timestamp, limit: usize) -> StoreResult<usize>;

    /// Adds a file.
    fn insert_media(&mut self, row: &MediaRow) -> StoreResult<()>;
    /// Changes a file.
    fn update_media(&mut self, row: &MediaRow) -> StoreResult<()>;
    /// Forgets a file; one that is not there is no failure.
    fn delete_media(&mut self, media: MediaSid) -> StoreResult<()>;
}
