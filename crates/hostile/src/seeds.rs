//! Examples to begin with: those of the protocol's document, and one of each text that it does not show.

use confab_protocol::{Link, WorkspaceSid};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::texts;

const DOCUMENT: &str = include_str!("../../../docs/protocol.md");

/// What kind of example it is, and its JSON.
pub(crate) struct Example {
    pub(crate) kind: &'static str,
    pub(crate) value: Value,
}

/// All examples of the document.
pub(crate) fn examples() -> Vec<Example> {
    let blocks = DOCUMENT.split("```json ").skip(1);
    let read = |block: &'static str| {
        let (kind, rest) = block.split_once('\n')?;
        let value = serde_json::from_str(rest.split_once("```")?.0).ok()?;
        Some(Example { kind: kind.trim(), value })
    };
    blocks.filter_map(read).collect()
}

fn lines(wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let found = examples().into_iter().filter(|example| wanted(example.kind));
    found.map(|example| example.value.to_string().into_bytes()).collect()
}

/// What mutations of a target's inputs begin with.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let requests = || lines(|kind| kind == "request");
    let frames = || lines(|kind| kind == "push" || kind == "refusal" || kind.starts_with("answer "));
    match target {
        "request" => requests(),
        "server_frame" => frames(),
        "body" => lines(|kind| kind.starts_with("http ")),
        "text" => pasted(),
        "access_token" => vec![confab_server::fuzz::signed().into_bytes()],
        "refresh_token" => vec![texts::good_refresh_token().into_bytes()],
        "letter" => vec![confab_server::fuzz::letter().into_bytes()],
        "stock_packet" => vec![confab_server::fuzz::stock_packet()],
        "media_address" => vec![confab_server::fuzz::address().into_bytes()],
        "media_file" => pictures(),
        "row" => rows(),
        "rules" => together(requests()),
        "machine" => together([frames(), commands()].concat()),
        _ => Vec::new(),
    }
}

/// One by one, and all after another.
fn together(mut lines: Vec<Vec<u8>>) -> Vec<Vec<u8>> {
    let pairs: Vec<_> = lines.chunks(6).map(|some| some.join(&b'\n')).collect();
    lines.extend(pairs);
    lines
}

/// Heads of pictures, as small as they come.
fn pictures() -> Vec<Vec<u8>> {
    let png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\0IEND\xaeB`\x82";
    let gif = b"GIF89a\x01\0\x01\0\0\xff\0,\0\0\0\0\x01\0\x01\0\0\x02\0;";
    let jpeg = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01\x01\0\0\x01\0\x01\0\0\xff\xc0\0\x0b\x08\0\x01\0\x01\x01\x01\x11\0\xff\xd9";
    let webp = b"RIFF\x1a\0\0\0WEBPVP8L\x0d\0\0\0/\0\0\0\x10\x07\x10\x11\x11\x88\x88\xfe\x07\0";
    [&png[..], &gif[..], &jpeg[..], &webp[..]].map(<[u8]>::to_vec).into()
}

fn pasted() -> Vec<Vec<u8>> {
    let link = Link {
        workspace: WorkspaceSid(Uuid::from_u128(3)),
        name: "Fjordline".into(),
        addresses: vec!["127.0.0.1:7420".into(), "[fd00::7]:9000".into()],
        fingerprint: "ab".repeat(32),
        secret: Some("c2VjcmV0".into()),
    };
    let place = Link { secret: None, ..link.clone() }.to_string();
    let texts = [
        link.to_string(),
        place,
        "chat.example:443".to_owned(),
        "[::1]:7420".to_owned(),
        "5f:".repeat(31) + "5f",
        "CH0199c2d47e0070008000000000000001".to_owned(),
        "0199c2d47e007000800000000000c004".to_owned(),
    ];
    texts.into_iter().map(String::into_bytes).collect()
}

/// Rows of the client's databases: what is stored of the protocol's own, and what is stored beside it.
fn rows() -> Vec<Vec<u8>> {
    let mut rows = commands();
    for example in examples() {
        for part in ["/result/message", "/result/user", "/result/participant", "/message", "/participant"] {
            rows.extend(example.value.pointer(part).map(|row| row.to_string().into_bytes()));
        }
    }
    let (id, sid) = ("0199c2d47e007000800000000000c004", "CH0199c2d47e0070008000000000000001");
    let send = json!({ "action": "send", "place": sid, "body": "hello", "after": null });
    let horizon = json!({ "action": "horizon", "place": id, "index": 7, "mode": "set", "based_on": 3 });
    for (state, action) in [
        (json!({ "state": "held" }), send.clone()),
        (json!({ "state": "released" }), horizon),
        (json!({ "state": "refused", "problem": { "code": "forbidden", "params": {} } }), send.clone()),
        (json!({ "state": "acknowledged", "at": 5, "made": sid }), send),
    ] {
        let entry = json!({ "client_id": id, "order": 4, "at": 5, "state": state, "action": action });
        rows.push(entry.to_string().into_bytes());
    }
    rows.push(json!({ "conversation": sid, "body": "half a thought" }).to_string().into_bytes());
    rows
}

fn commands() -> Vec<Vec<u8>> {
    let place = "CH0199c2d47e0070008000000000000001";
    let commands = [
        json!({ "kind": "open", "conversation": place }),
        json!({ "kind": "send", "conversation": place, "body": "hello" }),
        json!({ "kind": "create_conversation", "name": "New", "unique_name": "new" }),
        json!({ "kind": "read", "conversation": place, "index": 8 }),
        json!({ "kind": "mark_unread", "conversation": place, "index": 3 }),
        json!({ "kind": "remove_participant", "conversation": place, "identity": "Ingrid" }),
        json!({ "kind": "draft", "conversation": place, "body": "half a thought" }),
        json!({ "kind": "load_older" }),
    ];
    commands.iter().map(|command| command.to_string().into_bytes()).collect()
}
