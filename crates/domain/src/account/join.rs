//! Redeeming an invite. A name that is known already signs in with its password and does not use the invite up.

use confab_protocol::model::Role;
use confab_protocol::{ErrorCode, Timestamp, UserSid, WireError};

use super::{Grant, Join, Password, SignIn, device, hash, sign_in};
use crate::row::{AuditAction, InviteRow, RedemptionRow, UserRow};
use crate::{DomainResult, Event, Ids, Tx, name, view};

/// Redeems an invite. The first who joins a workspace that nobody owns becomes its owner.
///
/// # Errors
/// `invite_unknown`, `invite_expired`, `invite_used_up`; `name_taken` when the name is somebody's and the password is not
/// theirs, also when somebody took it after it was looked up: look it up once more then; `deactivated`; `invalid_params`
/// and `too_large` for the names.
pub fn join(ask: &Join<'_>, now: Timestamp, ids: &mut dyn Ids, tx: &mut dyn Tx) -> DomainResult<Grant> {
    let identity = name::identity("identity", ask.identity)?;
    let known = tx.user_by_key(&name::identity_key(identity))?;
    if let (Some(_), Password::Verified(verified)) = (&known, ask.password) {
        let Join { client_id, device_name, .. } = *ask;
        return sign_in(&SignIn { client_id, identity, verified, device_name }, now, ids, tx);
    }
    let invite = usable(ask, now, tx)?;
    let (None, Password::New(password_hash)) = (&known, ask.password) else {
        return Err(WireError::new(ErrorCode::NameTaken).with("identity", identity).into());
    };
    let user = new_user(identity, Some(password_hash), now, ids, tx)?;
    use_up(invite, ask, user.sid, now, tx)?;
    let profile = Event::User(view::user(&user)?);
    let actor = user.sid;
    let mut grant = device::enter(user, ask.device_name, AuditAction::Joined, now, ids, tx)?;
    grant.events.push(profile);
    sign_in::keep_device(actor, ask.client_id, identity, grant.device, now, tx)?;
    Ok(grant)
}

fn usable(ask: &Join<'_>, now: Timestamp, tx: &dyn Tx) -> DomainResult<InviteRow> {
    let invite = tx.invite_by_secret(&hash(ask.secret))?.filter(|row| row.revoked_at.is_none());
    let invite = invite.ok_or(ErrorCode::InviteUnknown)?;
    if invite.expires_at <= now {
        return Err(ErrorCode::InviteExpired.into());
    }
    // A join that is sent again has used its invite already: it gets as far as the name.
    if invite.uses >= invite.max_uses && tx.redemption(invite.sid, ask.client_id)?.is_none() {
        return Err(ErrorCode::InviteUsedUp.into());
    }
    Ok(invite)
}

fn use_up(
    mut invite: InviteRow,
    ask: &Join<'_>,
    user: UserSid,
    at: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<()> {
    tx.insert_redemption(&RedemptionRow { invite: invite.sid, client_id: ask.client_id, user, at })?;
    invite.uses += 1;
    tx.update_invite(&invite)?;
    Ok(())
}

/// Makes a user; the first one of a workspace owns it.
pub(super) fn new_user(
    identity: &str,
    password_hash: Option<&str>,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<UserRow> {
    let mut workspace = super::workspace::workspace(tx)?;
    let first = workspace.owner.is_none();
    let user = UserRow {
        sid: UserSid(ids.uuid()),
        identity: identity.to_owned(),
        identity_key: name::identity_key(identity),
        friendly_name: identity.to_owned(),
        attributes: "{}".to_owned(),
        role: if first { Role::Owner } else { Role::Participant },
        password_hash: password_hash.map(str::to_owned),
        version: 1,
        state_version: 0,
        joined_count: 0,
        deactivated: false,
        date_created: now,
    };
    tx.insert_user(&user)?;
    if first {
        workspace.owner = Some(user.sid);
        tx.update_workspace(&workspace)?;
    }
    Ok(user)
}
