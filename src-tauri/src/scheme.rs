//! `confab-media:`: how pictures, films and sounds reach the page. An address names a file that waits to be sent, or one of a message;
//! the page gets what the client says that it may see, and only what by its bytes is one of them.

use std::ops::Range;
use std::sync::Arc;

use confab_client::{MediaOf, Picture, PictureSize, Stretch};
use confab_core::view::Problem;
use confab_protocol::ClientId;
use tauri::http::header::{
    ACCEPT_RANGES, ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_RANGE, CONTENT_SECURITY_POLICY,
    CONTENT_TYPE, HeaderMap, RANGE, X_CONTENT_TYPE_OPTIONS,
};
use tauri::http::response::Builder as Answer;
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

/// What the page asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Picture(Address),
    /// A film or a sound of a message, in stretches: `CH….IM….ME….play`.
    Stretch(MediaOf),
}

impl Wanted {
    fn read(path: &str) -> Option<Self> {
        let parts: Vec<&str> = path.trim_start_matches('/').split('.').collect();
        match parts[..] {
            ["staged", id] => Some(Self::Picture(Address::Staged(id.parse().ok()?))),
            [conversation, message, media, form] => {
                let of = MediaOf {
                    conversation: conversation.parse().ok()?,
                    message: message.parse().ok()?,
                    media: media.parse().ok()?,
                };
                match form {
                    "small" => Some(Self::Picture(Address::Message(of, PictureSize::Small))),
                    "whole" => Some(Self::Picture(Address::Message(of, PictureSize::Whole))),
                    "play" => Some(Self::Stretch(of)),
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

/// The one range that is asked for, `bytes=FIRST-` or `bytes=FIRST-LAST`. Players ask for no other kind.
fn range(headers: &HeaderMap) -> Option<Range<u64>> {
    let (first, last) = headers.get(RANGE)?.to_str().ok()?.strip_prefix("bytes=")?.split_once('-')?;
    let first = first.parse().ok()?;
    let end = if last.is_empty() { u64::MAX } else { last.parse::<u64>().ok()?.checked_add(1)? };
    (first < end).then_some(first..end)
}

/// Lets the page ask for pictures.
pub(crate) fn register<R: Runtime>(builder: Builder<R>) -> Builder<R> {
    builder.register_asynchronous_uri_scheme_protocol(SCHEME, |context, request, responder| {
        let shell = Arc::clone(&context.app_handle().state::<Arc<Shell>>());
        tauri::async_runtime::spawn(async move { responder.respond(answer(&shell, &request).await) });
    })
}

async fn answer(shell: &Shell, request: &Request<Vec<u8>>) -> Response<Vec<u8>> {
    match Wanted::read(request.uri().path()) {
        Some(Wanted::Picture(address)) => respond(shell.picture(address).await),
        Some(Wanted::Stretch(of)) => match range(request.headers()) {
            Some(range) => play(shell.play(of, range).await),
            None => none(StatusCode::RANGE_NOT_SATISFIABLE),
        },
        None => none(StatusCode::BAD_REQUEST),
    }
}

fn respond(picture: Result<Picture, Problem>) -> Response<Vec<u8>> {
    let Ok(Picture { content_type, bytes }) = picture else { return none(StatusCode::NOT_FOUND) };
    finish(guarded(content_type), bytes.into())
}

/// The page's own requests come from another scheme, and read where the stretch stands.
fn play(stretch: Result<Stretch, Problem>) -> Response<Vec<u8>> {
    let Ok(Stretch { content_type, from, bytes, size }) = stretch else { return none(StatusCode::NOT_FOUND) };
    let answer =
        guarded(&content_type).header(ACCEPT_RANGES, "bytes").header(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    if bytes.is_empty() {
        let answer = answer.status(StatusCode::RANGE_NOT_SATISFIABLE);
        return finish(answer.header(CONTENT_RANGE, format!("bytes */{size}")), Vec::new());
    }
    let last = from + bytes.len() as u64 - 1;
    let answer = answer.status(StatusCode::PARTIAL_CONTENT);
    finish(answer.header(CONTENT_RANGE, format!("bytes {from}-{last}/{size}")), bytes.into())
}

fn guarded(content_type: &str) -> Answer {
    Response::builder()
        .header(CONTENT_TYPE, content_type)
        .header(X_CONTENT_TYPE_OPTIONS, "nosniff")
        .header(CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox")
        // The client keeps it, and knows when it has to go.
        .header(CACHE_CONTROL, "no-store")
}

fn finish(answer: Answer, body: Vec<u8>) -> Response<Vec<u8>> {
    answer.body(body).unwrap_or_else(|_| none(StatusCode::INTERNAL_SERVER_ERROR))
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
        let read = |form: &str| match Wanted::read(&format!("{of}.{form}")) {
            Some(Wanted::Picture(Address::Message(_, size))) => Some(size),
            _ => None,
        };
        assert_eq!((read("small"), read("whole")), (Some(PictureSize::Small), Some(PictureSize::Whole)));
        assert!(matches!(Wanted::read(&format!("{of}.play")), Some(Wanted::Stretch(_))));
        let staged = Wanted::read(&format!("/staged.{:032x}", 7));
        assert!(matches!(staged, Some(Wanted::Picture(Address::Staged(_)))));
        let bad =
            ["", "/", "/staged", "/staged.", "/staged.../x", &of, &format!("{of}.huge"), "/a.b.c.small"];
        for path in bad {
            assert_eq!(Wanted::read(path), None, "{path}");
        }
    }

    #[test]
    fn one_range_is_read_and_nothing_else() {
        let read = |text: &str| range(&HeaderMap::from_iter([(RANGE, text.parse().unwrap())]));
        assert_eq!(read("bytes=0-"), Some(0..u64::MAX));
        assert_eq!(read("bytes=5-9"), Some(5..10));
        for bad in ["bytes=-5", "bytes=9-5", "bytes=0-4,8-9", "lines=0-", "bytes=x-", ""] {
            assert_eq!(read(bad), None, "{bad}");
        }
        assert_eq!(range(&HeaderMap::new()), None);
    }

    #[test]
    fn a_stretch_says_where_it_stands_and_what_is_behind_the_end_that_it_is() {
        let stretch = |from, bytes: &'static [u8]| {
            Ok(Stretch { content_type: "video/webm".into(), from, bytes: bytes.into(), size: 100 })
        };
        let said = |response: &Response<Vec<u8>>| {
            let header = |name: &str| response.headers()[name].to_str().unwrap().to_owned();
            (response.status().as_u16(), header("content-range"), header("content-type"))
        };
        let part = play(stretch(40, b"film"));
        assert_eq!(said(&part), (206, "bytes 40-43/100".to_owned(), "video/webm".to_owned()));
        assert_eq!(part.body(), b"film");
        assert_eq!(said(&play(stretch(100, b""))).1, "bytes */100");
        assert_eq!(play(Err(crate::problem::local("not_found"))).status(), StatusCode::NOT_FOUND);
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
