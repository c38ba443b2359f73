//! Coming and going faster than answers come: what was read before one came in again says nothing of it.

use confab_protocol::ErrorCode;
use confab_protocol::event::Signal;
use confab_protocol::model::{ConversationSummary, Head, MembershipStatus, UserConversation};
use serde_json::json;

use super::rig::{Rig, epoch, own, row, summary};
use crate::command::Command;
use crate::testing::CONVERSATION;
use crate::view::ViewDiff;
use crate::{Event, Timer};

/// The own row after one has left.
fn gone(version: u64) -> UserConversation {
    let left_name = Some("Release".into());
    UserConversation { status: MembershipStatus::NotParticipating, left_name, ..own(version, None, 0, 0) }
}

fn own_row(from: u64, row: UserConversation) -> Signal {
    let (drafts, settings) = (Vec::new(), Vec::new());
    Signal::StateChanged { from, to: from + 1, rows: vec![row], drafts, settings }
}

/// A heartbeat of which it follows that something of the conversation was missed.
fn has_moved(number: u64, version: u64) -> Signal {
    let head = Head { conversation: CONVERSATION, version, roster_version: 2 };
    Signal::Heartbeat { heads: vec![head], number, state_version: None, roles_version: None, people: None }
}

/// Answers every question for the conversation as things stand: one is in it.
fn answer_as_it_stands(rig: &mut Rig) {
    let stands = ConversationSummary { conversation: Some(row(9)), me: own(5, None, 3, 9), ..summary() };
    for _ in 0..3 {
        if rig.waits("conversation.get") {
            rig.reply("conversation.get", json!({ "summary": stands }));
        }
        rig.timer(Timer::Refetch);
    }
}

fn is_shown_as_joined(rig: &Rig) -> bool {
    let sid = Some(CONVERSATION.to_string());
    rig.machine.snapshot().iter().any(|diff| match diff {
        ViewDiff::Conversations { upsert, .. } => upsert.iter().any(|row| row.sid == sid && !row.left),
        _ => false,
    })
}

#[test]
fn an_answer_that_was_read_while_one_was_out_does_not_put_one_out_again() {
    let mut rig = Rig::new();
    rig.connect();
    // Something of the conversation stays when one is out, so that its row does.
    rig.command(Command::Draft { conversation: CONVERSATION.to_string(), body: "half".into() });
    rig.signal(has_moved(1, 9));
    rig.signal(own_row(3, gone(4)));
    assert!(!is_shown_as_joined(&rig));
    rig.signal(own_row(4, own(5, None, 3, 9)));
    let read_before = ConversationSummary { conversation: None, me: gone(4), last_message: None };
    rig.reply("conversation.get", json!({ "summary": read_before }));
    answer_as_it_stands(&mut rig);
    assert!(is_shown_as_joined(&rig), "{}", rig.take());
}

#[test]
fn an_own_row_that_arrives_late_does_not_put_one_out_again() {
    let mut rig = Rig::new();
    rig.connect();
    rig.signal(own_row(4, own(5, None, 3, 9)));
    rig.signal(own_row(3, gone(4)));
    assert!(is_shown_as_joined(&rig), "{}", rig.take());
}

#[test]
fn what_was_read_before_one_went_out_does_not_bring_one_back_when_it_comes_late() {
    for draft in ["", "half"] {
        let mut rig = Rig::new();
        rig.connect();
        rig.command(Command::Draft { conversation: CONVERSATION.to_string(), body: draft.into() });
        rig.lose();
        rig.timer(Timer::Reconnect);
        rig.feed(Event::Opened);
        rig.hello(epoch(8));
        rig.signal(own_row(3, gone(4)));
        rig.resume(epoch(8), &[summary()]);
        assert!(!is_shown_as_joined(&rig), "{}", rig.take());

        // Coming in again counts all the same.
        rig.signal(own_row(4, own(5, None, 3, 9)));
        answer_as_it_stands(&mut rig);
        assert!(is_shown_as_joined(&rig), "{}", rig.take());
    }
}

#[test]
fn a_refusal_from_before_one_came_in_is_asked_about_again_and_one_from_after_it_counts() {
    let mut rig = Rig::new();
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.list(epoch(8), &[]);
    rig.resume(epoch(8), &[]);
    rig.signal(has_moved(1, 9));
    rig.signal(own_row(3, own(5, None, 3, 9)));
    rig.refuse("conversation.get", ErrorCode::NotFound);
    answer_as_it_stands(&mut rig);
    assert!(is_shown_as_joined(&rig), "{}", rig.take());

    rig.signal(has_moved(2, 10));
    rig.refuse("conversation.get", ErrorCode::NotFound);
    assert!(!is_shown_as_joined(&rig) && !rig.waits("conversation.get"), "{}", rig.take());
}
