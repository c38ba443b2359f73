//! Joining and signing in: every failure has its own code.

use std::sync::{Arc, Mutex};

use confab_client::{join, sign_in};
use confab_core::view::Problem;
use confab_protocol::http::ErrorBody;
use confab_protocol::{ErrorCode, Link, WireError};
use tokio::net::TcpListener;

use crate::scripted::{self, Heard, Scripted, hear, say};

async fn answering(status: u16, body: impl serde::Serialize) -> Scripted {
    let body = Arc::new(serde_json::to_value(body).unwrap());
    Scripted::tls(move |mut io| {
        let body = Arc::clone(&body);
        async move {
            hear(&mut io).await;
            say(&mut io, status, &*body).await;
        }
    })
    .await
}

async fn join_problem(link: &Link) -> Problem {
    join(&link.to_string(), "Ada", "correct horse", "laptop").await.unwrap_err()
}

/// An address of this computer at which nobody listens.
async fn dead_address() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    listener.local_addr().unwrap().to_string()
}

#[tokio::test]
async fn an_invite_is_redeemed_at_the_pinned_key() {
    let server = answering(200, scripted::grant(&"cd".repeat(32), "chat.example:7420")).await;
    let signed_in = join(&server.invite().to_string(), "Ada", "correct horse", "laptop").await.unwrap();
    assert_eq!(signed_in.grant.access_token, "access-1");
    assert_eq!(signed_in.account.identity, "Ada");
    assert_eq!(signed_in.account.addresses, [server.address.to_string(), "chat.example:7420".to_owned()]);
    assert_eq!(signed_in.account.fingerprint, Some("cd".repeat(32)));
}

#[tokio::test]
async fn another_key_than_the_links_is_refused_before_anything_is_said() {
    let heard = Arc::new(Mutex::new(0));
    let count = Arc::clone(&heard);
    let server = Scripted::tls(move |_| {
        *count.lock().unwrap() += 1;
        async {}
    })
    .await;
    let link = Link { fingerprint: "ab".repeat(32), ..server.invite() };
    let problem = join_problem(&link).await;
    assert_eq!(problem.code, "fingerprint_mismatch");
    assert_eq!(problem.params["address"], server.address.to_string());
    assert_eq!(*heard.lock().unwrap(), 0, "the handshake was finished with a stranger");
}

#[tokio::test]
async fn nobody_there_is_unreachable_and_names_the_address() {
    let server = answering(200, 0).await;
    let dead = dead_address().await;
    let link = Link { addresses: vec![dead.clone()], ..server.invite() };
    let problem = join_problem(&link).await;
    assert_eq!(problem.code, "unreachable");
    assert_eq!(problem.params["address"], dead);
}

#[tokio::test]
async fn a_dead_address_does_not_hide_a_living_one() {
    let server = answering(200, scripted::grant(&"cd".repeat(32), "chat.example:7420")).await;
    let addresses = vec![dead_address().await, server.address.to_string()];
    let link = Link { addresses, ..server.invite() };
    let signed_in = join(&link.to_string(), "Ada", "correct horse", "laptop").await.unwrap();
    assert_eq!(signed_in.account.addresses[0], server.address.to_string());
}

#[tokio::test]
async fn a_text_that_is_no_invite_says_so() {
    let server = answering(200, 0).await;
    let place = Link { secret: None, ..server.invite() }.to_string();
    for (text, code) in [
        ("hello", "not_an_invite"),
        (place.as_str(), "not_an_invite"),
        ("confab://join/1/e30", "not_an_invite"),
        ("confab://join/7/e30", "newer_link"),
    ] {
        assert_eq!(join(text, "Ada", "correct horse", "").await.unwrap_err().code, code, "{text}");
    }
    for (text, code) in [("a b", "not_an_address"), ("confab://join/7/e30", "newer_link")] {
        assert_eq!(sign_in(text, "Ada", "correct horse", "").await.unwrap_err().code, code, "{text}");
    }
}

#[tokio::test]
async fn a_refusal_of_the_server_keeps_its_code_and_parameters() {
    let error = WireError::new(ErrorCode::NameTaken).with("identity", "Ada");
    let server = answering(409, ErrorBody { error }).await;
    let problem = join_problem(&server.invite()).await;
    assert_eq!((problem.code.as_str(), &problem.params["identity"]), ("name_taken", &"Ada".into()));
}

#[tokio::test]
async fn what_answers_but_is_not_confab_counts_as_unreachable() {
    let server = answering(404, "no such page").await;
    assert_eq!(join_problem(&server.invite()).await.code, "unreachable");
}

#[tokio::test]
async fn a_join_whose_answer_was_lost_is_sent_again_under_the_same_id() {
    let heard: Arc<Mutex<Vec<Heard>>> = Arc::default();
    let log = Arc::clone(&heard);
    let server = Scripted::tls(move |mut io| {
        let log = Arc::clone(&log);
        async move {
            let request = hear(&mut io).await;
            let first = log.lock().unwrap().is_empty();
            log.lock().unwrap().push(request);
            if !first {
                say(&mut io, 200, &scripted::grant(&"cd".repeat(32), "chat.example:7420")).await;
            }
        }
    })
    .await;
    join(&server.invite().to_string(), "Ada", "correct horse", "laptop").await.unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 2);
    assert_eq!(heard[0].body, heard[1].body);
    assert_eq!(heard[0].path, "/v1/join");
}

#[tokio::test]
async fn a_server_that_says_nothing_is_told_apart_from_nobody() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = answering(200, 0).await;
    let link = Link { addresses: vec![address.to_string()], ..server.invite() };
    let joining = tokio::spawn(async move { join_problem(&link).await });
    // From here on the clock runs as fast as the waiting allows.
    let _silent = listener.accept().await.unwrap();
    tokio::time::pause();
    assert_eq!(joining.await.unwrap().code, "timed_out");
}

#[tokio::test]
async fn a_plain_server_on_this_computer_needs_no_fingerprint() {
    let server = Scripted::plain(|mut io| async move {
        let heard = hear(&mut io).await;
        assert_eq!(heard.path, "/v1/sign-in");
        say(&mut io, 200, &scripted::grant(&"cd".repeat(32), "chat.example:7420")).await;
    })
    .await;
    let signed_in = sign_in(&server.address.to_string(), "Ada", "correct horse", "").await.unwrap();
    assert_eq!(signed_in.account.fingerprint, Some("cd".repeat(32)), "from here on the key is pinned");
}

#[tokio::test]
async fn a_fingerprint_typed_behind_the_address_is_pinned() {
    let server = answering(200, scripted::grant(&"cd".repeat(32), "chat.example:7420")).await;
    let address = format!("{}#{}", server.address, server.fingerprint);
    assert!(sign_in(&address, "Ada", "correct horse", "").await.is_ok());
    let wrong = format!("{}#{}", server.address, "ab".repeat(32));
    let problem = sign_in(&wrong, "Ada", "correct horse", "").await.unwrap_err();
    assert_eq!(problem.code, "fingerprint_mismatch");
}
