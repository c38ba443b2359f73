//! `message.remove`: the text is gone for good, the envelope stays, the index is never used again.

use confab_protocol::method::{MessageRemoveParams, MessageResult};
use confab_protocol::{Answer, Change};
use uuid::Uuid;

use super::message_ref;
use crate::cx::{Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{AuditAction, ConversationRow, EventKind, MessageRow};
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &MessageRemoveParams) -> DomainResult<Done> {
    let member = cx.member(params.conversation)?;
    let mut row = message_ref::find(cx, &member, params.message)?;
    let own = row.user == cx.actor.user;
    member.authorise(if own { Permission::DeleteOwnMessage } else { Permission::DeleteAnyMessage })?;
    member.open()?;
    let Member { mut conversation, .. } = member;
    if !row.removed {
        write(cx, &mut conversation, &mut row)?;
        if !own {
            cx.audit(AuditAction::MessageRemoved, row.sid.to_string())?;
        }
    }
    let answer = Answer::MessageRemove(MessageResult { message: view::message(&row)? });
    Ok(Done { answer, subject: row.sid.0 })
}

fn write(cx: &mut Cx<'_>, conversation: &mut ConversationRow, row: &mut MessageRow) -> DomainResult<()> {
    if !row.mentions.is_empty() {
        cx.tx.delete_mentions(conversation.sid, row.index)?;
    }
    message_ref::strip(row);
    row.removed = true;
    row.date_updated = cx.now;
    row.version = cx.append(conversation, EventKind::MessageRemoved, row.sid.0, &[])?;
    cx.tx.update_message(row)?;
    cx.tx.count_message(conversation.sid, row.index, row.user, -1)?;
    cx.tx.update_head(conversation.sid, &conversation.head)?;
    let change = Change::MessageRemoved(Box::new(view::message(row)?));
    message_ref::tell(cx, conversation, row.index, &[], change)
}

pub(crate) fn replay(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let message = message_ref::replayed(actor, subject, tx)?;
    Ok(Answer::MessageRemove(MessageResult { message }))
}
