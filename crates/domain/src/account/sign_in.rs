//! Signing in on another computer.

use confab_protocol::{ClientId, DeviceSid, ErrorCode, Timestamp, UserSid};
use sha2::{Digest as _, Sha256};

use super::{Grant, SignIn, device};
use crate::row::{AuditAction, DeviceRow, Hash, OutcomeRow};
use crate::{DomainResult, Ids, Tx, apply, name};

/// Under which name a sign-in is known as applied; joining with an invite is one too.
const METHOD: &str = "sign_in";

/// Signs in with a password that was verified. Sent again, it gives another token for the same device.
///
/// # Errors
/// `wrong_password` when there is no such user, or when the password was changed since it was verified; `deactivated`;
/// `client_id_reused`; `too_large` for the name of the device.
pub fn sign_in(ask: &SignIn<'_>, now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Grant> {
    let user = tx.user_by_key(&name::identity_key(ask.identity))?;
    let user = user.filter(|user| user.password_hash.as_deref() == Some(ask.verified));
    let user = user.ok_or(ErrorCode::WrongPassword)?;
    if user.deactivated {
        return Err(ErrorCode::Deactivated.into());
    }
    if let Some(row) = device_of(user.sid, ask, tx)? {
        return device::enter_again(user, row, now, ids, tx);
    }
    let (actor, identity) = (user.sid, user.identity.clone());
    let grant = device::enter(user, ask.device_name, AuditAction::SignedIn, now, ids, tx)?;
    keep_device(actor, ask.client_id, &identity, grant.device, now, tx)?;
    Ok(grant)
}

/// The device that the same sign-in made before.
fn device_of(user: UserSid, ask: &SignIn<'_>, tx: &dyn Tx) -> DomainResult<Option<DeviceRow>> {
    let Some(seen) = tx.seen(user, ask.client_id)? else { return Ok(None) };
    let device = DeviceSid(apply::same(&seen, payload_hash(ask.identity))?);
    let row = tx.device(device)?.filter(|row| row.revoked_at.is_none());
    Ok(Some(row.ok_or(ErrorCode::Denied)?))
}

/// Keeps which device a sign-in made.
pub(super) fn keep_device(
    user: UserSid,
    client_id: ClientId,
    identity: &str,
    device: DeviceSid,
    at: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<()> {
    let (method, payload_hash) = (METHOD.to_owned(), payload_hash(identity));
    tx.insert_outcome(&OutcomeRow { user, client_id, method, payload_hash, subject: device.0, at })?;
    Ok(())
}

/// Of the name alone: nothing that follows from a password is kept beside the slow hash of it.
fn payload_hash(identity: &str) -> Hash {
    let mut hasher = Sha256::new();
    hasher.update(METHOD);
    hasher.update([0]);
    hasher.update(name::identity_key(identity));
    hasher.finalize().into()
}
