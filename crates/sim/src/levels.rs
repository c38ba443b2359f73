//! The next level of the protocol, as far as this one can meet it: fields, methods, events and kinds of changes that are not
//! known yet.

use serde_json::{Value, json};

/// A request as a client of the next level sends it.
pub(crate) fn request(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str(text) else { return text.to_owned() };
    add_fields(&mut value, 2);
    value.to_string()
}

/// A frame as a server of the next level sends it.
pub(crate) fn frame(text: &str) -> String {
    let Ok(mut value) = serde_json::from_str(text) else { return text.to_owned() };
    rename_events(&mut value);
    add_fields(&mut value, 6);
    value.to_string()
}

/// Objects get a field that nobody knows, down to some depth; free JSON of people is left alone.
fn add_fields(value: &mut Value, depth: usize) {
    match value {
        Value::Object(fields) if depth > 0 => {
            for (name, inner) in fields.iter_mut() {
                if name != "attributes" && name != "value" {
                    add_fields(inner, depth - 1);
                }
            }
            fields.insert("of_the_next_level".to_owned(), json!({"depth": depth, "list": [1, null]}));
        }
        Value::Array(all) if depth > 0 => all.iter_mut().for_each(|inner| add_fields(inner, depth - 1)),
        _ => {}
    }
}

/// Some changes are told as kinds that this level does not know: it has to look at their subject itself.
fn rename_events(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            let is_log = fields.contains_key("seq") && fields.contains_key("conversation");
            let named = match fields.get("event").and_then(Value::as_str) {
                Some("conversation.updated") if is_log => Some(("conversation.amended", "sid")),
                Some("message.edited") if is_log => Some(("message.revised", "sid")),
                _ => None,
            };
            if let Some((name, subject)) = named {
                let sid = fields.get("data").and_then(|data| data.get(subject)).cloned();
                fields.insert("event".to_owned(), name.into());
                fields.insert("subject".to_owned(), sid.unwrap_or(Value::Null));
                fields.insert("data".to_owned(), json!({"of_the_next_level": true}));
                return;
            }
            fields.values_mut().for_each(rename_events);
        }
        Value::Array(all) => all.iter_mut().for_each(rename_events),
        _ => {}
    }
}
