//! What the role of an ordinary participant does not give, and every permission alone missing.

use confab_protocol::model::RoleType;
use confab_protocol::permission::Permission;
use serde_json::{Value, json};

use super::super::harness::id;
use super::stage::Stage;

/// What one is refused without a permission, and the method that needs it.
type Lacking = (Permission, &'static str, Value);

/// Of the conversation, as Aiko asks, who wrote `own`.
fn of_conversation(stage: &Stage, own: &str) -> Vec<Lacking> {
    use Permission as May;
    let (own, others) = (json!({"sid": own}), json!({"sid": stage.message}));
    let contact = &stage.contact;
    vec![
        (May::SendMessage, "message.send", json!({"body": "Hello"})),
        (May::SendMediaMessage, "message.send", json!({"body": "", "media": [stage.file_of_aiko]})),
        (May::LeaveConversation, "participant.remove", json!({"identity": "Aiko"})),
        (May::EditNotificationLevel, "conversation.set_notification_level", json!({"level": "muted"})),
        (May::AddParticipant, "participant.add", json!({"identity": "Bo"})),
        (May::AddNonChatParticipant, "participant.add_non_chat", json!({"type": "sms", "address": "+47 2"})),
        (
            May::AddNonChatParticipant,
            "message.report",
            json!({"message": stage.message, "participant": contact, "status": "sent"}),
        ),
        (May::RemoveParticipant, "participant.remove", json!({"identity": "Ingrid"})),
        (May::RemoveParticipant, "participant.remove_non_chat", json!({"participant": contact})),
        (May::DeleteConversation, "conversation.delete", json!({})),
        (May::EditConversationName, "conversation.update", json!({"friendly_name": "Quay"})),
        (May::EditConversationName, "conversation.update", json!({"unique_name": "quay"})),
        (May::EditConversationAttributes, "conversation.update", json!({"attributes": {"a": 1}})),
        (May::EditConversationAttributes, "conversation.update", json!({"state": "closed"})),
        (May::EditConversationAttributes, "conversation.update", json!({"timers": {}})),
        (May::EditConversationAttributes, "conversation.update", json!({"public_join": true})),
        (May::EditOwnMessage, "message.edit", json!({"message": own, "body": "Else"})),
        (May::EditOwnMessage, "message.edit", json!({"message": own, "subject": "Else"})),
        (May::EditAnyMessage, "message.edit", json!({"message": others, "body": "Else"})),
        (May::EditAnyMessage, "message.edit", json!({"message": others, "subject": "Else"})),
        (May::EditOwnMessageAttributes, "message.edit", json!({"message": own, "attributes": {"a": 1}})),
        (May::EditAnyMessageAttributes, "message.edit", json!({"message": others, "attributes": {"a": 1}})),
        (May::DeleteOwnMessage, "message.remove", json!({"message": own})),
        (May::DeleteAnyMessage, "message.remove", json!({"message": others})),
        (
            May::EditOwnParticipantAttributes,
            "participant.update",
            json!({"identity": "Aiko", "attributes": {"a": 1}}),
        ),
        (
            May::EditAnyParticipantAttributes,
            "participant.update",
            json!({"identity": "Ingrid", "attributes": {"a": 1}}),
        ),
        (
            May::EditAnyParticipantAttributes,
            "participant.update",
            json!({"identity": "Aiko", "role": "owner"}),
        ),
        (
            May::EditAnyParticipantAttributes,
            "participant.update_non_chat",
            json!({"participant": contact, "attributes": {"a": 1}}),
        ),
    ]
}

/// Of the workspace.
fn of_workspace(stage: &Stage) -> Vec<Lacking> {
    use Permission as May;
    let owner = &stage.ingrid.hello["user"]["sid"];
    let role = json!({"friendly_name": "Host", "type": "workspace", "permissions": []});
    vec![
        (May::CreateConversation, "conversation.create", json!({})),
        (May::JoinConversation, "conversation.join", json!({"conversation": stage.other.room})),
        (May::JoinConversation, "conversation.peek", json!({"conversation": stage.other.room})),
        (May::JoinConversation, "conversation.list_public", json!({})),
        (May::EditOwnUserInfo, "user.update", json!({"friendly_name": "A"})),
        (May::EditOwnUserInfo, "user.update", json!({"attributes": {"a": 1}})),
        (May::EditAnyUserInfo, "user.update", json!({"user": owner, "friendly_name": "Somebody"})),
        (May::CreateInvite, "invite.create", json!({})),
        (May::CreateInvite, "invite.list", json!({})),
        (May::RevokeInvite, "invite.revoke", json!({"invite": stage.invite})),
        (May::EditRoles, "role.create", role),
        (May::EditRoles, "role.update", json!({"role": stage.role, "permissions": []})),
        (May::EditRoles, "role.delete", json!({"role": stage.role})),
        (May::EditRoles, "user.update", json!({"role": "RL00000000000000000000000000000001"})),
    ]
}

/// A role that Aiko has, of that place.
async fn role_of_aiko(stage: &mut Stage, kind: &str) -> Value {
    let asked = json!({"friendly_name": "Almost all", "type": kind, "permissions": []});
    let role = stage.given("role.create", asked).await["role"]["sid"].clone();
    let give = if kind == "workspace" {
        let aiko = &stage.aiko.hello["user"]["sid"];
        ("user.update", json!({"user": aiko, "role": role}))
    } else {
        (
            "participant.update",
            json!({"conversation": stage.room, "participant": stage.seat, "role_sid": role}),
        )
    };
    stage.given(give.0, give.1).await;
    role
}

/// The names of all permissions of the place of one, but for that.
fn all_but(missing: Permission) -> Vec<&'static str> {
    let held = Permission::ALL.iter().filter(|one| one.place() == missing.place() && **one != missing);
    held.map(|one| one.as_str()).collect()
}

#[tokio::test]
async fn each_permission_that_alone_is_missing_is_named() {
    let mut stage = Stage::new().await;
    let own = stage.aiko.say(&stage.room, "Hers").await["sid"].as_str().unwrap().to_owned();
    let roles = [
        (RoleType::Conversation, role_of_aiko(&mut stage, "conversation").await),
        (RoleType::Workspace, role_of_aiko(&mut stage, "workspace").await),
    ];
    stage.given("conversation.update", json!({"conversation": stage.other.room, "public_join": true})).await;
    let cases = [of_conversation(&stage, &own), of_workspace(&stage)].concat();
    let mut named: Vec<Permission> = cases.iter().map(|(permission, ..)| *permission).collect();
    named.dedup();
    assert_eq!(named, Permission::ALL);
    for (permission, method, mut params) in cases {
        let role = &roles.iter().find(|(kind, _)| *kind == permission.place()).unwrap().1;
        stage.given("role.update", json!({"role": role, "permissions": all_but(permission)})).await;
        params["client_id"] = id().into();
        if params.get("conversation").is_none() {
            params["conversation"] = json!(stage.room);
        }
        let refused = stage.is_refused(true, method, &params, "forbidden", permission.as_str()).await;
        assert_eq!(refused["params"]["permission"], permission.as_str(), "{method}: {params}");
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
}
