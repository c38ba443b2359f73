//! Addresses of files that need no token: signed for one file, one user, one epoch, and a while.
//!
//! The signature says that the server gave the address out. Whether that user may still have the file is asked again when it
//! is fetched.

use confab_protocol::http::MEDIA;
use confab_protocol::{Epoch, MediaSid, Timestamp, UserSid, WireError};

use crate::token::TokenKeys;

/// What an address is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Address {
    /// The file.
    pub(crate) media: MediaSid,
    /// Who asked for it.
    pub(crate) user: UserSid,
    /// When it ends.
    pub(crate) expires: Timestamp,
}

impl Address {
    /// No token is signed over a text with line ends, so that neither can pass for the other.
    fn text(&self, epoch: Epoch) -> String {
        format!("media-url\n{epoch}\n{}\n{}\n{}", self.media, self.user, self.expires.0)
    }

    /// Path and query.
    pub(crate) fn write(&self, keys: &TokenKeys, epoch: Epoch) -> String {
        format!("{MEDIA}/{}/content?{}", self.media, self.query(keys, epoch))
    }

    /// The query alone, which is all that counts.
    pub(crate) fn query(&self, keys: &TokenKeys, epoch: Epoch) -> String {
        let signature = keys.seal(&self.text(epoch));
        format!("user={}&expires={}&signature={signature}", self.user, self.expires.0)
    }

    /// Reads the query of an address. What it says is not yet to be believed.
    ///
    /// # Errors
    /// `url_invalid`.
    pub(crate) fn read(media: MediaSid, query: &str) -> Result<(Self, String), WireError> {
        let (mut user, mut expires, mut signature) = (None, None, None);
        for (name, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
            match name {
                "user" => user = value.parse().ok(),
                "expires" => expires = value.parse().ok().map(Timestamp),
                "signature" => signature = Some(value.to_owned()),
                _ => {}
            }
        }
        match (user, expires, signature) {
            (Some(user), Some(expires), Some(signature)) => Ok((Self { media, user, expires }, signature)),
            _ => Err(confab_protocol::ErrorCode::UrlInvalid.into()),
        }
    }

    /// Whether this server gave it out, and it has not ended.
    ///
    /// # Errors
    /// `url_invalid`, `url_expired`.
    pub(crate) fn verify(
        &self,
        signature: &str,
        keys: &TokenKeys,
        epoch: Epoch,
        now: Timestamp,
    ) -> Result<(), WireError> {
        if !keys.is_sealed(&self.text(epoch), signature) {
            return Err(confab_protocol::ErrorCode::UrlInvalid.into());
        }
        if self.expires <= now {
            return Err(confab_protocol::ErrorCode::UrlExpired.into());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use confab_protocol::{ErrorCode, WorkspaceSid};
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn id(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    fn keys(secret: &[u8]) -> TokenKeys {
        TokenKeys::new(WorkspaceSid(id(1)), vec![("SK1".into(), secret.to_vec())]).unwrap()
    }

    fn code(url: &str, media: u128, epoch: u128, keys: &TokenKeys, now: Timestamp) -> Result<(), ErrorCode> {
        let query = url.split_once('?').unwrap().1;
        let (address, signature) = Address::read(MediaSid(id(media)), query).map_err(|error| error.code)?;
        address.verify(&signature, keys, Epoch(id(epoch)), now).map_err(|error| error.code)
    }

    #[test]
    fn an_address_is_good_for_its_file_its_user_its_epoch_and_its_time() {
        let ours = keys(b"a secret");
        let address = Address { media: MediaSid(id(5)), user: UserSid(id(6)), expires: NOW.plus(1_000) };
        let url = address.write(&ours, Epoch(id(9)));
        assert_eq!(code(&url, 5, 9, &ours, NOW), Ok(()));
        assert_eq!(code(&url, 5, 9, &ours, NOW.plus(1_000)), Err(ErrorCode::UrlExpired));
        let invalid = Err(ErrorCode::UrlInvalid);
        assert_eq!(code(&url, 4, 9, &ours, NOW), invalid, "another file");
        assert_eq!(code(&url, 5, 8, &ours, NOW), invalid, "another epoch");
        assert_eq!(code(&url, 5, 9, &keys(b"another"), NOW), invalid, "another key");
        let later = url.replace(&NOW.plus(1_000).0.to_string(), &NOW.plus(9_000).0.to_string());
        assert_eq!(code(&later, 5, 9, &ours, NOW), invalid, "a longer life");
        let other = url.replace(&UserSid(id(6)).to_string(), &UserSid(id(7)).to_string());
        assert_eq!(code(&other, 5, 9, &ours, NOW), invalid, "another user");
        assert_eq!(code("?expires=1", 5, 9, &ours, NOW), invalid);
    }
}
