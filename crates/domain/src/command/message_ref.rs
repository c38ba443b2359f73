//! What editing and removing share: finding the message, telling of it, answering a repetition.

use confab_protocol::method::MessageRef;
use confab_protocol::model::Message;
use confab_protocol::{Change, ErrorCode, MessageSid, WireError};
use uuid::Uuid;

use crate::cx::{Audience, Cx, Member};
use crate::row::{ConversationRow, MessageRow, Seen};
use crate::visible::visible;
use crate::{Actor, DomainResult, Tx, view};

/// How many people may have seen one message: more than may be in a conversation.
const WITNESSES: usize = 10_000;

/// The message named, if it stands in this conversation and the actor may see it.
///
/// # Errors
/// `not_found`; `out_of_order` for one's own message that has not arrived: what was sent behind it may pass it.
pub(super) fn find(cx: &Cx<'_>, member: &Member, named: MessageRef) -> DomainResult<MessageRow> {
    let found = match named {
        MessageRef::Sid(sid) => cx.tx.message(sid)?,
        MessageRef::ClientId(client_id) => match cx.tx.seen(cx.actor.user, client_id)? {
            Some(Seen::Message(row)) => Some(*row),
            Some(Seen::Outcome(_)) => None,
            None => return Err(ErrorCode::OutOfOrder.into()),
        },
    };
    let seen = member.visible(cx.tx)?;
    let found =
        found.filter(|row| row.conversation == member.conversation.sid && seen.holds_index(row.index));
    Ok(found.ok_or_else(|| WireError::not_found("message"))?)
}

/// Tells of a changed message: in an "uber" conversation only those who were there when it was posted.
pub(super) fn tell(
    cx: &mut Cx<'_>,
    conversation: &ConversationRow,
    index: u64,
    changed: &[&str],
    change: Change,
) -> DomainResult<()> {
    let only =
        if conversation.uber { Some(cx.tx.witnesses(conversation.sid, index, WITNESSES)?) } else { None };
    cx.tell(conversation, changed, change, Audience { only, ..Audience::default() });
    Ok(())
}

/// The message that an applied command made or changed. Whoever may no longer see it gets its envelope alone.
pub(super) fn replayed(actor: &Actor, subject: Uuid, tx: &dyn Tx) -> DomainResult<Message> {
    let unknown = || WireError::not_found("message");
    let mut row = tx.message(MessageSid(subject))?.ok_or_else(unknown)?;
    let conversation = tx.conversation(row.conversation)?.ok_or_else(unknown)?;
    let me = tx.membership(actor.user, row.conversation)?;
    if !visible(tx, me.as_ref(), &conversation)?.holds_index(row.index) {
        strip(&mut row);
    }
    Ok(view::message(&row)?)
}

/// Takes everything off a message that somebody wrote.
pub(super) fn strip(row: &mut MessageRow) {
    (row.subject, row.body) = (None, None);
    row.media = Vec::new();
    row.attributes = "{}".to_owned();
    row.relates_to = None;
    row.mentions = Vec::new();
}
