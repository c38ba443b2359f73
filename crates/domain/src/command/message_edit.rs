//! `message.edit`: text, subject or attributes. What stays the same makes no event.

use confab_protocol::method::{MessageEditParams, MessageResult};
use confab_protocol::{Answer, Change, ErrorCode, WireError, limits};
use uuid::Uuid;

use super::message_ref;
use crate::cx::{Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{ConversationRow, EventKind, MessageRow};
use crate::{Actor, DomainResult, Tx, check, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &MessageEditParams) -> DomainResult<Done> {
    let attributes = checked(params)?;
    let member = cx.member(params.conversation)?;
    let mut row = message_ref::find(cx, &member, params.message)?;
    authorise(params, &member, row.user == cx.actor.user)?;
    member.open()?;
    if row.removed {
        return Err(ErrorCode::MessageRemoved.into());
    }
    if row.media.is_empty() && !cx.warrant.everything {
        params.body.as_deref().map_or(Ok(()), check::body)?;
    }
    let Member { mut conversation, .. } = member;
    let subject = params.subject.as_deref().map(|text| check::subject(Some(text))).transpose()?;
    let changed = put(&mut row, params.body.as_deref(), subject, attributes);
    if !changed.is_empty() {
        write(cx, &mut conversation, &mut row, &changed)?;
    }
    let answer = Answer::MessageEdit(MessageResult { message: view::message(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn checked(params: &MessageEditParams) -> Result<Option<String>, WireError> {
    if params.body.is_none() && params.subject.is_none() && params.attributes.is_none() {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    params.body.as_deref().map_or(Ok(()), check::body_beside_media)?;
    check::subject(params.subject.as_deref())?;
    params.attributes.as_ref().map(|value| check::attributes(value, limits::ATTRIBUTES_BYTES)).transpose()
}

fn authorise(params: &MessageEditParams, member: &Member, own: bool) -> Result<(), WireError> {
    if params.body.is_some() || params.subject.is_some() {
        member.authorise(if own { Permission::EditOwnMessage } else { Permission::EditAnyMessage })?;
    }
    if params.attributes.is_some() {
        member.authorise(if own {
            Permission::EditOwnMessageAttributes
        } else {
            Permission::EditAnyMessageAttributes
        })?;
    }
    Ok(())
}

/// Puts the fields and names those that are different now.
fn put(
    row: &mut MessageRow,
    body: Option<&str>,
    subject: Option<Option<String>>,
    attributes: Option<String>,
) -> Vec<&'static str> {
    let mut changed = Vec::new();
    if let Some(subject) = subject.filter(|subject| *subject != row.subject) {
        row.subject = subject;
        changed.push("subject");
    }
    if let Some(body) = body.filter(|body| row.body.as_deref() != Some(body)) {
        row.body = Some(body.to_owned());
        changed.push("body");
    }
    if let Some(attributes) = attributes.filter(|text| *text != row.attributes) {
        row.attributes = attributes;
        changed.push("attributes");
    }
    changed
}

fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    row: &mut MessageRow,
    changed: &[&str],
) -> DomainResult<()> {
    row.version = cx.append(conversation, EventKind::MessageEdited, row.sid.0, changed)?;
    row.date_updated = cx.updated();
    row.last_updated_by = Some(cx.actor.identity.clone());
    cx.tx.update_message(row)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let change = Change::MessageEdited(Box::new(view::message(row)?));
    message_ref::tell(cx, conversation, row.index, changed, change)
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let message = message_ref::replayed(actor, subject, tx)?;
    Ok(Answer::MessageEdit(MessageResult { message }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{MessageEditParams, MessageRef, MessageSendParams};
    use confab_protocol::{Call, Change, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::world::sent;
    use serde_json::json;

    #[test]
    fn an_edit_names_what_changed_and_who_did_it() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let message = world.say(&olga, room, "helo");
        let Call::MessageEdit(params) = world.editing(&message, "hello") else { unreachable!() };
        let params = MessageEditParams { attributes: Some(json!({})), ..params };
        let outcome = world.apply(&olga, &Call::MessageEdit(params)).expect("it is edited");
        let edited = sent(Ok(outcome.answer));
        assert_eq!(
            (edited.body.as_deref(), edited.last_updated_by.as_deref()),
            (Some("hello"), Some("Olga"))
        );
        assert_eq!((edited.index, edited.seq, edited.version), (0, message.seq, message.seq + 1));
        assert!(edited.date_updated > edited.date_created);
        let [Event::Log { event, .. }] = &outcome.events[..] else { panic!("not one event") };
        assert_eq!((event.seq, &event.changed[..]), (edited.version, &["body".to_owned()][..]));
        assert_eq!(event.change, Change::MessageEdited(Box::new(edited)));
    }

    #[test]
    fn a_subject_is_set_changed_and_taken_away() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let params = MessageSendParams { subject: Some(" Quay ".into()), ..world.saying(room, "hello") };
        let message = sent(world.call(&olga, &Call::MessageSend(params)));
        assert_eq!(message.subject.as_deref(), Some("Quay"));
        let edit = |world: &mut World, subject: &str| {
            let Call::MessageEdit(params) = world.editing(&message, "x") else { unreachable!() };
            let params = MessageEditParams { body: None, subject: Some(subject.into()), ..params };
            world.apply(&olga, &Call::MessageEdit(params))
        };
        let outcome = edit(&mut world, "Pier").expect("it is edited");
        let [Event::Log { event, .. }] = &outcome.events[..] else { panic!("not one event") };
        assert_eq!(event.changed, ["subject"]);
        let edited = sent(Ok(outcome.answer));
        assert_eq!((edited.subject.as_deref(), edited.body.as_deref()), (Some("Pier"), Some("hello")));
        let bare = sent(edit(&mut world, "").map(|outcome| outcome.answer));
        assert_eq!(bare.subject, None);
        let refused = edit(&mut world, &"x".repeat(257)).expect_err("it is refused");
        assert_eq!((refused.code, &refused.params["field"]), (ErrorCode::TooLarge, &"subject".into()));
        edit(&mut world, "Gone").expect("it is edited");
        let erase = world.erasing(&message);
        let olga = world.owner.clone();
        assert_eq!(sent(world.call(&olga, &erase)).subject, None);
    }

    #[test]
    fn what_stays_the_same_makes_no_event() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let message = world.say(&olga, room, "hello");
        let same = world.editing(&message, "hello");
        assert_eq!(world.events(&olga, &same), []);
        assert_eq!(world.page(&olga, room), [message]);
    }

    #[test]
    fn own_messages_go_by_the_id_they_were_sent_under() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let message = world.say(&olga, room, "helo");
        let edit = |world: &mut World, client_id| {
            let Call::MessageEdit(params) = world.editing(&message, "hello") else { unreachable!() };
            Call::MessageEdit(MessageEditParams { message: MessageRef::ClientId(client_id), ..params })
        };
        let by_other = edit(&mut world, message.client_id);
        assert_eq!(world.refused(&ana, &by_other).code, ErrorCode::OutOfOrder);
        let unsent = world.client_id();
        let early = edit(&mut world, unsent);
        assert_eq!(world.refused(&olga, &early).code, ErrorCode::OutOfOrder);
        let own = edit(&mut world, message.client_id);
        assert_eq!(sent(world.call(&olga, &own)).body.as_deref(), Some("hello"));
    }

    #[test]
    fn a_removed_message_and_one_of_another_conversation_are_refused() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let (room, other) = (world.conversation(&olga, &[]), world.conversation(&olga, &[]));
        let message = world.say(&olga, room, "hello");
        let Call::MessageEdit(params) = world.editing(&message, "bye") else { unreachable!() };
        let elsewhere = Call::MessageEdit(MessageEditParams { conversation: other, ..params });
        assert_eq!(world.refused(&olga, &elsewhere).code, ErrorCode::NotFound);
        let (erase, edit) = (world.erasing(&message), world.editing(&message, "bye"));
        world.events(&olga, &erase);
        assert_eq!(world.refused(&olga, &edit).code, ErrorCode::MessageRemoved);
    }
}
