//! Names that stand for nothing, for what is elsewhere or somebody else's, and for what is no more.

use serde_json::{Value, json};

use super::super::harness::id;
use super::stage::Stage;
use super::table::{Right, table};
use super::with;

/// Fields that name something, and how a name of the same form looks that stands for nothing.
const NAMES: &[(&str, &str)] = &[
    ("conversation", "CH"),
    ("role", "RL"),
    ("role_sid", "RL"),
    ("invite", "IV"),
    ("device", "DV"),
    ("user", "US"),
    ("message", "IM"),
    ("relates_to", "IM"),
    ("participant", "MB"),
    ("media", "ME"),
];

/// Fields whose names are no more than places in a list, or of what an answer leaves out when it is not there.
const PLACES: &[&str] = &["after", "open", "rows", "conversations", "users"];

type Of = fn(&Stage) -> &str;

/// What names something of another conversation, or of somebody else. Roles, invites and users are of the whole workspace.
const FOREIGN: &[(&str, Of)] = &[
    ("conversation", |stage| &stage.foreign.room),
    ("message", |stage| &stage.foreign.message),
    ("message", |stage| &stage.other.message),
    ("relates_to", |stage| &stage.foreign.message),
    ("relates_to", |stage| &stage.other.message),
    ("participant", |stage| &stage.foreign.seat),
    ("participant", |stage| &stage.other.seat),
    ("participant", |stage| &stage.foreign.contact),
    ("participant", |stage| &stage.other.contact),
    ("media", |stage| &stage.file_of_aiko),
    ("device", |stage| stage.aiko.hello["device"].as_str().unwrap()),
];

/// What names something that is no more, and the code for it.
const REMOVED: &[(&str, Of, &str)] = &[
    ("conversation", |stage| &stage.gone.room, "not_found"),
    ("message", |stage| &stage.gone.message, "message_removed"),
    ("participant", |stage| &stage.gone.seat, "not_found"),
    ("participant", |stage| &stage.gone.contact, "not_found"),
    ("media", |stage| &stage.gone.file, "not_found"),
    ("role", |stage| &stage.gone.role, "not_found"),
    ("role_sid", |stage| &stage.gone.role, "not_found"),
    ("device", |stage| &stage.gone.device, "not_found"),
];

/// Methods that end something: what has ended may be ended again.
const ENDING: &[(&str, &str, Of)] = &[
    ("message.remove", "message", |stage| &stage.gone.message),
    ("invite.revoke", "invite", |stage| &stage.gone.invite),
    ("device.revoke", "device", |stage| &stage.gone.device),
];

/// What names something that is no more and is answered all the same: one keeps one's own row of a conversation.
const KEPT: &[(&str, &str)] = &[("conversation.get", "conversation")];

/// The name that a right value is, or holds.
fn name_in(right: &Value) -> Option<&str> {
    let name = right.as_str().or_else(|| right.get(0)?.as_str()).or_else(|| right.get("sid")?.as_str())?;
    let digits = name.get(2..).filter(|_| name.len() == 34)?;
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(name)
}

/// The parameters with another name in a field, in the form that the right one has.
fn naming(params: &Value, field: &str, name: &str) -> Value {
    let mut params = with(
        params,
        field,
        match &params[field] {
            Value::Array(_) => json!([name]),
            Value::Object(_) => json!({ "sid": name }),
            _ => json!(name),
        },
    );
    // What must stand before it would be missed first.
    if params.get("relates_to").is_some() {
        params.as_object_mut().unwrap().remove("after");
    }
    params
}

/// Whether a field of a row holds a name.
fn names(row: &Right, field: &str) -> bool {
    row.params.get(field).and_then(name_in).is_some()
}

#[tokio::test]
async fn every_field_that_names_something_is_in_the_lists() {
    let stage = Stage::new().await;
    for Right { method, params, .. } in table(&stage) {
        let fields = params.as_object().unwrap().iter().filter(|(_, right)| name_in(right).is_some());
        for (field, _) in fields.filter(|(field, _)| !PLACES.contains(&field.as_str())) {
            assert!(NAMES.iter().any(|(name, _)| name == field), "{method}, {field}");
            let foreign = FOREIGN.iter().any(|(name, _)| name == field);
            assert!(foreign || matches!(field.as_str(), "role" | "role_sid" | "invite" | "user"), "{field}");
            let removed = REMOVED.iter().any(|(name, ..)| name == field);
            let ending = ENDING.iter().any(|(_, name, _)| name == field);
            // Users are never deleted, and what was answered may be removed before the answer comes.
            assert!(removed || ending || matches!(field.as_str(), "user" | "relates_to"), "{field}");
        }
    }
}

#[tokio::test]
async fn names_of_nothing_and_of_another_form_are_refused() {
    let mut stage = Stage::new().await;
    for row in table(&stage) {
        for (field, prefix) in NAMES.iter().filter(|(field, _)| names(&row, field)) {
            let wrong = naming(&row.params, field, &format!("{prefix}{}", id()));
            let code = if *field == "invite" { "invite_unknown" } else { "not_found" };
            stage.is_refused(false, row.method, &wrong, code, "of nothing").await;
            let wrong = naming(&row.params, field, &format!("ZZ{}", id()));
            stage.is_refused(false, row.method, &wrong, "invalid_params", "of another form").await;
        }
    }
}

#[tokio::test]
async fn names_of_what_is_elsewhere_or_somebody_elses_are_refused() {
    let mut stage = Stage::new().await;
    for row in table(&stage) {
        for (field, of) in FOREIGN.iter().filter(|(field, _)| names(&row, field)) {
            let wrong = naming(&row.params, field, of(&stage));
            stage.is_refused(false, row.method, &wrong, "not_found", "foreign").await;
        }
    }
}

#[tokio::test]
async fn names_of_what_is_no_more_are_refused() {
    let mut stage = Stage::new().await;
    for row in table(&stage) {
        for (field, of, code) in REMOVED.iter().filter(|(field, ..)| names(&row, field)) {
            let this = (row.method, *field);
            let ends = ENDING.iter().any(|(method, field, _)| (*method, *field) == this);
            if !ends && !KEPT.contains(&this) {
                let wrong = naming(&row.params, field, of(&stage));
                stage.is_refused(false, row.method, &wrong, code, "no more").await;
            }
        }
    }
}

#[tokio::test]
async fn whoever_was_let_go_comes_in_nowhere() {
    let mut stage = Stage::new().await;
    stage.let_go("Bo").await;
    let add = json!({"client_id": id(), "conversation": stage.room, "identity": "Bo"});
    stage.is_refused(false, "participant.add", &add, "deactivated", "let go").await;
    let make = json!({"client_id": id(), "participants": [{"identity": "Bo"}]});
    stage.is_refused(false, "conversation.create", &make, "deactivated", "let go").await;
}

/// It is acknowledged, and neither told nor done a second time.
#[tokio::test]
async fn what_has_ended_is_ended_once() {
    let mut stage = Stage::new().await;
    let rows = table(&stage);
    let state = |stage: &Stage| {
        let mut dump = stage.dump();
        // That it was asked for is counted, and kept so that it can be acknowledged again.
        dump.retain(|(table, _)| !matches!(table.as_str(), "outcomes" | "workspaces"));
        dump
    };
    for (method, field, of) in ENDING {
        let right = &rows.iter().find(|row| row.method == *method).unwrap().params;
        let again = naming(right, field, of(&stage));
        let before = state(&stage);
        stage.ingrid.call(method, again).await.unwrap();
        assert_eq!(stage.told().await, Vec::<Value>::new(), "{method}");
        let after = state(&stage);
        let changed = before.iter().zip(&after).filter(|(before, after)| before != after);
        let changed: Vec<&String> = changed.map(|((table, _), _)| table).collect();
        assert!(changed.is_empty(), "{method} has changed {changed:?}");
    }
}
