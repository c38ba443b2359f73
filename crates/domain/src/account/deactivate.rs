//! Letting a user go: out of every conversation and off every device. The row stays, so that the identity is never somebody
//! else's; whoever is named again comes back as the same user.

use confab_protocol::method::ParticipantRemoveParams;
use confab_protocol::{Call, ClientId, ErrorCode, Timestamp, UserSid, WireError, limits};

use super::workspace::workspace;
use crate::cx::write_profile;
use crate::row::UserRow;
use crate::{Actor, DomainResult, Event, Ids, Tx, Warrant, apply_with};

/// Deactivates a user. `actor` is whoever does it under a warrant for everything. Conversations of two people stay as they are.
///
/// # Errors
/// `not_found`; `limit_reached` for whoever owns the workspace; failures of the store.
pub fn deactivate(
    actor: &Actor,
    user: UserSid,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Vec<Event>> {
    let row = tx.user(user)?.filter(|row| !row.deactivated);
    let row = row.ok_or_else(|| WireError::not_found("user"))?;
    if workspace(tx)?.owner == Some(user) {
        return Err(crate::cx::limit_reached("owners", 1).into());
    }
    let mut events = leave_all(actor, &row, now, ids, tx)?;
    events.extend(sign_out(user, now, tx)?);
    events.push(switch(user, true, tx)?);
    Ok(events)
}

/// Takes a user who was let go back in. Gives nothing when they were not.
///
/// # Errors
/// Failures of the store.
pub fn reactivate(user: UserSid, tx: &mut dyn Tx) -> DomainResult<Vec<Event>> {
    let gone = tx.user(user)?.is_some_and(|row| row.deactivated);
    if gone { Ok(vec![switch(user, false, tx)?]) } else { Ok(Vec::new()) }
}

fn leave_all(
    actor: &Actor,
    user: &UserRow,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Vec<Event>> {
    let warrant = Warrant { everything: true, ..Warrant::default() };
    let mut events = Vec::new();
    for conversation in tx.joined(user.sid, None, limits::CONVERSATIONS_PER_USER)? {
        let client_id = ClientId(ids.uuid());
        let identity = Some(user.identity.clone());
        let params = ParticipantRemoveParams { client_id, conversation, participant: None, identity };
        match apply_with(actor, &warrant, &Call::ParticipantRemove(params), now, ids, tx) {
            Ok(outcome) => events.extend(outcome.events),
            Err(error) if error.to_wire().code == ErrorCode::DirectConversation => {}
            Err(error) => return Err(error),
        }
    }
    Ok(events)
}

fn sign_out(user: UserSid, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Vec<Event>> {
    let mut events = Vec::new();
    for mut device in tx.live_devices(user, limits::DEVICES)? {
        (device.revoked_at, device.moved, device.push) = (Some(now), tx.next_commit()?, None);
        tx.update_device(&device)?;
        events.push(Event::DeviceRevoked { user, device: device.sid });
    }
    Ok(events)
}

fn switch(user: UserSid, deactivated: bool, tx: &mut dyn Tx) -> DomainResult<Event> {
    let mut row = crate::cx::user_row(tx, user)?;
    // Those who were let go have no device that anything reaches.
    (row.deactivated, row.notifiable) = (deactivated, false);
    let commit = tx.next_commit()?;
    Ok(Event::User(write_profile(tx, &mut row, commit)?))
}

#[cfg(test)]
mod tests {
    use confab_protocol::ErrorCode;
    use confab_testkit::World;
    use confab_testkit::domain::account::{authenticate, deactivate, reactivate, system_user};
    use confab_testkit::domain::store::Read as _;
    use confab_testkit::domain::{Actor, verify};

    #[test]
    fn whoever_is_let_go_is_nowhere_any_more_and_comes_back_as_the_same() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let row = world.write(|now, _, store| system_user(now, store)).expect("a store");
        let system = Actor { user: row.sid, identity: row.identity, device: None, ..olga.clone() };
        let go = |world: &mut World, user| {
            let system = system.clone();
            world.write(move |now, ids, store| deactivate(&system, user, now, ids, store))
        };
        go(&mut world, ana.user).expect("she goes");
        let device = ana.device.expect("she has one");
        assert!(authenticate(ana.user, device, &world.store).is_err());
        assert!(!world.store.membership(ana.user, room).unwrap().is_some_and(|me| me.is_joined()));
        assert_eq!(go(&mut world, ana.user).expect_err("she has gone").to_wire().code, ErrorCode::NotFound);
        assert_eq!(
            go(&mut world, olga.user).expect_err("she owns it").to_wire().code,
            ErrorCode::LimitReached
        );
        world.write(|_, _, store| reactivate(ana.user, store)).expect("she is back");
        world.add(&olga, room, &ana);
        assert_eq!(verify(&world.store), []);
    }
}
