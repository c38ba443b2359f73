//! Bytes that nobody meant: no panic, a typed error.

use confab_protocol::{ErrorCode, Link, Request, ServerFrame, limits};
use proptest::prelude::*;

#[test]
fn what_is_wrong_is_said() {
    let code = |text: &str| Request::decode(text).unwrap_err();
    assert_eq!(code("").error.code, ErrorCode::BadFrame);
    assert_eq!(code("[]").error.code, ErrorCode::BadFrame);
    assert_eq!(code(r#"{"id":7}"#).id, Some(7));
    assert_eq!(code(r#"{"id":7,"method":"x.y"}"#).error.code, ErrorCode::UnknownMethod);
    let missing = code(r#"{"id":7,"method":"message.edit","params":{}}"#).error;
    assert_eq!((missing.code, &missing.params["field"]), (ErrorCode::InvalidParams, &"client_id".into()));
    assert_eq!(code(&" ".repeat(limits::FRAME_BYTES + 1)).error.code, ErrorCode::TooLarge);
    assert_eq!(code(r#"{"id":-1,"method":"ping","params":{}}"#).error.code, ErrorCode::BadFrame);
}

proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "\\PC{0,200}") {
        let _ = Request::decode(&text);
        let _ = ServerFrame::decode(&text);
        let _ = text.parse::<Link>();
    }

    #[test]
    fn any_mutation_of_a_frame_is_read_or_refused(at in 0usize..180, byte in 0u8..128) {
        let mut text = br#"{"id":7,"method":"message.send","params":{"client_id":"0199c2d47e007000800000000000c004","conversation":"CH0199c2d47e0070008000000000000001","body":"hello","mentions":["a"]}}"#.to_vec();
        let at = at % text.len();
        text[at] = byte;
        let text = String::from_utf8(text).unwrap();
        let _ = Request::decode(&text);
        let _ = ServerFrame::decode(&text);
    }
}
