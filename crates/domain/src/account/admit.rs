//! People whom a key of the workspace vouches for: whoever holds it says who they are, and they need no invite.

use confab_protocol::Timestamp;

use super::join::blank;
use crate::row::UserRow;
use crate::{DomainResult, Event, Tx, name, view};

/// The user of an identity. When there is none yet, one is made: an ordinary user without a password, never the owner of the
/// workspace. What there is to tell of that comes beside.
///
/// # Errors
/// `invalid_params` and `too_large` for the identity.
pub fn admit(identity: &str, now: Timestamp, tx: &mut dyn Tx) -> DomainResult<(UserRow, Vec<Event>)> {
    let identity = name::identity("identity", identity)?;
    if let Some(user) = tx.user_by_key(&name::identity_key(identity))? {
        return Ok((user, Vec::new()));
    }
    let user = blank(tx.scope(), identity, now);
    tx.insert_user(&user)?;
    let made = Event::User(view::user(&user)?);
    Ok((user, vec![made]))
}

#[cfg(test)]
mod tests {
    use confab_protocol::model::Role;
    use confab_protocol::{ErrorCode, Timestamp};
    use confab_testkit::World;
    use confab_testkit::domain::account::admit;
    use confab_testkit::domain::store::Read as _;
    use confab_testkit::domain::{DomainError, Event};

    #[test]
    fn whoever_is_vouched_for_is_made_once_and_owns_nothing() {
        let mut world = World::default();
        let (made, told) = admit("Ana", Timestamp(5), &mut world.store).unwrap();
        assert!(
            matches!(&told[..], [Event::User(user)] if user.identity == "Ana" && user.role == Role::Participant)
        );
        let (again, nothing) = admit(" ANA ", Timestamp(6), &mut world.store).unwrap();
        assert_eq!((again, nothing), (made.clone(), Vec::new()));
        assert_ne!(world.store.workspace().unwrap().unwrap().owner, Some(made.sid));
    }

    #[test]
    fn an_identity_that_nobody_may_have_is_refused() {
        let mut world = World::default();
        let refused = admit(" ", Timestamp(5), &mut world.store);
        assert!(
            matches!(refused, Err(DomainError::Refused(error)) if error.code == ErrorCode::InvalidParams)
        );
    }
}
