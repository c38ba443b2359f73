//! `conversation.create`: the maker joins as owner with the first event of the log.

use confab_protocol::method::{ConversationCreateParams, ConversationResult};
use confab_protocol::model::{ConversationState, MembershipStatus, NotificationLevel, Role};
use confab_protocol::{Answer, Change, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use crate::cx::{Audience, Cx, Done};
use crate::derived::Made;
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
        sid: ConversationSid(cx.name(Made::Conversation)),
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
        sid: ParticipantSid(cx.name(Made::Participant)),
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

#[cfg(test)]
mod tests {
    use confab_protocol::method::ConversationCreateParams;
    use confab_protocol::model::Role;
    use confab_protocol::{Answer, Call, Change, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::store::{Read as _, Tx as _};

    fn create(world: &mut World, unique_name: Option<&str>) -> ConversationCreateParams {
        ConversationCreateParams {
            client_id: world.client_id(),
            friendly_name: Some(" Plans ".into()),
            unique_name: unique_name.map(str::to_owned),
            attributes: None,
            uber: false,
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
