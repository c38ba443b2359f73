//! What a refusal looks like on the wire: a code and its parameters. The sentence is made in the client.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $retry:literal;)*) => {
        /// Every way in which a request can be refused. Closed: a client that meets a newer code reads `Unknown`.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $text)] $name,)*
            /// A code that this version does not know; treated as permanent.
            #[serde(other, rename = "unknown")]
            Unknown,
        }

        impl ErrorCode {
            /// Every code, for tables and tests.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// As it stands on the wire.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text,)* Self::Unknown => "unknown" }
            }

            /// The HTTP status that goes with it on the HTTP side.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$name => $status,)* Self::Unknown => 500 }
            }

            /// Whether the same request may succeed later without a change.
            #[must_use]
            pub fn is_passing(self) -> bool {
                match self { $(Self::$name => $retry,)* Self::Unknown => false }
            }
        }
    };
}

codes! {
    /// The frame is not JSON of the expected shape.
    BadFrame = "bad_frame", 400, false;
    /// No method of this name. Params: `method`.
    UnknownMethod = "unknown_method", 400, false;
    /// A parameter is missing or has the wrong type or form. Params: `field`, `reason`.
    InvalidParams = "invalid_params", 400, false;
    /// A parameter is over its limit. Params: `field`, `limit`, `actual`.
    TooLarge = "too_large", 413, false;
    /// A count is at its limit. Params: `what`, `limit`.
    LimitReached = "limit_reached", 409, false;
    /// The first frame was not `hello`, or the token is missing or not valid.
    Unauthenticated = "unauthenticated", 401, false;
    /// The access token has expired: refresh it.
    TokenExpired = "token_expired", 401, false;
    /// The device was signed out, or the refresh token is no longer good: sign in again.
    Denied = "denied", 401, false;
    /// The permission is missing. Params: `permission`.
    Forbidden = "forbidden", 403, false;
    /// There is no such thing, or it may not be seen. Params: `what`.
    NotFound = "not_found", 404, false;
    /// The unique name stands for another conversation. Params: `unique_name`.
    UniqueNameTaken = "unique_name_taken", 409, false;
    /// The name belongs to somebody and the password is not theirs. Params: `identity`.
    NameTaken = "name_taken", 409, false;
    /// The user is a participant already. Params: `identity`.
    AlreadyParticipant = "already_participant", 409, false;
    /// The name or the password is wrong.
    WrongPassword = "wrong_password", 401, false;
    /// No such invite, or it was ended.
    InviteUnknown = "invite_unknown", 404, false;
    /// The invite has expired.
    InviteExpired = "invite_expired", 410, false;
    /// The invite was used as often as it may be.
    InviteUsedUp = "invite_used_up", 410, false;
    /// The user was deactivated.
    Deactivated = "deactivated", 403, false;
    /// The message was removed.
    MessageRemoved = "message_removed", 409, false;
    /// A conversation of two people is never anything else. Params: `rule`.
    DirectConversation = "direct_conversation", 409, false;
    /// The role is built in, or somebody has it. Params: `reason`.
    RoleInUse = "role_in_use", 409, false;
    /// The conversation does not let anybody in by themselves.
    NotJoinable = "not_joinable", 403, false;
    /// The conversation is closed and takes no more changes.
    ConversationClosed = "conversation_closed", 409, false;
    /// The file was not uploaded whole. Params: `media`.
    MediaIncomplete = "media_incomplete", 409, false;
    /// The file is in another message already. Params: `media`.
    MediaInUse = "media_in_use", 409, false;
    /// Files of this type are not taken. Params: `content_type`.
    UnsupportedType = "unsupported_type", 415, false;
    /// The upload goes on elsewhere. Params: `offset`.
    OffsetMismatch = "offset_mismatch", 409, false;
    /// The address of the file has ended: ask for another one.
    UrlExpired = "url_expired", 410, false;
    /// The address of the file is not one that this server has given out.
    UrlInvalid = "url_invalid", 403, false;
    /// The same `client_id` was used with another payload.
    ClientIdReused = "client_id_reused", 409, false;
    /// The entry named by `after` has not arrived: send that one first.
    OutOfOrder = "out_of_order", 409, true;
    /// Too many requests. Params: `retry_after_ms`.
    RateLimited = "rate_limited", 429, true;
    /// The commit failed or the server is stopping: try again.
    Unavailable = "unavailable", 503, true;
    /// The server has no room left on its disk.
    StorageFull = "storage_full", 507, true;
    /// A defect of the server. Nothing was changed.
    Internal = "internal", 500, true;
    /// The two sides have no protocol version in common. Params: `min`, `max`.
    UnsupportedVersion = "unsupported_version", 400, false;
    /// The workspace has another epoch: reset. Params: `epoch`.
    EpochChanged = "epoch_changed", 409, false;
}

/// `{"code":"forbidden","params":{…}}`: why a request was refused.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, thiserror::Error)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[error("{}", code.as_str())]
pub struct WireError {
    /// What happened.
    pub code: ErrorCode,
    /// The values that the sentence for this code needs.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    #[cfg_attr(feature = "ts", ts(type = "Record<string, unknown>"))]
    pub params: Map<String, Value>,
}

impl WireError {
    /// An error without parameters.
    #[must_use]
    pub fn new(code: ErrorCode) -> Self {
        Self { code, params: Map::new() }
    }

    /// The same error with one more parameter.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.params.insert(name.to_owned(), value.into());
        self
    }

    /// `not_found` for the kind of thing named.
    #[must_use]
    pub fn not_found(what: &str) -> Self {
        Self::new(ErrorCode::NotFound).with("what", what)
    }

    /// `invalid_params` for one field.
    #[must_use]
    pub fn invalid(field: &str, reason: &str) -> Self {
        Self::new(ErrorCode::InvalidParams).with("field", field).with("reason", reason)
    }

    /// `too_large` for one field.
    #[must_use]
    pub fn too_large(field: &str, limit: usize, actual: usize) -> Self {
        Self::new(ErrorCode::TooLarge).with("field", field).with("limit", limit).with("actual", actual)
    }
}

impl From<ErrorCode> for WireError {
    fn from(code: ErrorCode) -> Self {
        Self::new(code)
    }
}
