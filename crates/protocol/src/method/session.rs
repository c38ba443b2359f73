//! Of a connection: its first frame, its tokens, and taking up where it ended.

use serde::{Deserialize, Serialize};

use crate::id::{DeviceSid, Epoch, Timestamp};
use crate::model::{ConversationSummary, StatePage, User, Workspace};
use crate::version::{Capability, VersionRange};

/// Parameters of `hello`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloParams {
    /// The versions that the client speaks.
    pub versions: VersionRange,
    /// What the client can do beyond the base.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The access token.
    pub token: String,
    /// Name and version of the client, for the log.
    #[serde(default)]
    pub client: String,
}

impl std::fmt::Debug for HelloParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HelloParams")
            .field("versions", &self.versions)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Result of `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloResult {
    /// The version that both sides use from here on.
    pub version: u32,
    /// What the server can do beyond the base.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The workspace.
    pub workspace: Workspace,
    /// Its epoch: another one than the client's voids all its versions.
    pub epoch: Epoch,
    /// The user that the token stands for.
    pub user: User,
    /// The device that the token stands for.
    pub device: DeviceSid,
    /// The user's state version now.
    pub state_version: u64,
    /// The version of the roles now: see `roles.changed`.
    #[serde(default)]
    pub roles_version: u64,
    /// The server's clock, for show.
    pub now: Timestamp,
    /// When the access token ends.
    pub token_expires_at: Timestamp,
    /// How often both sides give a sign of life, in milliseconds.
    pub heartbeat_ms: u64,
    /// Over how long a client spreads its first attempt to come back, in milliseconds, so that all of them together do
    /// not press a server that has just begun. 0 when the server names none.
    #[serde(default)]
    pub reconnect_spread_ms: u64,
}

/// Result of `ping`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingResult {
    /// The server's clock, for show.
    pub now: Timestamp,
    /// As in `hello`, for as many sessions as there are now.
    #[serde(default)]
    pub reconnect_spread_ms: u64,
}

/// Parameters of `token.renew`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRenewParams {
    /// A new access token of the same user and device.
    pub token: String,
}

impl std::fmt::Debug for TokenRenewParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenRenewParams(…)")
    }
}

/// Result of `token.renew`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRenewResult {
    /// When the new token ends.
    pub token_expires_at: Timestamp,
}

/// Parameters of `resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeParams {
    /// The epoch that the cursor belongs to.
    pub epoch: Epoch,
    /// Where the last answer of `resume` or `conversation.list` ended.
    pub cursor: u64,
    /// At most this many summaries (≤ 50).
    #[serde(default)]
    pub limit: Option<u32>,
    /// Drafts and settings are held up to this version of one's own state; left out: none are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_version: Option<u64>,
}

/// Result of `resume`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResumeResult {
    /// The epoch of everything here.
    pub epoch: Epoch,
    /// Where to go on.
    pub cursor: u64,
    /// There is more: ask again from `cursor`, and from `state_to`.
    pub more: bool,
    /// The user's state version when this was read.
    pub state_version: u64,
    /// A summary for each conversation whose log, roster or own row moved.
    pub summaries: Vec<ConversationSummary>,
    /// Drafts and settings that changed, when a `state_version` was passed.
    #[serde(flatten)]
    pub state: StatePage,
}
