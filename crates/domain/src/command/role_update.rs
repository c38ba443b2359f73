//! `role.update`: whoever has the role may do what it says from now on.

use confab_protocol::method::{RoleResult, RoleUpdateParams};
use confab_protocol::permission::built_in;
use confab_protocol::{Answer, ErrorCode, RoleSid, WireError, limits};
use uuid::Uuid;

use super::role;
use crate::cx::{Cx, Done};
use crate::permission::Permission;
use crate::row::{AuditAction, RoleRow};
use crate::{DomainResult, Tx, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &RoleUpdateParams) -> DomainResult<Done> {
    if params.friendly_name.is_none() && params.permissions.is_none() {
        return Err(WireError::invalid("params", "nothing to change").into());
    }
    let friendly_name = params.friendly_name.as_deref();
    let friendly_name = friendly_name
        .map(|text| name::required("friendly_name", text, limits::FRIENDLY_NAME_CHARS))
        .transpose()?;
    cx.workspace_user(Permission::EditRoles)?;
    let before = made(cx.tx, params.role)?;
    let mut row = before.clone();
    if let Some(name) = friendly_name {
        name.clone_into(&mut row.friendly_name);
    }
    if let Some(names) = &params.permissions {
        row.permissions = role::permissions(row.kind, names)?;
    }
    if row != before {
        row.date_updated = cx.now;
        cx.tx.update_role(&row)?;
        role::tell(cx, vec![view::role(&row)], Vec::new())?;
        cx.audit(AuditAction::RoleEdited, row.sid.to_string())?;
    }
    Ok(Done { answer: Answer::RoleUpdate(RoleResult { role: view::role(&row) }), subject: row.sid.0 })
}

/// A role that can be changed.
///
/// # Errors
/// `role_in_use` for a built-in one; `not_found`.
pub(super) fn made(tx: &dyn Tx, sid: RoleSid) -> DomainResult<RoleRow> {
    if built_in(sid).is_some() {
        return Err(WireError::new(ErrorCode::RoleInUse).with("reason", "built_in").into());
    }
    Ok(tx.role(sid)?.ok_or_else(|| WireError::not_found("role"))?)
}

pub(crate) fn replay(subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let row = tx.role(RoleSid(subject))?.ok_or_else(|| WireError::not_found("role"))?;
    Ok(Answer::RoleUpdate(RoleResult { role: view::role(&row) }))
}
