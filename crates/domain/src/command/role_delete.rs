//! `role.delete`: one that nobody has.

use confab_protocol::method::{Nothing, RoleDeleteParams};
use confab_protocol::{Answer, ErrorCode, WireError};

use super::role;
use super::role_update::made;
use crate::DomainResult;
use crate::cx::{Cx, Done};
use crate::permission::Permission;
use crate::row::AuditAction;

pub(crate) fn run(cx: &mut Cx<'_>, params: &RoleDeleteParams) -> DomainResult<Done> {
    cx.workspace_user(Permission::EditRoles)?;
    let row = made(cx.tx, params.role)?;
    if cx.tx.has_role(row.sid)? {
        return Err(WireError::new(ErrorCode::RoleInUse).with("reason", "held").into());
    }
    cx.tx.delete_role(row.sid)?;
    role::tell(cx, Vec::new(), vec![row.sid])?;
    cx.audit(AuditAction::RoleEdited, row.sid.to_string())?;
    Ok(Done { answer: answer(), subject: row.sid.0 })
}

/// The answer, which is the same when the same is sent again.
pub(crate) fn answer() -> Answer {
    Answer::RoleDelete(Nothing {})
}
