//! Programs that follow everything: told each event once and in order, answered in any case.

use confab_protocol::method::{ConversationParams, EventRangeResult, Nothing};
use confab_protocol::model::ConversationSummary;
use confab_protocol::{Call, ClientId, ErrorCode, Timestamp};
use serde_json::json;
use uuid::Uuid;

use super::rig::{Rig, added, event, mine, own, row, summary};
use crate::testing::{CONVERSATION, message};
use crate::{AccessToken, Event, Post, Timer};

/// In step with a server, followed.
fn followed() -> Rig {
    let mut rig = Rig::new();
    rig.machine.follow();
    rig.connect();
    rig.take();
    rig
}

/// What programs were told since the last time, and what was asked and answered.
fn told(rig: &mut Rig) -> Vec<String> {
    let wanted = |line: &&str| {
        ["news event", "answer", "-> event.range", "news Typing", "news 0"]
            .iter()
            .any(|begin| line.starts_with(begin))
    };
    rig.take().lines().filter(wanted).map(str::to_owned).collect()
}

fn range(from: u64, to: u64, more: bool) -> EventRangeResult {
    let events = (from..=to).map(|seq| event(seq, added(message(seq - 3, seq, "missed")))).collect();
    EventRangeResult { from, to, more, reset: false, events }
}

fn asks(ticket: u64) -> Event {
    let call = Call::ConversationCounts(ConversationParams { conversation: CONVERSATION });
    Event::Request { ticket, call: Box::new(call) }
}

#[test]
fn what_was_missed_without_a_connection_is_told_once_and_in_order() {
    let mut rig = followed();
    rig.log(6, added(message(3, 6, "three")));
    assert_eq!(told(&mut rig), ["news event 6"]);
    rig.lose();
    let missed = ConversationSummary {
        conversation: Some(row(109)),
        me: own(4, Some(1), 104, 109),
        last_message: None,
    };
    rig.reconnect(&[missed]);
    // The conversation was never open: for a window nothing of this would be asked.
    assert!(rig.waits("event.range"));
    rig.log(110, added(message(107, 110, "pushed meanwhile")));
    told(&mut rig);
    rig.reply("event.range", json!(range(7, 106, true)));
    rig.reply("event.range", json!(range(107, 110, false)));
    let all = told(&mut rig);
    let expected: Vec<String> = (7..=110).map(|seq| format!("news event {seq}")).collect();
    let events: Vec<String> = all.into_iter().filter(|line| line.starts_with("news event")).collect();
    assert_eq!(events, expected);
    rig.log(111, added(message(108, 111, "next")));
    rig.log(111, added(message(108, 111, "next")));
    assert_eq!(told(&mut rig), ["news event 111"]);
}

#[test]
fn what_comes_before_anything_is_known_of_a_conversation_is_told_afterwards() {
    let mut rig = Rig::new();
    rig.machine.follow();
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(super::rig::epoch(8));
    rig.log(5, added(message(2, 5, "early")));
    rig.list(super::rig::epoch(8), &[summary()]);
    rig.resume(super::rig::epoch(8), &[]);
    rig.reply("event.range", json!(range(5, 5, false)));
    let events: Vec<String> =
        told(&mut rig).into_iter().filter(|line| line.starts_with("news event")).collect();
    assert_eq!(events, ["news event 5"]);
}

#[test]
fn a_window_is_told_nothing_of_it() {
    let mut rig = Rig::new();
    rig.connect();
    rig.log(6, added(message(3, 6, "three")));
    assert!(!rig.take().contains("news"));
}

#[test]
fn a_request_waits_for_a_connection_and_is_asked_again_on_the_next_one() {
    let mut rig = followed();
    rig.lose();
    rig.feed(asks(7));
    assert!(told(&mut rig).is_empty());
    rig.reconnect(&[]);
    assert!(rig.waits("conversation.counts"));
    rig.lose();
    rig.reconnect(&[]);
    rig.reply("conversation.counts", json!({"as_of": 5, "messages": 3, "participants": 2}));
    assert_eq!(told(&mut rig), [r#"answered 7: {"as_of":5,"messages":3,"participants":2}"#]);
    rig.feed(asks(8));
    rig.refuse("conversation.counts", ErrorCode::Forbidden);
    assert_eq!(told(&mut rig), [r#"answered 8: error {"code":"forbidden"}"#]);
}

#[test]
fn a_request_that_nobody_answers_ends_after_a_minute_or_when_the_device_is_denied() {
    let mut rig = followed();
    rig.lose();
    rig.feed(asks(7));
    for _ in 0..11 {
        rig.timer(Timer::Waiting);
    }
    assert!(told(&mut rig).is_empty());
    rig.timer(Timer::Waiting);
    assert_eq!(told(&mut rig), ["answered 7: nothing"]);
    rig.feed(asks(8));
    rig.feed(Event::TokenFailed { refusal: Some(ErrorCode::Denied.into()) });
    rig.feed(Event::Request { ticket: 9, call: Box::new(Call::DeviceList(Nothing {})) });
    assert_eq!(told(&mut rig), ["answered 8: nothing", "answered 9: nothing"]);
}

fn post(entry: u128, body: &str) -> Event {
    let entry = ClientId(Uuid::from_u128(entry));
    let (subject, attributes) = (Some("Tides".to_owned()), Some(json!({"pier": 4})));
    let post =
        Post { entry, conversation: CONVERSATION, body: body.into(), subject, attributes, files: Vec::new() };
    Event::Post { ticket: 3, post: Box::new(post) }
}

#[test]
fn a_message_is_posted_by_way_of_the_outbox_and_its_end_is_told() {
    let mut rig = followed();
    rig.feed(post(0xc1, "hello"));
    let sent = rig.asked("message.send").clone();
    assert_eq!((&sent["subject"], &sent["attributes"]), (&json!("Tides"), &json!({"pier": 4})));
    rig.reply("message.send", json!({"message": mine(0xc1, 3, 6, "hello")}));
    rig.feed(post(0xc2, "refused"));
    rig.refuse("message.send", ErrorCode::Forbidden);
    let is_end = |line: &&str| line.starts_with("news") && (line.contains(" is ") || line.contains("Posted"));
    let transcript = rig.take();
    let all: Vec<&str> = transcript.lines().filter(is_end).collect();
    assert!(all[0].ends_with("c1 is 3") && all[1].contains("forbidden"), "{all:?}");
    assert_eq!(all.len(), 2);
}

#[test]
fn a_message_is_taken_back_before_it_is_sent_and_not_after() {
    let mut rig = followed();
    rig.lose();
    rig.feed(post(0xc1, "hello"));
    rig.feed(Event::Unpost { ticket: 4, entry: ClientId(Uuid::from_u128(0xc1)) });
    let lines = rig.take();
    assert!(lines.contains("cancelled") && lines.contains(r#"answer 4: {"kind":"done"}"#), "{lines}");
    rig.reconnect(&[]);
    rig.feed(post(0xc2, "hello"));
    rig.feed(Event::Unpost { ticket: 5, entry: ClientId(Uuid::from_u128(0xc2)) });
    assert!(rig.take().contains(r#"answer 5: error {"code":"too_late""#));
}

#[test]
fn a_token_that_is_brought_is_answered_once_the_server_has_taken_it() {
    let mut rig = followed();
    let token = |secret: &str| AccessToken { secret: secret.into(), expires_at: Timestamp(0) };
    rig.feed(Event::TokenGiven { ticket: 5, token: token("wrong") });
    rig.refuse("token.renew", ErrorCode::Unauthenticated);
    assert_eq!(told(&mut rig), [r#"answer 5: error {"code":"unauthenticated","params":{}}"#]);
    rig.feed(Event::TokenGiven { ticket: 6, token: token("second") });
    assert!(told(&mut rig).is_empty());
    rig.reply("token.renew", json!({"token_expires_at": 900_000}));
    assert_eq!(told(&mut rig), [r#"answer 6: {"kind":"done"}"#]);
    rig.feed(Event::TokenGiven { ticket: 7, token: token("third") });
    rig.lose();
    assert_eq!(told(&mut rig), [r#"answer 7: {"kind":"done"}"#], "it greets the next connection");
    rig.timer(Timer::Reconnect);
    rig.feed(Event::Opened);
    assert_eq!(rig.asked("hello")["token"], "third");
}
