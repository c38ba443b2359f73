//! Keys for programs, made and ended while the server runs and while it does not.

use confab_server::{ServerError, api_key_create, api_key_revoke, api_keys};

use crate::harness::Server;

/// A key is made, listed and ended.
fn whole_life(data: &std::path::Path, name: &str) {
    let before = api_keys(data).unwrap().len();
    let made = api_key_create(data, name).unwrap();
    let is_sid = |text: &str, prefix| text.len() == 34 && text.starts_with(prefix);
    assert!(
        is_sid(&made.account_sid, "AC") && is_sid(&made.key_sid, "SK") && is_sid(&made.service_sid, "IS")
    );
    assert_eq!(made.account_sid[2..], made.service_sid[2..]);
    let listed = api_keys(data).unwrap();
    assert_eq!((listed.len(), &listed[before].friendly_name[..]), (before + 1, name));
    assert!(!serde_json::to_string(&listed).unwrap().contains(&made.secret));
    api_key_revoke(data, &made.key_sid).unwrap();
    assert_eq!(api_keys(data).unwrap().len(), before);
    let again = api_key_revoke(data, &made.key_sid).unwrap_err();
    assert!(matches!(again, ServerError::Refused(error) if error.code.as_str() == "not_found"));
}

#[tokio::test]
async fn keys_are_made_and_ended_with_and_without_a_running_server() {
    let server = Server::start();
    let data = server.place.path().join("data");
    whole_life(&data, "while it runs");
    let kept = api_key_create(&data, "kept").unwrap();
    let server = server.restarted_after(|| whole_life(&data, "while it does not"));
    let listed = api_keys(&data).unwrap();
    assert_eq!((listed.len(), &listed[0].key_sid), (1, &kept.key_sid));
    drop(server);
}
