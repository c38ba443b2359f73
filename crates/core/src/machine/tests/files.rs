//! Files of messages: uploaded first, in order, as often as it takes.

use confab_protocol::{ClientId, ErrorCode, UserSid, WireError, WorkspaceSid, derived};
use expect_test::expect;
use uuid::Uuid;

use super::check_open;
use super::rig::{Rig, conversation, mine};
use super::sending::{key, message, send};
use crate::command::{Command, FileToSend};
use crate::event::UploadFailure;
use crate::stored::{Action, EntryState, Envelope, OutboxEntry, StagedFile};
use crate::testing::CONVERSATION;
use crate::view::Problem;
use crate::{Event, Key, Timer};

fn file(id: u128) -> FileToSend {
    FileToSend { id: key(id), name: Some("quay.png".into()), content_type: "image/png".into(), size: 5 }
}

fn send_files(rig: &mut Rig, body: &str) {
    let command =
        Command::SendFiles { conversation: conversation(), body: body.into(), files: vec![file(0xf1)] };
    rig.command(command);
}

fn uploaded(rig: &mut Rig, id: u128, result: Result<(), UploadFailure>) {
    rig.feed(Event::Uploaded { entry: ClientId(Uuid::from_u128(id)), result });
}

fn lacking() -> WireError {
    WireError::not_found("media").with("media", "ME1")
}

#[test]
fn files_go_first_then_their_message_and_then_what_was_written_behind_it() {
    check_open(
        |rig| {
            send_files(rig, "");
            rig.note("behind it");
            send(rig, "hello");
            rig.note("the files are there");
            uploaded(rig, 0xa01, Ok(()));
            rig.reply("message.send", message(mine(0xa01, 3, 6, "")));
            rig.reply("message.send", message(mine(0xa02, 4, 7, "hello")));
        },
        &expect![[r#"
            disk 0: put a01 send "" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "quay.png"
            = timeline
                + a01 - Ingrid S.: "" Sending
            answer 1: {"kind":"done"}
            upload a01: f1
            # behind it
            disk 1: put a02 send "hello" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a02 - Ingrid S.: "hello" Sending
            answer 1: {"kind":"done"}
            # the files are there
            disk 2: put a01 send "" in CHc "released", put a02 send "hello" in CHc "released"
            -> message.send {"body":"","client_id":"a01","conversation":"CHc","media":["ME71569713c398fc7a646a"]}
            -> message.send {"after":"a01","body":"hello","client_id":"a02","conversation":"CHc"}
            disk 3: put a01 send "" in CHc "acknowledged"
            cache: message 3 v6, conversation CHc unread 1 log Some(5)
            = timeline
                + a01 3 Ingrid S.: "" Sent
            disk 4: put a02 send "hello" in CHc "acknowledged"
            cache: message 4 v7, conversation CHc unread 1 log Some(5)
            = list
                + CHc "Release" unread 1 Ingrid S.: "hello"
            = timeline
                + a02 4 Ingrid S.: "hello" Sent
        "#]],
    );
}

#[test]
fn a_message_is_named_by_files_that_the_server_will_know_by_the_same_names() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    send_files(&mut rig, "at noon");
    uploaded(&mut rig, 0xa01, Ok(()));
    let (workspace, user) = (WorkspaceSid(Uuid::from_u128(1)), UserSid(Uuid::from_u128(2)));
    let sid = derived::media(workspace, user, ClientId(Uuid::from_u128(0xf1)));
    assert_eq!(rig.asked("message.send")["media"], serde_json::json!([sid]));
}

#[test]
fn an_upload_that_fails_for_now_is_tried_again_and_one_that_fails_for_good_is_stuck() {
    check_open(
        |rig| {
            send_files(rig, "");
            uploaded(rig, 0xa01, Err(UploadFailure::Unreached));
            rig.note("later");
            rig.timer(Timer::Outbox);
            uploaded(rig, 0xa01, Err(UploadFailure::Refused(ErrorCode::UnsupportedType.into())));
            rig.note("the person tries again");
            rig.command(Command::Retry { conversation: conversation(), message: key(0xa01) });
            let problem = Problem { code: "file_unreadable".into(), params: serde_json::Map::new() };
            uploaded(rig, 0xa01, Err(UploadFailure::Lost(problem)));
        },
        &expect![[r#"
            disk 0: put a01 send "" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "quay.png"
            = timeline
                + a01 - Ingrid S.: "" Sending
            answer 1: {"kind":"done"}
            upload a01: f1
            timer Outbox 375
            # later
            upload a01: f1
            disk 1: put a01 send "" in CHc "refused"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" failed
            = timeline
                + a01 - Ingrid S.: "" Failed unsupported_type
            # the person tries again
            disk 2: put a01 send "" in CHc "released"
            = list
                + CHc "Release" unread 1 Ingrid S.: "quay.png"
            = timeline
                + a01 - Ingrid S.: "" Sending
            answer 1: {"kind":"done"}
            upload a01: f1
            disk 3: put a01 send "" in CHc "refused"
            = list
                + CHc "Release" unread 1 Aiko Mori: "two" failed
            = timeline
                + a01 - Ingrid S.: "" Failed file_unreadable
        "#]],
    );
}

#[test]
fn a_message_that_is_taken_back_stops_its_upload() {
    check_open(
        |rig| {
            send_files(rig, "");
            rig.command(Command::Remove { conversation: conversation(), message: key(0xa01) });
        },
        &expect![[r#"
            disk 0: put a01 send "" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "quay.png"
            = timeline
                + a01 - Ingrid S.: "" Sending
            answer 1: {"kind":"done"}
            upload a01: f1
            disk 1: delete a01
            stop upload a01
            = list
                + CHc "Release" unread 1 Aiko Mori: "two"
            = timeline
                - a01
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn a_server_that_lost_the_files_gets_them_again() {
    check_open(
        |rig| {
            send_files(rig, "");
            uploaded(rig, 0xa01, Ok(()));
            rig.note("they were forgotten in the meantime");
            rig.refuse("message.send", lacking());
            rig.timer(Timer::Outbox);
            uploaded(rig, 0xa01, Ok(()));
        },
        &expect![[r#"
            disk 0: put a01 send "" in CHc "held"
            = list
                + CHc "Release" unread 1 Ingrid S.: "quay.png"
            = timeline
                + a01 - Ingrid S.: "" Sending
            answer 1: {"kind":"done"}
            upload a01: f1
            disk 1: put a01 send "" in CHc "released"
            -> message.send {"body":"","client_id":"a01","conversation":"CHc","media":["ME71569713c398fc7a646a"]}
            # they were forgotten in the meantime
            timer Outbox 375
            upload a01: f1
            -> message.send {"body":"","client_id":"a01","conversation":"CHc","media":["ME71569713c398fc7a646a"]}
        "#]],
    );
}

#[test]
fn after_a_restart_files_that_were_not_there_are_uploaded_and_others_are_not() {
    let entry = |id: u128, order, state| {
        let staged = StagedFile {
            client_id: ClientId(Uuid::from_u128(id + 0x100)),
            sid: confab_protocol::MediaSid(Uuid::from_u128(id + 0x200)),
            file_name: None,
            content_type: "image/png".into(),
            size: 5,
        };
        let place = Key::Sid(CONVERSATION);
        OutboxEntry {
            client_id: ClientId(Uuid::from_u128(id)),
            order,
            at: confab_protocol::Timestamp(5),
            state,
            replayed_for: None,
            epoch: None,
            action: Action::Send {
                place,
                body: "x".into(),
                files: vec![staged],
                envelope: Envelope::default(),
                after: None,
            },
        }
    };
    let outbox = vec![entry(0xe1, 1, EntryState::Released), entry(0xe2, 2, EntryState::Held)];
    let mut rig = Rig::with_outbox(outbox, Vec::new());
    rig.connect();
    let transcript = rig.take();
    let lines: Vec<&str> =
        transcript.lines().filter(|line| line.contains("upload") || line.contains("message.send")).collect();
    assert!(lines.len() == 2 && lines.iter().any(|line| line.starts_with("upload e2")), "{lines:#?}");
    assert!(rig.waits("message.send") && rig.asked("message.send")["client_id"] == key(0xe1));
}

#[test]
fn none_and_too_many_are_refused_and_the_draft_stays() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    rig.take();
    for count in [0, 11] {
        let files = (0..count).map(file).collect();
        rig.command(Command::SendFiles { conversation: conversation(), body: String::new(), files });
    }
    let bad = FileToSend { id: "../x".into(), ..file(1) };
    rig.command(Command::SendFiles { conversation: conversation(), body: String::new(), files: vec![bad] });
    expect![[r#"
        answer 1: error {"code":"too_large","params":{"actual":0,"field":"media","limit":10}}
        answer 1: error {"code":"too_large","params":{"actual":11,"field":"media","limit":10}}
        answer 1: error {"code":"not_found","params":{"what":"media"}}
    "#]]
    .assert_eq(&rig.take());
}
