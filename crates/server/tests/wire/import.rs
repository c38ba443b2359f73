//! Conversations that are taken along from elsewhere; here from another server of this kind, which has the same REST API.

use std::ops::ControlFlow;

use confab_server::{
    ImportEnd, ImportError, ImportProgress, Imported, MediaConfig, MediaRules, RunningServer, ServerConfig,
    import_twilio,
};
use serde_json::{Value, json};

use super::back_end::{ask, data, listed, made, stage};
use super::harness::{Server, bounds};

pub(crate) fn end(server: &Server, key: &Value) -> ImportEnd {
    let text = |name: &str| key[name].as_str().unwrap().to_owned();
    let base = format!("http://{}", server.address());
    ImportEnd { base, media: None, service: None, key_sid: text("key_sid"), secret: text("secret") }
}

/// What a server takes whose owner wants no archives.
fn without_archives() -> Server {
    let place = tempfile::tempdir().unwrap();
    let rules = MediaRules { denied_types: vec!["application/zip".into()], ..MediaRules::default() };
    let media = MediaConfig { rules, ..MediaConfig::default() };
    let listen = ([127, 0, 0, 1], 0).into();
    let config =
        ServerConfig { bounds: bounds(), media, ..ServerConfig::new(place.path().join("data"), listen) };
    Server { running: RunningServer::start(config).unwrap(), place }
}

pub(crate) fn login(key: &Value) -> String {
    let login = format!("{}:{}", key["key_sid"].as_str().unwrap(), key["secret"].as_str().unwrap());
    let login = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, login);
    format!("Authorization: Basic {login}\r\n")
}

/// Uploads a file with a key, and gives its SID.
async fn uploaded(server: &Server, key: &Value, query: &str, content_type: &str, text: &str) -> String {
    let path = format!("/v1/Services/{}/Media?{query}", key["service_sid"].as_str().unwrap());
    let headers = format!("{}Content-Type: {content_type}\r\n", login(key));
    let (status, record) = server.request("POST", &path, &headers, text).await;
    assert_eq!(status, 201, "{record}");
    record["sid"].as_str().unwrap().to_owned()
}

/// The bytes of a file, by the address in its record and with the key itself.
async fn bytes(server: &Server, key: &Value, sid: &str) -> Value {
    let path = format!("/v1/Services/{}/Media/{sid}", key["service_sid"].as_str().unwrap());
    let (status, record) = server.request("GET", &path, &login(key), "").await;
    assert_eq!(status, 200, "{record}");
    let link = record["links"]["content_direct_temporary"].as_str().unwrap();
    let (_, direct) = link.split_once(&server.address().to_string()).unwrap();
    let (status, one) = server.request("GET", direct, "", "").await;
    assert_eq!(status, 200, "{one}");
    let other = server.request("GET", &format!("{path}/Content"), &login(key), "").await;
    assert_eq!(other, (200, one.clone()));
    assert_eq!(server.request("GET", &format!("{path}/Content"), "", "").await.0, 401);
    one
}

/// Imports, and stops after so many reports about messages.
async fn imported(from: ImportEnd, to: ImportEnd, reports: usize) -> Result<Imported, ImportError> {
    let mut left = reports;
    let run = move || {
        import_twilio(&from, &to, &mut |progress| {
            if matches!(progress, ImportProgress::Messages { .. }) {
                left = left.saturating_sub(1);
            }
            if left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        })
    };
    tokio::task::spawn_blocking(run).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_taken_along_with_their_messages_and_what_cannot_be_had_is_counted() {
    let (there, here) = (Server::start(), without_archives());
    let (old, new) = (stage(&there)["key"].clone(), stage(&here)["key"].clone());
    let talk = made(&there, &old, "/v1/Conversations", "UniqueName=plans").await;
    let path = format!("/v1/Conversations/{}", talk["sid"].as_str().unwrap());
    made(&there, &old, &format!("{path}/Participants"), "Identity=Ana").await;
    let plan = uploaded(&there, &old, "Filename=the+plan.txt", "text/plain", "High water at nine").await;
    let map = uploaded(&there, &old, "Filename=map.csv&Category=media", "text/csv", "1,2").await;
    let archive = uploaded(&there, &old, "Filename=all.zip", "application/zip", "PK").await;
    let taken = uploaded(&there, &old, "Filename=taken.txt", "text/plain", "elsewhere").await;
    let messages = format!("{path}/Messages");
    made(&there, &old, &messages, &format!("Author=Ana&MediaSid={plan}&MediaSid={map}&MediaSid={archive}"))
        .await;
    let last = made(&there, &old, &messages, &format!("Author=Ana&Body=last&MediaSid={taken}")).await;
    // A file of this SID is in another message here.
    uploaded(&here, &new, &format!("Sid={taken}"), "text/plain", "elsewhere").await;
    let other = made(&here, &new, "/v1/Conversations", "").await["sid"].as_str().unwrap().to_owned();
    made(&here, &new, &format!("/v1/Conversations/{other}/Messages"), &format!("MediaSid={taken}")).await;
    // One that an earlier import brought is not brought again.
    uploaded(&here, &new, &format!("Sid={map}&Filename=map.csv"), "text/csv", "1,2").await;

    let done = imported(end(&there, &old), end(&here, &new), usize::MAX).await.unwrap();
    assert_eq!((done.messages, done.files, done.left.files), (2, 2, 2));
    let rows = listed(&here, &new, &messages, "messages").await;
    let files: Vec<(&Value, &Value, &Value)> = rows[0]["media"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| (&file["sid"], &file["filename"], &file["content_type"]))
        .collect();
    let [plan_sid, map_sid] = [json!(plan), json!(map)];
    assert_eq!(
        files,
        [
            (&plan_sid, &json!("the plan.txt"), &json!("text/plain")),
            (&map_sid, &json!("map.csv"), &json!("text/csv"))
        ]
    );
    assert_eq!((&rows[1]["sid"], &rows[1]["media"]), (&last["sid"], &Value::Null));
    assert_eq!(bytes(&here, &new, &plan).await, "High water at nine");
    let again = imported(end(&there, &old), end(&here, &new), usize::MAX).await.unwrap();
    assert_eq!((again.messages, again.files, again.left.files), (0, 0, 0));
    assert_eq!(confab_server::verify(&data(&here), true).unwrap().report.findings, []);
    // What is removed is for nobody any more.
    let first = format!("{messages}/{}", rows[0]["sid"].as_str().unwrap());
    assert_eq!(ask(&here, &new, "DELETE", &first, "").await.0, 204);
    let record = format!("/v1/Services/{}/Media/{plan}", new["service_sid"].as_str().unwrap());
    assert_eq!(here.request("GET", &record, &login(&new), "").await.0, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn conversations_are_taken_along_under_their_identifiers_and_a_broken_import_goes_on() {
    let (there, here) = (Server::start(), Server::start());
    let (old, new) = (stage(&there)["key"].clone(), stage(&here)["key"].clone());
    let dated = "DateCreated=2021-05-06T07:08:09Z&DateUpdated=2021-05-06T07:08:10Z";
    let form = format!("FriendlyName=Plans&UniqueName=plans&Attributes=%7B%22a%22%3A1%7D&{dated}");
    let talk = made(&there, &old, "/v1/Conversations", &form).await["sid"].as_str().unwrap().to_owned();
    let path = format!("/v1/Conversations/{talk}");
    let ana = made(&there, &old, &format!("{path}/Participants"), "Identity=Ana").await;
    for number in 0..120 {
        let form = format!("Author=Ana&Body=number%20{number}&{dated}");
        let said = made(&there, &old, &format!("{path}/Messages"), &form).await;
        if number == 3 {
            let sid = said["sid"].as_str().unwrap();
            assert_eq!(ask(&there, &old, "DELETE", &format!("{path}/Messages/{sid}"), "").await.0, 204);
        }
    }
    let form = "LastReadMessageIndex=10";
    made(&there, &old, &format!("{path}/Participants/Ana"), form).await;
    made(&there, &old, &path, "State=closed").await;

    let (from, to) = (end(&there, &old), end(&here, &new));
    let run = |stops: bool| {
        let (from, to) = (from.clone(), to.clone());
        tokio::task::spawn_blocking(move || {
            import_twilio(&from, &to, &mut |progress| match progress {
                ImportProgress::Messages { .. } if stops => ControlFlow::Break(()),
                _ => ControlFlow::Continue(()),
            })
        })
    };
    assert!(matches!(run(true).await.unwrap(), Err(ImportError::Stopped)));
    assert_eq!(listed(&here, &new, &format!("{path}/Messages?PageSize=100"), "messages").await.len(), 100);
    let done = run(false).await.unwrap().unwrap();
    assert_eq!((done.conversations, done.messages), (1, 19));
    let again = run(false).await.unwrap().unwrap();
    assert_eq!((again.users, again.messages), (0, 0));

    let same = |name: &str, one: &Value, other: &Value| assert_eq!(one[name], other[name], "{name}");
    let (_, before) = ask(&there, &old, "GET", &path, "").await;
    let (_, after) = ask(&here, &new, "GET", &path, "").await;
    for name in ["sid", "friendly_name", "unique_name", "attributes", "date_created", "state"] {
        same(name, &before, &after);
    }
    let messages = format!("{path}/Messages?PageSize=100");
    let (before, after) =
        (listed(&there, &old, &messages, "messages").await, listed(&here, &new, &messages, "messages").await);
    for (one, other) in before.iter().zip(&after) {
        for name in ["sid", "author", "body", "attributes", "date_created", "date_updated"] {
            same(name, one, other);
        }
    }
    let (_, participant) = ask(&here, &new, "GET", &format!("{path}/Participants/Ana"), "").await;
    same("sid", &ana, &participant);
    // One of those up to the tenth was removed there: nobody sees a gap here.
    assert_eq!(participant["last_read_message_index"], 9);
    assert_eq!(confab_server::verify(&data(&here), true).unwrap().report.findings, []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_with_a_wrong_key_says_who_refuses_it() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    let wrong = ImportEnd { secret: "guessed".to_owned(), ..end(&server, &key) };
    let right = end(&server, &key);
    let run = tokio::task::spawn_blocking(move || {
        import_twilio(&wrong, &right, &mut |_| ControlFlow::Continue(()))
    });
    let refused = run.await.unwrap().unwrap_err();
    assert!(matches!(refused, ImportError::Refused { status: 401, .. }), "{refused}");
}
