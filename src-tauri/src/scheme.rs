//! `confab-media:`: how pictures reach the page. An address names a file that waits to be sent, or one of a message; the page gets
//! what the client says that it may see, and only what is a picture by its bytes.

use std::sync::Arc;

use confab_client::{MediaOf, Picture, PictureSize};
use confab_core::view::Problem;
use confab_protocol::ClientId;
use tauri::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use tauri::http::{Request, Response, StatusCode};
use tauri::{Builder, Manager as _, Runtime};

use crate::shell::Shell;

/// The scheme, as it stands in the page's content security policy.
const SCHEME: &str = "confab-media";

/// What an address names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Address {
    /// A file that is kept until it is sent: `staged.ID`.
    Staged(ClientId),
    /// A picture of a message: `CH….IM….ME….small` or `….whole`.
    Message(MediaOf, PictureSize),
}

impl Address {
    fn read(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('.').collect();
        match parts[..] {
            ["staged", id] => Some(Self::Staged(id.parse().ok()?)),
            [conversation, message, media, size] => {
                let size = match size {
                    "small" => PictureSize::Small,
                    "whole" => PictureSize::Whole,
                    _ => return None,
                };
                let of = MediaOf {
                    conversation: conversation.parse().ok()?,
                    message: message.parse().ok()?,
                    media: media.parse().ok()?,
                };
                Some(Self::Message(of, size))
            }
            _ => None,
        }
    }
}

/// Lets the page ask for pictures.
pub(crate) fn register<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.register_asynchronous_uri_scheme_protocol(SCHEME, |context, request, responder| {
        let shell = Arc::clone(&context.app_handle().state::<Arc<Shell>>());
        tauri::async_runtime::spawn(async move { responder.respond(answer(&shell, &request).await) });
    })
}

async fn answer(shell: &Shell, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    let Some(address) = Address::read(request.uri().path()) else { return none(StatusCode::BAD_REQUEST) };
    respond(shell.picture(address).await)
}

fn respond(picture: Result<Picture, Problem>) -> Response<Vec<u8>> {
    let Ok(Picture { content_type, bytes }) = picture else { return none(StatusCode::NOT_FOUND) };
    let response = Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        // The client keeps it, and knows when it has to go.
        .header(CACHE_CONTROL, "no-store");
    response.body(bytes.into()).unwrap_or_else(|_| none(StatusCode::INTERNAL_SERVER_ERROR))
}

fn none(status: StatusCode) -> Response<Vec<u8>> {
    let mut response = Response::new(Vec::new());
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_whole_or_not_at_all() {
        let sid = |prefix: &str| format!("{prefix}{:032x}", 7);
        let of = format!("/{}.{}.{}", sid("CH"), sid("IM"), sid("ME"));
        assert!(matches!(
            Address::read(&format!("{of}.small")),
            Some(Address::Message(_, PictureSize::Small))
        ));
        assert!(matches!(
            Address::read(&format!("{of}.whole")),
            Some(Address::Message(_, PictureSize::Whole))
        ));
        assert!(matches!(Address::read(&format!("/staged.{:032x}", 7)), Some(Address::Staged(_))));
        let bad =
            ["", "/", "/staged", "/staged.", "/staged.../x", &of, &format!("{of}.huge"), "/a.b.c.small"];
        for path in bad {
            assert_eq!(Address::read(path), None, "{path}");
        }
    }

    #[test]
    fn a_picture_runs_nothing_and_what_is_none_is_not_found() {
        let shown = respond(Ok(Picture { content_type: "image/png", bytes: vec![1].into() }));
        assert_eq!(
            (shown.status(), shown.headers()["content-type"].to_str().unwrap()),
            (StatusCode::OK, "image/png")
        );
        assert_eq!(shown.headers()["x-content-type-options"], "nosniff");
        let refused = respond(Err(crate::problem::local("not_found")));
        assert_eq!((refused.status(), refused.body().len()), (StatusCode::NOT_FOUND, 0));
    }
}
