//! Fields of a form or a query, by their names: `FriendlyName`, `Timers.Inactive`, and those that may come more than once.

use axum::http::StatusCode;
use confab_protocol::{Timestamp, UserSid};
use serde_json::Value;

use super::date;
use crate::twilio::problem::Problem;

/// Names and values, in the order in which they came.
#[derive(Debug, Clone, Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads `application/x-www-form-urlencoded`.
    pub(super) fn parse(text: &[u8]) -> Self {
        Self(form_urlencoded::parse(text).into_owned().collect())
    }

    /// The last value of this name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    /// The last value of this name as a text of its own.
    pub(super) fn owned(&self, name: &str) -> Option<String> {
        self.text(name).map(str::to_owned)
    }

    /// The value of a name that has to be there.
    pub(super) fn needed(&self, name: &str) -> Result<&str, Problem> {
        self.text(name).filter(|text| !text.is_empty()).ok_or_else(|| Problem::invalid(name, "missing"))
    }

    /// Names and values.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of this name.
    pub(super) fn all(&self, name: &str) -> Vec<String> {
        let values = self.0.iter().filter(|(field, _)| field == name);
        values.map(|(_, value)| value.clone()).collect()
    }

    /// Whether this name is there at all.
    pub(super) fn has(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    /// Refuses what cannot be done, where passing over it would look as if it were. An empty value asks for nothing.
    pub(super) fn refuse(&self, beginnings: &[&str], why: &str) -> Result<(), Problem> {
        let asked = |name: &str| beginnings.iter().any(|beginning| name.starts_with(beginning));
        match self.iter().find(|(name, value)| asked(name) && !value.is_empty()) {
            Some((name, _)) => Err(Problem::invalid(name, why)),
            None => Ok(()),
        }
    }

    /// A whole number.
    pub(super) fn number(&self, name: &str) -> Result<Option<u64>, Problem> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::invalid(name, "not a number"))
    }

    /// `true` or `false`.
    pub(super) fn flag(&self, name: &str) -> Result<Option<bool>, Problem> {
        match self.text(name) {
            None => Ok(None),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
            Some(_) => Err(Problem::invalid(name, "neither true nor false")),
        }
    }

    /// An instant, or a day.
    pub(super) fn date(&self, name: &str) -> Result<Option<Timestamp>, Problem> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        date::read(text).map(Some).ok_or_else(|| Problem::invalid(name, "not a date of ISO 8601"))
    }

    /// Free JSON in a text.
    pub(super) fn json(&self, name: &str) -> Result<Option<Value>, Problem> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|_| Problem::invalid(name, "not JSON"))
    }

    /// An identifier.
    pub(super) fn sid<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, Problem> {
        let Some(text) = self.text(name).filter(|text| !text.is_empty()) else { return Ok(None) };
        text.parse().map(Some).map_err(|_| Problem::invalid(name, "not such an identifier"))
    }
}

/// A name in an address that is an identifier of a user, or an identity.
pub(super) fn user_or_identity(text: &str) -> Result<UserSid, &str> {
    text.parse().map_err(|_| text)
}

/// The status of HTTP with this number.
pub(super) fn status(code: u16) -> StatusCode {
    StatusCode::from_u16(code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_read_by_name_and_as_what_they_are() {
        let fields = Fields::parse(
            b"Body=a%20b&Filters=x&Filters=y&Page=3&Flag=True&Attributes=%7B%22a%22%3A1%7D&Empty=",
        );
        assert_eq!((fields.text("Body"), fields.text("body")), (Some("a b"), None));
        assert_eq!(fields.all("Filters"), ["x", "y"]);
        assert_eq!(fields.number("Page").unwrap(), Some(3));
        assert_eq!(fields.flag("Flag").unwrap(), Some(true));
        assert_eq!(fields.json("Attributes").unwrap().unwrap()["a"], 1);
        assert_eq!((fields.number("Empty").unwrap(), fields.has("Empty")), (None, true));
        assert!(
            fields.number("Body").is_err() && fields.json("Body").is_err() && fields.flag("Body").is_err()
        );
        assert!(fields.needed("Empty").is_err() && fields.date("Body").is_err());
    }
}
