//! Making a workspace, its owner and its keys.

use confab_protocol::{Epoch, ErrorCode, Timestamp, WireError, limits};

use super::{Grant, device, join};
use crate::row::{AuditAction, AuditRow, SigningAlgorithm, SigningKeyRow, WorkspaceRow};
use crate::{DomainResult, Event, Ids, Read, StoreError, Tx, name, view};

/// The workspace, which must be there.
pub(super) fn workspace(read: &(impl Read + ?Sized)) -> DomainResult<WorkspaceRow> {
    Ok(read.workspace()?.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?)
}

/// Makes the workspace that the transaction is confined to, with its first signing key. Nobody owns it yet.
///
/// # Errors
/// `invalid_params`, `too_large` for the name, and failures of the store.
pub fn create_workspace(
    workspace_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<WorkspaceRow> {
    let name = name::required("workspace_name", workspace_name, limits::WORKSPACE_NAME_CHARS)?;
    let row = WorkspaceRow {
        sid: tx.scope(),
        epoch: new_epoch(ids),
        name: name.to_owned(),
        commit: 0,
        owner: None,
        participants_limit: limits::PARTICIPANTS as u64,
        roles_version: 0,
        date_created: now,
    };
    tx.insert_workspace(&row)?;
    add_signing_key(now, ids, tx)?;
    let (action, subject) = (AuditAction::WorkspaceCreated, row.sid.to_string());
    tx.insert_audit(&AuditRow { at: now, actor: None, device: None, action, subject })?;
    Ok(row)
}

fn new_epoch(ids: &mut dyn Ids) -> Epoch {
    Epoch(uuid::Uuid::from_bytes(ids.secret()))
}

/// Gives the workspace another epoch, which voids every version and cursor that was given out: after restoring a backup,
/// a failed verification, or moving back to an older store.
///
/// # Errors
/// Failures of the store.
pub fn renew_epoch(ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Epoch> {
    let mut row = workspace(tx)?;
    row.epoch = new_epoch(ids);
    tx.update_workspace(&row)?;
    Ok(row.epoch)
}

/// Adds a signing key; it signs from now on, and the older ones go on verifying.
///
/// # Errors
/// Failures of the store.
pub fn add_signing_key(now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<SigningKeyRow> {
    let secret = [ids.secret(), ids.secret()].concat();
    let algorithm = SigningAlgorithm::Hs256;
    let row = SigningKeyRow { kid: ids.uuid(), algorithm, secret, date_created: now };
    tx.insert_signing_key(&row)?;
    Ok(row)
}

/// Makes the owner of a workspace that nobody owns, with a first device. There may be no password: on the own computer
/// none is needed.
///
/// # Errors
/// `name_taken`; `forbidden` when somebody owns it already; `invalid_params`, `too_large` for the names.
pub fn create_owner(
    identity: &str,
    password_hash: Option<&str>,
    device_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Grant> {
    let identity = name::identity("identity", identity)?;
    if workspace(tx)?.owner.is_some() {
        return Err(ErrorCode::Forbidden.into());
    }
    if tx.user_by_key(&name::identity_key(identity))?.is_some() {
        return Err(WireError::new(ErrorCode::NameTaken).with("identity", identity).into());
    }
    let user = join::new_user(identity, password_hash, now, tx)?;
    let profile = Event::User(view::user(&user)?);
    let mut grant = device::enter(user, device_name, AuditAction::Joined, now, ids, tx)?;
    grant.events.push(profile);
    Ok(grant)
}

/// Makes another device for the owner. For whoever holds the data directory; never granted by address.
///
/// # Errors
/// `not_found` when nobody owns the workspace; `deactivated`; `too_large` for the name of the device.
pub fn owner_device(
    device_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Grant> {
    let owner = workspace(tx)?.owner.ok_or_else(|| WireError::not_found("owner"))?;
    let user = crate::cx::user_row(tx, owner)?;
    if user.deactivated {
        return Err(ErrorCode::Deactivated.into());
    }
    device::enter(user, device_name, AuditAction::SignedIn, now, ids, tx)
}

#[cfg(test)]
mod tests {
    use confab_protocol::ErrorCode;
    use confab_testkit::World;
    use confab_testkit::domain::account;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::Read as _;

    #[test]
    fn a_workspace_has_one_owner_and_the_owner_as_many_devices_as_needed() {
        let mut world = World::default();
        assert_eq!(world.audited(2), [AuditAction::Joined, AuditAction::WorkspaceCreated]);
        let second = world.write(|now, ids, store| account::create_owner("Eve", None, "", now, ids, store));
        assert_eq!(second.expect_err("it is owned").to_wire().code, ErrorCode::Forbidden);
        let grant = world.write(|now, ids, store| account::owner_device("Desk", now, ids, store));
        let grant = grant.expect("another device");
        assert_eq!(grant.user.sid, world.owner.user);
        assert_ne!(Some(grant.device), world.owner.device);
    }

    #[test]
    fn a_new_key_signs_and_the_old_one_is_still_known() {
        let mut world = World::default();
        let old = world.store.newest_signing_key().unwrap().expect("the first key");
        let new = world.write(|now, ids, store| account::add_signing_key(now, ids, store)).expect("a key");
        assert_eq!(world.store.newest_signing_key().unwrap(), Some(new.clone()));
        assert_eq!(world.store.signing_key(old.kid).unwrap(), Some(old.clone()));
        assert!(new.secret.len() == 32 && new.secret != old.secret);
    }
}
