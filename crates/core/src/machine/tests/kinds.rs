//! Conversations of every kind: made, found, joined, changed, closed and deleted.

use confab_protocol::method::{ConversationResult, StateResult};
use confab_protocol::model::{
    Conversation, ConversationState, ConversationSummary, DeletedConversation, MembershipStatus, Role,
    Timers, UserConversation,
};
use confab_protocol::{Change, ConversationSid, ErrorCode, WireError};
use expect_test::expect;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{Rig, changed, conversation, own, row};
use super::sending::key;
use super::{check_connected, check_open};
use crate::command::Command;
use crate::kind::{ConversationChange, ConversationOptions};
use crate::stored::OutboxEntry;
use crate::testing;

const PAIR: ConversationSid = ConversationSid(Uuid::from_u128(0xe));

/// The conversation of Ingrid and Aiko.
fn pair() -> ConversationSummary {
    let conversation =
        Conversation { sid: PAIR, friendly_name: None, direct: true, last_message: None, ..row(2) };
    let me = UserConversation {
        conversation: PAIR,
        role: Role::Owner,
        peer: Some("Aiko".into()),
        ..own(4, None, 0, 2)
    };
    ConversationSummary { conversation: Some(conversation), me, last_message: None }
}

fn result(summary: ConversationSummary) -> Value {
    serde_json::to_value(ConversationResult { summary }).unwrap()
}

/// The conversation of the rig, of which Ingrid is an owner, with something changed.
fn owned(change: impl FnOnce(&mut Conversation)) -> ConversationSummary {
    let mut conversation = row(6);
    change(&mut conversation);
    let me = UserConversation { role: Role::Owner, ..own(4, Some(1), 1, 6) };
    ConversationSummary { conversation: Some(conversation), me, last_message: None }
}

fn configure(rig: &mut Rig, change: ConversationChange) {
    rig.command(Command::Configure { conversation: conversation(), change });
}

#[test]
fn a_conversation_is_made_as_it_was_asked_for() {
    check_connected(
        |rig| {
            let options = ConversationOptions {
                public_join: true,
                uber: true,
                participants: vec![" Aiko ".into()],
                timers: Timers { inactive: Some("P7D".into()), closed: None },
            };
            let (name, unique_name) = ("Plans".into(), Some(" plans ".into()));
            rig.command(Command::CreateConversation { name, unique_name, options });
        },
        &expect![[r#"
            disk 0: put a01 create in  "released"
            = opened Some("a01") new after None, 0
            = list
                + a01 "Plans" unread 0 public uber being made
            = timeline
            answer 1: {"kind":"conversation","key":"a01"}
            -> conversation.create {"client_id":"a01","friendly_name":"Plans","participants":[{"identity":"Aiko","role":"participant"}],"public_join":true,"timers":{"inactive":"P7D"},"uber":true,"unique_name":"plans"}
        "#]],
    );
}

#[test]
fn more_people_than_may_be_named_at_once_are_refused_before_anything_is_made() {
    check_connected(
        |rig| {
            let participants = (0..101).map(|number| format!("p{number}")).collect();
            let options = ConversationOptions { participants, ..ConversationOptions::default() };
            rig.command(Command::CreateConversation { name: "Plans".into(), unique_name: None, options });
        },
        &expect![[r#"
            answer 1: error {"code":"too_large","params":{"actual":101,"field":"participants","limit":100}}
        "#]],
    );
}

#[test]
fn a_conversation_of_two_is_made_once_and_shows_the_other_one() {
    check_connected(
        |rig| {
            rig.lose();
            rig.take();
            rig.command(Command::OpenDirect { identity: "aiko".into() });
            rig.command(Command::Open { conversation: None });
            rig.note("asked for again it is the same one");
            rig.command(Command::OpenDirect { identity: "Aiko".into() });
            rig.note("connected");
            rig.reconnect(&[]);
            rig.reply("conversation.create", result(pair()));
            rig.command(Command::Open { conversation: None });
            rig.note("and so it is once it was made");
            rig.command(Command::OpenDirect { identity: "AIKO".into() });
        },
        &expect![[r#"
            disk 0: put a01 create_direct in  "held"
            = opened Some("a01") new after None, 0
            = list
                + a01 "aiko" unread 0 with aiko being made
            = timeline
            answer 1: {"kind":"conversation","key":"a01"}
            = opened None new after None, 0
            answer 1: {"kind":"done"}
            # asked for again it is the same one
            = opened Some("a01") new after None, 0
            = timeline
            answer 1: {"kind":"conversation","key":"a01"}
            # connected
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            disk 1: put a01 create_direct in  "released"
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            -> conversation.create {"client_id":"a01","direct":true,"participants":[{"identity":"aiko","role":"participant"}],"uber":false}
            cache: meta at Some(41), state 3
            disk 2: put a01 create_direct in  "acknowledged"
            cache: drop roster, conversation CHe unread 0 log Some(2)
            -> participant.list {"conversation":"CHe","limit":200}
            -> interest.set {"open":"CHe","rows":[]}
            = list
                + a01 "Aiko Mori" unread 0 with Aiko
            -> interest.set {"rows":[]}
            = opened None new after None, 0
            answer 1: {"kind":"done"}
            # and so it is once it was made
            cache: drop roster
            read cache 1: Newest, roster false
            -> participant.list {"conversation":"CHe","limit":200}
            -> interest.set {"open":"CHe","rows":[]}
            = opened Some("a01") new after None, 0
            = timeline loading
            answer 1: {"kind":"conversation","key":"a01"}
        "#]],
    );
}

#[test]
fn a_conversation_of_two_that_the_other_one_made_meanwhile_is_shown_once() {
    check_connected(
        |rig| {
            rig.lose();
            rig.command(Command::OpenDirect { identity: "Aiko".into() });
            rig.reconnect(&[pair()]);
            rig.take();
            rig.reply("conversation.create", result(pair()));
        },
        &expect![[r#"
            disk 2: put a01 create_direct in  "acknowledged"
            cache: conversation CHe unread 0 log Some(2)
            = timeline
        "#]],
    );
}

#[test]
fn what_is_written_to_somebody_stands_in_order_when_the_conversation_with_them_turns_up_meanwhile() {
    let mut rig = Rig::new();
    rig.connect();
    rig.lose();
    rig.command(Command::OpenDirect { identity: "aiko".into() });
    let send = |rig: &mut Rig, to: String, body: &str| {
        rig.command(Command::Send { conversation: to, body: body.into() });
    };
    send(&mut rig, key(0xa01), "first");
    rig.reconnect(&[pair()]);
    // Somebody who sees it twice writes to either.
    send(&mut rig, PAIR.to_string(), "second");
    rig.reply("conversation.create", result(pair()));
    let sent: Vec<String> =
        rig.take().lines().filter(|line| line.contains("-> message.send")).map(str::to_owned).collect();
    let order: Vec<bool> = sent.iter().map(|line| line.contains("first")).collect();
    assert_eq!(order, [true, false], "{sent:#?}");
}

#[test]
fn nobody_has_a_conversation_of_two_with_themselves() {
    check_connected(
        |rig| rig.command(Command::OpenDirect { identity: "ingrid".into() }),
        &expect![[r#"
        answer 1: error {"code":"direct_conversation","params":{"rule":"two_people"}}
    "#]],
    );
}

#[test]
fn what_is_changed_of_a_conversation_shows_at_once_and_a_refusal_takes_it_back() {
    check_open(
        |rig| {
            rig.signal(changed(vec![UserConversation { role: Role::Owner, ..own(4, Some(1), 1, 5) }]));
            rig.take();
            configure(rig, ConversationChange::UniqueName(Some("plans".into())));
            configure(rig, ConversationChange::PublicJoin(true));
            rig.note("the name is taken, the rest is done");
            rig.refuse("conversation.update", ErrorCode::UniqueNameTaken);
            rig.reply("conversation.update", result(owned(|row| row.public_join = true)));
        },
        &expect![[r#"
            disk 0: put a01 configure in CHc "released"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            answer 1: {"kind":"done"}
            -> conversation.update {"client_id":"a01","conversation":"CHc","unique_name":"plans"}
            disk 1: put a02 configure in CHc "released"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" public
            answer 1: {"kind":"done"}
            # the name is taken, the rest is done
            disk 2: put a01 configure in CHc "refused"
            = stuck
                a01 configure "unique_name" in "Release": unique_name_taken
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" public
            -> conversation.update {"client_id":"a02","conversation":"CHc","public_join":true}
            disk 3: put a02 configure in CHc "acknowledged"
            cache: forget IM1002, conversation CHc unread 1 log Some(5)
            -> event.range {"after":5,"conversation":"CHc"}
            = list
                + CHc "Release" unread 1 public
        "#]],
    );
}

#[test]
fn a_closed_conversation_takes_nothing_and_can_be_left() {
    check_open(
        |rig| {
            rig.signal(changed(vec![UserConversation { role: Role::Owner, ..own(4, Some(1), 1, 5) }]));
            rig.take();
            configure(rig, ConversationChange::State(ConversationState::Inactive));
            rig.reply("conversation.update", result(owned(|row| row.state = ConversationState::Inactive)));
            rig.note("closed by somebody else");
            let closed = Conversation { state: ConversationState::Closed, ..row(7) };
            rig.log(7, Change::ConversationUpdated(Box::new(closed)));
        },
        &expect![[r#"
            disk 0: put a01 configure in CHc "released"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" inactive
            answer 1: {"kind":"done"}
            -> conversation.update {"client_id":"a01","conversation":"CHc","state":"inactive"}
            disk 1: put a01 configure in CHc "acknowledged"
            cache: forget IM1002, conversation CHc unread 1 log Some(5)
            -> event.range {"after":5,"conversation":"CHc"}
            = list
                + CHc "Release" unread 1 inactive
            # closed by somebody else
            cache: conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 closed
            = rights ["delete", "leave"]
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            = roster +["Aiko Mori", "Ingrid S."] -0 complete true
        "#]],
    );
}

#[test]
fn the_directory_is_asked_for_in_pages_and_nothing_of_it_is_kept() {
    check_connected(
        |rig| {
            rig.command(Command::ListPublic { after: None });
            let open = Conversation { sid: PAIR, public_join: true, ..row(5) };
            rig.reply("conversation.list_public", json!({ "conversations": [open], "more": true }));
            rig.command(Command::ListPublic { after: Some(PAIR.to_string()) });
            rig.reply("conversation.list_public", json!({ "conversations": [], "more": false }));
            rig.command(Command::Peek { conversation: PAIR.to_string() });
            rig.refuse("conversation.peek", WireError::not_found("conversation"));
            rig.note("those that were left, and people");
            rig.command(Command::ListLeft { after: None });
            rig.reply("conversation.list_left", json!({ "left": [gone(Some("Harbour"))], "more": true }));
            rig.command(Command::ListPeople { query: None, after: None });
            let users = [testing::user("Aiko", "Aiko Mori", 1), testing::user("Bo", "", 1)];
            rig.reply("user.list", json!({ "users": users, "more": false }));
            rig.note("not without a connection");
            rig.lose();
            rig.command(Command::ListPublic { after: None });
        },
        &expect![[r#"
            -> conversation.list_public {}
            timer Waiting 5000
            answer 1: {"kind":"directory","conversations":[{"sid":"CHe","name":"Release","unique_name":null,"created_by":"Aiko","participants_count":2,"last_message_at":1002,"state":"active","uber":false}],"next":"CHe"}
            -> conversation.list_public {"after":"CHe"}
            answer 1: {"kind":"directory","conversations":[],"next":null}
            -> conversation.peek {"conversation":"CHe"}
            answer 1: error {"code":"not_found","params":{"what":"conversation"}}
            # those that were left, and people
            -> conversation.list_left {}
            answer 1: {"kind":"left","conversations":[{"sid":"CHc","name":"Harbour","left_at":null}],"next":"CHc"}
            -> user.list {}
            answer 1: {"kind":"people","people":[{"identity":"Aiko","sid":"US2a48753ac","name":"Aiko Mori","presence":null,"role":null,"attributes":{},"deactivated":false},{"identity":"Bo","sid":"USb4386d","name":"Bo","presence":null,"role":null,"attributes":{},"deactivated":false}],"next":null}
            # not without a connection
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            answer 1: error {"code":"offline","params":{}}
        "#]],
    );
}

fn gone(name: Option<&str>) -> UserConversation {
    let left_name = name.map(str::to_owned);
    let status = MembershipStatus::NotParticipating;
    UserConversation { status, left_name, left_at: None, ..own(4, None, 0, 0) }
}

#[test]
fn whoever_joins_sees_the_conversation_at_once() {
    check_connected(
        |rig| {
            rig.command(Command::JoinConversation { conversation: PAIR.to_string() });
            let mut open = pair();
            open.me.peer = None;
            open.conversation =
                open.conversation.map(|row| Conversation { direct: false, public_join: true, ..row });
            rig.reply("conversation.join", result(open));
            rig.note("asked for again under the same id when the connection breaks meanwhile");
            rig.command(Command::JoinConversation { conversation: super::rig::OTHER.to_string() });
            let first = rig.asked("conversation.join").clone();
            rig.lose();
            rig.reconnect(&[]);
            assert_eq!(rig.asked("conversation.join"), &first);
            rig.refuse("conversation.join", ErrorCode::NotJoinable);
        },
        &expect![[r#"
            -> conversation.join {"client_id":"a01","conversation":"CHe"}
            timer Waiting 5000
            cache: drop roster, conversation CHe unread 0 log None
            -> message.page {"conversation":"CHe","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHe","limit":200}
            -> interest.set {"open":"CHe","rows":[]}
            = opened Some("CHe") new after None, 0
            = list
                + CHe "" unread 0 public
            = timeline loading
            answer 1: {"kind":"conversation","key":"CHe"}
            # asked for again under the same id when the connection breaks meanwhile
            -> conversation.join {"client_id":"a02","conversation":"CHd"}
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: drop roster, meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> conversation.join {"client_id":"a02","conversation":"CHd"}
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> message.page {"conversation":"CHe","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHe","limit":200}
            -> interest.set {"open":"CHe","rows":[]}
            = Connected None
            cache: meta at Some(41), state 3
            answer 1: error {"code":"not_joinable","params":{}}
        "#]],
    );
}

#[test]
fn a_deletion_is_on_its_way_until_the_own_row_says_that_it_is_done() {
    check_open(
        |rig| {
            rig.command(Command::DeleteConversation { conversation: conversation() });
            rig.note("done");
            rig.log(6, Change::ConversationDeleted(DeletedConversation { sid: testing::CONVERSATION }));
            rig.signal(changed(vec![gone(Some("Release"))]));
            rig.reply("conversation.delete", json!({}));
        },
        &expect![[r#"
            disk 0: put a01 delete_conversation in CHc "released"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" going
            answer 1: {"kind":"done"}
            -> conversation.delete {"client_id":"a01","conversation":"CHc"}
            # done
            cache: conversation CHc unread 1 log Some(6)
            disk 1: delete a01
            cache: drop CHc, meta at Some(41), state 4
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = opened None new after None, 0
            = list
                - CHc
            = total 0 @0
        "#]],
    );
}

#[test]
fn a_deletion_of_what_is_gone_already_is_done() {
    check_open(
        |rig| {
            rig.command(Command::DeleteConversation { conversation: conversation() });
            rig.refuse("conversation.delete", WireError::not_found("conversation"));
            assert_eq!(rig.machine.entries().collect::<Vec<&OutboxEntry>>(), [] as [&OutboxEntry; 0]);
            rig.take();
        },
        &expect![[""]],
    );
}

#[test]
fn whoever_looks_at_a_conversation_that_others_delete_is_told_and_nothing_of_it_stays() {
    check_open(
        |rig| {
            rig.log(6, Change::ConversationDeleted(DeletedConversation { sid: testing::CONVERSATION }));
            rig.signal(changed(vec![gone(Some("Release"))]));
        },
        &expect![[r#"
            cache: conversation CHc unread 1 log Some(6)
            cache: drop CHc, meta at Some(41), state 4
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = {"kind":"notice","problem":{"code":"conversation_deleted","params":{"name":"Release"}}}
            = opened None new after None, 0
            = list
                - CHc
            = total 0 @0
        "#]],
    );
}

#[test]
fn marked_unread_without_an_index_begins_with_the_newest_message() {
    check_connected(
        |rig| {
            rig.command(Command::MarkUnread { conversation: conversation(), index: None });
            rig.timer(crate::Timer::Horizons);
            let me = own(4, Some(1), 1, 5);
            rig.reply("horizon.set", serde_json::to_value(StateResult { me }).unwrap());
            let asked = rig.asked("horizon.set");
            assert_eq!((&asked["index"], &asked["mode"]), (&json!(1), &json!("set")));
            rig.take();
        },
        &expect![[""]],
    );
}

#[test]
fn a_making_that_was_refused_keeps_its_kind_until_the_person_decides() {
    check_connected(
        |rig| {
            rig.command(Command::OpenDirect { identity: "nobody".into() });
            rig.take();
            rig.refuse("conversation.create", WireError::not_found("user"));
            rig.command(Command::DiscardStuck { entry: key(0xa01) });
        },
        &expect![[r#"
            disk 1: put a01 create_direct in  "refused"
            = stuck
                a01 create_direct "nobody" in "nobody": not_found
            = list
                + a01 "nobody" unread 0 with nobody failed being made
            disk 2: delete a01
            = opened None new after None, 0
            = stuck
            = list
                - a01
            answer 1: {"kind":"done"}
        "#]],
    );
}
