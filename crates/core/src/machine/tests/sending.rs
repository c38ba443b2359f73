//! The outbox at work: persist, then show, then send.

use confab_protocol::method::MessageResult;
use confab_protocol::{ErrorCode, WireError};
use expect_test::expect;
use serde_json::{Value, json};
use uuid::Uuid;

use super::rig::{Rig, added, conversation, epoch, mine, summary};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::testing::CONVERSATION;
use crate::{Event, Timer};

pub(super) fn send(rig: &mut Rig, body: &str) {
    rig.command(Command::Send { conversation: conversation(), body: body.into() });
}

pub(super) fn key(id: u128) -> String {
    Uuid::from_u128(id).simple().to_string()
}

pub(super) fn message(message: confab_protocol::model::Message) -> Value {
    serde_json::to_value(MessageResult { message }).unwrap()
}

#[test]
fn an_echo_is_written_shown_sent_and_keeps_its_key() {
    check_open(
        |rig| {
            rig.disk = false;
            rig.command(Command::Draft { conversation: conversation(), body: "hell".into() });
            send(rig, "hello");
            rig.note("on the disk");
            rig.persisted();
            rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
            rig.note("its push");
            rig.log(6, added(mine(0xa01, 3, 6, "hello")));
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "hell"
            answer 1: {"kind":"done"}
            disk 0: no draft CHc, put a01 send "hello" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            # on the disk
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: put a01 send "hello" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 3 Ingrid S.: "hello" Sent
            # its push
            cache: message 3 v6, conversation CHc unread 1 log Some(6)
        "#]],
    );
}

#[test]
fn a_push_is_as_good_as_an_answer() {
    check_open(
        |rig| {
            send(rig, "hello");
            rig.log(6, added(mine(0xa01, 3, 6, "hello")));
            rig.note("the connection is lost before the answer");
            rig.lose();
            rig.reconnect(&[]);
        },
        &expect![[r#"
            disk 0: put a01 send "hello" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: put a01 send "hello" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(6)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 3 Ingrid S.: "hello" Sent
            # the connection is lost before the answer
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            = people Aiko=Aiko Mori None
            = roster +["Aiko Mori"] -0 complete true
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"open":"CHc","rows":[]}
            -> presence.subscribe {"identities":["Aiko"]}
            = Connected None
            cache: meta at Some(41), state 3
        "#]],
    );
}

#[test]
fn messages_are_pipelined_and_name_the_one_before_and_go_again_under_the_same_ids() {
    check_open(
        |rig| {
            send(rig, "one");
            send(rig, "two");
            rig.lose();
            rig.note("again");
            rig.reconnect(&[]);
            rig.reply("message.send", message(mine(0xa01, 3, 6, "one")));
        },
        &expect![[r#"
            disk 0: put a01 send "one" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "one"
            = timeline
                + a01 - Ingrid S.: "one" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"one","client_id":"a01","conversation":"CHc"}
            disk 1: put a02 send "two" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "two"
            = timeline
                + a02 - Ingrid S.: "two" Sending
            answer 1: {"kind":"done"}
            -> message.send {"after":"a01","body":"two","client_id":"a02","conversation":"CHc"}
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            = people Aiko=Aiko Mori None
            = roster +["Aiko Mori"] -0 complete true
            # again
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> message.send {"body":"one","client_id":"a01","conversation":"CHc"}
            -> message.send {"after":"a01","body":"two","client_id":"a02","conversation":"CHc"}
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"open":"CHc","rows":[]}
            -> presence.subscribe {"identities":["Aiko"]}
            = Connected None
            cache: meta at Some(41), state 3
            disk 2: put a01 send "one" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = timeline
                + a01 3 Ingrid S.: "one" Sent
        "#]],
    );
}

#[test]
fn before_it_was_ever_sent_a_message_can_be_changed_or_taken_back() {
    check_open(
        |rig| {
            rig.lose();
            send(rig, "helo");
            send(rig, "never mind");
            rig.command(Command::Edit {
                conversation: conversation(),
                message: key(0xa01),
                body: "hello".into(),
            });
            rig.command(Command::Remove { conversation: conversation(), message: key(0xa02) });
            rig.note("connected");
            rig.reconnect(&[]);
        },
        &expect![[r#"
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            = people Aiko=Aiko Mori None
            = roster +["Aiko Mori"] -0 complete true
            disk 0: put a01 send "helo" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "helo"
            = timeline
                + a01 - Ingrid S.: "helo" Sending
            answer 1: {"kind":"done"}
            disk 1: put a02 send "never mind" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "never mind"
            = timeline
                + a02 - Ingrid S.: "never mind" Sending
            answer 1: {"kind":"done"}
            disk 2: put a01 send "hello" in CHc "held"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            disk 3: delete a02
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                - a02
            answer 1: {"kind":"done"}
            # connected
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            disk 4: put a01 send "hello" in CHc "released"
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"open":"CHc","rows":[]}
            -> presence.subscribe {"identities":["Aiko"]}
            = Connected None
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            cache: meta at Some(41), state 3
        "#]],
    );
}

#[test]
fn afterwards_changes_queue_behind_it() {
    check_open(
        |rig| {
            send(rig, "helo");
            rig.command(Command::Edit {
                conversation: conversation(),
                message: key(0xa01),
                body: "hello".into(),
            });
            rig.note("the message has arrived");
            rig.reply("message.send", message(mine(0xa01, 3, 6, "helo")));
            let mut edited = mine(0xa01, 3, 6, "hello");
            edited.version = 7;
            edited.last_updated_by = Some("Ingrid".into());
            rig.reply("message.edit", message(edited));
            rig.command(Command::Remove { conversation: conversation(), message: key(0xa01) });
        },
        &expect![[r#"
            disk 0: put a01 send "helo" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "helo"
            = timeline
                + a01 - Ingrid S.: "helo" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"helo","client_id":"a01","conversation":"CHc"}
            disk 1: put a02 edit "hello" in CHc "released"
            = timeline
                + a01 - Ingrid S.: "hello" Sending edited
            answer 1: {"kind":"done"}
            # the message has arrived
            disk 2: put a01 send "helo" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            -> message.edit {"body":"hello","client_id":"a02","conversation":"CHc","message":{"client_id":"a01"}}
            = list
                + CHc "Release" unread 1 Ingrid S.: "helo"
            = timeline
                + a01 3 Ingrid S.: "hello" Sending edited
            disk 3: put a02 edit "hello" in CHc "acknowledged"
            cache: message 3 v7, conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 3 Ingrid S.: "hello" Sent edited
            disk 4: put a03 remove in CHc "released"
            = timeline
                - a01
            answer 1: {"kind":"done"}
            -> message.remove {"client_id":"a03","conversation":"CHc","message":{"client_id":"a01"}}
        "#]],
    );
}

#[test]
fn a_refusal_for_good_wedges_the_message_and_what_depends_on_it_and_nothing_else() {
    check_open(
        |rig| {
            send(rig, "bad");
            send(rig, "good");
            rig.command(Command::Edit {
                conversation: conversation(),
                message: key(0xa01),
                body: "worse".into(),
            });
            rig.refuse(
                "message.send",
                WireError::new(ErrorCode::Forbidden).with("permission", "sendMessage"),
            );
            rig.note("the second one waited for the first");
            rig.refuse("message.send", ErrorCode::OutOfOrder);
            rig.timer(Timer::Outbox);
            rig.reply("message.send", message(mine(0xa02, 3, 6, "good")));
            rig.note("retry, then discard");
            rig.command(Command::Retry { conversation: conversation(), message: key(0xa01) });
            rig.refuse("message.send", ErrorCode::ConversationClosed);
            rig.command(Command::Discard { conversation: conversation(), message: key(0xa01) });
        },
        &expect![[r#"
            disk 0: put a01 send "bad" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "bad"
            = timeline
                + a01 - Ingrid S.: "bad" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"bad","client_id":"a01","conversation":"CHc"}
            disk 1: put a02 send "good" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "good"
            = timeline
                + a02 - Ingrid S.: "good" Sending
            answer 1: {"kind":"done"}
            -> message.send {"after":"a01","body":"good","client_id":"a02","conversation":"CHc"}
            disk 2: put a03 edit "worse" in CHc "released"
            = timeline
                + a01 - Ingrid S.: "worse" Sending edited
            answer 1: {"kind":"done"}
            disk 3: put a01 send "bad" in CHc "refused", put a03 edit "worse" in CHc "refused"
            = list
                + CHc "Release" unread 1 Ingrid S.: "good" failed
            = timeline
                + a01 - Ingrid S.: "worse" Failed forbidden edited
            # the second one waited for the first
            disk 4: put a02 send "good" in CHc "released"
            timer Outbox 375
            -> message.send {"body":"good","client_id":"a02","conversation":"CHc"}
            disk 5: put a02 send "good" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 Ingrid S.: "good" failed
            = timeline
                + a02 3 Ingrid S.: "good" Sent
            # retry, then discard
            disk 6: put a01 send "bad" in CHc "released", put a03 edit "worse" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "bad"
            = timeline
                + a01 - Ingrid S.: "worse" Sending edited
            answer 1: {"kind":"done"}
            -> message.send {"body":"bad","client_id":"a01","conversation":"CHc"}
            disk 7: put a01 send "bad" in CHc "refused", put a03 edit "worse" in CHc "refused"
            = list
                + CHc "Release" unread 1 Ingrid S.: "good" failed
            = timeline
                + a01 - Ingrid S.: "worse" Failed conversation_closed edited
            disk 8: delete a01, delete a03
            = list
                + CHc "Release" unread 1 Ingrid S.: "good"
            = timeline
                - a01
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn to_remove_what_was_refused_is_to_give_it_up() {
    check_open(
        |rig| {
            send(rig, "bad");
            rig.refuse("message.send", ErrorCode::Forbidden);
            rig.take();
            rig.command(Command::Remove { conversation: conversation(), message: key(0xa01) });
        },
        &expect![[r#"
            disk 2: delete a01
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = timeline
                - a01
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn a_passing_refusal_is_tried_again_later() {
    check_open(
        |rig| {
            send(rig, "hello");
            rig.refuse("message.send", WireError::new(ErrorCode::RateLimited).with("retry_after_ms", 1_500));
            rig.timer(Timer::Outbox);
        },
        &expect![[r#"
            disk 0: put a01 send "hello" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            timer Outbox 1500
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
        "#]],
    );
}

#[test]
fn a_full_disk_is_said_and_nothing_is_sent_before_it_is_written() {
    check_open(
        |rig| {
            rig.disk = false;
            send(rig, "hello");
            let problem = crate::view::Problem { code: "disk_full".into(), params: serde_json::Map::new() };
            rig.feed(Event::PersistFailed { write: 0, problem });
            rig.note("again");
            rig.timer(Timer::Persist);
            rig.persisted();
        },
        &expect![[r#"
            disk 0: put a01 send "hello" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            timer Persist 3000
            = {"kind":"storage","problem":{"code":"disk_full","params":{}}}
            = timeline
                + a01 - Ingrid S.: "hello" Unsaved
            # again
            disk 0: put a01 send "hello" in CHc "released"
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            = {"kind":"storage","problem":null}
            = timeline
                + a01 - Ingrid S.: "hello" Sending
        "#]],
    );
}

#[test]
fn a_server_that_lost_its_memory_gets_the_last_hour_again() {
    check_open(
        |rig| {
            send(rig, "hello");
            rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
            rig.log(6, added(mine(0xa01, 3, 6, "hello")));
            rig.lose();
            rig.note("restored from a backup");
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.hello(epoch(9));
            rig.list(epoch(9), &[summary()]);
        },
        &expect![[r#"
            disk 0: put a01 send "hello" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: put a01 send "hello" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a01 3 Ingrid S.: "hello" Sent
            cache: message 3 v6, conversation CHc unread 1 log Some(6)
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            = people Aiko=Aiko Mori None
            = roster +["Aiko Mori"] -0 complete true
            # restored from a backup
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            disk 2: put a01 send "hello" in CHc "released"
            cache: drop all, user Ingrid, meta at None, state 0
            learned Fjordline
            timer Heartbeat 5000
            -> conversation.list {"limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            = people Aiko=Aiko None
            = list (not loaded)
                + CHc "Release" unread 0 Ingrid S.: "hello"
            = total 0 @0
            = rights []
            = timeline reset loading
                + a01 - Ingrid S.: "hello" Sending
            = roster +[] -2 complete false
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            cache: drop roster, conversation CHc unread 1 log None, meta at Some(40), state 3
            -> resume {"cursor":40,"epoch":"9","limit":50}
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHc","limit":200}
            -> user.get {"identities":["Aiko"]}
            -> interest.set {"open":"CHc","rows":[]}
            = list (not loaded)
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = total 1 @0
            = rights ["add_participant", "leave", "send", "send_media"]
        "#]],
    );
}

#[test]
fn a_rename_is_shown_at_once_and_undone_with_a_word_when_refused() {
    check_connected(
        |rig| {
            rig.command(Command::Rename { conversation: conversation(), name: "Release 2".into() });
            rig.refuse("conversation.update", ErrorCode::Forbidden);
        },
        &expect![[r#"
            disk 0: put a01 rename in CHc "released"
            = list
                + CHc "Release 2" unread 1 Aiko Mori: "two"
            answer 1: {"kind":"done"}
            -> conversation.update {"client_id":"a01","conversation":"CHc","friendly_name":"Release 2"}
            disk 1: put a01 rename in CHc "refused"
            = stuck
                a01 rename "Release 2" in "Release": forbidden
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
        "#]],
    );
}

#[test]
fn what_cannot_be_sent_stays_with_the_one_who_wrote_it() {
    check_connected(
        |rig| {
            send(rig, "  ");
            send(rig, &"x".repeat(40_000));
            rig.command(Command::Send { conversation: "nonsense".into(), body: "x".into() });
            assert!(!rig.waits("message.send"));
        },
        &expect![[r#"
            answer 1: error {"code":"invalid_params","params":{"field":"body","reason":"empty"}}
            answer 1: error {"code":"too_large","params":{"actual":40000,"field":"body","limit":32768}}
            answer 1: error {"code":"not_found","params":{"what":"conversation"}}
        "#]],
    );
}

#[test]
fn an_invite_reaches_the_one_who_asked_for_it() {
    check_connected(
        |rig| {
            rig.command(Command::CreateInvite { expires_in_ms: None, max_uses: None });
            let invite =
                json!({ "sid": format!("IV{:032x}", 1), "expires_at": 7, "max_uses": 100, "uses": 0 });
            rig.reply("invite.create", json!({ "invite": invite, "link": "confab://join/1/x" }));
            assert_eq!(CONVERSATION.to_string(), conversation());
        },
        &expect![[r#"
            -> invite.create {"client_id":"a01"}
            timer Waiting 5000
            answer 1: {"kind":"invite","sid":"IV1","link":"confab://join/1/x","expires_at":7}
        "#]],
    );
}
