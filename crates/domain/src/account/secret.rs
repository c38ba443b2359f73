//! Secrets as text, and what is kept of them.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::row::Hash;

/// 128 bits as they stand in links and tokens.
pub(crate) fn secret_text(secret: [u8; 16]) -> String {
    URL_SAFE_NO_PAD.encode(secret)
}

/// What is kept of a secret. They are random, so that no salt and no slow function is needed.
pub(crate) fn hash(secret: &str) -> Hash {
    Sha256::digest(secret).into()
}
