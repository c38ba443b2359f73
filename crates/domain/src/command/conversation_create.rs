//! `conversation.create`: the maker joins as owner with the first event of the log.

use confab_protocol::method::{ConversationCreateParams, ConversationResult};
use confab_protocol::model::{ConversationState, MembershipStatus, NotificationLevel, Role};
use confab_protocol::{Answer, Change, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use crate::cx::{Audience, Cx, Done};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, HeadRow, IntervalRow, MembershipRow, ParticipantRow, UserRow};
use crate::{Actor, DomainResult, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &ConversationCreateParams) -> DomainResult<Done> {
    let (friendly_name, unique_name) = names(params)?;
    let attributes =
        check::attributes_or_empty(params.attributes.as_ref(), limits::CONVERSATION_ATTRIBUTES_BYTES)?;
    let mut user = cx.workspace_user(Permission::CreateConversation)?;
    if user.joined_count >= limits::CONVERSATIONS_PER_USER as u64 {
        return Err(WireError::new(ErrorCode::LimitReached)
            .with("what", "conversations")
            .with("limit", limits::CONVERSATIONS_PER_USER)
            .into());
    }
    if let Some(unique_name) = &unique_name {
        refuse_taken(cx, unique_name)?;
    }
    let conversation = ConversationRow {
        sid: ConversationSid(cx.ids.uuid()),
        friendly_name,
        unique_name,
        attributes,
        created_by: cx.actor.identity.clone(),
        date_created: cx.now,
        date_updated: cx.now,
        state: ConversationState::Active,
        direct: false,
        public_join: false,
        uber: params.uber,
        head: HeadRow { activity: cx.commit, moved: cx.commit, ..HeadRow::default() },
    };
    make(cx, conversation, &mut user)
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

fn make(cx: &mut Cx<'_>, mut conversation: ConversationRow, user: &mut UserRow) -> DomainResult<Done> {
    let sid = conversation.sid;
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
    cx.tell_state(&me, &conversation)?;
    let summary = view::summary(cx.tx, &me, &conversation)?;
    Ok(Done { answer: Answer::ConversationCreate(ConversationResult { summary }), subject: sid.0 })
}

fn first_participant(cx: &mut Cx<'_>, conversation: &ConversationRow, user: &UserRow) -> ParticipantRow {
    ParticipantRow {
        conversation: conversation.sid,
        sid: ParticipantSid(cx.ids.uuid()),
        user: user.sid,
        identity: user.identity.clone(),
        profile_version: user.version,
        role: Role::Owner,
        attributes: "{}".to_owned(),
        horizon: None,
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
        level: NotificationLevel::Default,
        joined_seq: 1,
        joined_index: 0,
        horizon: None,
        horizon_set_version: 0,
        left_name: None,
        left_at: None,
        version: 0,
        moved: 0,
    }
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let summary = view::summary_of(tx, actor.user, ConversationSid(subject))?
        .ok_or_else(|| WireError::not_found("conversation"))?;
    Ok(Answer::ConversationCreate(ConversationResult { summary }))
}
