//! Drafts and settings on several devices of one person.

use confab_protocol::event::Signal;
use confab_protocol::model::{Draft, Setting};
use confab_protocol::{ErrorCode, Timestamp, WireError, limits};
use expect_test::expect;
use serde_json::{Value, json};

use super::rig::{OTHER, Rig, added, conversation, epoch, mine, restored, row, summary};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::key::Key;
use crate::stored::{Action, EntryState, OutboxEntry, Restored, StoredDraft};
use crate::testing::CONVERSATION;
use crate::{Event, Timer};

fn draft(version: u64, body: &str) -> Draft {
    Draft { conversation: CONVERSATION, body: body.into(), version }
}

fn setting(key: &str, version: u64, value: Value) -> Setting {
    Setting { key: key.into(), value, version }
}

/// The next change of one's own state after version 3.
fn told(rig: &mut Rig, version: u64, body: &str) {
    let (rows, settings, drafts) = (Vec::new(), Vec::new(), vec![draft(version, body)]);
    rig.signal(Signal::StateChanged { from: version - 1, to: version, rows, drafts, settings });
}

fn write(rig: &mut Rig, body: &str) {
    rig.command(Command::Draft { conversation: conversation(), body: body.into() });
}

#[test]
fn after_a_pause_a_draft_goes_out_and_what_is_typed_meanwhile_goes_as_one() {
    check_connected(
        |rig| {
            write(rig, "h");
            write(rig, "he");
            rig.timer(Timer::Drafts);
            rig.timer(Timer::SendDrafts);
            rig.note("while that is on its way");
            write(rig, "hel");
            rig.timer(Timer::SendDrafts);
            write(rig, "hell");
            rig.timer(Timer::SendDrafts);
            rig.note("answered, and the push of it");
            rig.reply("draft.set", json!({ "draft": draft(4, "he") }));
            told(rig, 4, "he");
            rig.reply("draft.set", json!({ "draft": draft(5, "hell") }));
            rig.timer(Timer::SendDrafts);
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "h"
            answer 1: {"kind":"done"}
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "he"
            answer 1: {"kind":"done"}
            disk 0: draft CHc "he"
            disk 1: put a01 set_draft "he" on Some(0) in CHc "released"
            timer SendDrafts 4000
            -> draft.set {"based_on":0,"body":"he","client_id":"a01","conversation":"CHc"}
            # while that is on its way
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "hel"
            answer 1: {"kind":"done"}
            disk 2: draft CHc "hel", put a02 set_draft "hel" on Some(0) in CHc "held"
            timer SendDrafts 4000
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "hell"
            answer 1: {"kind":"done"}
            disk 3: draft CHc "hell", put a02 set_draft "hell" on Some(0) in CHc "held"
            timer SendDrafts 4000
            # answered, and the push of it
            disk 4: put a01 set_draft "he" on Some(0) in CHc "acknowledged", put a02 set_draft "hell" on Some(4) in CHc "released"
            cache: draft CHc v4 "he"
            -> draft.set {"based_on":4,"body":"hell","client_id":"a02","conversation":"CHc"}
            cache: meta at Some(41), state 4
            disk 5: delete a01, no draft CHc, put a02 set_draft "hell" on Some(4) in CHc "acknowledged"
            cache: draft CHc v5 "hell"
        "#]],
    );
}

#[test]
fn what_was_written_elsewhere_shows_unless_something_was_typed_here() {
    check_connected(
        |rig| {
            told(rig, 4, "from the laptop");
            write(rig, "from here");
            told(rig, 5, "from the laptop again");
            rig.note("what was typed here is sent, and stands");
            rig.timer(Timer::SendDrafts);
            rig.reply("draft.set", json!({ "draft": draft(6, "from here") }));
            told(rig, 6, "from here");
            rig.note("an old one changes nothing");
            told(rig, 5, "from the laptop again");
            told(rig, 7, "");
        },
        &expect![[r#"
            cache: draft CHc v4 "from the laptop", meta at Some(41), state 4
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "from the laptop"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "from here"
            answer 1: {"kind":"done"}
            cache: draft CHc v5 "from the laptop again", meta at Some(41), state 5
            # what was typed here is sent, and stands
            disk 0: draft CHc "from here", put a01 set_draft "from here" on Some(4) in CHc "released"
            timer SendDrafts 4000
            -> draft.set {"based_on":4,"body":"from here","client_id":"a01","conversation":"CHc"}
            disk 1: no draft CHc, put a01 set_draft "from here" on Some(4) in CHc "acknowledged"
            cache: draft CHc v6 "from here"
            cache: meta at Some(41), state 6
            # an old one changes nothing
            cache: meta at Some(41), state 6
            disk 2: delete a01
            cache: draft CHc v7 "", meta at Some(41), state 7
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
        "#]],
    );
}

#[test]
fn nothing_changes_under_the_hands_of_whoever_types() {
    check_open(
        |rig| {
            rig.command(Command::Focus { focused: true });
            write(rig, "hello");
            rig.timer(Timer::SendDrafts);
            rig.reply("draft.set", json!({ "draft": draft(4, "hello") }));
            rig.note("a moment's thought");
            told(rig, 5, "other");
            rig.timer(Timer::SendDrafts);
            rig.reply("draft.set", json!({ "draft": draft(6, "hello") }));
            rig.note("gone for coffee");
            rig.timer(Timer::SendDrafts);
            told(rig, 7, "other");
        },
        &expect![[r#"
            answer 1: {"kind":"done"}
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "hello"
            answer 1: {"kind":"done"}
            disk 0: draft CHc "hello", put a01 set_draft "hello" on Some(0) in CHc "released"
            timer SendDrafts 4000
            -> draft.set {"based_on":0,"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: no draft CHc, put a01 set_draft "hello" on Some(0) in CHc "acknowledged"
            cache: draft CHc v4 "hello"
            # a moment's thought
            disk 2: delete a01
            cache: draft CHc v5 "other"
            -> resume {"cursor":41,"epoch":"8","limit":50}
            disk 3: draft CHc "hello", put a02 set_draft "hello" on Some(5) in CHc "released"
            -> draft.set {"based_on":5,"body":"hello","client_id":"a02","conversation":"CHc"}
            disk 4: no draft CHc, put a02 set_draft "hello" on Some(5) in CHc "acknowledged"
            cache: draft CHc v6 "hello"
            # gone for coffee
            disk 5: delete a02
            cache: draft CHc v7 "other"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "other"
        "#]],
    );
}

#[test]
fn sending_empties_the_draft_everywhere_in_the_same_write_and_no_push_brings_it_back() {
    check_open(
        |rig| {
            write(rig, "hello");
            rig.timer(Timer::SendDrafts);
            rig.command(Command::Send { conversation: conversation(), body: "hello".into() });
            rig.note("the draft's push, and then its answer");
            told(rig, 4, "hello");
            rig.reply("draft.set", json!({ "draft": draft(4, "hello") }));
            rig.log(6, added(mine(0xa02, 3, 6, "hello")));
            rig.reply("draft.set", json!({ "draft": draft(5, "") }));
            rig.note("the message that was never a draft elsewhere");
            write(rig, "bye");
            rig.command(Command::Send { conversation: conversation(), body: "bye".into() });
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "hello"
            answer 1: {"kind":"done"}
            disk 0: draft CHc "hello", put a01 set_draft "hello" on Some(0) in CHc "released"
            timer SendDrafts 4000
            -> draft.set {"based_on":0,"body":"hello","client_id":"a01","conversation":"CHc"}
            disk 1: draft CHc "", put a02 send "hello" in CHc "released", put a03 set_draft "" on Some(0) in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a02 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"hello","client_id":"a02","conversation":"CHc"}
            # the draft's push, and then its answer
            cache: draft CHc v4 "hello", meta at Some(41), state 4
            disk 2: put a01 set_draft "hello" on Some(0) in CHc "acknowledged", put a03 set_draft "" on Some(4) in CHc "released"
            -> draft.set {"based_on":4,"body":"","client_id":"a03","conversation":"CHc"}
            disk 3: put a02 send "hello" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(6)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a02 3 Ingrid S.: "hello" Sent
            disk 4: delete a01, no draft CHc, put a03 set_draft "" on Some(4) in CHc "acknowledged"
            cache: draft CHc v5 ""
            # the message that was never a draft elsewhere
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello" draft "bye"
            answer 1: {"kind":"done"}
            disk 5: no draft CHc, put a04 send "bye" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "bye"
            = timeline
                + a04 - Ingrid S.: "bye" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"bye","client_id":"a04","conversation":"CHc"}
        "#]],
    );
}

#[test]
fn a_draft_that_is_too_long_for_the_server_is_kept_here_and_goes_out_when_it_is_shorter() {
    let long = "x".repeat(limits::BODY_BYTES + 1);
    let mut rig = Rig::new();
    rig.connect();
    rig.take();
    write(&mut rig, &long);
    rig.timer(Timer::Drafts);
    rig.timer(Timer::SendDrafts);
    assert!(rig.take().contains(&format!("draft CHc {long:?}\n")), "the disk has it");
    told(&mut rig, 4, "elsewhere");
    assert!(!rig.take().contains("elsewhere\"\n"), "it is shown all the same");
    assert!(!rig.waits("draft.set"));

    let kept = StoredDraft { conversation: Key::Sid(CONVERSATION), body: long.clone() };
    let mut rig = Rig::with_outbox(Vec::new(), vec![kept]);
    rig.connect();
    rig.timer(Timer::SendDrafts);
    assert!(!rig.waits("draft.set"), "nor does it go after a restart");
    write(&mut rig, &long[1..]);
    rig.timer(Timer::SendDrafts);
    assert!(rig.asked("draft.set")["body"] == long[1..]);
}

#[test]
fn a_draft_of_a_conversation_that_is_being_made_goes_when_it_exists() {
    check_connected(
        |rig| {
            rig.command(Command::create("Second", None));
            let key = super::sending::key(0xa01);
            rig.command(Command::Draft { conversation: key, body: "first words".into() });
            rig.timer(Timer::SendDrafts);
            assert!(!rig.waits("draft.set"));
            let mut made = summary();
            made.me.conversation = OTHER;
            made.last_message = None;
            made.conversation = Some(confab_protocol::model::Conversation {
                sid: OTHER,
                friendly_name: Some("Second".into()),
                last_message: None,
                ..row(1)
            });
            rig.reply("conversation.create", json!({ "summary": made }));
            rig.take();
            rig.timer(Timer::SendDrafts);
        },
        &expect![[r#"
            disk 3: put a02 set_draft "first words" on Some(0) in CHd "released"
            -> draft.set {"based_on":0,"body":"first words","client_id":"a02","conversation":"CHd"}
        "#]],
    );
}

#[test]
fn what_was_typed_before_a_crash_goes_out_and_what_the_cache_knows_is_shown_before_the_network() {
    let stored = Restored {
        drafts: vec![StoredDraft { conversation: Key::Sid(CONVERSATION), body: "typed".into() }],
        cached_drafts: vec![draft(2, "old"), Draft { conversation: OTHER, ..draft(3, "elsewhere") }],
        settings: vec![setting("appearance.theme", 1, json!("dark")), setting("gone", 2, Value::Null)],
        ..restored()
    };
    let mut rig = Rig::with(stored);
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.list(epoch(8), &[summary()]);
    rig.resume(epoch(8), &[]);
    rig.timer(Timer::SendDrafts);
    expect![[r#"
        timer Acknowledged 600000
        no timer Reconnect
        connect
        = session "Ingrid" in "Fjordline"
        = settings ["appearance.theme=\"dark\""] -[]
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
        timer SendDrafts 1000
        -> user.get {"identities":["Aiko"]}
        = list (not loaded)
            + CHc "Release" unread 1 Aiko: "two" draft "typed"
        = total 1 @0
        cache: meta at Some(41), state 3
        = list
        disk 0: put a01 set_draft "typed" on Some(2) in CHc "released"
        -> draft.set {"based_on":2,"body":"typed","client_id":"a01","conversation":"CHc"}
    "#]]
    .assert_eq(&rig.take());
}

#[test]
fn drafts_and_settings_that_were_missed_come_in_pages_and_a_gap_asks_for_them() {
    check_connected(
        |rig| {
            rig.note("the push of version 4 was lost");
            let (rows, drafts) = (Vec::new(), Vec::new());
            let settings = vec![setting("b", 5, json!(2))];
            rig.signal(Signal::StateChanged { from: 4, to: 5, rows, drafts, settings });
            assert_eq!(rig.asked("resume")["state_version"], 3);
            let page = |more, to, state: Value| {
                let mut page = json!({ "epoch": epoch(8), "cursor": 41, "more": more, "state_version": 6, "state_to": to, "summaries": [] });
                page.as_object_mut().unwrap().extend(state.as_object().unwrap().clone());
                page
            };
            rig.reply("resume", page(true, 4, json!({ "drafts": [draft(4, "half")] })));
            assert_eq!(rig.asked("resume")["state_version"], 4);
            let settings = json!({ "settings": [setting("b", 5, json!(2)), setting("a", 6, Value::Null)] });
            rig.reply("resume", page(false, 6, settings));
            rig.note("in step");
            let (rows, settings) = (Vec::new(), Vec::new());
            let drafts = vec![draft(7, "half a sentence")];
            rig.signal(Signal::StateChanged { from: 6, to: 7, rows, drafts, settings });
        },
        &expect![[r##"
            # the push of version 4 was lost
            cache: setting b v5 2
            -> resume {"cursor":41,"epoch":"8","limit":50}
            = settings ["b=2"] -[]
            cache: draft CHc v4 "half", meta at Some(41), state 4
            -> resume {"cursor":41,"epoch":"8","limit":50}
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "half"
            cache: setting a v6 null, meta at Some(41), state 6
            # in step
            cache: draft CHc v7 "half a sentence", meta at Some(41), state 7
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "half a sentence"
        "##]],
    );
}

#[test]
fn a_cache_that_was_begun_anew_is_told_of_drafts_and_settings_too() {
    check_connected(
        |rig| {
            told(rig, 4, "half");
            let (rows, drafts, settings) = (Vec::new(), Vec::new(), vec![setting("a", 5, json!(1))]);
            rig.signal(Signal::StateChanged { from: 4, to: 5, rows, drafts, settings });
            rig.take();
            rig.feed(Event::CacheEmpty);
        },
        &expect![[r#"
            cache: drop all, user Aiko, user Ingrid, draft CHc v4 "half", setting a v5 1, conversation CHc unread 1 log None, meta at Some(41), state 5
        "#]],
    );
}

#[test]
fn a_new_epoch_gets_the_drafts_that_it_does_not_have() {
    check_connected(
        |rig| {
            told(rig, 4, "from the laptop");
            write(rig, "from here");
            rig.timer(Timer::SendDrafts);
            rig.reply("draft.set", json!({ "draft": draft(5, "from here") }));
            rig.lose();
            rig.timer(Timer::Reconnect);
            rig.feed(Event::Opened);
            rig.take();
            rig.hello(epoch(9));
            rig.note("it has an older one");
            let list = json!({
                "epoch": epoch(9), "cursor": 2, "state_version": 2, "state_to": 2, "summaries": [summary()],
                "drafts": [draft(2, "from the laptop")],
            });
            rig.reply("conversation.list", list);
            rig.reply("draft.set", json!({ "draft": draft(3, "from here") }));
        },
        &expect![[r#"
            disk 2: put a01 set_draft "from here" on Some(4) in CHc "released"
            cache: drop all, user Ingrid, meta at None, state 0
            learned Fjordline
            timer Heartbeat 5000
            -> conversation.list {"limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            = people Aiko=Aiko None
            = list (not loaded)
                + CHc "Release" unread 0 draft "from here"
            = total 0 @0
            -> draft.set {"based_on":4,"body":"from here","client_id":"a01","conversation":"CHc"}
            # it has an older one
            cache: draft CHc v2 "from the laptop", conversation CHc unread 1 log None, meta at Some(2), state 2
            -> resume {"cursor":2,"epoch":"9","limit":50}
            -> user.get {"identities":["Aiko"]}
            = list (not loaded)
                + CHc "Release" unread 1 Aiko: "two" draft "from here"
            = total 1 @0
            disk 3: no draft CHc, put a01 set_draft "from here" on Some(4) in CHc "acknowledged"
            cache: draft CHc v3 "from here"
        "#]],
    );
}

#[test]
fn a_setting_is_shown_at_once_and_taken_back_with_a_word_when_it_is_refused() {
    check_connected(
        |rig| {
            let set = |value: Value| Command::SetSetting { key: "appearance.theme".into(), value };
            rig.command(set(json!("dark")));
            rig.command(set(json!("light")));
            rig.command(set(json!("system")));
            rig.note("only the last of those that waited goes");
            rig.reply("setting.set", json!({ "setting": setting("appearance.theme", 4, json!("dark")) }));
            rig.reply("setting.set", json!({ "setting": setting("appearance.theme", 5, json!("system")) }));
            rig.note("refused");
            rig.command(set(Value::Null));
            rig.refuse("setting.set", WireError::new(ErrorCode::LimitReached).with("what", "settings"));
            rig.note("not even asked");
            rig.command(Command::SetSetting { key: "No".into(), value: json!(1) });
            rig.command(Command::SetSetting { key: "big".into(), value: json!("x".repeat(5_000)) });
            rig.command(set(json!("system")));
        },
        &expect![[r#"
            disk 0: put a01 set_setting appearance.theme "dark" in  "released"
            = settings ["appearance.theme=\"dark\""] -[]
            answer 1: {"kind":"done"}
            -> setting.set {"client_id":"a01","key":"appearance.theme","value":"dark"}
            disk 1: put a02 set_setting appearance.theme "light" in  "held"
            = settings ["appearance.theme=\"light\""] -[]
            answer 1: {"kind":"done"}
            disk 2: put a02 set_setting appearance.theme "system" in  "held"
            = settings ["appearance.theme=\"system\""] -[]
            answer 1: {"kind":"done"}
            # only the last of those that waited goes
            disk 3: put a01 set_setting appearance.theme "dark" in  "acknowledged", put a02 set_setting appearance.theme "system" in  "released"
            cache: setting appearance.theme v4 "dark"
            -> setting.set {"client_id":"a02","key":"appearance.theme","value":"system"}
            disk 4: delete a01, put a02 set_setting appearance.theme "system" in  "acknowledged"
            cache: setting appearance.theme v5 "system"
            # refused
            disk 5: put a04 set_setting appearance.theme null in  "released"
            = settings [] -["appearance.theme"]
            answer 1: {"kind":"done"}
            -> setting.set {"client_id":"a04","key":"appearance.theme"}
            disk 6: delete a04
            = {"kind":"notice","problem":{"code":"limit_reached","params":{"what":"settings"}}}
            = settings ["appearance.theme=\"system\""] -[]
            # not even asked
            answer 1: error {"code":"invalid_params","params":{"field":"key","reason":"not 1 to 64 of a-z, 0-9, '.', '_' and '-'"}}
            answer 1: error {"code":"too_large","params":{"actual":5002,"field":"value","limit":4096}}
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn what_is_left_of_a_draft_can_be_given_up_where_one_is_no_longer() {
    check_connected(
        |rig| {
            told(rig, 4, "half");
            let mut me = super::rig::own(5, None, 0, 0);
            me.status = confab_protocol::model::MembershipStatus::NotParticipating;
            let (rows, drafts, settings) = (vec![me], Vec::new(), Vec::new());
            rig.signal(Signal::StateChanged { from: 4, to: 5, rows, drafts, settings });
            rig.note("changed, it stays here");
            write(rig, "half a");
            rig.timer(Timer::SendDrafts);
            assert!(!rig.waits("draft.set"));
            rig.note("and given up, it goes everywhere");
            write(rig, "");
            rig.reply("draft.set", json!({ "draft": draft(6, "") }));
        },
        &expect![[r#"
            cache: draft CHc v4 "half", meta at Some(41), state 4
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "half"
            cache: drop CHc, conversation CHc unread 0 log None, meta at Some(41), state 5
            = list
                + CHc "Release" unread 0 draft "half" left
            = total 0 @0
            # changed, it stays here
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 0 draft "half a" left
            answer 1: {"kind":"done"}
            disk 0: draft CHc "half a"
            timer SendDrafts 4000
            # and given up, it goes everywhere
            disk 1: draft CHc "", put a01 set_draft "" on Some(4) in CHc "released"
            cache: drop CHc
            timer Drafts 300
            timer SendDrafts 1000
            = list
                - CHc
            answer 1: {"kind":"done"}
            -> draft.set {"based_on":4,"body":"","client_id":"a01","conversation":"CHc"}
            disk 2: no draft CHc, put a01 set_draft "" on Some(4) in CHc "acknowledged"
            cache: draft CHc v6 ""
        "#]],
    );
}

#[test]
fn entries_of_older_files_are_read() {
    let json = r#"{"client_id":"00000000000000000000000000000901","order":7,"at":9000,"state":{"state":"held"},
        "action":{"action":"set_draft","place":"CH0000000000000000000000000000000c","body":"x"}}"#;
    let entry: OutboxEntry = serde_json::from_str(json).unwrap();
    assert_eq!((entry.at, entry.state), (Timestamp(9_000), EntryState::Held));
    let place = Key::Sid(CONVERSATION);
    assert_eq!(entry.action, Action::SetDraft { place, body: "x".into(), based_on: None });
}
