//! Ids of what stock clients hear of profiles: a client takes no news whose id is not greater than the one that it knows, and it
//! outlives its connection, the process of the server, and whatever is done to that one's clock.

use std::collections::VecDeque;

use futures_util::{SinkExt as _, StreamExt as _};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::harness::{Server, id, soon};

/// A connection as a stock client makes it.
pub(crate) struct Stock {
    socket: WebSocketStream<TcpStream>,
    pub(crate) told: VecDeque<Value>,
    /// Ids in the order in which they were given out for items of a profile, and those of events alone.
    seen: Vec<u64>,
    events: Vec<u64>,
}

impl Stock {
    pub(crate) async fn connect(server: &Server, grant: &Value) -> Self {
        let stream = TcpStream::connect(server.address()).await.unwrap();
        let url = format!("ws://{}/v3/wsconnect", server.address());
        let (socket, _) = soon(tokio_tungstenite::client_async(url, stream)).await.unwrap();
        let mut stock = Self { socket, told: VecDeque::new(), seen: Vec::new(), events: Vec::new() };
        stock.send(json!({"method": "init", "id": "TM1", "token": grant["access_token"]}), "").await;
        let (header, _) = stock.packet().await;
        assert_eq!(header["status"]["code"], 200, "{header}");
        stock
    }

    async fn send(&mut self, mut header: Value, payload: &str) {
        header["payload_size"] = payload.len().into();
        let header = header.to_string();
        let packet = format!("TWILSOCK V3.0 {}\r\n{header}\r\n{payload}", header.len());
        self.socket.send(Message::binary(packet.into_bytes())).await.unwrap();
    }

    pub(crate) async fn packet(&mut self) -> (Value, Value) {
        loop {
            let Some(Ok(Message::Binary(bytes))) = soon(self.socket.next()).await else { continue };
            let text = String::from_utf8(bytes.to_vec()).unwrap();
            let (line, rest) = text.split_once("\r\n").unwrap();
            let length: usize = line.strip_prefix("TWILSOCK V3.0 ").unwrap().parse().unwrap();
            let header = serde_json::from_str(&rest[..length]).unwrap();
            let payload = serde_json::from_str(rest[length..].trim_start()).unwrap_or(Value::Null);
            return (header, payload);
        }
    }

    pub(crate) async fn ask(&mut self, method: &str, path: &str, params: Value, body: Value) -> Value {
        let request = json!({"method": method, "path": path, "params": params});
        let payload = if body.is_null() { String::new() } else { body.to_string() };
        self.send(json!({"method": "message", "id": "TM2", "http_request": request}), &payload).await;
        loop {
            let (header, payload) = self.packet().await;
            if header["method"] == "reply" {
                assert_eq!(header["http_status"]["code"], 200, "{payload}");
                return payload;
            }
            self.told.push_back(payload);
        }
    }

    /// Opens a profile, reads its items and subscribes behind the greatest id that was known before.
    async fn watch(&mut self, identity: &str, known: Option<u64>) {
        let user = self.ask("GET", &format!("/Client/v2/Users/{identity}"), json!({}), Value::Null).await;
        let path = format!("/v3/Maps/{}", user["sync_objects"]["user_info_map"].as_str().unwrap());
        let map = self.ask("GET", &path, json!({"Include": "items"}), Value::Null).await;
        let page = self.ask("GET", &format!("{path}/Items"), json!({}), Value::Null).await;
        for item in map["items"].as_array().unwrap().iter().chain(page["items"].as_array().unwrap()) {
            self.seen.push(item["last_event_id"].as_u64().unwrap());
        }
        let after = known.or(map["last_event_id"].as_u64());
        let wanted = json!([{"object_sid": map["sid"], "object_type": "map", "last_event_id": after}]);
        let body = json!({"action": "establish", "correlation_id": 1, "requests": wanted});
        self.ask("POST", "/v4/Subscriptions", json!({}), body).await;
        self.until("reachability").await;
    }

    /// Reads on until an item changes, and gives what it holds.
    async fn until(&mut self, key: &str) -> Value {
        loop {
            let told = match self.told.pop_front() {
                Some(told) => told,
                None => self.packet().await.1,
            };
            for event in told["events"].as_array().into_iter().flatten().filter(|it| it["id"].is_u64()) {
                self.events.push(event["id"].as_u64().unwrap());
                if event["item_key"] == key {
                    return event["item_data"].clone();
                }
            }
        }
    }

    /// The greatest id of this connection, where each event has a greater one than whatever was given out before.
    fn greatest(&self, before: u64) -> u64 {
        assert!(self.seen.iter().all(|id| *id >= before), "{before}, then {:?}", self.seen);
        let read = self.seen.iter().copied().max().unwrap();
        assert!(self.events.first().is_some_and(|id| *id > read), "{read}, then {:?}", self.events);
        assert!(self.events.is_sorted_by(|one, next| one < next), "{:?}", self.events);
        *self.events.last().unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_profiles_only_grow_and_are_of_no_clock() {
    let server = Server::start();
    let (ingrid, aiko) = (server.join("Ingrid").await, server.join("Aiko").await);
    let mut stock = Stock::connect(&server, &ingrid).await;
    stock.watch("Aiko", None).await;
    let mut native = server.connect(&aiko).await;
    assert_eq!(stock.until("reachability").await["online"], true);
    let renaming = json!({"client_id": id(), "friendly_name": "Aiko T."});
    native.call("user.update", renaming).await.unwrap();
    assert_eq!(stock.until("friendlyName").await["value"], "Aiko T.");
    let known = stock.greatest(0);

    let server = tokio::task::spawn_blocking(move || server.restarted()).await.unwrap();
    let mut again = Stock::connect(&server, &ingrid).await;
    again.watch("Aiko", Some(known)).await;
    let native = server.connect(&aiko).await;
    assert_eq!(again.until("reachability").await["online"], true);
    let later = again.greatest(known);
    assert!(later > known);
    // A clock that is put back changes nothing, because none was looked at: so much has happened here, and no more.
    assert!(later < 1_000, "{later}");
    drop(native);
}
