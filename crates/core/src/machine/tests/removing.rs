//! What was removed or is no longer one's own leaves nothing behind; a cache that was lost is told everything again.

use confab_protocol::model::{MembershipStatus, Message};
use confab_protocol::{Change, ErrorCode};
use expect_test::expect;
use serde_json::json;

use super::rig::{Rig, added, changed, conversation, epoch, event, mine, own, row, summary};
use super::sending::{key, message, send};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::stored::CachePage;
use crate::testing::{self, participant};
use crate::{Event, Timer};

fn removed(message: Message, version: u64) -> Message {
    Message { body: None, removed: true, version, ..message }
}

fn said(rig: &mut Rig) {
    send(rig, "hello");
    rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
    rig.log(6, added(mine(0xa01, 3, 6, "hello")));
}

#[test]
fn a_removed_message_is_not_even_remembered_for_a_restored_server() {
    check_open(
        |rig| {
            said(rig);
            rig.take();
            rig.log(7, Change::MessageRemoved(Box::new(removed(mine(0xa01, 3, 6, "hello"), 7))));
        },
        &expect![[r#"
            disk 2: delete a01
            cache: message 3 v7, conversation CHc unread 1 log Some(7)
            = gone a01
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = timeline
                - a01
        "#]],
    );
}

#[test]
fn a_removal_that_was_missed_is_made_up_for_also_where_nobody_looks() {
    check_open(
        |rig| {
            rig.command(Command::Open { conversation: None });
            rig.lose();
            let mut moved = summary();
            (moved.conversation, moved.me) = (Some(row(6)), own(4, Some(1), 0, 6));
            rig.take();
            rig.reconnect(&[moved]);
            let gone = removed(testing::message(2, 5, "two"), 6);
            let events = [event(6, Change::MessageRemoved(Box::new(gone)))];
            rig.reply("event.range", json!({ "from": 6, "to": 6, "more": false, "events": events }));
        },
        &expect![[r#"
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
            cache: conversation CHc unread 0 log Some(5), meta at Some(41), state 3
            -> event.range {"after":5,"conversation":"CHc"}
            = list
                + CHc "Release" unread 0 Aiko Mori: "two"
            = total 0 @0
            cache: message 2 v6, conversation CHc unread 0 log Some(6)
            -> conversation.get {"conversation":"CHc"}
            = list
                + CHc "Release" unread 0
        "#]],
    );
}

#[test]
fn a_range_that_is_refused_for_good_is_not_asked_for_without_end() {
    check_open(
        |rig| {
            rig.log(9, added(testing::message(4, 9, "later")));
            rig.refuse("event.range", confab_protocol::ErrorCode::Forbidden);
            assert!(!rig.waits("event.range") && rig.waits("message.page") && rig.waits("conversation.get"));
            rig.take();
        },
        &expect![[""]],
    );
}

#[test]
fn what_is_far_behind_and_not_looked_at_is_dropped_instead() {
    check_open(
        |rig| {
            rig.command(Command::Open { conversation: None });
            rig.lose();
            let mut moved = summary();
            (moved.conversation, moved.me) = (Some(row(900)), own(4, Some(1), 700, 900));
            rig.reconnect(&[moved]);
            assert!(rig.take().contains("drop messages") && !rig.waits("event.range"));
        },
        &expect![[""]],
    );
}

#[test]
fn whoever_loses_a_conversation_does_not_remember_what_they_said_there() {
    check_open(
        |rig| {
            said(rig);
            rig.lose();
            send(rig, "not sent yet");
            rig.take();
            let mut gone = summary();
            (gone.conversation, gone.last_message) = (None, None);
            gone.me.status = MembershipStatus::NotParticipating;
            gone.me.version = 9;
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.hello(epoch(8));
            rig.take();
            rig.resume(epoch(8), &[gone]);
        },
        &expect![[r#"
            disk 4: delete a01, put a02 send "not sent yet" in CHc "refused"
            cache: drop CHc, conversation CHc unread 0 log None, meta at Some(41), state 3
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = {"kind":"notice","problem":{"code":"no_longer_participant","params":{"name":"Release"}}}
            = list
                + CHc "Release" unread 0 failed left
            = total 0 @0
            = rights []
            = timeline reset
                + a02 - Ingrid S.: "not sent yet" Failed not_found
            = roster +[] -2 complete false
        "#]],
    );
}

#[test]
fn a_cache_that_was_begun_anew_is_told_what_is_known() {
    check_open(
        |rig| {
            said(rig);
            rig.take();
            rig.feed(Event::CacheEmpty);
            rig.note("and goes on");
            rig.log(7, added(testing::message(4, 7, "four")));
        },
        &expect![[r#"
            cache: drop all, message 0 v3, message 1 v4, message 2 v5, message 3 v6, participant Aiko v1, participant Ingrid v2, user Aiko, user Ingrid, conversation CHc unread 1 log Some(6), meta at Some(41), state 3
            # and goes on
            cache: message 4 v7, conversation CHc unread 2 log Some(7)
            = list
                + CHc "Release" unread 2 Aiko Mori: "four"
            = total 2 @0
            = timeline
                + 2004 4 Aiko Mori: "four" Sent
            notify 2004 "Release" Aiko Mori: "four"
        "#]],
    );
}

#[test]
fn of_a_conversation_that_is_not_open_a_lost_cache_keeps_only_the_row() {
    check_connected(
        |rig| {
            rig.open();
            rig.command(Command::Open { conversation: None });
            rig.take();
            rig.feed(Event::CacheEmpty);
            rig.note("opened: there is nothing to read, so the server is asked");
            rig.command(Command::Open { conversation: Some(conversation()) });
            rig.page(0..3, 5);
            let rows = [participant("Aiko", 1), participant("Ingrid", 2)];
            rig.reply("participant.list", json!({ "as_of": 2, "participants": rows, "more": false }));
        },
        &expect![[r#"
            cache: drop all, user Aiko, user Ingrid, conversation CHc unread 1 log None, meta at Some(41), state 3
            # opened: there is nothing to read, so the server is asked
            cache: drop roster
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHc","limit":200}
            -> interest.set {"open":"CHc","rows":[]}
            = opened Some("CHc") new after Some(1), 1
            = timeline loading
            answer 1: {"kind":"done"}
            cache: drop messages, message 0 v3, message 1 v4, message 2 v5, conversation CHc unread 1 log Some(5)
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            cache: participant Aiko v1, participant Ingrid v2, conversation CHc unread 1 log Some(5)
            -> presence.subscribe {"identities":["Aiko"]}
            = roster +["Aiko Mori", "Ingrid S."] -0 complete true
        "#]],
    );
}

#[test]
fn a_removal_that_was_refused_is_done_when_somebody_else_removes_the_message() {
    check_open(
        |rig| {
            rig.log(6, added(mine(0xa01, 3, 6, "hello")));
            rig.command(Command::Remove { conversation: conversation(), message: key(0xa01) });
            rig.refuse("message.remove", ErrorCode::Forbidden);
            rig.take();
            assert_eq!(rig.machine.entries().count(), 1, "it is shown with the message");
            rig.log(7, Change::MessageRemoved(Box::new(removed(mine(0xa01, 3, 6, "hello"), 7))));
        },
        &expect![[r#"
            disk 2: delete a01
            cache: message 3 v7, conversation CHc unread 1 log Some(7)
            = gone a01
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = timeline
                - a01
        "#]],
    );
}

#[test]
fn a_change_that_was_refused_is_said_among_what_is_stuck_once_its_message_is_gone_with_the_conversation() {
    check_open(
        |rig| {
            rig.log(6, added(mine(0xa01, 3, 6, "hello")));
            let (place, message, body) = (conversation(), key(0xa01), "hello there".to_owned());
            rig.command(Command::Edit { conversation: place, message, body });
            rig.refuse("message.edit", ErrorCode::Forbidden);
            rig.take();
            let mut me = own(4, None, 0, 0);
            (me.status, me.left_name) = (MembershipStatus::NotParticipating, Some("Release".into()));
            rig.signal(changed(vec![me]));
        },
        &expect![[r#"
            cache: drop CHc, conversation CHc unread 0 log None, meta at Some(41), state 4
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = {"kind":"notice","problem":{"code":"no_longer_participant","params":{"name":"Release"}}}
            = stuck
                a01 edit "hello there" in "Release": forbidden
            = list
                + CHc "Release" unread 0 failed left
            = total 0 @0
            = rights []
            = timeline reset
            = roster +[] -2 complete false
        "#]],
    );
}

#[test]
fn a_change_that_was_refused_is_beside_its_message_or_else_among_what_is_stuck() {
    check_open(
        |rig| {
            rig.log(6, added(mine(0xb01, 3, 6, "hello")));
            let (place, message, body) = (conversation(), key(0xb01), "hello there".to_owned());
            rig.command(Command::Edit { conversation: place, message, body });
            rig.refuse("message.edit", ErrorCode::Forbidden);
            rig.note("out of sight");
            rig.command(Command::Open { conversation: None });
            rig.note("in sight");
            rig.command(Command::Open { conversation: Some(conversation()) });
            let messages = vec![mine(0xb01, 3, 6, "hello")];
            rig.feed(Event::CacheRead(CachePage { id: 2, messages, more: true, ..CachePage::default() }));
        },
        &expect![[r#"
            cache: message 3 v6, conversation CHc unread 1 log Some(6)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + b01 3 Ingrid S.: "hello" Sent
            disk 0: put a01 edit "hello there" in CHc "released"
            = timeline
                + b01 3 Ingrid S.: "hello there" Sending edited
            answer 1: {"kind":"done"}
            -> message.edit {"body":"hello there","client_id":"a01","conversation":"CHc","message":{"client_id":"b01"}}
            disk 1: put a01 edit "hello there" in CHc "refused"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello" failed
            = timeline
                + b01 3 Ingrid S.: "hello there" Failed forbidden edited
            # out of sight
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = opened None new after None, 0
            = stuck
                a01 edit "hello there" in "Release": forbidden
            answer 1: {"kind":"done"}
            # in sight
            read cache 2: Newest, roster true
            -> interest.set {"open":"CHc","rows":[]}
            = opened Some("CHc") new after Some(1), 1
            = timeline loading
            answer 1: {"kind":"done"}
            cache: drop roster
            -> participant.list {"conversation":"CHc","limit":200}
            = stuck
            = timeline older
                + b01 3 Ingrid S.: "hello there" Failed forbidden edited
        "#]],
    );
}
