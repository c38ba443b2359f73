//! `participant.add`: a user comes in. Moves the log and the roster.

use confab_protocol::method::{ParticipantAddParams, ParticipantResult};
use confab_protocol::model::{MembershipStatus, NotificationLevel, Role};
use confab_protocol::{Answer, Change, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use super::roster_row;
use crate::cx::{Audience, Cx, Done, Member, limit_reached};
use crate::derived::Made;
use crate::permission::Permission;
use crate::query::resume::workspace;
use crate::row::{ConversationRow, EventKind, IntervalRow, Json, MembershipRow, ParticipantRow, UserRow};
use crate::{Actor, DomainResult, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ParticipantAddParams) -> DomainResult<Done> {
    let attributes = check::attributes_or_empty(params.attributes.as_ref(), limits::ATTRIBUTES_BYTES)?;
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::AddParticipant)?;
    member.open()?;
    member.not_direct("no_add")?;
    let Member { mut conversation, .. } = member;
    let mut user = wanted(cx, &params.identity)?;
    let before = cx.tx.membership(user.sid, conversation.sid)?;
    if before.as_ref().is_some_and(MembershipRow::is_joined) {
        return Err(WireError::new(ErrorCode::AlreadyParticipant).with("identity", user.identity).into());
    }
    let seat = Seat { role: Role::Participant, attributes };
    let participant = enter(cx, &mut conversation, &mut user, before, seat)?;
    let answer = Answer::ParticipantAdd(ParticipantResult { participant: view::participant(&participant)? });
    Ok(Done { answer, subject: participant.sid.0 })
}

/// The user of this identity, who may be added to conversations.
pub(super) fn wanted(cx: &Cx<'_>, identity: &str) -> DomainResult<UserRow> {
    let user = cx.tx.user_by_key(&name::identity_key(identity))?;
    let user = user.ok_or_else(|| WireError::not_found("user"))?;
    if user.deactivated {
        return Err(ErrorCode::Deactivated.into());
    }
    Ok(user)
}

fn limit(what: &str, present: u64, most: u64) -> Result<(), WireError> {
    if present < most {
        return Ok(());
    }
    Err(limit_reached(what, most))
}

/// As what somebody comes in.
pub(super) struct Seat {
    pub(super) role: Role,
    pub(super) attributes: Json,
}

/// A user comes in, as far as there is room.
pub(super) fn enter(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    user: &mut UserRow,
    before: Option<MembershipRow>,
    seat: Seat,
) -> DomainResult<ParticipantRow> {
    let most = workspace(cx.tx)?.participants_limit;
    limit("participants", conversation.head.participants_count, most)?;
    limit("conversations", user.joined_count, limits::CONVERSATIONS_PER_USER as u64)?;
    let role = if is_left_by_its_owner(cx, conversation)? { Role::Owner } else { seat.role };
    let participant = row(cx, conversation, user, Seat { role, ..seat });
    conversation.head.participants_count += 1;
    let seq = cx.append(conversation, EventKind::ParticipantJoined, participant.sid.0, &[])?;
    cx.tx.insert_participant(&participant)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let interval = interval(conversation, user, seq);
    cx.tx.insert_interval(&interval)?;
    let mut membership = membership(&participant, &interval, before);
    membership.horizon_set_version = user.state_version + 1;
    user.joined_count += 1;
    cx.put_membership(user, &mut membership)?;
    let change = Change::ParticipantJoined(Box::new(view::participant(&participant)?));
    cx.tell(conversation, &[], change, Audience { joined: Some(user.sid), ..Audience::default() });
    cx.tell_state(&membership, conversation)?;
    Ok(participant)
}

/// Nobody is in it, and the last one who was owned it: whoever comes next takes over, as an heir would have. Where a program
/// keeps the conversation for others there never was an owner.
fn is_left_by_its_owner(cx: &Cx<'_>, conversation: &ConversationRow) -> DomainResult<bool> {
    if conversation.head.participants_count > 0 {
        return Ok(false);
    }
    let last = cx.tx.newest_participant(conversation.sid)?;
    Ok(last.is_some_and(|row| row.role == Role::Owner))
}

fn row(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    user: &UserRow,
    Seat { role, attributes }: Seat,
) -> ParticipantRow {
    ParticipantRow {
        conversation: conversation.sid,
        sid: ParticipantSid(cx.name(Made::Participant)),
        user: user.sid,
        identity: user.identity.clone(),
        profile_version: user.version,
        role,
        custom_role: None,
        flags: None,
        attributes,
        horizon: None,
        horizon_seq: 0,
        horizon_at: None,
        date_created: cx.created(),
        date_updated: cx.updated(),
        status: MembershipStatus::Joined,
        version: cx.next_roster_version(conversation),
    }
}

fn interval(conversation: &ConversationRow, user: &UserRow, seq: u64) -> IntervalRow {
    let joined_seq = if is_makers_entry(conversation, &user.identity, seq) { 1 } else { seq };
    IntervalRow {
        user: user.sid,
        conversation: conversation.sid,
        joined_seq,
        joined_index: conversation.head.next_index,
        left_seq: None,
        left_index: None,
    }
}

/// Whoever made the conversation and comes in first is in it from its first event on, though the second one says so.
pub(crate) fn is_makers_entry(conversation: &ConversationRow, identity: &str, seq: u64) -> bool {
    seq == 2 && conversation.created_by == identity
}

/// The own row of someone who comes in. Of an earlier stay only the wish to be left in peace remains.
fn membership(
    participant: &ParticipantRow,
    interval: &IntervalRow,
    before: Option<MembershipRow>,
) -> MembershipRow {
    MembershipRow {
        user: participant.user,
        conversation: participant.conversation,
        status: MembershipStatus::Joined,
        participant: Some(participant.sid),
        role: participant.role,
        custom_role: participant.custom_role,
        flags: participant.flags,
        level: before.map_or(NotificationLevel::Default, |before| before.level),
        joined_seq: interval.joined_seq,
        joined_index: interval.joined_index,
        horizon: None,
        horizon_seq: 0,
        horizon_set_version: 0,
        left_name: None,
        left_at: None,
        version: 0,
        moved: 0,
    }
}

pub(crate) fn replay(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Answer> {
    let participant = roster_row::replayed(actor, conversation, subject, tx)?;
    Ok(Answer::ParticipantAdd(ParticipantResult { participant }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::ParticipantAddParams;
    use confab_protocol::model::{MembershipStatus, Role};
    use confab_protocol::{Call, Change, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::store::{Read as _, Tx as _};

    #[test]
    fn joining_moves_log_roster_and_own_row() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        world.say(&olga, room, "before");
        let call = world.adding(room, &ana);
        let events = world.events(&olga, &call);
        let [Event::Log { event, joined, left: None, only: None }, Event::State { user, from, to, rows, .. }] =
            &events[..]
        else {
            panic!("not these events: {events:?}");
        };
        let Change::ParticipantJoined(row) = &event.change else { panic!("another change") };
        assert_eq!((event.seq, row.version, row.role), (4, 2, Role::Participant));
        assert_eq!((*joined, *user, *from, *to), (Some(ana.user), ana.user, 0, 1));
        assert_eq!((rows[0].participant, rows[0].status), (Some(row.sid), MembershipStatus::Joined));
        // What was there before is no news, but can be read.
        assert_eq!((rows[0].unread.unread, rows[0].unread.at_seq), (0, 4));
        assert_eq!(world.page(&ana, room).len(), 1);
    }

    #[test]
    fn whoever_cannot_come_in_is_named() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let Call::ParticipantAdd(params) = world.adding(room, &ana) else { unreachable!() };
        let add = |identity: &str| {
            Call::ParticipantAdd(ParticipantAddParams { identity: identity.into(), ..params.clone() })
        };
        let refusal = world.refused(&olga, &add("aNA"));
        assert_eq!(
            (refusal.code, &refusal.params["identity"]),
            (ErrorCode::AlreadyParticipant, &"Ana".into())
        );
        assert_eq!(world.refused(&olga, &add("Nobody")).code, ErrorCode::NotFound);
        let bo = world.user("Bo");
        let mut row = world.store.user(bo.user).unwrap().unwrap();
        row.deactivated = true;
        world.store.update_user(&row).unwrap();
        assert_eq!(world.refused(&olga, &add("bo")).code, ErrorCode::Deactivated);
    }

    #[test]
    fn nobody_is_in_more_conversations_than_they_may_be() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let (one, two) = (world.conversation(&olga, &[]), world.conversation(&olga, &[]));
        let mut row = world.store.user(ana.user).unwrap().unwrap();
        row.joined_count = limits::CONVERSATIONS_PER_USER as u64 - 1;
        world.store.update_user(&row).unwrap();
        world.add(&olga, one, &ana);
        let call = world.adding(two, &ana);
        let refusal = world.refused(&olga, &call);
        assert_eq!(
            (refusal.code, &refusal.params["what"]),
            (ErrorCode::LimitReached, &"conversations".into())
        );
        world.remove(&ana, one, &ana);
        assert_eq!(world.events(&olga, &call).len(), 2);
    }

    #[test]
    fn a_full_conversation_takes_nobody() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        let mut row = world.store.conversation(room).unwrap().unwrap();
        row.head.participants_count = limits::PARTICIPANTS as u64;
        world.store.update_head(room, &row.head).unwrap();
        let call = world.adding(room, &ana);
        let refusal = world.refused(&olga, &call);
        assert_eq!(
            (refusal.code, &refusal.params["what"]),
            (ErrorCode::LimitReached, &"participants".into())
        );
    }

    #[test]
    fn whoever_comes_back_is_another_participant_and_has_read_nothing_new() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let first = world.summary(&ana, room).me.participant;
        world.remove(&olga, room, &ana);
        world.say(&olga, room, "meanwhile");
        world.add(&olga, room, &ana);
        world.say(&olga, room, "welcome");
        let me = world.summary(&ana, room).me;
        assert_ne!(me.participant, first);
        assert_eq!((me.unread.horizon, me.unread.unread, me.left_at), (None, 1, None));
    }
}
