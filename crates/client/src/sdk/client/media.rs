//! Files by themselves: addresses that need no token, and what may be sent.

use std::collections::BTreeMap;

use confab_protocol::MediaSid;
use confab_protocol::method::MediaLimitsResult;

use super::Client;
use crate::sdk::{Error, Media};

impl Client {
    /// Addresses of files that need no token, good for a few minutes (1 to 100). Whoever has one has the file: not to be kept.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none or too many; [`Error::Refused`] when one of them may not be seen.
    pub async fn temporary_urls_for_sids(
        &self,
        media: &[MediaSid],
    ) -> Result<BTreeMap<MediaSid, String>, Error> {
        self.hub.temporary_urls(media).await
    }

    /// The same for files of messages.
    ///
    /// # Errors
    /// As of [`temporary_urls_for_sids`](Self::temporary_urls_for_sids).
    pub async fn temporary_urls(&self, media: &[Media]) -> Result<BTreeMap<MediaSid, String>, Error> {
        let sids: Vec<MediaSid> = media.iter().map(Media::sid).collect();
        self.hub.temporary_urls(&sids).await
    }

    /// How many files of what size and type may be sent.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn limits(&self) -> Result<MediaLimitsResult, Error> {
        self.hub.media_limits().await
    }
}
