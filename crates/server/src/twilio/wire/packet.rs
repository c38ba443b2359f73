//! Twilsock's framing: one binary message is a line with a length, a header of JSON, and what it carries.

use axum::body::Bytes;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::twilio::problem::Problem;

const MAGIC: &[u8] = b"TWILSOCK V3.0 ";
/// Digits that the length of a header may have.
const DIGITS: usize = 7;

/// The header of what a client sends.
#[derive(Debug, Deserialize)]
pub(super) struct Header {
    /// What it is.
    pub(super) method: String,
    /// The answer repeats it.
    #[serde(default)]
    pub(super) id: String,
    /// The access token, of `init` and `update`.
    #[serde(default)]
    pub(super) token: Option<String>,
    /// The request, of `message`.
    #[serde(default)]
    pub(super) http_request: Option<HttpRequest>,
    #[serde(default)]
    payload_size: usize,
}

/// A request within a packet.
#[derive(Debug, Deserialize)]
pub(super) struct HttpRequest {
    /// Still with its percents.
    pub(super) path: String,
    /// GET, POST, …
    #[serde(default)]
    pub(super) method: String,
    /// What stood behind the question mark, still with its percents.
    #[serde(default)]
    pub(super) params: Map<String, Value>,
    /// Headers.
    #[serde(default)]
    pub(super) headers: Map<String, Value>,
}

/// A packet that cannot be read.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("a packet cannot be read: {0}")]
pub(super) struct Malformed(&'static str);

/// Reads a packet: its header, and what it carries.
pub(super) fn read(bytes: &[u8]) -> Result<(Header, &[u8]), Malformed> {
    let rest = bytes.strip_prefix(MAGIC).ok_or(Malformed("another protocol"))?;
    let (length, rest) = line(rest).ok_or(Malformed("no length"))?;
    let header = rest.get(..length).ok_or(Malformed("the header is cut off"))?;
    let rest = rest[length..].strip_prefix(b"\r\n").ok_or(Malformed("no end of the header"))?;
    let header: Header = serde_json::from_slice(header).map_err(|_| Malformed("the header is no JSON"))?;
    let payload = rest.get(..header.payload_size).ok_or(Malformed("what it carries is cut off"))?;
    Ok((header, payload))
}

/// The number before the first end of a line, and what follows.
fn line(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let end = bytes.iter().take(DIGITS + 1).position(|byte| *byte == b'\r')?;
    let number = std::str::from_utf8(&bytes[..end]).ok()?;
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
    let rest = bytes[end..].strip_prefix(b"\r\n").filter(|_| is_number)?;
    Some((number.parse().ok()?, rest))
}

fn write(mut header: Value, payload: Option<&Value>) -> Bytes {
    let payload = payload.map(Value::to_string).unwrap_or_default();
    header["payload_size"] = payload.len().into();
    header["payload_type"] = "application/json".into();
    let header = header.to_string();
    let mut packet = Vec::with_capacity(MAGIC.len() + DIGITS + 4 + header.len() + payload.len());
    packet.extend_from_slice(MAGIC);
    packet.extend_from_slice(header.len().to_string().as_bytes());
    packet.extend_from_slice(b"\r\n");
    packet.extend_from_slice(header.as_bytes());
    packet.extend_from_slice(b"\r\n");
    packet.extend_from_slice(payload.as_bytes());
    packet.into()
}

fn new_id() -> String {
    format!("TM{}", Uuid::now_v7().hyphenated())
}

/// The word for a status.
fn phrase(status: u16) -> String {
    let known = axum::http::StatusCode::from_u16(status).ok().and_then(|status| status.canonical_reason());
    known.unwrap_or("Unknown").to_owned()
}

/// The answer to `init`: come in. Without `offline_storage` a browser keeps nothing of Sync objects: a list or a map that it
/// had kept it would use again without saying up to which event it knows it, so that whatever happens between its reading
/// the items and its subscription would be lost.
pub(super) fn welcome(id: &str, continuation: &str) -> Bytes {
    let header = json!({
        "method": "reply", "id": id, "status": { "code": 200, "status": "OK" },
        "continuation_token": continuation,
        "continuation_token_status": { "reissued": false, "reissue_message": "" },
        "capabilities": ["client_update"],
        "init_registrations": [], "debug_info": {},
    });
    write(header, None)
}

/// The answer to what is only to be acknowledged.
pub(super) fn done(id: &str) -> Bytes {
    write(json!({ "method": "reply", "id": id, "status": { "code": 200, "status": "OK" } }), None)
}

/// A refusal of `init` or `update`. With a time, the client waits as long before it comes back.
pub(super) fn refusal(id: &str, problem: &Problem, come_back_ms: Option<u64>) -> Bytes {
    let header = json!({ "method": "reply", "id": id, "status": status_of(problem) });
    let policy = come_back_ms.map(|wait| json!({ "backoff_policy": { "reconnect_min_ms": wait } }));
    write(header, policy.as_ref())
}

fn status_of(problem: &Problem) -> Value {
    json!({
        "code": problem.status, "status": phrase(problem.status).to_uppercase(),
        "description": problem.message, "errorCode": problem.code,
    })
}

/// The answer to a request within a packet.
pub(super) fn answer(id: &str, status: u16, body: Option<&Value>) -> Bytes {
    let header = json!({
        "method": "reply", "id": id, "status": { "code": 200, "status": "OK" },
        "http_status": { "code": status, "status": phrase(status) }, "http_headers": {},
    });
    write(header, body)
}

/// Something that was not asked for.
pub(super) fn notification(kind: &str, body: &Value) -> Bytes {
    write(json!({ "method": "notification", "id": new_id(), "message_type": kind }), Some(body))
}

/// The token is about to end.
pub(super) fn about_to_expire() -> Bytes {
    let kind = "token_about_to_expire";
    write(json!({ "method": "client_update", "id": new_id(), "client_update_type": kind }), None)
}

/// The end of the session.
pub(super) fn close(problem: &Problem) -> Bytes {
    write(json!({ "method": "close", "id": new_id(), "status": status_of(problem) }), None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn packet(length: usize, header: &str, payload: &str) -> Vec<u8> {
        format!("TWILSOCK V3.0 {length}\r\n{header}\r\n{payload}").into_bytes()
    }

    #[test]
    fn a_packet_reads_back_what_it_says() {
        let header = r#"{"method":"message","id":"TM1","payload_size":3,"http_request":{"path":"/a%20b"}}"#;
        let bytes = packet(header.len(), header, "ärö");
        let (header, payload) = read(&bytes).unwrap();
        assert_eq!(
            (header.method.as_str(), header.id.as_str(), payload),
            ("message", "TM1", "är".as_bytes())
        );
        assert_eq!(header.http_request.unwrap().path, "/a%20b");
    }

    #[test]
    fn what_is_not_whole_or_of_another_kind_is_refused() {
        let header = r#"{"method":"init","payload_size":1}"#;
        for bytes in [
            Vec::new(),
            b"TWILSOCK V2.0 2\r\n{}\r\n".to_vec(),
            packet(usize::MAX, header, "x"),
            packet(header.len() + 1, header, "x"),
            packet(header.len(), header, ""),
            packet(2, "{}", ""),
            b"TWILSOCK V3.0 -2\r\n{}\r\n".to_vec(),
            b"TWILSOCK V3.0 2\n{}\n".to_vec(),
        ] {
            assert!(read(&bytes).is_err(), "{}", String::from_utf8_lossy(&bytes));
        }
    }

    #[test]
    fn lengths_are_counted_in_bytes() {
        let bytes = answer("TM1", 200, Some(&json!({ "name": "Zoë" })));
        let (header, payload) = read(&bytes).unwrap();
        assert_eq!(header.method, "reply");
        assert_eq!(serde_json::from_slice::<Value>(payload).unwrap()["name"], "Zoë");
    }
}
