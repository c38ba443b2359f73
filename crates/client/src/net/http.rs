//! One HTTP request over a connection of its own.

use std::time::Duration;

use bytes::Bytes;
use confab_protocol::http::ErrorBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::header::{ACCEPT, CONTENT_TYPE, HOST};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde::Serialize;
use serde::de::DeserializeOwned;
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
