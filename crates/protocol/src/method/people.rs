//! People: what is looked at, who is there, profiles.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::id::{ClientId, ConversationSid, RoleSid, UserSid};
use crate::model::{Presence, User, UserStatus};

/// Parameters of `interest.set`; replaces what was declared before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestSetParams {
    /// The conversation that is open.
    #[serde(default)]
    pub open: Option<ConversationSid>,
    /// Conversations whose rows are on screen (≤ 100).
    #[serde(default)]
    pub rows: Vec<ConversationSid>,
    /// Changes of the rosters of `rows` are wanted too, as of the one that is open.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub rosters: bool,
}

/// Parameters of `presence.subscribe`; replaces what was subscribed before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSubscribeParams {
    /// People on screen (≤ 100).
    pub identities: Vec<String>,
}

/// Result of `presence.subscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSubscribeResult {
    /// How things stand now.
    pub people: Vec<Presence>,
}

/// Parameters of `user.get`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserGetParams {
    /// Identities (≤ 50, with the SIDs).
    #[serde(default)]
    pub identities: Vec<String>,
    /// SIDs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub users: Vec<UserSid>,
}

/// Result of `user.get`; unknown identities are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserGetResult {
    /// The profiles.
    pub users: Vec<User>,
}

/// Parameters of `user.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserListParams {
    /// Only those whose identity or friendly name holds this, without regard to case (≤ 256 characters).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub query: Option<String>,
    /// Go on after this user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<UserSid>,
    /// At most this many (≤ 50).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `user.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserListResult {
    /// By SID. Fewer than asked for, or none, may be found before it is time to ask again.
    pub users: Vec<User>,
    /// There may be more: go on after `next`.
    pub more: bool,
    /// The last user that was looked at; left out when there is no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<UserSid>,
}

/// Parameters of `user.set_status`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSetStatusParams {
    /// Applied once.
    pub client_id: ClientId,
    /// Whether one is there; null says nothing any more.
    #[serde(default)]
    pub status: Option<UserStatus>,
}

/// Parameters of `user.update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// Whose; left out: one's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserSid>,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// Role in the workspace, by its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<RoleSid>,
}

impl UserUpdateParams {
    /// One's own profile, and nothing of it changes.
    #[must_use]
    pub fn new(client_id: ClientId) -> Self {
        Self { client_id, user: None, friendly_name: None, attributes: None, role: None }
    }
}

/// A profile after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserResult {
    /// The profile as it stands.
    pub user: User,
}

/// Parameters of `user.set_password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSetPasswordParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The present one; may be left out while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// The new one.
    pub password: String,
}

impl std::fmt::Debug for UserSetPasswordParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserSetPasswordParams(…)")
    }
}
