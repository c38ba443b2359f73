//! Downloads: in pieces as they come, gone on with where they broke off.

use std::ops::Range;

use bytes::Bytes;
use confab_core::view::Problem;
use confab_protocol::MediaSid;
use confab_protocol::http::MEDIA;
use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Method, Response, StatusCode};

use super::way::{Tries, Way};
use crate::net::{HttpLine, NetError};

/// Longest thumbnail that is read, in bytes.
const THUMBNAIL_BYTES: usize = 4 * 1024 * 1024;

/// A file on its way here. Dropping it stops it.
pub struct Download {
    way: Way,
    media: MediaSid,
    content_type: String,
    etag: String,
    size: u64,
    /// What has still to come.
    rest: Range<u64>,
    body: Option<(HttpLine, Incoming)>,
    tries: Tries,
}

/// A picture in small.
#[derive(Clone, PartialEq, Eq)]
pub struct Thumbnail {
    /// `image/jpeg` or `image/png`.
    pub content_type: String,
    /// The picture.
    pub bytes: Bytes,
}

impl std::fmt::Debug for Download {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Download")
            .field("media", &self.media)
            .field("rest", &self.rest)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Thumbnail {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thumbnail").field("content_type", &self.content_type).finish_non_exhaustive()
    }
}

impl Download {
    /// Asks for a file, or for these bytes of it.
    pub(crate) async fn begin(way: Way, media: MediaSid, range: Option<Range<u64>>) -> Result<Self, Problem> {
        let wanted = range.unwrap_or(0..u64::MAX);
        let (content_type, etag) = (String::new(), String::new());
        let tries = Tries::default();
        let mut begun = Self { way, media, content_type, etag, size: 0, rest: wanted, body: None, tries };
        while let Err(error) = begun.open().await {
            begun.tries.again(error).await?;
        }
        Ok(begun)
    }

    /// How it may be shown: what by its bytes is no picture, film or sound is `application/octet-stream`.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.content_type
    }

    /// How long the whole file is, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The next piece; none at the end. A connection that breaks is made anew.
    ///
    /// # Errors
    /// `not_found` when the file may not be seen any more; `unreachable` and the like.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Problem> {
        while !self.rest.is_empty() {
            match self.piece().await {
                Ok(bytes) => {
                    self.tries.progress();
                    self.rest.start += bytes.len() as u64;
                    return Ok(Some(bytes));
                }
                Err(error) => {
                    self.body = None;
                    self.tries.again(error).await?;
                }
            }
        }
        Ok(None)
    }

    async fn piece(&mut self) -> Result<Bytes, NetError> {
        if self.body.is_none() {
            self.open().await?;
        }
        let Some((line, body)) = &mut self.body else { return Err(NetError::broken("", &"no answer")) };
        loop {
            let frame = line.within(body.frame()).await?;
            let frame = frame.ok_or_else(|| NetError::broken(line.address(), &"it breaks off"))?;
            let frame = frame.map_err(|error| NetError::broken(line.address(), &error))?;
            match frame.into_data() {
                Ok(bytes) if !bytes.is_empty() => return Ok(bytes),
                _ => {}
            }
        }
    }

    async fn open(&mut self) -> Result<(), NetError> {
        let mut line = self.way.dial().await?;
        let mut headers = Vec::new();
        if self.rest != (0..u64::MAX) {
            headers.push(("range", format!("bytes={}-{}", self.rest.start, self.rest.end - 1)));
        }
        if !self.etag.is_empty() {
            headers.push(("if-range", self.etag.clone()));
        }
        let path = format!("{MEDIA}/{}", self.media);
        let answer = self.way.ask(&mut line, &Method::GET, &path, &headers, Bytes::new()).await?;
        self.learn(&answer, line.address())?;
        self.body = Some((line, answer.into_body()));
        Ok(())
    }

    fn learn(&mut self, answer: &Response<Incoming>, address: &str) -> Result<(), NetError> {
        let text =
            |name| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let length: u64 = text("content-length").parse().unwrap_or(0);
        let etag = text("etag").to_owned();
        if !self.etag.is_empty() && self.etag != etag {
            return Err(NetError::broken(address, &"the file is another one now"));
        }
        if answer.status() == StatusCode::PARTIAL_CONTENT {
            let total = text("content-range").rsplit('/').next().and_then(|total| total.parse().ok());
            self.size = total.unwrap_or(0);
            self.rest.end = self.rest.start + length;
        } else {
            (self.size, self.rest) = (length, 0..length);
        }
        self.content_type = text("content-type").to_owned();
        self.etag = etag;
        Ok(())
    }
}

/// Fetches the thumbnail of a file.
pub(crate) async fn thumbnail(mut way: Way, media: MediaSid) -> Result<Thumbnail, Problem> {
    let mut tries = Tries::default();
    loop {
        match thumbnail_once(&mut way, media).await {
            Ok(picture) => return Ok(picture),
            Err(error) => tries.again(error).await?,
        }
    }
}

async fn thumbnail_once(way: &mut Way, media: MediaSid) -> Result<Thumbnail, NetError> {
    let mut line = way.dial().await?;
    let path = format!("{MEDIA}/{media}/thumbnail");
    let answer = way.ask(&mut line, &Method::GET, &path, &[], Bytes::new()).await?;
    let content_type = answer.headers().get("content-type").and_then(|value| value.to_str().ok());
    let content_type = content_type.unwrap_or_default().to_owned();
    let body = line.within(Limited::new(answer.into_body(), THUMBNAIL_BYTES).collect()).await?;
    let bytes = body.map_err(|error| NetError::broken(line.address(), &error))?.to_bytes();
    Ok(Thumbnail { content_type, bytes })
}
