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

#[cfg(test)]
mod tests {
    use confab_protocol::{ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::account::{self, Password, Refreshed};
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::Read as _;

    /// A token of Ana's, and her device.
    fn signed_in(world: &mut World) -> (String, confab_protocol::DeviceSid) {
        let minted = world.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
        let secret = minted.expect("an invite").secret;
        let grant = world.join(&secret, "Ana", Password::New("hash")).expect("a user");
        (grant.refresh_token, grant.device)
    }

    fn refresh(world: &mut World, token: &str) -> Refreshed {
        world.write(|now, ids, store| account::refresh(token, now, ids, store)).expect("an outcome")
    }

    fn good(world: &mut World, token: &str) -> String {
        match refresh(world, token) {
            Refreshed::Granted(grant) => grant.refresh_token,
            Refreshed::Denied { .. } => panic!("denied"),
        }
    }

    #[test]
    fn tokens_rotate_and_are_stored_as_hashes() {
        let mut world = World::default();
        let (first, device) = signed_in(&mut world);
        let second = good(&mut world, &first);
        let third = good(&mut world, &second);
        assert!(first != second && second != third);
        let kept = format!("{:?}", world.store.device(device).unwrap().unwrap().family_hash);
        assert!(!kept.contains(&third));
        assert_eq!(world.store.device(device).unwrap().unwrap().last_seen, world.clock.now());
    }

    #[test]
    fn the_old_one_is_good_until_the_new_one_is_used() {
        let mut world = World::default();
        let (first, _) = signed_in(&mut world);
        let lost = good(&mut world, &first);
        let found = good(&mut world, &first);
        let next = good(&mut world, &found);
        assert!(lost != found && found != next);
        good(&mut world, &next);
    }

    #[test]
    fn a_spent_one_signs_the_device_out() {
        let mut world = World::default();
        let (first, device) = signed_in(&mut world);
        let second = good(&mut world, &first);
        let third = good(&mut world, &second);
        let Refreshed::Denied { events } = refresh(&mut world, &first) else { panic!("it was spent") };
        assert!(matches!(&events[..], [Event::DeviceRevoked { device: revoked, .. }] if *revoked == device));
        assert_eq!(world.audited(1), [AuditAction::RefreshReused]);
        let Refreshed::Denied { events } = refresh(&mut world, &third) else { panic!("it is signed out") };
        assert_eq!(events, []);
        let user = world.store.device(device).unwrap().unwrap().user;
        let refusal = account::authenticate(user, device, &world.store).expect_err("signed out");
        assert_eq!(refusal.to_wire().code, ErrorCode::Denied);
    }

    #[test]
    fn what_is_no_token_harms_nobody() {
        let mut world = World::default();
        let (first, _) = signed_in(&mut world);
        let before = world.store.clone();
        let other = "A".repeat(22);
        for text in ["", ".", "x.y", &other, &format!("{other}.{other}"), &format!("{first}x")] {
            assert_eq!(refresh(&mut world, text), Refreshed::Denied { events: Vec::new() }, "{text}");
        }
        assert!(world.store == before);
        good(&mut world, &first);
    }

    #[test]
    fn a_token_dies_unused() {
        let mut world = World::default();
        let (first, _) = signed_in(&mut world);
        world.clock.advance(limits::REFRESH_TOKEN_MS - 1);
        let second = good(&mut world, &first);
        world.clock.advance(limits::REFRESH_TOKEN_MS);
        assert_eq!(refresh(&mut world, &second), Refreshed::Denied { events: Vec::new() });
    }
}
