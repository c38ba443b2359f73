//! Arguments are looked at before anything is sent.

use confab_protocol::limits;
use serde_json::Value;

use super::Error;

/// A list that is neither empty nor longer than `most`.
pub(super) fn list<T>(argument: &'static str, items: &[T], most: usize) -> Result<(), Error> {
    match items.len() {
        0 => Err(Error::invalid(argument, "is empty; name one at least")),
        many if many > most => Err(Error::invalid(argument, format!("holds {many}; {most} at most"))),
        _ => Ok(()),
    }
}

/// A page size of the server's.
pub(super) fn page_size(size: u32, most: usize) -> Result<u32, Error> {
    if size == 0 || size as usize > most {
        return Err(Error::invalid("page_size", format!("is {size}; from 1 to {most}")));
    }
    Ok(size)
}

/// A text of so many characters at most, and not blank.
pub(super) fn name<'a>(argument: &'static str, text: &'a str, most: usize) -> Result<&'a str, Error> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid(argument, "is empty"));
    }
    characters(argument, text, most)?;
    Ok(text)
}

/// A text of so many characters at most.
pub(super) fn characters(argument: &'static str, text: &str, most: usize) -> Result<(), Error> {
    match text.chars().count() {
        many if many > most => {
            Err(Error::invalid(argument, format!("has {many} characters; {most} at most")))
        }
        _ => Ok(()),
    }
}

/// An identity.
pub(super) fn identity(text: &str) -> Result<&str, Error> {
    name("identity", text, limits::IDENTITY_CHARS)
}

/// A body: not longer than a message may be.
pub(super) fn body(text: &str) -> Result<(), Error> {
    match text.len() {
        bytes if bytes > limits::BODY_BYTES => {
            let most = limits::BODY_BYTES;
            Err(Error::invalid("body", format!("has {bytes} bytes; {most} at most")))
        }
        _ => Ok(()),
    }
}

/// Attributes of so many bytes at most, not nested too deeply.
pub(super) fn attributes(value: &Value, most: usize) -> Result<(), Error> {
    let bytes = value.to_string().len();
    if bytes > most {
        return Err(Error::invalid("attributes", format!("have {bytes} bytes as JSON; {most} at most")));
    }
    if is_deeper(value, limits::ATTRIBUTES_DEPTH) {
        let most = limits::ATTRIBUTES_DEPTH;
        return Err(Error::invalid("attributes", format!("are nested too deeply; {most} levels at most")));
    }
    Ok(())
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(fields) => levels == 0 || fields.values().any(|field| is_deeper(field, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_sizes_and_names_have_bounds() {
        assert!(list("media", &[1], 1).is_ok());
        assert!(list::<u8>("media", &[], 1).is_err() && list("media", &[1, 2], 1).is_err());
        assert!(page_size(100, 100).is_ok() && page_size(0, 100).is_err() && page_size(101, 100).is_err());
        assert_eq!(name("identity", " Ada ", 3), Ok("Ada"));
        assert!(name("identity", "  ", 3).is_err() && name("identity", "Adas", 3).is_err());
    }

    #[test]
    fn attributes_may_be_nested_as_deeply_as_the_server_takes_them() {
        let nested = |levels| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(attributes(&nested(limits::ATTRIBUTES_DEPTH), 4_096).is_ok());
        assert!(attributes(&nested(limits::ATTRIBUTES_DEPTH + 1), 4_096).is_err());
        assert!(attributes(&json!({"text": "x".repeat(4_096)}), 4_096).is_err());
    }
}
