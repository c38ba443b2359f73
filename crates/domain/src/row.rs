//! What a store keeps: one plain struct per table. Every table is keyed by the workspace of its transaction besides.

use confab_protocol::model::{ConversationState, MembershipStatus, MessageType, NotificationLevel, Role};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MessageSid, ParticipantSid, Timestamp, UserSid,
    WorkspaceSid,
};
use uuid::Uuid;

/// SHA-256.
pub type Hash = [u8; 32];

/// Free JSON of the application, as text that was checked when it came in.
pub type Json = String;

/// A workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkspaceRow {
    /// Its identifier; equal to the scope of the transaction.
    pub sid: WorkspaceSid,
    /// Random; another one voids every version and cursor.
    pub epoch: Epoch,
    /// The name that people see.
    pub name: String,
    /// Number of mutations applied so far: the cursor of `resume`. Written by `Tx::next_commit` alone.
    pub commit: u64,
    /// The user who owns it; none until the first one has joined.
    pub owner: Option<UserSid>,
    /// When it was made.
    pub date_created: Timestamp,
}

/// How access tokens are signed with a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SigningAlgorithm {
    /// HMAC with SHA-256.
    Hs256,
}

/// A key that signs access tokens. The newest one signs, all of them verify.
#[derive(Clone, PartialEq, Eq)]
pub struct SigningKeyRow {
    /// Its identifier: `kid` in the header of a token.
    pub kid: Uuid,
    /// The only algorithm accepted with this key.
    pub algorithm: SigningAlgorithm,
    /// The secret.
    pub secret: Vec<u8>,
    /// When it was made.
    pub date_created: Timestamp,
}

impl std::fmt::Debug for SigningKeyRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SigningKeyRow").field("kid", &self.kid).finish_non_exhaustive()
    }
}

/// A user. Deactivated, never deleted. Unique by `identity_key`.
#[derive(Clone, PartialEq, Eq)]
pub struct UserRow {
    /// Its identifier.
    pub sid: UserSid,
    /// The identity as typed.
    pub identity: String,
    /// The identity in the form that is unique: see [`crate::name::identity_key`].
    pub identity_key: String,
    /// The name that people see.
    pub friendly_name: String,
    /// Free JSON.
    pub attributes: Json,
    /// Role in the workspace.
    pub role: Role,
    /// Password hash in PHC form; none until one is set.
    pub password_hash: Option<String>,
    /// Version of the profile.
    pub version: u64,
    /// Version of the newest of the user's own rows.
    pub state_version: u64,
    /// How many conversations the user is in.
    pub joined_count: u64,
    /// May not sign in any more.
    pub deactivated: bool,
    /// When it was made.
    pub date_created: Timestamp,
}

impl std::fmt::Debug for UserRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserRow")
            .field("sid", &self.sid)
            .field("identity", &self.identity)
            .field("role", &self.role)
            .field("version", &self.version)
            .field("state_version", &self.state_version)
            .finish_non_exhaustive()
    }
}

/// One sign-in on one computer. Unique by `family_hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct DeviceRow {
    /// Its identifier.
    pub sid: DeviceSid,
    /// Whose it is.
    pub user: UserSid,
    /// What the computer calls itself.
    pub name: String,
    /// Hash of the part that all refresh tokens of this device have in common.
    pub family_hash: Hash,
    /// Hash of the newest refresh token.
    pub refresh_hash: Hash,
    /// Hash of the one before: good until the newest is first used.
    pub previous_hash: Option<Hash>,
    /// When it signed in.
    pub date_created: Timestamp,
    /// When it last renewed its tokens.
    pub last_seen: Timestamp,
    /// When it was signed out; none while it is good.
    pub revoked_at: Option<Timestamp>,
}

impl std::fmt::Debug for DeviceRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DeviceRow")
            .field("sid", &self.sid)
            .field("user", &self.user)
            .field("last_seen", &self.last_seen)
            .field("revoked_at", &self.revoked_at)
            .finish_non_exhaustive()
    }
}

/// An invite. Unique by `secret_hash`.
#[derive(Clone, PartialEq, Eq)]
pub struct InviteRow {
    /// Its identifier.
    pub sid: InviteSid,
    /// Hash of the secret; the secret itself is kept nowhere.
    pub secret_hash: Hash,
    /// Who made it; none when the operator of the server did.
    pub created_by: Option<UserSid>,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often it may be used.
    pub max_uses: u32,
    /// How often it was used.
    pub uses: u32,
    /// When it was ended; none while it is good.
    pub revoked_at: Option<Timestamp>,
}

impl std::fmt::Debug for InviteRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteRow")
            .field("sid", &self.sid)
            .field("expires_at", &self.expires_at)
            .field("max_uses", &self.max_uses)
            .field("uses", &self.uses)
            .finish_non_exhaustive()
    }
}

/// One use of an invite. Unique by invite and `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RedemptionRow {
    /// The invite.
    pub invite: InviteSid,
    /// The id under which it was used.
    pub client_id: ClientId,
    /// The user it made.
    pub user: UserSid,
    /// When.
    pub at: Timestamp,
}

/// A conversation. Unique by `unique_name` where there is one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConversationRow {
    /// Its identifier.
    pub sid: ConversationSid,
    /// The name that people see.
    pub friendly_name: Option<String>,
    /// A name unique in the workspace.
    pub unique_name: Option<String>,
    /// Free JSON.
    pub attributes: Json,
    /// Identity of who made it.
    pub created_by: String,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it last changed, messages not counted.
    pub date_updated: Timestamp,
    /// Where it stands in its life.
    pub state: ConversationState,
    /// Exactly two people, for ever.
    pub direct: bool,
    /// Whoever knows its SID may join.
    pub public_join: bool,
    /// Participants see only what was posted while they were in it.
    pub uber: bool,
    /// What changes with every message.
    pub head: HeadRow,
}

/// The counters of a conversation; a part of its row, written alone by `Tx::update_head`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct HeadRow {
    /// Sequence of the last event of the log.
    pub last_seq: u64,
    /// Version of the last change of the roster.
    pub roster_version: u64,
    /// Index of the next message.
    pub next_index: u64,
    /// When the newest message there ever was was posted; none without messages.
    pub last_message_at: Option<Timestamp>,
    /// How many participants there are.
    pub participants_count: u64,
    /// Commit of the last message, or of the making: orders conversations by activity. Unique in a workspace.
    pub activity: u64,
    /// Commit of the last change of log or roster. Unique in a workspace.
    pub moved: u64,
}

/// What a log event tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum EventKind {
    /// The conversation was made.
    ConversationCreated,
    /// Fields of the conversation changed.
    ConversationUpdated,
    /// Someone came in.
    ParticipantJoined,
    /// Someone left or was removed.
    ParticipantLeft,
    /// A message was posted.
    MessageAdded,
    /// A message was edited.
    MessageEdited,
    /// A message was removed.
    MessageRemoved,
}

impl EventKind {
    /// Every kind, in the order of their codes.
    pub const ALL: [Self; 7] = [
        Self::ConversationCreated,
        Self::ConversationUpdated,
        Self::ParticipantJoined,
        Self::ParticipantLeft,
        Self::MessageAdded,
        Self::MessageEdited,
        Self::MessageRemoved,
    ];

    /// A number to store it as, from 1; never reused.
    #[must_use]
    pub fn code(self) -> u8 {
        self as u8 + 1
    }

    /// The kind that a number stands for.
    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// One event of a conversation's log, without content. Keyed by conversation and `seq`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Its place, from 1, without gaps.
    pub seq: u64,
    /// What it tells of.
    pub kind: EventKind,
    /// When it happened.
    pub at: Timestamp,
    /// Identity of who did it.
    pub actor: Option<String>,
    /// The actor's device.
    pub device: Option<DeviceSid>,
    /// Names of the fields that changed.
    pub changed: Vec<String>,
    /// The conversation, participant or message that it tells of, by `kind`.
    pub subject: Uuid,
}

/// A message. Keyed by conversation and `index`; unique by `sid`, and by `user` and `client_id`.
#[derive(Clone, PartialEq, Eq)]
pub struct MessageRow {
    /// Its conversation.
    pub conversation: ConversationSid,
    /// Its place, from 0; never reused.
    pub index: u64,
    /// Its identifier.
    pub sid: MessageSid,
    /// The id under which its author sent it.
    pub client_id: ClientId,
    /// Hash of the parameters it was sent with.
    pub payload_hash: Hash,
    /// The author.
    pub user: UserSid,
    /// The author's identity.
    pub author: String,
    /// The author's participation.
    pub participant: ParticipantSid,
    /// What it is.
    pub kind: MessageType,
    /// The text; none when removed.
    pub body: Option<String>,
    /// Free JSON.
    pub attributes: Json,
    /// The message that this one answers.
    pub relates_to: Option<MessageSid>,
    /// Identities that it calls; all of them were participants when it was posted.
    pub mentions: Vec<String>,
    /// When it was posted.
    pub date_created: Timestamp,
    /// When it was last edited or removed.
    pub date_updated: Timestamp,
    /// Who last edited it.
    pub last_updated_by: Option<String>,
    /// Only the envelope is left.
    pub removed: bool,
    /// Sequence of the event that added it.
    pub seq: u64,
    /// Sequence of the event that last changed it.
    pub version: u64,
}

impl std::fmt::Debug for MessageRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageRow")
            .field("sid", &self.sid)
            .field("index", &self.index)
            .field("author", &self.author)
            .field("removed", &self.removed)
            .field("seq", &self.seq)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// One row of a roster; a tombstone when its person has left. Keyed by conversation and `sid`; `version` is unique there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParticipantRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Its identifier.
    pub sid: ParticipantSid,
    /// The user.
    pub user: UserSid,
    /// The user's identity. Read from the user's row; not written.
    pub identity: String,
    /// Version of the user's profile. Read from the user's row; not written.
    pub profile_version: u64,
    /// Role in the conversation.
    pub role: Role,
    /// Free JSON.
    pub attributes: Json,
    /// Index up to which this person has read.
    pub horizon: Option<u64>,
    /// When that was set.
    pub horizon_at: Option<Timestamp>,
    /// When this participation began.
    pub date_created: Timestamp,
    /// When this row last changed.
    pub date_updated: Timestamp,
    /// Joined, or a tombstone.
    pub status: MembershipStatus,
    /// The roster's version at the last change.
    pub version: u64,
}

/// A user's own row for one conversation. Keyed by `user` and `conversation`; one row however often the user joined.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MembershipRow {
    /// The user.
    pub user: UserSid,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whether the user is in it.
    pub status: MembershipStatus,
    /// The participation; none when the user is not in it.
    pub participant: Option<ParticipantSid>,
    /// Role in the conversation.
    pub role: Role,
    /// Whether it may notify.
    pub level: NotificationLevel,
    /// First sequence of the present membership, or of the last one.
    pub joined_seq: u64,
    /// Index that the next message had when it began.
    pub joined_index: u64,
    /// Index up to which the user has read.
    pub horizon: Option<u64>,
    /// Version of this row when the horizon was last put somewhere by `set`.
    pub horizon_set_version: u64,
    /// Name of the conversation as of leaving.
    pub left_name: Option<String>,
    /// When the user left.
    pub left_at: Option<Timestamp>,
    /// The user's state version at the last change.
    pub version: u64,
    /// Commit of the last change.
    pub moved: u64,
}

impl MembershipRow {
    /// The user is in the conversation.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.status == MembershipStatus::Joined
    }
}

/// From when to when someone was in a conversation. Keyed by user, conversation and `joined_seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IntervalRow {
    /// The user.
    pub user: UserSid,
    /// The conversation.
    pub conversation: ConversationSid,
    /// First sequence that belongs to it.
    pub joined_seq: u64,
    /// Index that the next message had when it began.
    pub joined_index: u64,
    /// Last sequence that belongs to it; none while it lasts.
    pub left_seq: Option<u64>,
    /// Index that the next message had when it ended; none while it lasts.
    pub left_index: Option<u64>,
}

/// That a mutation was applied. Keyed by `user` and `client_id`. Holds no content: an answer is read from its subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutcomeRow {
    /// Whose mutation.
    pub user: UserSid,
    /// Its id.
    pub client_id: ClientId,
    /// Its method.
    pub method: String,
    /// Hash of its parameters.
    pub payload_hash: Hash,
    /// What it made or changed.
    pub subject: Uuid,
    /// When.
    pub at: Timestamp,
}

/// What was done under a `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Seen {
    /// A message was sent.
    Message(Box<MessageRow>),
    /// Something else was done.
    Outcome(OutcomeRow),
}

/// What the audit table records.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AuditAction {
    /// The workspace was made.
    WorkspaceCreated,
    /// Someone joined with an invite.
    Joined,
    /// Someone signed in on another computer.
    SignedIn,
    /// A device was signed out.
    DeviceRevoked,
    /// A spent refresh token was used again; its device was signed out.
    RefreshReused,
    /// A password was set.
    PasswordSet,
    /// An invite was made.
    InviteCreated,
    /// An invite was ended.
    InviteRevoked,
    /// A role was changed.
    RoleChanged,
    /// A participant was removed by someone else.
    ParticipantRemoved,
    /// A message was removed by someone else.
    MessageRemoved,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 11] = [
        Self::WorkspaceCreated,
        Self::Joined,
        Self::SignedIn,
        Self::DeviceRevoked,
        Self::RefreshReused,
        Self::PasswordSet,
        Self::InviteCreated,
        Self::InviteRevoked,
        Self::RoleChanged,
        Self::ParticipantRemoved,
        Self::MessageRemoved,
    ];

    /// As it stands in the table.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WorkspaceCreated => "workspace_created",
            Self::Joined => "joined",
            Self::SignedIn => "signed_in",
            Self::DeviceRevoked => "device_revoked",
            Self::RefreshReused => "refresh_reused",
            Self::PasswordSet => "password_set",
            Self::InviteCreated => "invite_created",
            Self::InviteRevoked => "invite_revoked",
            Self::RoleChanged => "role_changed",
            Self::ParticipantRemoved => "participant_removed",
            Self::MessageRemoved => "message_removed",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.as_str() == text)
    }
}

/// One line of the audit table, in the order of insertion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// When.
    pub at: Timestamp,
    /// Who; none for the operator of the server.
    pub actor: Option<UserSid>,
    /// On which device.
    pub device: Option<DeviceSid>,
    /// What was done.
    pub action: AuditAction,
    /// To what: an identifier in its form of the wire, never content.
    pub subject: String,
}
