//! Identifiers that follow from what made them. When a backup is restored and a mutation from after it is sent again, what it
//! makes gets the identifier that it had: other devices know it by that name, and may have sent things that name it.

use confab_protocol::{ClientId, UserSid, WorkspaceSid};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::row::Hash;

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Made {
    /// A conversation.
    Conversation,
    /// A participation.
    Participant,
    /// A message.
    Message,
    /// An invite.
    Invite,
}

impl Made {
    /// Stands in the hash; never changed.
    fn label(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Participant => "participant",
            Self::Message => "message",
            Self::Invite => "invite",
        }
    }
}

/// The identifier of the `place`-th thing that one mutation makes. Its time is that of the `client_id`.
pub(crate) fn made_by(
    workspace: WorkspaceSid,
    user: UserSid,
    client_id: ClientId,
    what: Made,
    place: u32,
) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(what.label());
    hasher.update([0]);
    for id in [workspace.0, user.0, client_id.0] {
        hasher.update(id.as_bytes());
    }
    hasher.update(place.to_be_bytes());
    version_7(client_id.0, &hasher.finalize().into())
}

/// The identifier of the user with this identity key: who joined after a backup and joins once more is the same user. Its
/// time is that of the workspace.
pub(crate) fn user(workspace: WorkspaceSid, identity_key: &str) -> UserSid {
    let mut hasher = Sha256::new();
    hasher.update("user");
    hasher.update([0]);
    hasher.update(workspace.0.as_bytes());
    hasher.update(identity_key);
    UserSid(version_7(workspace.0, &hasher.finalize().into()))
}

/// A UUIDv7 with the time of another one and 74 bits of a hash where others have random ones.
fn version_7(time: Uuid, hash: &Hash) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&time.as_bytes()[..6]);
    bytes[6..].copy_from_slice(&hash[..10]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::account::{self, Password};
    use confab_testkit::domain::retention::forget_outcomes;
    use confab_testkit::domain::{Actor, apply};

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
