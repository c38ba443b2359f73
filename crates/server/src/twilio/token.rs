//! Access tokens that programs sign for people with an API key, in the form of Twilio's AccessToken with a ChatGrant.
//!
//! The key named by `iss` is looked up, and only HMAC is known: what a token's header says of its algorithm chooses among the three
//! lengths of it and nothing else.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use confab_domain::{Read, StoreError};
use confab_protocol::Timestamp;
use ring::hmac;
use serde::Deserialize;

use super::keys::{account_sid, find};

/// The longest that a token may live, in seconds: Twilio's bound.
const LIFE: u64 = 24 * 60 * 60;
/// How far the clock of whoever signs may be off, in seconds.
const LEEWAY: u64 = 60;
/// Longest token that is looked at, in bytes.
const LONGEST: usize = 16 * 1024;

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Access {
    /// Who may come in.
    pub(crate) identity: String,
    /// Until when.
    pub(crate) expires_at: Timestamp,
    /// The key that vouches for it.
    pub(crate) key_sid: String,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum TokenError {
    /// It is no token, or its signature is not the key's.
    #[error("the access token is not valid: sign it with the secret of the API key that it names")]
    Invalid,
    /// Its header is that of something else.
    #[error("the header of the access token is not valid: use HS256, HS384 or HS512 and cty twilio-fpa;v=1")]
    Header,
    /// There is no such key, or it belongs to another account.
    #[error(
        "the issuer or the subject of the access token is not valid: use an API key of this server and its account"
    )]
    Issuer,
    /// It has ended, or would not end within 24 hours.
    #[error("the access token has expired, or lives for more than 24 hours: make a new one")]
    Expired,
    /// It begins later.
    #[error("the access token is not valid yet: check the clock of whoever makes it")]
    NotYet,
    /// It says nobody's name, or another service.
    #[error("the grants of the access token are not valid: name an identity and this server's service")]
    Grants,
    /// The key could not be looked up.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl TokenError {
    /// The number by which Twilio's clients know it.
    pub(crate) fn code(&self) -> u32 {
        match self {
            Self::Invalid => 20_101,
            Self::Header => 20_102,
            Self::Issuer => 20_103,
            Self::Expired => 20_104,
            Self::NotYet => 20_105,
            Self::Grants => 20_106,
            Self::Store(_) => 20_500,
        }
    }
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    typ: String,
    cty: String,
}

#[derive(Deserialize)]
struct Payload {
    iss: String,
    sub: String,
    exp: u64,
    #[serde(default)]
    iat: Option<u64>,
    #[serde(default)]
    nbf: Option<u64>,
    #[serde(default)]
    grants: Grants,
}

#[derive(Default, Deserialize)]
struct Grants {
    #[serde(default)]
    identity: Option<String>,
    #[serde(default)]
    chat: Option<ChatGrant>,
}

#[derive(Deserialize)]
struct ChatGrant {
    #[serde(default)]
    service_sid: Option<String>,
}

/// Reads a token that a key of the workspace has signed.
///
/// # Errors
/// See [`TokenError`].
pub(crate) fn verify(token: &str, now: Timestamp, read: &dyn Read) -> Result<Access, TokenError> {
    let token = if token.len() <= LONGEST { token } else { "" };
    let (signed, tag) = token.rsplit_once('.').ok_or(TokenError::Invalid)?;
    let (header, payload) = signed.split_once('.').ok_or(TokenError::Invalid)?;
    let algorithm = algorithm(header)?;
    let payload: Payload = decode(payload).ok_or(TokenError::Invalid)?;
    let key = find(&payload.iss, read)?.ok_or(TokenError::Issuer)?;
    if payload.sub != account_sid(read.scope()) {
        return Err(TokenError::Issuer);
    }
    let tag = URL_SAFE_NO_PAD.decode(tag).map_err(|_| TokenError::Invalid)?;
    let secret = hmac::Key::new(algorithm, key.secret.as_bytes());
    hmac::verify(&secret, signed.as_bytes(), &tag).map_err(|_| TokenError::Invalid)?;
    check_time(&payload, now.0 / 1_000)?;
    let identity = granted(payload.grants, read)?;
    Ok(Access { identity, expires_at: Timestamp(payload.exp * 1_000), key_sid: key.sid })
}

fn algorithm(header: &str) -> Result<hmac::Algorithm, TokenError> {
    let header: Header = decode(header).ok_or(TokenError::Header)?;
    if header.typ != "JWT" || header.cty != "twilio-fpa;v=1" {
        return Err(TokenError::Header);
    }
    match header.alg.as_str() {
        "HS256" => Ok(hmac::HMAC_SHA256),
        "HS384" => Ok(hmac::HMAC_SHA384),
        "HS512" => Ok(hmac::HMAC_SHA512),
        _ => Err(TokenError::Header),
    }
}

/// All in seconds since 1970.
fn check_time(payload: &Payload, now: u64) -> Result<(), TokenError> {
    // One that was made for longer is refused for as long as it lives, and not only at first.
    let begins = payload.iat.max(payload.nbf).map_or(now, |begins| begins.min(now));
    if payload.exp <= now || payload.exp > begins + LIFE + LEEWAY {
        return Err(TokenError::Expired);
    }
    match payload.nbf {
        Some(begins) if begins > now + LEEWAY => Err(TokenError::NotYet),
        _ => Ok(()),
    }
}

fn granted(grants: Grants, read: &dyn Read) -> Result<String, TokenError> {
    let service = grants.chat.and_then(|chat| chat.service_sid).ok_or(TokenError::Grants)?;
    let identity = grants.identity.filter(|identity| !identity.trim().is_empty());
    if service != read.scope().to_string() {
        return Err(TokenError::Grants);
    }
    identity.ok_or(TokenError::Grants)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Option<T> {
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use confab_testkit::World;
    use serde_json::{Value, json};

    use super::*;
    use crate::twilio::keys::{ApiKey, create};

    const NOW: u64 = 1_795_000_000;

    fn stage() -> (World, ApiKey) {
        let mut world = World::default();
        let key = world.write(|now, ids, store| create("", now, ids, store)).unwrap();
        (world, key)
    }

    fn header(alg: &str) -> Value {
        json!({"alg": alg, "typ": "JWT", "cty": "twilio-fpa;v=1"})
    }

    fn payload(world: &World, key: &ApiKey) -> Value {
        json!({
            "jti": format!("{}-{NOW}", key.sid),
            "iss": key.sid,
            "sub": account_sid(world.store.scope()),
            "exp": NOW + 3_600,
            "grants": {"identity": "ana", "chat": {"service_sid": world.store.scope()}},
        })
    }

    fn sign(header: &Value, payload: &Value, algorithm: hmac::Algorithm, secret: &str) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(header), part(payload));
        let tag = hmac::sign(&hmac::Key::new(algorithm, secret.as_bytes()), signed.as_bytes());
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(tag))
    }

    fn code(world: &World, token: &str) -> u32 {
        verify(token, Timestamp(NOW * 1_000), &world.store).expect_err("it is refused").code()
    }

    #[test]
    fn a_token_of_each_algorithm_says_who_it_is_for() {
        let (world, key) = stage();
        let payload = payload(&world, &key);
        for (name, algorithm) in
            [("HS256", hmac::HMAC_SHA256), ("HS384", hmac::HMAC_SHA384), ("HS512", hmac::HMAC_SHA512)]
        {
            let token = sign(&header(name), &payload, algorithm, &key.secret);
            let access = verify(&token, Timestamp(NOW * 1_000), &world.store).expect(name);
            assert_eq!((&access.identity[..], &access.key_sid), ("ana", &key.sid));
            assert_eq!(access.expires_at, Timestamp((NOW + 3_600) * 1_000));
        }
    }

    #[test]
    fn each_way_of_being_wrong_has_its_number() {
        let (world, key) = stage();
        let good = payload(&world, &key);
        let of = |header: &Value, payload: &Value| {
            code(&world, &sign(header, payload, hmac::HMAC_SHA256, &key.secret))
        };
        let with = |name: &str, value: Value| {
            let mut changed = good.clone();
            changed[name] = value;
            of(&header("HS256"), &changed)
        };
        assert_eq!(code(&world, ""), 20_101);
        assert_eq!(code(&world, &sign(&header("HS256"), &good, hmac::HMAC_SHA256, "another secret")), 20_101);
        assert_eq!(of(&header("HS512"), &good), 20_101, "signed with another length than it says");
        for wrong in [header("none"), header("RS256"), json!({"alg": "HS256", "typ": "JWT", "cty": "other"})]
        {
            assert_eq!(of(&wrong, &good), 20_102);
        }
        assert_eq!(with("iss", json!("SK00000000000000000000000000000000")), 20_103);
        assert_eq!(with("sub", json!("AC00000000000000000000000000000000")), 20_103);
        assert_eq!(with("exp", json!(NOW)), 20_104);
        assert_eq!(with("exp", json!(NOW + LIFE + 3_600)), 20_104);
        assert_eq!(with("iat", json!(NOW - LIFE)), 20_104, "it was made for a day and an hour");
        assert_eq!(with("nbf", json!(NOW - LIFE)), 20_104);
        assert_eq!(with("nbf", json!(NOW + 3_000)), 20_105);
        assert_eq!(with("grants", json!({})), 20_106);
        let service = json!({"service_sid": world.store.scope()});
        assert_eq!(with("grants", json!({"identity": " ", "chat": service})), 20_106);
        let other = json!({"service_sid": "IS00000000000000000000000000000000"});
        assert_eq!(with("grants", json!({"identity": "ana", "chat": other})), 20_106);
    }

    #[test]
    fn what_an_ended_key_signed_is_worth_nothing() {
        let (mut world, key) = stage();
        let token = sign(&header("HS256"), &payload(&world, &key), hmac::HMAC_SHA256, &key.secret);
        world.write(|now, _, store| crate::twilio::keys::revoke(&key.sid, now, store)).unwrap();
        assert_eq!(code(&world, &token), 20_103);
    }
}
