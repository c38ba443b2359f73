//! Pictures in small. Nothing is decoded whose size was not looked at before, and one at a time.

use std::io::Cursor;

use bytes::Bytes;
use confab_domain::media;
use confab_domain::row::MediaRow;
use confab_protocol::{ErrorCode, WireError, limits};
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};

use super::{Media, unavailable};
use crate::node::Node;

/// Memory that a decoder may take.
const DECODER_BYTES: u64 = 256 * 1024 * 1024;
/// Widest and highest picture: no format that is read here needs more.
const EDGE: u32 = 65_535;

fn reader(bytes: &[u8]) -> Option<ImageReader<Cursor<&[u8]>>> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let mut limits = Limits::no_limits();
    limits.max_image_width = Some(EDGE);
    limits.max_image_height = Some(EDGE);
    limits.max_alloc = Some(DECODER_BYTES);
    reader.limits(limits);
    Some(reader)
}

/// Width and height of a picture as it is seen, whichever way the camera was held, by the head of its file; none when it is no
/// picture that is known here.
pub(crate) fn dimensions(head: &[u8]) -> Option<(u32, u32)> {
    use image::metadata::Orientation::{Rotate90, Rotate90FlipH, Rotate270, Rotate270FlipH};
    let mut decoder = reader(head)?.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    match decoder.orientation() {
        Ok(Rotate90 | Rotate270 | Rotate90FlipH | Rotate270FlipH) => Some((height, width)),
        _ => Some((width, height)),
    }
}

/// A picture that fits the bound, upright, as JPEG or, where it can be seen through, as PNG.
fn shrink(bytes: &[u8], most: u64) -> Result<Vec<u8>, WireError> {
    let none = || WireError::not_found("thumbnail");
    let (width, height) = dimensions(bytes).ok_or_else(none)?;
    within(width, height, most)?;
    let mut decoder = reader(bytes).ok_or_else(none)?.into_decoder().map_err(|_| none())?;
    let turned = decoder.orientation().map_err(|_| none())?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(|_| none())?;
    if width > limits::THUMBNAIL_PIXELS || height > limits::THUMBNAIL_PIXELS {
        picture = picture.thumbnail(limits::THUMBNAIL_PIXELS, limits::THUMBNAIL_PIXELS);
    }
    picture.apply_orientation(turned);
    let mut small = Cursor::new(Vec::new());
    let written = if picture.color().has_alpha() {
        DynamicImage::from(picture.into_rgba8()).write_to(&mut small, ImageFormat::Png)
    } else {
        DynamicImage::from(picture.into_rgb8()).write_to(&mut small, ImageFormat::Jpeg)
    };
    written.map_err(|_| none())?;
    Ok(small.into_inner())
}

fn within(width: u32, height: u32, most: u64) -> Result<(), WireError> {
    let pixels = u64::from(width) * u64::from(height);
    if pixels <= most {
        return Ok(());
    }
    let error = WireError::new(ErrorCode::TooLarge).with("field", "pixels");
    Err(error.with("limit", most).with("actual", pixels))
}

impl Media {
    /// The thumbnail of a file: made when it is first asked for, and kept.
    pub(crate) async fn thumbnail(&self, node: &Node, row: &MediaRow) -> Result<Bytes, WireError> {
        let most = self.config.picture_pixels;
        let (Some(width), Some(height)) = (row.width, row.height) else {
            return Err(WireError::not_found("thumbnail"));
        };
        within(width, height, most)?;
        if row.size > limits::PICTURE_BYTES {
            let error = WireError::new(ErrorCode::TooLarge).with("field", "size");
            return Err(error.with("limit", limits::PICTURE_BYTES).with("actual", row.size));
        }
        if let Some(kept) = self.bytes.thumbnail(row.sid).await.map_err(unavailable)? {
            return Ok(kept);
        }
        let _turn = self.pictures.acquire().await.map_err(|_| WireError::new(ErrorCode::Unavailable))?;
        if let Some(kept) = self.bytes.thumbnail(row.sid).await.map_err(unavailable)? {
            return Ok(kept);
        }
        let mut whole = Vec::new();
        for number in 0..super::parts(row.size) {
            whole.extend_from_slice(&self.bytes.part(row.sid, number).await.map_err(unavailable)?);
        }
        let made = tokio::task::spawn_blocking(move || shrink(&whole, most));
        let picture = Bytes::from(made.await.map_err(|_| WireError::new(ErrorCode::Internal))??);
        self.bytes.put_thumbnail(row.sid, picture.clone()).await.map_err(unavailable)?;
        self.drop_when_gone(node, row).await?;
        Ok(picture)
    }

    /// The file may have been removed, and its bytes collected, while its thumbnail was made.
    async fn drop_when_gone(&self, node: &Node, row: &MediaRow) -> Result<(), WireError> {
        let (user, sid) = (row.user, row.sid);
        let held = node.readers.read(move |read| Ok(read.media(sid)?)).await?;
        if held.is_some_and(|held| media::is_whole(&held)) {
            return Ok(());
        }
        tracing::debug!(%user, %sid, "a thumbnail came too late");
        self.bytes.delete(sid).await.map_err(unavailable)?;
        Err(WireError::not_found("media"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let mut bytes = Cursor::new(Vec::new());
        DynamicImage::new_rgb8(width, height).write_to(&mut bytes, format).unwrap();
        bytes.into_inner()
    }

    /// A PNG that says of itself that it is as large as it may be, and holds nothing.
    fn bomb() -> Vec<u8> {
        let mut bytes = picture(1, 1, ImageFormat::Png);
        bytes[16..24].copy_from_slice(&[0, 0, 0xff, 0xff, 0, 0, 0xff, 0xff]);
        // The head's checksum, or it would be refused for that.
        let crc = crc32(&bytes[12..29]);
        bytes[29..33].copy_from_slice(&crc.to_be_bytes());
        bytes
    }

    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc: u32, byte| {
            (0..8)
                .fold(crc ^ u32::from(*byte), |crc, _| (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg()))
        })
    }

    #[test]
    fn a_picture_is_made_to_fit_and_keeps_its_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let bytes = picture(1_200, 300, format);
            assert_eq!(dimensions(&bytes), Some((1_200, 300)), "{format:?}");
            let small = shrink(&bytes, limits::PICTURE_PIXELS).unwrap();
            assert_eq!(dimensions(&small), Some((512, 128)), "{format:?}");
        }
        let small = shrink(&picture(30, 20, ImageFormat::Png), limits::PICTURE_PIXELS).unwrap();
        assert_eq!(dimensions(&small), Some((30, 20)), "what is small stays as it is");
    }

    #[test]
    fn a_picture_is_measured_as_it_is_seen() {
        let level = picture(3, 2, ImageFormat::Jpeg);
        // An Exif segment that says: turn by a quarter.
        let exif =
            b"\xff\xe1\x00\x22Exif\0\0MM\x00\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0\x06\0\0\0\0\0\0";
        let turned = [&level[..2], exif, &level[2..]].concat();
        assert_eq!((dimensions(&level), dimensions(&turned)), (Some((3, 2)), Some((2, 3))));
        let small = shrink(&turned, limits::PICTURE_PIXELS).unwrap();
        assert_eq!(dimensions(&small), Some((2, 3)), "its thumbnail too");
    }

    #[test]
    fn a_bomb_is_refused_by_what_it_says_of_itself() {
        let refused = shrink(&bomb(), limits::PICTURE_PIXELS).unwrap_err();
        assert_eq!((refused.code, &refused.params["field"]), (ErrorCode::TooLarge, &"pixels".into()));
        assert_eq!(refused.params["actual"], 65_535_u64 * 65_535);
        // Allowed by its pixels, it does not get the memory.
        assert_eq!(shrink(&bomb(), u64::MAX).unwrap_err().code, ErrorCode::NotFound);
    }

    #[test]
    fn what_is_no_picture_has_none() {
        assert_eq!(dimensions(b"hello"), None);
        assert_eq!(shrink(b"hello", 100).unwrap_err().code, ErrorCode::NotFound);
        let mut broken = picture(100, 100, ImageFormat::Png);
        broken.truncate(60);
        assert_eq!(shrink(&broken, 100_000).unwrap_err().code, ErrorCode::NotFound);
    }
}
