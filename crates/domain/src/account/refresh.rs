//! Rotating refresh tokens: the new one is stored before it is used, the old one is good until then, and using a spent one
//! signs the device out, because somebody has a copy.

use confab_protocol::{Timestamp, limits};

use super::secret::RefreshToken;
use super::{Grant, Refreshed, device};
use crate::row::{AuditAction, DeviceRow};
use crate::{DomainResult, Ids, Tx};

/// Gives a new refresh token for one that is good.
///
/// # Errors
/// Failures of the store. A token that is not good is no error, because signing the device out has to be committed.
pub fn refresh(token: &str, now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Refreshed> {
    let denied = || Ok(Refreshed::Denied { events: Vec::new() });
    let Some(token) = RefreshToken::parse(token) else { return denied() };
    let Some(row) = tx.device_by_family(&token.family_hash())? else { return denied() };
    let idle = now.since(row.last_seen) > limits::REFRESH_TOKEN_MS;
    let user = tx.user(row.user)?.filter(|user| !user.deactivated);
    let (None, false, Some(user)) = (row.revoked_at, idle, user) else { return denied() };
    let good = Some(token.hash());
    if good != Some(row.refresh_hash) && good != row.previous_hash {
        let event = device::revoke(row, AuditAction::RefreshReused, now, tx)?;
        return Ok(Refreshed::Denied { events: vec![event] });
    }
    let next = token.rotated(ids);
    let device = row.sid;
    tx.update_device(&rotated(row, &token, &next, now))?;
    let refresh_token = next.into_text();
    Ok(Refreshed::Granted(Box::new(Grant { user, device, refresh_token, events: Vec::new() })))
}

/// The token that was used stays good until the new one is used: the answer may be lost on its way.
fn rotated(row: DeviceRow, used: &RefreshToken, next: &RefreshToken, now: Timestamp) -> DeviceRow {
    DeviceRow { refresh_hash: next.hash(), previous_hash: Some(used.hash()), last_seen: now, ..row }
}
