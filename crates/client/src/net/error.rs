//! Everything that can go wrong between two computers.

use confab_core::view::Problem;
use confab_protocol::WireError;

use crate::fingerprint::Fingerprint;
use crate::problem;

/// Why a server could not be spoken to, or what it refused.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NetError {
    /// Nobody answers there.
    #[error("{address} cannot be reached: {reason}")]
    Unreachable { address: String, reason: String },
    /// The connection stood, and broke before the answer was whole: the request may have been taken.
    #[error("the connection to {address} broke: {reason}")]
    Broken { address: String, reason: String },
    /// Nothing came within the bound.
    #[error("{address} does not answer in time")]
    TimedOut { address: String },
    /// The key is another one than the one pinned.
    #[error("{address} has another key than expected")]
    FingerprintMismatch { address: String },
    /// No pin, and no authority that this computer trusts vouches for the key.
    #[error("the key of {address} is not known here")]
    FingerprintUnknown { address: String, fingerprint: Fingerprint },
    /// The server refused.
    #[error("refused: {0}")]
    Refused(WireError),
}

impl NetError {
    pub(crate) fn broken(address: &str, reason: &impl ToString) -> Self {
        Self::Broken { address: address.to_owned(), reason: reason.to_string() }
    }

    /// Whether the same request may succeed when it is sent again soon.
    pub(crate) fn may_pass_soon(&self) -> bool {
        match self {
            Self::Broken { .. } => true,
            Self::Refused(error) => error.code.is_passing() && !error.params.contains_key("retry_after_ms"),
            _ => false,
        }
    }

    /// How much it tells about the place: of several failures the one that tells most is reported.
    pub(crate) fn weight(&self) -> u8 {
        match self {
            Self::Unreachable { .. } => 0,
            Self::TimedOut { .. } => 1,
            Self::Broken { .. } => 2,
            Self::FingerprintUnknown { .. } => 3,
            Self::FingerprintMismatch { .. } => 4,
            Self::Refused(_) => 5,
        }
    }
}

impl From<NetError> for Problem {
    fn from(error: NetError) -> Self {
        match error {
            NetError::Unreachable { address, .. } | NetError::Broken { address, .. } => {
                problem::with(problem::UNREACHABLE, "address", address)
            }
            NetError::TimedOut { address } => problem::with(problem::TIMED_OUT, "address", address),
            NetError::FingerprintMismatch { address } => {
                problem::with(problem::FINGERPRINT_MISMATCH, "address", address)
            }
            NetError::FingerprintUnknown { address, fingerprint } => {
                let mut told = problem::with(problem::FINGERPRINT_UNKNOWN, "address", address);
                told.params.insert("fingerprint".to_owned(), fingerprint.to_string().into());
                told
            }
            NetError::Refused(error) => problem::of_wire(error),
        }
    }
}
