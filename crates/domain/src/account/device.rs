//! A device comes in: the last step of every way to sign in.

use confab_protocol::{DeviceSid, Timestamp, limits};

use super::Grant;
use super::refresh_token::{RefreshKey, RefreshToken};
use crate::command::push;
use crate::row::{AuditAction, AuditRow, DeviceRow, UserRow};
use crate::{DomainResult, Event, Ids, Tx, name};

/// Makes a device with its first refresh token.
pub(super) fn enter(
    user: UserRow,
    device_name: &str,
    action: AuditAction,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Grant> {
    let name = name::optional("device_name", device_name, limits::DEVICE_NAME_CHARS)?.unwrap_or_default();
    let events = make_room(&user, now, tx)?;
    let token = RefreshToken::first(&RefreshKey::read(tx)?, ids);
    let row = DeviceRow {
        sid: DeviceSid(ids.uuid()),
        user: user.sid,
        name: name.to_owned(),
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
    let subject = row.sid.to_string();
    tx.insert_audit(&AuditRow { at: now, actor: Some(user.sid), device: Some(row.sid), action, subject })?;
    Ok(Grant { user, device: row.sid, refresh_token: token.into_text(), events })
}

/// The same device again: its answer was lost, and with it the only copy of its token. It gets another one.
pub(super) fn enter_again(
    user: UserRow,
    mut row: DeviceRow,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Grant> {
    let token = RefreshToken::first(&RefreshKey::read(tx)?, ids);
    (row.family_hash, row.refresh_hash, row.previous_hash) = (token.family_hash(), token.hash(), None);
    (row.generation, row.last_seen) = (1, now);
    tx.update_device(&row)?;
    Ok(Grant { user, device: row.sid, refresh_token: token.into_text(), events: Vec::new() })
}

/// Signs out the device that was unused for longest when there are as many as there may be: whoever has the password must
/// not be locked out by computers that are gone.
pub(super) fn make_room(user: &UserRow, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<Vec<Event>> {
    let mut devices = tx.live_devices(user.sid, limits::DEVICES)?;
    if devices.len() < limits::DEVICES {
        return Ok(Vec::new());
    }
    let Some(oldest) = devices.pop() else { return Ok(Vec::new()) };
    revoke(oldest, AuditAction::DeviceRevoked, now, tx)
}

/// Signs a device out, and gives what to tell of it.
pub(crate) fn revoke(
    mut row: DeviceRow,
    action: AuditAction,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<Vec<Event>> {
    (row.revoked_at, row.moved, row.push) = (Some(now), tx.next_commit()?, None);
    tx.update_device(&row)?;
    let (user, device, subject) = (row.user, row.sid, row.sid.to_string());
    tx.insert_audit(&AuditRow { at: now, actor: Some(user), device: Some(device), action, subject })?;
    let mut events = vec![Event::DeviceRevoked { user, device }];
    push::refresh(user, tx, &mut events)?;
    Ok(events)
}
