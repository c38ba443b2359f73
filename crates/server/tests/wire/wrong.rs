//! Every method with every kind of wrong argument: the code is the documented one, nothing has changed in any table, and nobody
//! was told anything.

#[path = "wrong/names.rs"]
mod names;
#[path = "wrong/rights.rs"]
mod rights;
#[path = "wrong/stage.rs"]
mod stage;
#[path = "wrong/table.rs"]
mod table;

use std::collections::BTreeSet;

use confab_protocol::{Call, limits};
use serde_json::{Value, json};

use super::harness::{id, message};
use stage::Stage;
use table::{Right, table};

/// The same parameters with another value of a field, under a `client_id` of their own.
fn with(params: &Value, field: &str, value: Value) -> Value {
    let mut params = params.clone();
    if params.get("client_id").is_some() {
        params["client_id"] = id().into();
    }
    params[field] = value;
    params
}

/// A value of another type than the one that is right.
fn of_another_type(right: &Value) -> Value {
    match right {
        Value::Array(_) | Value::Object(_) => json!("neither list nor object"),
        Value::String(_) => json!({"an": "object"}),
        _ => json!("no number and no flag"),
    }
}

#[tokio::test]
async fn every_method_is_in_the_table_with_every_field_it_takes() {
    let stage = Stage::new().await;
    let rows = table(&stage);
    let mut methods: Vec<&str> = rows.iter().map(|row| row.method).collect();
    methods.dedup();
    assert_eq!(methods, Call::METHODS);
    for method in methods {
        let rows = rows.iter().filter(|row| row.method == method);
        let fields = rows.flat_map(|row| row.params.as_object().unwrap().keys().map(String::as_str));
        let taken: BTreeSet<&str> = Call::parameters(method).iter().copied().collect();
        assert_eq!(fields.collect::<BTreeSet<_>>(), taken, "{method}");
    }
}

#[tokio::test]
async fn what_is_missing_or_of_another_type_is_refused() {
    let mut stage = Stage::new().await;
    for Right { method, params, required } in table(&stage) {
        for field in required {
            let mut missing = params.clone();
            missing.as_object_mut().unwrap().remove(*field);
            stage.is_refused(false, method, &missing, "invalid_params", "missing").await;
        }
        for (field, right) in params.as_object().unwrap() {
            // What applications keep there may be anything.
            if matches!(field.as_str(), "attributes" | "value") {
                continue;
            }
            let wrong = with(&params, field, of_another_type(right));
            stage.is_refused(false, method, &wrong, "invalid_params", "another type").await;
        }
        if !required.is_empty() {
            stage.is_refused(false, method, &json!([1, 2]), "invalid_params", "a list").await;
        }
    }
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_refused() {
    let mut stage = Stage::new().await;
    let rows = table(&stage);
    let params = |method: &str, field: &str| {
        let row = rows.iter().find(|row| row.method == method && row.params.get(field).is_some());
        row.unwrap_or_else(|| panic!("no row of {method} has {field}")).params.clone()
    };
    let long = |chars: usize| json!("a".repeat(chars + 1));
    let many = |what: Value, count: usize| json!(vec![what; count + 1]);
    let name = long(limits::FRIENDLY_NAME_CHARS);
    let mut files = Vec::new();
    while files.len() <= limits::MEDIA_PER_MESSAGE {
        files.push(stage.file_of_ingrid().await);
    }
    let cases = [
        ("conversation.get_many", "conversations", many(json!(stage.room), limits::CONVERSATION_BATCH)),
        ("conversation.list", "limit", json!(limits::CONVERSATION_PAGE + 1)),
        ("conversation.list_public", "limit", json!(limits::CONVERSATION_PAGE + 1)),
        ("conversation.list_left", "limit", json!(limits::CONVERSATION_PAGE + 1)),
        ("conversation.create", "friendly_name", name.clone()),
        ("conversation.create", "unique_name", long(limits::UNIQUE_NAME_CHARS)),
        ("conversation.create", "attributes", long(limits::CONVERSATION_ATTRIBUTES_BYTES)),
        (
            "conversation.create",
            "participants",
            many(json!({"identity": "Aiko"}), limits::INITIAL_PARTICIPANTS),
        ),
        (
            "conversation.create",
            "participants",
            json!([{"identity": "Aiko", "attributes": long(limits::ATTRIBUTES_BYTES)}]),
        ),
        ("conversation.update", "friendly_name", name.clone()),
        ("conversation.update", "unique_name", long(limits::UNIQUE_NAME_CHARS)),
        ("conversation.update", "attributes", long(limits::CONVERSATION_ATTRIBUTES_BYTES)),
        ("participant.list", "limit", json!(limits::PARTICIPANT_PAGE + 1)),
        ("participant.add", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("participant.update", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("participant.add_non_chat", "address", long(limits::ADDRESS_CHARS)),
        ("participant.add_non_chat", "proxy_address", long(limits::ADDRESS_CHARS)),
        ("participant.add_non_chat", "name", name.clone()),
        ("participant.add_non_chat", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("participant.update_non_chat", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("role.create", "friendly_name", name.clone()),
        ("role.update", "friendly_name", name.clone()),
        ("message.send", "body", long(limits::BODY_BYTES)),
        ("message.send", "subject", long(limits::SUBJECT_CHARS)),
        ("message.send", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("message.send", "mentions", many(json!("Aiko"), limits::MENTIONS)),
        ("message.send", "media", json!(files)),
        ("media.urls", "media", many(json!(format!("ME{}", id())), limits::MEDIA_URLS)),
        ("message.edit", "body", long(limits::BODY_BYTES)),
        ("message.edit", "subject", long(limits::SUBJECT_CHARS)),
        ("message.edit", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("message.page", "limit", json!(limits::MESSAGE_PAGE + 1)),
        ("message.receipts", "limit", json!(limits::PARTICIPANT_PAGE + 1)),
        ("message.report", "channel_message_sid", long(limits::CHANNEL_SID_CHARS)),
        (
            "message.report",
            "channel_metadata",
            json!({"type": "sms", "data": "a".repeat(limits::ATTRIBUTES_BYTES)}),
        ),
        ("push.register", "token", long(limits::PUSH_TOKEN_BYTES)),
        ("event.range", "limit", json!(limits::EVENT_RANGE + 1)),
        ("event.replay", "to", json!(limits::EVENT_RANGE + 1)),
        ("unread.get", "conversations", many(json!(stage.room), limits::CONVERSATION_PAGE)),
        ("interest.set", "rows", many(json!(stage.room), limits::INTEREST)),
        ("presence.subscribe", "identities", many(json!("Aiko"), limits::INTEREST)),
        ("user.list", "limit", json!(limits::USER_BATCH + 1)),
        ("user.list", "query", long(limits::IDENTITY_CHARS)),
        ("user.get", "identities", many(json!("Aiko"), limits::USER_BATCH)),
        ("user.update", "friendly_name", name),
        ("user.update", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("user.set_password", "password", long(limits::PASSWORD_BYTES)),
        ("invite.create", "expires_in_ms", json!(limits::INVITE_MS + 1)),
        ("invite.create", "max_uses", json!(limits::INVITE_USES + 1)),
        ("draft.set", "body", long(limits::BODY_BYTES)),
        ("setting.set", "key", long(limits::SETTING_KEY_CHARS)),
        ("setting.set", "value", long(limits::SETTING_BYTES)),
    ];
    for (method, field, value) in cases {
        let wrong = with(&params(method, field), field, value);
        stage.is_refused(false, method, &wrong, "too_large", field).await;
    }
}

/// JSON that nests a level deeper than it may.
fn too_deep() -> Value {
    (0..=limits::ATTRIBUTES_DEPTH).fold(json!(1), |inner, _| json!([inner]))
}

#[tokio::test]
async fn what_nests_too_deep_is_refused() {
    let mut stage = Stage::new().await;
    let rows = table(&stage);
    let taken = rows.iter().filter(|row| row.params.get("attributes").is_some());
    let mut cases: Vec<(&str, &str, Value)> =
        taken.map(|row| (row.method, "attributes", too_deep())).collect();
    let initial = json!([{"identity": "Aiko", "attributes": too_deep()}]);
    cases.push(("conversation.create", "participants", initial));
    cases.push(("message.report", "channel_metadata", json!({"type": "sms", "data": too_deep()})));
    cases.push(("setting.set", "value", too_deep()));
    for (method, field, value) in cases {
        let right = &rows.iter().find(|row| row.method == method).unwrap().params;
        let error = stage.is_refused(false, method, &with(right, field, value), "too_large", field).await;
        assert_eq!(error["params"]["unit"], "levels", "{method}, {field}: {error}");
    }
}

#[tokio::test]
async fn what_says_nothing_or_contradicts_itself_is_refused() {
    let mut stage = Stage::new().await;
    let rows = table(&stage);
    let params = |method: &str| rows.iter().find(|row| row.method == method).unwrap().params.clone();
    let cases = [
        ("conversation.get", "unique_name", json!("harbour"), "invalid_params"),
        ("conversation.create", "state", json!("closed"), "invalid_params"),
        ("conversation.create", "state", json!("asleep"), "invalid_params"),
        ("conversation.create", "timers", json!({"inactive": "soon"}), "invalid_params"),
        ("conversation.create", "timers", json!({"inactive": "PT59S"}), "invalid_params"),
        ("conversation.create", "participants", json!([{"identity": "Nobody"}]), "not_found"),
        (
            "conversation.create",
            "participants",
            json!([{"identity": "Aiko", "role": "king"}]),
            "invalid_params",
        ),
        ("conversation.update", "state", json!("asleep"), "invalid_params"),
        ("conversation.update", "timers", json!({"closed": "P1Y"}), "invalid_params"),
        ("conversation.set_notification_level", "level", json!("loud"), "invalid_params"),
        ("participant.list", "after", json!(format!("MB{}", id())), "invalid_params"),
        ("participant.add", "identity", json!("Nobody"), "not_found"),
        ("participant.add", "identity", json!("Aiko"), "already_participant"),
        ("participant.update", "participant", json!(format!("MB{}", id())), "invalid_params"),
        ("participant.update", "role", json!("king"), "invalid_params"),
        ("participant.update", "identity", json!("Bo"), "not_found"),
        ("participant.remove", "identity", json!("Bo"), "not_found"),
        ("participant.remove", "participant", json!(format!("MB{}", id())), "invalid_params"),
        ("participant.add_non_chat", "type", json!("chat"), "invalid_params"),
        ("participant.add_non_chat", "address", json!("+47 1"), "already_participant"),
        ("participant.add_non_chat", "level", json!("Blind copy"), "invalid_params"),
        ("role.create", "type", json!("planet"), "invalid_params"),
        ("role.create", "permissions", json!(["fly"]), "invalid_params"),
        ("role.create", "permissions", json!(["sendMessage"]), "invalid_params"),
        ("role.update", "role", json!("RL00000000000000000000000000000003"), "role_in_use"),
        ("role.delete", "role", json!("RL00000000000000000000000000000003"), "role_in_use"),
        ("message.send", "body", json!(" \n "), "invalid_params"),
        ("message.send", "type", json!("song"), "invalid_params"),
        ("message.send", "after", json!(id()), "out_of_order"),
        ("media.urls", "media", json!([]), "invalid_params"),
        ("media.urls", "media", json!([format!("ME{}", id())]), "not_found"),
        ("message.edit", "message", json!({"sid": stage.gone.message}), "message_removed"),
        ("message.edit", "message", json!({"sid": format!("IM{}", id())}), "not_found"),
        ("message.edit", "message", json!({"client_id": id()}), "out_of_order"),
        ("message.remove", "message", json!({"sid": format!("IM{}", id())}), "not_found"),
        ("message.page", "limit", json!(0), "invalid_params"),
        ("message.receipts", "message", json!(stage.gone.message), "message_removed"),
        ("message.receipts", "message", json!(format!("IM{}", id())), "not_found"),
        ("message.report", "message", json!(stage.gone.message), "message_removed"),
        ("message.report", "participant", json!(format!("MB{}", id())), "not_found"),
        ("message.report", "status", json!("eaten"), "invalid_params"),
        ("message.report", "channel_metadata", json!({"type": "", "data": 1}), "invalid_params"),
        ("push.register", "type", json!("Pigeon"), "invalid_params"),
        ("push.register", "token", json!(" "), "invalid_params"),
        ("push.register", "events", json!([]), "invalid_params"),
        ("push.register", "events", json!(["message.eaten"]), "invalid_params"),
        ("push.unregister", "device", json!(format!("DV{}", id())), "not_found"),
        ("event.replay", "count", json!(3), "invalid_params"),
        ("event.replay", "from", json!(0), "invalid_params"),
        ("event.replay", "to", json!(0), "invalid_params"),
        ("horizon.set", "seq", json!(3), "invalid_params"),
        ("horizon.set", "mode", json!("fly"), "invalid_params"),
        ("user.set_status", "status", json!("asleep"), "invalid_params"),
        ("user.update", "friendly_name", json!(" "), "invalid_params"),
        ("user.update", "role", json!("RL00000000000000000000000000000003"), "not_found"),
        ("user.set_password", "password", json!("short"), "invalid_params"),
        ("setting.set", "key", json!("Not A Key"), "invalid_params"),
        ("resume", "epoch", json!(id()), "epoch_changed"),
        ("resume", "cursor", json!(1_u64 << 52), "epoch_changed"),
        ("token.renew", "token", json!("t"), "unauthenticated"),
    ];
    for (method, field, value, code) in cases {
        let wrong = with(&params(method), field, value);
        stage.is_refused(false, method, &wrong, code, field).await;
    }
}

/// The same id with another payload, whatever the method.
#[tokio::test]
async fn an_id_is_good_for_one_payload() {
    let mut stage = Stage::new().await;
    let used = message(&stage.room, "Once");
    stage.ingrid.call("message.send", used.clone()).await.unwrap();
    stage.settle().await;
    for Right { method, params, .. } in table(&stage) {
        // A password is hashed before anything is looked up, and a wrong one is refused there.
        if params.get("client_id").is_some() && method != "user.set_password" {
            let mut again = params;
            again["client_id"] = used["client_id"].clone();
            stage.is_refused(false, method, &again, "client_id_reused", "used").await;
        }
    }
}

/// What ended: a conversation that one has left, and one that was closed.
#[tokio::test]
async fn what_has_ended_takes_nothing_more() {
    let mut stage = Stage::new().await;
    let close = json!({"client_id": id(), "conversation": stage.room, "state": "closed"});
    stage.ingrid.call("conversation.update", close).await.unwrap();
    stage.settle().await;
    for Right { method, params, .. } in table(&stage) {
        let refuses = matches!(
            method,
            "conversation.update"
                | "participant.add"
                | "participant.update"
                | "participant.add_non_chat"
                | "participant.update_non_chat"
                | "participant.remove_non_chat"
                | "message.send"
                | "message.edit"
                | "message.remove"
                | "message.report"
                | "typing.start"
        );
        if refuses {
            stage.is_refused(false, method, &params, "conversation_closed", "closed").await;
        }
    }
    let leave = json!({"client_id": id(), "conversation": stage.room, "identity": "Aiko"});
    stage.aiko.call("participant.remove", leave).await.unwrap();
    stage.settle().await;
    for Right { method, params, .. } in table(&stage) {
        // Whoever left keeps their own row, and a draft to give up; a closed one is not joined either way.
        let keeps = matches!(method, "conversation.get" | "conversation.join" | "draft.set");
        if params.get("conversation").is_some() && !keeps {
            stage.is_refused(true, method, &params, "not_found", "left").await;
        }
    }
}
