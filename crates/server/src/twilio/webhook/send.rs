//! One call of a hook, signed in Twilio's manner: HMAC-SHA-1 over the address and the parameters by their names.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use confab_domain::Read;
use reqwest::Url;
use ring::hmac;

use super::gate::{self, Private};
use super::payload::Params;
use super::table::{Target, Verb};
use crate::node::Node;
use crate::twilio::keys;

/// Longest answer that is read, in bytes.
const ANSWER: usize = 64 * 1024;

/// What a hook said.
pub(super) struct Said {
    pub(super) status: u16,
    pub(super) body: Vec<u8>,
}

/// Why a hook could not be called.
#[derive(Debug, thiserror::Error)]
pub(super) enum SendError {
    #[error("the address is not one of HTTP")]
    Address,
    #[error(transparent)]
    Private(#[from] Private),
    #[error("there is no API key to sign with: make one and set the hook again")]
    NoKey,
    #[error("the keys cannot be read")]
    Keys,
    #[error("the certificates of this system cannot be used, by which hooks are known: {0}")]
    Certificates(String),
    #[error("it did not answer in time")]
    Late,
    #[error("it cannot be reached: {0}")]
    Unreachable(String),
    #[error("its answer is too long")]
    TooLong,
}

/// Calls a hook. `token` is the same for every attempt to tell the same.
pub(super) async fn send(
    node: &Node,
    target: &Target,
    params: &Params,
    token: &str,
) -> Result<Said, SendError> {
    let mut url = Url::parse(&target.url).map_err(|_| SendError::Address)?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(SendError::Address);
    }
    gate::check(&url, node.hooks.allow_private)?;
    let secret = secret(node, &target.key_sid).await?;
    let client = node.hooks.client().map_err(|error| SendError::Certificates(error.to_string()))?;
    let request = match target.method {
        Verb::Get => {
            url.query_pairs_mut().extend_pairs(params);
            let signature = signature(&secret, url.as_str(), &Params::new());
            client.get(url).header("X-Twilio-Signature", signature)
        }
        Verb::Post => {
            let signature = signature(&secret, &target.url, params);
            let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(params).finish();
            let request = client.post(url).header("X-Twilio-Signature", signature);
            request.header("Content-Type", "application/x-www-form-urlencoded; charset=UTF-8").body(body)
        }
    };
    let answer =
        request.header("I-Twilio-Idempotency-Token", token).send().await.map_err(|error| failure(&error))?;
    read(answer).await
}

async fn read(mut answer: reqwest::Response) -> Result<Said, SendError> {
    let (status, mut body) = (answer.status().as_u16(), Vec::new());
    while let Some(part) = answer.chunk().await.map_err(|error| failure(&error))? {
        if body.len() + part.len() > ANSWER {
            return Err(SendError::TooLong);
        }
        body.extend_from_slice(&part);
    }
    Ok(Said { status, body })
}

/// The innermost reason says most; the address is left out.
fn failure(error: &reqwest::Error) -> SendError {
    if error.is_timeout() {
        return SendError::Late;
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    SendError::Unreachable(innermost.to_string())
}

/// The secret of the key with which the hook was set, or of the newest one when that has ended.
async fn secret(node: &Node, key_sid: &str) -> Result<String, SendError> {
    let sid = key_sid.to_owned();
    let found = move |read: &dyn Read| {
        let named = keys::find(&sid, read)?;
        Ok(match named {
            Some(key) => Some(key),
            None => keys::list(read)?.pop(),
        })
    };
    let key = node.readers.read(found).await.map_err(|_| SendError::Keys)?;
    key.map(|key| key.secret).ok_or(SendError::NoKey)
}

fn signature(secret: &str, url: &str, params: &Params) -> String {
    let mut sorted: Vec<&(String, String)> = params.iter().collect();
    sorted.sort();
    let mut text = url.to_owned();
    for (name, value) in sorted {
        text.push_str(name);
        text.push_str(value);
    }
    let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret.as_bytes());
    STANDARD.encode(hmac::sign(&key, text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example in Twilio's description of its signatures.
    #[test]
    fn a_signature_is_over_the_address_and_the_parameters_by_name() {
        let params: Params = [
            ("CallSid", "CA1234567890ABCDE"),
            ("Caller", "+14158675309"),
            ("Digits", "1234"),
            ("From", "+14158675309"),
            ("To", "+18005551212"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into_iter()
        .rev()
        .collect();
        let url = "https://mycompany.com/myapp.php?foo=1&bar=2";
        assert_eq!(signature("12345", url, &params), "RSOYDt4T1cUTdK1PDd93/VVr8B8=");
    }
}
