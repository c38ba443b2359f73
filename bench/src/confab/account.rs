//! An account on our server: joins by invite, keeps its access token fresh.

use std::net::SocketAddr;
use std::time::{Duration, SystemTime};

use anyhow::bail;
use confab_protocol::http::{ErrorBody, JOIN, JoinRequest, REFRESH, RefreshRequest, TokenGrant};
use confab_protocol::{ClientId, ErrorCode};
use tokio::time::sleep;
use uuid::Uuid;

use crate::http;

/// A token that ends sooner than this is renewed before it is used: no run takes as long.
const FRESH: Duration = Duration::from_secs(4 * 60);

/// Who someone is, and how they get in.
#[derive(Debug)]
pub(crate) struct Account {
    grant: TokenGrant,
}

/// Name of the user of this number.
pub(crate) fn identity(user: usize) -> String {
    format!("user{user}")
}

impl Account {
    /// Redeems an invite.
    pub(crate) async fn join(address: SocketAddr, secret: &str, user: usize) -> anyhow::Result<Self> {
        let request = JoinRequest {
            client_id: ClientId(Uuid::now_v7()),
            secret: secret.to_owned(),
            identity: identity(user),
            password: "bench-password".to_owned(),
            device_name: "bench".to_owned(),
        };
        // Joining is limited by address on purpose; every attempt waits as long as the server says.
        for _ in 0..100 {
            let answer = http::post(address, JOIN, &request).await?;
            if answer.status == 200 {
                return Ok(Self { grant: serde_json::from_str(&answer.body)? });
            }
            let refusal: ErrorBody = serde_json::from_str(&answer.body)?;
            if refusal.error.code != ErrorCode::RateLimited {
                bail!("joining as {}: {:?}", identity(user), refusal.error);
            }
            let wait = refusal.error.params.get("retry_after_ms").and_then(serde_json::Value::as_u64);
            sleep(Duration::from_millis(wait.unwrap_or(1_000))).await;
        }
        bail!("joining as {}: still limited", identity(user))
    }

    /// An access token that outlives a run.
    pub(crate) async fn token(&mut self, address: SocketAddr) -> anyhow::Result<&str> {
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let ends = Duration::from_millis(self.grant.access_expires_at.0);
        if ends.saturating_sub(now) < FRESH {
            let request = RefreshRequest { refresh_token: self.grant.refresh_token.clone() };
            let answer = http::post(address, REFRESH, &request).await?;
            if answer.status != 200 {
                bail!("refreshing: {}", answer.status);
            }
            self.grant = serde_json::from_str(&answer.body)?;
        }
        Ok(&self.grant.access_token)
    }
}
