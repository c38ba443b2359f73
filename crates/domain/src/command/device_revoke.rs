//! `device.revoke`: signs one of one's own devices out.

use confab_protocol::method::{DeviceRevokeParams, Nothing};
use confab_protocol::{Answer, WireError};

use crate::cx::{Cx, Done};
use crate::row::AuditAction;
use crate::{DomainResult, Event};

pub(crate) fn run(cx: &mut Cx<'_>, params: &DeviceRevokeParams) -> DomainResult<Done> {
    let row = cx.tx.device(params.device)?.filter(|row| row.user == cx.actor.user);
    let mut row = row.ok_or_else(|| WireError::not_found("device"))?;
    if row.revoked_at.is_none() {
        row.revoked_at = Some(cx.now);
        cx.tx.update_device(&row)?;
        cx.audit(AuditAction::DeviceRevoked, row.sid.to_string())?;
        cx.events.push(Event::DeviceRevoked { user: row.user, device: row.sid });
    }
    Ok(Done { answer: answer(), subject: row.sid.0 })
}

/// There is nothing to say.
pub(crate) fn answer() -> Answer {
    Answer::DeviceRevoke(Nothing {})
}
