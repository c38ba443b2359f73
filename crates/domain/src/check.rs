//! What parameters must look like, whatever they are for.

use confab_protocol::{WireError, limits};
use serde_json::Value;

use crate::name;

/// Free JSON as the text to keep.
///
/// # Errors
/// `too_large` when it is longer or nests deeper than it may.
pub(crate) fn attributes(value: &Value, bytes: usize) -> Result<String, WireError> {
    json("attributes", value, bytes)
}

/// The same under the name of its field.
pub(crate) fn json(field: &str, value: &Value, bytes: usize) -> Result<String, WireError> {
    const DEPTH: usize = limits::ATTRIBUTES_DEPTH;
    if is_deeper(value, DEPTH) {
        return Err(WireError::too_large(field, DEPTH, DEPTH + 1).with("unit", "levels"));
    }
    let text = value.to_string();
    if text.len() > bytes {
        return Err(WireError::too_large(field, bytes, text.len()));
    }
    Ok(text)
}

/// Free JSON that may be left out.
pub(crate) fn attributes_or_empty(value: Option<&Value>, bytes: usize) -> Result<String, WireError> {
    value.map_or_else(|| Ok("{}".to_owned()), |value| attributes(value, bytes))
}

fn is_deeper(value: &Value, levels: usize) -> bool {
    match value {
        Value::Array(items) => levels == 0 || items.iter().any(|item| is_deeper(item, levels - 1)),
        Value::Object(fields) => levels == 0 || fields.values().any(|item| is_deeper(item, levels - 1)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// The text of a message.
///
/// # Errors
/// `invalid_params` when it is blank; `too_large`.
pub(crate) fn body(text: &str) -> Result<(), WireError> {
    body_beside_media(text)?;
    if text.trim().is_empty() {
        return Err(WireError::invalid("body", "blank"));
    }
    Ok(())
}

/// What a message is about; blank is nothing.
///
/// # Errors
/// `invalid_params` when it holds control characters; `too_large`.
pub(crate) fn subject(text: Option<&str>) -> Result<Option<String>, WireError> {
    let text = text.unwrap_or_default();
    Ok(name::optional("subject", text, limits::SUBJECT_CHARS)?.map(str::to_owned))
}

/// The text of a message that says something by its files already.
///
/// # Errors
/// `too_large`.
pub(crate) fn body_beside_media(text: &str) -> Result<(), WireError> {
    if text.len() > limits::BODY_BYTES {
        return Err(WireError::too_large("body", limits::BODY_BYTES, text.len()));
    }
    Ok(())
}

/// By what means something comes or goes: the name of a kind that is not ours.
///
/// # Errors
/// `invalid_params` when it is not 1 to 32 of `a-z` and `_`.
pub(crate) fn kind(text: &str) -> Result<(), WireError> {
    word("type", text)
}

/// The same of another field.
///
/// # Errors
/// `invalid_params` when it is not 1 to 32 of `a-z` and `_`.
pub(crate) fn word(field: &'static str, text: &str) -> Result<(), WireError> {
    const CHARS: usize = 32;
    let known = |c: char| matches!(c, 'a'..='z' | '_');
    if !(1..=CHARS).contains(&text.len()) || !text.chars().all(known) {
        return Err(WireError::invalid(field, "not 1 to 32 of a-z and '_'"));
    }
    Ok(())
}

/// How many of something a page holds.
///
/// # Errors
/// `invalid_params` for none; `too_large` for more than there may be.
pub(crate) fn limit(asked: Option<u32>, default: usize, most: usize) -> Result<usize, WireError> {
    let asked = asked.map_or(default, |asked| usize::try_from(asked).unwrap_or(usize::MAX));
    match asked {
        0 => Err(WireError::invalid("limit", "must be at least 1")),
        asked if asked > most => Err(WireError::too_large("limit", most, asked)),
        asked => Ok(asked),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use confab_protocol::ErrorCode;
    use serde_json::json;

    #[test]
    fn attributes_are_bounded_in_size_and_depth() {
        assert_eq!(attributes(&json!({"a": [1]}), 9), Ok(r#"{"a":[1]}"#.to_owned()));
        assert_eq!(attributes(&json!({"a": [1]}), 8), Err(WireError::too_large("attributes", 8, 9)));
        let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
        assert!(attributes(&nested(limits::ATTRIBUTES_DEPTH), 4096).is_ok());
        let refused = attributes(&nested(limits::ATTRIBUTES_DEPTH + 1), 4096);
        assert_eq!(refused.map_err(|error| error.code), Err(ErrorCode::TooLarge));
    }

    #[test]
    fn a_body_says_something_and_fits() {
        assert_eq!(body(" \n\u{a0}"), Err(WireError::invalid("body", "blank")));
        assert!(body(&"a".repeat(limits::BODY_BYTES)).is_ok());
        assert_eq!(
            body(&"é".repeat(limits::BODY_BYTES / 2 + 1)),
            Err(WireError::too_large("body", limits::BODY_BYTES, limits::BODY_BYTES + 2))
        );
    }

    #[test]
    fn a_page_has_a_size() {
        assert_eq!(limit(None, 30, 100), Ok(30));
        assert_eq!(limit(Some(100), 30, 100), Ok(100));
        assert_eq!(limit(Some(101), 30, 100), Err(WireError::too_large("limit", 100, 101)));
        assert!(limit(Some(0), 30, 100).is_err());
    }
}
