//! Why a call of the SDK fails: a typed reason, and a sentence that says what to do.

use confab_core::view::Problem;
use confab_protocol::{ErrorCode, WireError};

use crate::client::ClientError;
use crate::problem;

/// Why a call failed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An argument cannot be right whatever the server thinks. Nothing was sent: correct the call.
    #[error("{argument}: {reason}")]
    InvalidArgument {
        /// Which argument.
        argument: &'static str,
        /// What is wrong with it, and what is right.
        reason: String,
    },
    /// The server refused. [`WireError::code`] says why; the call may be repeated when it [passes](Error::is_passing).
    #[error("the server refused: {0}")]
    Refused(WireError),
    /// There was no answer for a minute. Whether it was done is not known: look, or ask again.
    #[error("the server did not answer for a minute; look whether it was done, or ask again")]
    TimedOut,
    /// The client has ended, or this device was signed out: start or sign in again.
    #[error("the client has ended or was signed out; start another one, or sign in again")]
    Ended,
    /// One is not a participant of the conversation: join it first.
    #[error("not a participant of this conversation; join it first")]
    NotParticipating,
    /// There is no such thing, or none any more.
    #[error("there is no such {what}, or not any more")]
    NotFound {
        /// What was looked for.
        what: &'static str,
    },
    /// There is no further page in that direction: ask [`has_next_page`](crate::sdk::Paginator::has_next_page) first.
    #[error("there is no further page in this direction")]
    NoFurtherPage,
    /// The user is not subscribed to any more: get it again.
    #[error("this user is not subscribed to any more; get it again")]
    Unsubscribed,
    /// The message was taken back before it was sent.
    #[error("the message was taken back before it was sent")]
    Cancelled,
    /// It is too late to take the message back: it was sent, or is being sent.
    #[error("the message was sent, or is being sent; remove it instead")]
    TooLate,
    /// The client's directory cannot be used.
    #[error("the client cannot start: {0}")]
    Start(String),
    /// Something on this computer failed: a file, the disk, the network.
    #[error("{}", said(.0))]
    Local(Problem),
    /// The server's answer makes no sense. It is a defect; nothing is known of what was done.
    #[error("the server's answer makes no sense; report it")]
    BadAnswer,
}

fn said(problem: &Problem) -> String {
    match problem.params.values().next().and_then(serde_json::Value::as_str) {
        Some(what) => format!("{}: {what}", problem.code),
        None => problem.code.clone(),
    }
}

impl Error {
    pub(crate) fn invalid(argument: &'static str, reason: impl Into<String>) -> Self {
        Self::InvalidArgument { argument, reason: reason.into() }
    }

    /// The server's code, when it refused.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(error) => Some(error.code),
            _ => None,
        }
    }

    /// The HTTP status that goes with a refusal.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        self.code().map(ErrorCode::status)
    }

    /// Whether the same call may succeed later without a change.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Refused(error) => error.code.is_passing(),
            Self::TimedOut => true,
            _ => false,
        }
    }
}

impl From<WireError> for Error {
    fn from(error: WireError) -> Self {
        Self::Refused(error)
    }
}

impl From<ClientError> for Error {
    fn from(error: ClientError) -> Self {
        Self::Start(error.to_string())
    }
}

impl From<Problem> for Error {
    fn from(told: Problem) -> Self {
        match told.code.as_str() {
            problem::OFFLINE => Self::Ended,
            "cancelled" => Self::Cancelled,
            "too_late" => Self::TooLate,
            code => match ErrorCode::ALL.iter().find(|known| known.as_str() == code) {
                Some(code) => Self::Refused(WireError { code: *code, params: told.params }),
                None => Self::Local(told),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_server_cannot_do_for_now_passes_and_what_it_does_not_want_does_not() {
        let refused = |code: ErrorCode| Error::Refused(code.into());
        for passing in [refused(ErrorCode::Unavailable), refused(ErrorCode::RateLimited), Error::TimedOut] {
            assert!(passing.is_passing(), "{passing}");
        }
        for lasting in [refused(ErrorCode::Forbidden), Error::Ended, Error::NotParticipating] {
            assert!(!lasting.is_passing(), "{lasting}");
        }
    }
}
