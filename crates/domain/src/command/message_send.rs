//! `message.send`: the path that everything else is measured by. Reads three rows, writes three and four counters.

use confab_protocol::method::{MessageResult, MessageSendParams};
use confab_protocol::model::{ConversationState, Message, MessageType};
use confab_protocol::{
    Answer, Change, ClientId, ErrorCode, MessageSid, ParticipantSid, UserSid, WireError, limits,
};
use uuid::Uuid;

use super::{conversation_update, message_media};
use crate::cx::{Audience, Cx, Done, Member};
use crate::derived::Made;
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, MediaRow, MembershipRow, MessageRow};
use crate::{Actor, DomainResult, Tx, check, contact, name, timers, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &MessageSendParams) -> DomainResult<Done> {
    let attributes = checked(params, cx.warrant.everything)?;
    let subject = check::subject(params.subject.as_deref())?;
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::SendMessage)?;
    if !params.media.is_empty() {
        member.authorise(Permission::SendMediaMessage)?;
    }
    member.open()?;
    stands(cx, params.after)?;
    answers_something(cx, params.relates_to, &member)?;
    let mentioned = mentioned(cx, params)?;
    let media = message_media::find(cx, &params.media)?;
    let message = write(cx, params, Extras { subject, attributes, media }, member, mentioned)?;
    let subject = message.sid.0;
    Ok(Done { answer: Answer::MessageSend(MessageResult { message }), subject })
}

fn checked(params: &MessageSendParams, may_be_blank: bool) -> Result<String, WireError> {
    if params.media.is_empty() && !may_be_blank {
        check::body(&params.body)?;
    }
    check::body_beside_media(&params.body)?;
    if params.kind == MessageType::Unknown {
        return Err(WireError::invalid("type", "no such type"));
    }
    if params.mentions.len() > limits::MENTIONS {
        return Err(WireError::too_large("mentions", limits::MENTIONS, params.mentions.len()));
    }
    check::attributes_or_empty(params.attributes.as_ref(), limits::ATTRIBUTES_BYTES)
}

/// Keeps the order of one device over everything that may be lost or repeated on the way.
fn stands(cx: &Cx<'_>, after: Option<ClientId>) -> DomainResult<()> {
    match after {
        Some(after) if cx.tx.seen(cx.actor.user, after)?.is_none() => Err(ErrorCode::OutOfOrder.into()),
        _ => Ok(()),
    }
}

fn answers_something(cx: &Cx<'_>, relates_to: Option<MessageSid>, member: &Member) -> DomainResult<()> {
    let Some(sid) = relates_to else { return Ok(()) };
    let seen = member.visible(cx.tx)?;
    let found = cx.tx.message(sid)?.is_some_and(|message| {
        message.conversation == member.conversation.sid && seen.holds_index(message.index)
    });
    if found { Ok(()) } else { Err(WireError::not_found("message").into()) }
}

/// The other participants among those named. A name that is nobody's here calls nobody, and is no reason to lose a message.
fn mentioned(cx: &Cx<'_>, params: &MessageSendParams) -> DomainResult<Vec<(UserSid, String)>> {
    let mut found: Vec<(UserSid, String)> = Vec::new();
    for identity in &params.mentions {
        let Some(user) = cx.tx.user_by_key(&name::identity_key(identity))? else { continue };
        let known = user.sid == cx.actor.user || found.iter().any(|(sid, _)| *sid == user.sid);
        let present = cx.tx.membership(user.sid, params.conversation)?;
        if !known && present.is_some_and(|row| row.is_joined()) {
            found.push((user.sid, user.identity));
        }
    }
    Ok(found)
}

/// What was checked of a message besides its text.
struct Extras {
    subject: Option<String>,
    attributes: String,
    media: Vec<MediaRow>,
}

fn write(
    cx: &mut Cx<'_>,
    params: &MessageSendParams,
    Extras { subject, attributes, media }: Extras,
    member: Member,
    mentioned: Vec<(UserSid, String)>,
) -> DomainResult<Message> {
    let Member { mut conversation, me, .. } = member;
    let (author, participant) = author(cx, &conversation, &me)?;
    wake(cx, &mut conversation)?;
    let sid = MessageSid(cx.name(Made::Message));
    let index = conversation.head.next_index;
    let seq = cx.append(&mut conversation, EventKind::MessageAdded, sid.0, &[])?;
    let created = cx.created();
    let head = &mut conversation.head;
    (head.next_index, head.last_message_at, head.activity) = (index + 1, Some(created), cx.commit);
    if timers::came_forward(&mut conversation) {
        cx.tx.update_conversation(&conversation)?;
    } else {
        cx.tx.update_head(conversation.sid, &conversation.head)?;
    }
    let (users, mentions): (Vec<UserSid>, Vec<String>) = mentioned.into_iter().unzip();
    let row = MessageRow {
        conversation: conversation.sid,
        index,
        sid,
        client_id: params.client_id,
        payload_hash: cx.payload_hash,
        user: cx.actor.user,
        author,
        participant,
        kind: params.kind,
        subject,
        body: Some(params.body.clone()),
        media: media.iter().map(view::media).collect(),
        attributes,
        relates_to: params.relates_to,
        mentions,
        date_created: created,
        date_updated: cx.updated(),
        last_updated_by: None,
        removed: false,
        seq,
        version: seq,
    };
    cx.tx.insert_message(&row)?;
    message_media::attach(cx, media, sid)?;
    cx.tx.count_message(conversation.sid, index, row.user, 1)?;
    for user in users {
        cx.tx.insert_mention(conversation.sid, index, user)?;
    }
    let message = view::message(&row)?;
    cx.tell(&conversation, &[], Change::MessageAdded(Box::new(message.clone())), Audience::default());
    Ok(message)
}

/// Who wrote it, and as whom in the conversation: the actor, or whoever is at an address that the actor speaks for.
fn author(
    cx: &Cx<'_>,
    conversation: &ConversationRow,
    me: &MembershipRow,
) -> DomainResult<(String, Option<ParticipantSid>)> {
    let Some(sid) = cx.warrant.speaks_for else {
        return Ok((cx.actor.identity.clone(), me.participant));
    };
    let found = contact::ever(cx.tx, conversation.sid, sid)?.filter(|row| !row.removed);
    let found = found.ok_or_else(|| WireError::not_found("participant"))?;
    Ok((found.address, Some(sid)))
}

/// A message wakes a conversation that is asleep.
fn wake(cx: &mut Cx<'_>, conversation: &mut ConversationRow) -> DomainResult<()> {
    if conversation.state != ConversationState::Inactive {
        return Ok(());
    }
    timers::enter(conversation, ConversationState::Active, cx.now);
    conversation_update::write(cx, conversation, &["state"])
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let message = super::message_ref::replayed(actor, subject, tx)?;
    Ok(Answer::MessageSend(MessageResult { message }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::MessageSendParams;
    use confab_protocol::model::MessageType;
    use confab_protocol::{Call, Change, ErrorCode, MessageSid, WireError, limits};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::world::sent;
    use serde_json::json;

    #[test]
    fn messages_take_consecutive_places_and_are_told_of_once() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let (first, second) = (world.say(&ana, room, "one"), world.say(&olga, room, "two"));
        // Before them stand the making of the conversation and two who joined.
        assert_eq!((first.index, first.seq, first.version), (0, 4, 4));
        assert_eq!((second.index, second.seq), (1, 5));
        let params = MessageSendParams { attributes: Some(json!({"a": 1})), ..world.saying(room, "three") };
        let outcome = world.apply(&ana, &Call::MessageSend(params)).expect("it is sent");
        let message = sent(Ok(outcome.answer));
        assert_eq!(message.attributes, json!({"a": 1}));
        let [Event::Log { event, joined: None, left: None, only: None }] = &outcome.events[..] else {
            panic!("not one event: {:?}", outcome.events);
        };
        assert_eq!((event.seq, event.actor.as_deref(), event.device), (6, Some("Ana"), ana.device));
        assert_eq!(event.change, Change::MessageAdded(Box::new(message)));
    }

    #[test]
    fn the_same_message_sent_again_is_the_same_message() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let params = world.saying(room, "once");
        let call = Call::MessageSend(params.clone());
        let first = sent(world.call(&ana, &call));
        let before = world.store.clone();
        let again = world.apply(&ana, &call).expect("it is acknowledged again");
        assert_eq!((sent(Ok(again.answer)), again.events), (first.clone(), Vec::new()));
        assert!(world.store == before);
        let other = Call::MessageSend(MessageSendParams { body: "other".into(), ..params });
        assert_eq!(world.refused(&ana, &other).code, ErrorCode::ClientIdReused);
        // Acknowledged also after the right to send is gone, but without what may no longer be seen.
        world.remove(&olga, room, &ana);
        let again = sent(world.call(&ana, &call));
        assert_eq!((again.sid, again.index, again.body), (first.sid, first.index, None));
    }

    #[test]
    fn a_repetition_tells_of_the_message_as_it_is_now() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let call = Call::MessageSend(world.saying(room, "secret"));
        let message = sent(world.call(&olga, &call));
        let erase = world.erasing(&message);
        world.events(&olga, &erase);
        let again = sent(world.call(&olga, &call));
        assert_eq!((again.removed, again.body), (true, None));
    }

    #[test]
    fn a_message_waits_for_the_one_before_it() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let first = world.saying(room, "first");
        let second = MessageSendParams { after: Some(first.client_id), ..world.saying(room, "second") };
        let second = Call::MessageSend(second);
        assert_eq!(world.refused(&olga, &second), WireError::new(ErrorCode::OutOfOrder));
        assert_eq!(sent(world.call(&olga, &Call::MessageSend(first))).index, 0);
        assert_eq!(sent(world.call(&olga, &second)).index, 1);
    }

    #[test]
    fn what_says_nothing_or_too_much_is_refused() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let fine = world.saying(room, "fine");
        for (params, code) in [
            (MessageSendParams { body: " \n ".into(), ..fine.clone() }, ErrorCode::InvalidParams),
            (
                MessageSendParams { body: "a".repeat(limits::BODY_BYTES + 1), ..fine.clone() },
                ErrorCode::TooLarge,
            ),
            (MessageSendParams { kind: MessageType::Unknown, ..fine.clone() }, ErrorCode::InvalidParams),
            (MessageSendParams { mentions: vec!["Ana".into(); 101], ..fine.clone() }, ErrorCode::TooLarge),
            (
                MessageSendParams { attributes: Some(json!("a".repeat(4096))), ..fine.clone() },
                ErrorCode::TooLarge,
            ),
            (
                MessageSendParams { relates_to: Some(MessageSid(uuid::Uuid::max())), ..fine.clone() },
                ErrorCode::NotFound,
            ),
        ] {
            assert_eq!(world.refused(&olga, &Call::MessageSend(params)).code, code);
        }
        assert_eq!(sent(world.call(&olga, &Call::MessageSend(fine))).index, 0);
    }

    #[test]
    fn mentions_call_the_other_participants_named() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana]);
        let names = ["ANA", "ana", "Bo", "Olga", "nobody"].map(str::to_owned).to_vec();
        let params = MessageSendParams { mentions: names, ..world.saying(room, "Hey") };
        let message = sent(world.call(&olga, &Call::MessageSend(params)));
        assert_eq!(message.mentions, ["Ana"]);
        assert_eq!((world.unread(&ana, room).unread, world.unread(&ana, room).mentions), (1, 1));
        world.add(&olga, room, &bo);
        assert_eq!(world.unread(&bo, room).mentions, 0);
        let erase = world.erasing(&message);
        world.events(&olga, &erase);
        assert_eq!((world.unread(&ana, room).unread, world.unread(&ana, room).mentions), (0, 0));
    }
}
