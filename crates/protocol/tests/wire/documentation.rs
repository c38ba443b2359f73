//! docs/protocol.md against the validator: every example is read, and nothing on the wire is without one.

use confab_protocol::http::{
    ErrorBody, Health, JoinRequest, RefreshRequest, SignInRequest, TokenGrant, UploadRequest, UploadStatus,
    WorkspaceInfo,
};
use confab_protocol::{Answer, Call, ErrorCode, Push, Request, ServerFrame};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::samples;

struct Example {
    kind: String,
    argument: String,
    value: Value,
}

fn text() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/protocol.md");
    std::fs::read_to_string(path).unwrap()
}

fn examples(text: &str) -> Vec<Example> {
    let mut found = vec![];
    for block in text.split("```json ").skip(1) {
        let (head, rest) = block.split_once('\n').unwrap();
        let (body, _) = rest.split_once("```").expect("an example ends");
        let (kind, argument) = head.split_once(' ').unwrap_or((head, ""));
        let value = serde_json::from_str(body).unwrap_or_else(|error| panic!("{head}: {error}"));
        found.push(Example { kind: kind.into(), argument: argument.into(), value });
    }
    found
}

fn same<T: DeserializeOwned + Serialize>(value: &Value) {
    let read: T = serde_json::from_value(value.clone()).unwrap();
    assert_eq!(&serde_json::to_value(read).unwrap(), value);
}

fn check(example: &Example) {
    let text = example.value.to_string();
    match (example.kind.as_str(), example.argument.as_str()) {
        ("request", "") => {
            let request = Request::decode(&text).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(serde_json::from_str::<Value>(&request.encode()).unwrap(), example.value);
        }
        ("answer", method) => {
            let Ok(ServerFrame::Response { outcome: Ok(result), .. }) = ServerFrame::decode(&text) else {
                panic!("{text}")
            };
            let answer = Answer::decode(method, result).unwrap_or_else(|error| panic!("{text}: {error:?}"));
            assert_eq!(serde_json::to_value(answer).unwrap(), example.value["result"]);
        }
        ("push", "") => {
            let Ok(ServerFrame::Push(push)) = ServerFrame::decode(&text) else { panic!("{text}") };
            assert!(!matches!(*push, Push::Unknown { .. }), "{text}");
            assert_eq!(serde_json::from_str::<Value>(&push.encode()).unwrap(), example.value);
        }
        ("refusal", "") => {
            assert!(matches!(ServerFrame::decode(&text), Ok(ServerFrame::Response { outcome: Err(_), .. })));
        }
        ("http", "ErrorBody") => same::<ErrorBody>(&example.value),
        ("http", "Health") => same::<Health>(&example.value),
        ("http", "WorkspaceInfo") => same::<WorkspaceInfo>(&example.value),
        ("http", "JoinRequest") => same::<JoinRequest>(&example.value),
        ("http", "SignInRequest") => same::<SignInRequest>(&example.value),
        ("http", "RefreshRequest") => same::<RefreshRequest>(&example.value),
        ("http", "UploadRequest") => same::<UploadRequest>(&example.value),
        ("http", "UploadStatus") => same::<UploadStatus>(&example.value),
        ("http", "TokenGrant") => same::<TokenGrant>(&example.value),
        (kind, argument) => panic!("an example of kind {kind} {argument} cannot be checked"),
    }
}

#[test]
fn every_example_is_read_by_the_validator() {
    let text = text();
    let examples = examples(&text);
    examples.iter().for_each(check);
    assert_eq!(examples.len(), text.matches("```json").count(), "every example says what it is");
}

#[test]
fn every_frame_has_an_example() {
    let examples = examples(&text());
    let has =
        |kind: &str, test: &dyn Fn(&Example) -> bool| examples.iter().any(|e| e.kind == kind && test(e));
    for method in Call::METHODS {
        assert!(has("request", &|e| e.value["method"] == *method), "request {method}");
        assert!(has("answer", &|e| e.argument == *method), "answer {method}");
    }
    for push in samples::pushes() {
        let event = serde_json::to_value(&push).unwrap()["event"].clone();
        assert!(has("push", &|e| e.value["event"] == event), "push {event}");
    }
    for (name, _) in samples::bodies() {
        assert!(has("http", &|e| e.argument == name), "body {name}");
    }
}

#[test]
fn every_code_and_every_limit_is_documented() {
    let text = text();
    for code in ErrorCode::ALL {
        let row = format!(
            "| `{}` | {} | {} |",
            code.as_str(),
            code.status(),
            if code.is_passing() { "yes" } else { "no" }
        );
        assert!(text.contains(&row), "{row}");
    }
    let limits = include_str!("../../src/limits.rs");
    for name in limits.split("pub const ").skip(1).filter_map(|rest| rest.split(':').next()) {
        assert!(text.contains(&format!("| `{name}` |")), "{name}");
    }
}
