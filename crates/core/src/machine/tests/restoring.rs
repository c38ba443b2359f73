//! A server that was restored from a backup: what it lost is told again, and waits for what others have to tell first.

use confab_protocol::method::{HorizonMode, MessageRef};
use confab_protocol::model::ConversationSummary;
use confab_protocol::{ClientId, ConversationSid, Epoch, ErrorCode, Timestamp, WireError};
use expect_test::expect;
use uuid::Uuid;

use super::check_open;
use super::rig::{Rig, added, conversation, epoch, mine, restored, summary};
use super::sending::{key, message, send};
use crate::command::Command;
use crate::key::Key;
use crate::stored::{Action, CachedMeta, CachedRoles, EntryState, Envelope, OutboxEntry, Restored};
use crate::testing::{self, CONVERSATION};
use crate::{Event, Timer};

/// Lets the hour pass for which it is waited, in step with the server.
fn an_hour_passes(rig: &mut Rig) {
    (0..7).for_each(|_| rig.feed(Event::Timer(Timer::Acknowledged)));
    rig.take();
}

/// Comes back to a server of another epoch, which has these conversations.
fn restore(rig: &mut Rig, summaries: &[ConversationSummary]) {
    rig.lose();
    rig.timer(Timer::Reconnect);
    rig.feed(Event::Opened);
    rig.hello(epoch(9));
    rig.list(epoch(9), summaries);
    rig.resume(epoch(9), &[]);
}

fn said(rig: &mut Rig) {
    send(rig, "hello");
    rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
    rig.log(6, added(mine(0xa01, 3, 6, "hello")));
}

fn sent(id: u128, state: EntryState, replayed_for: Option<u32>) -> OutboxEntry {
    let action = Action::Send {
        place: Key::Sid(CONVERSATION),
        body: "hello".into(),
        files: Vec::new(),
        envelope: Envelope::default(),
        after: None,
    };
    let client_id = ClientId(Uuid::from_u128(id));
    OutboxEntry {
        client_id,
        order: 1,
        at: Timestamp(9_000),
        state,
        replayed_for,
        epoch: Some(epoch(9)),
        action,
    }
}

#[test]
fn what_is_told_again_is_stuck_where_the_conversation_could_not_be_made_again() {
    let problem = crate::view::Problem { code: "unique_name_taken".into(), params: Default::default() };
    let refused = EntryState::Refused { problem: problem.clone() };
    let mut making = sent(0xa01, refused.clone(), Some(0));
    making.action = Action::Create {
        name: "Plans".into(),
        unique_name: Some("plans".into()),
        options: Default::default(),
        direct_with: None,
    };
    let mut inside = sent(0xa02, refused, Some(0));
    inside.order = 2;
    *inside.action.place_mut().unwrap() = Key::Made(making.client_id);
    // The cache is from before the server lost its memory, and holds the message.
    let delivered = vec![inside.client_id];
    let mut rig = Rig::with(Restored { outbox: vec![making, inside], delivered, ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(9));
    rig.list(epoch(9), &[]);
    rig.resume(epoch(9), &[]);
    let stands: Vec<_> = rig.machine.entries().map(|entry| entry.state.clone()).collect();
    assert_eq!(
        stands,
        vec![EntryState::Refused { problem: problem.clone() }, EntryState::Refused { problem }]
    );
}

#[test]
fn what_was_said_in_a_conversation_that_is_not_back_yet_waits_for_it_in_its_place() {
    check_open(
        |rig| {
            said(rig);
            rig.take();
            restore(rig, &[]);
            rig.refuse("message.send", WireError::not_found("conversation"));
            rig.note("not yet");
            rig.timer(Timer::Outbox);
            rig.refuse("message.send", WireError::not_found("conversation"));
            rig.take();
            rig.note("it was made again elsewhere");
            rig.signal(confab_protocol::event::Signal::StateChanged {
                from: 3,
                to: 4,
                rows: vec![super::rig::own(4, None, 0, 2)],
                drafts: Vec::new(),
                settings: Vec::new(),
            });
            rig.reply("conversation.get", serde_json::json!({ "summary": summary() }));
            rig.reply("message.send", message(mine(0xa01, 3, 6, "hello")));
        },
        &expect![[r##"
            # it was made again elsewhere
            cache: meta at Some(41), state 4
            -> conversation.get {"conversation":"CHc"}
            cache: conversation CHc unread 1 log None
            timer Refetch 2000
            -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> user.get {"identities":["Aiko"]}
            -> interest.set {"open":"CHc","rows":[]}
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = total 1 @0
            = rights ["add_participant", "leave", "send", "send_media"]
            = timeline loading
            disk 3: put a01 send "hello" in CHc "acknowledged"
            cache: conversation CHc unread 1 log None
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline loading
                + a01 3 Ingrid S.: "hello" Sent
        "##]],
    );
}

#[test]
fn what_waits_for_a_conversation_is_shown_as_being_sent() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    said(&mut rig);
    restore(&mut rig, &[]);
    rig.refuse("message.send", WireError::not_found("conversation"));
    let shown: String = rig.machine.snapshot().iter().map(super::print::diff).collect();
    expect![[r#"
        = {"kind":"reset"}
        = session "Ingrid S." in "Fjordline"
        = Connected None
        = people Aiko=Aiko None, Ingrid=Ingrid S. None
        = list
            + CH0000000000000000000000000000000c "Release" unread 0 Ingrid S.: "hello" left
        = total 0 @0
        = settings [] -[]
        = stuck
        = {"kind":"storage","problem":null}
        = opened Some("CH0000000000000000000000000000000c") new after Some(1), 1
        = timeline
            + 00000000000000000000000000000a01 - Ingrid S.: "hello" Sending
        = roster +[] -0 complete false
    "#]]
    .assert_eq(&shown);
}

#[test]
fn it_waits_over_a_restart_and_for_an_hour_then_it_is_stuck_with_its_reason() {
    let waiting = sent(0xa01, EntryState::Released, Some(0));
    let mut rig = Rig::with(Restored { outbox: vec![waiting], ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(9));
    rig.list(epoch(9), &[]);
    rig.refuse("message.send", WireError::not_found("conversation"));
    rig.resume(epoch(9), &[]);
    an_hour_passes(&mut rig);
    rig.timer(Timer::Outbox);
    rig.refuse("message.send", WireError::not_found("conversation"));
    expect![[r#"
        -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
        disk 7: put a01 send "hello" in CHc "refused"
        = list
            + CHc "" unread 0 failed left
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn what_is_told_again_in_a_conversation_that_nobody_knows_has_its_row() {
    let state = EntryState::Acknowledged { at: Timestamp(9_000), made: None, rounds: 0 };
    let done = OutboxEntry { epoch: Some(epoch(8)), ..sent(0xa01, state, None) };
    let mut rig = Rig::with(Restored { outbox: vec![done], ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.take();
    rig.hello(epoch(9));
    rig.list(epoch(9), &[]);
    rig.refuse("message.send", WireError::not_found("conversation"));
    rig.resume(epoch(9), &[]);
    rig.note("an hour later");
    an_hour_passes(&mut rig);
    rig.timer(Timer::Outbox);
    rig.refuse("message.send", WireError::not_found("conversation"));
    expect![[r#"
        -> message.send {"body":"hello","client_id":"a01","conversation":"CHc"}
        disk 8: put a01 send "hello" in CHc "refused"
        = list
            + CHc "" unread 0 failed left
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn a_change_of_a_message_that_is_not_back_yet_lets_everything_else_pass() {
    check_open(
        |rig| {
            rig.command(Command::Edit {
                conversation: conversation(),
                message: key(0x2002),
                body: "corrected".into(),
            });
            rig.reply("message.edit", message(testing::message(2, 6, "corrected")));
            rig.take();
            restore(rig, &[summary()]);
            rig.refuse("message.edit", WireError::not_found("message"));
            rig.take();
            rig.note("another message does not wait for it");
            send(rig, "later");
            rig.note("its author has sent it again");
            rig.reply(
                "message.page",
                serde_json::json!({ "as_of": 5, "messages": [], "has_older": false, "has_newer": false }),
            );
            rig.log(6, added(testing::message(2, 6, "two")));
        },
        &expect![[r##"
            # another message does not wait for it
            disk 3: put a02 send "later" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "later"
            = timeline loading
                + a02 - Ingrid S.: "later" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"later","client_id":"a02","conversation":"CHc"}
            # its author has sent it again
            cache: drop messages, conversation CHc unread 1 log Some(5)
            = timeline
            cache: message 2 v6, conversation CHc unread 2 log Some(6)
            -> message.edit {"body":"corrected","client_id":"a01","conversation":"CHc","message":{"sid":"IM1002"}}
            = list
                + CHc "Release" unread 2 Ingrid S.: "later"
            = total 2 @0
            = timeline
                + 2002 2 Aiko: "corrected" Sending edited
            notify 2002 "Release" Aiko: "two"
        "##]],
    );
}

#[test]
fn an_own_message_that_nobody_sends_again_does_not_stop_the_rest_for_ever() {
    let edit = OutboxEntry {
        action: Action::Edit {
            place: Key::Sid(CONVERSATION),
            message: MessageRef::ClientId(ClientId(Uuid::from_u128(0x9))),
            row: ClientId(Uuid::from_u128(0x9)),
            body: "corrected".into(),
        },
        ..sent(0xa01, EntryState::Released, Some(0))
    };
    let next = OutboxEntry { order: 2, ..sent(0xa02, EntryState::Held, None) };
    let mut rig = Rig::with(Restored { outbox: vec![edit, next], ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(9));
    rig.refuse("message.edit", ErrorCode::OutOfOrder);
    assert!(rig.waits("message.send"), "it does not wait");
    rig.list(epoch(9), &[summary()]);
    rig.resume(epoch(9), &[]);
    an_hour_passes(&mut rig);
    rig.timer(Timer::Outbox);
    rig.reply("message.send", message(mine(0xa02, 3, 6, "hello")));
    rig.take();
    rig.refuse("message.edit", ErrorCode::OutOfOrder);
    expect![[r#"
        disk 9: put a01 edit "corrected" in CHc "refused"
        = stuck
            a01 edit "corrected" in "Release": out_of_order
        = list
            + CHc "Release" unread 1 Ingrid S.: "hello" failed
    "#]]
    .assert_eq(&rig.take());
}

/// Whether what was acknowledged in one epoch is told to a server of epoch 9, the cache being of this one or lost.
fn is_told_again(acknowledged: Option<Epoch>, cache: Option<Epoch>) -> bool {
    let state = EntryState::Acknowledged { at: Timestamp(1), made: None, rounds: 0 };
    let done = OutboxEntry { epoch: acknowledged, ..sent(0xa01, state, None) };
    let me = testing::user("Ingrid", "Ingrid S.", 1);
    let meta = cache.map(|epoch| CachedMeta {
        epoch,
        cursor: Some(41),
        state_version: 3,
        me,
        ahead_ms: 0,
        roles: CachedRoles::default(),
    });
    let mut rig = Rig::with(Restored { outbox: vec![done], meta, ..restored() });
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(9));
    rig.waits("message.send")
}

#[test]
fn what_was_acknowledged_in_another_epoch_is_told_again_whatever_the_cache_knows() {
    for cache in [None, Some(epoch(8)), Some(epoch(9))] {
        assert!(is_told_again(Some(epoch(8)), cache), "{cache:?}");
        assert!(!is_told_again(Some(epoch(9)), cache), "{cache:?}");
    }
    assert!(is_told_again(None, None), "the epoch is not known");
}

#[test]
fn a_horizon_of_another_epoch_is_not_told_whatever_the_cache_knows() {
    for cache in [None, Some(epoch(8)), Some(epoch(9))] {
        let action = Action::Horizon {
            place: Key::Sid(CONVERSATION),
            index: Some(2),
            mode: HorizonMode::Advance,
            based_on: 3,
        };
        let horizon =
            |epoch| OutboxEntry { epoch, action: action.clone(), ..sent(0xa01, EntryState::Released, None) };
        let meta = |epoch| {
            let me = testing::user("Ingrid", "Ingrid S.", 1);
            CachedMeta {
                epoch,
                cursor: Some(41),
                state_version: 3,
                me,
                ahead_ms: 0,
                roles: CachedRoles::default(),
            }
        };
        let is_told = |of| {
            let (outbox, meta) = (vec![horizon(Some(of))], cache.map(meta));
            let mut rig = Rig::with(Restored { outbox, meta, ..restored() });
            rig.feed(Event::Start);
            rig.feed(Event::Opened);
            rig.hello(epoch(9));
            rig.waits("horizon.set")
        };
        assert!(!is_told(epoch(8)), "{cache:?}");
        assert!(is_told(epoch(9)), "{cache:?}");
    }
}

#[test]
fn what_was_done_before_and_still_stands_is_no_refusal() {
    check_open(
        |rig| {
            rig.command(Command::AddParticipant { conversation: conversation(), identity: "Bo".into() });
            let bo = testing::participant("Bo", 3);
            rig.reply("participant.add", serde_json::json!({ "participant": bo }));
            restore(rig, &[summary()]);
            rig.take();
            rig.refuse(
                "participant.add",
                WireError::new(ErrorCode::AlreadyParticipant).with("identity", "Bo"),
            );
        },
        &expect![[r#"
            disk 3: put a01 add_participant in CHc "acknowledged"
        "#]],
    );
}

#[test]
fn a_conversation_of_two_is_still_known_when_only_its_making_was_kept() {
    let pair = ConversationSid(Uuid::from_u128(0xe));
    let acknowledged = EntryState::Acknowledged { at: Timestamp(9_000), made: Some(pair), rounds: 0 };
    let mut making = sent(0xa01, acknowledged, None);
    making.action = Action::Create {
        name: String::new(),
        unique_name: None,
        options: Default::default(),
        direct_with: Some("aiko".into()),
    };
    let mut rig = Rig::with(Restored { outbox: vec![making], ..restored() });
    rig.feed(Event::Start);
    rig.take();
    rig.command(Command::OpenDirect { identity: "Aiko".into() });
    rig.command(Command::Send { conversation: key(0xa01), body: "first".into() });
    rig.command(Command::Send { conversation: pair.to_string(), body: "second".into() });
    let actions: Vec<_> = rig.machine.entries().map(|entry| entry.action.clone()).collect();
    let made: Vec<_> = actions.iter().filter(|action| matches!(action, Action::Create { .. })).collect();
    let places: Vec<_> = actions.iter().filter_map(Action::place).collect();
    assert_eq!((made.len(), places), (1, vec![Key::Made(ClientId(Uuid::from_u128(0xa01))); 2]));
}
