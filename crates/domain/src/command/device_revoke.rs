//! `device.revoke`: signs one of one's own devices out.

use confab_protocol::method::{DeviceRevokeParams, Nothing};
use confab_protocol::{Answer, WireError};

use super::push;
use crate::cx::{Cx, Done};
use crate::row::AuditAction;
use crate::{DomainResult, Event};

pub(crate) fn run(cx: &mut Cx<'_>, params: &DeviceRevokeParams) -> DomainResult<Done> {
    let row = cx.tx.device(params.device)?.filter(|row| row.user == cx.actor.user);
    let mut row = row.ok_or_else(|| WireError::not_found("device"))?;
    if row.revoked_at.is_none() {
        (row.revoked_at, row.moved, row.push) = (Some(cx.now), cx.commit, None);
        cx.tx.update_device(&row)?;
        push::refresh(row.user, cx.tx, &mut cx.events)?;
        cx.audit(AuditAction::DeviceRevoked, row.sid.to_string())?;
        cx.events.push(Event::DeviceRevoked { user: row.user, device: row.sid });
    }
    Ok(Done { answer: answer(), subject: row.sid.0 })
}

/// There is nothing to say.
pub(crate) fn answer() -> Answer {
    Answer::DeviceRevoke(Nothing {})
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{DeviceRevokeParams, Nothing};
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::{Event, account};

    #[test]
    fn one_signs_out_ones_own_devices_alone() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let device = ana.device.expect("a device");
        let revoke = |world: &mut World| {
            let client_id = world.client_id();
            Call::DeviceRevoke(DeviceRevokeParams { client_id, device })
        };
        let call = revoke(&mut world);
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::NotFound);
        let Ok(Answer::DeviceList(found)) = world.call(&ana, &Call::DeviceList(Nothing {})) else {
            panic!("no list");
        };
        assert!(
            matches!(&found.devices[..], [row] if row.sid == device && row.current && row.name == "Laptop")
        );
        assert_eq!(world.events(&ana, &call), [Event::DeviceRevoked { user: ana.user, device }]);
        let call = revoke(&mut world);
        assert_eq!(world.events(&ana, &call), []);
        let refusal = account::authenticate(ana.user, device, &world.store).expect_err("it is signed out");
        assert_eq!(refusal.to_wire().code, ErrorCode::Denied);
    }
}
