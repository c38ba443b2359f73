//! Refresh tokens: a part that all tokens of a device share, a generation that grows with each, and a MAC by which the
//! workspace knows both as its own.
//!
//! Whoever shows a shared part with a generation that is not good any more shows that a spent token is in use. A generation
//! that the database has not come to is another matter: then it is the database that has gone back, to a backup.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::secret::{hash, secret_text};
use crate::row::{Hash, SigningKeyRow};
use crate::{DomainResult, Ids, Read, StoreError};

/// Bytes of the MAC that a token carries.
const MAC: usize = 16;
/// Digits of the greatest generation.
const DIGITS: usize = 15;

/// The key that vouches for generations: the first one of the workspace, which every backup of it holds.
pub(super) struct RefreshKey(SigningKeyRow);

impl RefreshKey {
    /// The key of the workspace.
    pub(super) fn read(read: &(impl Read + ?Sized)) -> DomainResult<Self> {
        let row = read.first_signing_key()?;
        Ok(Self(row.ok_or_else(|| StoreError::Corrupt("no signing key".to_owned()))?))
    }

    /// What access tokens are signed over never holds a zero.
    fn mac(&self, family: &str, generation: u64) -> Hmac<Sha256> {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.0.secret).expect("invariant: HMAC takes keys of any length");
        mac.update(b"refresh\0");
        mac.update(family.as_bytes());
        mac.update(&generation.to_be_bytes());
        mac
    }
}

/// A refresh token.
pub(super) struct RefreshToken {
    family: String,
    place: Place,
    text: String,
}

/// Where a token stands in its family.
enum Place {
    /// It is from before there were generations.
    Unknown,
    /// It says so, and has something to show for it.
    Said { generation: u64, mac: String },
}

impl RefreshToken {
    /// The first of a device.
    pub(super) fn first(key: &RefreshKey, ids: &mut dyn Ids) -> Self {
        Self::issue(key, secret_text(ids.secret()), 1)
    }

    /// Another one of the same device.
    pub(super) fn next(&self, key: &RefreshKey, generation: u64) -> Self {
        Self::issue(key, self.family.clone(), generation)
    }

    fn issue(key: &RefreshKey, family: String, generation: u64) -> Self {
        let mac = URL_SAFE_NO_PAD.encode(&key.mac(&family, generation).finalize().into_bytes()[..MAC]);
        let text = format!("{family}.{generation}.{mac}");
        Self { family, place: Place::Said { generation, mac }, text }
    }

    /// Reads what a client sent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.splitn(4, '.').collect();
        let place = match parts[..] {
            [_, changing] => fits(changing).then_some(Place::Unknown)?,
            [_, generation, mac] => {
                let is_number =
                    generation.len() <= DIGITS && generation.bytes().all(|byte| byte.is_ascii_digit());
                let said = || Some(Place::Said { generation: generation.parse().ok()?, mac: mac.to_owned() });
                (is_number && fits(mac)).then(said)??
            }
            _ => return None,
        };
        fits(parts[0]).then(|| Self { family: parts[0].to_owned(), place, text: text.to_owned() })
    }

    /// The generation that the workspace itself gave it.
    pub(super) fn generation(&self, key: &RefreshKey) -> Option<u64> {
        let Place::Said { generation, mac } = &self.place else { return None };
        let shown = URL_SAFE_NO_PAD.decode(mac).ok()?;
        key.mac(&self.family, *generation).verify_truncated_left(&shown).ok()?;
        Some(*generation)
    }

    /// What is kept of the shared part.
    pub(super) fn family_hash(&self) -> Hash {
        hash(&self.family)
    }

    /// What is kept of the whole.
    pub(super) fn hash(&self) -> Hash {
        hash(&self.text)
    }

    /// As it goes to the client.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}

/// Whether a part has the length of 128 bits as text.
fn fits(part: &str) -> bool {
    part.len() == 22
}
