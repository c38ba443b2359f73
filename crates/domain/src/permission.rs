//! The functions that decide what one may do. The list of permissions is the protocol's.

pub use confab_protocol::permission::{Permission, Permissions};

use confab_protocol::RoleSid;
use confab_protocol::model::Role;

use crate::row::{MembershipRow, UserRow};
use crate::store::{Read, StoreResult};

/// What a user may do in the workspace. Whoever was deactivated may do nothing.
///
/// # Errors
/// Failures of the store.
pub fn in_workspace(read: &(impl Read + ?Sized), user: &UserRow) -> StoreResult<Permissions> {
    if user.deactivated {
        return Ok(Permissions::default());
    }
    of_role(read, user.role, user.custom_role)
}

/// What the user of an own row may do in that conversation; nothing when they are not in it. An owner of the workspace has no
/// power over conversations of others.
///
/// # Errors
/// Failures of the store.
pub fn in_conversation(read: &(impl Read + ?Sized), me: &MembershipRow) -> StoreResult<Permissions> {
    if !me.is_joined() {
        return Ok(Permissions::default());
    }
    Ok(of_role(read, me.role, me.custom_role)?.with_flags(me.flags))
}

/// What a role gives: one that somebody made, or a built-in one.
///
/// # Errors
/// Failures of the store.
pub fn of_role(read: &(impl Read + ?Sized), role: Role, custom: Option<RoleSid>) -> StoreResult<Permissions> {
    match custom {
        None => Ok(Permissions::of(role)),
        Some(sid) => Ok(read.role(sid)?.map_or(Permissions::default(), |row| row.permissions)),
    }
}
