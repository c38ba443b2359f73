//! A refusal in Twilio's form: a status, a number and a sentence. Numbers are those of Twilio's public dictionary of errors; what has
//! none there is 20001 for what was asked and 20404 for what is missing, with a sentence that tells more.

use confab_protocol::{ErrorCode, WireError};
use serde_json::{Value, json};

/// Why something was not done.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Problem {
    /// The status of HTTP.
    pub(crate) status: u16,
    /// Twilio's number.
    pub(crate) code: u32,
    /// What happened, and what to do.
    pub(crate) message: String,
}

impl Problem {
    /// A refusal with a sentence.
    pub(crate) fn new(status: u16, code: u32, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into() }
    }

    /// Nothing stands at this address.
    pub(crate) fn no_route() -> Self {
        Self::new(404, 20404, "The requested resource was not found: there is no such route")
    }

    /// No message came from elsewhere.
    pub(crate) fn no_channel_metadata() -> Self {
        Self::new(404, 50530, "Channel metadata not found")
    }

    /// A parameter that cannot be taken.
    pub(crate) fn invalid(field: &str, reason: &str) -> Self {
        Self::new(400, 20001, format!("Invalid parameter {field}: {reason}"))
    }

    /// As the body of an answer.
    pub(crate) fn body(&self) -> Value {
        json!({ "status": self.status, "code": self.code, "message": self.message })
    }
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Self {
        let text = |name: &str| error.params.get(name).and_then(Value::as_str).unwrap_or_default();
        let (status, code, message) = match error.code {
            ErrorCode::NotFound => not_found(text("what")),
            ErrorCode::UniqueNameTaken => {
                (409, 50353, "Conversation with provided unique name already exists")
            }
            ErrorCode::NameTaken => (409, 50201, "User already exists"),
            ErrorCode::AlreadyParticipant => (409, 50433, "Participant already exists"),
            ErrorCode::ConversationClosed => (409, 50377, "Conversation is closed and cannot be changed"),
            ErrorCode::LimitReached if text("what") == "participants" => {
                (409, 50417, "Conversation has as many participants as it may have")
            }
            ErrorCode::LimitReached if text("what") == "non_chat_participants" => {
                (409, 50422, "Conversation has as many participants at addresses as it may have")
            }
            ErrorCode::InvalidParams => return refused(&error, number_of(text("field"), text("value"))),
            ErrorCode::TooLarge if text("field") == "body" => return refused(&error, 50504),
            ErrorCode::Forbidden => {
                let message = format!("Access forbidden: the permission {} is missing", text("permission"));
                return Self::new(403, 50107, message);
            }
            ErrorCode::TokenExpired => (401, 20104, "Access Token expired: renew it"),
            ErrorCode::Unauthenticated | ErrorCode::Denied => (401, 20101, "Invalid Access Token"),
            ErrorCode::RateLimited => (429, 20429, "Too many requests: try again later"),
            ErrorCode::Unavailable | ErrorCode::OutOfOrder => (503, 20503, "Service unavailable: try again"),
            ErrorCode::StorageFull => (503, 20503, "The server has no room left on its disk"),
            ErrorCode::Internal => (500, 20500, "Internal server error"),
            _ => return refused(&error, 20001),
        };
        Self::new(status, code, message)
    }
}

impl From<ErrorCode> for Problem {
    fn from(code: ErrorCode) -> Self {
        WireError::from(code).into()
    }
}

fn not_found(what: &str) -> (u16, u32, &'static str) {
    match what {
        "conversation" => (404, 50350, "Conversation not found"),
        "participant" => (404, 50430, "Participant not found in the conversation"),
        "message" => (404, 50500, "Message not found"),
        "user" => (404, 50200, "User not found"),
        "role" => (404, 50100, "Role not found"),
        _ => (404, 20404, "The requested resource was not found"),
    }
}

/// The number for a field that cannot be taken.
fn number_of(field: &str, value: &str) -> u32 {
    match (field, value) {
        ("state", "closed") => 50384,
        ("timers.inactive", _) => 50379,
        ("timers.closed", _) => 50380,
        _ => 20001,
    }
}

/// What has no sentence of its own says its code, and what it is about.
fn refused(error: &WireError, number: u32) -> Problem {
    let params = error.params.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    let about: Vec<String> = params.collect();
    let status = error.code.status();
    let message = format!("Refused ({}): {}", error.code.as_str(), about.join(", "));
    Problem::new(status, number, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_twilio_has_a_number_for_gets_it_and_the_rest_says_what_it_is_about() {
        let of = |error: WireError| {
            let problem = Problem::from(error);
            (problem.status, problem.code)
        };
        assert_eq!(of(WireError::not_found("conversation")), (404, 50350));
        assert_eq!(of(ErrorCode::UniqueNameTaken.into()), (409, 50353));
        assert_eq!(of(ErrorCode::AlreadyParticipant.into()), (409, 50433));
        assert_eq!(of(ErrorCode::NameTaken.into()), (409, 50201));
        assert_eq!(of(WireError::not_found("message")), (404, 50500));
        assert_eq!(of(WireError::not_found("role")), (404, 50100));
        assert_eq!(of(ErrorCode::TokenExpired.into()), (401, 20104));
        let problem = Problem::from(WireError::too_large("body", 10, 11));
        assert_eq!((problem.status, problem.code), (413, 50504));
        assert!(problem.message.contains("field: body") && problem.message.contains("limit: 10"));
    }

    /// What a text holds between back quotes.
    fn quoted(text: &str) -> Vec<&str> {
        text.split('`').skip(1).step_by(2).collect()
    }

    /// The rows of the table of numbers: a refusal, and the status and the number for it.
    fn documented() -> Vec<(WireError, u16, u32)> {
        let text = include_str!("../../../../docs/protocol.md");
        let (_, section) = text.split_once("### The numbers of others").expect("the section");
        let (section, _) = section.split_once("\n## ").expect("it has an end");
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let row = |line: &str| {
            let cells: Vec<&str> = line.split('|').map(str::trim).collect();
            let code = serde_json::from_value(json!(quoted(cells[1])[0])).expect("a code");
            assert_ne!(code, ErrorCode::Unknown, "{line}");
            let with = quoted(cells[2]);
            let error = with.chunks(2).fold(WireError::new(code), |error, pair| error.with(pair[0], pair[1]));
            let (status, number) = cells[3].split_once(" / ").expect("a status and a number");
            (error, status.parse().expect("a status"), number.parse().expect("a number"))
        };
        rows.map(row).collect()
    }

    #[test]
    fn the_document_has_a_row_for_every_code_and_says_the_numbers_that_are_answered() {
        let rows = documented();
        for code in ErrorCode::ALL {
            let bare = rows.iter().filter(|(error, ..)| error.code == *code && error.params.is_empty());
            assert_eq!(bare.count(), 1, "{}", code.as_str());
        }
        for (error, status, number) in rows {
            let problem = Problem::from(error.clone());
            assert_eq!((problem.status, problem.code), (status, number), "{error:?}");
        }
    }
}
