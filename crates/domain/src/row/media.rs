//! Files: what is known of them. Their bytes lie elsewhere.

use confab_protocol::model::MediaCategory;
use confab_protocol::{ClientId, MediaSid, MessageSid, Timestamp, UserSid};

use super::Hash;

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum MediaState {
    /// Its bytes are on their way.
    Uploading,
    /// All of them are there.
    Ready,
    /// Nobody may have it any more; bytes and row go as soon as somebody comes by.
    Gone,
}

/// A file. Keyed by `sid`, which follows from `user` and `client_id`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaRow {
    /// Its identifier.
    pub sid: MediaSid,
    /// Who uploads it.
    pub user: UserSid,
    /// The id under which the upload was begun.
    pub client_id: ClientId,
    /// Its name, without a path.
    pub file_name: Option<String>,
    /// What its uploader says that it is.
    pub content_type: String,
    /// What its first bytes say that it is.
    pub sniffed_type: Option<String>,
    /// How long it is, or is going to be.
    pub size: u64,
    /// What it is to its message.
    pub category: MediaCategory,
    /// Width of a picture.
    pub width: Option<u32>,
    /// Height of a picture.
    pub height: Option<u32>,
    /// SHA-256 of its bytes, once all of them are there.
    pub sha256: Option<Hash>,
    /// How far it has come.
    pub state: MediaState,
    /// The message that it is in.
    pub message: Option<MessageSid>,
    /// When its upload began.
    pub date_created: Timestamp,
}

/// What a user has uploaded, or is uploading, that is in no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MediaUsage {
    /// How many files.
    pub files: u64,
    /// How long they are together.
    pub bytes: u64,
}
