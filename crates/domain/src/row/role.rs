//! Roles that somebody made.

use confab_protocol::model::RoleType;
use confab_protocol::{RoleSid, Timestamp};

use crate::permission::Permissions;

/// A role of a workspace. The built-in ones are no rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleRow {
    /// Its identifier.
    pub sid: RoleSid,
    /// What it is for.
    pub kind: RoleType,
    /// The name that people see.
    pub friendly_name: String,
    /// What it gives.
    pub permissions: Permissions,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it last changed.
    pub date_updated: Timestamp,
}
