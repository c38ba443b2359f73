//! People: who there is, what they say of being there, and who is told.

use serde_json::json;

use super::harness::{Server, id};

/// T044, T153–T155, V008–V011, V066–V069, V074: found by name and by SID, fifty at most, and listed in pages.
#[tokio::test]
async fn people_are_found_by_name_and_by_sid_and_listed() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let aiko = server.join("Aiko").await["user"]["sid"].clone();
    let bo = server.join("Bo").await["user"]["sid"].clone();
    let found =
        ingrid.call("user.get", json!({"identities": ["aiko", "nobody"], "users": [bo]})).await.unwrap();
    let names: Vec<_> = found["users"].as_array().unwrap().iter().map(|user| &user["identity"]).collect();
    assert_eq!(names, ["Aiko", "Bo"]);
    assert_eq!(found["users"][0]["deactivated"], false);
    let many = json!({"identities": vec!["aiko"; 30], "users": vec![aiko; 21]});
    assert_eq!(ingrid.refused("user.get", many).await, "too_large");
    let first = ingrid.call("user.list", json!({"limit": 2})).await.unwrap();
    let last = first["users"][1]["sid"].clone();
    let rest = ingrid.call("user.list", json!({"after": last})).await.unwrap();
    assert_eq!((first["more"].clone(), rest["more"].clone()), (json!(true), json!(false)));
    let everybody = [first["users"].as_array().unwrap().len(), rest["users"].as_array().unwrap().len()];
    assert_eq!(everybody, [2, 1]);
}

/// V017, V084, T150: what one says of being there goes to those who watch and to one's own other sessions, and stays.
#[tokio::test]
async fn what_one_says_of_being_there_reaches_those_who_watch() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let grant = server.join("Aiko").await;
    let (mut desk, mut phone) = (server.connect(&grant).await, server.connect(&grant).await);
    let mut stranger = server.person("Stan").await;
    ingrid.call("presence.subscribe", json!({"identities": ["Aiko"]})).await.unwrap();
    let said = desk.call("user.set_status", json!({"client_id": id(), "status": "offline"})).await.unwrap();
    assert_eq!(said["user"]["status"], "offline");
    for client in [&mut ingrid, &mut phone] {
        assert_eq!(client.push("user.changed").await["users"][0]["status"], "offline");
    }
    assert!(stranger.pushed().await.iter().all(|frame| frame["event"] != "user.changed"));
    let people = ingrid.call("presence.subscribe", json!({"identities": ["Aiko"]})).await.unwrap();
    assert_eq!(people["people"][0]["online"], true, "a connection is another thing");
    let server = server.restarted();
    let mut desk = server.connect(&grant).await;
    let found = desk.call("user.get", json!({"identities": ["Aiko"]})).await.unwrap();
    assert_eq!(found["users"][0]["status"], "offline");
}

/// T045, V018–V020: subscriptions are a set that is replaced, of a hundred at most.
#[tokio::test]
async fn subscriptions_are_bounded_and_replaced() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    server.join("Aiko").await;
    let people = |number: usize| json!({"identities": vec!["Aiko"; number]});
    assert_eq!(ingrid.refused("presence.subscribe", people(101)).await, "too_large");
    assert!(ingrid.call("presence.subscribe", people(100)).await.is_ok());
    let none = ingrid.call("presence.subscribe", people(0)).await.unwrap();
    assert_eq!(none["people"], json!([]));
}

/// T162, T163, V002: one's own profile, and another's with permission.
#[tokio::test]
async fn profiles_are_changed_by_those_who_may() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let rename = |user: &serde_json::Value| json!({"client_id": id(), "user": user, "friendly_name": "Somebody", "attributes": {"desk": 3}});
    let (hers, mine) = (aiko.hello["user"]["sid"].clone(), ingrid.hello["user"]["sid"].clone());
    assert_eq!(aiko.refused("user.update", rename(&mine)).await, "forbidden");
    ingrid.call("user.update", rename(&hers)).await.unwrap();
    let changed = aiko.push("user.changed").await["users"][0].clone();
    assert_eq!(
        (&changed["friendly_name"], &changed["attributes"]),
        (&json!("Somebody"), &json!({"desk": 3}))
    );
}
