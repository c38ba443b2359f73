//! Files of messages long before those that are shown.

use confab_protocol::event::Change;
use confab_protocol::model::Message;
use expect_test::expect;
use serde_json::json;

use super::check_open;
use super::rig::{Rig, conversation};
use crate::command::Command;
use crate::testing::message;

fn with_file(index: u64, name: &str) -> Message {
    let file = json!({ "sid": format!("ME{index:032x}"), "file_name": name, "content_type": "text/plain", "size": 5 });
    Message { media: vec![serde_json::from_value(file).unwrap()], ..message(index, index + 3, "") }
}

fn removed(index: u64, version: u64) -> Message {
    Message { body: None, removed: true, version, ..message(index, version, "") }
}

fn list(rig: &mut Rig, before: Option<u64>) {
    rig.command(Command::ListFiles { conversation: conversation(), before });
}

/// A page of messages as the server gives it.
fn reply(rig: &mut Rig, messages: &[Message], has_older: bool) {
    let page = json!({ "as_of": 9, "messages": messages, "has_older": has_older, "has_newer": true });
    rig.reply("message.page", page);
}

#[test]
fn files_are_listed_page_by_page_and_the_window_stays() {
    check_open(
        |rig| {
            list(rig, None);
            let page = [removed(40, 60), with_file(41, "plan.pdf"), message(42, 45, "words")];
            reply(rig, &page, true);
            list(rig, Some(40));
            reply(rig, &[message(12, 15, "words")], false);
            rig.note("nothing is before the beginning");
            list(rig, Some(0));
        },
        &expect![[r#"
            -> message.page {"conversation":"CHc","direction":"backwards","limit":100}
            timer Waiting 5000
            answer 1: {"kind":"files","messages":[{"key":"2029","sid":"IM1029","index":41,"author":"Aiko","author_name":"Aiko Mori","own":false,"subject":null,"body":"","media":[{"sid":"ME29","kind":"file","name":"plan.pdf","content_type":"text/plain","sniffed_type":null,"size":5,"width":null,"height":null,"ready":true,"staged":null,"uploaded":null}],"at":1041,"state":"sent","problem":null,"edited":false,"can_edit":false,"can_remove":false}],"next":40}
            -> message.page {"anchor":39,"conversation":"CHc","direction":"backwards","limit":100}
            answer 1: {"kind":"files","messages":[],"next":null}
            # nothing is before the beginning
            answer 1: error {"code":"invalid_params","params":{"field":"before"}}
        "#]],
    );
}

#[test]
fn what_is_being_removed_is_not_listed() {
    check_open(
        |rig| {
            let key = message(1, 4, "").client_id.to_string();
            rig.command(Command::Remove { conversation: conversation(), message: key });
            rig.take();
            list(rig, None);
            reply(rig, &[with_file(1, "plan.pdf"), with_file(2, "map.pdf")], false);
        },
        &expect![[r#"
            -> message.page {"conversation":"CHc","direction":"backwards","limit":100}
            timer Waiting 5000
            answer 1: {"kind":"files","messages":[{"key":"2002","sid":"IM1002","index":2,"author":"Aiko","author_name":"Aiko Mori","own":false,"subject":null,"body":"","media":[{"sid":"ME2","kind":"file","name":"map.pdf","content_type":"text/plain","sniffed_type":null,"size":5,"width":null,"height":null,"ready":true,"staged":null,"uploaded":null}],"at":1002,"state":"sent","problem":null,"edited":false,"can_edit":false,"can_remove":false}],"next":null}
        "#]],
    );
}

#[test]
fn who_listed_a_message_learns_that_it_is_gone() {
    let mut rig = Rig::new();
    rig.connect();
    rig.command(Command::Open { conversation: Some(conversation()) });
    rig.page(10..12, 5);
    rig.take();
    rig.log(6, Change::MessageRemoved(Box::new(removed(3, 6))));
    let gone = format!("= gone {}", &message(3, 6, "").client_id.to_string()[28..]);
    let transcript = rig.take();
    assert!(transcript.contains(&gone), "{transcript}");
}
