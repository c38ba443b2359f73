//! Secrets as text, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::Ids;
use crate::row::Hash;

/// 128 bits as they stand in links and tokens.
pub(crate) fn secret_text(secret: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

/// What is kept of a secret. They are random, so that no salt and no slow function is needed.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}

/// A refresh token: a part that all tokens of a device share, and a part that changes with each. Whoever shows a shared part
/// with a changing part that is not good any more shows that a spent token is in use.
pub(super) struct RefreshToken {
    family: String,
    text: String,
}

impl RefreshToken {
    /// The first of a device.
    pub(super) fn first(ids: &mut dyn Ids) -> Self {
        let family = secret_text(ids.secret());
        Self::next(family, ids)
    }

    /// Another one of the same device.
    pub(super) fn next(family: String, ids: &mut dyn Ids) -> Self {
        let text = format!("{family}.{}", secret_text(ids.secret()));
        Self { family, text }
    }

    /// Reads what a client sent.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (family, changing) = text.split_once('.')?;
        let fits = |part: &str| part.len() == 22;
        (fits(family) && fits(changing)).then(|| Self { family: family.to_owned(), text: text.to_owned() })
    }

    /// What is kept of the shared part.
    pub(super) fn family_hash(&self) -> Hash {
        hash(&self.family)
    }

    /// What is kept of the whole.
    pub(super) fn hash(&self) -> Hash {
        hash(&self.text)
    }

    /// The next one of the same device.
    pub(super) fn rotated(&self, ids: &mut dyn Ids) -> Self {
        Self::next(self.family.clone(), ids)
    }

    /// As it goes to the client.
    pub(super) fn into_text(self) -> String {
        self.text
    }
}
