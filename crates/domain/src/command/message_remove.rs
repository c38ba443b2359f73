//! `message.remove`: the text is gone for good, the envelope stays, the index is never used again.

use confab_protocol::method::{MessageRemoveParams, MessageResult};
use confab_protocol::{Answer, Change};
use uuid::Uuid;

use super::{message_media, message_ref};
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
    cx.tx.delete_receipts(conversation.sid, row.index)?;
    message_media::release(cx, row)?;
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

#[cfg(test)]
mod tests {
    use confab_protocol::{Call, Change};
    use confab_testkit::World;
    use confab_testkit::domain::Event;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::world::sent;
    use serde_json::json;

    #[test]
    fn only_the_envelope_stays_and_the_index_is_not_used_again() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let mut params = world.saying(room, "secret");
        params.attributes = Some(json!({"also": "secret"}));
        let message = sent(world.call(&olga, &Call::MessageSend(params)));
        let erase = world.erasing(&message);
        let outcome = world.apply(&olga, &erase).expect("it is removed");
        let gone = sent(Ok(outcome.answer));
        assert_eq!((gone.removed, gone.body.clone(), gone.attributes.clone()), (true, None, json!({})));
        assert_eq!((gone.sid, gone.index, gone.version), (message.sid, 0, message.version + 1));
        let [Event::Log { event, .. }] = &outcome.events[..] else { panic!("not one event") };
        assert_eq!(event.change, Change::MessageRemoved(Box::new(gone.clone())));
        assert!(!format!("{:?}", serde_json::to_string(event)).contains("secret"));
        assert_eq!(world.say(&olga, room, "next").index, 1);
        assert_eq!(world.page(&olga, room).first(), Some(&gone));
    }

    #[test]
    fn removing_twice_is_done_once() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let message = world.say(&ana, room, "one");
        world.say(&ana, room, "two");
        let (first, second) = (world.erasing(&message), world.erasing(&message));
        world.events(&ana, &first);
        assert_eq!(world.events(&ana, &second), []);
        assert_eq!(world.unread(&olga, room).unread, 1);
    }

    #[test]
    fn an_owner_may_remove_what_others_said_and_that_is_recorded() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let message = world.say(&ana, room, "rude");
        let erase = world.erasing(&message);
        world.events(&olga, &erase);
        assert_eq!(world.audited(1), [AuditAction::MessageRemoved]);
        let summary = world.summary(&ana, room);
        assert_eq!(summary.last_message, None);
        assert_eq!(summary.conversation.and_then(|found| found.last_message).map(|last| last.index), Some(0));
    }
}
