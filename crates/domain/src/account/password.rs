//! Passwords, of which only hashes come in here.

use confab_protocol::method::Nothing;
use confab_protocol::{Answer, ClientId, ErrorCode, Timestamp, WireError, limits};

use crate::cx::user_row;
use crate::row::{AuditAction, AuditRow, Hash};
use crate::{Actor, DomainResult, Outcome, Tx, apply};

const METHOD: &str = "user.set_password";
/// The same for every password: nothing that follows from one is kept beside the slow hash of it.
const PAYLOAD: Hash = [0; 32];

/// Whether a password may be one. To be called before it is hashed.
///
/// # Errors
/// `invalid_params` when it is too short; `too_large`.
pub fn check_password(field: &str, password: &str) -> Result<(), WireError> {
    if password.len() > limits::PASSWORD_BYTES {
        return Err(WireError::too_large(field, limits::PASSWORD_BYTES, password.len()));
    }
    if password.chars().count() < limits::PASSWORD_MIN_CHARS {
        return Err(WireError::invalid(field, "too short").with("min", limits::PASSWORD_MIN_CHARS));
    }
    Ok(())
}

/// `user.set_password`: `verified` is the hash against which the present password was verified, none when none was given.
///
/// # Errors
/// `wrong_password` when there is a password and it is not the one that was verified; `client_id_reused`.
pub fn set_password(
    actor: &Actor,
    client_id: ClientId,
    verified: Option<&str>,
    new_hash: &str,
    now: Timestamp,
    tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    let done = Outcome { answer: Answer::UserSetPassword(Nothing {}), events: Vec::new() };
    if let Some(seen) = tx.seen(actor.user, client_id)? {
        apply::same(&seen, PAYLOAD)?;
        return Ok(done);
    }
    let mut user = user_row(tx, actor.user)?;
    if user.password_hash.as_deref() != verified {
        return Err(ErrorCode::WrongPassword.into());
    }
    user.password_hash = Some(new_hash.to_owned());
    tx.update_user(&user)?;
    let (at, actor_sid, subject) = (now, Some(user.sid), user.sid.to_string());
    let action = AuditAction::PasswordSet;
    tx.insert_audit(&AuditRow { at, actor: actor_sid, device: actor.device, action, subject })?;
    apply::keep(actor, client_id, METHOD, PAYLOAD, user.sid.0, now, tx)?;
    Ok(done)
}
