//! What leaves the workspace: copies of messages that others carry, and push notifications.

use serde_json::json;

use super::harness::{Server, id, password};

/// T130 T194 T195 T196 T197 T198 T199 T200 T201 T202 T203 T204 T205 T206 T207 T208 T223 T224: a connector reports how a copy of a message fares, and everybody in the conversation sees it beside
/// what read horizons say.
#[tokio::test]
async fn a_connector_reports_how_copies_fare() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    let phone = json!({"client_id": id(), "conversation": conversation, "type": "sms", "address": "+47 2"});
    let phone = ingrid.call("participant.add_non_chat", phone).await.unwrap()["participant"]["sid"].clone();
    let message = ingrid.say(&conversation, "High water at nine").await["sid"].clone();
    let asked = json!({"conversation": conversation, "message": message});
    let before = aiko.call("message.receipts", asked.clone()).await.unwrap();
    assert_eq!(
        (&before["receipts"][0]["status"], &before["aggregated"]["sent"]),
        (&json!("queued"), &json!("some"))
    );
    let report = json!({"client_id": id(), "conversation": conversation, "message": message, "participant": phone,
        "status": "undelivered", "channel_message_sid": "SM7", "error_code": 30003,
        "channel_metadata": {"type": "sms", "data": {"parts": 1}}});
    assert_eq!(aiko.refused("message.report", report.clone()).await, "forbidden");
    let said = ingrid.call("message.report", report.clone()).await.unwrap()["receipt"].clone();
    assert_eq!(ingrid.call("message.report", report).await.unwrap()["receipt"], said);
    let told = aiko.push("message.edited").await;
    assert_eq!(
        (&told["changed"], &told["data"]["body"]),
        (&json!(["receipts"]), &json!("High water at nine"))
    );
    let found = aiko.call("message.receipts", asked).await.unwrap();
    assert_eq!(found["receipts"][0], said);
    assert!(said["sid"].as_str().unwrap().starts_with("DY"));
    assert_eq!((&said["channel_message_sid"], &said["error_code"]), (&json!("SM7"), &json!(30003)));
    assert_eq!(said["channel_metadata"], json!({"type": "sms", "data": {"parts": 1}}));
    let sum = json!({"total": 2, "sent": "all", "delivered": "none", "read": "none", "undelivered": "some", "failed": "none"});
    assert_eq!(found["aggregated"], sum);
}

/// T040 T041 T042 T157 T160 V014 V073: a device registers for push notifications, which makes its user notifiable.
#[tokio::test]
async fn a_registration_makes_its_user_notifiable() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    ingrid.call("presence.subscribe", json!({"identities": ["Aiko"]})).await.unwrap();
    let register = json!({"client_id": id(), "type": "fcm", "token": "t1", "events": ["message.edited"]});
    aiko.call("push.register", register).await.unwrap();
    assert_eq!(ingrid.push("user.changed").await["users"][0]["notifiable"], true);
    let devices = aiko.call("device.list", json!({})).await.unwrap();
    assert_eq!(devices["devices"][0]["push"], json!({"type": "fcm", "events": ["message.edited"]}));
    let wrong = json!({"client_id": id(), "type": "fcm", "token": "t1", "events": ["message.eaten"]});
    assert_eq!(aiko.refused("push.register", wrong).await, "invalid_params");
    let sign_in =
        json!({"client_id": id(), "identity": "Aiko", "password": password("Aiko"), "device_name": "Ship"});
    let (_, grant) = server.post("/v1/sign-in", &sign_in).await;
    let mut ship = server.connect(&grant).await;
    let device = &devices["devices"][0]["sid"];
    ship.call("push.unregister", json!({"client_id": id(), "device": device})).await.unwrap();
    assert_eq!(ingrid.push("user.changed").await["users"][0]["notifiable"], false);
    let found = ingrid.call("user.get", json!({"identities": ["Aiko"]})).await.unwrap();
    assert_eq!(found["users"][0]["notifiable"], false);
}
