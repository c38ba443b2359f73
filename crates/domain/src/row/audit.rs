//! The audit table.

use confab_protocol::{DeviceSid, Timestamp, UserSid};

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
    /// A conversation was deleted for everyone.
    ConversationDeleted,
    /// A role was made, changed or deleted.
    RoleEdited,
    /// A key for programs was made.
    ApiKeyCreated,
    /// A key for programs was ended.
    ApiKeyRevoked,
}

impl AuditAction {
    /// Every action.
    pub const ALL: [Self; 15] = [
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
        Self::ConversationDeleted,
        Self::RoleEdited,
        Self::ApiKeyCreated,
        Self::ApiKeyRevoked,
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
            Self::ConversationDeleted => "conversation_deleted",
            Self::RoleEdited => "role_edited",
            Self::ApiKeyCreated => "api_key_created",
            Self::ApiKeyRevoked => "api_key_revoked",
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
