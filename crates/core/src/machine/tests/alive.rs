//! Frames that are lost, late, doubled, and connections that only seem to be there.

use confab_protocol::event::Signal;
use confab_protocol::{ErrorCode, ServerFrame, Timestamp};
use expect_test::expect;
use serde_json::json;

use super::rig::{Rig, conversation, epoch};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::event::AccessToken;
use crate::testing::user;
use crate::{Event, Timer};

fn beat(number: u64) -> Signal {
    Signal::Heartbeat { heads: Vec::new(), number, state_version: None, roles_version: None, people: None }
}

/// A sign of life is due and answered, and the other side gives one of its own.
fn tick(rig: &mut Rig, number: u64) {
    rig.timer(Timer::Heartbeat);
    if rig.waits("ping") {
        rig.reply("ping", json!({ "now": rig.now }));
        rig.signal(beat(number));
    }
}

#[test]
fn a_request_that_is_never_answered_ends_the_connection() {
    check_connected(
        |rig| {
            rig.command(Command::Open { conversation: Some(conversation()) });
            rig.take();
            for number in 1..6 {
                tick(rig, number);
            }
            rig.take();
            rig.note("25 to 30 seconds after it was asked");
            tick(rig, 6);
        },
        &expect![[r#"
            # 25 to 30 seconds after it was asked
            no timer Heartbeat
            disconnect
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
        "#]],
    );
}

#[test]
fn no_answer_to_the_greeting_is_as_good_as_no_connection() {
    let mut rig = Rig::new();
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.take();
    rig.timer(Timer::Heartbeat);
    expect![[r#"
        no timer Heartbeat
        disconnect
        timer Reconnect 250
        = Connecting Some(Timestamp(10250))
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn when_the_network_changes_the_connection_has_to_prove_itself_soon() {
    check_connected(
        |rig| {
            rig.feed(Event::Nudge);
            rig.note("whoever asks again does not put the end off");
            rig.feed(Event::Nudge);
            rig.reply("ping", json!({ "now": rig.now }));
            rig.timer(Timer::Heartbeat);
            rig.reply("ping", json!({ "now": rig.now }));
            rig.note("again, and what arrives was on its way before");
            rig.feed(Event::Nudge);
            rig.signal(beat(1));
            rig.timer(Timer::Heartbeat);
        },
        &expect![[r#"
            -> ping {}
            timer Heartbeat 5000
            # whoever asks again does not put the end off
            -> ping {}
            timer Heartbeat 5000
            # again, and what arrives was on its way before
            -> ping {}
            timer Heartbeat 5000
            no timer Heartbeat
            disconnect
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
        "#]],
    );
}

#[test]
fn what_arrives_twice_or_was_never_asked_for_changes_nothing() {
    check_open(
        |rig| {
            for id in [1, 2, 3, 99] {
                let outcome = Ok(json!({ "users": [] }));
                rig.feed(Event::Frame(ServerFrame::Response { id, outcome }));
                let outcome = Err(ErrorCode::Forbidden.into());
                rig.feed(Event::Frame(ServerFrame::Response { id, outcome }));
            }
            rig.signal(beat(1));
            rig.signal(beat(1));
            for _ in 0..2 {
                rig.log(6, super::rig::added(crate::testing::message(3, 6, "three")));
                rig.signal(Signal::UserChanged { users: vec![crate::testing::user("Aiko", "Aiko Mori", 1)] });
            }
        },
        &expect![[r#"
            cache: message 3 v6, conversation CHc unread 2 log Some(6)
            = list
                + CHc "Release" unread 2 Aiko Mori: "three"
            = total 2 @0
            = timeline
                + 2003 3 Aiko Mori: "three" Sent
            notify 2003 "Release" Aiko Mori: "three"
        "#]],
    );
}

#[test]
fn the_first_wait_after_a_session_is_a_part_of_what_the_server_named() {
    check_connected(
        |rig| {
            rig.timer(Timer::Heartbeat);
            rig.reply("ping", json!({ "now": rig.now, "reconnect_spread_ms": 20_000 }));
            rig.take();
            rig.lose();
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Lost);
            rig.note("in step again: from the beginning, with what this greeting named");
            rig.reconnect(&[]);
            rig.lose();
        },
        &expect![[r#"
            no timer Heartbeat
            timer Reconnect 10000
            = Connecting Some(Timestamp(20000))
            no timer Reconnect
            connect
            = Connecting None
            no timer Heartbeat
            timer Reconnect 10000
            = Connecting Some(Timestamp(20000))
            # in step again: from the beginning, with what this greeting named
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
            cache: meta at Some(41), state 3
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
        "#]],
    );
}

/// What is told of people carries no version of all of it: how often it was told says that some of it was lost.
#[test]
fn people_are_asked_for_anew_when_something_of_them_was_lost() {
    check_open(
        |rig| {
            let told = |number, people| Signal::Heartbeat {
                heads: Vec::new(),
                number,
                state_version: None,
                roles_version: None,
                people: Some(people),
            };
            rig.signal(Signal::UserChanged { users: vec![user("Aiko", "Aiko M.", 2)] });
            rig.signal(told(1, 1));
            assert!(!rig.waits("presence.subscribe"), "nothing was lost");
            rig.take();
            rig.note("one was lost, and an earlier sign of life comes late");
            rig.signal(told(2, 2));
            rig.signal(told(1, 1));
            let stands = json!({ "people": [{ "identity": "Aiko", "online": true, "profile_version": 3 }] });
            rig.reply("presence.subscribe", stands);
            rig.reply(
                "user.get",
                json!({ "users": [user("Ingrid", "Ingrid", 2), user("Aiko", "Aiko Mori", 3)] }),
            );
            rig.signal(told(3, 2));
            assert!(!rig.waits("presence.subscribe"), "nothing was lost since");
        },
        &expect![[r##"
            # one was lost, and an earlier sign of life comes late
            -> user.get {"identities":["Ingrid"]}
            -> presence.subscribe {"identities":["Aiko"]}
            -> user.get {"identities":["Aiko"]}
            cache: user Ingrid, user Aiko
            = session "Ingrid" in "Fjordline"
            = people Aiko=Aiko Mori Some(Online), Ingrid=Ingrid None
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            = roster +["Aiko Mori", "Ingrid"] -0 complete true
        "##]],
    );
}

/// Between the end of a token and its renewal everything is refused, and nothing tells of that later.
#[test]
fn what_was_refused_because_the_token_had_ended_is_asked_again() {
    check_open(
        |rig| {
            rig.signal(Signal::Lagged {});
            rig.take();
            rig.note("refused");
            rig.refuse("user.get", ErrorCode::TokenExpired);
            rig.refuse("interest.set", ErrorCode::TokenExpired);
            rig.refuse("presence.subscribe", ErrorCode::TokenExpired);
            rig.note("a little later");
            rig.timer(Timer::Refetch);
        },
        &expect![[r##"
            # refused
            refresh token
            timer Refetch 2000
            timer Refetch 2000
            timer Refetch 2000
            # a little later
            -> user.get {"identities":["Ingrid"]}
            -> interest.set {"open":"CHc","rows":[]}
            -> presence.subscribe {"identities":["Aiko"]}
        "##]],
    );
}

/// The server was away for long, and then takes a connection: that it has no time yet is another matter.
#[test]
fn what_is_missing_is_asked_for_again_soon_however_long_nobody_answered_before() {
    check_connected(
        |rig| {
            rig.lose();
            for _ in 0..8 {
                rig.timer(Timer::Reconnect);
                rig.feed(Event::Lost);
            }
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.hello(epoch(8));
            rig.take();
            for _ in 0..6 {
                rig.refuse("resume", ErrorCode::Unavailable);
                rig.timer(Timer::Refetch);
            }
            rig.note("in step, and out of it again");
            rig.resume(epoch(8), &[]);
            rig.signal(Signal::Lagged {});
            rig.refuse("resume", ErrorCode::Unavailable);
        },
        &expect![[r#"
            timer Refetch 250
            -> resume {"cursor":41,"epoch":"8","limit":50}
            timer Refetch 500
            -> resume {"cursor":41,"epoch":"8","limit":50}
            timer Refetch 1000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            timer Refetch 2000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            timer Refetch 4000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            timer Refetch 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            # in step, and out of it again
            cache: meta at Some(41), state 3
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> user.get {"identities":["Ingrid"]}
            -> interest.set {"rows":[]}
            timer Refetch 250
        "#]],
    );
}

#[test]
fn what_a_person_asked_while_the_token_had_ended_is_asked_again_with_the_next_one() {
    check_connected(
        |rig| {
            rig.command(Command::ListDevices);
            rig.take();
            rig.note("refused");
            rig.refuse("device.list", ErrorCode::TokenExpired);
            rig.feed(Event::TokenReady(AccessToken { secret: "second".into(), expires_at: Timestamp(9) }));
            rig.reply("token.renew", json!({ "token_expires_at": 900_000 }));
            rig.reply("device.list", json!({ "devices": [] }));
        },
        &expect![[r##"
            # refused
            refresh token
            -> token.renew {}
            -> device.list {}
            answer 1: {"kind":"devices","devices":[]}
        "##]],
    );
}

#[test]
fn presence_is_asked_for_anew_when_something_was_lost() {
    check_open(
        |rig| {
            rig.signal(beat(1));
            assert!(!rig.waits("presence.subscribe"), "nothing was lost");
            rig.signal(beat(3));
            assert!(rig.waits("presence.subscribe"));
            rig.reply("presence.subscribe", json!({ "people": [{ "identity": "Aiko", "online": false }] }));
            rig.signal(Signal::Lagged {});
            assert!(rig.waits("presence.subscribe"));
            rig.take();
        },
        &expect![[""]],
    );
}
