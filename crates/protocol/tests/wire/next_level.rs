//! Frames of the next level: what a newer side may send, and this side survives.

use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::model::{MessageType, Role};
use confab_protocol::{Answer, Capability, Change, ErrorCode, Push, Request, ServerFrame};

fn fixture(name: &str) -> String {
    let path = format!("{}/tests/fixtures/{name}.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn push(name: &str) -> Push {
    match ServerFrame::decode(&fixture(name)) {
        Ok(ServerFrame::Push(push)) => *push,
        other => panic!("{name}: {other:?}"),
    }
}

#[test]
fn unknown_fields_of_a_request_are_ignored() {
    let request = Request::decode(&fixture("request-with-new-fields")).unwrap();
    assert_eq!((request.id, request.call.method()), (41, "message.send"));
}

#[test]
fn unknown_fields_and_values_of_an_event_are_survived() {
    let Push::Log(event) = push("message-with-new-fields") else { panic!() };
    let Change::MessageAdded(message) = event.change else { panic!() };
    assert_eq!((event.seq, message.index, message.kind), (44, 30, MessageType::Unknown));
}

#[test]
fn an_unknown_kind_of_log_event_keeps_its_place_and_subject() {
    let Push::Log(event) = push("unknown-log-event") else { panic!() };
    assert_eq!(event.seq, 45);
    assert_eq!(event.subject.as_deref(), Some("IM0199c2d47e0070008000000000000004"));
    assert_eq!(event.change, Change::Unknown { event: "reaction.added".into() });
}

#[test]
fn a_known_kind_of_a_newer_form_is_as_an_unknown_one() {
    let Push::Log(event) = push("known-event-of-a-newer-form") else { panic!() };
    assert_eq!((event.seq, event.change), (46, Change::Unknown { event: "participant.joined".into() }));
}

#[test]
fn an_unknown_push_without_a_place_is_ignored() {
    assert_eq!(push("unknown-push"), Push::Unknown { event: "call.ringing".into() });
}

#[test]
fn an_unknown_reason_to_close_is_survived() {
    assert_eq!(
        push("closing-for-a-new-reason"),
        Push::Signal(Signal::Closing { reason: CloseReason::Unknown })
    );
}

#[test]
fn an_unknown_error_code_is_permanent() {
    let Ok(ServerFrame::Response { outcome: Err(error), .. }) =
        ServerFrame::decode(&fixture("unknown-error"))
    else {
        panic!()
    };
    assert_eq!(error.code, ErrorCode::Unknown);
    assert!(!error.code.is_passing());
}

#[test]
fn hello_of_the_next_level_is_understood() {
    let request = Request::decode(&fixture("hello-request")).unwrap();
    let confab_protocol::Call::Hello(hello) = request.call else { panic!() };
    assert_eq!(hello.versions.common(confab_protocol::VersionRange::OURS), Some(1));
    assert!(hello.capabilities.contains(&Capability::Unknown));
    let Ok(ServerFrame::Response { outcome: Ok(result), .. }) = ServerFrame::decode(&fixture("hello-answer"))
    else {
        panic!()
    };
    let Ok(Answer::Hello(hello)) = Answer::decode("hello", result) else { panic!() };
    assert_eq!(hello.user.role, Role::Unknown);
}
