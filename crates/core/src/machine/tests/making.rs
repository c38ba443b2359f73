//! Conversations that are made here.

use confab_protocol::method::ConversationResult;
use confab_protocol::model::{ConversationSummary, Role};
use confab_protocol::{
    Change, ClientId, ConversationSid, ErrorCode, UserSid, WireError, WorkspaceSid, derived,
};
use expect_test::expect;
use serde_json::Value;
use uuid::Uuid;

use super::check_connected;
use super::rig::{own, row};
use super::sending::key;
use crate::Timer;
use crate::command::Command;

fn made(name: &str) -> Value {
    let sid = ConversationSid(Uuid::from_u128(0xe));
    let mut me = own(4, None, 0, 2);
    (me.conversation, me.role) = (sid, Role::Owner);
    let mut conversation = row(2);
    (conversation.sid, conversation.friendly_name, conversation.last_message) =
        (sid, Some(name.into()), None);
    let summary = ConversationSummary { conversation: Some(conversation), me, last_message: None };
    serde_json::to_value(ConversationResult { summary }).unwrap()
}

#[test]
fn a_conversation_made_offline_can_be_written_to_at_once() {
    check_connected(
        |rig| {
            rig.lose();
            rig.command(Command::create("Plans", None));
            rig.command(Command::Send { conversation: key(0xa01), body: "first".into() });
            rig.command(Command::Draft { conversation: key(0xa01), body: "sec".into() });
            rig.note("connected: the message waits for the conversation");
            rig.reconnect(&[]);
            rig.reply("conversation.create", made("Plans"));
            rig.timer(Timer::Drafts);
        },
        &expect![[r#"
            no timer Heartbeat
            timer Reconnect 125
            = Connecting Some(Timestamp(10125))
            disk 0: put a01 create in  "held"
            = opened Some("a01") new after None, 0
            = list
                + a01 "Plans" unread 0 being made
            = timeline
            answer 1: {"kind":"conversation","key":"a01"}
            disk 1: put a02 send "first" in a01 "held"
            = list
                + a01 "Plans" unread 0 Ingrid S.: "first" being made
            = timeline
                + a02 - Ingrid S.: "first" Sending
            answer 1: {"kind":"done"}
            timer Drafts 300
            timer SendDrafts 1000
            = list
                + a01 "Plans" unread 0 Ingrid S.: "first" draft "sec" being made
            answer 1: {"kind":"done"}
            # connected: the message waits for the conversation
            no timer Reconnect
            connect
            = Connecting None
            -> hello {}
            timer Heartbeat 15000
            disk 2: put a01 create in  "released", put a02 send "first" in a01 "released"
            cache: meta at Some(41), state 3
            learned Fjordline
            timer Heartbeat 5000
            -> resume {"cursor":41,"epoch":"8","limit":50}
            -> interest.set {"rows":[]}
            = Connected None
            -> conversation.create {"client_id":"a01","friendly_name":"Plans","uber":false}
            cache: meta at Some(41), state 3
            disk 3: no draft a01, draft CHe "sec", put a01 create in  "acknowledged"
            cache: drop roster, conversation CHe unread 0 log Some(2)
            -> message.send {"body":"first","client_id":"a02","conversation":"CHe"}
            -> participant.list {"conversation":"CHe","limit":200}
            -> interest.set {"open":"CHe","rows":[]}
            = list
                + a01 "Plans" unread 0 Ingrid S.: "first" draft "sec"
            disk 4: draft CHe "sec"
        "#]],
    );
}

#[test]
fn a_conversation_that_cannot_be_made_keeps_what_was_written_in_it() {
    check_connected(
        |rig| {
            rig.command(Command::create("Plans", Some("plans".into())));
            rig.command(Command::Send { conversation: key(0xa01), body: "first".into() });
            rig.refuse(
                "conversation.create",
                WireError::new(ErrorCode::UniqueNameTaken).with("unique_name", "plans"),
            );
            rig.note("the message is given up: nothing is left");
            rig.command(Command::Discard { conversation: key(0xa01), message: key(0xa02) });
        },
        &expect![[r#"
            disk 0: put a01 create in  "released"
            = opened Some("a01") new after None, 0
            = list
                + a01 "Plans" unread 0 being made
            = timeline
            answer 1: {"kind":"conversation","key":"a01"}
            -> conversation.create {"client_id":"a01","friendly_name":"Plans","uber":false,"unique_name":"plans"}
            disk 1: put a02 send "first" in a01 "released"
            = list
                + a01 "Plans" unread 0 Ingrid S.: "first" being made
            = timeline
                + a02 - Ingrid S.: "first" Sending
            answer 1: {"kind":"done"}
            disk 2: put a01 create in  "refused", put a02 send "first" in a01 "refused"
            = stuck
                a01 create "Plans" in "Plans": unique_name_taken
            = list
                + a01 "Plans" unread 0 failed being made
            = timeline
                + a02 - Ingrid S.: "first" Failed unique_name_taken
            # the message is given up: nothing is left
            disk 3: delete a02
            = timeline
                - a02
            answer 1: {"kind":"done"}
        "#]],
    );
}

#[test]
fn what_is_heard_of_a_conversation_before_its_making_is_answered_belongs_to_it() {
    let id = ClientId(Uuid::from_u128(0xa01));
    let sid = derived::conversation(WorkspaceSid(Uuid::from_u128(1)), UserSid(Uuid::from_u128(2)), id);
    check_connected(
        |rig| {
            rig.command(Command::create("Plans", None));
            rig.take();
            let mut conversation = row(1);
            (conversation.sid, conversation.friendly_name) = (sid, Some("Plans".into()));
            let change = Change::ConversationCreated(Box::new(conversation));
            rig.log_of(sid, 1, change);
            rig.note("a message goes behind the making, and there is one row");
            rig.command(Command::Send { conversation: sid.to_string(), body: "first".into() });
        },
        &expect![[r#"
            -> conversation.get {"conversation":"CH7258b7768c791ae3c1e0"}
            -> interest.set {"open":"CH7258b7768c791ae3c1e0","rows":[]}
            # a message goes behind the making, and there is one row
            disk 1: put a02 send "first" in CH7258b7768c791ae3c1e0 "released"
            = list
                + a01 "Plans" unread 0 Ingrid S.: "first"
            = timeline loading
                + a02 - Ingrid S.: "first" Sending
            answer 1: {"kind":"done"}
        "#]],
    );
}
