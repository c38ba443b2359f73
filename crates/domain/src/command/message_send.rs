//! `message.send`: the path that everything else is measured by. Reads three rows, writes three and four counters.

use confab_protocol::method::{MessageResult, MessageSendParams};
use confab_protocol::model::{Message, MessageType};
use confab_protocol::{
    Answer, Change, ClientId, ErrorCode, MessageSid, ParticipantSid, UserSid, WireError, limits,
};
use uuid::Uuid;

use crate::cx::{Audience, Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{EventKind, MembershipRow, MessageRow};
use crate::store::StoreError;
use crate::visible::visible;
use crate::{Actor, DomainResult, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &MessageSendParams) -> DomainResult<Done> {
    let attributes = checked(params)?;
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::SendMessage)?;
    member.open()?;
    stands(cx, params.after)?;
    answers_something(cx, params.relates_to, &member)?;
    let mentioned = mentioned(cx, params)?;
    let message = write(cx, params, attributes, member, mentioned)?;
    let subject = message.sid.0;
    Ok(Done { answer: Answer::MessageSend(MessageResult { message }), subject })
}

fn checked(params: &MessageSendParams) -> Result<String, WireError> {
    check::body(&params.body)?;
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
    let seen = visible(cx.tx, Some(&member.me), &member.conversation)?;
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

fn write(
    cx: &mut Cx<'_>,
    params: &MessageSendParams,
    attributes: String,
    member: Member,
    mentioned: Vec<(UserSid, String)>,
) -> DomainResult<Message> {
    let Member { mut conversation, me } = member;
    let participant = participant(&me)?;
    let sid = MessageSid(cx.ids.uuid());
    let index = conversation.head.next_index;
    let seq = cx.append(&mut conversation, EventKind::MessageAdded, sid.0, &[])?;
    let head = &mut conversation.head;
    (head.next_index, head.last_message_at, head.activity) = (index + 1, Some(cx.now), cx.commit);
    cx.tx.update_head(conversation.sid, head)?;
    let (users, mentions): (Vec<UserSid>, Vec<String>) = mentioned.into_iter().unzip();
    let row = MessageRow {
        conversation: conversation.sid,
        index,
        sid,
        client_id: params.client_id,
        payload_hash: cx.payload_hash,
        user: cx.actor.user,
        author: cx.actor.identity.clone(),
        participant,
        kind: params.kind,
        body: Some(params.body.clone()),
        attributes,
        relates_to: params.relates_to,
        mentions,
        date_created: cx.now,
        date_updated: cx.now,
        last_updated_by: None,
        removed: false,
        seq,
        version: seq,
    };
    cx.tx.insert_message(&row)?;
    cx.tx.count_message(conversation.sid, index, row.user, 1)?;
    for user in users {
        cx.tx.insert_mention(conversation.sid, index, user)?;
    }
    let message = view::message(&row)?;
    cx.tell(&conversation, &[], Change::MessageAdded(Box::new(message.clone())), Audience::default());
    Ok(message)
}

fn participant(me: &MembershipRow) -> Result<ParticipantSid, StoreError> {
    me.participant.ok_or_else(|| StoreError::Corrupt(format!("no participation in {}", me.conversation)))
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let message = super::message_ref::replayed(actor, subject, tx)?;
    Ok(Answer::MessageSend(MessageResult { message }))
}
