//! Who may do what: roles that people make, and Voximplant's flags.

use confab_server::Bounds;
use serde_json::{Value, json};

use super::harness::{Client, Server, bounds, id, message};

async fn role(client: &mut Client, kind: &str, permissions: &[&str]) -> Value {
    let params =
        json!({"client_id": id(), "friendly_name": "Guest", "type": kind, "permissions": permissions});
    client.call("role.create", params).await.unwrap()["role"]["sid"].clone()
}

async fn give(
    client: &mut Client,
    conversation: &str,
    identity: &str,
    mut what: Value,
) -> Result<Value, Value> {
    what["client_id"] = id().into();
    what["conversation"] = conversation.into();
    what["identity"] = identity.into();
    client.call("participant.update", what).await
}

/// T141, V058–V064: what a role or a flag gives counts from its commit on, for the next message on any connection.
#[tokio::test]
async fn roles_and_flags_decide_at_once() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    let role = role(&mut ingrid, "conversation", &["leaveConversation"]).await;
    let given = give(&mut ingrid, &conversation, "Aiko", json!({"role_sid": role})).await.unwrap();
    assert_eq!(given["participant"]["role_sid"], role);
    assert_eq!(aiko.refused("message.send", message(&conversation, "Hello")).await, "forbidden");
    let params = json!({"client_id": id(), "role": role, "permissions": ["sendMessage"]});
    ingrid.call("role.update", params).await.unwrap();
    let said = aiko.say(&conversation, "Hello").await;
    assert_eq!(ingrid.refused("role.delete", json!({"client_id": id(), "role": role})).await, "role_in_use");
    let flags = json!({"can_write": false, "can_edit_all": true, "can_remove_all": true});
    give(&mut ingrid, &conversation, "Aiko", json!({"flags": flags})).await.unwrap();
    assert_eq!(aiko.refused("message.send", message(&conversation, "Hello")).await, "forbidden");
    let edit = json!({"client_id": id(), "conversation": conversation, "message": {"sid": said["sid"]}, "body": "Hi"});
    assert_eq!(aiko.refused("message.edit", edit).await, "forbidden");
    let theirs = ingrid.say(&conversation, "Mine").await;
    let edit = json!({"client_id": id(), "conversation": conversation, "message": {"sid": theirs["sid"]}, "body": "Ours"});
    assert_eq!(aiko.call("message.edit", edit).await.unwrap()["message"]["last_updated_by"], "Aiko");
    let roster = aiko.call("participant.list", json!({"conversation": conversation})).await.unwrap();
    let rows = roster["participants"].as_array().unwrap();
    let hers = rows.iter().find(|row| row["identity"] == "Aiko").unwrap();
    assert_eq!((&hers["flags"]["can_edit_all"], &hers["flags"]["owner"]), (&json!(true), &json!(false)));
    give(&mut ingrid, &conversation, "Aiko", json!({"role": "participant"})).await.unwrap();
    ingrid.call("role.delete", json!({"client_id": id(), "role": role})).await.unwrap();
    aiko.say(&conversation, "Back").await;
}

/// What a role gives is told to everybody as soon as it counts; whoever was not told learns by a version that theirs are old.
#[tokio::test]
async fn changes_of_roles_reach_everybody_and_stand_under_a_version() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let (mut ingrid, mut aiko) = (server.connect(&grant).await, server.person("Aiko").await);
    assert_eq!(aiko.hello["roles_version"], 0);
    let role = role(&mut ingrid, "conversation", &["sendMessage"]).await;
    let made = aiko.push("roles.changed").await;
    assert_eq!((&made["from"], &made["to"], &made["roles"][0]["sid"]), (&json!(0), &json!(1), &role));
    let params = json!({"client_id": id(), "role": role, "permissions": ["leaveConversation"]});
    ingrid.call("role.update", params.clone()).await.unwrap();
    let changed = aiko.push("roles.changed").await;
    assert_eq!(
        (&changed["to"], &changed["roles"][0]["permissions"]),
        (&json!(2), &json!(["leaveConversation"]))
    );
    assert_eq!(ingrid.call("role.update", params).await.unwrap()["role"]["sid"], role);
    let list = aiko.call("role.list", json!({})).await.unwrap();
    assert_eq!(list["as_of"], 2, "what is sent again changes nothing");
    ingrid.call("role.delete", json!({"client_id": id(), "role": role})).await.unwrap();
    let gone = aiko.push("roles.changed").await;
    assert_eq!((&gone["to"], &gone["removed"]), (&json!(3), &json!([role])));
    assert_eq!(aiko.push("heartbeat").await["roles_version"], 3);
    let server = server.restarted();
    let mut ingrid = server.connect(&grant).await;
    assert_eq!(ingrid.hello["roles_version"], 3);
    assert_eq!(
        ingrid.push("heartbeat").await["roles_version"],
        3,
        "a server that has just begun tells it too"
    );
}

#[tokio::test]
async fn roles_of_the_workspace_decide_what_users_may_make() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let role = role(&mut ingrid, "workspace", &["editOwnUserInfo"]).await;
    let params = json!({"client_id": id(), "user": aiko.hello["user"]["sid"], "role": role});
    assert_eq!(aiko.refused("user.update", params.clone()).await, "forbidden");
    ingrid.call("user.update", params).await.unwrap();
    assert_eq!(aiko.push("user.changed").await["users"][0]["role_sid"], role);
    assert_eq!(aiko.refused("conversation.create", json!({"client_id": id()})).await, "forbidden");
    let roles = aiko.call("role.list", json!({})).await.unwrap();
    let named = roles["roles"].as_array().unwrap().iter().find(|row| row["sid"] == role).unwrap();
    assert_eq!((&named["type"], &named["permissions"]), (&json!("workspace"), &json!(["editOwnUserInfo"])));
}

/// The bound of an operator holds for adding, joining and making.
#[tokio::test]
async fn a_conversation_has_as_many_participants_as_the_server_was_told() {
    let server = Server::with(Bounds { participants: 2, ..bounds() });
    let mut ingrid = server.person("Ingrid").await;
    let mut bo = server.person("Bo").await;
    server.join("Aiko").await;
    let params = json!({"client_id": id(), "public_join": true, "participants": [{"identity": "Aiko"}]});
    let made = ingrid.call("conversation.create", params).await.unwrap();
    let sid = &made["summary"]["conversation"]["sid"];
    let add = json!({"client_id": id(), "conversation": sid, "identity": "Bo"});
    assert_eq!(ingrid.refused("participant.add", add).await, "limit_reached");
    let join = json!({"client_id": id(), "conversation": sid});
    assert_eq!(bo.refused("conversation.join", join).await, "limit_reached");
    let three = json!({"client_id": id(), "participants": [{"identity": "Aiko"}, {"identity": "Bo"}]});
    assert_eq!(ingrid.refused("conversation.create", three).await, "limit_reached");
    assert_eq!(
        ingrid.call("conversation.list", json!({})).await.unwrap()["summaries"].as_array().unwrap().len(),
        1
    );
}

/// T070 T074 T142 T143: those who take part by other means are records that everybody in the conversation sees.
#[tokio::test]
async fn people_by_other_means_are_records_of_the_conversation() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    let params = json!({"client_id": id(), "conversation": conversation, "type": "sms", "address": "+47 2",
        "proxy_address": "+47 1", "attributes": {"lang": "no"}});
    aiko.call("interest.set", json!({"open": conversation, "rows": []})).await.unwrap();
    assert_eq!(aiko.refused("participant.add_non_chat", params.clone()).await, "forbidden");
    let made = ingrid.call("participant.add_non_chat", params.clone()).await.unwrap();
    assert_eq!(ingrid.call("participant.add_non_chat", params).await.unwrap(), made);
    let moved = aiko.push("roster.changed").await;
    assert_eq!((&moved["from"], &moved["to"], &moved["rows"]), (&json!(2), &json!(3), &json!([])));
    let caught_up = json!({"conversation": conversation, "after_version": 2});
    let nothing = json!({"as_of": 3, "more": false, "participants": []});
    assert_eq!(aiko.call("participant.list", caught_up).await.unwrap(), nothing);
    let told = aiko.push("conversation.updated").await;
    assert_eq!(told["changed"], json!(["non_chat_participants"]));
    assert_eq!(told["data"]["roster_version"], 3);
    let listed = aiko.call("participant.list_non_chat", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(listed["participants"], json!([made["participant"]]));
    let sid = &made["participant"]["sid"];
    let remove = json!({"client_id": id(), "conversation": conversation, "participant": sid});
    ingrid.call("participant.remove_non_chat", remove).await.unwrap();
    let listed = aiko.call("participant.list_non_chat", json!({"conversation": conversation})).await.unwrap();
    assert_eq!(listed["participants"], json!([]));
}
