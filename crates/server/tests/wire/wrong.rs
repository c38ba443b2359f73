//! Every method with every kind of wrong argument: the code is the documented one, nothing has changed in any table, and nobody
//! was told anything.

#[path = "wrong/table.rs"]
mod table;

use std::path::PathBuf;

use confab_protocol::{Call, limits};
use confab_server::Bounds;
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};

use super::harness::{Client, Server, bounds, id, message};
use table::{Right, table};

/// A server with people and things to be wrong about.
struct Stage {
    server: Server,
    /// Owns the workspace and the conversation.
    ingrid: Client,
    /// An ordinary participant of it.
    aiko: Client,
    room: String,
    /// A conversation that neither is in.
    foreign: String,
    message: Value,
    removed: Value,
    /// Takes part by other means.
    contact: Value,
    role: Value,
    invite: Value,
    device: Value,
}

impl Stage {
    async fn new() -> Self {
        let bounds = Bounds { requests_per_second: 100_000, request_burst: 100_000, ..bounds() };
        let server = Server::with(bounds);
        let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
        let mut bo = server.person("Bo").await;
        let room = ingrid.conversation("Harbour").await;
        ingrid.add(&room, "Aiko").await;
        let foreign = bo.conversation("Elsewhere").await;
        let said = ingrid.say(&room, "Mine").await["sid"].clone();
        let gone = ingrid.say(&room, "Gone").await["sid"].clone();
        let remove = json!({"client_id": id(), "conversation": room, "message": {"sid": gone}});
        ingrid.call("message.remove", remove).await.unwrap();
        let contact = json!({"client_id": id(), "conversation": room, "type": "sms", "address": "+47 1"});
        let contact = ingrid.call("participant.add_non_chat", contact).await.unwrap();
        let role =
            json!({"client_id": id(), "friendly_name": "Guest", "type": "conversation", "permissions": []});
        let role = ingrid.call("role.create", role).await.unwrap()["role"]["sid"].clone();
        let invite = ingrid.call("invite.create", json!({"client_id": id()})).await.unwrap();
        let device = ingrid.hello["device"].clone();
        let open = json!({"open": room, "rows": [room]});
        for client in [&mut ingrid, &mut aiko] {
            client.call("interest.set", open.clone()).await.unwrap();
            client.call("presence.subscribe", json!({"identities": ["Ingrid", "Aiko"]})).await.unwrap();
        }
        let mut stage = Self {
            server,
            ingrid,
            aiko,
            room,
            foreign,
            message: said,
            removed: gone,
            contact: contact["participant"]["sid"].clone(),
            role,
            invite: invite["invite"]["sid"].clone(),
            device,
        };
        stage.settle().await;
        stage
    }

    /// Waits until everything that was done so far was told: what comes back to its own author comes behind all of it.
    async fn settle(&mut self) {
        for client in [&mut self.ingrid, &mut self.aiko] {
            let mark = id();
            client
                .call("setting.set", json!({"client_id": id(), "key": "mark", "value": mark}))
                .await
                .unwrap();
            while client.push("state.changed").await["settings"][0]["value"] != mark.as_str() {}
        }
    }

    /// What was pushed to either since the last time.
    async fn told(&mut self) -> Vec<Value> {
        let mut told = self.ingrid.pushed().await;
        told.extend(self.aiko.pushed().await);
        told
    }

    /// Every row of every table.
    fn dump(&self) -> Vec<(String, Vec<Vec<Cell>>)> {
        let path: PathBuf = self.server.place.path().join("data/confab.db");
        let connection = Connection::open(path).unwrap();
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut names = connection.prepare(names).unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap);
        let names: Vec<String> = names.collect();
        names.into_iter().map(|name| (name.clone(), rows(&connection, &name))).collect()
    }

    /// Sends what has to be refused with a code.
    async fn is_refused(&mut self, by_aiko: bool, method: &str, params: &Value, code: &str, why: &str) {
        let before = self.dump();
        let client = if by_aiko { &mut self.aiko } else { &mut self.ingrid };
        let answer = client.call(method, params.clone()).await;
        let found = answer.as_ref().err().map(|error| error["code"].clone());
        assert_eq!(found, Some(code.into()), "{method}, {why}: {params} gave {answer:?}");
        assert!(self.dump() == before, "{method}, {why}: {params} has changed something");
        let told = self.told().await;
        assert!(told.is_empty(), "{method}, {why}: {params} told {told:?}");
    }
}

fn rows(connection: &Connection, table: &str) -> Vec<Vec<Cell>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}

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
async fn every_method_is_in_the_table() {
    let stage = Stage::new().await;
    let methods: Vec<&str> = table(&stage).iter().map(|row| row.method).collect();
    assert_eq!(methods, Call::METHODS);
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
        // What applications keep there may be anything.
        for (field, right) in params.as_object().unwrap().iter().filter(|(field, _)| *field != "attributes") {
            let wrong = with(&params, field, of_another_type(right));
            stage.is_refused(false, method, &wrong, "invalid_params", "another type").await;
        }
        if !required.is_empty() {
            stage.is_refused(false, method, &json!([1, 2]), "invalid_params", "a list").await;
        }
    }
}

/// Fields that name something, and how a name of the same form looks that stands for nothing.
const NAMES: &[(&str, &str)] = &[
    ("conversation", "CH"),
    ("role", "RL"),
    ("role_sid", "RL"),
    ("invite", "IV"),
    ("device", "DV"),
    ("user", "US"),
    ("relates_to", "IM"),
    ("participant", "MB"),
];

#[tokio::test]
async fn names_of_nothing_and_of_other_things_are_refused() {
    let mut stage = Stage::new().await;
    for Right { method, params, .. } in table(&stage) {
        for (field, prefix) in NAMES.iter().filter(|(field, _)| params.get(field).is_some()) {
            let mut wrong = with(&params, field, format!("{prefix}{}", id()).into());
            // What must stand before it would be missed first.
            if method == "message.send" {
                wrong.as_object_mut().unwrap().remove("after");
            }
            let code = if *field == "invite" { "invite_unknown" } else { "not_found" };
            stage.is_refused(false, method, &wrong, code, "of nothing").await;
            let wrong = with(&params, field, format!("ZZ{}", id()).into());
            stage.is_refused(false, method, &wrong, "invalid_params", "of another form").await;
        }
        if params.get("conversation").is_some() {
            let wrong = with(&params, "conversation", stage.foreign.clone().into());
            stage.is_refused(false, method, &wrong, "not_found", "of a foreign conversation").await;
        }
    }
}

#[tokio::test]
async fn what_is_too_long_or_too_much_is_refused() {
    let mut stage = Stage::new().await;
    let rows = table(&stage);
    let params = |method: &str| rows.iter().find(|row| row.method == method).unwrap().params.clone();
    let long = |chars: usize| json!("a".repeat(chars + 1));
    let many = |what: Value, count: usize| json!(vec![what; count + 1]);
    let name = long(limits::FRIENDLY_NAME_CHARS);
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
        ("conversation.update", "friendly_name", name.clone()),
        ("conversation.update", "attributes", long(limits::CONVERSATION_ATTRIBUTES_BYTES)),
        ("participant.list", "limit", json!(limits::PARTICIPANT_PAGE + 1)),
        ("participant.add", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("participant.update", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("participant.add_non_chat", "address", long(limits::ADDRESS_CHARS)),
        ("participant.update_non_chat", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("role.create", "friendly_name", name.clone()),
        ("role.update", "friendly_name", name.clone()),
        ("message.send", "body", long(limits::BODY_BYTES)),
        ("message.send", "subject", long(limits::SUBJECT_CHARS)),
        ("message.send", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("message.send", "mentions", many(json!("Aiko"), limits::MENTIONS)),
        ("media.urls", "media", many(json!(format!("ME{}", id())), limits::MEDIA_URLS)),
        ("message.edit", "body", long(limits::BODY_BYTES)),
        ("message.edit", "subject", long(limits::SUBJECT_CHARS)),
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
        ("user.get", "identities", many(json!("Aiko"), limits::USER_BATCH)),
        ("user.update", "friendly_name", name),
        ("user.update", "attributes", long(limits::ATTRIBUTES_BYTES)),
        ("user.set_password", "password", long(limits::PASSWORD_BYTES)),
        ("draft.set", "body", long(limits::BODY_BYTES)),
        ("setting.set", "key", long(limits::SETTING_KEY_CHARS)),
        ("setting.set", "value", long(limits::SETTING_BYTES)),
    ];
    for (method, field, value) in cases {
        let wrong = with(&params(method), field, value);
        stage.is_refused(false, method, &wrong, "too_large", field).await;
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
        ("message.edit", "message", json!({"sid": stage.removed}), "message_removed"),
        ("message.edit", "message", json!({"sid": format!("IM{}", id())}), "not_found"),
        ("message.edit", "message", json!({"client_id": id()}), "out_of_order"),
        ("message.remove", "message", json!({"sid": format!("IM{}", id())}), "not_found"),
        ("message.page", "limit", json!(0), "invalid_params"),
        ("message.receipts", "message", json!(stage.removed), "message_removed"),
        ("message.receipts", "message", json!(format!("IM{}", id())), "not_found"),
        ("message.report", "message", json!(stage.removed), "message_removed"),
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

#[tokio::test]
async fn what_one_may_not_do_is_refused() {
    let mut stage = Stage::new().await;
    let mine = json!({"sid": stage.message});
    let room = stage.room.clone();
    let owner = stage.ingrid.hello["user"]["sid"].clone();
    let cases = [
        ("conversation.update", json!({"friendly_name": "Quay"})),
        ("conversation.update", json!({"attributes": {"a": 1}})),
        ("conversation.update", json!({"state": "closed"})),
        ("conversation.update", json!({"timers": {}})),
        ("conversation.update", json!({"public_join": true})),
        ("conversation.delete", json!({})),
        ("participant.remove", json!({"identity": "Ingrid"})),
        ("participant.update", json!({"identity": "Ingrid", "attributes": {"a": 1}})),
        ("participant.update", json!({"identity": "Aiko", "role": "owner"})),
        ("participant.update", json!({"identity": "Aiko", "flags": {"owner": true}})),
        ("participant.update", json!({"identity": "Aiko", "role_sid": stage.role})),
        ("message.edit", json!({"message": mine, "body": "Else"})),
        ("message.edit", json!({"message": mine, "subject": "Else"})),
        ("message.edit", json!({"message": mine, "attributes": {"a": 1}})),
        ("message.remove", json!({"message": mine})),
        ("participant.add_non_chat", json!({"type": "sms", "address": "+47 2"})),
        ("participant.update_non_chat", json!({"participant": stage.contact, "attributes": {"a": 1}})),
        ("participant.remove_non_chat", json!({"participant": stage.contact})),
        ("message.report", json!({"message": stage.message, "participant": stage.contact, "status": "sent"})),
        ("role.create", json!({"friendly_name": "Host", "type": "workspace", "permissions": []})),
        ("role.update", json!({"role": stage.role, "permissions": []})),
        ("role.delete", json!({"role": stage.role})),
        ("user.update", json!({"user": owner, "friendly_name": "Somebody"})),
        ("user.update", json!({"role": "RL00000000000000000000000000000001"})),
        ("invite.create", json!({})),
        ("invite.revoke", json!({"invite": stage.invite})),
    ];
    for (method, mut params) in cases {
        (params["client_id"], params["conversation"]) = (id().into(), room.as_str().into());
        stage.is_refused(true, method, &params, "forbidden", "without the right").await;
    }
    stage.is_refused(true, "invite.list", &json!({}), "forbidden", "without the right").await;
    let foreign = json!({"client_id": id(), "device": stage.device});
    stage.is_refused(true, "device.revoke", &foreign, "not_found", "a device of somebody else").await;
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
