//! One end of an import: requests with a key, told again where that may help.

mod files;

use std::time::Duration;

use reqwest::{Method, RequestBuilder, Response, StatusCode, Url};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// How often something is asked before it is given up.
const TRIES: u32 = 6;
/// The first pause between two tries; each is twice as long as the one before.
const PAUSE: Duration = Duration::from_millis(500);
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// Numbers of refusals: the unique name stands for another conversation, it is closed, as many are in it as there may be.
const NAME_TAKEN: u64 = 50_353;
const CLOSED: u64 = 50_377;
const FULL: u64 = 50_417;
const FULL_OF_ADDRESSES: u64 = 50_422;

/// Where one end is, and who asks there.
#[derive(Clone, PartialEq, Eq)]
pub struct ImportEnd {
    /// Its address: `https://conversations.twilio.com`, `http://127.0.0.1:7420`.
    pub base: String,
    /// Where it gives files out: `https://mcs.us1.twilio.com`; none: at the same address.
    pub media: Option<String>,
    /// The service; none: the default one.
    pub service: Option<String>,
    /// The SID of an API key, or of an account.
    pub key_sid: String,
    /// Its secret, or the account's auth token.
    pub secret: String,
}

impl std::fmt::Debug for ImportEnd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ImportEnd")
            .field("base", &self.base)
            .field("key_sid", &self.key_sid)
            .finish_non_exhaustive()
    }
}

/// Why an import broke off. What was made stays, and the next run goes on from there.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// An address is not one of HTTP.
    #[error("{0} is not an address of HTTP")]
    Address(String),
    /// An end cannot be reached.
    #[error("{at} cannot be reached: {reason}")]
    Unreachable {
        /// The end.
        at: String,
        /// Why.
        reason: String,
    },
    /// An end refuses something.
    #[error("{at} refuses {what} ({status}): {message}")]
    Refused {
        /// The end.
        at: String,
        /// The request.
        what: String,
        /// Its status.
        status: u16,
        /// What it says.
        message: String,
    },
    /// An end answers with what cannot be read.
    #[error("the answer of {0} cannot be read")]
    Unreadable(String),
    /// Whoever was told of the progress has ended it.
    #[error("the import was stopped: run it again to go on")]
    Stopped,
    /// The system gives no room to work in.
    #[error("the system has no room for it: {0}")]
    System(String),
}

/// Why one thing cannot be done, though others can.
pub(super) struct Refusal {
    status: StatusCode,
    code: u64,
    /// What the end says of it.
    pub(super) message: String,
}

impl Refusal {
    /// There is such a thing already, or was and is gone.
    pub(super) fn is_there(&self) -> bool {
        self.status == StatusCode::CONFLICT && !matches!(self.code, CLOSED | FULL | FULL_OF_ADDRESSES)
    }

    /// There is nothing to change any more.
    pub(super) fn is_nothing(&self) -> bool {
        self.status == StatusCode::NOT_FOUND
    }

    /// Another conversation has the unique name.
    pub(super) fn is_taken(&self) -> bool {
        self.code == NAME_TAKEN
    }
}

/// An end.
pub(super) struct Api {
    client: reqwest::Client,
    /// For what takes long, as long as it comes.
    patient: reqwest::Client,
    base: String,
    media: String,
    key_sid: String,
    secret: String,
}

impl Api {
    pub(super) fn new(end: &ImportEnd) -> Result<Self, ImportError> {
        let root = rooted(&end.base)?;
        let media = rooted(end.media.as_ref().unwrap_or(&end.base))?;
        // Another part of the process may have chosen already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || reqwest::Client::builder().user_agent("Confab").connect_timeout(PATIENCE);
        let system = |error: reqwest::Error| ImportError::System(error.to_string());
        let client = builder().timeout(PATIENCE).build().map_err(system)?;
        let patient = builder().read_timeout(PATIENCE).build().map_err(system)?;
        let base = end.service.as_ref().map_or(root.clone(), |service| format!("{root}/Services/{service}"));
        Ok(Self { client, patient, base, media, key_sid: end.key_sid.clone(), secret: end.secret.clone() })
    }

    /// An address of this end.
    pub(super) fn path(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// A page of a list, and where the next one is.
    pub(super) async fn page<T: DeserializeOwned>(
        &self,
        url: &str,
    ) -> Result<(Vec<T>, Option<String>), ImportError> {
        let unreadable = || ImportError::Unreadable(url.to_owned());
        let answer = self.sent(Method::GET, url, &[]).await?;
        let mut body: Value = self.read(answer, url).await?;
        let key = body["meta"]["key"].as_str().ok_or_else(unreadable)?.to_owned();
        let rows = serde_json::from_value(body[&key].take()).map_err(|_| unreadable())?;
        let next = body["meta"]["next_page_url"].as_str().map(str::to_owned);
        // The key goes nowhere but to where it belongs.
        match next {
            Some(next) if !self.is_ours(&next) => Err(unreadable()),
            next => Ok((rows, next)),
        }
    }

    fn is_ours(&self, url: &str) -> bool {
        let origin = |url: &str| Url::parse(url).map(|url| url.origin());
        matches!((origin(url), origin(&self.base)), (Ok(one), Ok(other)) if one == other)
    }

    /// A resource; none when there is no such thing.
    pub(super) async fn find(&self, path: &str) -> Result<Option<Value>, ImportError> {
        let url = self.path(path);
        let answer = self.sent(Method::GET, &url, &[]).await?;
        if answer.status() == StatusCode::NOT_FOUND {
            return Ok(None);
        }
        self.read(answer, &url).await.map(Some)
    }

    /// Every row of a list.
    pub(super) async fn all<T: DeserializeOwned>(&self, path: &str) -> Result<Vec<T>, ImportError> {
        let (mut all, mut page) = (Vec::new(), Some(self.path(&format!("{path}?PageSize=100"))));
        while let Some(url) = page {
            let (rows, next) = self.page(&url).await?;
            all.extend(rows);
            page = next;
        }
        Ok(all)
    }

    /// Makes or changes something, and gives it, or why that cannot be.
    ///
    /// # Errors
    /// The end cannot be reached, refuses the key, or answers with what cannot be read.
    pub(super) async fn make(
        &self,
        path: &str,
        form: &[(&str, String)],
    ) -> Result<Result<Value, Refusal>, ImportError> {
        let url = self.path(path);
        let answer = self.sent(Method::POST, &url, form).await?;
        let status = answer.status();
        if !status.is_client_error() || is_passing(status) || status == StatusCode::UNAUTHORIZED {
            return self.read(answer, &url).await.map(Ok);
        }
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let (code, message) = (body["code"].as_u64().unwrap_or_default(), said(&body));
        Ok(Err(Refusal { status, code, message }))
    }

    async fn read<T: DeserializeOwned>(&self, answer: Response, url: &str) -> Result<T, ImportError> {
        let status = answer.status();
        let bytes = answer.bytes().await.map_err(|error| self.unreachable(&error))?;
        if status.is_success() {
            return serde_json::from_slice(&bytes).map_err(|_| ImportError::Unreadable(url.to_owned()));
        }
        let body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let message = said(&body);
        let what = url.strip_prefix(&self.base).unwrap_or(url).to_owned();
        Err(ImportError::Refused { at: self.base.clone(), what, status: status.as_u16(), message })
    }

    fn unreachable(&self, error: &reqwest::Error) -> ImportError {
        let mut innermost: &dyn std::error::Error = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        ImportError::Unreachable { at: self.base.clone(), reason: innermost.to_string() }
    }

    /// Sends until it is answered otherwise than with "not now".
    async fn sent(
        &self,
        method: Method,
        url: &str,
        form: &[(&str, String)],
    ) -> Result<Response, ImportError> {
        let once = || async {
            let answer = self.request(method.clone(), url, form).send().await;
            answer.map_err(|error| self.unreachable(&error))
        };
        patiently(once, |done| done.as_ref().map_or(true, |answer| is_passing(answer.status()))).await
    }

    fn request(&self, method: Method, url: &str, form: &[(&str, String)]) -> RequestBuilder {
        let request = self.client.request(method, url).basic_auth(&self.key_sid, Some(&self.secret));
        if form.is_empty() {
            return request;
        }
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish();
        request.header("Content-Type", "application/x-www-form-urlencoded").body(body)
    }
}

/// Does something until it comes to something else than "not now", with longer pauses every time.
async fn patiently<T, F: Future<Output = Result<T, ImportError>>>(
    once: impl Fn() -> F,
    is_not_now: impl Fn(&Result<T, ImportError>) -> bool,
) -> Result<T, ImportError> {
    let mut pause = PAUSE;
    for _ in 1..TRIES {
        let done = once().await;
        if !is_not_now(&done) {
            return done;
        }
        tokio::time::sleep(pause).await;
        pause *= 2;
    }
    once().await
}

/// What a refusal says.
fn said(body: &Value) -> String {
    body["message"].as_str().unwrap_or("it says nothing more").to_owned()
}

/// Where the resources of an address begin.
fn rooted(address: &str) -> Result<String, ImportError> {
    let wrong = || ImportError::Address(address.to_owned());
    let url = Url::parse(address).map_err(|_| wrong())?;
    let is_http = matches!(url.scheme(), "http" | "https");
    if is_http { Ok(format!("{}/v1", address.trim_end_matches('/'))) } else { Err(wrong()) }
}

fn is_passing(status: StatusCode) -> bool {
    status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error()
}
