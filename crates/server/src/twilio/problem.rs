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

    /// Somebody is here, or at an address.
    pub(crate) fn both_named() -> Self {
        Self::new(400, 50407, "Invalid messaging binding: name an identity or an address, not both")
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
            ErrorCode::InvalidParams | ErrorCode::TooLarge | ErrorCode::LimitReached => {
                return refused(&error);
            }
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
            _ => return refused(&error),
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

/// What has no number of its own says its code, and what it is about.
fn refused(error: &WireError) -> Problem {
    let params = error.params.iter().map(|(name, value)| match value {
        Value::String(text) => format!("{name}: {text}"),
        other => format!("{name}: {other}"),
    });
    let about: Vec<String> = params.collect();
    let status = error.code.status();
    let message = format!("Refused ({}): {}", error.code.as_str(), about.join(", "));
    Problem::new(status, 20001, message)
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
        assert_eq!((problem.status, problem.code), (413, 20001));
        assert!(problem.message.contains("field: body") && problem.message.contains("limit: 10"));
    }
}
