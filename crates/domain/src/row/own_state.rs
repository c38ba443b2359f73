//! Users' drafts and settings: beside their own rows, under the same version.

use confab_protocol::{ConversationSid, UserSid};

use super::Json;

/// What a user is writing in a conversation. Keyed by `user` and `conversation`; `version` is unique for a user.
#[derive(Clone, PartialEq, Eq)]
pub struct DraftRow {
    /// The user.
    pub user: UserSid,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The text; empty when there is none any more: other devices have to hear of that.
    pub body: String,
    /// The user's state version at the last change.
    pub version: u64,
    /// Commit of the last change.
    pub moved: u64,
}

impl std::fmt::Debug for DraftRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DraftRow")
            .field("user", &self.user)
            .field("conversation", &self.conversation)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A setting of a user. Keyed by `user` and `key`; `version` is unique for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SettingRow {
    /// The user.
    pub user: UserSid,
    /// Its name.
    pub key: String,
    /// Free JSON; none when it was forgotten: other devices have to hear of that.
    pub value: Option<Json>,
    /// The user's state version at the last change.
    pub version: u64,
    /// Commit of the last change.
    pub moved: u64,
}

/// How many settings a user has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SettingCount {
    /// Those that have a value.
    pub live: u64,
    /// Those that were forgotten included.
    pub ever: u64,
}
