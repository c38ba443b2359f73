//! Opening, scrolling, people, typing, coming and going.

use confab_protocol::event::Signal;
use confab_protocol::model::{
    Conversation, ConversationSummary, Head, MembershipStatus, Message, Presence, Role, UserConversation,
};
use confab_protocol::{Change, ClientId, ErrorCode, WireError, derived};
use expect_test::expect;
use serde_json::json;
use uuid::Uuid;

use super::rig::{OTHER, Rig, added, changed, conversation, epoch, own, restored, row, summary};
use super::{check_connected, check_open};
use crate::command::Command;
use crate::stored::{CachePage, EntryState};
use crate::testing::{CONVERSATION, message, participant, user};
use crate::{Event, Timer};

#[test]
fn opening_loads_a_page_the_roster_and_who_is_there() {
    check_connected(
        Rig::open,
        &expect![[r#"
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
            = people Aiko=Aiko Mori Some(Online)
            = roster +["Aiko Mori"] -0 complete true
        "#]],
    );
}

#[test]
fn a_change_that_overtakes_the_first_page_is_kept() {
    check_connected(
        |rig| {
            rig.command(Command::Open { conversation: Some(conversation()) });
            let mut edited = message(1, 4, "one, edited");
            (edited.version, edited.last_updated_by) = (6, Some("Aiko".into()));
            rig.log(6, Change::MessageEdited(Box::new(edited)));
            rig.log(7, added(message(3, 7, "n3")));
            rig.note("the page was read before both");
            rig.page(0..3, 5);
        },
        &expect![[r#"
            cache: drop roster
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHc","limit":200}
            -> interest.set {"open":"CHc","rows":[]}
            = opened Some("CHc") new after Some(1), 1
            = timeline loading
            answer 1: {"kind":"done"}
            cache: conversation CHc unread 1 log None
            = timeline loading
                + 2001 1 Aiko Mori: "one, edited" Sent edited
            cache: conversation CHc unread 2 log None
            = list
                + CHc "Release" unread 2 Aiko Mori: "n3"
            = total 2 @0
            = timeline loading
                + 2003 3 Aiko Mori: "n3" Sent
            notify 2003 "Release" Aiko Mori: "n3"
            # the page was read before both
            cache: drop messages, message 0 v3, message 1 v6, message 2 v5, message 3 v7, conversation CHc unread 2 log Some(7)
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
                + 2002 2 Aiko Mori: "two" Sent
        "#]],
    );
}

#[test]
fn older_messages_come_in_pages() {
    check_connected(
        |rig| {
            rig.command(Command::Open { conversation: Some(conversation()) });
            rig.page(1..3, 5);
            rig.note("scrolled up");
            rig.command(Command::LoadOlder);
            rig.command(Command::LoadOlder);
            rig.page(0..1, 5);
            rig.command(Command::LoadOlder);
        },
        &expect![[r#"
            cache: drop roster
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> participant.list {"conversation":"CHc","limit":200}
            -> interest.set {"open":"CHc","rows":[]}
            = opened Some("CHc") new after Some(1), 1
            = timeline loading
            answer 1: {"kind":"done"}
            cache: drop messages, message 1 v4, message 2 v5, conversation CHc unread 1 log Some(5)
            = timeline older
                + 2001 1 Aiko Mori: "one" Sent
                + 2002 2 Aiko Mori: "two" Sent
            # scrolled up
            -> message.page {"anchor":0,"conversation":"CHc","direction":"backwards","limit":50}
            answer 1: {"kind":"done"}
            answer 1: {"kind":"done"}
            cache: message 0 v3, conversation CHc unread 1 log Some(5)
            = timeline
                + 2000 0 Aiko Mori: "zero" Sent
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn from_far_up_the_newest_messages_are_a_jump_away() {
    check_connected(
        |rig| {
            rig.command(Command::Open { conversation: Some(conversation()) });
            rig.page(400..450, 453);
            for page in (2..8).rev() {
                rig.command(Command::LoadOlder);
                rig.page(page * 50..page * 50 + 50, 453);
            }
            rig.take();
            rig.note("written up there");
            rig.command(Command::Send { conversation: conversation(), body: "down".into() });
            let newest = vec![message(448, 451, "n448"), message(449, 452, "n449")];
            rig.feed(Event::CacheRead(CachePage {
                id: 8,
                messages: newest,
                more: true,
                ..CachePage::default()
            }));
        },
        &expect![[r##"
            # written up there
            disk 0: put a01 send "down" in CHc "released"
            read cache 8: Newest, roster false
            = list
                + CHc "Release" unread 1 Ingrid S.: "down"
            answer 1: {"kind":"done"}
            -> message.send {"body":"down","client_id":"a01","conversation":"CHc"}
            = timeline reset older
                + 21c0 448 Aiko Mori: "n448" Sent
                + 21c1 449 Aiko Mori: "n449" Sent
                + a01 - Ingrid S.: "down" Sending
        "##]],
    );
}

#[test]
fn someone_types_until_their_message_comes_and_nobody_hears_too_often_of_oneself() {
    check_open(
        |rig| {
            let typing = |identity: &str| Signal::TypingStarted {
                conversation: CONVERSATION,
                identity: identity.into(),
                timeout_ms: 6_000,
            };
            rig.signal(typing("Aiko"));
            rig.signal(typing("Ingrid"));
            rig.log(6, added(message(3, 6, "there")));
            rig.note("and again, without a message");
            rig.signal(typing("Aiko"));
            rig.now += 6_000;
            rig.timer(Timer::Typing);
            rig.note("oneself");
            for _ in 0..3 {
                rig.command(Command::Typing { conversation: conversation() });
                rig.now += 2_500;
            }
        },
        &expect![[r#"
            timer Typing 6000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" typing ["Aiko Mori"]
            cache: message 3 v6, conversation CHc unread 2 log Some(6)
            = list
                + CHc "Release" unread 2 Aiko Mori: "there"
            = total 2 @0
            = timeline
                + 2003 3 Aiko Mori: "there" Sent
            notify 2003 "Release" Aiko Mori: "there"
            # and again, without a message
            timer Typing 6000
            = list
                + CHc "Release" unread 2 Aiko Mori: "there" typing ["Aiko Mori"]
            = list
                + CHc "Release" unread 2 Aiko Mori: "there"
            # oneself
            -> typing.start {"conversation":"CHc"}
            answer 1: {"kind":"done"}
            answer 1: {"kind":"done"}
            -> typing.start {"conversation":"CHc"}
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn rosters_profiles_and_presence_follow() {
    check_open(
        |rig| {
            rig.log(6, Change::ParticipantJoined(Box::new(participant("Bo", 3))));
            rig.reply("user.get", json!({ "users": [user("Bo", "Bo Lind", 1)] }));
            rig.signal(Signal::PresenceChanged {
                people: vec![Presence { identity: "Aiko".into(), online: false, profile_version: 0 }],
            });
            rig.signal(Signal::UserChanged { users: vec![user("Aiko", "Aiko M.", 2)] });
            rig.note("a horizon moved, and one before it was missed");
            let mut aiko = participant("Aiko", 5);
            aiko.last_read_message_index = Some(2);
            rig.signal(Signal::RosterChanged {
                conversation: CONVERSATION,
                from: 4,
                to: 5,
                rows: vec![aiko],
            });
        },
        &expect![[r#"
            cache: participant Bo v3, conversation CHc unread 1 log Some(6)
            -> user.get {"identities":["Bo"]}
            -> presence.subscribe {"identities":["Aiko","Bo"]}
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = roster +["Bo"] -0 complete true
            cache: user Bo
            = people Bo=Bo Lind None
            = roster +["Bo Lind"] -0 complete true
            = people Aiko=Aiko Mori Some(Offline)
            = roster +["Aiko Mori"] -0 complete true
            cache: user Aiko
            = people Aiko=Aiko M. Some(Offline)
            = list
                + CHc "Release" unread 1 Aiko M.: "two"
            = timeline
                + 2000 0 Aiko M.: "zero" Sent
                + 2001 1 Aiko M.: "one" Sent
                + 2002 2 Aiko M.: "two" Sent
            = roster +["Aiko M."] -0 complete true
            # a horizon moved, and one before it was missed
            cache: participant Aiko v5
            -> participant.list {"after_version":3,"conversation":"CHc","limit":200}
            = roster +["Aiko M."] -0 complete true
        "#]],
    );
}

#[test]
fn who_is_removed_keeps_only_their_own_words() {
    check_open(
        |rig| {
            rig.command(Command::Draft { conversation: conversation(), body: "but".into() });
            rig.command(Command::Send { conversation: conversation(), body: "wait".into() });
            rig.command(Command::Draft { conversation: conversation(), body: "please".into() });
            let mut me = own(4, None, 0, 0);
            (me.status, me.left_name) = (MembershipStatus::NotParticipating, Some("Release".into()));
            rig.signal(changed(vec![me]));
            rig.note("their words are given up too");
            rig.command(Command::Draft { conversation: conversation(), body: String::new() });
            rig.command(Command::Discard {
                conversation: conversation(),
                message: uuid::Uuid::from_u128(0xa01).simple().to_string(),
            });
        },
        &expect![[r#"
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" draft "but"
            answer 1: {"kind":"done"}
            disk 0: no draft CHc, put a01 send "wait" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "wait"
            = timeline
                + a01 - Ingrid S.: "wait" Sending
            answer 1: {"kind":"done"}
            -> message.send {"body":"wait","client_id":"a01","conversation":"CHc"}
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 1 Ingrid S.: "wait" draft "please"
            answer 1: {"kind":"done"}
            disk 1: put a01 send "wait" in CHc "refused"
            cache: drop CHc, conversation CHc unread 0 log None, meta at Some(41), state 4
            -> interest.set {"rows":[]}
            -> presence.subscribe {"identities":[]}
            = {"kind":"notice","problem":{"code":"no_longer_participant","params":{"name":"Release"}}}
            = list
                + CHc "Release" unread 0 draft "please" failed left
            = total 0 @0
            = rights []
            = timeline reset
                + a01 - Ingrid S.: "wait" Failed not_found
            = roster +[] -2 complete false
            # their words are given up too
            disk 2: no draft CHc
            timer SendDrafts 1000
            = list
                + CHc "Release" unread 0 failed left
            answer 1: {"kind":"done"}
            disk 3: delete a01
            cache: drop CHc
            = opened None new after None, 0
            = list
                - CHc
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn a_conversation_that_one_is_added_to_appears() {
    check_connected(
        |rig| {
            let mut me = own(4, None, 0, 2);
            me.conversation = OTHER;
            rig.signal(changed(vec![me.clone()]));
            let mut conversation = row(2);
            (conversation.sid, conversation.friendly_name) = (OTHER, Some("Second".into()));
            conversation.last_message = None;
            let summary = json!({ "conversation": conversation, "me": me });
            rig.reply("conversation.get", json!({ "summary": summary }));
        },
        &expect![[r#"
            cache: meta at Some(41), state 4
            -> conversation.get {"conversation":"CHd"}
            cache: conversation CHd unread 0 log None
            = list
                + CHd "Second" unread 0
        "#]],
    );
}

/// What the server says of another conversation: the own row, and the whole.
fn of_other(version: u64) -> (UserConversation, serde_json::Value) {
    let me = UserConversation { conversation: OTHER, ..own(version, None, 0, 2) };
    let conversation = Conversation { sid: OTHER, last_message: None, ..row(2) };
    let summary = json!({ "summary": { "conversation": conversation, "me": me } });
    (me, summary)
}

#[test]
fn a_role_that_is_given_while_the_conversation_is_asked_for_is_not_undone_by_the_answer() {
    let mut rig = Rig::new();
    rig.connect();
    let (me, mut summary) = of_other(4);
    rig.signal(changed(vec![me.clone()]));
    let owner = UserConversation { role: Role::Owner, version: 5, ..me };
    rig.signal(changed(vec![owner.clone()]));
    rig.reply("conversation.get", summary.clone());
    rig.timer(Timer::Refetch);
    summary["summary"]["me"] = serde_json::to_value(owner).unwrap();
    rig.reply("conversation.get", summary);
    assert_eq!(rig.own_role(OTHER), Some(Role::Owner));
}

#[test]
fn a_conversation_that_is_lost_while_it_is_asked_for_is_not_brought_back_by_the_answer() {
    let mut rig = Rig::new();
    rig.connect();
    let (me, summary) = of_other(4);
    rig.signal(changed(vec![me.clone()]));
    rig.signal(changed(vec![UserConversation {
        status: MembershipStatus::NotParticipating,
        version: 5,
        ..me
    }]));
    rig.reply("conversation.get", summary);
    assert_eq!(rig.own_role(OTHER), None);
    rig.refuse("conversation.get", WireError::new(ErrorCode::NotFound));
    assert_eq!(rig.own_role(OTHER), None);
}

#[test]
fn heads_that_are_ahead_and_a_lagging_session_are_caught_up_with() {
    check_open(
        |rig| {
            let head = Head { conversation: CONVERSATION, version: 6, roster_version: 3 };
            rig.signal(Signal::Heartbeat {
                heads: vec![head],
                number: 0,
                state_version: None,
                roles_version: None,
                people: None,
            });
            rig.note("lagged");
            rig.signal(Signal::Lagged {});
        },
        &expect![[r#"
            -> event.range {"after":5,"conversation":"CHc"}
            -> participant.list {"after_version":2,"conversation":"CHc","limit":200}
            # lagged
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> user.get {"identities":["Ingrid"]}
            -> interest.set {"open":"CHc","rows":[]}
            -> presence.subscribe {"identities":["Aiko"]}
        "#]],
    );
}

#[test]
fn an_event_of_an_unknown_kind_moves_the_version_and_has_its_subject_read_again() {
    check_open(
        |rig| {
            let subject = message(1, 4, "").sid;
            let push = json!({
                "event": "message.adorned", "conversation": CONVERSATION, "seq": 6, "subject": subject,
            });
            rig.feed(Event::Frame(confab_protocol::ServerFrame::decode(&push.to_string()).unwrap()));
            rig.reply("conversation.get", json!({ "summary": summary() }));
            let mut adorned = message(1, 4, "one");
            adorned.version = 6;
            let page = json!({ "as_of": 6, "messages": [adorned], "has_older": true, "has_newer": true });
            rig.reply("message.page", page);
            rig.log(7, added(message(3, 7, "and on")));
        },
        &expect![[r#"
            cache: conversation CHc unread 1 log Some(6)
            -> message.page {"anchor":1,"conversation":"CHc","direction":"backwards","limit":1}
            -> conversation.get {"conversation":"CHc"}
            cache: conversation CHc unread 1 log Some(6)
            timer Refetch 2000
            cache: message 1 v6, conversation CHc unread 1 log Some(6)
            cache: message 3 v7, conversation CHc unread 2 log Some(7)
            -> conversation.get {"conversation":"CHc"}
            = list
                + CHc "Release" unread 2 Aiko Mori: "and on"
            = total 2 @0
            = timeline
                + 2003 3 Aiko Mori: "and on" Sent
            notify 2003 "Release" Aiko Mori: "and on"
        "#]],
    );
}

/// What else happens there does not say what had changed.
#[test]
fn a_conversation_that_changed_in_an_unknown_way_is_asked_for_also_when_its_last_message_goes() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    let push = json!({ "event": "conversation.adorned", "conversation": CONVERSATION, "seq": 6, "subject": CONVERSATION });
    rig.feed(Event::Frame(confab_protocol::ServerFrame::decode(&push.to_string()).unwrap()));
    rig.log(7, added(message(3, 7, "and on")));
    rig.reply("conversation.get", json!({ "summary": summary() }));
    let gone = Message { removed: true, body: None, version: 8, ..message(3, 7, "") };
    rig.log(8, Change::MessageRemoved(Box::new(gone)));
    rig.timer(Timer::Refetch);
    assert!(rig.waits("conversation.get"), "what had been read was older than what was seen");
}

#[test]
fn what_was_made_while_the_list_was_on_its_way_is_not_lost_by_it() {
    let mut rig = Rig::new();
    rig.feed(Event::Start);
    rig.command(Command::create("Plans", None));
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    assert!(rig.waits("conversation.create"));
    let (workspace, user) = (restored().workspace, restored().user);
    let made = derived::conversation(workspace, user, ClientId(Uuid::from_u128(0xa01)));
    rig.signal(changed(vec![UserConversation { conversation: made, ..own(4, None, 0, 2) }]));
    rig.list(epoch(8), &[summary()]);
    rig.resume(epoch(8), &[]);
    let states: Vec<_> = rig.machine.entries().map(|entry| entry.state.clone()).collect();
    assert_eq!(states, [EntryState::Released]);
    assert!(rig.waits("conversation.get"));
}

#[test]
fn what_was_left_elsewhere_before_everything_was_listed_is_lost_by_the_list() {
    let mut rig = Rig::new();
    rig.feed(Event::Start);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.command(Command::create("Plans", None));
    let made = Conversation { sid: OTHER, ..row(2) };
    let me = UserConversation { conversation: OTHER, ..own(4, None, 0, 2) };
    let made = ConversationSummary { conversation: Some(made), me, last_message: None };
    rig.reply("conversation.create", json!({ "summary": made }));
    rig.lose();
    rig.timer(Timer::Reconnect);
    rig.feed(Event::Opened);
    rig.hello(epoch(8));
    rig.list(epoch(8), &[summary()]);
    rig.resume(epoch(8), &[]);
    assert_eq!(rig.own_role(OTHER), None);
    assert!(rig.own_role(CONVERSATION).is_some());
}

#[test]
fn what_changes_again_while_it_is_read_is_read_again() {
    check_open(
        |rig| {
            let subject = message(1, 4, "").sid;
            let read = |rig: &mut Rig, body: &str, version: u64| {
                let mut adorned = message(1, 4, body);
                adorned.version = version;
                let page = json!({
                    "as_of": version, "messages": [adorned], "has_older": true, "has_newer": true,
                });
                rig.reply("message.page", page);
            };
            for seq in [6, 7] {
                let push = json!({
                    "event": "message.adorned", "conversation": CONVERSATION, "seq": seq, "subject": subject,
                });
                rig.feed(Event::Frame(confab_protocol::ServerFrame::decode(&push.to_string()).unwrap()));
            }
            rig.take();
            read(rig, "one with a hat", 6);
            rig.timer(Timer::Refetch);
            read(rig, "one with two hats", 7);
            rig.timer(Timer::Refetch);
        },
        &expect![[r#"
            cache: message 1 v6, conversation CHc unread 1 log Some(7)
            timer Refetch 2000
            = timeline
                + 2001 1 Aiko Mori: "one with a hat" Sent
            -> message.page {"anchor":1,"conversation":"CHc","direction":"backwards","limit":1}
            cache: message 1 v7, conversation CHc unread 1 log Some(7)
            = timeline
                + 2001 1 Aiko Mori: "one with two hats" Sent
        "#]],
    );
}

#[test]
fn a_log_that_moved_too_far_is_loaded_anew() {
    check_open(
        |rig| {
            rig.log(20_007, added(message(9_000, 20_007, "far")));
            rig.reply(
                "event.range",
                json!({ "from": 6, "to": 20_007, "more": false, "reset": true, "events": [] }),
            );
        },
        &expect![[r#"
            -> event.range {"after":5,"conversation":"CHc"}
            cache: drop messages, conversation CHc unread 1 log None
            -> message.page {"conversation":"CHc","direction":"backwards","limit":50}
            -> conversation.get {"conversation":"CHc"}
            = timeline reset loading
        "#]],
    );
}
