//! `participant.add_non_chat`, `…update_non_chat`, `…remove_non_chat`: records of those who take part by other means than this
//! workspace. There are few of them, so that a change is one of the conversation, and whoever hears of it asks for all. It moves
//! the roster too: to stock clients of Twilio they are rows of it as everybody else.

use confab_protocol::method::{
    NonChatAddParams, NonChatRemoveParams, NonChatResult, NonChatUpdateParams, Nothing,
};
use confab_protocol::{Answer, ConversationSid, ErrorCode, ParticipantSid, WireError, limits};
use uuid::Uuid;

use super::conversation_update;
use crate::cx::{Cx, Done, Member, limit_reached};
use crate::derived::Made;
use crate::permission::Permission;
use crate::row::{ConversationRow, NonChatRow};
use crate::{Actor, DomainResult, NonChatChange, Read, Tx, check, name, view};

/// What a log event names as changed.
const CHANGED: [&str; 1] = ["non_chat_participants"];

pub(crate) fn add(cx: &mut Cx<'_>, params: &NonChatAddParams) -> DomainResult<Done> {
    let mut row = checked(cx, params)?;
    let mut conversation = conversation(cx, params.conversation, Permission::AddNonChatParticipant)?;
    let present = cx.tx.non_chat(conversation.sid, limits::NON_CHAT_PARTICIPANTS)?;
    let same = |other: &NonChatRow| {
        (&other.kind, &other.address, &other.proxy_address) == (&row.kind, &row.address, &row.proxy_address)
    };
    if present.iter().any(same) {
        return Err(WireError::new(ErrorCode::AlreadyParticipant).with("identity", row.address).into());
    }
    if present.len() == limits::NON_CHAT_PARTICIPANTS {
        return Err(limit_reached("non_chat_participants", limits::NON_CHAT_PARTICIPANTS as u64).into());
    }
    row.sid = ParticipantSid(cx.name(Made::Participant));
    write(cx, &mut conversation, &mut row)?;
    let participant = view::non_chat(&row)?;
    cx.tell_non_chat(conversation.sid, NonChatChange::Added(participant.clone()));
    let answer = Answer::NonChatAdd(NonChatResult { participant });
    Ok(Done { answer, subject: row.sid.0 })
}

pub(crate) fn update(cx: &mut Cx<'_>, params: &NonChatUpdateParams) -> DomainResult<Done> {
    let attributes = check::attributes(&params.attributes, limits::ATTRIBUTES_BYTES)?;
    let mut conversation = conversation(cx, params.conversation, Permission::EditAnyParticipantAttributes)?;
    let mut row = find(cx.tx, conversation.sid, params.participant)?;
    if row.attributes != attributes {
        row.attributes = attributes;
        write(cx, &mut conversation, &mut row)?;
        cx.tell_non_chat(conversation.sid, NonChatChange::Updated(view::non_chat(&row)?));
    }
    let answer = Answer::NonChatUpdate(NonChatResult { participant: view::non_chat(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

pub(crate) fn remove(cx: &mut Cx<'_>, params: &NonChatRemoveParams) -> DomainResult<Done> {
    let mut conversation = conversation(cx, params.conversation, Permission::RemoveParticipant)?;
    let mut row = find(cx.tx, conversation.sid, params.participant)?;
    let was = view::non_chat(&row)?;
    row.empty();
    write(cx, &mut conversation, &mut row)?;
    cx.tell_non_chat(conversation.sid, NonChatChange::Removed(was));
    Ok(Done { answer: removed(), subject: row.sid.0 })
}

/// Writes a record under the next version of the roster, and tells of both that changed.
fn write(cx: &mut Cx<'_>, conversation: &mut ConversationRow, row: &mut NonChatRow) -> DomainResult<()> {
    row.version = cx.next_roster_version(conversation);
    row.date_updated = cx.updated();
    cx.tx.put_non_chat(row)?;
    // Whoever hears of the conversation first would ask for a roster of which there is nothing more to know.
    cx.tell_roster_moved(conversation, row.version);
    conversation_update::write(cx, conversation, &CHANGED)
}

/// The conversation, when the actor may do this in it and it takes changes.
fn conversation(cx: &Cx<'_>, sid: ConversationSid, permission: Permission) -> DomainResult<ConversationRow> {
    let member = cx.member(sid)?;
    member.authorise(permission)?;
    member.open()?;
    member.not_direct("two_people")?;
    let Member { conversation, .. } = member;
    Ok(conversation)
}

fn checked(cx: &Cx<'_>, params: &NonChatAddParams) -> Result<NonChatRow, WireError> {
    let kind = params.kind.as_str();
    check::kind(kind)?;
    if kind == "chat" {
        return Err(WireError::invalid("type", "chat is for users of the workspace"));
    }
    if let Some(level) = &params.level {
        check::word("level", level)?;
    }
    let proxy = params.proxy_address.as_deref().unwrap_or_default();
    let called = params.name.as_deref().unwrap_or_default();
    Ok(NonChatRow {
        conversation: params.conversation,
        sid: ParticipantSid(Uuid::nil()),
        kind: kind.to_owned(),
        address: name::required("address", &params.address, limits::ADDRESS_CHARS)?.to_owned(),
        proxy_address: name::optional("proxy_address", proxy, limits::ADDRESS_CHARS)?.map(str::to_owned),
        name: name::optional("name", called, limits::FRIENDLY_NAME_CHARS)?.map(str::to_owned),
        level: params.level.clone(),
        attributes: check::attributes_or_empty(params.attributes.as_ref(), limits::ATTRIBUTES_BYTES)?,
        date_created: cx.created(),
        date_updated: cx.updated(),
        version: 0,
        removed: false,
    })
}

fn find(
    read: &(impl Read + ?Sized),
    conversation: ConversationSid,
    sid: ParticipantSid,
) -> DomainResult<NonChatRow> {
    let rows = read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS)?;
    let found = rows.into_iter().find(|row| row.sid == sid);
    Ok(found.ok_or_else(|| WireError::not_found("participant"))?)
}

/// The answer of a removal, which is the same when the same is sent again.
pub(crate) fn removed() -> Answer {
    Answer::NonChatRemove(Nothing {})
}

/// The record that an applied command changed, for those who are still in the conversation.
fn replayed(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<NonChatResult> {
    crate::cx::member(tx, actor.user, conversation)?;
    let row = find(tx, conversation, ParticipantSid(subject))?;
    Ok(NonChatResult { participant: view::non_chat(&row)? })
}

pub(crate) fn replay_add(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Answer> {
    Ok(Answer::NonChatAdd(replayed(actor, conversation, subject, tx)?))
}

pub(crate) fn replay_update(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Answer> {
    Ok(Answer::NonChatUpdate(replayed(actor, conversation, subject, tx)?))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationDeleteParams, ConversationJoinParams, ConversationParams, NonChatAddParams,
        NonChatRemoveParams, NonChatUpdateParams,
    };
    use confab_protocol::model::{NonChatParticipant, Role};
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event, NonChatChange, Read as _, Scan as _, Tx as _, verify};
    use serde_json::json;

    fn adding(world: &mut World, conversation: ConversationSid, address: &str) -> NonChatAddParams {
        let (client_id, kind, address) = (world.client_id(), "sms".to_owned(), address.to_owned());
        let proxy_address = Some("+47 1".to_owned());
        let (name, level) = (Some(" Ida ".to_owned()), Some("cc".to_owned()));
        let attributes = None;
        NonChatAddParams { client_id, conversation, kind, address, proxy_address, name, level, attributes }
    }

    fn list(world: &mut World, by: &Actor, conversation: ConversationSid) -> Vec<NonChatParticipant> {
        match world.call(by, &Call::NonChatList(ConversationParams { conversation })) {
            Ok(Answer::NonChatList(found)) => found.participants,
            other => panic!("no list: {other:?}"),
        }
    }

    fn telling(by: &Actor, conversation: ConversationSid, change: NonChatChange) -> Event {
        Event::NonChat { conversation, actor: by.identity.clone(), change }
    }

    #[test]
    fn a_record_is_added_changed_and_removed_and_the_log_says_so() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let call = Call::NonChatAdd(adding(&mut world, room, " +47 2 "));
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::Forbidden);
        let events = world.events(&olga, &call);
        let [Event::Roster { from, to, rows, .. }, Event::Log { event, .. }, told] = &events[..] else {
            panic!("not a roster and a conversation: {events:?}")
        };
        assert_eq!((*from, *to, &rows[..]), (2, 3, &[][..]));
        assert_eq!(event.changed, ["non_chat_participants"]);
        let found = list(&mut world, &ana, room).remove(0);
        assert_eq!(*told, telling(&olga, room, NonChatChange::Added(found.clone())));
        assert_eq!((found.kind.as_str(), found.address.as_str()), ("sms", "+47 2"));
        assert_eq!((found.name.as_deref(), found.level.as_deref()), (Some("Ida"), Some("cc")));
        let twice = Call::NonChatAdd(adding(&mut world, room, "+47 2"));
        assert_eq!(world.refused(&olga, &twice).code, ErrorCode::AlreadyParticipant);
        let update = Call::NonChatUpdate(NonChatUpdateParams {
            client_id: world.client_id(),
            conversation: room,
            participant: found.sid,
            attributes: json!({"lang": "no"}),
        });
        let told = world.events(&olga, &update).pop();
        let found = list(&mut world, &olga, room).remove(0);
        assert_eq!(found.attributes, json!({"lang": "no"}));
        assert_eq!(told, Some(telling(&olga, room, NonChatChange::Updated(found.clone()))));
        assert_eq!(world.events(&olga, &update), []);
        let remove = Call::NonChatRemove(NonChatRemoveParams {
            client_id: world.client_id(),
            conversation: room,
            participant: found.sid,
        });
        let told = world.events(&olga, &remove).pop();
        assert_eq!(told, Some(telling(&olga, room, NonChatChange::Removed(found.clone()))));
        assert_eq!(world.events(&olga, &remove), []);
        assert_eq!(list(&mut world, &olga, room), []);
        let [gone] = &world.store.non_chat_changes(room, 4, 9).expect("what changed")[..] else {
            panic!("not one tombstone")
        };
        assert_eq!((gone.sid, gone.version, gone.removed, &gone.address[..]), (found.sid, 5, true, ""));
        assert_eq!((&gone.name, &gone.level), (&None, &None));
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn whoever_comes_after_the_last_owner_owns_it_though_a_record_changed_since() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[]);
        let call = Call::NonChatAdd(adding(&mut world, room, "+47 2"));
        world.events(&olga, &call);
        world.remove(&olga, room, &olga);
        // As a program does it, which need not be in a conversation.
        let mut row = world.store.non_chat(room, 1).expect("a record").remove(0);
        let mut conversation = world.store.conversation(room).expect("a row").expect("a row");
        conversation.head.roster_version += 1;
        conversation.public_join = true;
        row.version = conversation.head.roster_version;
        world.store.put_non_chat(&row).expect("a record");
        world.store.update_conversation(&conversation).expect("a row");
        let client_id = world.client_id();
        let join = Call::ConversationJoin(ConversationJoinParams { client_id, conversation: room });
        let Ok(Answer::ConversationJoin(joined)) = world.call(&ana, &join) else { panic!("not in it") };
        assert_eq!(joined.summary.me.role, Role::Owner);
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn there_are_only_so_many_and_with_the_conversation_they_go() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        for number in 0..limits::NON_CHAT_PARTICIPANTS {
            let call = Call::NonChatAdd(adding(&mut world, room, &number.to_string()));
            world.events(&olga, &call);
        }
        let more = Call::NonChatAdd(adding(&mut world, room, "more"));
        assert_eq!(world.refused(&olga, &more).code, ErrorCode::LimitReached);
        for kind in ["", "chat", "SMS", "carrier pigeon"] {
            let params = NonChatAddParams { kind: kind.into(), ..adding(&mut world, room, "x") };
            assert_eq!(
                world.refused(&olga, &Call::NonChatAdd(params)).code,
                ErrorCode::InvalidParams,
                "{kind}"
            );
        }
        let level = Some("Blind copy".to_owned());
        let params = NonChatAddParams { level, ..adding(&mut world, room, "x") };
        assert_eq!(world.refused(&olga, &Call::NonChatAdd(params)).params["field"], "level");
        let client_id = world.client_id();
        let delete = ConversationDeleteParams { client_id, conversation: room };
        world.events(&olga, &Call::ConversationDelete(delete));
        let left = world.store.scan_non_chat(None, limits::NON_CHAT_PARTICIPANTS).expect("a walk");
        assert_eq!(left.len(), limits::NON_CHAT_PARTICIPANTS);
        assert!(left.iter().all(|row| row.removed && row.address.is_empty() && row.attributes == "{}"));
        assert_eq!(verify(&world.store), []);
    }
}
