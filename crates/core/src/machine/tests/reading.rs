//! Unread counts, horizons, notifications.

use confab_protocol::event::Signal;
use confab_protocol::method::HorizonResult;
use confab_protocol::model::NotificationLevel;
use confab_protocol::{Change, Timestamp};
use expect_test::expect;

use super::rig::{Rig, added, changed, conversation, own, row, summary};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::testing::message;
use crate::{Event, Timer};

fn read(rig: &mut Rig, index: u64) {
    rig.command(Command::Read { conversation: conversation(), index });
}

fn horizon(rig: &mut Rig, version: u64, index: Option<u64>, unread: u64, at_seq: u64) {
    let result = HorizonResult { me: own(version, index, unread, at_seq) };
    rig.reply("horizon.set", serde_json::to_value(result).unwrap());
}

#[test]
fn an_unread_message_counts_calls_and_is_taken_back_when_read_elsewhere() {
    check_connected(
        |rig| {
            rig.log(6, added(message(3, 6, "look")));
            rig.note("read on another device");
            rig.signal(changed(vec![own(4, Some(3), 0, 6)]));
        },
        &expect![[r#"
            cache: conversation CHc unread 2 log None
            = list
                + CHc "Release" unread 2 Aiko Mori: "look"
            = total 2 @0
            notify 2003 "Release" Aiko Mori: "look"
            # read on another device
            cache: conversation CHc unread 0 log None, meta at Some(41), state 4
            = list
                + CHc "Release" unread 0 Aiko Mori: "look"
            = total 0 @0
            withdraw 2003
        "#]],
    );
}

#[test]
fn reading_is_shown_at_once_and_told_once_a_second() {
    check_open(
        |rig| {
            rig.command(Command::Focus { focused: true });
            read(rig, 2);
            rig.log(6, added(message(3, 6, "look")));
            read(rig, 3);
            rig.note("a second later");
            rig.timer(Timer::Horizons);
            rig.log(7, added(message(4, 7, "there")));
            read(rig, 4);
            rig.timer(Timer::Horizons);
            rig.note("the first one is answered");
            horizon(rig, 4, Some(3), 1, 7);
            rig.timer(Timer::Horizons);
            horizon(rig, 5, Some(4), 0, 7);
        },
        &expect![[r#"
            answer 1: {"kind":"done"}
            timer Horizons 1000
            = list
                + CHc "Release" unread 0 Aiko Mori: "two"
            = total 0 @0
            answer 1: {"kind":"done"}
            cache: message 3 v6, conversation CHc unread 2 log Some(6)
            = list
                + CHc "Release" unread 1 Aiko Mori: "look"
            = total 1 @0
            = timeline
                + 2003 3 Aiko Mori: "look" Sent
            = list
                + CHc "Release" unread 0 Aiko Mori: "look"
            = total 0 @0
            answer 1: {"kind":"done"}
            # a second later
            disk 0: put a01 horizon Advance Some(3) on 3 in CHc "released"
            -> horizon.set {"based_on":3,"client_id":"a01","conversation":"CHc","index":3,"mode":"advance"}
            cache: message 4 v7, conversation CHc unread 3 log Some(7)
            = list
                + CHc "Release" unread 1 Aiko Mori: "there"
            = total 1 @0
            = timeline
                + 2004 4 Aiko Mori: "there" Sent
            timer Horizons 1000
            = list
                + CHc "Release" unread 0 Aiko Mori: "there"
            = total 0 @0
            answer 1: {"kind":"done"}
            disk 1: put a03 horizon Advance Some(4) on 3 in CHc "held"
            timer Horizons 1000
            # the first one is answered
            disk 2: delete a01
            cache: conversation CHc unread 1 log Some(7)
            disk 3: put a03 horizon Advance Some(4) on 3 in CHc "released"
            -> horizon.set {"based_on":3,"client_id":"a03","conversation":"CHc","index":4,"mode":"advance"}
            disk 4: delete a03
            cache: conversation CHc unread 0 log Some(7)
        "#]],
    );
}

#[test]
fn marking_as_unread_counts_what_is_held_and_later_reading_builds_on_it() {
    check_open(
        |rig| {
            rig.command(Command::MarkUnread { conversation: conversation(), index: Some(1) });
            rig.timer(Timer::Horizons);
            read(rig, 1);
            horizon(rig, 9, Some(0), 2, 5);
            rig.timer(Timer::Horizons);
        },
        &expect![[r#"
            timer Horizons 1000
            = list
                + CHc "Release" unread 2 Aiko Mori: "two"
            = total 2 @0
            answer 1: {"kind":"done"}
            disk 0: put a01 horizon Set Some(0) on 3 in CHc "released"
            -> horizon.set {"based_on":3,"client_id":"a01","conversation":"CHc","index":0,"mode":"set"}
            timer Horizons 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = total 1 @0
            answer 1: {"kind":"done"}
            disk 1: delete a01
            cache: conversation CHc unread 2 log Some(5)
            disk 2: put a02 horizon Advance Some(1) on 9 in CHc "released"
            -> horizon.set {"based_on":9,"client_id":"a02","conversation":"CHc","index":1,"mode":"advance"}
        "#]],
    );
}

#[test]
fn muted_conversations_and_the_one_under_the_eyes_do_not_call() {
    check_open(
        |rig| {
            rig.command(Command::Focus { focused: true });
            rig.log(6, added(message(3, 6, "seen")));
            rig.command(Command::Focus { focused: false });
            rig.command(Command::SetNotificationLevel {
                conversation: conversation(),
                level: NotificationLevel::Muted,
            });
            rig.log(7, added(message(4, 7, "muted")));
        },
        &expect![[r#"
            answer 1: {"kind":"done"}
            cache: message 3 v6, conversation CHc unread 2 log Some(6)
            = list
                + CHc "Release" unread 2 Aiko Mori: "seen"
            = total 2 @0
            = timeline
                + 2003 3 Aiko Mori: "seen" Sent
            answer 1: {"kind":"done"}
            disk 0: put a01 set_level in CHc "released"
            = list
                + CHc "Release" unread 2 Aiko Mori: "seen"
            = total 0 @0
            answer 1: {"kind":"done"}
            -> conversation.set_notification_level {"client_id":"a01","conversation":"CHc","level":"muted"}
            cache: message 4 v7, conversation CHc unread 3 log Some(7)
            = list
                + CHc "Release" unread 3 Aiko Mori: "muted"
            = timeline
                + 2004 4 Aiko Mori: "muted" Sent
        "#]],
    );
}

#[test]
fn a_removed_message_no_longer_counts_and_its_notification_goes() {
    check_open(
        |rig| {
            rig.log(6, added(message(3, 6, "oops")));
            let mut gone = message(3, 6, "");
            (gone.body, gone.removed, gone.version) = (None, true, 7);
            rig.log(7, Change::MessageRemoved(Box::new(gone)));
        },
        &expect![[r#"
            cache: message 3 v6, conversation CHc unread 2 log Some(6)
            = list
                + CHc "Release" unread 2 Aiko Mori: "oops"
            = total 2 @0
            = timeline
                + 2003 3 Aiko Mori: "oops" Sent
            notify 2003 "Release" Aiko Mori: "oops"
            cache: message 3 v7, conversation CHc unread 1 log Some(7)
            = gone 2003
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = total 1 @0
            = timeline
                - 2003
            withdraw 2003
        "#]],
    );
}

#[test]
fn what_was_missed_a_moment_ago_is_told_of_and_what_was_missed_long_ago_is_not() {
    check_connected(
        |rig| {
            let mut missed = summary();
            missed.conversation = Some(row(6));
            missed.me = own(3, Some(1), 2, 6);
            missed.last_message = Some(message(3, 6, "old"));
            rig.lose();
            rig.now = 2_000_000;
            rig.reconnect(std::slice::from_ref(&missed));
            rig.note("and now a fresh one");
            let mut fresh = message(4, 7, "fresh");
            fresh.date_created = Timestamp(1_999_000);
            missed.conversation = Some(row(7));
            missed.me = own(3, Some(1), 3, 7);
            missed.last_message = Some(fresh);
            rig.lose();
            rig.reconnect(&[missed]);
        },
        &expect![[r#"
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            cache: forget IM1002, conversation CHc unread 2 log None, meta at Some(41), state 3
            = list
                + CHc "Release" unread 2 Aiko Mori: "old"
            = total 2 @0
            # and now a fresh one
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(2000125))
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            cache: forget IM1003, conversation CHc unread 3 log None, meta at Some(41), state 3
            = list
                + CHc "Release" unread 3 Aiko Mori: "fresh"
            = total 3 @0
            notify 2004 "Release" Aiko Mori: "fresh"
        "#]],
    );
}

#[test]
fn what_was_known_before_is_not_told_of_because_something_else_moved() {
    check_connected(
        |rig| {
            rig.lose();
            let mut moved = summary();
            moved.me = own(4, Some(0), 2, 5);
            rig.reconnect(&[moved]);
            assert!(!rig.take().contains("notify"));
        },
        &expect![[""]],
    );
}

#[test]
fn a_lost_push_is_noticed_and_asked_for() {
    check_open(
        |rig| {
            rig.log(7, added(message(4, 7, "after the gap")));
            rig.note("the range");
            let mut late = message(4, 7, "after the gap");
            late.date_created = Timestamp(rig.now);
            let events = [
                super::rig::event(6, added(message(3, 6, "in the gap, and from before"))),
                super::rig::event(7, added(late)),
            ];
            let range = serde_json::json!({ "from": 6, "to": 7, "more": false, "events": events });
            rig.reply("event.range", range);
        },
        &expect![[r#"
            -> event.range {"after":5,"conversation":"CHc"}
            # the range
            cache: message 3 v6, message 4 v7, conversation CHc unread 3 log Some(7)
            = list
                + CHc "Release" unread 3 Aiko Mori: "after the gap"
            = total 3 @0
            = timeline
                + 2003 3 Aiko Mori: "in the gap, and from before" Sent
                + 2004 4 Aiko Mori: "after the gap" Sent
            notify 2004 "Release" Aiko Mori: "after the gap"
        "#]],
    );
}

#[test]
fn numbers_of_what_may_not_be_seen_are_passed_over() {
    check_open(
        |rig| {
            rig.log(9, added(message(4, 9, "seen")));
            let events = [super::rig::event(9, added(message(4, 9, "seen")))];
            rig.reply(
                "event.range",
                serde_json::json!({ "from": 6, "to": 10, "more": false, "events": events }),
            );
            rig.note("nothing is missing");
            rig.log(11, added(message(5, 11, "next")));
        },
        &expect![[r#"
            -> event.range {"after":5,"conversation":"CHc"}
            cache: message 4 v9, conversation CHc unread 2 log Some(10)
            = list
                + CHc "Release" unread 2 Aiko Mori: "seen"
            = total 2 @0
            = timeline
                + 2004 4 Aiko Mori: "seen" Sent
            # nothing is missing
            cache: message 5 v11, conversation CHc unread 3 log Some(11)
            = list
                + CHc "Release" unread 3 Aiko Mori: "next"
            = total 3 @0
            = timeline
                + 2005 5 Aiko Mori: "next" Sent
            notify 2005 "Release" Aiko Mori: "next"
        "#]],
    );
}

#[test]
fn a_server_that_contradicts_itself_is_not_asked_without_a_pause() {
    check_open(
        |rig| {
            let conversation = crate::testing::CONVERSATION;
            let head = confab_protocol::model::Head { conversation, version: 6, roster_version: 2 };
            rig.signal(Signal::Heartbeat {
                heads: vec![head],
                number: 0,
                state_version: None,
                roles_version: None,
                people: None,
            });
            rig.reply("event.range", serde_json::json!({ "from": 6, "to": 5, "more": false, "events": [] }));
            rig.note("something else happens there: nothing is asked");
            rig.log(5, added(message(2, 5, "two")));
            rig.note("after a pause");
            rig.timer(Timer::Refetch);
        },
        &expect![[r#"
            -> event.range {"after":5,"conversation":"CHc"}
            timer Refetch 2000
            # something else happens there: nothing is asked
            # after a pause
            -> event.range {"after":5,"conversation":"CHc"}
        "#]],
    );
}

#[test]
fn of_a_conversation_that_is_not_open_only_its_state_is_asked_for() {
    check_connected(
        |rig| {
            rig.log(7, added(message(4, 7, "after the gap")));
            let mut now = summary();
            now.conversation = Some(row(7));
            now.me = own(3, Some(1), 3, 7);
            now.last_message = Some(message(4, 7, "after the gap"));
            rig.reply("conversation.get", serde_json::json!({ "summary": now }));
            rig.feed(Event::Nudge);
        },
        &expect![[r#"
            -> conversation.get {"conversation":"CHc"}
            cache: forget IM1002, conversation CHc unread 3 log None
            = list
                + CHc "Release" unread 3 Aiko Mori: "after the gap"
            = total 3 @0
            -> ping {}
            timer Heartbeat 5000
        "#]],
    );
}
