//! `device.list`: where one is signed in.

use confab_protocol::method::DeviceListResult;
use confab_protocol::model::Device;
use confab_protocol::{Answer, limits};

use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(actor: &Actor, read: &dyn Read) -> DomainResult<Answer> {
    let rows = read.live_devices(actor.user, limits::DEVICES)?;
    let devices = rows.into_iter().map(|row| Device {
        current: actor.device == Some(row.sid),
        push: row.push.as_ref().map(view::push),
        sid: row.sid,
        name: row.name,
        date_created: row.date_created,
        last_seen: row.last_seen,
    });
    Ok(Answer::DeviceList(DeviceListResult { devices: devices.collect() }))
}
