//! What a stock client is told of its subscriptions themselves: that one stands, cannot be had, was ended, and that its object is
//! gone.

use serde_json::{Value, json};

use super::harness::{Server, id};
use super::profiles::Stock;

/// The next packet of a kind.
async fn until(stock: &mut Stock, kind: &str) -> Value {
    loop {
        let told = match stock.told.pop_front() {
            Some(told) => told,
            None => stock.packet().await.1,
        };
        if told["event_type"] == kind {
            return told;
        }
    }
}

async fn subscriptions(stock: &mut Stock, action: &str, correlation: u64, objects: &[(Value, &str)]) {
    let wanted = |(sid, form): &(Value, &str)| json!({"object_sid": sid, "object_type": form});
    let requests: Vec<Value> = objects.iter().map(wanted).collect();
    let body = json!({"action": action, "correlation_id": correlation, "requests": requests});
    stock.ask("POST", "/v4/Subscriptions", json!({}), body).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_subscription_says_how_it_stands_and_that_its_object_is_gone() {
    let server = Server::start();
    let grant = server.join("Ingrid").await;
    let mut native = server.connect(&grant).await;
    let conversation = native.conversation("Harbour").await;
    let mut stock = Stock::connect(&server, &grant).await;
    let path = format!("/Client/v2/Conversations/{conversation}");
    let row = stock.ask("GET", &path, json!({}), Value::Null).await;
    let mut objects = Vec::new();
    for (part, form, place) in [
        ("conversation", "document", "Documents"),
        ("messages", "list", "Lists"),
        ("participants", "map", "Maps"),
    ] {
        let path = format!("/v3/{place}/{}", row["sync_objects"][part].as_str().unwrap());
        let object = stock.ask("GET", &path, json!({}), Value::Null).await;
        objects.push((object["sid"].clone(), form));
    }
    subscriptions(&mut stock, "establish", 7, &objects).await;
    for _ in &objects {
        let told = until(&mut stock, "subscription_established").await;
        assert_eq!(told["correlation_id"], 7);
        assert_eq!(told["events"][0]["replay_status"], "completed");
    }

    let unknown = (json!("ES00000000000000000000000000000000"), "document");
    subscriptions(&mut stock, "establish", 8, std::slice::from_ref(&unknown)).await;
    let told = until(&mut stock, "subscription_failed").await;
    assert_eq!((&told["correlation_id"], &told["events"][0]["object_sid"]), (&json!(8), &unknown.0));
    assert_eq!(told["events"][0]["error"]["status"], 404, "{told}");

    subscriptions(&mut stock, "cancel", 9, &objects[..1]).await;
    let told = until(&mut stock, "subscription_canceled").await;
    assert_eq!((&told["correlation_id"], &told["events"][0]["object_sid"]), (&json!(9), &objects[0].0));
    subscriptions(&mut stock, "establish", 10, &objects[..1]).await;
    until(&mut stock, "subscription_established").await;

    let delete = json!({"client_id": id(), "conversation": conversation});
    native.call("conversation.delete", delete).await.unwrap();
    let mut gone = Vec::new();
    while gone.len() < objects.len() {
        let told = match stock.told.pop_front() {
            Some(told) => told,
            None => stock.packet().await.1,
        };
        if let Some(kind) =
            told["event_type"].as_str().filter(|kind| kind.ends_with("_removed") && !kind.contains("item"))
        {
            gone.push((kind.to_owned(), told["events"][0].clone()));
        }
    }
    for (sid, form) in &objects {
        let of = |(kind, event): &&(String, Value)| {
            *kind == format!("{form}_removed") && event[format!("{form}_sid")] == *sid
        };
        assert!(gone.iter().any(|it| of(&it)), "nothing of {form} {sid} in {gone:?}");
    }
}
