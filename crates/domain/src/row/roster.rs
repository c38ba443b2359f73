//! Rosters, users' own rows, and the intervals of memberships.

use confab_protocol::model::{MembershipStatus, NotificationLevel, ParticipantFlags, Role};
use confab_protocol::{ConversationSid, ParticipantSid, RoleSid, Timestamp, UserSid};

use super::Json;

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
    /// A role that somebody made, in place of it.
    pub custom_role: Option<RoleSid>,
    /// Decide what they stand for, whatever the role says.
    pub flags: Option<ParticipantFlags>,
    /// Free JSON.
    pub attributes: Json,
    /// Index up to which this person has read.
    pub horizon: Option<u64>,
    /// Sequence of the event up to which this person has read; 0 for nothing. The index follows from it.
    pub horizon_seq: u64,
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

impl ParticipantRow {
    /// Whether this person may administer the conversation as its owner.
    #[must_use]
    pub fn is_owner(&self) -> bool {
        owns(self.role, self.flags)
    }
}

/// Whether a role administers a conversation under these flags: an owner, from whom they take neither that nor the care of participants.
#[must_use]
pub fn owns(role: Role, flags: Option<ParticipantFlags>) -> bool {
    role == Role::Owner && flags.is_none_or(|flags| flags.owner && flags.can_manage_participants)
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
    /// A role that somebody made, in place of it.
    pub custom_role: Option<RoleSid>,
    /// Decide what they stand for, whatever the role says.
    pub flags: Option<ParticipantFlags>,
    /// Whether it may notify.
    pub level: NotificationLevel,
    /// First sequence of the present membership, or of the last one.
    pub joined_seq: u64,
    /// Index that the next message had when it began.
    pub joined_index: u64,
    /// Index up to which the user has read.
    pub horizon: Option<u64>,
    /// Sequence of the event up to which the user has read; 0 for nothing. The index follows from it.
    pub horizon_seq: u64,
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
