//! Who acts when a program of whoever runs the server does something and names nobody.

use confab_protocol::Timestamp;

use super::join::blank;
use crate::row::UserRow;
use crate::{DomainResult, Tx};

/// The identity that stands for such programs.
pub const SYSTEM: &str = "system";

/// The user of [`SYSTEM`]. Nobody can sign in as it or add it to a conversation.
///
/// # Errors
/// Failures of the store.
pub fn system_user(now: Timestamp, tx: &mut dyn Tx) -> DomainResult<UserRow> {
    if let Some(row) = tx.user_by_key(SYSTEM)? {
        return Ok(row);
    }
    let row = UserRow { deactivated: true, ..blank(tx.scope(), SYSTEM, now) };
    tx.insert_user(&row)?;
    Ok(row)
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Actor;
    use confab_testkit::domain::account::system_user;

    #[test]
    fn the_system_stands_once_and_nobody_can_add_it() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let row = world.write(|now, _, store| system_user(now, store)).expect("it is made");
        let again = world.write(|now, _, store| system_user(now, store)).expect("it is found");
        assert_eq!(row, again);
        let room = world.conversation(&olga, &[]);
        let system = Actor { user: row.sid, identity: row.identity, ..olga.clone() };
        let Call::ParticipantAdd(adding) = world.adding(room, &system) else { unreachable!() };
        assert_eq!(world.refused(&olga, &Call::ParticipantAdd(adding)).code, ErrorCode::Deactivated);
    }
}
