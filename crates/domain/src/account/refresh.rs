//! Rotating refresh tokens: the new one is stored before it is used, the old one is good until then, and using a spent one
//! signs the device out, because somebody has a copy.
//!
//! One that is newer than the database knows was given out before a backup was put back in place. It is taken: the device has
//! done nothing wrong, and whoever has a copy of an older one is still found out.

use confab_protocol::{Timestamp, limits};

use super::refresh_token::{RefreshKey, RefreshToken};
use super::{Grant, Refreshed, device};
use crate::row::{AuditAction, DeviceRow};
use crate::{DomainResult, Tx};

/// Gives a new refresh token for one that is good.
///
/// # Errors
/// Failures of the store. A token that is not good is no error, because signing the device out has to be committed.
pub fn refresh(token: &str, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Refreshed> {
    let denied = || Ok(Refreshed::Denied { events: Vec::new() });
    let Some(token) = RefreshToken::parse(token) else { return denied() };
    let Some(row) = tx.device_by_family(&token.family_hash())? else { return denied() };
    let idle = now.since(row.last_seen) > limits::REFRESH_TOKEN_MS;
    let user = tx.user(row.user)?.filter(|user| !user.deactivated);
    let (None, false, Some(user)) = (row.revoked_at, idle, user) else { return denied() };
    let key = RefreshKey::read(tx)?;
    let Some(reached) = reached(&row, &token, &key) else {
        let events = device::revoke(row, AuditAction::RefreshReused, now, tx)?;
        return Ok(Refreshed::Denied { events });
    };
    let generation = reached + 1;
    let next = token.next(&key, generation);
    let device = row.sid;
    tx.update_device(&rotated(row, &token, &next, generation, now))?;
    let refresh_token = next.into_text();
    Ok(Refreshed::Granted(Box::new(Grant { user, device, refresh_token, events: Vec::new() })))
}

/// The newest generation that was given out, as far as row and token tell; none when the token is spent. Every token that is
/// given out gets a number of its own, also when the same one is shown twice: one that went astray can be told from the one
/// that arrived, and from those that a backup does not know.
fn reached(row: &DeviceRow, token: &RefreshToken, key: &RefreshKey) -> Option<u64> {
    let shown = Some(token.hash());
    if shown == Some(row.refresh_hash) || shown == row.previous_hash {
        return Some(row.generation);
    }
    token.generation(key).filter(|generation| *generation > row.generation)
}

/// The token that was used stays good until the new one is used: the answer may be lost on its way.
fn rotated(
    row: DeviceRow,
    used: &RefreshToken,
    next: &RefreshToken,
    generation: u64,
    now: Timestamp,
) -> DeviceRow {
    let (refresh_hash, previous_hash) = (next.hash(), Some(used.hash()));
    DeviceRow { refresh_hash, previous_hash, generation, last_seen: now, ..row }
}

#[cfg(test)]
mod tests {
    use confab_protocol::{ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::account::{self, Password, Refreshed};
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::{Read as _, Tx as _};

    use crate::account::hash;

    /// A token of Ana's, and her device.
    fn signed_in(world: &mut World) -> (String, confab_protocol::DeviceSid) {
        let minted = world.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
        let secret = minted.expect("an invite").secret;
        let grant = world.join(&secret, "Ana", Password::New("hash")).expect("a user");
        (grant.refresh_token, grant.device)
    }

    fn refresh(world: &mut World, token: &str) -> Refreshed {
        world.write(|now, _, store| account::refresh(token, now, store)).expect("an outcome")
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
    fn a_restored_backup_signs_nobody_out() {
        let mut world = World::default();
        let (first, device) = signed_in(&mut world);
        let second = good(&mut world, &first);
        let backup = world.store.clone();
        // Its answer is lost, so that the device shows the same one again.
        good(&mut world, &second);
        let next = good(&mut world, &second);
        for newest in [next.clone(), good(&mut world, &next)] {
            world.store = backup.clone();
            let after = good(&mut world, &newest);
            let row = world.store.device(device).unwrap().unwrap();
            assert_eq!(row.revoked_at, None);
            // The answer to this may be lost too, and everything goes on as before.
            assert_ne!(good(&mut world, &newest), after);
            let following = good(&mut world, &newest);
            good(&mut world, &following);
        }
    }

    #[test]
    fn a_copy_is_found_out_behind_a_restored_backup_too() {
        for thief_is_first in [false, true] {
            let mut world = World::default();
            let (first, device) = signed_in(&mut world);
            let backup = world.store.clone();
            let stolen = good(&mut world, &first);
            let mut newest = good(&mut world, &stolen);
            newest = good(&mut world, &newest);
            world.store = backup;
            let shown = if thief_is_first { good(&mut world, &stolen) } else { good(&mut world, &newest) };
            if thief_is_first {
                good(&mut world, &newest);
            }
            let spent = if thief_is_first { &shown } else { &stolen };
            let Refreshed::Denied { events } = refresh(&mut world, spent) else { panic!("it was spent") };
            assert!(matches!(&events[..], [Event::DeviceRevoked { device: it, .. }] if *it == device));
        }
    }

    #[test]
    fn a_generation_cannot_be_made_up() {
        let mut world = World::default();
        let (first, device) = signed_in(&mut world);
        let mut parts: Vec<&str> = first.split('.').collect();
        parts[1] = "7";
        let forged = parts.join(".");
        let Refreshed::Denied { events } = refresh(&mut world, &forged) else { panic!("it is forged") };
        assert!(matches!(&events[..], [Event::DeviceRevoked { device: it, .. }] if *it == device));
    }

    #[test]
    fn a_token_from_before_there_were_generations_is_good_once() {
        let mut world = World::default();
        let (first, device) = signed_in(&mut world);
        let family = first.split('.').next().expect("a family");
        let old = format!("{family}.{}", "o".repeat(22));
        let mut row = world.store.device(device).unwrap().unwrap();
        (row.refresh_hash, row.previous_hash, row.generation) = (hash(&old), None, 0);
        world.store.update_device(&row).unwrap();
        let backup = world.store.clone();
        let second = good(&mut world, &old);
        let third = good(&mut world, &second);
        let mut restored = World { store: backup, ..world.clone() };
        good(&mut restored, &third);
        let Refreshed::Denied { events } = refresh(&mut world, &old) else { panic!("it was spent") };
        assert!(matches!(&events[..], [Event::DeviceRevoked { device: it, .. }] if *it == device));
    }

    #[test]
    fn what_is_no_token_harms_nobody() {
        let mut world = World::default();
        let (first, _) = signed_in(&mut world);
        let before = world.store.clone();
        let other = "A".repeat(22);
        let stranger = format!("{other}.{other}");
        let numbered = ["+7", "-1", "", "9999999999999999", "x"]
            .map(|number| first.replacen(".1.", &format!(".{number}."), 1));
        let others = ["", ".", "..", "x.y", "x.1.y", &other, &stranger].map(str::to_owned);
        for text in others.into_iter().chain(numbered).chain([format!("{first}x"), format!("{first}.x")]) {
            assert_eq!(refresh(&mut world, &text), Refreshed::Denied { events: Vec::new() }, "{text}");
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
