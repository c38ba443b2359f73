//! Who comes in: invites and devices.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, DeviceSid, InviteSid};
use crate::model::{Device, Invite};

/// Parameters of `invite.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// How long it lives, in milliseconds (≤ 30 days; 7 days by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// How often it may be used (≤ 1,000; 100 by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
}

/// Result of `invite.create`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreateResult {
    /// The invite.
    pub invite: Invite,
    /// The link to pass on.
    pub link: String,
}

impl std::fmt::Debug for InviteCreateResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteCreateResult").field("invite", &self.invite).finish_non_exhaustive()
    }
}

/// Parameters of `invite.revoke`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRevokeParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The invite.
    pub invite: InviteSid,
}

/// Result of `invite.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteListResult {
    /// Those that can still be used.
    pub invites: Vec<Invite>,
}

/// Result of `device.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceListResult {
    /// Those that are signed in.
    pub devices: Vec<Device>,
}

/// Parameters of `device.revoke`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRevokeParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The device.
    pub device: DeviceSid,
}
