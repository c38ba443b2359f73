//! `conversation.join`: coming in by oneself, where anybody may.

use confab_protocol::method::{ConversationJoinParams, ConversationResult};
use confab_protocol::model::Role;
use confab_protocol::{Answer, ConversationSid, ErrorCode, WireError};
use uuid::Uuid;

use super::participant_add::{self, Seat};
use crate::cx::{Cx, Done, open};
use crate::permission::Permission;
use crate::row::{ConversationRow, MembershipRow};
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ConversationJoinParams) -> DomainResult<Done> {
    let unknown = || WireError::not_found("conversation");
    let mut user = cx.workspace_user(Permission::JoinConversation)?;
    let before = cx.tx.membership(cx.actor.user, params.conversation)?;
    let mut conversation = cx.tx.conversation(params.conversation)?.ok_or_else(unknown)?;
    if before.as_ref().is_some_and(MembershipRow::is_joined) {
        let identity = user.identity;
        return Err(WireError::new(ErrorCode::AlreadyParticipant).with("identity", identity).into());
    }
    let makers = is_makers(&conversation, cx.actor, before.as_ref());
    if !(conversation.public_join || makers) || conversation.deleted_at.is_some() {
        // To a stranger there is no such conversation; whoever was in it knows that there is.
        let known = before.is_some() && conversation.deleted_at.is_none();
        return Err(if known { ErrorCode::NotJoinable.into() } else { unknown() }.into());
    }
    open(&conversation)?;
    let role = if makers { Role::Owner } else { Role::Participant };
    let seat = Seat { role, attributes: "{}".to_owned() };
    participant_add::enter(cx, &mut conversation, &mut user, before, seat)?;
    let answer = replay(cx.actor, conversation.sid.0, cx.tx)?;
    Ok(Done { answer, subject: conversation.sid.0 })
}

/// Whether someone made a conversation without coming in, and never was in it: they may still come in, as its owner. Whoever was
/// in it and is not any more has left or was removed, and that they made it once opens nothing.
pub(crate) fn is_makers(
    conversation: &ConversationRow,
    actor: &Actor,
    before: Option<&MembershipRow>,
) -> bool {
    before.is_none() && conversation.created_by == actor.identity
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let summary = view::summary_of(tx, actor.user, ConversationSid(subject))?
        .ok_or_else(|| WireError::not_found("conversation"))?;
    Ok(Answer::ConversationJoin(ConversationResult { summary }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationCreateParams, ConversationJoinParams, ConversationPageParams, ConversationParams,
        ConversationUpdateParams,
    };
    use confab_protocol::model::{ConversationState, Role};
    use confab_protocol::{Answer, Call, Change, ConversationSid, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event, Warrant, apply_with, verify};

    fn join(world: &mut World, conversation: ConversationSid) -> Call {
        Call::ConversationJoin(ConversationJoinParams { client_id: world.client_id(), conversation })
    }

    fn opened(world: &mut World, owner: &Actor) -> ConversationSid {
        let room = world.conversation(owner, &[]);
        open(world, owner, room, true);
        room
    }

    fn open(world: &mut World, owner: &Actor, room: ConversationSid, public: bool) {
        let params = ConversationUpdateParams::new(world.client_id(), room);
        let call = Call::ConversationUpdate(ConversationUpdateParams { public_join: Some(public), ..params });
        world.events(owner, &call);
    }

    #[test]
    fn whoever_knows_it_may_come_in_where_it_is_open() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = opened(&mut world, &olga);
        let call = join(&mut world, room);
        let events = world.events(&ana, &call);
        let [Event::Log { event, joined, .. }, Event::State { user, .. }] = &events[..] else {
            panic!("not these events: {events:?}");
        };
        assert_eq!((*joined, *user), (Some(ana.user), ana.user));
        assert!(matches!(&event.change, Change::ParticipantJoined(row) if row.role == Role::Participant));
        assert_eq!(world.events(&ana, &call), []);
        let again = join(&mut world, room);
        assert_eq!(world.refused(&ana, &again).code, ErrorCode::AlreadyParticipant);
        world.remove(&ana, room, &ana);
        open(&mut world, &olga, room, false);
        let back = join(&mut world, room);
        assert_eq!(world.refused(&ana, &back).code, ErrorCode::NotJoinable);
        let stan = world.user("Stan");
        assert_eq!(world.refused(&stan, &back).code, ErrorCode::NotFound);
    }

    /// A conversation that somebody made without coming in.
    fn made_from_outside(world: &mut World, maker: &Actor) -> ConversationSid {
        let warrant = Warrant { stays_out: true, ..Warrant::default() };
        let call = Call::ConversationCreate(ConversationCreateParams::new(world.client_id()));
        let made = world.write(|now, ids, tx| apply_with(maker, &warrant, &call, now, ids, tx)).unwrap();
        let Answer::ConversationCreate(made) = made.answer else { panic!("another answer") };
        made.summary.me.conversation
    }

    #[test]
    fn whoever_made_one_from_outside_comes_in_once_as_its_owner_and_nobody_else_does() {
        let mut world = World::default();
        let (ana, bo) = (world.user("Ana"), world.user("Bo"));
        let room = made_from_outside(&mut world, &ana);
        let peek = Call::ConversationPeek(ConversationParams { conversation: room });
        assert!(world.call(&ana, &peek).is_ok());
        assert_eq!(world.refused(&bo, &peek).code, ErrorCode::NotFound);
        let call = join(&mut world, room);
        assert_eq!(world.refused(&bo, &call).code, ErrorCode::NotFound);
        let call = join(&mut world, room);
        let Ok(Answer::ConversationJoin(joined)) = world.call(&ana, &call) else { panic!("not let in") };
        assert_eq!(joined.summary.me.role, Role::Owner);
        // What she left, or was removed from, she cannot come back to by having made it.
        world.remove(&ana, room, &ana);
        let call = join(&mut world, room);
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::NotJoinable);
        assert_eq!(world.refused(&ana, &peek).code, ErrorCode::NotFound);
    }

    #[test]
    fn whoever_comes_first_into_one_that_its_owner_has_left_alone_takes_over() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = opened(&mut world, &olga);
        world.remove(&olga, room, &olga);
        for (who, role) in [(&ana, Role::Owner), (&bo, Role::Participant), (&olga, Role::Participant)] {
            let call = join(&mut world, room);
            world.events(who, &call);
            assert_eq!(world.summary(who, room).me.role, role);
            assert_eq!(verify(&world.store), []);
        }
    }

    #[test]
    fn a_closed_one_is_seen_and_not_joined() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = opened(&mut world, &olga);
        let state = Some(ConversationState::Closed);
        let params = ConversationUpdateParams::new(world.client_id(), room);
        world.events(&olga, &Call::ConversationUpdate(ConversationUpdateParams { state, ..params }));
        let call = join(&mut world, room);
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::ConversationClosed);
        let peek = Call::ConversationPeek(ConversationParams { conversation: room });
        let Ok(Answer::ConversationPeek(found)) = world.call(&ana, &peek) else { panic!("not seen") };
        assert_eq!((found.conversation.sid, found.conversation.participants_count), (room, 1));
    }

    #[test]
    fn the_directory_shows_those_that_are_open_and_peeking_no_other() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let mut rooms: Vec<_> = (0..3).map(|_| opened(&mut world, &olga)).collect();
        rooms.sort();
        let private = world.conversation(&olga, &[]);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let params = ConversationPageParams { after, limit: Some(2) };
            let Ok(Answer::ConversationListPublic(page)) =
                world.call(&ana, &Call::ConversationListPublic(params))
            else {
                panic!("no directory")
            };
            found.extend(page.conversations.iter().map(|row| row.sid));
            after = found.last().copied();
            if !page.more {
                break;
            }
        }
        assert_eq!(found, rooms);
        let peek = |conversation| Call::ConversationPeek(ConversationParams { conversation });
        assert!(world.call(&ana, &peek(rooms[0])).is_ok());
        assert_eq!(world.refused(&ana, &peek(private)).code, ErrorCode::NotFound);
        assert!(world.call(&olga, &peek(private)).is_ok());
    }
}
