//! Devices, passwords and refresh tokens.

use serde_json::json;

use super::harness::{Server, id, joining, password};

fn sign_in(name: &str, password: &str) -> serde_json::Value {
    json!({"client_id": id(), "identity": name, "password": password, "device_name": "Ship"})
}

#[tokio::test]
async fn a_second_device_signs_in_and_is_signed_out_again() {
    let server = Server::start();
    let mut desk = server.person("Ingrid").await;
    let (status, grant) = server.post("/v1/sign-in", &sign_in("ingrid", &password("Ingrid"))).await;
    assert_eq!(status, 200);
    let mut ship = server.connect(&grant).await;
    desk.call("device.revoke", json!({"client_id": id(), "device": grant["device"]})).await.unwrap();
    assert_eq!(ship.push("closing").await["reason"], "revoked");
    assert!(ship.frame().await.is_none());
    let (status, refused) =
        server.post("/v1/refresh", &json!({"refresh_token": grant["refresh_token"]})).await;
    assert_eq!((status, &refused["error"]["code"]), (401, &json!("denied")));
    let mut again = server.open().await;
    assert_eq!(again.refused("hello", super::harness::hello(&grant)).await, "denied");
    assert!(desk.call("device.list", json!({})).await.is_ok());
}

#[tokio::test]
async fn wrong_names_and_passwords_look_alike() {
    let server = Server::start();
    server.join("Ingrid").await;
    for (name, password) in [("Ingrid", "a wrong password"), ("Nobody", "a wrong password")] {
        let (status, refused) = server.post("/v1/sign-in", &sign_in(name, password)).await;
        assert_eq!((status, &refused["error"]), (401, &json!({"code": "wrong_password"})), "{name}");
    }
}

#[tokio::test]
async fn joining_knows_the_name_by_its_password() {
    let server = Server::start();
    let first = server.join("Ingrid").await;
    let secret = server.secret();
    let (status, refused) = server.post("/v1/join", &joining(&secret, "INGRID", "not her password")).await;
    assert_eq!((status, &refused["error"]["code"]), (409, &json!("name_taken")));
    let (status, again) = server.post("/v1/join", &joining(&secret, "INGRID", &password("Ingrid"))).await;
    assert_eq!(status, 200);
    assert_eq!(again["user"], first["user"]);
    assert_ne!(again["device"], first["device"]);
    let (status, refused) = server.post("/v1/join", &joining("wrong", "Aiko", &password("Aiko"))).await;
    assert_eq!((status, &refused["error"]["code"]), (404, &json!("invite_unknown")));
}

#[tokio::test]
async fn a_spent_refresh_token_ends_the_sessions_of_its_device() {
    let server = Server::start();
    let first = server.join("Ingrid").await;
    let mut client = server.connect(&first).await;
    let refresh = async |grant: &serde_json::Value| {
        server.post("/v1/refresh", &json!({"refresh_token": grant["refresh_token"]})).await
    };
    let (_, second) = refresh(&first).await;
    let (_, third) = refresh(&second).await;
    assert!(third["refresh_token"].is_string());
    assert_eq!(refresh(&first).await.0, 401);
    assert_eq!(client.push("closing").await["reason"], "revoked");
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let change =
        |current: Option<String>, new: &str| json!({"client_id": id(), "current": current, "password": new});
    assert_eq!(ingrid.refused("user.set_password", change(None, "another password")).await, "wrong_password");
    let wrong = change(Some("not it".into()), "another password");
    assert_eq!(ingrid.refused("user.set_password", wrong).await, "wrong_password");
    let right = change(Some(password("Ingrid")), "another password");
    for _ in ["once", "and again, because the answer was lost"] {
        ingrid.call("user.set_password", right.clone()).await.unwrap();
    }
    assert_eq!(server.post("/v1/sign-in", &sign_in("Ingrid", "another password")).await.0, 200);
    assert_eq!(server.post("/v1/sign-in", &sign_in("Ingrid", &password("Ingrid"))).await.0, 401);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owner_on_this_computer_needs_no_password() {
    let server = Server::start();
    let first = server.running.owner("Fjordline", "Ingrid", None, "Desk").unwrap();
    assert_eq!(first.workspace.name, "Fjordline");
    let again = server.running.owner("Another name", "Somebody", None, "Desk").unwrap();
    assert_eq!(again.user, first.user);
    assert_ne!(again.device, first.device);
    let link: confab_protocol::Link = server.running.link().parse().unwrap();
    assert_eq!((link.name.as_str(), link.secret), ("Fjordline", None));
    let mut client = server.connect(&serde_json::to_value(&again).unwrap()).await;
    let made = client.call("invite.create", json!({"client_id": id()})).await.unwrap();
    let link: confab_protocol::Link = made["link"].as_str().unwrap().parse().unwrap();
    assert_eq!(link.addresses, [server.address().to_string()]);
    let joined = server.post("/v1/join", &joining(&link.secret.unwrap(), "Aiko", &password("Aiko"))).await;
    assert_eq!(joined.0, 200);
}
