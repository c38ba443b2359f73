//! Films and sounds, a stretch at a time: from this computer where the file is here, else from the server. Nothing of them is kept.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::ops::Range;
use std::path::Path;

use bytes::{Bytes, BytesMut};
use confab_core::view::Problem;
use confab_protocol::WireError;

use super::{Download, look};
use crate::problem;

/// Longest stretch that is given at once, in bytes.
pub(crate) const STRETCH: u64 = 1024 * 1024;

/// A part of a film or a sound.
#[derive(Clone, PartialEq, Eq)]
pub struct Stretch {
    /// What the file is by its bytes: `video/…` or `audio/…`.
    pub content_type: String,
    /// Where in the file it begins, in bytes.
    pub from: u64,
    /// The bytes: those asked for, or the first of them. None behind the end.
    pub bytes: Bytes,
    /// How long the whole file is, in bytes.
    pub size: u64,
}

impl std::fmt::Debug for Stretch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Stretch").field("from", &self.from).field("size", &self.size).finish_non_exhaustive()
    }
}

/// The first bytes of what was asked for.
pub(crate) fn bounded(range: &Range<u64>) -> Range<u64> {
    range.start..range.end.min(range.start.saturating_add(STRETCH))
}

/// Reads it from a file that is here.
pub(crate) fn read(path: &Path, range: &Range<u64>) -> Result<Stretch, Problem> {
    read_from(path, range).map_err(|error| {
        tracing::warn!(%error, "a film or a sound that is here cannot be read");
        missing()
    })
}

fn read_from(path: &Path, range: &Range<u64>) -> io::Result<Stretch> {
    let mut file = File::open(path)?;
    let size = file.metadata()?.len();
    let mut head = Vec::new();
    (&mut file).take(look::HEAD as u64).read_to_end(&mut head)?;
    let content_type = look::sniff(&head).filter(|kind| is_played(kind)).ok_or(io::ErrorKind::InvalidData)?;
    let Range { start, end } = bounded(range);
    file.seek(SeekFrom::Start(start))?;
    let mut bytes = Vec::new();
    file.take(end.saturating_sub(start)).read_to_end(&mut bytes)?;
    Ok(Stretch { content_type: content_type.to_owned(), from: start, bytes: bytes.into(), size })
}

/// Fetches what a download was begun for.
pub(crate) async fn fetch(mut download: Download, from: u64) -> Result<Stretch, Problem> {
    let (content_type, size) = (download.content_type().to_owned(), download.size());
    if !is_played(&content_type) {
        return Err(missing());
    }
    let mut bytes = BytesMut::new();
    while let Some(piece) = download.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(Stretch { content_type, from, bytes: bytes.freeze(), size })
}

fn is_played(content_type: &str) -> bool {
    content_type.starts_with("video/") || content_type.starts_with("audio/")
}

fn missing() -> Problem {
    problem::of_wire(WireError::not_found("media"))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The head of a sound, and as many bytes behind it.
    fn sound(more: u64) -> Vec<u8> {
        let mut bytes = b"RIFF....WAVEfmt ".to_vec();
        bytes.resize(16 + usize::try_from(more).unwrap(), 7);
        bytes
    }

    #[test]
    fn a_stretch_is_what_was_asked_for_and_never_long() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("sound");
        let bytes = sound(2 * STRETCH);
        std::fs::write(&path, &bytes).unwrap();
        let size = bytes.len() as u64;
        let got = read(&path, &(0..10)).unwrap();
        assert_eq!((&got.bytes[..], got.from, got.size), (&bytes[..10], 0, size));
        assert_eq!(got.content_type, "audio/x-wav");
        let long = read(&path, &(5..u64::MAX)).unwrap();
        assert_eq!((long.from, long.bytes.len() as u64), (5, STRETCH));
        assert_eq!(read(&path, &(size - 3..size + 9)).unwrap().bytes, &bytes[bytes.len() - 3..]);
        assert_eq!(read(&path, &(size..u64::MAX)).unwrap().bytes, Bytes::new());
    }

    #[test]
    fn what_is_by_its_bytes_no_film_and_no_sound_is_not_played() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("page.wav");
        std::fs::write(&path, "<!DOCTYPE html><html>").unwrap();
        assert_eq!(read(&path, &(0..10)), Err(missing()));
        assert_eq!(read(&home.path().join("none"), &(0..10)), Err(missing()));
    }
}
