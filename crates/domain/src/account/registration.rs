//! Push notifications for people whom a key vouches for. They sign in on no device, so that a registration of theirs is a device
//! by itself, whose SID follows from it: registered again, it is the same one.

use confab_protocol::method::PushRegisterParams;
use confab_protocol::{DeviceSid, Timestamp, WireError, limits};

use super::device::make_room;
use super::refresh_token::{RefreshKey, RefreshToken};
use crate::command::push;
use crate::cx::user_row;
use crate::row::{DeviceRow, PushRow};
use crate::{Actor, DomainResult, Event, Ids, Tx, derived, name};

/// Registers for push notifications: the device that the actor is signed in on, or one that stands for the registration
/// and is called by `device_name`. Gives the device, and what to tell.
///
/// # Errors
/// `invalid_params` and `too_large` for the registration and the name; `not_found` when the device was signed out.
pub fn register_push(
    actor: &Actor,
    ask: &PushRegisterParams,
    device_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<(DeviceSid, Vec<Event>)> {
    let registered = push::checked(ask)?;
    let mut events = Vec::new();
    let row = match actor.device {
        Some(sid) => own(actor, sid, tx)?,
        None => standing_for(actor, &registered, device_name, now, ids, tx, &mut events)?,
    };
    let sid = row.sid;
    push::put(row, registered, now, tx, &mut events)?;
    Ok((sid, events))
}

/// Ends a registration of the actor's, by the device that stands for it or was registered. Gives what to tell.
///
/// # Errors
/// `not_found` when the actor has no such device.
pub fn unregister_push(
    actor: &Actor,
    device: DeviceSid,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<Vec<Event>> {
    let mut events = Vec::new();
    push::end(own(actor, device, tx)?, now, tx, &mut events)?;
    Ok(events)
}

fn own(actor: &Actor, sid: DeviceSid, tx: &dyn Tx) -> DomainResult<DeviceRow> {
    let row = tx.device(sid)?.filter(|row| row.user == actor.user && row.revoked_at.is_none());
    Ok(row.ok_or_else(|| WireError::not_found("device"))?)
}

/// The device that stands for a registration, made or taken back where there is none.
fn standing_for(
    actor: &Actor,
    registered: &PushRow,
    device_name: &str,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
    events: &mut Vec<Event>,
) -> DomainResult<DeviceRow> {
    let name = name::optional("device_name", device_name, limits::DEVICE_NAME_CHARS)?.unwrap_or_default();
    let sid = derived::registration(actor.user, &registered.kind, &registered.token);
    let known = tx.device(sid)?;
    if known.as_ref().is_none_or(|row| row.revoked_at.is_some()) {
        events.extend(make_room(&user_row(tx, actor.user)?, now, tx)?);
    }
    let name = name.to_owned();
    if let Some(row) = known {
        return Ok(DeviceRow { name, last_seen: now, revoked_at: None, moved: 0, ..row });
    }
    // Nobody is given this token: one is notified by such a device, and cannot act on it.
    let token = RefreshToken::first(&RefreshKey::read(tx)?, ids);
    let row = DeviceRow {
        sid,
        user: actor.user,
        name,
        family_hash: token.family_hash(),
        refresh_hash: token.hash(),
        previous_hash: None,
        generation: 1,
        date_created: now,
        last_seen: now,
        revoked_at: None,
        moved: 0,
        push: None,
    };
    tx.insert_device(&row)?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::PushRegisterParams;
    use confab_protocol::{DeviceSid, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::account::{deactivate, register_push, system_user, unregister_push};
    use confab_testkit::domain::store::Read as _;
    use confab_testkit::domain::{Actor, Event, verify};

    fn vouched_for(world: &mut World, name: &str) -> Actor {
        Actor { device: None, ..world.user(name) }
    }

    fn register(world: &mut World, who: &Actor, token: &str) -> (DeviceSid, Vec<Event>) {
        let (client_id, kind) = (world.client_id(), "fcm".to_owned());
        let ask = PushRegisterParams { client_id, kind, token: token.to_owned(), events: None };
        let done = world.write(|now, ids, store| register_push(who, &ask, "a page", now, ids, store));
        done.expect("a registration")
    }

    fn is_notifiable(world: &World, who: &Actor) -> bool {
        world.store.user(who.user).unwrap().unwrap().notifiable
    }

    #[test]
    fn a_registration_is_a_device_by_itself_and_goes_with_its_end() {
        let mut world = World::default();
        let ana = vouched_for(&mut world, "Ana");
        let (device, events) = register(&mut world, &ana, "t1");
        assert!(matches!(&events[..], [Event::User(user)] if user.notifiable));
        let devices = world.store.live_devices(ana.user, 9).unwrap();
        assert!(devices.iter().any(|row| row.sid == device && row.name == "a page" && row.push.is_some()));
        world.clock.advance(1_000);
        assert_eq!(register(&mut world, &ana, "t1"), (device, Vec::new()));
        let row = world.store.device(device).unwrap().unwrap();
        assert_eq!((row.last_seen, row.date_created < row.last_seen), (world.clock.now(), true));
        let (other, _) = register(&mut world, &ana, "t2");
        assert_ne!(other, device);
        for (device, reached) in [(device, true), (other, false)] {
            let end = world.write(|now, _, store| unregister_push(&ana, device, now, store));
            end.expect("it ends");
            assert_eq!(is_notifiable(&world, &ana), reached);
            let again = world.write(|now, _, store| unregister_push(&ana, device, now, store));
            assert_eq!(again.expect_err("it has ended").to_wire().code, ErrorCode::NotFound);
        }
        assert_eq!(world.store.live_devices(ana.user, 9).unwrap().len(), 1);
        assert_eq!(register(&mut world, &ana, "t1").0, device);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_token_that_moved_on_and_one_registration_too_many_leave_no_device_behind() {
        let mut world = World::default();
        let (ana, bo) = (vouched_for(&mut world, "Ana"), vouched_for(&mut world, "Bo"));
        let (hers, _) = register(&mut world, &ana, "the same computer");
        register(&mut world, &bo, "the same computer");
        assert!(!is_notifiable(&world, &ana) && is_notifiable(&world, &bo));
        assert!(world.store.device(hers).unwrap().unwrap().revoked_at.is_some());
        for number in 0..limits::DEVICES {
            world.clock.advance(1);
            register(&mut world, &bo, &number.to_string());
        }
        assert_eq!(world.store.live_devices(bo.user, 99).unwrap().len(), limits::DEVICES);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn who_is_signed_in_registers_the_device_and_keeps_it() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let (device, _) = register(&mut world, &ana, "t1");
        assert_eq!(Some(device), ana.device);
        world.write(|now, _, store| unregister_push(&ana, device, now, store)).expect("it ends");
        assert!(!is_notifiable(&world, &ana));
        assert_eq!(world.store.device(device).unwrap().unwrap().revoked_at, None);
    }

    #[test]
    fn whoever_is_let_go_is_not_notified_any_more() {
        let mut world = World::default();
        let ana = vouched_for(&mut world, "Ana");
        register(&mut world, &ana, "t1");
        let row = world.write(|now, _, store| system_user(now, store)).expect("a store");
        let system = Actor { user: row.sid, identity: row.identity, ..ana.clone() };
        let go = world.write(|now, ids, store| deactivate(&system, ana.user, now, ids, store));
        go.expect("she goes");
        assert!(!is_notifiable(&world, &ana));
        assert_eq!(verify(&world.store), []);
    }
}
