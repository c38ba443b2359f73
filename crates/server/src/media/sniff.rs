//! What a file is: by its first bytes, and how it may be given to a browser. What a sender says of a file is shown, and
//! believed only where nothing can come of it.

use confab_domain::row::MediaRow;

/// Bytes that are looked at.
const HEAD: usize = 8 * 1024;

/// What first bytes say.
pub(crate) fn sniff(first: &[u8]) -> Option<String> {
    let head = &first[..first.len().min(HEAD)];
    infer::get(head).map(|kind| kind.mime_type().to_owned())
}

/// Types by their first bytes that a browser shows without running anything in them.
const SHOWN: [&str; 14] = [
    "image/png",
    "image/jpeg",
    "image/gif",
    "image/webp",
    "image/avif",
    "image/bmp",
    "video/mp4",
    "video/webm",
    "video/quicktime",
    "audio/mpeg",
    "audio/ogg",
    "audio/m4a",
    "audio/x-flac",
    "audio/x-wav",
];

/// How a file is given out: the headers that keep a browser from running it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Serving {
    /// `Content-Type`.
    pub(crate) content_type: String,
    /// `Content-Disposition`.
    pub(crate) disposition: String,
}

impl Serving {
    /// Of what its bytes show to be a picture, a film or a sound, that type, to be shown in place. Anything else is to be saved,
    /// under no type that a browser would open.
    pub(crate) fn of(row: &MediaRow) -> Self {
        let shown = row.sniffed_type.as_deref().filter(|sniffed| SHOWN.contains(sniffed));
        let how = if shown.is_some() { "inline" } else { "attachment" };
        Self {
            content_type: shown.unwrap_or("application/octet-stream").to_owned(),
            disposition: disposition(how, row.file_name.as_deref()),
        }
    }
}

/// With the name in both of its forms (RFC 6266): one that everything reads, one that holds all of it.
fn disposition(how: &str, name: Option<&str>) -> String {
    let Some(name) = name else { return how.to_owned() };
    let plain = |sign: char| match sign {
        '"' | '\\' | '%' => '_',
        ' '..='~' => sign,
        _ => '_',
    };
    let ascii: String = name.chars().map(plain).collect();
    format!("{how}; filename=\"{ascii}\"; filename*=UTF-8''{}", encoded(name))
}

fn encoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            text.push('%');
            text.push_str(&crate::tls::hex(&[byte]).to_uppercase());
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use confab_domain::row::MediaState;
    use confab_protocol::model::MediaCategory;
    use confab_protocol::{ClientId, MediaSid, Timestamp, UserSid};
    use uuid::Uuid;

    use super::*;

    fn row(file_name: Option<&str>, sniffed_type: Option<&str>) -> MediaRow {
        MediaRow {
            sid: MediaSid(Uuid::nil()),
            user: UserSid(Uuid::nil()),
            client_id: ClientId(Uuid::nil()),
            file_name: file_name.map(str::to_owned),
            content_type: "text/html".into(),
            sniffed_type: sniffed_type.map(str::to_owned),
            size: 5,
            category: MediaCategory::Media,
            width: None,
            height: None,
            sha256: None,
            state: MediaState::Ready,
            message: None,
            date_created: Timestamp(0),
        }
    }

    #[test]
    fn only_what_shows_itself_to_be_harmless_is_shown_in_place() {
        for sniffed in
            [None, Some("text/html"), Some("text/xml"), Some("application/pdf"), Some("image/svg+xml")]
        {
            let serving = Serving::of(&row(None, sniffed));
            assert_eq!(
                (&*serving.content_type, &*serving.disposition),
                ("application/octet-stream", "attachment")
            );
        }
        let serving = Serving::of(&row(Some("a.png"), Some("image/png")));
        assert_eq!(serving.content_type, "image/png");
        assert!(serving.disposition.starts_with("inline; "));
    }

    #[test]
    fn a_name_cannot_leave_its_header() {
        let serving = Serving::of(&row(Some("Ž \"a\\b%20.png"), None));
        assert_eq!(
            serving.disposition,
            "attachment; filename=\"_ _a_b_20.png\"; filename*=UTF-8''%C5%BD%20%22a%5Cb%2520.png"
        );
    }

    #[test]
    fn types_come_from_bytes() {
        assert_eq!(sniff(b"\x89PNG\r\n\x1a\n....").as_deref(), Some("image/png"));
        assert_eq!(sniff(b"<!DOCTYPE html><html>").as_deref(), Some("text/html"));
        assert_eq!(sniff(b"hello"), None);
        assert_eq!(sniff(b""), None);
    }
}
