//! What one can be wrong about: people, what is theirs, what is elsewhere, and what is no more.

use std::time::Duration;

use confab_server::{Bounds, MediaConfig, api_key_create};
use rusqlite::Connection;
use rusqlite::types::Value as Cell;
use serde_json::{Value, json};

use super::super::back_end;
use super::super::harness::{Client, Server, bounds, id, password, soon};

/// How long what goes on by itself waits in between.
const SHORTLY: Duration = Duration::from_millis(20);

/// A server with people and things to be wrong about.
pub(super) struct Stage {
    pub(super) server: Server,
    /// Owns the workspace and the conversation.
    pub(super) ingrid: Client,
    /// An ordinary participant of it.
    pub(super) aiko: Client,
    pub(super) room: String,
    /// Who sits there: Aiko's participation, and somebody who takes part by other means.
    pub(super) seat: String,
    pub(super) contact: String,
    pub(super) message: String,
    pub(super) role: String,
    pub(super) invite: String,
    pub(super) device: String,
    /// A file of Ingrid's, and one of Aiko's.
    pub(super) file: String,
    pub(super) file_of_aiko: String,
    /// Another conversation of Ingrid's, and one that neither is in.
    pub(super) other: Place,
    pub(super) foreign: Place,
    pub(super) gone: Gone,
    tokens: [String; 2],
}

/// A conversation with what belongs to it.
pub(super) struct Place {
    pub(super) room: String,
    pub(super) seat: String,
    pub(super) contact: String,
    pub(super) message: String,
}

/// What is no more.
pub(super) struct Gone {
    /// A conversation that both were in.
    pub(super) room: String,
    /// Of the conversation that both are in.
    pub(super) seat: String,
    pub(super) contact: String,
    pub(super) message: String,
    pub(super) role: String,
    pub(super) invite: String,
    /// Of Ingrid's.
    pub(super) device: String,
    pub(super) file: String,
}

/// What is at a path of an answer.
fn text(answer: &Value, path: &str) -> String {
    answer.pointer(path).and_then(Value::as_str).unwrap_or_else(|| panic!("no {path}: {answer}")).to_owned()
}

/// Asks for something with an id of its own.
async fn ask(client: &mut Client, method: &str, mut params: Value) -> Value {
    params["client_id"] = id().into();
    let answer = client.call(method, params.clone()).await;
    answer.unwrap_or_else(|refused| panic!("{method}: {params} gave {refused}"))
}

async fn remove(client: &mut Client, method: &str, room: &str, field: &str, what: Value) {
    ask(client, method, json!({"conversation": room, field: what})).await;
}

async fn contact(client: &mut Client, room: &str, address: &str) -> String {
    let params = json!({"conversation": room, "type": "sms", "address": address, "proxy_address": "+47 3"});
    text(&ask(client, "participant.add_non_chat", params).await, "/participant/sid")
}

async fn role(client: &mut Client) -> String {
    let params = json!({"friendly_name": "Guest", "type": "conversation", "permissions": []});
    text(&ask(client, "role.create", params).await, "/role/sid")
}

async fn invite(client: &mut Client) -> String {
    text(&ask(client, "invite.create", json!({})).await, "/invite/sid")
}

/// Puts a file on the server and gives its SID.
async fn file(server: &Server, token: &str) -> String {
    let asking = json!({"client_id": id(), "file_name": "a", "content_type": "text/plain", "size": 1});
    let allowed = format!("Authorization: Bearer {token}\r\n");
    let (status, begun) = server.request("POST", "/v1/media", &allowed, &asking.to_string()).await;
    assert_eq!(status, 201, "{begun}");
    let sid = text(&begun, "/media/sid");
    let headers = format!("{allowed}Upload-Offset: 0\r\n");
    let (status, done) = server.request("PATCH", &format!("/v1/media/{sid}/upload"), &headers, "a").await;
    assert_eq!(status, 200, "{done}");
    sid
}

impl Place {
    /// Makes one with a message in it.
    async fn of(client: &mut Client, name: &str) -> Self {
        let room = client.conversation(name).await;
        let message = text(&client.say(&room, "Here").await, "/sid");
        let found = client.call("conversation.get", json!({"conversation": room})).await.unwrap();
        let seat = text(&found, "/summary/me/participant");
        let contact = contact(client, &room, "+47 1").await;
        Self { room, seat, contact, message }
    }
}

impl Gone {
    async fn from(server: &Server, ingrid: &mut Client, room: &str, token: &str) -> Self {
        let deleted = ingrid.conversation("Once").await;
        ingrid.add(&deleted, "Aiko").await;
        ask(ingrid, "conversation.delete", json!({"conversation": deleted})).await;
        let seat = text(&ingrid.add(room, "Bo").await, "/participant/sid");
        remove(ingrid, "participant.remove", room, "participant", json!(seat)).await;
        let nobody = contact(ingrid, room, "+47 9").await;
        remove(ingrid, "participant.remove_non_chat", room, "participant", json!(nobody)).await;
        let message = text(&ingrid.say(room, "Gone").await, "/sid");
        remove(ingrid, "message.remove", room, "message", json!({"sid": message})).await;
        let (role, invite) = (role(ingrid).await, invite(ingrid).await);
        ask(ingrid, "role.delete", json!({"role": role})).await;
        ask(ingrid, "invite.revoke", json!({"invite": invite})).await;
        let signing_in = json!({"client_id": id(), "identity": "Ingrid", "password": password("Ingrid"),
            "device_name": "Old"});
        let (_, grant) = server.post("/v1/sign-in", &signing_in).await;
        let device = text(&grant, "/device");
        ask(ingrid, "device.revoke", json!({"device": device})).await;
        let file = file(server, token).await;
        let allowed = format!("Authorization: Bearer {token}\r\n");
        let path = format!("/v1/media/{file}/upload");
        let (status, answer) = server.request("DELETE", &path, &allowed, "").await;
        assert!((200..300).contains(&status), "{answer}");
        Self { room: deleted, seat, contact: nobody, message, role, invite, device, file }
    }
}

impl Stage {
    pub(super) async fn new() -> Self {
        let bounds =
            Bounds { requests_per_second: 100_000, request_burst: 100_000, chores: SHORTLY, ..bounds() };
        let media = MediaConfig { collect_every: SHORTLY, ..MediaConfig::default() };
        let server = Server::with_media(bounds, media);
        let grants = [server.join("Ingrid").await, server.join("Aiko").await];
        let tokens = grants.each_ref().map(|grant| text(grant, "/access_token"));
        let [mut ingrid, mut aiko] = [server.connect(&grants[0]).await, server.connect(&grants[1]).await];
        let mut bo = server.person("Bo").await;
        let room = ingrid.conversation("Harbour").await;
        let seat = text(&ingrid.add(&room, "Aiko").await, "/participant/sid");
        let message = text(&ingrid.say(&room, "Mine").await, "/sid");
        let gone = Gone::from(&server, &mut ingrid, &room, &tokens[0]).await;
        let contact = contact(&mut ingrid, &room, "+47 1").await;
        let (other, foreign) =
            (Place::of(&mut ingrid, "Quayside").await, Place::of(&mut bo, "Elsewhere").await);
        let (role, invite) = (role(&mut ingrid).await, invite(&mut ingrid).await);
        let device = text(&ingrid.hello, "/device");
        let file = [file(&server, &tokens[0]).await, file(&server, &tokens[1]).await];
        let open = json!({"open": room, "rows": [room]});
        for client in [&mut ingrid, &mut aiko] {
            client.call("interest.set", open.clone()).await.unwrap();
            client.call("presence.subscribe", json!({"identities": ["Ingrid", "Aiko"]})).await.unwrap();
        }
        let [file, file_of_aiko] = file;
        let mut stage = Self {
            server,
            ingrid,
            aiko,
            room,
            seat,
            contact,
            message,
            role,
            invite,
            device,
            file,
            file_of_aiko,
            other,
            foreign,
            gone,
            tokens,
        };
        stage.settle().await;
        stage
    }

    /// Waits until nothing is left of what was deleted, which goes on after its answer.
    async fn emptied(&self) {
        let left = "SELECT EXISTS (SELECT 1 FROM conversations WHERE erase_from IS NOT NULL)
            OR EXISTS (SELECT 1 FROM media WHERE state = 3)";
        let connection = self.database();
        while connection.query_row(left, [], |row| row.get(0)).unwrap() {
            tokio::time::sleep(SHORTLY).await;
        }
    }

    fn database(&self) -> Connection {
        Connection::open(self.server.place.path().join("data/confab.db")).unwrap()
    }

    /// Another file of Ingrid's.
    pub(super) async fn file_of_ingrid(&self) -> String {
        file(&self.server, &self.tokens[0]).await
    }

    /// Lets somebody of the workspace go, as only the program of a back end may.
    pub(super) async fn let_go(&mut self, identity: &str) {
        let key = api_key_create(&back_end::data(&self.server), "a back end").unwrap();
        let key = json!({"key_sid": key.key_sid, "secret": key.secret});
        let path = format!("/v1/Users/{identity}");
        let (status, answer) = back_end::ask(&self.server, &key, "DELETE", &path, "").await;
        assert_eq!(status, 204, "{answer}");
        self.settle().await;
    }

    /// Ingrid does something that is not to be looked at.
    pub(super) async fn given(&mut self, method: &str, params: Value) -> Value {
        let answer = ask(&mut self.ingrid, method, params).await;
        self.settle().await;
        answer
    }

    /// Waits until everything that was done so far was told, since what comes back to its own author comes behind all of it, and
    /// until nothing is left to be done of it.
    pub(super) async fn settle(&mut self) {
        for client in [&mut self.ingrid, &mut self.aiko] {
            let mark = id();
            client
                .call("setting.set", json!({"client_id": id(), "key": "mark", "value": mark}))
                .await
                .unwrap();
            while client.push("state.changed").await["settings"][0]["value"] != mark.as_str() {}
        }
        soon(self.emptied()).await;
    }

    /// What was pushed to either since the last time.
    pub(super) async fn told(&mut self) -> Vec<Value> {
        let mut told = self.ingrid.pushed().await;
        told.extend(self.aiko.pushed().await);
        told
    }

    /// Every row of every table.
    pub(super) fn dump(&self) -> Vec<(String, Vec<Vec<Cell>>)> {
        let connection = self.database();
        let names = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'";
        let mut names = connection.prepare(names).unwrap();
        let names = names.query_map([], |row| row.get(0)).unwrap().map(Result::unwrap);
        let names: Vec<String> = names.collect();
        names.into_iter().map(|name| (name.clone(), rows(&connection, &name))).collect()
    }

    /// Sends what has to be refused with a code, and gives the refusal.
    pub(super) async fn is_refused(
        &mut self,
        by_aiko: bool,
        method: &str,
        params: &Value,
        code: &str,
        why: &str,
    ) -> Value {
        let before = self.dump();
        let client = if by_aiko { &mut self.aiko } else { &mut self.ingrid };
        let answer = client.call(method, params.clone()).await;
        let found = answer.as_ref().err().map(|error| error["code"].clone());
        assert_eq!(found, Some(code.into()), "{method}, {why}: {params} gave {answer:?}");
        let changed: Vec<_> =
            before.iter().zip(self.dump()).filter(|(before, after)| *before != after).collect();
        assert!(changed.is_empty(), "{method}, {why}: {params} has changed {changed:?}");
        let told = self.told().await;
        assert!(told.is_empty(), "{method}, {why}: {params} told {told:?}");
        answer.unwrap_err()
    }
}

fn rows(connection: &Connection, table: &str) -> Vec<Vec<Cell>> {
    let mut statement = connection.prepare(&format!("SELECT * FROM {table}")).unwrap();
    let columns = statement.column_count();
    let row = |row: &rusqlite::Row<'_>| (0..columns).map(|column| row.get(column)).collect();
    statement.query_map([], row).unwrap().map(Result::unwrap).collect()
}
