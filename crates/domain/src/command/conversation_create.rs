//! `conversation.create`: the maker joins as owner with the first event of the log.

use std::collections::BTreeSet;

use confab_protocol::method::{ConversationCreateParams, ConversationResult, InitialParticipant};
use confab_protocol::model::{
    ConversationState, ConversationSummary, MembershipStatus, NotificationLevel, Role,
};
use confab_protocol::{Answer, Change, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use super::participant_add::{self, Seat};
use crate::cx::{Audience, Cx, Done, direct, limit_reached};
use crate::derived::{self, Made};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, HeadRow, IntervalRow, MembershipRow, ParticipantRow, UserRow};
use crate::warrant::outsider;
use crate::{Actor, DomainResult, Tx, check, name, timers, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ConversationCreateParams) -> DomainResult<Done> {
    let plan = plan(cx, params)?;
    let seats = seats(params)?;
    if let Some(summary) = standing(cx, params)? {
        let subject = summary.me.conversation.0;
        return Ok(Done { answer: answer(summary), subject });
    }
    let mut user = cx.workspace_user(Permission::CreateConversation)?;
    let others = others(cx, params, seats)?;
    let sid = if params.direct { pair(cx, &others)? } else { ConversationSid(cx.name(Made::Conversation)) };
    if !cx.warrant.stays_out && user.joined_count >= limits::CONVERSATIONS_PER_USER as u64 {
        return Err(limit_reached("conversations", limits::CONVERSATIONS_PER_USER as u64).into());
    }
    if let Some(unique_name) = &plan.unique_name {
        refuse_taken(cx, unique_name)?;
    }
    make(cx, ConversationRow { sid, ..plan }, &mut user, others)
}

/// The row as it was asked for, still without its identifier.
fn plan(cx: &Cx<'_>, params: &ConversationCreateParams) -> DomainResult<ConversationRow> {
    let (friendly_name, unique_name) = names(params)?;
    let timers = params.timers.as_ref().map(timers::read).transpose()?;
    let mut plan = ConversationRow {
        sid: ConversationSid(Uuid::nil()),
        friendly_name,
        unique_name,
        attributes: check::attributes_or_empty(
            params.attributes.as_ref(),
            limits::CONVERSATION_ATTRIBUTES_BYTES,
        )?,
        created_by: cx.actor.identity.clone(),
        date_created: cx.created(),
        date_updated: cx.updated(),
        state: ConversationState::Active,
        state_at: cx.now,
        timers: timers.unwrap_or_default(),
        state_due: None,
        deleted_at: None,
        erase_from: None,
        direct: params.direct,
        public_join: params.public_join,
        uber: params.uber,
        head: HeadRow { activity: cx.commit, moved: cx.commit, ..HeadRow::default() },
    };
    timers::enter(&mut plan, first_state(params.state)?, cx.now);
    match (params.direct, params.public_join, params.uber) {
        (true, true, _) => Err(direct("not_public").into()),
        (true, _, true) => Err(direct("not_uber").into()),
        _ => Ok(plan),
    }
}

fn first_state(asked: Option<ConversationState>) -> Result<ConversationState, WireError> {
    match asked {
        None | Some(ConversationState::Active) => Ok(ConversationState::Active),
        Some(ConversationState::Inactive) => Ok(ConversationState::Inactive),
        Some(ConversationState::Closed) => {
            Err(WireError::invalid("state", "cannot be made closed").with("value", "closed"))
        }
        Some(ConversationState::Unknown) => Err(WireError::invalid("state", "no such state")),
    }
}

/// As what those named in the beginning are to come in.
fn seats(params: &ConversationCreateParams) -> Result<Vec<Seat>, WireError> {
    let asked = params.participants.len();
    if asked > limits::INITIAL_PARTICIPANTS {
        return Err(WireError::too_large("participants", limits::INITIAL_PARTICIPANTS, asked));
    }
    let seat = |wish: &InitialParticipant| {
        if wish.role == Role::Unknown {
            return Err(WireError::invalid("role", "no such role"));
        }
        let attributes = check::attributes_or_empty(wish.attributes.as_ref(), limits::ATTRIBUTES_BYTES)?;
        // In a conversation of two both are alike.
        let role = if params.direct { Role::Owner } else { wish.role };
        Ok(Seat { role, attributes })
    };
    params.participants.iter().map(seat).collect()
}

/// The conversation of two that is asked for, when there is one: it stays theirs, whoever was let go or may make none any more.
fn standing(cx: &Cx<'_>, params: &ConversationCreateParams) -> DomainResult<Option<ConversationSummary>> {
    if !params.direct {
        return Ok(None);
    }
    let mut others = BTreeSet::new();
    for wish in &params.participants {
        let user = cx.tx.user_by_key(&name::identity_key(&wish.identity))?;
        others.insert(user.map(|user| user.sid));
    }
    others.remove(&Some(cx.actor.user));
    let (1, Some(Some(other))) = (others.len(), others.first()) else { return Ok(None) };
    let sid = derived::direct(cx.actor.workspace, cx.actor.user, *other);
    Ok(view::summary_of(cx.tx, cx.actor.user, sid)?)
}

/// Those who are in it from the beginning besides its maker, each once.
fn others(
    cx: &Cx<'_>,
    params: &ConversationCreateParams,
    seats: Vec<Seat>,
) -> DomainResult<Vec<(UserRow, Seat)>> {
    let mut others: Vec<(UserRow, Seat)> = Vec::with_capacity(seats.len());
    for (wish, seat) in params.participants.iter().zip(seats) {
        let user = participant_add::wanted(cx, &wish.identity)?;
        let is_known = user.sid == cx.actor.user || others.iter().any(|(other, _)| other.sid == user.sid);
        if !is_known {
            others.push((user, seat));
        }
    }
    Ok(others)
}

/// The identifier of the conversation of the actor and the one other.
fn pair(cx: &Cx<'_>, others: &[(UserRow, Seat)]) -> Result<ConversationSid, WireError> {
    match others {
        [(other, _)] => Ok(derived::direct(cx.actor.workspace, cx.actor.user, other.sid)),
        _ => Err(direct("two_people")),
    }
}

fn answer(summary: ConversationSummary) -> Answer {
    Answer::ConversationCreate(ConversationResult { summary })
}

fn names(params: &ConversationCreateParams) -> Result<(Option<String>, Option<String>), WireError> {
    let friendly = params.friendly_name.as_deref().unwrap_or_default();
    let friendly = name::optional("friendly_name", friendly, limits::FRIENDLY_NAME_CHARS)?;
    let unique = params.unique_name.as_deref().unwrap_or_default();
    let unique = name::optional("unique_name", unique, limits::UNIQUE_NAME_CHARS)?;
    Ok((friendly.map(str::to_owned), unique.map(str::to_owned)))
}

/// Refuses a unique name that stands for a conversation already.
pub(super) fn refuse_taken(cx: &Cx<'_>, unique_name: &str) -> DomainResult<()> {
    if cx.tx.conversation_by_unique_name(unique_name)?.is_none() {
        return Ok(());
    }
    Err(WireError::new(ErrorCode::UniqueNameTaken).with("unique_name", unique_name).into())
}

fn make(
    cx: &mut Cx<'_>,
    mut conversation: ConversationRow,
    user: &mut UserRow,
    others: Vec<(UserRow, Seat)>,
) -> DomainResult<Done> {
    let sid = conversation.sid;
    if cx.warrant.stays_out {
        return make_without(cx, conversation, others);
    }
    let participant = first_participant(cx, &conversation, user);
    conversation.head.participants_count = 1;
    conversation.head.roster_version = participant.version;
    // The row stands before its events do: stores may hold the log to it.
    cx.tx.insert_conversation(&conversation)?;
    cx.append(&mut conversation, EventKind::ConversationCreated, sid.0, &[])?;
    let created = Change::ConversationCreated(Box::new(view::conversation_for_all(&conversation)?));
    let maker = Audience { joined: Some(user.sid), ..Audience::default() };
    cx.tell(&conversation, &[], created, maker);
    cx.append(&mut conversation, EventKind::ParticipantJoined, participant.sid.0, &[])?;
    let joined = Change::ParticipantJoined(Box::new(view::participant(&participant)?));
    cx.tell(&conversation, &[], joined, Audience::default());
    cx.tx.update_head(sid, &conversation.head)?;
    cx.tx.insert_participant(&participant)?;
    let (user_sid, joined_seq, joined_index) = (user.sid, 1, 0);
    cx.tx.insert_interval(&IntervalRow {
        user: user_sid,
        conversation: sid,
        joined_seq,
        joined_index,
        left_seq: None,
        left_index: None,
    })?;
    let mut me = first_membership(&participant);
    user.joined_count += 1;
    cx.put_membership(user, &mut me)?;
    for (mut other, seat) in others {
        participant_add::enter(cx, &mut conversation, &mut other, None, seat)?;
    }
    // Last: in a conversation of two one's own row names the other one.
    cx.tell_state(&me, &conversation)?;
    let summary = view::summary(cx.tx, &me, &conversation)?;
    Ok(Done { answer: answer(summary), subject: sid.0 })
}

/// Makes a conversation whose maker is not in it.
fn make_without(
    cx: &mut Cx<'_>,
    mut conversation: ConversationRow,
    others: Vec<(UserRow, Seat)>,
) -> DomainResult<Done> {
    let sid = conversation.sid;
    cx.tx.insert_conversation(&conversation)?;
    cx.append(&mut conversation, EventKind::ConversationCreated, sid.0, &[])?;
    let created = Change::ConversationCreated(Box::new(view::conversation_for_all(&conversation)?));
    cx.tell(&conversation, &[], created, Audience::default());
    cx.tx.update_head(sid, &conversation.head)?;
    for (mut other, seat) in others {
        participant_add::enter(cx, &mut conversation, &mut other, None, seat)?;
    }
    let summary = view::summary(cx.tx, &outsider(cx.actor.user, sid), &conversation)?;
    Ok(Done { answer: answer(summary), subject: sid.0 })
}

fn first_participant(cx: &mut Cx<'_>, conversation: &ConversationRow, user: &UserRow) -> ParticipantRow {
    ParticipantRow {
        conversation: conversation.sid,
        sid: ParticipantSid(cx.name(Made::Participant)),
        user: user.sid,
        identity: user.identity.clone(),
        profile_version: user.version,
        role: Role::Owner,
        custom_role: None,
        flags: None,
        attributes: "{}".to_owned(),
        horizon: None,
        horizon_seq: 0,
        horizon_at: None,
        date_created: cx.now,
        date_updated: cx.now,
        status: MembershipStatus::Joined,
        version: 1,
    }
}

fn first_membership(participant: &ParticipantRow) -> MembershipRow {
    MembershipRow {
        user: participant.user,
        conversation: participant.conversation,
        status: MembershipStatus::Joined,
        participant: Some(participant.sid),
        role: participant.role,
        custom_role: None,
        flags: None,
        level: NotificationLevel::Default,
        joined_seq: 1,
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

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let sid = ConversationSid(subject);
    if let Some(summary) = view::summary_of(tx, actor.user, sid)? {
        return Ok(answer(summary));
    }
    // Whoever made it did not come in.
    let conversation = tx.conversation(sid)?.ok_or_else(|| WireError::not_found("conversation"))?;
    Ok(answer(view::summary(tx, &outsider(actor.user, sid), &conversation)?))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationCreateParams, ConversationDeleteParams, ConversationUpdateParams, InitialParticipant,
    };
    use confab_protocol::model::{ConversationState, Role};
    use confab_protocol::{Answer, Call, Change, ErrorCode, derived, limits};
    use confab_testkit::World;
    use confab_testkit::domain::row::UserRow;
    use confab_testkit::domain::store::{Read as _, Tx as _};
    use confab_testkit::domain::{Actor, Event, verify};

    fn create(world: &mut World, unique_name: Option<&str>) -> ConversationCreateParams {
        ConversationCreateParams {
            friendly_name: Some(" Plans ".into()),
            unique_name: unique_name.map(str::to_owned),
            ..ConversationCreateParams::new(world.client_id())
        }
    }

    #[test]
    fn the_maker_joins_as_owner_from_the_first_event() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let call = Call::ConversationCreate(create(&mut world, None));
        let outcome = world.apply(&ana, &call).expect("it is made");
        let Answer::ConversationCreate(result) = outcome.answer else { panic!("another answer") };
        let (conversation, me) = (result.summary.conversation.expect("she is in it"), result.summary.me);
        assert_eq!(conversation.friendly_name.as_deref(), Some("Plans"));
        assert_eq!(
            (conversation.version, conversation.roster_version, conversation.participants_count),
            (2, 1, 1)
        );
        assert_eq!((me.role, me.version, me.unread.at_seq), (Role::Owner, 1, 2));
        let [
            Event::Log { event: first, joined, .. },
            Event::Log { event: second, joined: None, .. },
            Event::State { .. },
        ] = &outcome.events[..]
        else {
            panic!("not these events: {:?}", outcome.events);
        };
        assert_eq!((first.seq, second.seq, *joined), (1, 2, Some(ana.user)));
        assert!(matches!(first.change, Change::ConversationCreated(_)));
        assert!(matches!(&second.change, Change::ParticipantJoined(row) if Some(row.sid) == me.participant));
        let again = world.apply(&ana, &call).expect("it is acknowledged again");
        assert_eq!(again.events, []);
    }

    #[test]
    fn a_unique_name_is_given_once() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let first = Call::ConversationCreate(create(&mut world, Some("plans")));
        world.events(&olga, &first);
        let second = Call::ConversationCreate(create(&mut world, Some(" plans")));
        let refusal = world.refused(&ana, &second);
        assert_eq!(refusal.code, ErrorCode::UniqueNameTaken);
        assert_eq!(refusal.params["unique_name"], "plans");
    }

    fn with(identities: &[&str], role: Role) -> Vec<InitialParticipant> {
        let one =
            |identity: &&str| InitialParticipant { identity: (*identity).into(), role, attributes: None };
        identities.iter().map(one).collect()
    }

    #[test]
    fn others_are_in_it_from_the_beginning_each_once_and_in_their_roles() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let participants = with(&["ana", "Bo", "ANA", "olga"], Role::Owner);
        let params = ConversationCreateParams { participants, ..create(&mut world, None) };
        let events = world.events(&olga, &Call::ConversationCreate(params.clone()));
        let joined: Vec<_> = events
            .iter()
            .filter_map(|event| if let Event::Log { joined, .. } = event { *joined } else { None })
            .collect();
        assert_eq!(joined, [olga.user, ana.user, bo.user]);
        let Ok(Answer::ConversationCreate(made)) = world.call(&olga, &Call::ConversationCreate(params))
        else {
            panic!("not acknowledged again")
        };
        let room = made.summary.me.conversation;
        assert_eq!(world.summary(&ana, room).me.role, Role::Owner);
        assert_eq!(made.summary.conversation.map(|row| row.participants_count), Some(3));
        let participants = with(&["Ana", "nobody"], Role::Participant);
        let params = ConversationCreateParams { participants, ..create(&mut world, None) };
        assert_eq!(world.refused(&olga, &Call::ConversationCreate(params)).code, ErrorCode::NotFound);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn a_pair_has_one_conversation_whoever_makes_it_and_it_stays_theirs() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let pair = |world: &mut World, by: &Actor, whom: &str| {
            let client_id = world.client_id();
            let participants = with(&[whom], Role::Participant);
            let params = ConversationCreateParams::new(client_id);
            let call =
                Call::ConversationCreate(ConversationCreateParams { direct: true, participants, ..params });
            match world.call(by, &call) {
                Ok(Answer::ConversationCreate(made)) => made.summary.me.conversation,
                other => panic!("not made: {other:?}"),
            }
        };
        let room = pair(&mut world, &olga, "Ana");
        assert_eq!(room, derived::direct(olga.workspace, ana.user, olga.user));
        assert_eq!((pair(&mut world, &ana, "OLGA"), pair(&mut world, &olga, "ana")), (room, room));
        assert_ne!(pair(&mut world, &ana, "Bo"), room);
        let (add, remove, leave) =
            (world.adding(room, &bo), world.removing(room, &ana), world.removing(room, &olga));
        let delete = Call::ConversationDelete(ConversationDeleteParams {
            client_id: world.client_id(),
            conversation: room,
        });
        let open = ConversationUpdateParams::new(world.client_id(), room);
        let open = Call::ConversationUpdate(ConversationUpdateParams { public_join: Some(true), ..open });
        let rules = ["no_add", "no_remove", "no_leave", "no_delete", "not_public"];
        for (call, rule) in [add, remove, leave, delete, open].into_iter().zip(rules) {
            let refusal = world.refused(&olga, &call);
            assert_eq!(
                (refusal.code, &refusal.params["rule"]),
                (ErrorCode::DirectConversation, &rule.into())
            );
        }
        assert_eq!(verify(&world.store), []);
    }

    /// It is not made again, so that nothing is asked of either that making one asks.
    #[test]
    fn a_pair_gets_its_conversation_whatever_became_of_either() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let _ = ["Bo", "Cy"].map(|name| world.user(name));
        let pair = |world: &mut World, by: &Actor, whom: &str| {
            let participants = with(&[whom], Role::Participant);
            let params = ConversationCreateParams::new(world.client_id());
            let params = ConversationCreateParams { direct: true, participants, ..params };
            world.call(by, &Call::ConversationCreate(params)).map(|answer| match answer {
                Answer::ConversationCreate(made) => made.summary.me.conversation,
                other => panic!("another answer: {other:?}"),
            })
        };
        let rooms = [pair(&mut world, &ana, "Olga"), pair(&mut world, &ana, "Bo")];
        assert!(rooms.iter().all(Result::is_ok), "{rooms:?}");
        let bo = world.store.user_by_key("bo").unwrap().unwrap();
        world.store.update_user(&UserRow { deactivated: true, ..bo }).unwrap();
        assert_eq!(pair(&mut world, &ana, "Bo"), rooms[1]);
        let refused = pair(&mut world, &olga, "Bo").map_err(|refused| refused.code);
        assert_eq!(refused, Err(ErrorCode::Deactivated));
        let row = world.store.user(ana.user).unwrap().unwrap();
        world.store.update_user(&UserRow { role: Role::Unknown, ..row }).unwrap();
        assert_eq!(
            (pair(&mut world, &ana, "Olga"), pair(&mut world, &ana, "Bo")),
            (rooms[0].clone(), rooms[1].clone())
        );
        let refused = pair(&mut world, &ana, "Cy").map_err(|refused| refused.code);
        assert_eq!(refused, Err(ErrorCode::Forbidden));
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn each_of_a_pair_is_told_in_their_own_row_who_the_other_one_is() {
        let mut world = World::default();
        let (olga, _ana) = (world.owner.clone(), world.user("Ana"));
        let participants = with(&["ana"], Role::Participant);
        let params = create(&mut world, None);
        let call =
            Call::ConversationCreate(ConversationCreateParams { direct: true, participants, ..params });
        let outcome = world.apply(&olga, &call).expect("it is made");
        let told = outcome.events.iter().filter_map(|event| match event {
            Event::State { rows, .. } => Some(rows[0].peer.as_deref()),
            _ => None,
        });
        assert_eq!(told.collect::<Vec<_>>(), [Some("Olga"), Some("Ana")]);
        let Answer::ConversationCreate(result) = outcome.answer else { panic!("another answer") };
        assert_eq!(result.summary.me.peer.as_deref(), Some("Ana"));
        let room = world.conversation(&olga, &[]);
        assert_eq!(world.summary(&olga, room).me.peer, None);
    }

    #[test]
    fn a_pair_is_two_people_and_neither_public_nor_uber() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let _ = ["Ana", "Bo"].map(|name| world.user(name));
        for (identities, public_join, uber, rule) in [
            (&[][..], false, false, "two_people"),
            (&["Olga"], false, false, "two_people"),
            (&["Ana", "Bo"], false, false, "two_people"),
            (&["Ana"], true, false, "not_public"),
            (&["Ana"], false, true, "not_uber"),
        ] {
            let participants = with(identities, Role::Participant);
            let params = create(&mut world, None);
            let params = ConversationCreateParams { participants, direct: true, public_join, uber, ..params };
            let refusal = world.refused(&olga, &Call::ConversationCreate(params));
            assert_eq!(
                (refusal.code, &refusal.params["rule"]),
                (ErrorCode::DirectConversation, &rule.into())
            );
        }
    }

    #[test]
    fn none_is_made_closed() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let of = |world: &mut World, state| {
            let params = ConversationCreateParams { state: Some(state), ..create(world, None) };
            world.call(&olga, &Call::ConversationCreate(params))
        };
        assert!(of(&mut world, ConversationState::Inactive).is_ok());
        let refused = of(&mut world, ConversationState::Closed).expect_err("it is refused");
        assert_eq!((refused.code, &refused.params["field"]), (ErrorCode::InvalidParams, &"state".into()));
    }

    #[test]
    fn names_and_numbers_are_bounded() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let fine = create(&mut world, None);
        for name in ["a".repeat(257), "a\u{1b}[31m".into()] {
            let params = ConversationCreateParams { friendly_name: Some(name), ..fine.clone() };
            world.refused(&olga, &Call::ConversationCreate(params));
        }
        let mut user = world.store.user(olga.user).unwrap().unwrap();
        user.joined_count = limits::CONVERSATIONS_PER_USER as u64;
        world.store.update_user(&user).unwrap();
        let refusal = world.refused(&olga, &Call::ConversationCreate(fine));
        assert_eq!(
            (refusal.code, &refusal.params["what"]),
            (ErrorCode::LimitReached, &"conversations".into())
        );
    }
}
