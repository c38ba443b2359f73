//! Files over real sockets: uploads, what breaks off, downloads, thumbnails, addresses without a token, and their end.

use std::time::Duration;

use confab_server::{
    MediaConfig, MediaRules, RunningServer, ServerConfig, ServerError, backup, restore, verify,
};
use confab_testkit::noise;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::harness::{Client, Server, bounds, id, message, soon};

/// Bytes of a part.
const PART: usize = 1024 * 1024;

/// What a request got.
struct Got {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Got {
    fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().skip(1);
        let mut found = lines.filter_map(|line| line.split_once(": "));
        found.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn code(&self) -> String {
        self.json()["error"]["code"].as_str().unwrap().to_owned()
    }
}

/// Someone who is signed in, beside their WebSocket.
struct Uploader<'a> {
    server: &'a Server,
    grant: Value,
    client: Client,
}

impl<'a> Uploader<'a> {
    async fn new(server: &'a Server, name: &str) -> Self {
        let grant = server.join(name).await;
        let client = server.connect(&grant).await;
        Self { server, grant, client }
    }

    fn token(&self) -> String {
        format!("Authorization: Bearer {}\r\n", self.grant["access_token"].as_str().unwrap())
    }

    async fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Got {
        request(self.server, method, path, &format!("{}{headers}", self.token()), body).await
    }

    async fn begin(&self, ask: &Value) -> Got {
        self.ask("POST", "/v1/media", "", ask.to_string().as_bytes()).await
    }

    async fn send(&self, sid: &str, offset: usize, bytes: &[u8]) -> Got {
        let path = format!("/v1/media/{sid}/upload");
        self.ask("PATCH", &path, &format!("Upload-Offset: {offset}\r\n"), bytes).await
    }

    /// Uploads a file and gives its SID.
    async fn upload(&self, name: &str, content_type: &str, bytes: &[u8]) -> String {
        let begun = self.begin(&asking(name, content_type, bytes.len())).await;
        assert_eq!(begun.status, 201, "{}", begun.json());
        let sid = begun.json()["media"]["sid"].as_str().unwrap().to_owned();
        let done = self.send(&sid, 0, bytes).await;
        assert_eq!((done.status, &done.json()["ready"]), (200, &json!(true)), "{}", done.json());
        sid
    }

    async fn get(&self, path: &str) -> Got {
        self.ask("GET", &format!("/v1/media/{path}"), "", b"").await
    }

    async fn offset(&self, sid: &str) -> usize {
        let got = self.ask("HEAD", &format!("/v1/media/{sid}/upload"), "", b"").await;
        assert_eq!(got.status, 200, "{}", got.head);
        got.header("upload-offset").unwrap().parse().unwrap()
    }

    async fn post(&mut self, conversation: &str, media: &[&str]) -> Value {
        self.client.call("message.send", with(conversation, media)).await.unwrap()["message"].clone()
    }
}

fn with(conversation: &str, media: &[&str]) -> Value {
    let mut params = message(conversation, "");
    params["media"] = json!(media);
    params
}

fn asking(name: &str, content_type: &str, size: usize) -> Value {
    json!({"client_id": id(), "file_name": name, "content_type": content_type, "size": size})
}

async fn request(server: &Server, method: &str, path: &str, headers: &str, body: &[u8]) -> Got {
    let mut stream = begun(server, method, path, headers, body.len()).await;
    // A server that refuses closes without reading what it does not want.
    let _ = stream.write_all(body).await;
    answer(stream).await
}

/// Sends the head of a request.
async fn begun(server: &Server, method: &str, path: &str, headers: &str, length: usize) -> TcpStream {
    let mut stream = TcpStream::connect(server.address()).await.unwrap();
    let head = format!(
        "{method} {path} HTTP/1.1\r\nHost: {}\r\n{headers}Connection: close\r\nContent-Length: {length}\r\n\r\n",
        server.address()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream
}

async fn answer(mut stream: TcpStream) -> Got {
    let mut bytes = Vec::new();
    let read = soon(stream.read_to_end(&mut bytes)).await;
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
    let end = end.unwrap_or_else(|| panic!("no answer: {read:?} {bytes:?}"));
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Got { status, head, body: bytes.split_off(end + 4) }
}

/// A PNG of some size, without a crate for it: one row of grey after the other, not compressed.
fn png(width: u32, height: u32, rows: u32) -> Vec<u8> {
    let mut raw = Vec::new();
    for _ in 0..rows {
        raw.push(0);
        raw.extend(std::iter::repeat_n(0x80_u8, usize::try_from(width).unwrap()));
    }
    let mut packed = vec![0x78, 0x01];
    for (number, block) in raw.chunks(60_000).enumerate() {
        packed.push(u8::from((number + 1) * 60_000 >= raw.len()));
        let length = u16::try_from(block.len()).unwrap();
        packed.extend(length.to_le_bytes());
        packed.extend((!length).to_le_bytes());
        packed.extend(block);
    }
    let (a, b) = raw.iter().fold((1_u32, 0_u32), |(a, b), byte| {
        let a = (a + u32::from(*byte)) % 65_521;
        (a, (b + a) % 65_521)
    });
    packed.extend((b << 16 | a).to_be_bytes());
    let mut head = Vec::new();
    head.extend(width.to_be_bytes());
    head.extend(height.to_be_bytes());
    head.extend([8, 0, 0, 0, 0]);
    let mut file = b"\x89PNG\r\n\x1a\n".to_vec();
    for (kind, data) in [(b"IHDR", &head), (b"IDAT", &packed), (b"IEND", &Vec::new())] {
        file.extend(u32::try_from(data.len()).unwrap().to_be_bytes());
        let start = file.len();
        file.extend(kind);
        file.extend(data);
        let crc = !file[start..].iter().fold(!0, |crc: u32, byte| {
            let mixed = crc ^ u32::from(*byte);
            (0..8).fold(mixed, |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        });
        file.extend(crc.to_be_bytes());
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_uploaded_sent_and_fetched_by_those_who_see_its_message() {
    let server = Server::start();
    let mut ingrid = Uploader::new(&server, "Ingrid").await;
    let (mut aiko, tomas) = (Uploader::new(&server, "Aiko").await, Uploader::new(&server, "Tomas").await);
    let room = ingrid.client.conversation("Harbour").await;
    ingrid.client.add(&room, "Aiko").await;
    let bytes = noise(2 * PART + 77);
    let file = ingrid.upload("quay plan.bin", "application/x-plan", &bytes).await;
    assert_eq!(ingrid.get(&file).await.body, bytes, "the uploader has it before it is sent");
    assert_eq!(aiko.get(&file).await.code(), "not_found");
    let sent = ingrid.post(&room, &[&file]).await;
    assert_eq!(
        sent["media"],
        json!([{
            "sid": file, "file_name": "quay plan.bin", "content_type": "application/x-plan", "size": bytes.len(),
            "category": "media",
        }])
    );
    assert_eq!(aiko.client.push("message.added").await["data"]["media"], sent["media"]);
    let got = aiko.get(&file).await;
    assert_eq!((got.status, got.body == bytes), (200, true));
    assert_eq!(got.header("content-type"), Some("application/octet-stream"));
    assert!(got.header("content-disposition").unwrap().starts_with("attachment; filename=\"quay plan.bin\""));
    assert_eq!(got.header("x-content-type-options"), Some("nosniff"));
    assert!(got.header("content-security-policy").unwrap().contains("sandbox"));
    assert_eq!(tomas.get(&file).await.code(), "not_found", "who is not in the conversation");
    let nobody = request(&server, "GET", &format!("/v1/media/{file}"), "", b"").await;
    assert_eq!((nobody.status, nobody.code().as_str()), (401, "unauthenticated"));
    let leave = json!({"client_id": id(), "conversation": room, "identity": "Aiko"});
    aiko.client.call("participant.remove", leave).await.unwrap();
    assert_eq!(aiko.get(&file).await.code(), "not_found", "who has left");
    assert_eq!(verify(&server.place.path().join("data"), true).unwrap().report.findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_goes_on_where_its_connection_broke() {
    let server = Server::start();
    let ingrid = Uploader::new(&server, "Ingrid").await;
    let bytes = noise(3 * PART + 5);
    let ask = asking("film.bin", "application/octet-stream", bytes.len());
    let begun_upload = ingrid.begin(&ask).await.json();
    let file = begun_upload["media"]["sid"].as_str().unwrap().to_owned();
    assert_eq!((&begun_upload["offset"], &begun_upload["ready"]), (&json!(0), &json!(false)));
    // Cut in the middle of the third part.
    let headers = format!("{}Upload-Offset: 0\r\n", ingrid.token());
    let path = format!("/v1/media/{file}/upload");
    let mut stream = begun(&server, "PATCH", &path, &headers, bytes.len()).await;
    stream.write_all(&bytes[..2 * PART + 500]).await.unwrap();
    let second = server.place.path().join("data/media").join(&file).join("000001");
    let kept = async {
        while !second.exists() {
            tokio::task::yield_now().await;
        }
    };
    soon(kept).await;
    assert_eq!(ingrid.offset(&file).await, 2 * PART);
    // Another connection goes on while the first one still stands, which ends that.
    let wrong = ingrid.send(&file, PART, &bytes[PART..]).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (409, "offset_mismatch"));
    assert_eq!(wrong.json()["error"]["params"]["offset"], 2 * PART);
    assert_eq!(ingrid.begin(&ask).await.json()["offset"], 2 * PART, "begun again, it says where to go on");
    let done = ingrid.send(&file, 2 * PART, &bytes[2 * PART..]).await.json();
    assert_eq!((&done["offset"], &done["ready"]), (&json!(bytes.len()), &json!(true)));
    assert_eq!(ingrid.offset(&file).await, bytes.len());
    let got = ingrid.get(&file).await;
    assert!(got.body == bytes);
    let again = ingrid.send(&file, bytes.len(), b"").await.json();
    assert_eq!(again["ready"], true, "what is whole stays so");
    drop(stream);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upload_survives_a_restart_of_the_server() {
    let server = Server::start();
    let ingrid = Uploader::new(&server, "Ingrid").await;
    let bytes = noise(PART + 9);
    let begun = ingrid.begin(&asking("a.bin", "application/octet-stream", bytes.len())).await.json();
    let file = begun["media"]["sid"].as_str().unwrap().to_owned();
    let part = ingrid.send(&file, 0, &bytes[..PART]).await.json();
    assert_eq!((&part["offset"], &part["ready"]), (&json!(PART), &json!(false)));
    let grant = ingrid.grant.clone();
    drop(ingrid.client);
    let server = server.restarted();
    let client = server.connect(&grant).await;
    let ingrid = Uploader { server: &server, grant, client };
    assert_eq!(ingrid.offset(&file).await, PART);
    assert_eq!(ingrid.send(&file, PART, &bytes[PART..]).await.json()["ready"], true);
    assert!(ingrid.get(&file).await.body == bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_of_the_wrong_type_is_refused_before_its_bytes() {
    let rules = MediaRules {
        file_bytes: 4 * PART as u64,
        unsent_bytes: 5 * PART as u64,
        denied_types: vec!["application/vnd.microsoft.portable-executable".into()],
        ..MediaRules::default()
    };
    let server = Server::with_media(bounds(), MediaConfig { rules, ..MediaConfig::default() });
    let mut ingrid = Uploader::new(&server, "Ingrid").await;
    let large = ingrid.begin(&asking("a", "video/mp4", 4 * PART + 1)).await;
    assert_eq!((large.status, large.code().as_str()), (413, "too_large"));
    assert_eq!(large.json()["error"]["params"]["limit"], 4 * PART);
    let denied = "application/vnd.microsoft.portable-executable";
    let typed = ingrid.begin(&asking("a.exe", denied, 10)).await;
    assert_eq!((typed.status, typed.code().as_str()), (415, "unsupported_type"));
    let begun_upload = ingrid.begin(&asking("a.png", "image/png", 2 * PART)).await.json();
    let file = begun_upload["media"]["sid"].as_str().unwrap();
    // Of a body that is longer than it may be nothing is read: the answer comes while all of it is still here.
    let headers = format!("{}Upload-Offset: 0\r\n", ingrid.token());
    let path = format!("/v1/media/{file}/upload");
    let stream = begun(&server, "PATCH", &path, &headers, 2 * PART + 1).await;
    let refused = answer(stream).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    // A program that calls itself a picture is found out by its first part, and counts against nobody.
    let mut program = noise(2 * PART);
    program[..2].copy_from_slice(b"MZ");
    let found_out = ingrid.send(file, 0, &program).await;
    assert_eq!((found_out.status, found_out.code().as_str()), (415, "unsupported_type"));
    assert_eq!(ingrid.send(file, 0, &program).await.code(), "not_found");
    ingrid.upload("b.bin", "application/octet-stream", &noise(4 * PART)).await;
    let full = ingrid.begin(&asking("c", "text/plain", 2 * PART)).await;
    assert_eq!((full.status, full.code().as_str()), (409, "limit_reached"));
    let told = ingrid.client.call("media.limits", json!({})).await.unwrap();
    assert_eq!((&told["file_bytes"], &told["denied_types"][0]), (&json!(4 * PART), &json!(denied)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_takes_no_file_of_somebody_else_and_none_that_is_not_whole() {
    let server = Server::start();
    let (mut ingrid, aiko) = (Uploader::new(&server, "Ingrid").await, Uploader::new(&server, "Aiko").await);
    let room = ingrid.client.conversation("Harbour").await;
    let theirs = aiko.upload("a.txt", "text/plain", b"hello").await;
    assert_eq!(ingrid.client.refused("message.send", with(&room, &[&theirs])).await, "not_found");
    let path = format!("/v1/media/{theirs}/upload");
    for (method, due) in [("HEAD", 404), ("DELETE", 404), ("PATCH", 404)] {
        let got = ingrid.ask(method, &path, "Upload-Offset: 0\r\n", b"").await;
        assert_eq!(got.status, due, "{method}");
    }
    let begun = ingrid.begin(&asking("b.txt", "text/plain", 10)).await.json();
    let part = begun["media"]["sid"].as_str().unwrap();
    assert_eq!(ingrid.client.refused("message.send", with(&room, &[part])).await, "media_incomplete");
    assert_eq!(ingrid.get(part).await.code(), "not_found");
    let mine = ingrid.upload("c.txt", "text/plain", b"hello").await;
    ingrid.post(&room, &[&mine]).await;
    assert_eq!(ingrid.client.refused("message.send", with(&room, &[&mine])).await, "media_in_use");
    let kept = ingrid.ask("DELETE", &format!("/v1/media/{mine}/upload"), "", b"").await;
    assert_eq!((kept.status, kept.code().as_str()), (409, "media_in_use"));
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_and_what_is_held_already() {
    let server = Server::start();
    let ingrid = Uploader::new(&server, "Ingrid").await;
    let bytes = noise(PART + 100);
    let file = ingrid.upload("a.bin", "application/octet-stream", &bytes).await;
    let path = format!("/v1/media/{file}");
    let across = ingrid.ask("GET", &path, &format!("Range: bytes={}-{}\r\n", PART - 3, PART + 2), b"").await;
    assert_eq!(across.status, 206);
    assert_eq!(across.body, bytes[PART - 3..PART + 3]);
    let total = bytes.len();
    assert_eq!(across.header("content-range").unwrap(), format!("bytes {}-{}/{total}", PART - 3, PART + 2));
    let tail = ingrid.ask("GET", &path, "Range: bytes=-5\r\n", b"").await;
    assert_eq!(tail.body, bytes[total - 5..]);
    let beyond = ingrid.ask("GET", &path, &format!("Range: bytes={total}-\r\n"), b"").await;
    assert_eq!((beyond.status, beyond.header("content-range")), (416, Some(&*format!("bytes */{total}"))));
    let etag = across.header("etag").unwrap();
    let held = ingrid.ask("GET", &path, &format!("If-None-Match: {etag}\r\n"), b"").await;
    assert_eq!((held.status, held.body.len()), (304, 0));
    let head = ingrid.ask("HEAD", &path, "", b"").await;
    assert_eq!((head.status, head.header("content-length")), (200, Some(&*total.to_string())));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_or_a_script_of_somebody_else_is_only_to_be_saved() {
    let server = Server::start();
    let ingrid = Uploader::new(&server, "Ingrid").await;
    let svg = b"<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (content_type, bytes) in [
        ("text/html", &b"<!DOCTYPE html><script>alert(1)</script>"[..]),
        ("image/svg+xml", svg),
        ("image/png", svg),
        ("application/javascript", b"alert(1)"),
    ] {
        let file = ingrid.upload("a", content_type, bytes).await;
        let got = ingrid.get(&file).await;
        assert_eq!(got.header("content-type"), Some("application/octet-stream"), "{content_type}");
        assert!(got.header("content-disposition").unwrap().starts_with("attachment"), "{content_type}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_picture_has_a_thumbnail_and_a_bomb_has_none() {
    let server = Server::start();
    let ingrid = Uploader::new(&server, "Ingrid").await;
    let picture = ingrid.upload("quay.png", "image/png", &png(900, 300, 300)).await;
    let got = ingrid.get(&format!("{picture}/thumbnail")).await;
    assert_eq!((got.status, got.header("content-type")), (200, Some("image/jpeg")));
    assert_eq!(&got.body[..3], b"\xff\xd8\xff");
    assert_eq!(ingrid.get(&format!("{picture}/thumbnail")).await.body, got.body, "made once");
    let whole = ingrid.get(&picture).await;
    assert_eq!(whole.header("content-type"), Some("image/png"));
    assert!(whole.header("content-disposition").unwrap().starts_with("inline"));
    let bomb = ingrid.upload("bomb.png", "image/png", &png(60_000, 60_000, 1)).await;
    let refused = ingrid.get(&format!("{bomb}/thumbnail")).await;
    assert_eq!((refused.status, refused.code().as_str()), (413, "too_large"));
    assert_eq!(refused.json()["error"]["params"]["field"], "pixels");
    let text = ingrid.upload("a.txt", "text/plain", b"hello").await;
    assert_eq!(ingrid.get(&format!("{text}/thumbnail")).await.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_needs_no_token_and_ends_with_its_time_and_with_the_membership() {
    let media = MediaConfig::default();
    let clock = media.clock.clone();
    let server = Server::with_media(bounds(), media);
    let (mut ingrid, mut aiko) =
        (Uploader::new(&server, "Ingrid").await, Uploader::new(&server, "Aiko").await);
    let room = ingrid.client.conversation("Harbour").await;
    ingrid.client.add(&room, "Aiko").await;
    let file = ingrid.upload("a.txt", "text/plain", b"hello").await;
    let foreign = json!({"media": [file]});
    assert_eq!(aiko.client.refused("media.urls", foreign.clone()).await, "not_found");
    ingrid.post(&room, &[&file]).await;
    let other = ingrid.upload("b.txt", "text/plain", b"mine").await;
    let one_of_two = json!({"media": [file, other]});
    assert_eq!(aiko.client.refused("media.urls", one_of_two).await, "not_found", "one bad one refuses all");
    assert_eq!(aiko.client.refused("media.urls", json!({"media": []})).await, "invalid_params");
    let many = json!({"media": vec![file.clone(); 101]});
    assert_eq!(aiko.client.refused("media.urls", many).await, "too_large");
    let url = |answer: Value| answer["urls"][0]["url"].as_str().unwrap().to_owned();
    let address = url(aiko.client.call("media.urls", foreign.clone()).await.unwrap());
    let fetch = async |address: &str| request(&server, "GET", address, "", b"").await;
    assert_eq!(fetch(&address).await.body, b"hello");
    assert_eq!(fetch(&address.replace("signature=", "signature=A")).await.code(), "url_invalid");
    let file_swapped = address.replace(&file, &other);
    assert_eq!(fetch(&file_swapped).await.code(), "url_invalid");
    clock.advance(Duration::from_secs(299));
    assert_eq!(fetch(&address).await.status, 200);
    clock.advance(Duration::from_secs(1));
    let ended = fetch(&address).await;
    assert_eq!((ended.status, ended.code().as_str()), (410, "url_expired"));
    let address = url(aiko.client.call("media.urls", foreign).await.unwrap());
    assert_eq!(fetch(&address).await.status, 200);
    let remove = json!({"client_id": id(), "conversation": room, "identity": "Aiko"});
    ingrid.client.call("participant.remove", remove).await.unwrap();
    assert_eq!(fetch(&address).await.code(), "not_found", "who was removed has it no longer");
}

fn folders(server: &Server) -> Vec<String> {
    let entries = std::fs::read_dir(server.place.path().join("data/media")).unwrap();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_removed_given_up_or_forgotten_leaves_no_bytes() {
    let media = MediaConfig { collect_every: Duration::from_millis(20), ..MediaConfig::default() };
    let clock = media.clock.clone();
    let server = Server::with_media(bounds(), media);
    let mut ingrid = Uploader::new(&server, "Ingrid").await;
    let room = ingrid.client.conversation("Harbour").await;
    let kept = ingrid.upload("kept.txt", "text/plain", b"kept").await;
    ingrid.post(&room, &[&kept]).await;
    let sent = ingrid.upload("sent.png", "image/png", &png(20, 20, 20)).await;
    assert_eq!(ingrid.get(&format!("{sent}/thumbnail")).await.status, 200);
    let message = ingrid.post(&room, &[&sent]).await;
    let dropped = ingrid.upload("dropped.txt", "text/plain", b"dropped").await;
    let loose = ingrid.upload("loose.txt", "text/plain", b"loose").await;
    assert_eq!(folders(&server).len(), 4);
    let cancel = ingrid.ask("DELETE", &format!("/v1/media/{dropped}/upload"), "", b"").await;
    assert_eq!(cancel.status, 204);
    let remove = json!({"client_id": id(), "conversation": room, "message": {"sid": message["sid"]}});
    ingrid.client.call("message.remove", remove).await.unwrap();
    assert_eq!(ingrid.get(&sent).await.code(), "not_found", "at once");
    let settled = async |count: usize| {
        while folders(&server).len() != count {
            tokio::task::yield_now().await;
        }
    };
    soon(settled(2)).await;
    assert_eq!(ingrid.get(&loose).await.status, 200);
    clock.advance(Duration::from_secs(24 * 3_600 + 60));
    soon(settled(1)).await;
    assert_eq!(folders(&server), std::slice::from_ref(&kept));
    assert_eq!(ingrid.get(&kept).await.body, b"kept");
    assert_eq!(verify(&server.place.path().join("data"), true).unwrap().report.findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_carries_files_and_a_restore_puts_them_back() {
    let server = Server::start();
    let mut ingrid = Uploader::new(&server, "Ingrid").await;
    let room = ingrid.client.conversation("Harbour").await;
    let bytes = noise(PART + 3);
    let file = ingrid.upload("a.bin", "application/octet-stream", &bytes).await;
    ingrid.post(&room, &[&file]).await;
    let grant = ingrid.grant.clone();
    let (data, to) = (server.place.path().join("data"), server.place.path().join("one.backup"));
    backup(&data, &to, false).unwrap();
    let after = ingrid.upload("b.txt", "text/plain", b"after").await;
    drop(ingrid.client);
    let Server { running, place } = server;
    running.shutdown();
    // Bytes that are lost are found, and a restore brings them back.
    std::fs::remove_file(data.join("media").join(&file).join("000001")).unwrap();
    assert_eq!(verify(&data, true).unwrap().report.findings.len(), 1);
    let restored = restore(&data, &to, false).unwrap();
    assert_eq!(restored.totals.media, 1);
    assert!(restored.aside.unwrap().join("media").join(&after).exists(), "what was there is kept aside");
    assert_eq!(verify(&data, true).unwrap().report.findings, []);
    let config = ServerConfig::new(&data, ([127, 0, 0, 1], 0).into());
    let running = RunningServer::start(ServerConfig { bounds: bounds(), ..config }).unwrap();
    let server = Server { running, place };
    let client = server.connect(&grant).await;
    let ingrid = Uploader { server: &server, grant, client };
    assert!(ingrid.get(&file).await.body == bytes);
    assert_eq!(ingrid.get(&after).await.code(), "not_found");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_whose_files_were_touched_is_not_taken() {
    let server = Server::start();
    let mut ingrid = Uploader::new(&server, "Ingrid").await;
    let room = ingrid.client.conversation("Harbour").await;
    let file = ingrid.upload("a.bin", "application/octet-stream", &[0xab; 5_000]).await;
    ingrid.post(&room, &[&file]).await;
    let (data, to) = (server.place.path().join("data"), server.place.path().join("one.backup"));
    backup(&data, &to, false).unwrap();
    let whole = std::fs::read(&to).unwrap();
    let elsewhere = server.place.path().join("elsewhere");
    let place = whole.windows(64).rposition(|window| window.iter().all(|byte| *byte == 0xab)).unwrap();
    let mut touched = whole.clone();
    touched[place] ^= 1;
    std::fs::write(&to, &touched).unwrap();
    let refused = restore(&elsewhere, &to, false).unwrap_err();
    assert!(matches!(refused, ServerError::BackupDamaged { .. }), "{refused}");
    // Cut off behind the files, before the last word.
    std::fs::write(&to, &whole[..place + 512]).unwrap();
    let refused = restore(&elsewhere, &to, false).unwrap_err();
    assert!(matches!(refused, ServerError::BackupDamaged { .. }), "{refused}");
    std::fs::write(&to, &whole).unwrap();
    restore(&elsewhere, &to, false).unwrap();
}
