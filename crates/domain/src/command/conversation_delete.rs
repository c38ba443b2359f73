//! `conversation.delete`: for everyone. All stays end with the last event of the log; the row stays without its names, so that
//! its SID is never given out again, and its messages are emptied step by step: see [`crate::erasure`].

use confab_protocol::method::{ConversationDeleteParams, Nothing};
use confab_protocol::model::{DeletedConversation, MembershipStatus};
use confab_protocol::{Answer, Change, limits};

use super::{participant_remove, roster_row};
use crate::cx::{Audience, Cx, Done, Member};
use crate::permission::Permission;
use crate::row::{AuditAction, ConversationRow, EventKind};
use crate::{DomainResult, timers};

/// Participants whose stay is ended at once.
const PAGE: usize = 100;

pub(crate) fn run(cx: &mut Cx<'_>, params: &ConversationDeleteParams) -> DomainResult<Done> {
    let member = cx.member(params.conversation)?;
    member.authorise(Permission::DeleteConversation)?;
    member.not_direct("no_delete")?;
    let Member { mut conversation, .. } = member;
    let sid = conversation.sid;
    let seq = cx.append(&mut conversation, EventKind::ConversationDeleted, sid.0, &[])?;
    let change = Change::ConversationDeleted(DeletedConversation { sid });
    cx.tell(&conversation, &[], change, Audience::default());
    end_stays(cx, &mut conversation, seq)?;
    for mut row in cx.tx.non_chat(sid, limits::NON_CHAT_PARTICIPANTS)? {
        row.empty();
        cx.tx.put_non_chat(&row)?;
    }
    empty(&mut conversation);
    (conversation.date_updated, conversation.deleted_at) = (cx.now, Some(cx.now));
    conversation.state_due = timers::due(&conversation);
    cx.tx.update_conversation(&conversation)?;
    cx.audit(AuditAction::ConversationDeleted, sid.to_string())?;
    Ok(Done { answer: answer(), subject: sid.0 })
}

fn end_stays(cx: &mut Cx<'_>, conversation: &mut ConversationRow, seq: u64) -> DomainResult<()> {
    loop {
        let page = cx.tx.participants(conversation.sid, None, PAGE)?;
        if page.is_empty() {
            return Ok(());
        }
        for mut row in page {
            row.status = MembershipStatus::NotParticipating;
            row.attributes = "{}".to_owned();
            (row.custom_role, row.flags) = (None, None);
            conversation.head.participants_count -= 1;
            roster_row::write(cx, conversation, &mut row)?;
            let membership = participant_remove::end_membership(cx, conversation, &row, seq)?;
            cx.tell_state(&membership, conversation)?;
        }
    }
}

/// Leaves nothing that somebody wrote, and gives the unique name free.
fn empty(conversation: &mut ConversationRow) {
    (conversation.friendly_name, conversation.unique_name) = (None, None);
    conversation.attributes = "{}".to_owned();
    conversation.public_join = false;
    conversation.erase_from = Some(0);
}

/// The answer, which is the same when the same is sent again.
pub(crate) fn answer() -> Answer {
    Answer::ConversationDelete(Nothing {})
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        ConversationCreateParams, ConversationDeleteParams, ConversationPageParams, MessageSendParams,
    };
    use confab_protocol::model::MembershipStatus;
    use confab_protocol::{Answer, Call, Change, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::row::AuditAction;
    use confab_testkit::domain::store::{Order, Read as _};
    use confab_testkit::domain::{Event, erasure, verify};
    use confab_testkit::world::sent;

    #[test]
    fn everybodys_stay_ends_and_nothing_that_was_written_is_left() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana, &bo]);
        world.remove(&bo, room, &bo);
        let mentions = vec!["Ana".into()];
        let mention = MessageSendParams { mentions, ..world.saying(room, "a secret") };
        let send = Call::MessageSend(mention);
        let said = sent(world.call(&olga, &send));
        let call = Call::ConversationDelete(ConversationDeleteParams {
            client_id: world.client_id(),
            conversation: room,
        });
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::Forbidden);
        let events = world.events(&olga, &call);
        let [Event::Log { event, .. }, Event::State { rows: one, .. }, Event::State { rows: two, .. }] =
            &events[..]
        else {
            panic!("not these events: {events:?}");
        };
        assert!(matches!(event.change, Change::ConversationDeleted(gone) if gone.sid == room));
        for row in one.iter().chain(two) {
            assert_eq!(row.status, MembershipStatus::NotParticipating);
            assert_eq!(row.left_name.as_deref(), Some("Plans"));
        }
        assert_eq!(world.audited(1), [AuditAction::ConversationDeleted]);
        assert_eq!(world.events(&olga, &call), []);
        assert_eq!(verify(&world.store), [], "before anything is emptied");
        while world.write(|_, _, store| erasure::step(store)).expect("a step") {
            assert_eq!(verify(&world.store), []);
        }
        let rows = world.store.messages(room, 0..10, Order::Ascending, 10).expect("messages");
        assert!(rows.iter().all(|row| row.body.is_none() && row.removed && row.mentions.is_empty()));
        let row = world.store.conversation(room).expect("a look-up").expect("its SID is never given again");
        assert_eq!((row.friendly_name, row.erase_from), (None, None));
        // What was acknowledged stays so, as an envelope.
        let again = sent(world.call(&olga, &send));
        assert_eq!((again.sid, again.body), (said.sid, None));
        let another = Call::MessageSend(world.saying(room, "hello?"));
        assert_eq!(world.refused(&olga, &another).code, ErrorCode::NotFound);
        let left = Call::ConversationListLeft(ConversationPageParams::default());
        let Ok(Answer::ConversationListLeft(page)) = world.call(&ana, &left) else { panic!("no list") };
        assert_eq!(page.left.iter().map(|row| row.conversation).collect::<Vec<_>>(), [room]);
    }

    /// Makes a conversation with a unique name.
    fn named(world: &mut World) -> Result<Answer, confab_protocol::WireError> {
        let olga = world.owner.clone();
        let params = ConversationCreateParams::new(world.client_id());
        let unique_name = Some("plans".to_owned());
        world.call(&olga, &Call::ConversationCreate(ConversationCreateParams { unique_name, ..params }))
    }

    #[test]
    fn its_unique_name_is_free_again_and_a_long_one_is_emptied_in_steps() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let Ok(Answer::ConversationCreate(made)) = named(&mut world) else { panic!("not made") };
        let room = made.summary.me.conversation;
        (0..1_500).for_each(|_| drop(world.say(&olga, room, "x")));
        assert!(named(&mut world).is_err());
        let client_id = world.client_id();
        let call = ConversationDeleteParams { client_id, conversation: room };
        world.events(&olga, &Call::ConversationDelete(call));
        assert!(named(&mut world).is_ok());
        let mut steps = 0;
        while world.write(|_, _, store| erasure::step(store)).expect("a step") {
            steps += 1;
        }
        assert_eq!(steps, 3, "two of messages and one of counters");
        assert_eq!(verify(&world.store), []);
    }
}
