//! Making invites.

use confab_protocol::{ErrorCode, InviteSid, Timestamp, UserSid, WireError, limits};

use super::{Minted, hash, secret_text};
use crate::row::{AuditAction, AuditRow, InviteRow};
use crate::{DomainResult, Ids, Tx, view};

/// How long an invite lives when nothing was asked, in milliseconds.
const EXPIRES_IN_MS: u64 = 7 * 24 * 60 * 60 * 1_000;
/// How often an invite may be used when nothing was asked.
const MAX_USES: u32 = 100;

/// How long and how often an invite is good.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    expires_in_ms: u64,
    max_uses: u32,
}

/// Checks the terms of an invite.
///
/// # Errors
/// `invalid_params`, `too_large`.
pub(crate) fn invite_terms(expires_in_ms: Option<u64>, max_uses: Option<u32>) -> Result<Terms, WireError> {
    let terms = Terms {
        expires_in_ms: expires_in_ms.unwrap_or(EXPIRES_IN_MS),
        max_uses: max_uses.unwrap_or(MAX_USES),
    };
    within("expires_in_ms", terms.expires_in_ms, limits::INVITE_MS)?;
    within("max_uses", u64::from(terms.max_uses), u64::from(limits::INVITE_USES))?;
    Ok(terms)
}

fn within(field: &str, asked: u64, most: u64) -> Result<(), WireError> {
    if asked == 0 {
        return Err(WireError::invalid(field, "must be at least 1"));
    }
    if asked > most {
        let error = WireError::new(ErrorCode::TooLarge);
        return Err(error.with("field", field).with("limit", most).with("actual", asked));
    }
    Ok(())
}

/// Makes an invite.
pub(crate) fn mint(
    sid: InviteSid,
    terms: Terms,
    created_by: Option<UserSid>,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Minted> {
    if tx.live_invites(now, limits::INVITES)?.len() >= limits::INVITES {
        let error = WireError::new(ErrorCode::LimitReached).with("what", "invites");
        return Err(error.with("limit", limits::INVITES).into());
    }
    let secret = secret_text(ids.secret());
    let row = InviteRow {
        sid,
        secret_hash: hash(&secret),
        created_by,
        date_created: now,
        expires_at: now.plus(terms.expires_in_ms),
        max_uses: terms.max_uses,
        uses: 0,
        revoked_at: None,
    };
    tx.insert_invite(&row)?;
    Ok(Minted { invite: view::invite(&row), secret })
}

/// Makes an invite for the operator of the server, who needs no account.
///
/// # Errors
/// `invalid_params`, `too_large`, `limit_reached`, and failures of the store.
pub fn mint_invite(
    expires_in_ms: Option<u64>,
    max_uses: Option<u32>,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Minted> {
    let terms = invite_terms(expires_in_ms, max_uses)?;
    let minted = mint(InviteSid(ids.uuid()), terms, None, now, ids, tx)?;
    let (action, subject) = (AuditAction::InviteCreated, minted.invite.sid.to_string());
    tx.insert_audit(&AuditRow { at: now, actor: None, device: None, action, subject })?;
    Ok(minted)
}
