//! What is stuck without a place of its own, what waits in memory only, and a disk that takes nothing.

use confab_protocol::method::MessageRef;
use confab_protocol::model::{Conversation, ConversationSummary, MembershipStatus, UserConversation};
use confab_protocol::{ClientId, ErrorCode, Timestamp, WireError};
use expect_test::expect;
use serde_json::json;
use uuid::Uuid;

use super::rig::{OTHER, Rig, changed, conversation, mine, own, restored, row};
use super::sending::{key, message, send};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::key::Key;
use crate::stored::{Action, EntryState, OutboxEntry, Restored};
use crate::testing::CONVERSATION;
use crate::view::{Problem, ViewDiff};
use crate::{Event, Timer};

#[test]
fn what_is_stuck_without_a_place_is_done_again_or_forgotten_as_the_person_says() {
    check_connected(
        |rig| {
            rig.command(Command::Rename { conversation: conversation(), name: "Release 2".into() });
            rig.refuse("conversation.update", ErrorCode::Forbidden);
            rig.command(Command::SetFriendlyName { name: "Ingrid".into() });
            rig.refuse("user.update", ErrorCode::Forbidden);
            rig.take();
            rig.command(Command::RetryStuck { entry: key(0xa01) });
            rig.command(Command::DiscardStuck { entry: key(0xa02) });
            rig.command(Command::DiscardStuck { entry: key(0xa02) });
            rig.command(Command::RetryStuck { entry: "nonsense".into() });
        },
        &expect![[r#"
            disk 4: put a01 rename in CHc "released"
            = stuck
                a02 set_friendly_name "Ingrid" in "": forbidden
            = list
                + CHc "Release 2" unread 1 Aiko Mori: "two"
            answer 1: {"kind":"done"}
            -> conversation.update {"client_id":"a01","conversation":"CHc","friendly_name":"Release 2"}
            disk 5: delete a02
            = stuck
            answer 1: {"kind":"done"}
            answer 1: error {"code":"not_found","params":{"what":"entry"}}
            answer 1: error {"code":"not_found","params":{"what":"entry"}}
        "#]],
    );
}

#[test]
fn a_conversation_that_cannot_be_made_is_given_up_with_what_was_written_in_it() {
    check_connected(
        |rig| {
            rig.command(Command::create("Plans", Some("plans".into())));
            send_to(rig, "first");
            rig.refuse("conversation.create", ErrorCode::UniqueNameTaken);
            rig.take();
            rig.command(Command::DiscardStuck { entry: key(0xa01) });
        },
        &expect![[r#"
            disk 3: delete a01, delete a02
            = opened None new after None, 0
            = stuck
            = list
                - a01
            answer 1: {"kind":"done"}
        "#]],
    );
}

/// A message with what became of it, all of it stuck.
fn stuck_with(rig: &mut Rig, change: Command) {
    send(rig, "hello");
    rig.command(change);
    rig.refuse("message.send", WireError::not_found("conversation"));
    rig.take();
    rig.command(Command::RetryStuck { entry: key(0xa02) });
}

#[test]
fn the_removal_of_a_message_that_could_not_be_sent_is_done_here() {
    check_connected(
        |rig| stuck_with(rig, Command::Remove { conversation: conversation(), message: key(0xa01) }),
        &expect![[r#"
            disk 3: delete a01, delete a02
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn the_edit_of_a_message_that_could_not_be_sent_goes_with_it() {
    check_connected(
        |rig| {
            let body = "hello there".into();
            stuck_with(rig, Command::Edit { conversation: conversation(), message: key(0xa01), body });
        },
        &expect![[r#"
            disk 3: put a01 send "hello" in CHc "released", put a02 edit "hello there" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            answer 1: {"kind":"done"}
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
        "#]],
    );
}

#[test]
fn a_change_of_a_message_that_nobody_is_going_to_send_does_not_wait_for_it() {
    let action = Action::Edit {
        place: Key::Sid(CONVERSATION),
        message: MessageRef::ClientId(ClientId(Uuid::from_u128(0xb01))),
        row: ClientId(Uuid::from_u128(0xb01)),
        body: "hello there".into(),
    };
    let edit = OutboxEntry { state: EntryState::Held, ..stuck(action) };
    let mut rig = Rig::with(Restored { outbox: vec![edit], ..restored() });
    rig.connect();
    rig.refuse("message.edit", ErrorCode::OutOfOrder);
    let states: Vec<_> = rig.machine.entries().map(|entry| entry.state.clone()).collect();
    assert!(matches!(&states[..], [EntryState::Refused { problem }] if problem.code == "out_of_order"));
}

#[test]
fn what_is_stuck_for_a_conversation_that_was_made_here_concerns_it_when_it_is_back() {
    check_connected(
        |rig| {
            rig.command(Command::create("Plans", None));
            rig.reply("conversation.create", json!({ "summary": made(4, MembershipStatus::Joined) }));
            rig.command(Command::AddParticipant { conversation: key(0xa01), identity: "Aiko".into() });
            rig.refuse("participant.add", ErrorCode::Forbidden);
            rig.signal(changed(vec![made(5, MembershipStatus::NotParticipating).me]));
            let places: Vec<_> = rig.machine.entries().map(|entry| entry.action.place()).collect();
            assert_eq!(places, [Some(Key::Sid(OTHER))]);
            rig.take();
        },
        &expect![[""]],
    );
}

/// The conversation that is made here, as the server has it.
fn made(version: u64, status: MembershipStatus) -> ConversationSummary {
    let conversation = Conversation { sid: OTHER, ..row(2) };
    let me = UserConversation { conversation: OTHER, status, ..own(version, None, 0, 2) };
    ConversationSummary { conversation: Some(conversation), me, last_message: None }
}

fn stuck(action: Action) -> OutboxEntry {
    let problem = Problem { code: "not_found".into(), params: serde_json::Map::new() };
    OutboxEntry {
        client_id: ClientId(Uuid::from_u128(0xb02)),
        order: 1,
        at: Timestamp(9_000),
        state: EntryState::Refused { problem },
        replayed_for: None,
        epoch: None,
        action,
    }
}

/// It was made here, and is lost: what is stuck for it names it by its making, which nobody remembers.
#[test]
fn what_is_stuck_for_a_conversation_that_was_made_here_and_lost_does_not_make_it_again() {
    let action = Action::RemoveParticipant {
        place: Key::Made(ClientId(Uuid::from_u128(0xb01))),
        identity: "Aiko".into(),
    };
    let mut rig = Rig::with(Restored { outbox: vec![stuck(action)], ..restored() });
    rig.connect();
    let shown = rig.machine.snapshot();
    let rows = shown.iter().find_map(|diff| match diff {
        ViewDiff::Conversations { upsert, .. } => Some(upsert.iter().map(|row| row.name.clone()).collect()),
        _ => None,
    });
    assert_eq!(rows, Some(vec!["Release".to_owned()]));
    assert!(shown.iter().any(|diff| matches!(diff, ViewDiff::Stuck { entries } if entries.len() == 1)));
}

fn send_to(rig: &mut Rig, body: &str) {
    rig.command(Command::Send { conversation: key(0xa01), body: body.into() });
}

#[test]
fn an_invite_is_ended_also_when_there_is_no_connection_just_now() {
    check_connected(
        |rig| {
            rig.lose();
            rig.take();
            rig.command(Command::RevokeInvite { invite: format!("IV{:032x}", 1) });
            rig.reconnect(&[]);
            rig.take();
            rig.note("it had ended by itself");
            rig.refuse("invite.revoke", ErrorCode::InviteUnknown);
        },
        &expect![[r##"
            # it had ended by itself
            disk 2: put a01 revoke_invite in  "acknowledged"
        "##]],
    );
}

#[test]
fn who_waits_for_an_answer_is_asked_for_again_under_the_same_id() {
    check_connected(
        |rig| {
            let invite = Command::CreateInvite { expires_in_ms: None, max_uses: None };
            rig.feed(Event::Command { ticket: 1, command: invite });
            let password = Command::SetPassword { current: None, password: "seven grey herons".into() };
            rig.feed(Event::Command { ticket: 2, command: password });
            rig.lose();
            rig.take();
            rig.reconnect(&[]);
            let again = rig.take();
            assert_eq!((again.matches("a01").count(), again.matches("a02").count()), (1, 1), "{again}");
            let invite =
                json!({ "sid": format!("IV{:032x}", 1), "expires_at": 7, "max_uses": 100, "uses": 0 });
            rig.reply("invite.create", json!({ "invite": invite, "link": "confab://join/1/x" }));
            rig.lose();
            for _ in 0..12 {
                rig.timer(Timer::Waiting);
            }
        },
        &expect![[r#"
            answer 1: {"kind":"invite","sid":"IV1","link":"confab://join/1/x","expires_at":7}
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            timer Waiting 5000
            answer 2: error {"code":"offline","params":{}}
        "#]],
    );
}

#[test]
fn a_full_disk_is_said_once_and_taken_back_when_there_is_room() {
    check_connected(
        |rig| {
            rig.disk = false;
            rig.command(Command::Open { conversation: Some(conversation()) });
            send(rig, "one");
            send(rig, "two");
            rig.take();
            let problem = Problem { code: "disk_full".into(), params: serde_json::Map::new() };
            rig.feed(Event::PersistFailed { write: 0, problem: problem.clone() });
            rig.feed(Event::PersistFailed { write: 1, problem });
            assert!(!rig.waits("message.send"), "nothing goes out that is not on the disk");
            rig.note("room");
            rig.timer(Timer::Persist);
            rig.persisted();
            assert!(rig.waits("message.send"));
        },
        &expect![[r#"
            timer Persist 3000
            = {"kind":"storage","problem":{"code":"disk_full","params":{}}}
            = timeline loading
                + a01 - Ingrid S.: "one" Unsaved
                + a02 - Ingrid S.: "two" Unsaved
            timer Persist 3000
            # room
            disk 0: put a01 send "one" in CHc "released"
            disk 1: put a02 send "two" in CHc "released"
            -> message.send {"body":"one","client_id":"a01","conversation":"CHc"}
            = {"kind":"storage","problem":null}
            = timeline loading
                + a01 - Ingrid S.: "one" Sending
                + a02 - Ingrid S.: "two" Sending
            -> message.send {"after":"a01","body":"two","client_id":"a02","conversation":"CHc"}
        "#]],
    );
}

#[test]
fn leaving_is_no_refusal_and_what_was_wished_there_is_kept_with_its_reason() {
    check_connected(
        |rig| {
            rig.command(Command::RemoveParticipant {
                conversation: conversation(),
                identity: "ingrid".into(),
            });
            rig.command(Command::Rename { conversation: conversation(), name: "Gone".into() });
            rig.take();
            let mut me = super::rig::own(4, None, 0, 5);
            me.status = confab_protocol::model::MembershipStatus::NotParticipating;
            rig.signal(confab_protocol::event::Signal::StateChanged {
                from: 3,
                to: 4,
                rows: vec![me],
                drafts: Vec::new(),
                settings: Vec::new(),
            });
            rig.refuse("participant.remove", WireError::not_found("conversation"));
        },
        &expect![[r#"
            disk 2: delete a01, put a02 rename in CHc "refused"
            cache: drop CHc, meta at Some(41), state 4
            = stuck
                a02 rename "Gone" in "": not_found
            = list
                - CHc
            = total 0 @0
        "#]],
    );
}

#[test]
fn what_is_changed_while_the_disk_takes_nothing_is_shown_as_not_kept() {
    check_open(
        |rig| {
            rig.disk = false;
            send(rig, "helo");
            let problem = Problem { code: "disk_full".into(), params: serde_json::Map::new() };
            rig.feed(Event::PersistFailed { write: 0, problem: problem.clone() });
            rig.take();
            let (conversation, message) = (conversation(), key(0xa01));
            rig.command(Command::Edit { conversation, message, body: "hello".into() });
            rig.feed(Event::PersistFailed { write: 1, problem });
        },
        &expect![[r#"
            disk 1: put a02 edit "hello" in CHc "released"
            = timeline
                + a01 - Ingrid S.: "hello" Unsaved edited
            answer 1: {"kind":"done"}
            timer Persist 3000
        "#]],
    );
}

#[test]
fn a_server_without_room_is_said_for_as_long_as_something_waits_for_it() {
    check_open(
        |rig| {
            send(rig, "hello");
            rig.take();
            rig.refuse("message.send", ErrorCode::StorageFull);
            rig.note("room");
            rig.timer(Timer::Outbox);
            rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
        },
        &expect![[r#"
            timer Outbox 375
            = {"kind":"storage","problem":{"code":"storage_full","params":{}}}
            # room
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: put a01 send "hello" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = {"kind":"storage","problem":null}
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 3 Ingrid S.: "hello" Sent
        "#]],
    );
}
