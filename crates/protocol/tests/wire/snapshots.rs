//! A snapshot of every frame: a change of the wire shows as a changed file.

use confab_protocol::{Answer, Call, Request, Response, ServerFrame, WireError};
use serde_json::Value;

use crate::samples;

fn pretty(text: &str) -> String {
    let value: Value = serde_json::from_str(text).unwrap();
    serde_json::to_string_pretty(&value).unwrap()
}

#[test]
fn every_method_has_a_sample() {
    let sampled: Vec<_> = samples::calls().iter().map(|(call, _)| call.method()).collect();
    assert_eq!(sampled, Call::METHODS);
}

#[test]
fn requests_stand_still_and_read_back() {
    for (id, (call, _)) in (1..).zip(samples::calls()) {
        let request = Request { id, call };
        let text = request.encode();
        assert_eq!(Request::decode(&text), Ok(request.clone()));
        insta::assert_snapshot!(format!("request-{}", request.call.method()), pretty(&text));
    }
}

#[test]
fn answers_stand_still_and_read_back() {
    for (id, (call, answer)) in (1..).zip(samples::calls()) {
        let text = Response { id, outcome: Ok(answer.clone()) }.encode();
        let Ok(ServerFrame::Response { id: read, outcome: Ok(result) }) = ServerFrame::decode(&text) else {
            panic!("{text}");
        };
        assert_eq!((read, Answer::decode(call.method(), result)), (id, Ok(answer)));
        insta::assert_snapshot!(format!("answer-{}", call.method()), pretty(&text));
    }
}

#[test]
fn pushes_stand_still_and_read_back() {
    for push in samples::pushes() {
        let text = push.encode();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(ServerFrame::decode(&text), Ok(ServerFrame::Push(Box::new(push))));
        insta::assert_snapshot!(format!("push-{}", value["event"].as_str().unwrap()), pretty(&text));
    }
}

#[test]
fn a_refusal_stands_still_and_reads_back() {
    let error = WireError::invalid("body", "missing field `body`");
    let text = Response { id: 7, outcome: Err(error.clone()) }.encode();
    assert_eq!(ServerFrame::decode(&text), Ok(ServerFrame::Response { id: 7, outcome: Err(error) }));
    insta::assert_snapshot!("refusal", pretty(&text));
}

#[test]
fn bodies_of_the_http_side_stand_still() {
    for (name, body) in samples::bodies() {
        insta::assert_snapshot!(format!("http-{name}"), serde_json::to_string_pretty(&body).unwrap());
    }
}
