//! HTTP: one request over a connection of its own, or several over one.

use std::time::Duration;

use bytes::Bytes;
use confab_protocol::http::ErrorBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::client::conn::http1::SendRequest;
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::dial::Dialled;
use super::error::NetError;

/// How long an answer may take; checking a password is slow on purpose.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(20);
/// Longest answer that is read, in bytes.
const ANSWER_BYTES: usize = 256 * 1024;

/// Posts `body` as JSON to `path` and reads the answer as JSON.
///
/// # Errors
/// The refusal of the server, or how the connection failed.
pub(crate) async fn post<T: DeserializeOwned>(
    to: Dialled,
    path: &str,
    body: &impl Serialize,
) -> Result<T, NetError> {
    let address = to.address.to_string();
    let json = serde_json::to_vec(body).map_err(|error| NetError::broken(&address, &error))?;
    match timeout(ANSWER_TIMEOUT, exchange(to, path, json)).await {
        Ok(Ok((status, body))) => read_answer(&address, status, &body),
        Ok(Err(error)) => Err(NetError::broken(&address, &error)),
        Err(_) => Err(NetError::TimedOut { address }),
    }
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

async fn exchange(to: Dialled, path: &str, json: Vec<u8>) -> Result<(StatusCode, Bytes), Failure> {
    let request = Request::builder()
        .method(Method::POST)
        .uri(path)
        .header(HOST, to.address.to_string())
        .header(CONTENT_TYPE, "application/json")
        .header(ACCEPT, "application/json")
        .body(Full::new(Bytes::from(json)))?;
    let (mut sender, connection) = hyper::client::conn::http1::handshake(TokioIo::new(to.stream)).await?;
    let answer = async {
        let response = sender.send_request(request).await?;
        let status = response.status();
        let body = Limited::new(response.into_body(), ANSWER_BYTES).collect().await?.to_bytes();
        Ok((status, body))
    };
    tokio::pin!(answer);
    tokio::select! {
        biased;
        outcome = &mut answer => outcome,
        // A connection may end in the moment in which the last of the answer arrived; without one the answer fails.
        _ = connection => answer.await,
    }
}

fn read_answer<T: DeserializeOwned>(address: &str, status: StatusCode, body: &[u8]) -> Result<T, NetError> {
    if status.is_success() {
        return serde_json::from_slice(body).map_err(|_| not_confab(address));
    }
    let refusal: ErrorBody = serde_json::from_slice(body).map_err(|_| not_confab(address))?;
    Err(NetError::Refused(refusal.error))
}

fn not_confab(address: &str) -> NetError {
    NetError::Unreachable { address: address.to_owned(), reason: "what answers is not Confab".to_owned() }
}

/// Longest time in which a request has its answer, or a piece of one comes. A piece of a file may be on its way for long.
const PATIENCE: Duration = Duration::from_secs(60);

/// A connection for several requests, one after the other.
pub(crate) struct HttpLine {
    sender: SendRequest<Full<Bytes>>,
    address: String,
    driver: JoinHandle<()>,
}

impl HttpLine {
    /// Begins to speak HTTP.
    pub(crate) async fn open(to: Dialled) -> Result<Self, NetError> {
        let address = to.address.to_string();
        let shaken = hyper::client::conn::http1::handshake(TokioIo::new(to.stream)).await;
        let (sender, connection) = shaken.map_err(|error| NetError::broken(&address, &error))?;
        let driver = tokio::spawn(async move {
            // How it ended, whoever waits for an answer hears.
            let _ = connection.await;
        });
        Ok(Self { sender, address, driver })
    }

    /// Where it leads.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Waits for something that comes over it, within the bound.
    pub(crate) async fn within<T>(&self, future: impl Future<Output = T>) -> Result<T, NetError> {
        timeout(PATIENCE, future).await.map_err(|_| NetError::TimedOut { address: self.address.clone() })
    }

    /// Sends a request and gives the head of its answer.
    ///
    /// # Errors
    /// The refusal of the server, or how the connection failed.
    pub(crate) async fn ask(
        &mut self,
        method: &Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<Response<Incoming>, NetError> {
        let broken = |error: &dyn ToString| NetError::broken(&self.address, &error.to_string());
        let mut request = Request::builder().method(method).uri(path).header(HOST, &self.address);
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body)).map_err(|error| broken(&error))?;
        let answer = async {
            self.sender.ready().await?;
            self.sender.send_request(request).await
        };
        let answered = timeout(PATIENCE, answer).await;
        let answered = answered.map_err(|_| NetError::TimedOut { address: self.address.clone() })?;
        let answer = answered.map_err(|error| NetError::broken(&self.address, &error))?;
        if answer.status().is_success() {
            return Ok(answer);
        }
        Err(self.refusal(answer).await)
    }

    async fn refusal(&self, answer: Response<Incoming>) -> NetError {
        match self.body(answer).await {
            Ok(body) => match serde_json::from_slice::<ErrorBody>(&body) {
                Ok(refusal) => NetError::Refused(refusal.error),
                Err(_) => not_confab(&self.address),
            },
            Err(error) => error,
        }
    }

    /// Reads an answer as JSON.
    pub(crate) async fn json<T: DeserializeOwned>(&self, answer: Response<Incoming>) -> Result<T, NetError> {
        let body = self.body(answer).await?;
        serde_json::from_slice(&body).map_err(|_| not_confab(&self.address))
    }

    async fn body(&self, answer: Response<Incoming>) -> Result<Bytes, NetError> {
        let body = self.within(Limited::new(answer.into_body(), ANSWER_BYTES).collect()).await?;
        Ok(body.map_err(|error| NetError::broken(&self.address, &error))?.to_bytes())
    }
}

impl Drop for HttpLine {
    fn drop(&mut self) {
        self.driver.abort();
    }
}
