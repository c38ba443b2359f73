//! `message.edit`: text or attributes. What stays the same makes no event.

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
    let Member { mut conversation, .. } = member;
    let changed = put(&mut row, params.body.as_deref(), attributes);
    if !changed.is_empty() {
        write(cx, &mut conversation, &mut row, &changed)?;
    }
    let answer = Answer::MessageEdit(MessageResult { message: view::message(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn checked(params: &MessageEditParams) -> Result<Option<String>, WireError> {
    if params.body.is_none() && params.attributes.is_none() {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    params.body.as_deref().map_or(Ok(()), check::body)?;
    params.attributes.as_ref().map(|value| check::attributes(value, limits::ATTRIBUTES_BYTES)).transpose()
}

fn authorise(params: &MessageEditParams, member: &Member, own: bool) -> Result<(), WireError> {
    if params.body.is_some() {
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
fn put(row: &mut MessageRow, body: Option<&str>, attributes: Option<String>) -> Vec<&'static str> {
    let mut changed = Vec::new();
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
    row.date_updated = cx.now;
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
