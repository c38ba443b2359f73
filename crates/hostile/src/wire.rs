//! Frames in both directions and the bodies of HTTP.

use confab_protocol::http::{
    ErrorBody, Health, JoinRequest, RefreshRequest, SignInRequest, TokenGrant, UploadRequest, UploadStatus,
    WorkspaceInfo,
};
use confab_protocol::{Answer, Call, Change, Push, Request, ServerFrame, limits};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

/// Up to this length an answer is read as that of every method.
const SHORT: usize = 64 * 1024;

/// A request, as the server reads it.
pub(crate) fn request(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match Request::decode(text) {
        Ok(request) => {
            // What is passed over in reading must not come back in writing, and nothing else may be lost.
            let again = Request::decode(&request.encode());
            // Numbers in attributes may be written otherwise than they came, and then be too long.
            assert!(again.as_ref().map_or(text.len() > limits::FRAME_BYTES / 2, |again| *again == request));
        }
        Err(error) => {
            // A refusal must fit into a frame, however long that which is refused.
            let refusal = serde_json::to_string(&error.error).expect("invariant: an error is JSON");
            assert!(refusal.len() < 2_048, "a refusal of {} bytes", refusal.len());
        }
    }
}

/// A frame of the server, as the client reads it, and its answer as that of every method.
pub(crate) fn server_frame(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    match ServerFrame::decode(text) {
        Ok(ServerFrame::Response { outcome: Ok(result), .. }) if text.len() < SHORT => {
            Call::METHODS.iter().for_each(|method| answer_again(method, result.clone()));
        }
        // As the client does it, who has asked by one method.
        Ok(ServerFrame::Response { id, outcome: Ok(result) }) => {
            let at = usize::try_from(id).unwrap_or_default() % Call::METHODS.len();
            answer_again(Call::METHODS[at], result);
        }
        Ok(ServerFrame::Push(push)) => push_again(&push),
        Ok(ServerFrame::Response { .. }) | Err(_) => {}
    }
}

fn answer_again(method: &str, result: Value) {
    let Ok(answer) = Answer::decode(method, result) else { return };
    // Events of a newer kind are counted, never sent on.
    let Ok(written) = serde_json::to_value(&answer) else { return };
    assert_eq!(Answer::decode(method, written).as_ref(), Ok(&answer), "{method}");
}

fn push_again(push: &Push) {
    // What only a newer server sends is passed over, never sent on.
    let is_known = match push {
        Push::Unknown { .. } => false,
        Push::Log(event) => !matches!(event.change, Change::Unknown { .. }),
        Push::Signal(_) => true,
    };
    if !is_known {
        return;
    }
    let again = ServerFrame::decode(&push.encode());
    assert!(matches!(&again, Ok(ServerFrame::Push(again)) if **again == *push), "{push:?} became {again:?}");
}

/// A body of HTTP in either direction.
pub(crate) fn body(bytes: &[u8]) {
    same::<JoinRequest>(bytes);
    same::<SignInRequest>(bytes);
    same::<RefreshRequest>(bytes);
    same::<TokenGrant>(bytes);
    same::<UploadRequest>(bytes);
    same::<UploadStatus>(bytes);
    same::<WorkspaceInfo>(bytes);
    same::<Health>(bytes);
    same::<ErrorBody>(bytes);
}

/// What can be read can be written, and is read again as the same.
pub(crate) fn same<T: DeserializeOwned + Serialize>(bytes: &[u8]) {
    let Ok(read) = serde_json::from_slice::<T>(bytes) else { return };
    let written = serde_json::to_string(&read).expect("invariant: what was read is JSON");
    let again: T = serde_json::from_str(&written).expect("what was written can be read");
    assert_eq!(serde_json::to_string(&again).ok().as_ref(), Some(&written));
}

/// A packet of a stock client: whatever it is, it is read or it is not, and one is known by its beginning.
pub(crate) fn stock_packet(bytes: &[u8]) {
    if confab_server::fuzz::is_stock_packet(bytes) {
        assert!(bytes.starts_with(b"TWILSOCK V3.0 "));
    }
}
