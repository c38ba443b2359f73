//! Doors for those who test what the server reads of others: its own keys and letters, without a server.

use std::sync::OnceLock;

use confab_protocol::{DeviceSid, Timestamp, WorkspaceSid};
use uuid::Uuid;

use crate::control;
use crate::token::TokenKeys;

/// When everything happens.
const NOW: Timestamp = Timestamp(1_795_000_000_000);

fn keys() -> TokenKeys {
    let keys = vec![("SK1".to_owned(), b"a secret of the tests".to_vec())];
    TokenKeys::new(WorkspaceSid(Uuid::from_u128(1)), keys).expect("invariant: there is a key")
}

/// A token that is believed. Signed once: what is random in it would make each another one.
#[must_use]
pub fn signed() -> String {
    static SIGNED: OnceLock<String> = OnceLock::new();
    SIGNED
        .get_or_init(|| keys().sign("Ingrid", DeviceSid(Uuid::from_u128(5)), NOW, NOW.plus(60_000)).text)
        .clone()
}

/// Whether an access token is believed.
#[must_use]
pub fn is_believed(token: &str) -> bool {
    keys().verify(token, NOW).is_ok()
}

/// The token of the door that [`is_admitted`] speaks of.
const DOOR: &str = "the token of the door";

/// A letter to the operator's door that is carried out.
#[must_use]
pub fn letter() -> String {
    format!(r#"{{"token":"{DOOR}","order":{{"invite":{{"expires_in_ms":60000,"max_uses":3}}}}}}"#)
}

/// Whether a line to the operator's door would be carried out, at a door whose token is that of [`letter`].
#[must_use]
pub fn is_admitted(line: &str) -> bool {
    control::admitted(line, DOOR).is_ok()
}
