//! Access tokens: JWTs in the form of Twilio's AccessToken, signed with HMAC-SHA-256 and nothing else.
//!
//! The key named by `kid` decides the algorithm; what a token's header says of it has to agree, it never chooses.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_protocol::{DeviceSid, ErrorCode, Timestamp, WireError, WorkspaceSid};
use ring::hmac;
use serde::{Deserialize, Serialize};

use crate::clock::random;
use crate::tls::hex;

const ALGORITHM: &str = "HS256";

/// The keys of one workspace: by their id, the newest signs.
pub(crate) struct TokenKeys {
    workspace: WorkspaceSid,
    keys: BTreeMap<String, hmac::Key>,
    signing: String,
}

/// A token that was just made.
pub(crate) struct AccessToken {
    /// The token.
    pub(crate) text: String,
    /// When it ends.
    pub(crate) expires_at: Timestamp,
}

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Claim {
    /// Who.
    pub(crate) identity: String,
    /// On which device.
    pub(crate) device: DeviceSid,
    /// Until when.
    pub(crate) expires_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: String,
    typ: String,
    cty: String,
    kid: String,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    jti: String,
    iss: String,
    sub: WorkspaceSid,
    iat: u64,
    exp: u64,
    grants: Grants,
    device: DeviceSid,
}

#[derive(Serialize, Deserialize)]
struct Grants {
    identity: String,
    chat: ChatGrant,
}

#[derive(Serialize, Deserialize)]
struct ChatGrant {
    service_sid: WorkspaceSid,
}

impl TokenKeys {
    /// Keys as (id, secret); the last one signs.
    pub(crate) fn new(workspace: WorkspaceSid, keys: Vec<(String, Vec<u8>)>) -> Option<Self> {
        let signing = keys.last()?.0.clone();
        let keys =
            keys.into_iter().map(|(id, secret)| (id, hmac::Key::new(hmac::HMAC_SHA256, &secret))).collect();
        Some(Self { workspace, keys, signing })
    }

    /// A token for one device until `expires_at`, rounded up to a whole second.
    pub(crate) fn sign(
        &self,
        identity: &str,
        device: DeviceSid,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> AccessToken {
        let exp = expires_at.0.div_ceil(1_000);
        let header = Header {
            alg: ALGORITHM.to_owned(),
            typ: "JWT".to_owned(),
            cty: "twilio-fpa;v=1".to_owned(),
            kid: self.signing.clone(),
        };
        let payload = Payload {
            jti: format!("{}-{}", self.signing, hex(&random::<8>())),
            iss: self.signing.clone(),
            sub: self.workspace,
            iat: now.0 / 1_000,
            exp,
            grants: Grants { identity: identity.to_owned(), chat: ChatGrant { service_sid: self.workspace } },
            device,
        };
        let signed = format!("{}.{}", encode(&header), encode(&payload));
        let tag = hmac::sign(&self.keys[&self.signing], signed.as_bytes());
        let text = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag));
        AccessToken { text, expires_at: Timestamp(exp * 1_000) }
    }

    /// A MAC of a text that is no token, as base64url.
    pub(crate) fn seal(&self, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(hmac::sign(&self.keys[&self.signing], text.as_bytes()))
    }

    /// Whether a text was sealed here, with whichever key.
    pub(crate) fn is_sealed(&self, text: &str, seal: &str) -> bool {
        let Ok(tag) = URL_SAFE_NO_PAD.decode(seal) else { return false };
        self.keys.values().any(|key| hmac::verify(key, text.as_bytes(), &tag).is_ok())
    }

    /// Reads a token.
    ///
    /// # Errors
    /// `unauthenticated` for one that is not ours, `token_expired` for one that ran out.
    pub(crate) fn verify(&self, token: &str, now: Timestamp) -> Result<Claim, WireError> {
        let payload = self.open(token).ok_or(ErrorCode::Unauthenticated)?;
        if payload.sub != self.workspace || payload.grants.chat.service_sid != self.workspace {
            return Err(ErrorCode::Unauthenticated.into());
        }
        let expires_at = Timestamp(payload.exp.saturating_mul(1_000));
        if expires_at <= now {
            return Err(ErrorCode::TokenExpired.into());
        }
        Ok(Claim { identity: payload.grants.identity, device: payload.device, expires_at })
    }

    fn open(&self, token: &str) -> Option<Payload> {
        let (signed, tag) = token.rsplit_once('.')?;
        let (header, payload) = signed.split_once('.')?;
        let header: Header = decode(header)?;
        let key = self.keys.get(&header.kid)?;
        if header.alg != ALGORITHM {
            return None;
        }
        hmac::verify(key, signed.as_bytes(), &URL_SAFE_NO_PAD.decode(tag).ok()?).ok()?;
        decode(payload)
    }
}

fn encode(part: &impl Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("invariant: a token has only string keys"))
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Timestamp = Timestamp(1_795_000_000_000);

    fn keys(workspace: u128, secret: &[u8]) -> TokenKeys {
        TokenKeys::new(WorkspaceSid(Uuid::from_u128(workspace)), vec![("SK1".into(), secret.to_vec())])
            .unwrap()
    }

    fn token(keys: &TokenKeys) -> String {
        keys.sign("Ingrid", DeviceSid(Uuid::from_u128(5)), NOW, NOW.plus(60_000)).text
    }

    fn refusal(keys: &TokenKeys, token: &str, now: Timestamp) -> ErrorCode {
        keys.verify(token, now).unwrap_err().code
    }

    #[test]
    fn a_token_says_who_and_where_until_it_ends() {
        let keys = keys(1, b"a secret");
        let claim = keys.verify(&token(&keys), NOW).unwrap();
        assert_eq!(claim.identity, "Ingrid");
        assert_eq!(claim.device, DeviceSid(Uuid::from_u128(5)));
        assert_eq!(refusal(&keys, &token(&keys), claim.expires_at), ErrorCode::TokenExpired);
    }

    #[test]
    fn another_key_another_workspace_and_a_touched_token_are_refused() {
        let ours = keys(1, b"a secret");
        for forged in
            [token(&keys(1, b"another")), token(&keys(2, b"a secret")), "a.b.c".into(), String::new()]
        {
            assert_eq!(refusal(&ours, &forged, NOW), ErrorCode::Unauthenticated);
        }
        let touched = token(&ours).replacen('.', ".A", 1);
        assert_eq!(refusal(&ours, &touched, NOW), ErrorCode::Unauthenticated);
    }

    #[test]
    fn a_token_cannot_choose_its_algorithm() {
        let keys = keys(1, b"a secret");
        let whole = token(&keys);
        let payload = whole.split('.').nth(1).unwrap();
        for alg in ["none", "HS512", "RS256"] {
            let header = Header { alg: alg.into(), typ: "JWT".into(), cty: String::new(), kid: "SK1".into() };
            let signed = format!("{}.{payload}", encode(&header));
            let tag = hmac::sign(&keys.keys["SK1"], signed.as_bytes());
            for forged in [format!("{signed}."), format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))] {
                assert_eq!(refusal(&keys, &forged, NOW), ErrorCode::Unauthenticated, "{alg}");
            }
        }
    }
}
