//! The REST API as no library asks it: what proxies add, and what the answers hold.

use serde_json::{Value, json};

use super::back_end::{made, stage};
use super::harness::Server;
use super::import::login;

/// One request with a key and more headers.
async fn asked(
    server: &Server,
    key: &Value,
    method: &str,
    path: &str,
    headers: &str,
    form: &str,
) -> (u16, Value) {
    let headers = format!("{}{headers}Content-Type: application/x-www-form-urlencoded\r\n", login(key));
    server.request(method, path, &headers, form).await
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_in_answers_are_those_of_the_proxy_that_ends_tls() {
    let server = Server::start();
    let key = stage(&server)["key"].clone();
    for _ in 0..2 {
        made(&server, &key, "/v1/Conversations", "").await;
    }
    let headers = "X-Forwarded-Proto: https\r\n";
    let (status, page) = asked(&server, &key, "GET", "/v1/Conversations?PageSize=1", headers, "").await;
    assert_eq!(status, 200, "{page}");
    let addresses = [&page["meta"]["next_page_url"], &page["conversations"][0]["links"]["messages"]];
    for address in addresses {
        let begin = format!("https://{}/v1/", server.address());
        assert!(address.as_str().unwrap().starts_with(&begin), "{address}");
    }
    let (_, plain) = asked(&server, &key, "GET", "/v1/Conversations", "", "").await;
    let begin = format!("http://{}/v1/", server.address());
    assert!(plain["meta"]["url"].as_str().unwrap().starts_with(&begin), "{plain}");
    assert_eq!(plain["meta"]["next_page_url"], json!(null));
}
