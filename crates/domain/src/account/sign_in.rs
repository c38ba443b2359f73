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

#[cfg(test)]
mod tests {
    use confab_protocol::{ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::account::{self, Grant, SignIn};
    use confab_testkit::domain::store::{Read as _, Tx as _};
    use confab_testkit::domain::{DomainResult, Event};

    fn sign_in(world: &mut World, identity: &str, verified: &str) -> DomainResult<Grant> {
        let ask = SignIn { client_id: world.client_id(), identity, verified, device_name: "Phone" };
        world.write(|now, ids, store| account::sign_in(&ask, now, ids, store))
    }

    #[test]
    fn another_computer_is_another_device() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let grant = sign_in(&mut world, "ANA", "hash of Ana").expect("she signs in");
        assert_eq!(grant.user.sid, ana.user);
        let devices = world.store.live_devices(ana.user, 9).unwrap();
        assert_eq!(devices.iter().map(|row| &row.name[..]).collect::<Vec<_>>(), ["Phone", "Laptop"]);
        for (name, hash) in [("Ana", "another hash"), ("nobody", "hash")] {
            let refusal = sign_in(&mut world, name, hash).expect_err("not signed in");
            assert_eq!(refusal.to_wire().code, ErrorCode::WrongPassword);
        }
    }

    #[test]
    fn sent_again_it_is_the_same_device_unless_that_was_signed_out() {
        let mut world = World::default();
        world.user("Ana");
        let (client_id, verified) = (world.client_id(), "hash of Ana");
        let ask = SignIn { client_id, identity: "Ana", verified, device_name: "Phone" };
        let again =
            |world: &mut World| world.write(|now, ids, store| account::sign_in(&ask, now, ids, store));
        let (first, second) = (again(&mut world).expect("once"), again(&mut world).expect("twice"));
        assert_eq!(first.device, second.device);
        let mut row = world.store.device(first.device).unwrap().unwrap();
        row.revoked_at = Some(world.clock.now());
        world.store.update_device(&row).unwrap();
        assert_eq!(again(&mut world).expect_err("signed out").to_wire().code, ErrorCode::Denied);
    }

    #[test]
    fn a_deactivated_user_stays_out() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let mut row = world.store.user(ana.user).unwrap().unwrap();
        row.deactivated = true;
        world.store.update_user(&row).unwrap();
        let refusal = sign_in(&mut world, "Ana", "hash of Ana").expect_err("deactivated");
        assert_eq!(refusal.to_wire().code, ErrorCode::Deactivated);
        let device = ana.device.expect("a device");
        let refusal = account::authenticate(ana.user, device, &world.store).expect_err("deactivated");
        assert_eq!(refusal.to_wire().code, ErrorCode::Deactivated);
    }

    #[test]
    fn one_device_too_many_signs_out_the_one_unused_for_longest() {
        let mut world = World::default();
        let ana = world.user("Ana");
        for _ in 1..limits::DEVICES {
            assert_eq!(sign_in(&mut world, "Ana", "hash of Ana").expect("a device").events, []);
        }
        let grant = sign_in(&mut world, "Ana", "hash of Ana").expect("a device");
        let device = ana.device.expect("the first device");
        assert_eq!(grant.events, [Event::DeviceRevoked { user: ana.user, device }]);
        let devices = world.store.live_devices(ana.user, 99).unwrap();
        assert_eq!((devices.len(), devices[0].sid), (limits::DEVICES, grant.device));
    }
}
