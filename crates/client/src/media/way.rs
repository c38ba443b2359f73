//! The way to the server's files: its addresses, and a token that is renewed when the server says so.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use confab_protocol::ErrorCode;
use hyper::body::Incoming;
use hyper::{Method, Response};
use tokio::sync::Mutex;

use crate::clock;
use crate::net::{HttpLine, NetError, Route, dial_any};
use crate::tokens::{RefreshError, Tokens};

/// Tries without any progress, before it is told that there is no way.
const TRIES: u32 = 6;
/// The first wait between two of them.
const FIRST_WAIT: Duration = Duration::from_millis(250);

/// The way.
#[derive(Clone)]
pub(crate) struct Way {
    routes: Vec<Route>,
    tokens: Arc<Mutex<Tokens>>,
    /// The access token in use.
    access: Option<String>,
}

impl std::fmt::Debug for Way {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Way").field("routes", &self.routes).finish_non_exhaustive()
    }
}

/// How often something was tried in vain.
#[derive(Debug, Default)]
pub(super) struct Tries {
    failed: u32,
}

impl Way {
    pub(crate) fn new(routes: Vec<Route>, tokens: Arc<Mutex<Tokens>>, access: Option<String>) -> Self {
        Self { routes, tokens, access }
    }

    /// A connection.
    pub(super) async fn dial(&self) -> Result<HttpLine, NetError> {
        HttpLine::open(dial_any(&self.routes).await?).await
    }

    /// The address that would be tried first, and whether it is spoken to in the clear.
    pub(crate) fn first(&self) -> Option<(String, bool)> {
        let route = self.routes.first()?;
        Some((route.address.to_string(), route.pin.is_none() && route.address.is_loopback()))
    }

    /// Asks with a token; once more with a new one when the server takes the old one no longer.
    pub(super) async fn ask(
        &mut self,
        line: &mut HttpLine,
        method: &Method,
        path: &str,
        headers: &[(&'static str, String)],
        body: Bytes,
    ) -> Result<Response<Incoming>, NetError> {
        let mut renewed = self.access.is_none();
        loop {
            let token = self.token().await?;
            let mut all = vec![("authorization", format!("Bearer {token}"))];
            all.extend(headers.iter().cloned());
            match line.ask(method, path, &all, body.clone()).await {
                Err(NetError::Refused(error)) if is_about_token(error.code) && !renewed => {
                    (self.access, renewed) = (None, true);
                    // A refusal closes the connection.
                    *line = self.dial().await?;
                }
                outcome => return outcome,
            }
        }
    }

    async fn token(&mut self) -> Result<String, NetError> {
        if let Some(token) = &self.access {
            return Ok(token.clone());
        }
        let grant = self.tokens.lock().await.access(&self.routes).await.map_err(|error| match error {
            RefreshError::Net(error) => error,
            RefreshError::Store(error) => {
                NetError::Unreachable { address: String::new(), reason: error.to_string() }
            }
        })?;
        self.access = Some(grant.access_token.clone());
        Ok(grant.access_token)
    }
}

fn is_about_token(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::TokenExpired | ErrorCode::Unauthenticated)
}

impl Tries {
    /// Something came of it.
    pub(super) fn progress(&mut self) {
        self.failed = 0;
    }

    /// Waits after a failure that may pass; gives one back that does not, or that came too often.
    pub(super) async fn again(&mut self, error: NetError) -> Result<(), NetError> {
        let wanted = match &error {
            NetError::Refused(refused) if !refused.code.is_passing() => return Err(error),
            NetError::FingerprintMismatch { .. } | NetError::FingerprintUnknown { .. } => return Err(error),
            NetError::Refused(refused) => {
                refused.params.get("retry_after_ms").and_then(serde_json::Value::as_u64)
            }
            NetError::Unreachable { .. } | NetError::Broken { .. } | NetError::TimedOut { .. } => None,
        };
        self.failed += 1;
        if self.failed >= TRIES {
            return Err(error);
        }
        let longest = FIRST_WAIT * (1 << self.failed);
        let part = f64::from(u32::try_from(clock::random() >> 32).unwrap_or(u32::MAX)) / f64::from(u32::MAX);
        let wait = longest.mul_f64(0.5 + part / 2.0).max(Duration::from_millis(wanted.unwrap_or(0)));
        tracing::debug!(%error, ?wait, "a file waits");
        tokio::time::sleep(wait).await;
        Ok(())
    }
}
