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

#[cfg(test)]
mod tests {
    use confab_protocol::{ErrorCode, WireError};
    use confab_testkit::World;
    use confab_testkit::domain::account;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::Read as _;

    #[test]
    fn a_password_replaces_the_one_that_was_verified() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let set = |world: &mut World, client_id, verified: Option<&str>, new: &str| {
            let olga = olga.clone();
            world
                .write(|now, _, store| account::set_password(&olga, client_id, verified, new, now, store))
                .map(|outcome| outcome.events.len())
                .map_err(|error| error.to_wire().code)
        };
        let ids = [world.client_id(), world.client_id(), world.client_id()];
        assert_eq!(set(&mut world, ids[0], Some("guess"), "one"), Err(ErrorCode::WrongPassword));
        assert_eq!(set(&mut world, ids[0], None, "one"), Ok(0));
        assert_eq!(world.audited(1), [AuditAction::PasswordSet]);
        assert_eq!(set(&mut world, ids[1], None, "two"), Err(ErrorCode::WrongPassword));
        assert_eq!(set(&mut world, ids[1], Some("one"), "two"), Ok(0));
        // Sent again it was done already, and does not bring the first one back.
        assert_eq!(set(&mut world, ids[0], None, "one"), Ok(0));
        let user = world.store.user(olga.user).unwrap().unwrap();
        assert_eq!(user.password_hash.as_deref(), Some("two"));
        let message = confab_protocol::Call::MessageSend({
            let room = world.conversation(&olga, &[]);
            confab_protocol::method::MessageSendParams { client_id: ids[2], ..world.saying(room, "hello") }
        });
        world.events(&olga, &message);
        assert_eq!(set(&mut world, ids[2], Some("two"), "three"), Err(ErrorCode::ClientIdReused));
    }

    #[test]
    fn passwords_have_a_length() {
        assert_eq!(account::check_password("password", "12345678"), Ok(()));
        let short = account::check_password("password", "1234567");
        assert_eq!(short.map_err(|error| error.code), Err(ErrorCode::InvalidParams));
        let long = account::check_password("password", &"a".repeat(1_025));
        assert_eq!(long, Err(WireError::too_large("password", 1_024, 1_025)));
    }
}
