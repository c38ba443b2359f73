//! `push.register`, `push.unregister`: where push notifications for a device go. A user whom they reach is notifiable, which
//! their profile says.

use confab_protocol::method::{Nothing, PushRegisterParams, PushRegisterResult, PushUnregisterParams};
use confab_protocol::model::{PushEvent, PushRegistration};
use confab_protocol::{Answer, DeviceSid, Timestamp, UserSid, WireError, limits};
use uuid::Uuid;

use crate::account::device;
use crate::cx::{Cx, Done, user_row, write_profile};
use crate::row::{AuditAction, DeviceRow, PushRow};
use crate::{DomainResult, Event, Tx, check, derived, view};

pub(crate) fn register(cx: &mut Cx<'_>, params: &PushRegisterParams) -> DomainResult<Done> {
    let push = checked(params)?;
    let row = own_device(cx, None)?;
    let (subject, registration) = (row.sid.0, view::push(&push));
    if row.push.as_ref() != Some(&push) {
        put(row, push, cx.now, cx.tx, &mut cx.events)?;
    }
    let answer = Answer::PushRegister(PushRegisterResult { registration });
    Ok(Done { answer, subject })
}

pub(crate) fn unregister(cx: &mut Cx<'_>, params: &PushUnregisterParams) -> DomainResult<Done> {
    let row = own_device(cx, params.device)?;
    let subject = row.sid.0;
    end(row, cx.now, cx.tx, &mut cx.events)?;
    Ok(Done { answer: unregistered(), subject })
}

pub(crate) fn checked(params: &PushRegisterParams) -> Result<PushRow, WireError> {
    check::kind(&params.kind)?;
    let (most, bytes) = (limits::PUSH_TOKEN_BYTES, params.token.len());
    if bytes > most {
        return Err(WireError::too_large("token", most, bytes));
    }
    if params.token.trim().is_empty() {
        return Err(WireError::invalid("token", "blank"));
    }
    let asked = params.events.as_deref().unwrap_or(&PushEvent::ALL);
    if asked.is_empty() || asked.contains(&PushEvent::Unknown) {
        return Err(WireError::invalid("events", "none, or one that there is not"));
    }
    let events = PushEvent::ALL.into_iter().filter(|event| asked.contains(event)).collect();
    Ok(PushRow { kind: params.kind.clone(), token: params.token.clone(), events })
}

/// A device of the actor's that is signed in; without a name the one that asks.
fn own_device(cx: &Cx<'_>, named: Option<DeviceSid>) -> DomainResult<DeviceRow> {
    let unknown = || WireError::not_found("device");
    let sid = named.or(cx.actor.device).ok_or_else(unknown)?;
    let row = cx.tx.device(sid)?.filter(|row| row.user == cx.actor.user && row.revoked_at.is_none());
    Ok(row.ok_or_else(unknown)?)
}

/// Keeps where push notifications for a device go. A token stands for one computer: whoever signed in there before is not to
/// be notified there any more.
pub(crate) fn put(
    mut row: DeviceRow,
    push: PushRow,
    now: Timestamp,
    tx: &mut dyn Tx,
    events: &mut Vec<Event>,
) -> DomainResult<()> {
    let other = tx.device_by_push(&push.kind, &push.token)?.filter(|other| other.sid != row.sid);
    if let Some(other) = other {
        end(other, now, tx, events)?;
    }
    row.push = Some(push);
    tx.update_device(&row)?;
    refresh(row.user, tx, events)
}

/// Notifications for a device go nowhere any more. One that stood for its registration alone goes with it.
pub(crate) fn end(
    mut row: DeviceRow,
    now: Timestamp,
    tx: &mut dyn Tx,
    events: &mut Vec<Event>,
) -> DomainResult<()> {
    let Some(push) = row.push.take() else { return Ok(()) };
    if row.sid == derived::registration(row.user, &push.kind, &push.token) {
        events.extend(device::revoke(row, AuditAction::DeviceRevoked, now, tx)?);
        return Ok(());
    }
    tx.update_device(&row)?;
    refresh(row.user, tx, events)
}

/// Notes whether push notifications reach a user, after a device of theirs was changed, and tells of it when it is otherwise than
/// before.
pub(crate) fn refresh(user: UserSid, tx: &mut dyn Tx, events: &mut Vec<Event>) -> DomainResult<()> {
    let devices = tx.live_devices(user, limits::DEVICES)?;
    let notifiable = devices.iter().any(|row| row.push.is_some());
    let mut row = user_row(tx, user)?;
    if row.notifiable != notifiable {
        row.notifiable = notifiable;
        let commit = tx.next_commit()?;
        events.push(Event::User(write_profile(tx, &mut row, commit)?));
    }
    Ok(())
}

/// What stands for the device by now.
pub(crate) fn replay(subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let row = tx.device(DeviceSid(subject))?;
    let registration: Option<PushRegistration> = row.and_then(|row| row.push).as_ref().map(view::push);
    let registration = registration.ok_or_else(|| WireError::not_found("device"))?;
    Ok(Answer::PushRegister(PushRegisterResult { registration }))
}

/// There is nothing to say.
pub(crate) fn unregistered() -> Answer {
    Answer::PushUnregister(Nothing {})
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        DeviceRevokeParams, Nothing, PushRegisterParams, PushUnregisterParams, UserGetParams,
    };
    use confab_protocol::model::PushEvent;
    use confab_protocol::{Answer, Call, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event, verify};

    fn registering(world: &mut World, token: &str) -> PushRegisterParams {
        let (client_id, kind) = (world.client_id(), "fcm".to_owned());
        PushRegisterParams { client_id, kind, token: token.to_owned(), events: None }
    }

    fn is_notifiable(world: &mut World, who: &Actor) -> bool {
        let params = UserGetParams { identities: vec![who.identity.clone()], users: Vec::new() };
        match world.call(who, &Call::UserGet(params)) {
            Ok(Answer::UserGet(found)) => found.users[0].notifiable,
            other => panic!("no profile: {other:?}"),
        }
    }

    fn registered(world: &mut World, by: &Actor) -> Option<Vec<PushEvent>> {
        match world.call(by, &Call::DeviceList(Nothing {})) {
            Ok(Answer::DeviceList(found)) => found.devices[0].push.clone().map(|push| push.events),
            other => panic!("no list: {other:?}"),
        }
    }

    #[test]
    fn who_has_registered_is_notifiable_until_the_last_registration_ends() {
        let mut world = World::default();
        let ana = world.user("Ana");
        assert!(!is_notifiable(&mut world, &ana));
        let call = Call::PushRegister(registering(&mut world, "t1"));
        let events = world.events(&ana, &call);
        assert!(matches!(&events[..], [Event::User(user)] if user.notifiable && user.version == 2));
        assert_eq!(registered(&mut world, &ana), Some(PushEvent::ALL.to_vec()));
        // Another set in place of it is no news to others.
        let events = Some(vec![PushEvent::MessageEdited, PushEvent::MessageAdded, PushEvent::MessageEdited]);
        let call = Call::PushRegister(PushRegisterParams { events, ..registering(&mut world, "t1") });
        assert_eq!(world.events(&ana, &call), []);
        let kept = vec![PushEvent::MessageAdded, PushEvent::MessageEdited];
        assert_eq!(registered(&mut world, &ana), Some(kept));
        let client_id = world.client_id();
        let call = Call::PushUnregister(PushUnregisterParams { client_id, device: ana.device });
        let events = world.events(&ana, &call);
        assert!(matches!(&events[..], [Event::User(user)] if !user.notifiable));
        assert_eq!(registered(&mut world, &ana), None);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_device_that_is_signed_out_and_a_token_that_moved_on_reach_nobody() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        for who in [&olga, &ana] {
            let call = Call::PushRegister(registering(&mut world, "the same computer"));
            world.events(who, &call);
        }
        assert!(!is_notifiable(&mut world, &olga) && is_notifiable(&mut world, &ana));
        let (client_id, device) = (world.client_id(), ana.device.expect("a device"));
        let events = world.events(&ana, &Call::DeviceRevoke(DeviceRevokeParams { client_id, device }));
        assert!(events.iter().any(|event| matches!(event, Event::User(user) if !user.notifiable)));
        assert!(!is_notifiable(&mut world, &ana));
        assert_eq!(verify(&world.store), []);
        let call = Call::PushRegister(registering(&mut world, "t2"));
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::NotFound);
    }

    #[test]
    fn what_cannot_be_used_is_refused() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let long = "t".repeat(limits::PUSH_TOKEN_BYTES + 1);
        let too_long = Call::PushRegister(registering(&mut world, &long));
        assert_eq!(world.refused(&ana, &too_long).code, ErrorCode::TooLarge);
        let blank = Call::PushRegister(registering(&mut world, " "));
        assert_eq!(world.refused(&ana, &blank).code, ErrorCode::InvalidParams);
        for events in [vec![], vec![PushEvent::Unknown]] {
            let params = PushRegisterParams { events: Some(events), ..registering(&mut world, "t") };
            assert_eq!(world.refused(&ana, &Call::PushRegister(params)).code, ErrorCode::InvalidParams);
        }
        let (client_id, device) = (world.client_id(), world.owner.device);
        let foreign = Call::PushUnregister(PushUnregisterParams { client_id, device });
        assert_eq!(world.refused(&ana, &foreign).code, ErrorCode::NotFound);
    }
}
