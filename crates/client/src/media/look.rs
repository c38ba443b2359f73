//! What a file is, by its first bytes: its type, and of a picture how large it is, upright.

use std::io::{BufRead, Seek};

use image::{ImageDecoder as _, ImageReader, Limits};

/// First bytes that are looked at for the type.
pub(crate) const HEAD: usize = 8 * 1024;
/// Memory that measuring may take.
const DECODER_BYTES: u64 = 64 * 1024 * 1024;

/// Types that are shown as they are. Nothing runs in them.
const SHOWN: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];

/// What first bytes say.
pub(crate) fn sniff(first: &[u8]) -> Option<&'static str> {
    infer::get(&first[..first.len().min(HEAD)]).map(|kind| kind.mime_type())
}

/// The type of a picture that a window may show; none when it is anything else.
pub(crate) fn shown_type(bytes: &[u8]) -> Option<&'static str> {
    sniff(bytes).filter(|kind| SHOWN.contains(kind))
}

/// Width and height of a picture as it is seen, whichever way the camera was held.
pub(crate) fn measure(source: impl BufRead + Seek) -> Option<(u32, u32)> {
    use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let mut reader = ImageReader::new(source).with_guessed_format().ok()?;
    let mut limits = Limits::no_limits();
    limits.max_alloc = Some(DECODER_BYTES);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    match decoder.orientation() {
        Ok(Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH) => Some((height, width)),
        _ => Some((width, height)),
    }
}
