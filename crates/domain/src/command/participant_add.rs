//! `participant.add`: a user comes in. Moves the log and the roster.

use confab_protocol::method::{ParticipantAddParams, ParticipantResult};
use confab_protocol::model::{MembershipStatus, NotificationLevel, Role};
use confab_protocol::{Answer, Change, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use super::roster_row;
use crate::cx::{Audience, Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, IntervalRow, MembershipRow, ParticipantRow, UserRow};
use crate::{Actor, DomainResult, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ParticipantAddParams) -> DomainResult<Done> {
    let attributes = check::attributes_or_empty(params.attributes.as_ref(), limits::ATTRIBUTES_BYTES)?;
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::AddParticipant)?;
    member.open()?;
    let Member { mut conversation, .. } = member;
    let mut user = wanted(cx, &params.identity)?;
    let before = cx.tx.membership(user.sid, conversation.sid)?;
    if before.as_ref().is_some_and(MembershipRow::is_joined) {
        return Err(WireError::new(ErrorCode::AlreadyParticipant).with("identity", user.identity).into());
    }
    limit("participants", conversation.head.participants_count, limits::PARTICIPANTS)?;
    limit("conversations", user.joined_count, limits::CONVERSATIONS_PER_USER)?;
    let participant = enter(cx, &mut conversation, &mut user, before, attributes)?;
    let answer = Answer::ParticipantAdd(ParticipantResult { participant: view::participant(&participant)? });
    Ok(Done { answer, subject: participant.sid.0 })
}

fn wanted(cx: &Cx<'_>, identity: &str) -> DomainResult<UserRow> {
    let user = cx.tx.user_by_key(&name::identity_key(identity))?;
    let user = user.ok_or_else(|| WireError::not_found("user"))?;
    if user.deactivated {
        return Err(ErrorCode::Deactivated.into());
    }
    Ok(user)
}

fn limit(what: &str, present: u64, most: usize) -> Result<(), WireError> {
    if present < most as u64 {
        return Ok(());
    }
    Err(WireError::new(ErrorCode::LimitReached).with("what", what).with("limit", most))
}

fn enter(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    user: &mut UserRow,
    before: Option<MembershipRow>,
    attributes: String,
) -> DomainResult<ParticipantRow> {
    let participant = row(cx, conversation, user, attributes);
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

fn row(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    user: &UserRow,
    attributes: String,
) -> ParticipantRow {
    ParticipantRow {
        conversation: conversation.sid,
        sid: ParticipantSid(cx.ids.uuid()),
        user: user.sid,
        identity: user.identity.clone(),
        profile_version: user.version,
        role: Role::Participant,
        attributes,
        horizon: None,
        horizon_at: None,
        date_created: cx.now,
        date_updated: cx.now,
        status: MembershipStatus::Joined,
        version: cx.next_roster_version(conversation),
    }
}

fn interval(conversation: &ConversationRow, user: &UserRow, joined_seq: u64) -> IntervalRow {
    IntervalRow {
        user: user.sid,
        conversation: conversation.sid,
        joined_seq,
        joined_index: conversation.head.next_index,
        left_seq: None,
        left_index: None,
    }
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
        level: before.map_or(NotificationLevel::Default, |before| before.level),
        joined_seq: interval.joined_seq,
        joined_index: interval.joined_index,
        horizon: None,
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
