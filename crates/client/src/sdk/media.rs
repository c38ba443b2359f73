//! Files of messages.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;
use std::path::PathBuf;
use std::sync::Arc;

use confab_protocol::method::{MediaLimitsResult, MediaUrlsParams, Nothing};
use confab_protocol::model::{self, MediaCategory};
use confab_protocol::{MediaSid, limits};

use super::hub::{Hub, ask};
use super::{Error, check};
use crate::media::{Download, Existing, Thumbnail, saving, thumbnail};

/// A file of a message. Its bytes are fetched when they are wanted.
#[derive(Clone)]
pub struct Media {
    pub(super) hub: Arc<Hub>,
    pub(super) row: model::Media,
}

impl Media {
    /// Its identifier.
    #[must_use]
    pub fn sid(&self) -> MediaSid {
        self.row.sid
    }

    /// Its name, when its sender gave one.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.row.file_name.as_deref()
    }

    /// What its sender says that it is.
    #[must_use]
    pub fn content_type(&self) -> &str {
        &self.row.content_type
    }

    /// What its first bytes say that it is, where they say anything.
    #[must_use]
    pub fn sniffed_type(&self) -> Option<&str> {
        self.row.sniffed_type.as_deref()
    }

    /// How long it is, in bytes.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.row.size
    }

    /// What it is to its message.
    #[must_use]
    pub fn category(&self) -> MediaCategory {
        self.row.category
    }

    /// Width and height of a picture, in pixels.
    #[must_use]
    pub fn dimensions(&self) -> Option<(u32, u32)> {
        self.row.width.zip(self.row.height)
    }

    /// An address that needs no token, good for a few minutes; another one with every call. Whoever has it has the file: not to
    /// be kept.
    ///
    /// # Errors
    /// [`Error::Refused`] when it may not be seen any more.
    pub async fn temporary_url(&self) -> Result<String, Error> {
        let mut urls = self.hub.temporary_urls(&[self.sid()]).await?;
        urls.remove(&self.sid()).ok_or(Error::BadAnswer)
    }

    /// Its bytes, or these of them, piece by piece. A connection that breaks is made anew and goes on where it was; dropping the
    /// [`Download`] stops it.
    ///
    /// # Errors
    /// [`Error::Refused`] when it may not be seen any more; [`Error::Local`] when the server cannot be reached.
    pub async fn download(&self, range: Option<Range<u64>>) -> Result<Download, Error> {
        Ok(Download::begin(self.hub.way().await?, self.sid(), range).await?)
    }

    /// Saves it under this path, in place of what is there. `progress` hears how many bytes have come. When it fails or is dropped
    /// before its end, what was there before is there still.
    ///
    /// # Errors
    /// As of [`download`](Self::download); [`Error::Local`] when the file cannot be written.
    pub async fn save(&self, path: impl Into<PathBuf>, progress: impl FnMut(u64)) -> Result<(), Error> {
        let download = self.download(None).await?;
        Ok(saving::fetch(download, path.into(), Existing::Replaced, progress).await?)
    }

    /// A picture in small.
    ///
    /// # Errors
    /// [`Error::Refused`] when there is none.
    pub async fn thumbnail(&self) -> Result<Thumbnail, Error> {
        Ok(thumbnail(self.hub.way().await?, self.sid()).await?)
    }
}

impl PartialEq for Media {
    fn eq(&self, other: &Self) -> bool {
        self.row == other.row
    }
}

impl fmt::Debug for Media {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Media").field(&self.row).finish()
    }
}

impl Hub {
    pub(super) async fn temporary_urls(
        &self,
        media: &[MediaSid],
    ) -> Result<BTreeMap<MediaSid, String>, Error> {
        check::list("media", media, limits::MEDIA_URLS)?;
        let told = ask!(self, MediaUrls(MediaUrlsParams { media: media.to_vec() }))?;
        let (address, is_plain) = self.way().await?.first().ok_or(Error::Ended)?;
        let scheme = if is_plain { "http" } else { "https" };
        let whole = |path: String| format!("{scheme}://{address}{path}");
        Ok(told.urls.into_iter().map(|told| (told.sid, whole(told.url))).collect())
    }

    pub(super) async fn media_limits(&self) -> Result<MediaLimitsResult, Error> {
        if let Some(known) = self.limits.get() {
            return Ok(known.clone());
        }
        let told = ask!(self, MediaLimits(Nothing {}))?;
        Ok(self.limits.get_or_init(|| told).clone())
    }
}
