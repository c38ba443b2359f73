//! Messages and the log that tells of them: subjects, pages over gaps, stretches by Voximplant's two of three, and horizons in
//! both forms.

use serde_json::{Value, json};

use super::harness::{Client, Server, id, message};

async fn horizon(client: &mut Client, conversation: &str, mut params: Value) -> Result<Value, Value> {
    params["client_id"] = id().into();
    params["conversation"] = conversation.into();
    params["based_on"] = json!(1_000_000);
    Ok(client.call("horizon.set", params).await?["me"].clone())
}

fn numbers(rows: &Value, field: &str) -> Vec<u64> {
    rows.as_array().unwrap().iter().map(|row| row[field].as_u64().unwrap()).collect()
}

/// T102–T110, T123, T124, V044–V049: what a message holds, and what an edit leaves.
#[tokio::test]
async fn a_message_has_a_subject_and_attributes_and_tells_who_changed_it() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    let mut params = message(&conversation, "The tide is late");
    params["subject"] = "Tide".into();
    params["attributes"] = json!({"pier": 7});
    let said = aiko.call("message.send", params).await.unwrap()["message"].clone();
    assert_eq!(
        json!([said["subject"], said["attributes"], said["author"], said["last_updated_by"]]),
        json!(["Tide", {"pier": 7}, "Aiko", null])
    );
    let edit = json!({"client_id": id(), "conversation": conversation, "message": {"sid": said["sid"]}, "subject": "Ebb",
        "attributes": {"pier": 8}});
    ingrid.call("message.edit", edit).await.unwrap();
    let heard = aiko.push("message.edited").await;
    assert_eq!(heard["changed"], json!(["subject", "attributes"]));
    let data = &heard["data"];
    assert_eq!(
        json!([data["subject"], data["body"], data["last_updated_by"]]),
        json!(["Ebb", "The tide is late", "Ingrid"])
    );
}

/// T078, T218–T222: pages go on over removed messages, both ways.
#[tokio::test]
async fn pages_go_both_ways_over_gaps() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    for number in 0..10 {
        let said = ingrid.say(&conversation, &number.to_string()).await;
        if (3..6).contains(&number) {
            let gone =
                json!({"client_id": id(), "conversation": conversation, "message": {"sid": said["sid"]}});
            ingrid.call("message.remove", gone).await.unwrap();
        }
    }
    for (params, indexes, older, newer) in [
        (json!({"limit": 3}), vec![7, 8, 9], true, false),
        (json!({"anchor": 6, "limit": 4}), vec![3, 4, 5, 6], true, true),
        (json!({"anchor": 4, "limit": 3, "direction": "forward"}), vec![4, 5, 6], true, true),
        (json!({"anchor": 99, "limit": 2}), vec![8, 9], true, false),
        (json!({"direction": "forward", "limit": 2}), vec![0, 1], false, true),
    ] {
        let mut asked = params.clone();
        asked["conversation"] = conversation.as_str().into();
        let page = ingrid.call("message.page", asked).await.unwrap();
        assert_eq!(numbers(&page["messages"], "index"), indexes, "{params}");
        assert_eq!((&page["has_older"], &page["has_newer"]), (&json!(older), &json!(newer)), "{params}");
        let rows = page["messages"].as_array().unwrap();
        assert!(rows.iter().all(|row| row["removed"] == (3..6).contains(&row["index"].as_u64().unwrap())));
    }
}

/// V041–V043, V092: two of first, last and number.
#[tokio::test]
async fn events_are_told_again_by_two_of_three() {
    let server = Server::start();
    let mut ingrid = server.person("Ingrid").await;
    let conversation = ingrid.conversation("Harbour").await;
    for number in 0..4 {
        ingrid.say(&conversation, &number.to_string()).await;
    }
    for (range, seqs) in [
        (json!({"from": 2, "to": 4}), vec![2, 3, 4]),
        (json!({"from": 5, "count": 100}), vec![5, 6]),
        (json!({"to": 6, "count": 2}), vec![5, 6]),
    ] {
        let mut asked = range.clone();
        asked["conversation"] = conversation.as_str().into();
        let told = ingrid.call("event.replay", asked).await.unwrap();
        assert_eq!(numbers(&told["events"], "seq"), seqs, "{range}");
    }
    for (range, code) in [
        (json!({"from": 1}), "invalid_params"),
        (json!({"from": 3, "to": 2}), "invalid_params"),
        (json!({"from": 1, "to": 101}), "too_large"),
    ] {
        let mut asked = range.clone();
        asked["conversation"] = conversation.as_str().into();
        assert_eq!(ingrid.refused("event.replay", asked).await, code, "{range}");
    }
}

/// T075, T084, T090, T091, T096, T139, T140, V040, V065, V082: index and sequence are two forms of one horizon.
#[tokio::test]
async fn a_horizon_moves_by_index_and_by_event() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    for number in 0..5 {
        ingrid.say(&conversation, &number.to_string()).await;
    }
    ingrid.call("interest.set", json!({"open": conversation})).await.unwrap();
    let none = aiko.call("unread.get", json!({"conversations": [conversation]})).await.unwrap();
    assert_eq!((&none["rows"][0]["horizon"], &none["rows"][0]["unread"]), (&json!(null), &json!(5)));
    for (params, horizon_index, unread, seq) in [
        (json!({"mode": "set", "seq": 6}), json!(2), 2, 6),
        (json!({"mode": "advance", "index": 1}), json!(2), 2, 6),
        (json!({"mode": "advance", "index": 3}), json!(3), 1, 7),
        (json!({"mode": "set", "index": 0}), json!(0), 4, 4),
        (json!({"mode": "advance", "index": 9_007_199_254_740_991_u64}), json!(4), 0, 8),
        (json!({"mode": "set", "seq": 0}), json!(null), 5, 0),
        (json!({"mode": "set", "index": null}), json!(null), 5, 0),
    ] {
        let me = horizon(&mut aiko, &conversation, params.clone()).await.unwrap();
        assert_eq!(
            json!([me["horizon"], me["unread"], me["last_read_event_seq"]]),
            json!([horizon_index, unread, seq]),
            "{params}"
        );
    }
    horizon(&mut aiko, &conversation, json!({"mode": "set", "seq": 5})).await.unwrap();
    loop {
        let rows = ingrid.push("roster.changed").await["rows"].clone();
        if rows[0]["last_read_event_seq"] == 5 {
            assert_eq!(rows[0]["last_read_message_index"], 1);
            assert!(rows[0]["last_read_timestamp"].as_u64() > Some(0));
            break;
        }
    }
    let refused = horizon(&mut aiko, &conversation, json!({"mode": "set", "seq": 9})).await.unwrap_err();
    assert_eq!((&refused["code"], &refused["params"]["newest"]), (&json!("invalid_params"), &json!(8)));
}

/// T115, T121, T194–T208: how far a message has come follows from the horizons of those whom it is for.
#[tokio::test]
async fn receipts_follow_from_horizons() {
    let server = Server::start();
    let (mut ingrid, mut aiko) = (server.person("Ingrid").await, server.person("Aiko").await);
    server.join("Bo").await;
    let conversation = ingrid.conversation("Harbour").await;
    ingrid.add(&conversation, "Aiko").await;
    ingrid.add(&conversation, "Bo").await;
    let said = ingrid.say(&conversation, "Who has read this?").await;
    let params = json!({"conversation": conversation, "message": said["sid"]});
    let before = ingrid.call("message.receipts", params.clone()).await.unwrap();
    assert_eq!(
        before["aggregated"],
        json!({"total": 2, "sent": "all", "delivered": "none", "read": "none", "undelivered": "none", "failed": "none"})
    );
    horizon(&mut aiko, &conversation, json!({"mode": "advance", "index": 0})).await.unwrap();
    let after = ingrid.call("message.receipts", params).await.unwrap();
    assert_eq!(after["aggregated"]["read"], "some");
    let rows = after["receipts"].as_array().unwrap();
    let hers = rows.iter().find(|row| row["identity"] == "Aiko").unwrap();
    assert_eq!((&hers["status"], rows.len()), (&json!("read"), 2));
    assert!(hers["date_updated"].as_u64() >= said["date_created"].as_u64());
}
