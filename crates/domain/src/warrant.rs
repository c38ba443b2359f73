//! Acting beside the ordinary rights: what whoever runs the server lets a program do, and what Twilio's clients do otherwise.

use confab_protocol::model::{MembershipStatus, NotificationLevel, Role};
use confab_protocol::{Call, ConversationSid, ParticipantSid, Timestamp, UserSid, WireError};
use uuid::Uuid;

use crate::cx::Member;
use crate::permission::{Permission, Permissions};
use crate::row::MembershipRow;
use crate::{Actor, DomainResult, Ids, Outcome, Read, Tx};

/// What is let through beside the ordinary rules. [`apply`](crate::apply) lets nothing through.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Warrant {
    /// Every right in every conversation, without being in it.
    pub everything: bool,
    /// Whoever makes a conversation does not come in by that.
    pub stays_out: bool,
    /// The identifier of what is made, instead of one that follows from the mutation.
    pub sid: Option<Uuid>,
    /// When what is made was made: for what was elsewhere before.
    pub created: Option<Timestamp>,
    /// When it last changed.
    pub updated: Option<Timestamp>,
    /// Whoever takes part in the conversation by other means and wrote the message: their address is its author.
    pub speaks_for: Option<ParticipantSid>,
    /// What was asked for before somebody who may do so changed it: by this it is known when it is sent again.
    pub asked: Option<Box<Call>>,
}

/// Carries out a mutation under a warrant. See [`apply`](crate::apply).
///
/// # Errors
/// What the rules refuse, and failures of the store.
pub fn apply_with(
    actor: &Actor,
    warrant: &Warrant,
    call: &Call,
    now: Timestamp,
    ids: &mut dyn Ids,
    tx: &mut dyn Tx,
) -> DomainResult<Outcome> {
    crate::apply::apply_under(actor, warrant, call, now, ids, tx)
}

/// The place in a conversation of someone who may do everything there.
///
/// # Errors
/// `not_found`.
pub(crate) fn in_any(
    read: &(impl Read + ?Sized),
    user: UserSid,
    conversation: ConversationSid,
) -> DomainResult<Member> {
    let row = read.conversation(conversation)?.filter(|row| row.deleted_at.is_none());
    let row = row.ok_or_else(|| WireError::not_found("conversation"))?;
    let me = read.membership(user, conversation)?.filter(MembershipRow::is_joined);
    let me = me.unwrap_or_else(|| outsider(user, conversation));
    let may: Permissions = Permission::ALL.iter().copied().collect();
    Ok(Member { conversation: row, me, may, sees_all: true })
}

/// The own row that someone would have who is not in a conversation. It is never written.
pub(crate) fn outsider(user: UserSid, conversation: ConversationSid) -> MembershipRow {
    MembershipRow {
        user,
        conversation,
        status: MembershipStatus::NotParticipating,
        participant: None,
        role: Role::Participant,
        custom_role: None,
        flags: None,
        level: NotificationLevel::Default,
        joined_seq: 0,
        joined_index: 0,
        horizon: None,
        horizon_seq: 0,
        horizon_set_version: 0,
        left_name: None,
        left_at: None,
        version: 0,
        moved: 0,
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationCreateParams, MessageSendParams, NonChatAddParams, NonChatRemoveParams,
        ParticipantAddParams,
    };
    use confab_protocol::{Answer, Call, ErrorCode, MessageSid, ParticipantSid, Timestamp};
    use confab_testkit::World;
    use confab_testkit::domain::account::system_user;
    use confab_testkit::domain::store::{Order, Read as _, Tx as _};
    use confab_testkit::domain::{Actor, DomainError, DomainResult, Outcome, Warrant, apply_with, verify};
    use uuid::Uuid;

    const LONG_AGO: Timestamp = Timestamp(1_000_000);

    fn system(world: &mut World) -> Actor {
        let row = world.write(|now, _, store| system_user(now, store)).expect("a store");
        Actor { user: row.sid, identity: row.identity, device: None, ..world.owner.clone() }
    }

    fn under(world: &mut World, by: &Actor, warrant: &Warrant, call: &Call) -> DomainResult<Outcome> {
        let (by, warrant, call) = (by.clone(), warrant.clone(), call.clone());
        world.write(move |now, ids, store| apply_with(&by, &warrant, &call, now, ids, store))
    }

    #[test]
    fn a_program_makes_a_conversation_that_it_is_not_in_and_does_everything_there() {
        let mut world = World::default();
        let (system, ana) = (system(&mut world), world.user("Ana"));
        let named = |number| Some(Uuid::from_u128(number));
        let all =
            Warrant { everything: true, stays_out: true, created: Some(LONG_AGO), ..Warrant::default() };
        let create = Call::ConversationCreate(ConversationCreateParams::new(world.client_id()));
        let made = Warrant { sid: named(7), ..all.clone() };
        let Answer::ConversationCreate(result) =
            under(&mut world, &system, &made, &create).expect("made").answer
        else {
            panic!("another answer")
        };
        let room = result.summary.me.conversation;
        assert_eq!((room.0, result.summary.conversation), (Uuid::from_u128(7), None));
        let again = under(&mut world, &system, &made, &create).expect("it is acknowledged again");
        assert!(matches!(again.answer, Answer::ConversationCreate(it) if it.summary.me.conversation == room));

        let identity = ana.identity.clone();
        let add = ParticipantAddParams {
            client_id: world.client_id(),
            conversation: room,
            identity,
            attributes: None,
        };
        under(&mut world, &system, &all, &Call::ParticipantAdd(add)).expect("she is added");
        let sent = Warrant { sid: named(8), ..all };
        let say = Call::MessageSend(MessageSendParams::new(world.client_id(), room, "as it was"));
        under(&mut world, &system, &sent, &say).expect("it is said");
        let row = world.store.messages(room, 0..1, Order::Ascending, 1).expect("a store").remove(0);
        assert_eq!(
            (row.sid, row.participant, row.date_created),
            (MessageSid(Uuid::from_u128(8)), None, LONG_AGO)
        );
        assert_eq!((&row.author[..], world.unread(&ana, room).unread), ("system", 1));
        let message = world.page(&ana, room).remove(0);
        let edit = world.editing(&message, "as it is");
        under(&mut world, &system, &Warrant { everything: true, ..Warrant::default() }, &edit)
            .expect("edited");
        assert_eq!(world.page(&ana, room)[0].body.as_deref(), Some("as it is"));
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_program_speaks_for_whoever_is_at_an_address_also_after_they_are_gone() {
        let mut world = World::default();
        let (system, olga) = (system(&mut world), world.owner.clone());
        let room = world.conversation(&olga, &[]);
        let add = NonChatAddParams {
            client_id: world.client_id(),
            conversation: room,
            kind: "sms".into(),
            address: "+15550100".into(),
            proxy_address: None,
            name: None,
            level: None,
            attributes: None,
        };
        let Ok(Answer::NonChatAdd(added)) = world.call(&olga, &Call::NonChatAdd(add)) else {
            panic!("not added")
        };
        let sid = added.participant.sid;
        let of =
            |speaks_for| Warrant { everything: true, speaks_for: Some(speaks_for), ..Warrant::default() };
        let say =
            |world: &mut World| Call::MessageSend(MessageSendParams::new(world.client_id(), room, "hello"));
        let spoken = say(&mut world);
        under(&mut world, &system, &of(sid), &spoken).expect("it is said");
        let message = world.page(&olga, room).remove(0);
        assert_eq!((&message.author[..], message.participant), ("+15550100", Some(sid)));
        assert_eq!(world.unread(&olga, room).unread, 1);
        assert_eq!(verify(&world.store), []);
        let nobody = say(&mut world);
        let refused = under(&mut world, &system, &of(ParticipantSid(Uuid::from_u128(9))), &nobody);
        assert!(matches!(refused, Err(DomainError::Refused(error)) if error.code == ErrorCode::NotFound));
        let client_id = world.client_id();
        let remove = NonChatRemoveParams { client_id, conversation: room, participant: sid };
        world.call(&olga, &Call::NonChatRemove(remove)).expect("removed");
        assert_eq!(verify(&world.store), []);
        let mut row = world.store.messages(room, 0..1, Order::Ascending, 1).expect("a store").remove(0);
        row.participant = Some(ParticipantSid(Uuid::from_u128(9)));
        world.store.update_message(&row).expect("a store");
        assert_ne!(verify(&world.store), []);
    }

    #[test]
    fn without_a_warrant_nothing_is_let_through() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        let say = Call::MessageSend(world.saying(room, "hello"));
        assert_eq!(world.refused(&ana, &say).code, ErrorCode::NotFound);
    }

    #[test]
    fn what_somebody_changed_on_the_way_is_known_by_what_was_asked() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let asked = world.saying(room, "rude");
        let changed = Call::MessageSend(MessageSendParams { body: "polite".into(), ..asked.clone() });
        let asked = Call::MessageSend(asked);
        let warrant = Warrant { asked: Some(Box::new(asked.clone())), ..Warrant::default() };
        under(&mut world, &olga, &warrant, &changed).expect("it is said");
        let Ok(Answer::MessageSend(again)) = world.call(&olga, &asked) else {
            panic!("not acknowledged again")
        };
        assert_eq!(again.message.body.as_deref(), Some("polite"));
    }
}
