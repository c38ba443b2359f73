//! Files as they are shown: in messages, in the composer, and in the one line that stands for a message.

use confab_protocol::model::Media;
use serde::{Deserialize, Serialize};

use crate::stored::StagedFile;

/// Types by their first bytes that every window shows as a picture.
const PICTURES: [&str; 6] = ["image/png", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp"];

/// What a file is shown as. Its bytes decide, never what its sender says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum FileKind {
    /// A picture whose size is known.
    Photo,
    /// A film.
    Video,
    /// A sound.
    Audio,
    /// Anything else: a card to save it by.
    #[default]
    File,
}

impl FileKind {
    /// By what first bytes say, and whether they told a width and a height.
    #[must_use]
    pub fn of(sniffed_type: Option<&str>, is_measured: bool) -> Self {
        match sniffed_type {
            Some(kind) if PICTURES.contains(&kind) && is_measured => Self::Photo,
            Some(kind) if kind.starts_with("video/") => Self::Video,
            Some(kind) if kind.starts_with("audio/") => Self::Audio,
            _ => Self::File,
        }
    }
}

/// A file of a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MediaView {
    /// Its SID, by which it is fetched.
    pub sid: String,
    /// What it is shown as.
    pub kind: FileKind,
    /// Its name, when it has one.
    pub name: Option<String>,
    /// What its sender says that it is.
    pub content_type: String,
    /// What its first bytes say that it is, where they say anything.
    pub sniffed_type: Option<String>,
    /// How long it is, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// Width of a picture, in pixels.
    pub width: Option<u32>,
    /// Height of a picture, in pixels.
    pub height: Option<u32>,
    /// It can be fetched; not yet while it is on its way from here.
    pub ready: bool,
    /// By which it is kept here while it is on its way; null otherwise.
    pub staged: Option<String>,
    /// Bytes of it that the server has, while it is on its way from here; null otherwise.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub uploaded: Option<u64>,
}

impl MediaView {
    /// A file of a message that the server has.
    pub(crate) fn of(media: &Media) -> Self {
        let is_measured = media.width.is_some() && media.height.is_some();
        Self {
            sid: media.sid.to_string(),
            kind: FileKind::of(media.sniffed_type.as_deref(), is_measured),
            name: media.file_name.clone(),
            content_type: media.content_type.clone(),
            sniffed_type: media.sniffed_type.clone(),
            size: media.size,
            width: media.width,
            height: media.height,
            ready: true,
            staged: None,
            uploaded: None,
        }
    }

    /// A file of a local echo.
    pub(crate) fn staged(file: &StagedFile, uploaded: u64) -> Self {
        Self {
            sid: file.sid.to_string(),
            kind: file.kind(),
            name: file.file_name.clone(),
            content_type: file.content_type.clone(),
            sniffed_type: file.sniffed_type.clone(),
            size: file.size,
            width: file.width,
            height: file.height,
            ready: false,
            staged: Some(file.client_id.to_string()),
            uploaded: Some(uploaded),
        }
    }
}

/// What stands for a message without a text in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FilesPreview {
    /// What all of its files are; `file` when they are of several kinds.
    pub kind: FileKind,
    /// Name of the first.
    pub name: Option<String>,
    /// How many there are (1 to 10).
    pub count: u32,
}

impl FilesPreview {
    /// Of files with these kinds and names; none when there are none.
    pub(crate) fn of<'a>(files: impl Iterator<Item = (FileKind, Option<&'a str>)>) -> Option<Self> {
        let mut found: Option<Self> = None;
        for (kind, name) in files {
            match &mut found {
                None => found = Some(Self { kind, name: name.map(str::to_owned), count: 1 }),
                Some(preview) => {
                    preview.count += 1;
                    if preview.kind != kind {
                        preview.kind = FileKind::File;
                    }
                }
            }
        }
        found
    }

    /// Of the files of a message that the server has.
    pub(crate) fn of_media(media: &[Media]) -> Option<Self> {
        Self::of(media.iter().map(|file| {
            let is_measured = file.width.is_some() && file.height.is_some();
            (FileKind::of(file.sniffed_type.as_deref(), is_measured), file.file_name.as_deref())
        }))
    }

    /// Of the files of a local echo.
    pub(crate) fn of_staged(files: &[StagedFile]) -> Option<Self> {
        Self::of(files.iter().map(|file| (file.kind(), file.file_name.as_deref())))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_decide_what_a_file_is_shown_as() {
        assert_eq!(FileKind::of(Some("image/png"), true), FileKind::Photo);
        assert_eq!(FileKind::of(Some("image/png"), false), FileKind::File);
        assert_eq!(FileKind::of(Some("image/svg+xml"), true), FileKind::File);
        assert_eq!(FileKind::of(Some("video/mp4"), false), FileKind::Video);
        assert_eq!(FileKind::of(Some("audio/ogg"), false), FileKind::Audio);
        assert_eq!(FileKind::of(None, true), FileKind::File);
    }

    #[test]
    fn several_files_are_one_kind_or_just_files() {
        let of = |kinds: &[FileKind]| FilesPreview::of(kinds.iter().map(|kind| (*kind, Some("a"))));
        assert_eq!(of(&[]), None);
        let photos = of(&[FileKind::Photo, FileKind::Photo]).unwrap();
        assert_eq!((photos.kind, photos.count, photos.name.as_deref()), (FileKind::Photo, 2, Some("a")));
        assert_eq!(of(&[FileKind::Photo, FileKind::Audio]).unwrap().kind, FileKind::File);
    }
}
