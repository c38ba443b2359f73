//! How somebody who takes part by other means is reached, as Twilio says it.

use serde_json::{Value, json};

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
