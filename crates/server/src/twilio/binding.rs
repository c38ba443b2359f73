//! How somebody who takes part by other means is reached, as Twilio says it.

use serde_json::{Value, json};

use super::problem::Problem;

/// The refusal of an address for somebody of the workspace: they are reached here.
pub(super) fn beside_an_identity() -> Problem {
    Problem::new(400, 50407, "Invalid messaging binding: name an identity or an address, not both")
}

/// By what means an address reaches somebody.
pub(super) fn kind(address: &str) -> &'static str {
    if address.starts_with("whatsapp:") {
        "whatsapp"
    } else if address.contains('@') {
        "email"
    } else {
        "sms"
    }
}

/// Where somebody is, and what they are there if that was said.
pub(super) fn written(
    (address, proxy_address): (&str, Option<&str>),
    (name, level): (Option<&str>, Option<&str>),
) -> Value {
    let mut binding = json!({ "address": address, "proxy_address": proxy_address });
    for (field, value) in [("name", name), ("level", level)] {
        if let Some(value) = value {
            binding[field] = value.into();
        }
    }
    binding
}
