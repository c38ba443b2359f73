//! Files of messages: uploaded first, in order, as often as it takes.

use confab_protocol::model::MembershipStatus;
use confab_protocol::{ClientId, ErrorCode, UserSid, WireError, WorkspaceSid, derived};
use expect_test::expect;
use uuid::Uuid;

use super::check_open;
use super::rig::{Rig, changed, conversation, mine, own};
use super::sending::{key, message, send};
use crate::command::{Command, FileToSend};
use crate::event::UploadFailure;
use crate::stored::{Action, EntryState, Envelope, OutboxEntry, StagedFile};
use crate::testing::CONVERSATION;
use crate::view::{ConversationRow, FileKind, FilesPreview, MediaView, Problem, ViewDiff};
use crate::{Event, Key, Timer};

fn file(id: u128) -> FileToSend {
    FileToSend {
        id: key(id),
        name: Some("quay.png".into()),
        kind: FileKind::Photo,
        content_type: "image/png".into(),
        sniffed_type: Some("image/png".into()),
        size: 5,
        width: Some(3),
        height: Some(2),
    }
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
            = timeline
                + a01 - Ingrid S.: "" Sending
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
            = timeline
                + a01 - Ingrid S.: "" Sending
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
            sniffed_type: None,
            size: 5,
            width: None,
            height: None,
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

fn attach(rig: &mut Rig, id: u128) {
    rig.command(Command::Attach { conversation: conversation(), file: file(id) });
}

/// The row of the conversation as a window that begins anew sees it.
fn row(rig: &Rig) -> ConversationRow {
    let rows = rig.machine.snapshot().into_iter().find_map(|diff| match diff {
        ViewDiff::Conversations { upsert, .. } => Some(upsert),
        _ => None,
    });
    rows.unwrap().into_iter().find(|row| row.key == conversation()).unwrap()
}

/// The files of the last message as a window that begins anew sees them.
fn media(rig: &Rig) -> Vec<MediaView> {
    let messages = rig.machine.snapshot().into_iter().find_map(|diff| match diff {
        ViewDiff::Timeline { upsert, .. } => Some(upsert),
        _ => None,
    });
    messages.unwrap().pop().unwrap().media
}

#[test]
fn what_was_chosen_stays_beside_what_is_written_until_it_is_sent_or_taken_away() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    [0xf1, 0xf2, 0xf3].into_iter().for_each(|id| attach(&mut rig, id));
    let ids = |rig: &Rig| row(rig).attached.into_iter().map(|file| file.id).collect::<Vec<_>>();
    assert_eq!(ids(&rig), [key(0xf1), key(0xf2), key(0xf3)]);
    rig.take();
    rig.command(Command::Detach { conversation: conversation(), file: key(0xf2) });
    assert!(rig.take().contains("unstage f2\n"));
    send_files(&mut rig, "at noon");
    assert!(!rig.take().contains("unstage"), "what is sent is kept");
    assert_eq!(ids(&rig), [key(0xf3)]);
    rig.command(Command::Send { conversation: conversation(), body: "just words".into() });
    assert_eq!(ids(&rig), [key(0xf3)]);
}

#[test]
fn one_file_too_many_is_refused_and_not_kept() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    (0..10).for_each(|id| attach(&mut rig, 0x100 + id));
    rig.take();
    attach(&mut rig, 0x200);
    let elsewhere = Command::Attach { conversation: "x".into(), file: file(0x201) };
    rig.command(elsewhere);
    expect![[r#"
        unstage 200
        answer 1: error {"code":"too_large","params":{"actual":11,"field":"media","limit":10}}
        unstage 201
        answer 1: error {"code":"not_found","params":{"what":"conversation"}}
    "#]]
    .assert_eq(&rig.take());
    assert_eq!(row(&rig).attached.len(), 10);
}

#[test]
fn an_echo_shows_what_its_files_are_and_how_far_they_have_come() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    send_files(&mut rig, "");
    let shown = media(&rig).pop().unwrap();
    assert_eq!((shown.kind, shown.width, shown.height), (FileKind::Photo, Some(3), Some(2)));
    assert_eq!((shown.ready, shown.staged, shown.uploaded), (false, Some(key(0xf1)), Some(0)));
    let entry = ClientId(Uuid::from_u128(0xa01));
    let sid = shown.sid.parse().unwrap();
    rig.feed(Event::Uploading { entry, media: sid, bytes: 4 });
    assert_eq!(media(&rig)[0].uploaded, Some(4));
    rig.feed(Event::Uploading { entry, media: confab_protocol::MediaSid(Uuid::nil()), bytes: 9 });
    assert_eq!(media(&rig)[0].uploaded, Some(4), "of none of its files");
    uploaded(&mut rig, 0xa01, Ok(()));
    assert_eq!(media(&rig)[0].uploaded, Some(5), "all of it");
}

#[test]
fn a_message_without_words_is_told_of_by_what_its_files_are() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    send_files(&mut rig, "  ");
    let preview = FilesPreview { kind: FileKind::Photo, name: Some("quay.png".into()), count: 1 };
    assert_eq!(row(&rig).preview_files, Some(preview));
    send_files(&mut rig, "at noon");
    assert_eq!((row(&rig).preview_files, row(&rig).preview.as_deref()), (None, Some("at noon")));
}

#[test]
fn what_was_chosen_in_a_conversation_that_is_lost_is_not_kept() {
    let mut rig = Rig::new();
    rig.connect();
    rig.open();
    attach(&mut rig, 0xf1);
    rig.take();
    let mut me = own(9, None, 0, 9);
    me.status = MembershipStatus::NotParticipating;
    rig.signal(changed(vec![me]));
    assert!(rig.take().contains("unstage f1\n"));
}

#[test]
fn what_the_server_takes_is_asked_of_it() {
    let mut rig = Rig::new();
    rig.connect();
    rig.take();
    rig.command(Command::FileLimits);
    rig.reply(
        "media.limits",
        serde_json::json!({
            "per_message": 10, "file_bytes": 7, "unsent_bytes": 8, "unsent_files": 9, "allowed_types": [],
            "denied_types": ["video/*"], "body_types": [], "history_types": [],
        }),
    );
    expect![[r#"
        -> media.limits {}
        timer Waiting 5000
        answer 1: {"kind":"file_limits","file_bytes":7,"per_message":10,"allowed_types":[],"denied_types":["video/*"]}
    "#]]
    .assert_eq(&rig.take());
}
