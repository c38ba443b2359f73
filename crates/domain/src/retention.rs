//! What is forgotten after a while.

use confab_protocol::{Timestamp, limits};

use crate::{DomainResult, Tx};

/// Forgets what was applied longer ago than anybody may still send it again, at most `limit` rows. Gives how many went; as
/// many as `limit` means that there may be more. Messages are known for ever by their own rows.
///
/// # Errors
/// Failures of the store.
pub fn forget_outcomes(now: Timestamp, limit: usize, tx: &mut dyn Tx) -> DomainResult<usize> {
    Ok(tx.delete_outcomes(Timestamp(now.0.saturating_sub(limits::OUTCOME_MS)), limit)?)
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Call, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::retention::forget_outcomes;
    use confab_testkit::world::sent;

    #[test]
    fn outcomes_are_forgotten_and_messages_are_not() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let send = Call::MessageSend(world.saying(room, "hello"));
        let message = sent(world.call(&olga, &send));
        let edit = world.editing(&message, "bye");
        world.events(&olga, &edit);
        let forget =
            |world: &mut World| world.write(|now, _, store| forget_outcomes(now, 100, store)).unwrap();
        world.clock.advance(limits::OUTCOME_MS - 1);
        assert_eq!(forget(&mut world), 1, "the making of the conversation");
        world.clock.advance(limits::OUTCOME_MS);
        assert_eq!(forget(&mut world), 1, "the edit");
        assert_eq!(sent(world.call(&olga, &send)).sid, message.sid);
        let other = world.saying(room, "other");
        let other = confab_protocol::method::MessageSendParams { client_id: message.client_id, ..other };
        assert_eq!(world.refused(&olga, &Call::MessageSend(other)).code, ErrorCode::ClientIdReused);
    }
}
