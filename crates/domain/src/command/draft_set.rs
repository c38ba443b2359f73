//! `draft.set`: what one is writing in a conversation, for all one's devices. The last one stands.

use confab_protocol::method::{DraftResult, DraftSetParams};
use confab_protocol::model::Draft;
use confab_protocol::{Answer, ConversationSid, WireError, limits};

use crate::cx::{Cx, Done};
use crate::row::DraftRow;
use crate::{Actor, DomainResult, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &DraftSetParams) -> DomainResult<Done> {
    let conversation = params.conversation;
    if params.body.len() > limits::BODY_BYTES {
        return Err(WireError::too_large("body", limits::BODY_BYTES, params.body.len()).into());
    }
    // Leaving keeps a draft: whoever has left may still give it up.
    let me = cx.tx.membership(cx.actor.user, conversation)?;
    let me = me.filter(|me| me.is_joined() || params.body.is_empty());
    me.ok_or_else(|| WireError::not_found("conversation"))?;
    let before = cx.tx.draft(cx.actor.user, conversation)?;
    let draft = if changes(params, before.as_ref()) {
        cx.put_draft(conversation, params.body.clone())?
    } else {
        as_it_stands(conversation, before.as_ref())
    };
    Ok(Done { answer: Answer::DraftSet(DraftResult { draft }), subject: conversation.0 })
}

/// What was sent or given up on one device must not take along what was written on another since.
fn changes(params: &DraftSetParams, before: Option<&DraftRow>) -> bool {
    let Some(before) = before else { return !params.body.is_empty() };
    let stale = params.based_on.is_some_and(|based_on| based_on < before.version);
    params.body != before.body && !(params.body.is_empty() && stale)
}

fn as_it_stands(conversation: ConversationSid, row: Option<&DraftRow>) -> Draft {
    row.map_or_else(|| Draft { conversation, body: String::new(), version: 0 }, view::draft)
}

pub(crate) fn replay(actor: &Actor, conversation: ConversationSid, tx: &dyn Tx) -> DomainResult<Answer> {
    let row = tx.draft(actor.user, conversation)?;
    Ok(Answer::DraftSet(DraftResult { draft: as_it_stands(conversation, row.as_ref()) }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::DraftSetParams;
    use confab_protocol::model::Draft;
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event};

    fn setting(world: &mut World, room: ConversationSid, body: &str, based_on: Option<u64>) -> Call {
        let (client_id, body) = (world.client_id(), body.to_owned());
        Call::DraftSet(DraftSetParams { client_id, conversation: room, body, based_on })
    }

    fn draft(world: &mut World, by: &Actor, call: &Call) -> Draft {
        match world.call(by, call) {
            Ok(Answer::DraftSet(result)) => result.draft,
            other => panic!("no draft: {other:?}"),
        }
    }

    #[test]
    fn the_last_one_stands_and_the_own_devices_alone_hear_of_it() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let before = world.summary(&ana, room).me.version;
        let call = setting(&mut world, room, "Dear", None);
        let events = world.events(&ana, &call);
        let [Event::State { user, from, to, rows, drafts, settings }] = &events[..] else {
            panic!("not one event: {events:?}");
        };
        assert_eq!((*user, *from, *to), (ana.user, before, before + 1));
        assert_eq!((rows.len(), settings.len()), (0, 0));
        assert_eq!(drafts[..], [Draft { conversation: room, body: "Dear".into(), version: *to }]);
        // The same again is no change, and sent again under its id it is answered as it stands.
        let same = setting(&mut world, room, "Dear", None);
        assert_eq!(world.events(&ana, &same), []);
        let later = setting(&mut world, room, "Dear all", Some(0));
        assert_eq!(draft(&mut world, &ana, &later).version, to + 1);
        assert_eq!(draft(&mut world, &ana, &call).body, "Dear all");
        assert_eq!(world.events(&ana, &call), []);
        let hers = setting(&mut world, room, "", None);
        assert_eq!(
            draft(&mut world, &olga, &hers),
            Draft { conversation: room, body: String::new(), version: 0 }
        );
    }

    #[test]
    fn what_was_written_elsewhere_since_is_not_emptied() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let call = setting(&mut world, room, "one", None);
        let one = draft(&mut world, &olga, &call);
        let call = setting(&mut world, room, "two", None);
        let two = draft(&mut world, &olga, &call);
        let stale = setting(&mut world, room, "", Some(one.version));
        assert_eq!(draft(&mut world, &olga, &stale), two);
        let fresh = setting(&mut world, room, "", Some(two.version));
        let emptied = draft(&mut world, &olga, &fresh);
        assert_eq!((emptied.body.as_str(), emptied.version), ("", two.version + 1));
    }

    #[test]
    fn leaving_keeps_a_draft_which_can_then_only_be_given_up() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let call = setting(&mut world, room, "half", None);
        let half = draft(&mut world, &ana, &call);
        world.remove(&olga, room, &ana);
        let call = setting(&mut world, room, "more", None);
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::NotFound);
        let stale = setting(&mut world, room, "", Some(half.version - 1));
        assert_eq!(draft(&mut world, &ana, &stale), half);
        let call = setting(&mut world, room, "", None);
        assert_eq!(draft(&mut world, &ana, &call).body, "");
    }

    #[test]
    fn a_draft_is_no_longer_than_a_message() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let room = world.conversation(&olga, &[]);
        let call = setting(&mut world, room, &"a".repeat(limits::BODY_BYTES), None);
        draft(&mut world, &olga, &call);
        let call = setting(&mut world, room, &"a".repeat(limits::BODY_BYTES + 1), None);
        assert_eq!(world.refused(&olga, &call).code, ErrorCode::TooLarge);
    }
}
