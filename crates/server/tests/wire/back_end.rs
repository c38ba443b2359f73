//! Stock helper libraries for back ends, unmodified, against the running server. The scripts are in `tests/twilio/rest`; the
//! packages that they need are installed by `cargo xtask test`, or by `npm ci` there and into `target/twilio-python`.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use confab_server::{
    Bounds, DeadLetter, RunningServer, ServerConfig, api_key_create, api_key_revoke, dead_letters,
    replay_dead_letters,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::process::Command;

use super::harness::{Client, Server, bounds, id, message, request, soon};
use super::leftovers;

fn place() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/twilio/rest"))
}

/// Where the packages for Python are.
fn python() -> PathBuf {
    let target = std::env::current_exe().expect("a test has a path");
    let target = target.ancestors().find(|path| path.ends_with("target")).expect("it lies in the target");
    target.join("twilio-python").join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

/// Runs a script to its end and fails with what it said.
async fn play(program: &Path, script: &str, stage: &Value) {
    let run = Command::new(program)
        .arg(place().join(script))
        .current_dir(place())
        .env("CONFAB_STAGE", stage.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = run.await.expect("the program is there");
    let said = String::from_utf8_lossy(&output.stdout);
    let complained = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success() && said.ends_with("done\n"), "{script}:\n{said}\n{complained}");
}

pub(crate) fn data(server: &Server) -> PathBuf {
    server.place.path().join("data")
}

/// What a script is told: where the server is, and a key.
pub(crate) fn stage(server: &Server) -> Value {
    let key = api_key_create(&data(server), "a back end").unwrap();
    json!({ "base": format!("http://{}", server.address()), "key": key })
}

/// A server that calls hooks on this machine, and soon again.
pub(crate) fn near() -> Server {
    near_with(vec![Duration::from_millis(10); 4])
}

fn near_with(webhook_retries: Vec<Duration>) -> Server {
    near_within(Bounds { webhook_retries, ..bounds() })
}

fn near_within(bounds: Bounds) -> Server {
    let place = tempfile::tempdir().unwrap();
    let running = serve(place.path(), bounds);
    Server { running, place }
}

fn serve(place: &Path, bounds: Bounds) -> RunningServer {
    let listen = SocketAddr::from(([127, 0, 0, 1], 0));
    let config =
        ServerConfig { bounds, private_webhooks: true, ..ServerConfig::new(place.join("data"), listen) };
    RunningServer::start(config).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_resource_is_there_for_the_stock_library_of_node() {
    let server = Server::start();
    play(Path::new("node"), "resources.mjs", &stage(&server)).await;
    let verified = confab_server::verify(&data(&server), true).unwrap();
    assert_eq!(verified.report.findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stock_library_of_python_chats_and_mints_tokens() {
    let server = Server::start();
    play(&python(), "resources.py", &stage(&server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tokens_of_the_stock_library_are_good_and_wrong_ones_have_their_numbers() {
    let server = Server::start();
    play(Path::new("node"), "tokens.mjs", &stage(&server)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn hooks_are_asked_and_told_as_the_stock_library_expects() {
    let server = near();
    play(Path::new("node"), "hooks.mjs", &stage(&server)).await;
    let hooks = "SELECT COUNT(*) FROM gateway_rows WHERE kind = 3";
    let left: i64 = database(&data(&server)).query_row(hooks, [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0, "hooks of conversations that have ended");
    let verified = confab_server::verify(&data(&server), true).unwrap();
    assert_eq!(verified.report.findings, []);
}

fn database(data: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(data.join("confab.db")).unwrap()
}

/// One request with a key.
pub(crate) async fn ask(server: &Server, key: &Value, method: &str, path: &str, form: &str) -> (u16, Value) {
    ask_at(server.address(), key, method, path, form).await
}

/// The same, of whoever listens there. Hooks are told of what it does.
async fn ask_at(address: SocketAddr, key: &Value, method: &str, path: &str, form: &str) -> (u16, Value) {
    let login = format!("{}:{}", key["key_sid"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, login);
    let headers = format!(
        "Authorization: Basic {login}\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         X-Twilio-Webhook-Enabled: true\r\n"
    );
    request(address, method, path, &headers, form).await
}

/// What a hook was asked and told.
type Heard = tokio::sync::mpsc::UnboundedReceiver<String>;

/// A hook that gives one answer to everybody who comes.
async fn receiver(answer: &'static str) -> (String, Heard) {
    receiver_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), move || answer)
}

/// A hook that has no time until it is told that it has.
async fn busy_receiver() -> (String, Heard, Arc<AtomicBool>) {
    let has_time = Arc::new(AtomicBool::new(false));
    let asked = Arc::clone(&has_time);
    let answer = move || if asked.load(Ordering::SeqCst) { OK } else { BUSY };
    let (url, hears) = receiver_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), answer);
    (url, hears, has_time)
}

fn receiver_on(
    listener: TcpListener,
    answer: impl Fn() -> &'static str + Send + Sync + 'static,
) -> (String, Heard) {
    let answer = Arc::new(answer);
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let (heard, hears) = tokio::sync::mpsc::unbounded_channel();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let (heard, answer) = (heard.clone(), Arc::clone(&answer));
            tokio::spawn(async move {
                // A connection may be made in advance, and never be used.
                let text = read_request(&mut stream).await;
                if text.is_empty() {
                    return;
                }
                let _ = stream.write_all(answer().as_bytes()).await;
                let _ = heard.send(text);
            });
        }
    });
    (url, hears)
}

async fn read_request(stream: &mut tokio::net::TcpStream) -> String {
    let (mut text, mut buffer) = (String::new(), [0; 4_096]);
    loop {
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower.split("content-length: ").nth(1).and_then(|rest| rest.lines().next());
            if body.len() >= length.map_or(0, |length| length.trim().parse().unwrap()) {
                return text;
            }
        }
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return text,
            Ok(read) => text.push_str(&String::from_utf8_lossy(&buffer[..read])),
        }
    }
}

const OK: &str = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const NO: &str = "HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const BUSY: &str = "HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
const POLITE: &str =
    "HTTP/1.1 200 OK\r\nContent-Length: 17\r\nConnection: close\r\n\r\n{\"body\":\"polite\"}";

async fn hook(server: &Server, key: &Value, field: &str, url: &str, filter: &str) {
    let form = format!("PreWebhookUrl=&PostWebhookUrl=&{field}={url}&Filters={filter}");
    let (status, body) = ask(server, key, "POST", "/v1/Configuration/Webhooks", &form).await;
    assert_eq!(status, 200, "{body}");
}

async fn chatting(server: &Server) -> (Client, String) {
    let mut olga = server.person("Olga").await;
    let talk = olga.conversation("Plans").await;
    (olga, talk)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_is_asked_about_what_native_clients_do_and_told_of_it() {
    let server = near();
    let key = stage(&server)["key"].clone();
    let (mut olga, talk) = chatting(&server).await;
    let (url, mut hears) = receiver(POLITE).await;
    hook(&server, &key, "PreWebhookUrl", &url, "onMessageAdd").await;
    let asked = message(&talk, "rude");
    let said = olga.call("message.send", asked.clone()).await.unwrap();
    assert_eq!(said["message"]["body"], "polite");
    let heard = soon(hears.recv()).await.unwrap();
    for part in ["EventType=onMessageAdd&", "Source=SDK", "ClientIdentity=Olga", "Body=rude", "Author=Olga"] {
        assert!(heard.contains(part), "{heard}");
    }
    // What is sent again is acknowledged as what it was, and nobody is asked.
    let again = olga.call("message.send", asked).await.unwrap();
    assert_eq!(again["message"]["sid"], said["message"]["sid"]);
    assert!(hears.try_recv().is_err());

    let (url, _hears) = receiver(NO).await;
    hook(&server, &key, "PreWebhookUrl", &url, "onMessageAdd").await;
    let refused = olga.call("message.send", message(&talk, "no")).await.unwrap_err();
    assert_eq!(
        (&refused["code"], &refused["params"]["permission"]),
        (&json!("forbidden"), &json!("webhook"))
    );

    let (url, mut hears) = receiver(OK).await;
    hook(&server, &key, "PostWebhookUrl", &url, "onMessageAdded").await;
    olga.say(&talk, "told").await;
    let heard = soon(hears.recv()).await.unwrap();
    assert!(heard.contains("EventType=onMessageAdded&") && heard.contains("Body=told"), "{heard}");
}

/// The first that could not be told, once there is one.
async fn dead_letter(server: &Server) -> DeadLetter {
    let look = async {
        loop {
            if let Some(letter) = dead_letters(&data(server)).unwrap().pop() {
                return letter;
            }
            tokio::task::yield_now().await;
        }
    };
    soon(look).await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_survives_the_server_and_what_nobody_takes_can_be_told_again() {
    let server = near_with(vec![Duration::from_secs(3_600)]);
    let key = stage(&server)["key"].clone();
    let (mut olga, talk) = chatting(&server).await;
    let (busy, mut tried, has_time) = busy_receiver().await;
    hook(&server, &key, "PostWebhookUrl", &busy, "onMessageAdded").await;
    olga.say(&talk, "still owed").await;
    soon(tried.recv()).await.unwrap();
    // It waits for an hour now. A server that is started anew and gives up at once has it still.
    let Server { running, place } = server;
    running.shutdown();
    let running = serve(place.path(), Bounds { webhook_retries: Vec::new(), ..bounds() });
    let server = Server { running, place };
    assert_eq!(dead_letters(&data(&server)).unwrap(), []);
    let mut olga = {
        let grant = server.join("Bo").await;
        server.connect(&grant).await
    };
    let own = olga.conversation("Other plans").await;
    olga.say(&own, "nobody takes it").await;
    let letter = dead_letter(&server).await;
    assert_eq!((&letter.event[..], letter.attempts), ("onMessageAdded", 1));
    assert_eq!(letter.reason, "it answered with status 503");
    soon(tried.recv()).await.unwrap();
    // The hook has time again, and an administrator has it told again.
    has_time.store(true, Ordering::SeqCst);
    let listed = printed(&["webhook", "dead-letters", "list"], &data(&server)).await;
    assert!(listed.contains(&letter.id) && listed.contains("status 503"), "{listed}");
    assert!(replay_dead_letters(&data(&server), Some("no such")).is_err());
    let replay = ["webhook", "dead-letters", "replay", &letter.id];
    assert_eq!(printed(&replay, &data(&server)).await, "1 told again\n");
    let heard = soon(tried.recv()).await.unwrap();
    assert!(heard.contains("Body=nobody+takes+it") && heard.contains("RetryCount=0"), "{heard}");
    assert_eq!(printed(&["webhook", "dead-letters", "list"], &data(&server)).await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_hooks_are_still_owed_of_a_message_goes_with_its_text() {
    let server = near_with(Vec::new());
    let key = stage(&server)["key"].clone();
    let (busy, mut tried, has_time) = busy_receiver().await;
    hook(&server, &key, "PostWebhookUrl", &busy, "onMessageAdded").await;
    let (mut olga, talk) = chatting(&server).await;
    let (first, second) =
        (olga.say(&talk, "the-first-secret").await, olga.say(&talk, "the-second-secret").await);
    let third = json!({"client_id": id(), "conversation": talk, "type": "text", "body": "about", "subject": "the-third-secret"});
    let third = olga.call("message.send", third).await.unwrap()["message"].clone();
    let given_up = async {
        while dead_letters(&data(&server)).unwrap().len() < 3 {
            tokio::task::yield_now().await;
        }
    };
    soon(given_up).await;
    for _ in 0..3 {
        soon(tried.recv()).await.unwrap();
    }
    assert!(leftovers::holds(&data(&server), "the-first-secret"));
    let of = |message: &Value| json!({"sid": message["sid"]});
    let remove = json!({"client_id": id(), "conversation": talk, "message": of(&first)});
    olga.call("message.remove", remove).await.unwrap();
    let edit =
        json!({"client_id": id(), "conversation": talk, "message": of(&second), "body": "nothing to hide"});
    olga.call("message.edit", edit).await.unwrap();
    let edit = json!({"client_id": id(), "conversation": talk, "message": of(&third), "subject": "nothing"});
    olga.call("message.edit", edit).await.unwrap();
    for secret in ["the-first-secret", "the-second-secret", "the-third-secret"] {
        soon(leftovers::gone(&data(&server), secret)).await;
    }
    has_time.store(true, Ordering::SeqCst);
    let replay = ["webhook", "dead-letters", "replay"];
    assert_eq!(printed(&replay, &data(&server)).await, "3 told again\n");
    let mut heard = Vec::new();
    for _ in 0..3 {
        heard.push(soon(tried.recv()).await.unwrap());
    }
    heard.sort_by_key(|text| (text.contains("Body="), text.contains("Subject=")));
    assert!(!heard[0].contains("Body=") && heard[1].contains("Body=nothing+to+hide"), "{heard:?}");
    assert!(heard[2].contains("Body=about&Subject=nothing&"), "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_could_not_be_told_is_told_again_however_much_it_is() {
    let server = near_with(Vec::new());
    let key = stage(&server)["key"].clone();
    let (busy, mut tried, has_time) = busy_receiver().await;
    hook(&server, &key, "PostWebhookUrl", &busy, "onMessageAdded").await;
    let (mut olga, talk) = chatting(&server).await;
    olga.say(&talk, "nobody takes it").await;
    dead_letter(&server).await;
    soon(tried.recv()).await.unwrap();
    let Server { running, place } = server;
    running.shutdown();
    let data = place.path().join("data");
    let copies = "WITH RECURSIVE copy(number) AS (SELECT 1 UNION ALL SELECT number + 1 FROM copy LIMIT 1100) \
                  INSERT INTO gateway_rows SELECT workspace, kind, key || '.' || number, value FROM gateway_rows, copy \
                  WHERE kind = 5";
    assert_eq!(database(&data).execute(copies, []).unwrap(), 1_100);
    // Without a server, and with one.
    let replay = ["webhook", "dead-letters", "replay"];
    assert_eq!(printed(&replay, &data).await, "1101 told again\n");
    let given_up = "UPDATE gateway_rows SET kind = 5 WHERE kind = 4";
    assert_eq!(database(&data).execute(given_up, []).unwrap(), 1_101);
    has_time.store(true, Ordering::SeqCst);
    let _running = serve(place.path(), Bounds { webhook_retries: Vec::new(), ..bounds() });
    assert_eq!(printed(&replay, &data).await, "1101 told again\n");
    soon(tried.recv()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_never_answers_keeps_no_other_waiting() {
    let server = near_within(Bounds { webhook: Duration::from_secs(3_600), ..bounds() });
    let key = stage(&server)["key"].clone();
    let (mut olga, talk) = chatting(&server).await;
    // It takes connections, which nobody ever looks at.
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/", silent.local_addr().unwrap());
    hook(&server, &key, "PostWebhookUrl", &url, "onMessageAdded").await;
    let (url, mut hears) = receiver(OK).await;
    let form = format!("Target=webhook&Configuration.Url={url}&Configuration.Filters=onMessageAdded");
    made(&server, &key, &format!("/v1/Conversations/{talk}/Webhooks"), &form).await;
    for body in ["one", "two", "three"] {
        olga.say(&talk, body).await;
        let heard = soon(hears.recv()).await.unwrap();
        assert!(heard.contains(&format!("Body={body}&")), "{heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_hook_did_not_take_is_told_again_before_what_came_after_it() {
    let server = near_with(vec![Duration::ZERO; 3]);
    let key = stage(&server)["key"].clone();
    let was_busy = AtomicBool::new(false);
    let once = move || if was_busy.swap(true, Ordering::SeqCst) { OK } else { BUSY };
    let (url, mut hears) = receiver_on(TcpListener::bind("127.0.0.1:0").await.unwrap(), once);
    hook(&server, &key, "PostWebhookUrl", &url, "onConversationAdded&Filters=onParticipantAdded").await;
    made(&server, &key, "/v1/ConversationWithParticipants", "Participant={\"identity\":\"Bo\"}").await;
    for part in
        ["EventType=onConversationAdded&", "EventType=onConversationAdded&", "EventType=onParticipantAdded&"]
    {
        let heard = soon(hears.recv()).await.unwrap();
        assert!(heard.contains(part), "{heard}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_on_a_private_network_is_not_called_unless_that_is_allowed() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    let (mut olga, talk) = chatting(&server).await;
    let (url, mut hears) = receiver(NO).await;
    let named = url.replace("127.0.0.1", "localhost");
    for url in [url, named] {
        hook(&server, &key, "PreWebhookUrl", &url, "onMessageAdd").await;
        olga.say(&talk, "it would be refused").await;
    }
    assert!(hears.try_recv().is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_has_ended_opens_nothing() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    assert_eq!(ask(&server, &key, "GET", "/v1/Conversations", "").await.0, 200);
    api_key_revoke(&data(&server), key["key_sid"].as_str().unwrap()).unwrap();
    assert_eq!(ask(&server, &key, "GET", "/v1/Conversations", "").await.0, 401);
}

/// Makes something with a key, and gives it.
pub(crate) async fn made(server: &Server, key: &Value, path: &str, form: &str) -> Value {
    let (status, body) = ask(server, key, "POST", path, form).await;
    assert!(status < 300, "{path}: {body}");
    body
}

/// Rows of a list.
pub(crate) async fn listed(server: &Server, key: &Value, path: &str, name: &str) -> Vec<Value> {
    let (status, body) = ask(server, key, "GET", path, "").await;
    assert_eq!(status, 200, "{body}");
    body[name].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_connector_reports_of_a_message_is_read_by_a_back_end() {
    let server = near();
    let key = stage(&server)["key"].clone();
    let (mut olga, talk) = chatting(&server).await;
    let (url, mut hears) = receiver(OK).await;
    hook(&server, &key, "PostWebhookUrl", &url, "onDeliveryUpdated&Filters=onMessageUpdated").await;
    let said = olga.say(&talk, "on its way").await["sid"].as_str().unwrap().to_owned();
    let path = format!("/v1/Conversations/{talk}");
    let form = "MessagingBinding.Address=%2B15550100&MessagingBinding.ProxyAddress=%2B15550199";
    let outside = made(&server, &key, &format!("{path}/Participants"), form).await;
    let report = json!({
        "client_id": crate::harness::id(),
        "conversation": talk,
        "message": said,
        "participant": outside["sid"],
        "status": "undelivered",
        "channel_message_sid": "SM1",
        "error_code": 30_003,
    });
    olga.call("message.report", report).await.unwrap();
    let receipts = format!("{path}/Messages/{said}/Receipts");
    let rows = listed(&server, &key, &receipts, "delivery_receipts").await;
    let [row] = &rows[..] else { panic!("{rows:?}") };
    assert_eq!((&row["status"], &row["error_code"]), (&json!("undelivered"), &json!(30_003)));
    assert_eq!((&row["participant_sid"], &row["channel_message_sid"]), (&outside["sid"], &json!("SM1")));
    let one = format!("{receipts}/{}", row["sid"].as_str().unwrap());
    assert_eq!(ask(&server, &key, "GET", &one, "").await, (200, row.clone()));
    // A hook is told of the receipt, and of no change of the message.
    let heard = soon(hears.recv()).await.unwrap();
    let named = |name: &str, field: &str| format!("{name}={}&", row[field].as_str().unwrap());
    for part in [
        "EventType=onDeliveryUpdated&",
        "Source=SDK&",
        "ClientIdentity=Olga&",
        "Status=undelivered&ErrorCode=30003&",
        &named("ConversationSid", "conversation_sid"),
        &named("MessageSid", "message_sid"),
        &named("DeliveryReceiptSid", "sid"),
        &named("ChannelMessageSid", "channel_message_sid"),
        &named("ParticipantSid", "participant_sid"),
    ] {
        assert!(heard.contains(part), "{part}: {heard}");
    }
}

/// The program, killed when it is dropped, and where it listens.
async fn program(data: &Path) -> (tokio::process::Child, SocketAddr) {
    let mut child = Command::new(PROGRAM)
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(data)
        .env("CONFAB_ALLOW_PRIVATE_WEBHOOKS", "1")
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = tokio::io::BufReader::new(child.stdout.take().unwrap()).lines();
    let line = soon(lines.next_line()).await.unwrap().expect("it says where it listens");
    (child, line.split(' ').nth(2).unwrap().parse().unwrap())
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_confab-server");

/// What a command of the program prints.
async fn printed(arguments: &[&str], data: &Path) -> String {
    let output = Command::new(PROGRAM).args(arguments).arg("--data").arg(data).output().await.unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_owed_is_told_after_the_program_was_killed_and_keys_are_made_beside_it() {
    let place = tempfile::tempdir().unwrap();
    let (mut server, address) = program(place.path()).await;
    let key: Value = serde_json::from_str(
        &printed(&["api-key", "create", "--json", "--name", "shop"], place.path()).await,
    )
    .unwrap();
    let names: Vec<&String> = key.as_object().unwrap().keys().collect();
    assert_eq!(names, ["account_sid", "key_sid", "secret", "service_sid"]);
    assert!(printed(&["api-key", "list"], place.path()).await.contains("shop"));

    // Nobody listens there yet.
    let hook = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let form = format!("PostWebhookUrl=http://{hook}/&Filters=onConversationAdded");
    assert_eq!(ask_at(address, &key, "POST", "/v1/Configuration/Webhooks", &form).await.0, 200);
    let (status, made) = ask_at(address, &key, "POST", "/v1/Conversations", "FriendlyName=Owed").await;
    assert_eq!(status, 201, "{made}");
    server.kill().await.unwrap();

    let (_, mut hears) = receiver_on(TcpListener::bind(hook).await.unwrap(), || OK);
    let (_server, address) = program(place.path()).await;
    let heard = soon(hears.recv()).await.unwrap();
    assert!(heard.contains("FriendlyName=Owed") && heard.contains(made["sid"].as_str().unwrap()), "{heard}");

    let revoked = printed(&["api-key", "revoke", key["key_sid"].as_str().unwrap()], place.path()).await;
    assert!(revoked.contains("has ended"));
    assert_eq!(ask_at(address, &key, "GET", "/v1/Conversations", "").await.0, 401);
}
