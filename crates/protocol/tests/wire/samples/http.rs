//! One of each body of the HTTP side, and the file that they tell of.

use confab_protocol::http::*;
use confab_protocol::model::*;
use confab_protocol::version::VersionRange;
use confab_protocol::*;
use serde_json::json;

use super::{AT, client, device, id, user, workspace};

pub(super) fn media() -> Media {
    Media {
        sid: MediaSid(id(12)),
        file_name: Some("board at noon.jpg".into()),
        content_type: "image/jpeg".into(),
        sniffed_type: Some("image/jpeg".into()),
        size: 2_408_112,
        category: MediaCategory::Media,
        width: Some(4_032),
        height: Some(3_024),
    }
}

/// Every body of the HTTP side: its name and its text.
pub(crate) fn bodies() -> Vec<(&'static str, serde_json::Value)> {
    let to = |value| serde_json::to_value(value).expect("a body is JSON");
    vec![
        ("Health", to(json!(Health { status: "ok".into(), version: "0.1.0".into() }))),
        ("WorkspaceInfo", to(json!(WorkspaceInfo { workspace: workspace(), versions: VersionRange::OURS }))),
        (
            "JoinRequest",
            to(json!(JoinRequest {
                client_id: client(17),
                secret: "AAECAwQFBgcICQoLDA0ODw".into(),
                identity: "Aiko".into(),
                password: "seven grey herons".into(),
                device_name: "Harbour office".into(),
            })),
        ),
        (
            "SignInRequest",
            to(json!(SignInRequest {
                client_id: client(18),
                identity: "Aiko".into(),
                password: "seven grey herons".into(),
                device_name: "Harbour office".into(),
            })),
        ),
        ("RefreshRequest", to(json!(RefreshRequest { refresh_token: "DV0199….c2VjcmV0".into() }))),
        (
            "UploadRequest",
            to(json!(UploadRequest {
                client_id: client(23),
                file_name: media().file_name,
                content_type: "image/jpeg".into(),
                size: 2_408_112,
                category: MediaCategory::Media,
            })),
        ),
        (
            "UploadStatus",
            to(json!(UploadStatus {
                media: Media { sniffed_type: None, width: None, height: None, ..media() },
                offset: 1_048_576,
                ready: false,
            })),
        ),
        (
            "TokenGrant",
            to(json!(TokenGrant {
                workspace: workspace(),
                user: user(),
                device: device().sid,
                access_token: "eyJhbGciOiJIUzI1NiJ9…".into(),
                access_expires_at: AT.plus(limits::ACCESS_TOKEN_MS),
                refresh_token: "DV0199….bmV3ZXI".into(),
            })),
        ),
        ("ErrorBody", to(json!(ErrorBody { error: WireError::new(ErrorCode::InviteExpired) }))),
    ]
}
