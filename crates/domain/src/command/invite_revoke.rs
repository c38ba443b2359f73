//! `invite.revoke`: nobody can use it after this.

use confab_protocol::method::{InviteRevokeParams, Nothing};
use confab_protocol::{Answer, ErrorCode};

use crate::DomainResult;
use crate::cx::{Cx, Done};
use crate::permission::Permission;
use crate::row::AuditAction;

pub(crate) fn run(cx: &mut Cx<'_>, params: &InviteRevokeParams) -> DomainResult<Done> {
    cx.workspace_user(Permission::RevokeInvite)?;
    let mut row = cx.tx.invite(params.invite)?.ok_or(ErrorCode::InviteUnknown)?;
    if row.revoked_at.is_none() {
        row.revoked_at = Some(cx.now);
        cx.tx.update_invite(&row)?;
        cx.audit(AuditAction::InviteRevoked, row.sid.to_string())?;
    }
    Ok(Done { answer: answer(), subject: row.sid.0 })
}

/// There is nothing to say.
pub(crate) fn answer() -> Answer {
    Answer::InviteRevoke(Nothing {})
}
