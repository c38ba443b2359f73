//! Connecting, staying connected, being turned away.

use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::{ErrorCode, Timestamp, WireError};
use expect_test::expect;

use super::rig::{Rig, epoch, own, restored, row, summary};
use super::{check, check_connected};
use crate::command::Command;
use crate::event::AccessToken;
use crate::stored::{CachedConversation, CachedMeta, CachedRoles, History, Restored};
use crate::testing::{CONVERSATION, message, user};
use crate::{Event, Timer};

#[test]
fn the_first_connection_lists_everything_and_then_asks_what_moved_meanwhile() {
    check(
        Rig::connect,
        &expect![[r#"
        timer Acknowledged 600000
        no timer Reconnect
        connect
        = session "Ingrid" in "Fjordline"
        -> hello {}
        timer Heartbeat 15000
        cache: user Ingrid, meta at None, state 0
        learned Fjordline
        timer Heartbeat 5000
        -> conversation.list {"limit":50}
        -> interest.set {"rows":[]}
        = session "Ingrid S." in "Fjordline"
        = Connected None
        = people Ingrid=Ingrid S. None
        cache: conversation CHc unread 1 log None, meta at Some(40), state 3
        -> resume {"cursor":40,"epoch":"8","limit":50}
        -> user.get {"identities":["Aiko"]}
        = list (not loaded)
            + CHc "Release" unread 1 Aiko: "two"
        = total 1 @0
        cache: meta at Some(41), state 3
        = list
        cache: user Aiko
        = people Aiko=Aiko Mori None
        = list
            + CHc "Release" unread 1 Aiko Mori: "two"
    "#]],
    );
}

#[test]
fn what_is_restored_is_painted_before_there_is_any_network() {
    let cached = CachedConversation {
        sid: CONVERSATION,
        made_as: None,
        conversation: Some(row(5)),
        me: own(3, Some(1), 1, 5),
        last_message: Some(message(2, 5, "two")),
        history: Some(History { version: 5, oldest: Some(0), has_older: false, dirty: None }),
        roster_version: None,
        stale: false,
    };
    let meta = CachedMeta {
        epoch: epoch(8),
        cursor: Some(41),
        state_version: 3,
        me: user("Ingrid", "Ingrid S.", 1),
        ahead_ms: 0,
        roles: CachedRoles::default(),
    };
    let mut rig = Rig::with(Restored {
        token: None,
        meta: Some(meta),
        conversations: vec![cached],
        users: vec![user("Aiko", "Aiko Mori", 1)],
        ..restored()
    });
    rig.feed(Event::Start);
    expect![[r#"
        timer Acknowledged 600000
        no timer Reconnect
        refresh token
        = session "Ingrid S." in "Fjordline"
        = people Aiko=Aiko Mori None, Ingrid=Ingrid S. None
        = list (not loaded)
            + CHc "Release" unread 1 Aiko Mori: "two"
        = total 1 @0
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn attempts_come_later_and_later_until_the_network_changes() {
    check(
        |rig| {
            rig.feed(Event::Start);
            for _ in 0..3 {
                rig.lose();
                rig.timer(Timer::Reconnect);
            }
            rig.lose();
            rig.note("the network changed");
            rig.feed(Event::Nudge);
        },
        &expect![[r#"
            timer Acknowledged 600000
            no timer Reconnect
            connect
            = session "Ingrid" in "Fjordline"
            no timer Heartbeat
            timer Reconnect 250
            = Connecting Some(Timestamp(10250))
            no timer Reconnect
            connect
            = Connecting None
            no timer Heartbeat
            timer Reconnect 500
            = Connecting Some(Timestamp(10500))
            no timer Reconnect
            connect
            = Connecting None
            no timer Heartbeat
            timer Reconnect 1000
            = Connecting Some(Timestamp(11000))
            no timer Reconnect
            connect
            = Connecting None
            no timer Heartbeat
            timer Reconnect 2000
            = Connecting Some(Timestamp(12000))
            # the network changed
            no timer Reconnect
            connect
            = Connecting None
        "#]],
    );
}

#[test]
fn a_server_that_falls_silent_is_given_up_after_three_signs_of_life() {
    check_connected(
        |rig| {
            rig.timer(Timer::Heartbeat);
            rig.timer(Timer::Heartbeat);
            rig.signal(Signal::Heartbeat {
                heads: Vec::new(),
                number: 0,
                state_version: None,
                roles_version: None,
                people: None,
            });
            rig.note("it spoke");
            for _ in 0..4 {
                rig.timer(Timer::Heartbeat);
            }
        },
        &expect![[r#"
            -> ping {}
            timer Heartbeat 5000
            -> ping {}
            timer Heartbeat 5000
            # it spoke
            -> ping {}
            timer Heartbeat 5000
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
fn a_skipped_heartbeat_or_a_newer_own_state_is_asked_after() {
    let beat = |number, state_version| Signal::Heartbeat {
        heads: Vec::new(),
        number,
        state_version,
        roles_version: None,
        people: None,
    };
    check_connected(
        |rig| {
            for (number, state_version) in [(1, None), (2, Some(3)), (2, Some(3)), (1, None)] {
                rig.signal(beat(number, state_version));
            }
            rig.note("one was lost");
            rig.signal(beat(4, None));
            rig.resume(epoch(8), &[]);
            rig.note("a push of the own state was lost");
            rig.signal(beat(5, Some(4)));
        },
        &expect![[r##"
            # one was lost
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> user.get {"identities":["Ingrid"]}
            cache: meta at Some(41), state 3
            # a push of the own state was lost
            -> resume {"cursor":41,"epoch":"8","limit":50}
        "##]],
    );
}

#[test]
fn a_token_is_renewed_on_the_connection_before_it_ends() {
    check_connected(
        |rig| {
            rig.signal(Signal::TokenAboutToExpire { expires_at: Timestamp(99) });
            rig.signal(Signal::TokenAboutToExpire { expires_at: Timestamp(99) });
            rig.note("passing: nobody is signed out");
            rig.feed(Event::TokenFailed { refusal: None });
            rig.timer(Timer::Refetch);
            let token = AccessToken { secret: "second".into(), expires_at: Timestamp(9) };
            rig.feed(Event::TokenReady(token));
        },
        &expect![[r#"
            refresh token
            # passing: nobody is signed out
            timer Refetch 2000
            refresh token
            -> token.renew {}
        "#]],
    );
}

#[test]
fn a_server_without_room_for_a_new_token_is_said_until_there_is_one() {
    check(
        |rig| {
            rig.feed(Event::Start);
            rig.feed(Event::Opened);
            rig.refuse("hello", ErrorCode::TokenExpired);
            rig.take();
            rig.feed(Event::TokenFailed { refusal: Some(ErrorCode::StorageFull.into()) });
            rig.timer(Timer::Reconnect);
            rig.feed(Event::TokenReady(AccessToken { secret: "second".into(), expires_at: Timestamp(9) }));
        },
        &expect![[r#"
            = {"kind":"storage","problem":{"code":"storage_full","params":{}}}
            no timer Reconnect
            refresh token
            = Connecting None
            no timer Reconnect
            connect
            = {"kind":"storage","problem":null}
        "#]],
    );
}

#[test]
fn when_the_network_changes_while_it_connects_it_begins_anew_at_once() {
    check(
        |rig| {
            rig.feed(Event::Start);
            rig.note("while it dials");
            rig.feed(Event::Nudge);
            rig.feed(Event::Opened);
            rig.note("while it waits for the greeting");
            rig.feed(Event::Nudge);
            rig.feed(Event::Opened);
            rig.refuse("hello", ErrorCode::TokenExpired);
            rig.timer(Timer::Reconnect);
            rig.note("while it waits for a token: the next question goes when this one has failed");
            rig.feed(Event::Nudge);
            rig.feed(Event::TokenFailed { refusal: None });
            rig.note("and later ones wait");
            rig.feed(Event::TokenFailed { refusal: None });
        },
        &expect![[r#"
            timer Acknowledged 600000
            no timer Reconnect
            connect
            = session "Ingrid" in "Fjordline"
            # while it dials
            no timer Reconnect
            connect
            -> hello {}
            timer Heartbeat 15000
            # while it waits for the greeting
            no timer Heartbeat
            disconnect
            no timer Reconnect
            connect
            -> hello {}
            timer Heartbeat 15000
            no timer Heartbeat
            disconnect
            timer Reconnect 250
            = Connecting Some(Timestamp(10250))
            no timer Reconnect
            refresh token
            = Connecting None
            # while it waits for a token: the next question goes when this one has failed
            no timer Reconnect
            refresh token
            # and later ones wait
            timer Reconnect 250
            = Connecting Some(Timestamp(10250))
        "#]],
    );
}

#[test]
fn an_expired_token_is_replaced_and_a_refused_device_is_told() {
    check(
        |rig| {
            rig.feed(Event::Start);
            rig.feed(Event::Opened);
            rig.refuse("hello", ErrorCode::TokenExpired);
            rig.timer(Timer::Reconnect);
            rig.note("the refresh token is no good either");
            rig.feed(Event::TokenFailed { refusal: Some(ErrorCode::Denied.into()) });
            rig.feed(Event::Nudge);
        },
        &expect![[r#"
            timer Acknowledged 600000
            no timer Reconnect
            connect
            = session "Ingrid" in "Fjordline"
            -> hello {}
            timer Heartbeat 15000
            no timer Heartbeat
            disconnect
            timer Reconnect 250
            = Connecting Some(Timestamp(10250))
            no timer Reconnect
            refresh token
            = Connecting None
            # the refresh token is no good either
            no timer Heartbeat
            disconnect
            = Denied None
        "#]],
    );
}

#[test]
fn a_server_that_says_when_to_come_is_not_asked_sooner_but_by_the_person() {
    let busy = |after_ms: u64| WireError::new(ErrorCode::Unavailable).with("retry_after_ms", after_ms);
    check(
        |rig| {
            rig.feed(Event::Start);
            rig.feed(Event::Opened);
            rig.refuse("hello", busy(8_000));
            rig.note("it closes the connection, and the network changes: neither makes it sooner");
            rig.lose();
            rig.feed(Event::Nudge);
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.refuse("hello", busy(3_600_000));
            rig.note("a minute is the most that a server may ask for; the person may try");
            rig.command(Command::Reconnect);
        },
        &expect![[r#"
            timer Acknowledged 600000
            no timer Reconnect
            connect
            = session "Ingrid" in "Fjordline"
            -> hello {}
            timer Heartbeat 15000
            no timer Heartbeat
            disconnect
            timer Reconnect 10000
            = Connecting Some(Timestamp(20000))
            # it closes the connection, and the network changes: neither makes it sooner
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            no timer Heartbeat
            disconnect
            timer Reconnect 75000
            = Connecting Some(Timestamp(85000))
            # a minute is the most that a server may ask for; the person may try
            no timer Reconnect
            connect
            = Connecting None
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn a_revoked_device_does_not_come_back_by_itself() {
    check_connected(
        |rig| {
            rig.signal(Signal::Closing { reason: CloseReason::Revoked });
            rig.lose();
            rig.timer(Timer::Reconnect);
        },
        &expect![[r#"
            no timer Heartbeat
            disconnect
            = Denied None
        "#]],
    );
}

#[test]
fn what_needs_a_connection_says_so_and_is_answered_even_when_it_is_lost() {
    check_connected(
        |rig| {
            rig.command(Command::CreateInvite { expires_in_ms: None, max_uses: Some(1) });
            rig.lose();
            rig.command(Command::CreateInvite { expires_in_ms: None, max_uses: Some(1) });
        },
        &expect![[r#"
            -> invite.create {"client_id":"a01","max_uses":1}
            timer Waiting 5000
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            answer 1: error {"code":"offline","params":{}}
        "#]],
    );
}

#[test]
fn another_epoch_voids_everything_but_what_the_person_wrote() {
    check_connected(
        |rig| {
            rig.command(Command::Draft { conversation: super::rig::conversation(), body: "half".into() });
            rig.lose();
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.hello(epoch(9));
            rig.list(epoch(9), &[summary()]);
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "half"
            answer 1: {"kind":"done"}
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            cache: drop all, user Ingrid, meta at None, state 0
            learned Fjordline
            timer Heartbeat 5000
            -> conversation.list {"limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            = people Aiko=Aiko None
            = list (not loaded)
                - CHc
            = total 0 @0
            cache: conversation CHc unread 1 log None, meta at Some(40), state 3
            -> resume {"cursor":40,"epoch":"9","limit":50}
            -> user.get {"identities":["Aiko"]}
            = list (not loaded)
                + CHc "Release" unread 1 Aiko: "two" draft "half"
            = total 1 @0
        "#]],
    );
}

#[test]
fn the_end_writes_what_is_unwritten_and_hangs_up() {
    check_connected(
        |rig| {
            rig.command(Command::Draft { conversation: super::rig::conversation(), body: "half".into() });
            rig.command(Command::Read { conversation: super::rig::conversation(), index: 2 });
            rig.feed(Event::Shutdown);
            rig.lose();
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "half"
            answer 1: {"kind":"done"}
            timer Horizons 1000
            = list
                + CHc "Release" unread 0 Aiko Mori: "two" draft "half"
            = total 0 @0
            answer 1: {"kind":"done"}
            disk 0: draft CHc "half", put a01 horizon Advance Some(2) on 3 in CHc "held", put a02 set_draft "half" on Some(0) in CHc "held"
            no timer Reconnect
            no timer Heartbeat
            disconnect
            = Disconnecting None
            = Disconnected None
        "#]],
    );
}

#[test]
fn a_new_window_gets_everything_that_was_told() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    let told: String = rig.machine.snapshot().iter().map(super::print::diff).collect();
    expect![[r#"
        = {"kind":"reset"}
        = session "Ingrid S." in "Fjordline"
        = Connected None
        = people Aiko=Aiko Mori Some(Online), Ingrid=Ingrid S. None
        = list
            + CH0000000c "Release" unread 1 Aiko Mori: "two"
        = total 1 @0
        = settings [] -[]
        = stuck
        = {"kind":"storage","problem":null}
        = opened Some("CH0000000c") new after Some(1), 1
        = timeline
            + 00002000 0 Aiko Mori: "zero" Sent
            + 00002001 1 Aiko Mori: "one" Sent
            + 00002002 2 Aiko Mori: "two" Sent
        = roster +["Aiko Mori", "Ingrid S."] -0 complete true
    "#]]
    .assert_eq(&told.replace("00000000", ""));
}
