//! Roles: names for sets of permissions.

use serde::{Deserialize, Serialize};

use crate::id::{ClientId, RoleSid};
use crate::model::{NamedRole, RoleType};

/// Result of `role.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleListResult {
    /// The built-in ones first, then by SID.
    pub roles: Vec<NamedRole>,
    /// The version as of which they stand so: see `roles.changed`.
    #[serde(default)]
    pub as_of: u64,
}

/// Parameters of `role.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleCreateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The name that people see.
    pub friendly_name: String,
    /// What it is for.
    #[serde(rename = "type")]
    pub kind: RoleType,
    /// Names of permissions of that place.
    pub permissions: Vec<String>,
}

/// Parameters of `role.update`; fields left out stay as they are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The role.
    pub role: RoleSid,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Names of permissions, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub permissions: Option<Vec<String>>,
}

/// Parameters of `role.delete`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleDeleteParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The role.
    pub role: RoleSid,
}

/// A role after a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleResult {
    /// The role as it stands.
    pub role: NamedRole,
}
