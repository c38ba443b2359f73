//! Names that people type: what is accepted, and when two of them are the same.

use confab_protocol::{WireError, limits};
use unicode_normalization::UnicodeNormalization as _;

/// The form in which identities are compared: NFKC and without regard to case. Upper case before lower case makes one of
/// characters that fold together, such as the two small sigmas, or ß and ss.
#[must_use]
pub fn identity_key(identity: &str) -> String {
    identity.trim().nfkc().flat_map(char::to_uppercase).flat_map(char::to_lowercase).nfkc().collect()
}

/// An identity as it is kept: without white space around it.
///
/// # Errors
/// `invalid_params` when it is blank or holds characters that cannot be seen; `too_large`.
pub fn identity<'a>(field: &str, text: &'a str) -> Result<&'a str, WireError> {
    let text = required(field, text, limits::IDENTITY_CHARS)?;
    if text.chars().any(is_invisible) {
        return Err(WireError::invalid(field, "invisible character"));
    }
    Ok(text)
}

/// A name that must not be blank, without white space around it.
///
/// # Errors
/// `invalid_params` when it is blank or holds control characters; `too_large`.
pub fn required<'a>(field: &str, text: &'a str, chars: usize) -> Result<&'a str, WireError> {
    optional(field, text, chars)?.ok_or_else(|| WireError::invalid(field, "blank"))
}

/// A name that may be blank, which means none, without white space around it.
///
/// # Errors
/// `invalid_params` when it holds control characters; `too_large`.
pub fn optional<'a>(field: &str, text: &'a str, chars: usize) -> Result<Option<&'a str>, WireError> {
    let text = text.trim();
    let actual = text.chars().count();
    if actual > chars {
        return Err(WireError::too_large(field, chars, actual));
    }
    if text.chars().any(|c| c.is_control() || is_direction_override(c)) {
        return Err(WireError::invalid(field, "control character"));
    }
    Ok((!text.is_empty()).then_some(text))
}

/// Characters that change the direction of what follows: a name could disguise the text around it.
fn is_direction_override(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters without a shape: two identities could look the same.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2065}' | '\u{feff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identities_that_read_the_same_have_one_key() {
        for (one, other) in [
            ("Ana", "ANA"),
            ("straße", "STRASSE"),
            ("ΣΑΣ", "σας"),
            ("ﬁn", "FIN"),
            ("e\u{301}", "É"),
            (" bo ", "bo"),
        ] {
            assert_eq!(identity_key(one), identity_key(other), "{one} and {other}");
        }
        assert_ne!(identity_key("ana"), identity_key("anna"));
    }

    #[test]
    fn names_are_trimmed_and_checked() {
        assert_eq!(required("name", "  Ana Lind ", 8), Ok("Ana Lind"));
        assert_eq!(required("name", "Ana Lind!", 8), Err(WireError::too_large("name", 8, 9)));
        assert_eq!(required("name", " \t ", 8), Err(WireError::invalid("name", "blank")));
        assert_eq!(optional("name", "", 8), Ok(None));
        assert!(optional("name", "a\u{7}b", 8).is_err());
        assert!(optional("name", "a\u{202e}b", 8).is_err());
        assert!(identity("name", "a\u{200b}b").is_err());
        assert_eq!(optional("name", "👩\u{200d}💻", 8), Ok(Some("👩\u{200d}💻")));
    }
}
