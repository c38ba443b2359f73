//! What the commands on roles share: what permissions they may hold, and which one an identifier stands for.

use confab_protocol::model::{NamedRole, Role, RoleType};
use confab_protocol::{RoleSid, WireError};

use crate::cx::Cx;
use crate::permission::{Permission, Permissions};
use crate::query::resume::workspace;
use crate::row::RoleRow;
use crate::{DomainResult, Event, Read};

/// Tells everybody that a role is new or changed, or gone.
pub(super) fn tell(cx: &mut Cx<'_>, roles: Vec<NamedRole>, removed: Vec<RoleSid>) -> DomainResult<()> {
    let mut row = workspace(cx.tx)?;
    let from = row.roles_version;
    row.roles_version += 1;
    cx.tx.update_workspace(&row)?;
    cx.events.push(Event::Roles { from, to: row.roles_version, roles, removed });
    Ok(())
}

/// The permissions of these names, all of them of the place that the role is for.
///
/// # Errors
/// `invalid_params` for one that is not known, or of another place.
pub(super) fn permissions(kind: RoleType, names: &[String]) -> Result<Permissions, WireError> {
    let wrong = || WireError::invalid("permissions", "no permission of this place");
    let one = |name: &String| Permission::parse(name).filter(|found| found.place() == kind).ok_or_else(wrong);
    names.iter().map(one).collect()
}

/// The role of a participant that an identifier stands for: a built-in one, or one that somebody made.
///
/// # Errors
/// `not_found`.
pub(super) fn of_conversation(
    read: &(impl Read + ?Sized),
    sid: RoleSid,
) -> DomainResult<(Role, Option<RoleSid>)> {
    match sid {
        RoleSid::OWNER => Ok((Role::Owner, None)),
        RoleSid::PARTICIPANT => Ok((Role::Participant, None)),
        sid => Ok((Role::Participant, Some(made(read, sid, RoleType::Conversation)?.sid))),
    }
}

/// The same in the workspace.
///
/// # Errors
/// `not_found`.
pub(super) fn of_workspace(
    read: &(impl Read + ?Sized),
    sid: RoleSid,
) -> DomainResult<(Role, Option<RoleSid>)> {
    match sid {
        RoleSid::WORKSPACE_OWNER => Ok((Role::Owner, None)),
        RoleSid::WORKSPACE_USER => Ok((Role::Participant, None)),
        sid => Ok((Role::Participant, Some(made(read, sid, RoleType::Workspace)?.sid))),
    }
}

fn made(read: &(impl Read + ?Sized), sid: RoleSid, kind: RoleType) -> DomainResult<RoleRow> {
    let row = read.role(sid)?.filter(|row| row.kind == kind);
    Ok(row.ok_or_else(|| WireError::not_found("role"))?)
}
