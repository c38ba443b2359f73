//! `participant.remove`: someone leaves or is removed. Moves the log and the roster; a tombstone stays.

use confab_protocol::method::{ParticipantRemoveParams, ParticipantResult};
use confab_protocol::model::{MembershipStatus, Role};
use confab_protocol::{Answer, Change, ConversationSid};
use uuid::Uuid;

use super::{participant_update, roster_row};
use crate::cx::{Audience, Cx, Done, Member, user_row};
use crate::permission::Permission;
use crate::row::{AuditAction, ConversationRow, EventKind, MembershipRow, ParticipantRow};
use crate::store::StoreError;
use crate::{Actor, DomainResult, Tx, view};

/// Rows of a roster looked at at once.
const PAGE: usize = 100;

pub(crate) fn run(cx: &mut Cx<'_>, params: &ParticipantRemoveParams) -> DomainResult<Done> {
    let (participant, identity) = (params.participant, params.identity.as_deref());
    roster_row::check_named(participant, identity)?;
    let member = cx.member(params.conversation)?;
    let found = roster_row::named(cx.tx, params.conversation, participant, identity);
    let own = matches!(&found, Ok(row) if row.user == cx.actor.user);
    member.authorise(if own { Permission::LeaveConversation } else { Permission::RemoveParticipant })?;
    member.not_direct(if own { "no_leave" } else { "no_remove" })?;
    let row = found?;
    let Member { mut conversation, .. } = member;
    let row = leave(cx, &mut conversation, row)?;
    if !own {
        cx.audit(AuditAction::ParticipantRemoved, row.sid.to_string())?;
    }
    let answer = Answer::ParticipantRemove(ParticipantResult { participant: view::participant(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn leave(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    mut row: ParticipantRow,
) -> DomainResult<ParticipantRow> {
    let was_owner = row.role == Role::Owner;
    row.status = MembershipStatus::NotParticipating;
    row.attributes = "{}".to_owned();
    (row.custom_role, row.flags) = (None, None);
    conversation.head.participants_count -= 1;
    roster_row::write(cx, conversation, &mut row)?;
    let seq = cx.append(conversation, EventKind::ParticipantLeft, row.sid.0, &[])?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let membership = end_membership(cx, conversation, &row, seq)?;
    let change = Change::ParticipantLeft(Box::new(view::participant(&row)?));
    cx.tell(conversation, &[], change, Audience { left: Some(row.user), ..Audience::default() });
    cx.tell_state(&membership, conversation)?;
    if was_owner {
        find_heir(cx, conversation)?;
    }
    Ok(row)
}

/// Ends the own row: of the conversation its user keeps the SID, the name as of now, and when this was.
pub(super) fn end_membership(
    cx: &mut Cx<'_>,
    conversation: &ConversationRow,
    row: &ParticipantRow,
    seq: u64,
) -> DomainResult<MembershipRow> {
    let missing = || StoreError::Corrupt(format!("no own row for {}", row.sid));
    let mut interval =
        cx.tx.intervals(row.user, row.conversation, 1)?.into_iter().next().ok_or_else(missing)?;
    (interval.left_seq, interval.left_index) = (Some(seq), Some(conversation.head.next_index));
    cx.tx.update_interval(&interval)?;
    let mut membership = cx.tx.membership(row.user, row.conversation)?.ok_or_else(missing)?;
    membership.status = MembershipStatus::NotParticipating;
    membership.participant = None;
    membership.role = Role::Participant;
    (membership.custom_role, membership.flags) = (None, None);
    (membership.horizon, membership.horizon_seq) = (None, 0);
    membership.left_name = conversation.friendly_name.clone().or_else(|| conversation.unique_name.clone());
    membership.left_at = Some(cx.now);
    let mut user = user_row(cx.tx, row.user)?;
    user.joined_count = user.joined_count.saturating_sub(1);
    cx.put_membership(&mut user, &mut membership)?;
    Ok(membership)
}

/// When the last owner has gone, whoever has been there longest takes over: nobody should have to ask for it.
fn find_heir(cx: &mut Cx<'_>, conversation: &mut ConversationRow) -> DomainResult<()> {
    if !cx.tx.owners(conversation.sid, 1)?.is_empty() {
        return Ok(());
    }
    let Some(mut heir) = longest_present(cx, conversation.sid)? else { return Ok(()) };
    heir.role = Role::Owner;
    (heir.custom_role, heir.flags) = (None, None);
    roster_row::write(cx, conversation, &mut heir)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    cx.tell_roster(conversation, &heir)?;
    participant_update::put_role(cx, conversation, &heir)?;
    cx.audit(AuditAction::RoleChanged, heir.sid.to_string())
}

/// Whoever has been in it for longest. Every row is looked at: identifiers tell nothing, their time is the client's.
fn longest_present(cx: &Cx<'_>, conversation: ConversationSid) -> DomainResult<Option<ParticipantRow>> {
    let (mut longest, mut after): (Option<ParticipantRow>, _) = (None, None);
    loop {
        let page = cx.tx.participants(conversation, after, PAGE)?;
        let is_last = page.len() < PAGE;
        after = page.last().map(|row| row.sid);
        longest = longest.into_iter().chain(page).min_by_key(|row| (row.date_created, row.sid));
        if is_last {
            return Ok(longest);
        }
    }
}

pub(crate) fn replay(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Answer> {
    let participant = roster_row::replayed(actor, conversation, subject, tx)?;
    Ok(Answer::ParticipantRemove(ParticipantResult { participant }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ParticipantAddParams, ParticipantListParams, ParticipantRemoveParams, ParticipantUpdateParams,
    };
    use confab_protocol::model::{MembershipStatus, ParticipantFlags, Role};
    use confab_protocol::{Answer, Call, Change, ClientId, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::{Event, verify};

    #[test]
    fn removal_leaves_a_tombstone_and_the_name_as_of_now() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let call = world.removing(room, &ana);
        let events = world.events(&olga, &call);
        let [Event::Log { event, joined: None, left, only: None }, Event::State { user, rows, .. }] =
            &events[..]
        else {
            panic!("not these events: {events:?}");
        };
        let Change::ParticipantLeft(row) = &event.change else { panic!("another change") };
        assert_eq!((row.status, row.version), (MembershipStatus::NotParticipating, 3));
        assert_eq!((*left, *user), (Some(ana.user), ana.user));
        assert_eq!((rows[0].participant, rows[0].left_name.as_deref()), (None, Some("Plans")));
        assert_eq!(rows[0].left_at, Some(world.clock.now()));
        assert_eq!(world.audited(1), [AuditAction::ParticipantRemoved]);
        let changes =
            ParticipantListParams { conversation: room, after_version: Some(2), after: None, limit: None };
        let Ok(Answer::ParticipantList(found)) = world.call(&olga, &Call::ParticipantList(changes)) else {
            panic!("no roster");
        };
        assert_eq!((found.as_of, &found.participants[..]), (3, &[row.as_ref().clone()][..]));
        // Of what comes later the one who left learns nothing.
        world.say(&olga, room, "gone");
        let summary = world.summary(&ana, room);
        assert_eq!((summary.conversation, summary.last_message), (None, None));
        assert_eq!((summary.me.unread.unread, summary.me.unread.at_seq), (0, 0));
    }

    #[test]
    fn one_may_leave_but_not_remove_others() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana, &bo]);
        let call = world.removing(room, &bo);
        let refusal = world.refused(&ana, &call);
        assert_eq!(
            (refusal.code, &refusal.params["permission"]),
            (ErrorCode::Forbidden, &"removeParticipant".into())
        );
        assert_eq!(world.remove(&bo, room, &bo).status, MembershipStatus::NotParticipating);
        let again = world.removing(room, &bo);
        assert_eq!(world.refused(&olga, &again).code, ErrorCode::NotFound);
        let Call::ParticipantRemove(params) = world.removing(room, &ana) else { unreachable!() };
        let unnamed = Call::ParticipantRemove(ParticipantRemoveParams { identity: None, ..params });
        assert_eq!(world.refused(&olga, &unnamed).code, ErrorCode::InvalidParams);
    }

    #[test]
    fn a_clock_that_is_behind_makes_nobody_the_longest_there() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana]);
        let Call::ParticipantAdd(params) = world.adding(room, &bo) else { unreachable!() };
        let client_id = ClientId(uuid::Uuid::from_u128(1));
        world.events(&olga, &Call::ParticipantAdd(ParticipantAddParams { client_id, ..params }));
        world.remove(&olga, room, &olga);
        assert_eq!(world.summary(&ana, room).me.role, Role::Owner);
        assert_eq!(world.summary(&bo, room).me.role, Role::Participant);
    }

    #[test]
    fn when_the_last_owner_leaves_the_longest_there_takes_over() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana, &bo]);
        let call = world.removing(room, &olga);
        let events = world.events(&olga, &call);
        let [_, _, Event::Roster { from: 4, to: 5, rows, .. }, Event::State { user, .. }] = &events[..]
        else {
            panic!("not these events: {events:?}");
        };
        assert_eq!((rows[0].user, rows[0].role, *user), (ana.user, Role::Owner, ana.user));
        assert_eq!(world.summary(&ana, room).me.role, Role::Owner);
        assert_eq!(world.summary(&bo, room).me.role, Role::Participant);
        assert_eq!(world.audited(1), [AuditAction::RoleChanged]);
        world.remove(&ana, room, &bo);
        assert_eq!(world.remove(&ana, room, &ana).status, MembershipStatus::NotParticipating);
    }

    #[test]
    fn an_owner_by_name_alone_keeps_nobody_from_taking_over() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        for (role, flags) in [(Some(Role::Owner), None), (None, Some(ParticipantFlags::default()))] {
            let client_id = world.client_id();
            let call = Call::ParticipantUpdate(ParticipantUpdateParams {
                identity: Some(ana.identity.clone()),
                role,
                flags,
                ..ParticipantUpdateParams::new(client_id, room)
            });
            world.events(&olga, &call);
        }
        world.remove(&olga, room, &olga);
        let me = world.summary(&ana, room).me;
        assert_eq!((me.role, me.flags), (Role::Owner, None));
        assert_eq!(verify(&world.store), []);
    }
}
