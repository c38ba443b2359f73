//! What was removed or edited is in no file of the server a moment later, while it runs.

use std::path::Path;

use serde_json::json;

use super::harness::{Server, id, soon};

/// Whether a file of a directory holds a text. It is looked twice: in between it may move from the log into the database, which was
/// read before.
pub(crate) fn holds(place: &Path, text: &str) -> bool {
    holds_now(place, text) || holds_now(place, text)
}

fn holds_now(place: &Path, text: &str) -> bool {
    let files = std::fs::read_dir(place)
        .expect("the directory is there")
        .map(|entry| entry.expect("it can be listed").path());
    let mut contents = files.filter(|path| path.is_file()).filter_map(|path| std::fs::read(path).ok());
    contents.any(|content| content.windows(text.len()).any(|window| window == text.as_bytes()))
}

/// Waits until no file of a directory holds a text.
pub(crate) async fn gone(place: &Path, text: &str) {
    while holds(place, text) {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_removed_or_edited_leaves_the_files() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    let place = server.place.path().join("data");
    let long = "the-first-of-the-secrets ".repeat(500);
    let (removed, edited) =
        (ingrid.say(&conversation, &long).await, ingrid.say(&conversation, "the-second-secret").await);
    for number in 0..50 {
        ingrid.say(&conversation, &format!("filler {number}")).await;
    }
    assert!(holds(&place, "the-first-of-the-secrets") && holds(&place, "the-second-secret"));
    let of = |message: &serde_json::Value| json!({"sid": message["sid"]});
    let remove = json!({"client_id": id(), "conversation": conversation, "message": of(&removed)});
    ingrid.call("message.remove", remove).await.unwrap();
    let edit = json!({"client_id": id(), "conversation": conversation, "message": of(&edited), "body": "nothing to hide"});
    ingrid.call("message.edit", edit).await.unwrap();
    soon(gone(&place, "the-first-of-the-secrets")).await;
    soon(gone(&place, "the-second-secret")).await;
    assert!(holds(&place, "nothing to hide") && holds(&place, "filler 49"));
}
