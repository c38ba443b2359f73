//! Files beside the WebSocket: addresses that need no token, and what may be sent.

use serde::{Deserialize, Serialize};

use crate::id::{MediaSid, Timestamp};

/// Parameters of `media.urls`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUrlsParams {
    /// Which files (1 to 100). One that may not be seen refuses them all.
    pub media: Vec<MediaSid>,
}

/// Result of `media.urls`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUrlsResult {
    /// In the order in which they were asked for.
    pub urls: Vec<MediaUrl>,
    /// When they end.
    pub expires_at: Timestamp,
}

/// The address of a file, for a while.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaUrl {
    /// The file.
    pub sid: MediaSid,
    /// Path and query, at the address at which the server was reached. Whoever has it has the file: not to be kept.
    pub url: String,
}

impl std::fmt::Debug for MediaUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MediaUrl").field("sid", &self.sid).finish_non_exhaustive()
    }
}

/// Result of `media.limits`: what this server takes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaLimitsResult {
    /// Attachments of one message.
    pub per_message: u64,
    /// Longest file, in bytes.
    pub file_bytes: u64,
    /// Files of one user that are in no message, together, in bytes.
    pub unsent_bytes: u64,
    /// Files of one user that are in no message.
    pub unsent_files: u64,
    /// Types that are taken, such as `image/png` or `image/*`; empty: all.
    pub allowed_types: Vec<String>,
    /// Types that are not.
    pub denied_types: Vec<String>,
    /// Types of an e-mail's body.
    pub body_types: Vec<String>,
    /// Types of what an e-mail quotes.
    pub history_types: Vec<String>,
}
