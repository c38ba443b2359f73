//! Where push notifications go. What carries them out of the workspace reads these records.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, DeviceSid};
use crate::model::{PushEvent, PushRegistration};

/// Parameters of `push.register`; replaces what the device registered before.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRegisterParams {
    /// Applied once.
    pub client_id: ClientId,
    /// What carries them: `apn`, `fcm`, or another of 1 to 32 of `a-z` and `_`.
    #[serde(rename = "type")]
    pub kind: String,
    /// By what the carrier knows this device (≤ 4,096 bytes). Another device that had it has it no more.
    pub token: String,
    /// Of what; left out: of everything.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<PushEvent>>,
}

impl std::fmt::Debug for PushRegisterParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PushRegisterParams")
            .field("client_id", &self.client_id)
            .field("kind", &self.kind)
            .field("events", &self.events)
            .finish_non_exhaustive()
    }
}

/// Result of `push.register`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRegisterResult {
    /// What stands for this device now.
    pub registration: PushRegistration,
}

/// Parameters of `push.unregister`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushUnregisterParams {
    /// Applied once.
    pub client_id: ClientId,
    /// A device of one's own; left out: this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceSid>,
}
