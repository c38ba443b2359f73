//! Bodies of the HTTP side: signing in, refreshing, health. A refusal is `{"error":{"code":…,"params":…}}` with its status.

use serde::{Deserialize, Serialize};

use crate::error::WireError;
use crate::id::{ClientId, DeviceSid, Timestamp};
use crate::model::{Media, MediaCategory, User, Workspace};
use crate::version::VersionRange;

/// `GET`: is the server well.
pub const HEALTH: &str = "/health";
/// `GET`: what workspace is this, before signing in.
pub const WORKSPACE: &str = "/v1/workspace";
/// `POST`: redeem an invite; a known name with its right password signs in and does not use the invite up.
pub const JOIN: &str = "/v1/join";
/// `POST`: sign in on another device.
pub const SIGN_IN: &str = "/v1/sign-in";
/// `POST`: a new access token for a refresh token, which rotates.
pub const REFRESH: &str = "/v1/refresh";
/// `GET` with an upgrade: the WebSocket.
pub const CONNECT: &str = "/v1/connect";

/// `POST`: begin an upload. Below it, `/{sid}`: `HEAD` says how far it has come, `PATCH` goes on, `DELETE` gives it up,
/// `GET` fetches the file, and so do `/{sid}/thumbnail` and, without a token, `/{sid}/content`.
pub const MEDIA: &str = "/v1/media";
/// Header of a `PATCH` and of the answer to `HEAD`: how many bytes are there already.
pub const UPLOAD_OFFSET: &str = "upload-offset";
/// Header of the answer to `HEAD`: how many bytes there are going to be.
pub const UPLOAD_LENGTH: &str = "upload-length";

/// Answer of `GET /health`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Health {
    /// `ok`, or `stopping` with status 503.
    pub status: String,
    /// Version of the server.
    pub version: String,
}

/// Answer of `GET /v1/workspace`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceInfo {
    /// The workspace.
    pub workspace: Workspace,
    /// The versions that the server speaks.
    pub versions: VersionRange,
}

/// Body of `POST /v1/join`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequest {
    /// Applied once: the same join may be sent again after a lost answer.
    pub client_id: ClientId,
    /// The invite's secret.
    pub secret: String,
    /// The name; it is the identity, and the friendly name until changed.
    pub identity: String,
    /// Lets the person in again from another computer.
    pub password: String,
    /// What the computer calls itself.
    #[serde(default)]
    pub device_name: String,
}

/// Body of `POST /v1/sign-in`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInRequest {
    /// Applied once.
    pub client_id: ClientId,
    /// The name.
    pub identity: String,
    /// The password.
    pub password: String,
    /// What the computer calls itself.
    #[serde(default)]
    pub device_name: String,
}

/// Body of `POST /v1/refresh`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshRequest {
    /// The refresh token.
    pub refresh_token: String,
}

/// Answer of the three: what a device needs to connect.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct TokenGrant {
    /// The workspace.
    pub workspace: Workspace,
    /// Who signed in.
    pub user: User,
    /// The device.
    pub device: DeviceSid,
    /// Goes into `hello`.
    pub access_token: String,
    /// When it ends.
    pub access_expires_at: Timestamp,
    /// Store it before using it; the old one is good until this one is first used.
    pub refresh_token: String,
}

/// Body of `POST /v1/media`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadRequest {
    /// Names the upload: the same one may be begun again, and its SID follows from it (`derived::media`).
    pub client_id: ClientId,
    /// The file's name, without a path.
    #[serde(default)]
    pub file_name: Option<String>,
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// How long it is, in bytes.
    pub size: u64,
    /// What it will be to its message.
    #[serde(default)]
    pub category: MediaCategory,
}

/// How far an upload has come: the answer of `POST /v1/media` and of `PATCH`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UploadStatus {
    /// The file; type, width and height as found are told once it is whole.
    pub media: Media,
    /// Bytes that are there: where the upload goes on.
    pub offset: u64,
    /// All of it is there, and a message may name it.
    pub ready: bool,
}

macro_rules! redacted {
    ($($name:ident),*) => {$(
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($name), "(…)"))
            }
        }
    )*};
}
redacted!(JoinRequest, SignInRequest, RefreshRequest, TokenGrant);

/// Body of a refusal.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// Why.
    pub error: WireError,
}
