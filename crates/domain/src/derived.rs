//! Identifiers that follow from what made them: see [`confab_protocol::derived`]. Here they are held to it.

pub(crate) use confab_protocol::derived::{Made, direct, made_by, registration, user};

#[cfg(test)]
mod tests {
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::account::{self, Password};
    use confab_testkit::domain::retention::forget_outcomes;
    use confab_testkit::domain::{Actor, apply};

    use confab_protocol::{ClientId, UserSid, WorkspaceSid};
    use uuid::Uuid;

    use super::*;

    #[test]
    fn each_part_tells_and_the_layout_is_that_of_version_7() {
        let [one, two] = [1_u128, 2].map(|number| Uuid::from_u128(number << 90 | number));
        let of = |workspace, user, client_id, what, place| {
            made_by(WorkspaceSid(workspace), UserSid(user), ClientId(client_id), what, place)
        };
        let id = of(one, one, one, Made::Message, 0);
        assert_eq!(id, of(one, one, one, Made::Message, 0));
        assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
        assert_eq!(id.as_bytes()[..6], one.as_bytes()[..6]);
        let others = [
            of(two, one, one, Made::Message, 0),
            of(one, two, one, Made::Message, 0),
            of(one, one, two, Made::Message, 0),
            of(one, one, one, Made::Participant, 0),
            of(one, one, one, Made::Message, 1),
            user(WorkspaceSid(one), "ana").0,
            user(WorkspaceSid(one), "bo").0,
            user(WorkspaceSid(two), "ana").0,
        ];
        for (place, other) in others.iter().enumerate() {
            assert!(*other != id && !others[..place].contains(other), "{place}");
        }
    }

    /// What is done after a backup, and its identifiers.
    fn after_the_backup(world: &mut World, calls: &[Call]) -> Vec<Uuid> {
        let olga = world.owner.clone();
        let mut made = Vec::new();
        for call in calls {
            match world.call(&olga, call).expect("it is done") {
                Answer::ConversationCreate(result) => {
                    made.push(result.summary.me.conversation.0);
                    made.push(result.summary.me.participant.expect("she is in").0);
                }
                Answer::ParticipantAdd(result) => made.push(result.participant.sid.0),
                Answer::MessageSend(result) => made.push(result.message.sid.0),
                Answer::InviteCreate(result) => made.push(result.invite.sid.0),
                other => panic!("nothing is made: {other:?}"),
            }
        }
        made
    }

    #[test]
    fn what_is_done_again_after_a_restored_backup_has_the_same_names() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let minted = world.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
        let secret = minted.expect("an invite").secret;
        let room = world.conversation(&olga, &[]);
        let backup = world.store.clone();

        let ana = world.join(&secret, "Ana", Password::New("hash")).expect("she joins").user;
        let ana = Actor { user: ana.sid, identity: ana.identity, ..olga.clone() };
        let create = world.creating("Later");
        let mut before = after_the_backup(&mut world, std::slice::from_ref(&create));
        let later = ConversationSid(before[0]);
        let calls = [
            world.adding(later, &ana),
            Call::MessageSend(world.saying(later, "hello")),
            Call::MessageSend(world.saying(room, "hello")),
            world.inviting(),
        ];
        before.extend(after_the_backup(&mut world, &calls));

        world.store = backup;
        world.clock.advance(60_000);
        // Something else has come in between, so that nothing falls into the place that it had.
        world.say(&olga, room, "in between");
        let again = world.join(&secret, "ANA", Password::New("another hash")).expect("she joins again");
        assert_eq!(again.user.sid, ana.user);
        let calls: Vec<Call> = std::iter::once(create).chain(calls).collect();
        assert_eq!(after_the_backup(&mut world, &calls), before);
    }

    #[test]
    fn a_name_that_stands_already_is_in_the_way_and_nothing_is_half_done() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let create = world.creating("Plans");
        world.events(&olga, &create);
        // So long ago that its outcome was forgotten.
        world.clock.advance(limits::OUTCOME_MS + 1);
        let forgotten = world.write(|now, _, store| forget_outcomes(now, 10, store));
        assert_eq!(forgotten.expect("outcomes"), 1);
        let before = world.store.clone();
        let refused = world.write(|now, ids, store| apply(&olga, &create, now, ids, store));
        assert_eq!(refused.expect_err("it stands").to_wire().code, ErrorCode::Internal);
        assert!(world.store == before);
    }
}
