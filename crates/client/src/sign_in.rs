//! The first contact: redeeming an invite, or signing in on another computer.

use std::time::Duration;

use confab_core::view::Problem;
use confab_protocol::http::{JOIN, JoinRequest, REFRESH, RefreshRequest, SIGN_IN, SignInRequest, TokenGrant};
use confab_protocol::{ClientId, Link};
use serde::Serialize;
use tokio::time::sleep;
use uuid::Uuid;

use crate::account::Account;
use crate::address::{Address, Place, link_problem};
use crate::net::{NetError, Route, dial_any, post};
use crate::problem;

/// How often the same request is sent before its failure is told.
const ATTEMPTS: u32 = 3;
/// Pause before the second attempt; the third waits twice as long.
const PAUSE: Duration = Duration::from_millis(400);

/// A sign-in that succeeded: what to keep, and the tokens to begin with.
#[derive(Debug, Clone)]
pub struct SignedIn {
    /// To be stored.
    pub account: Account,
    /// For [`ClientConfig::grant`](crate::ClientConfig::grant); holds secrets, not to be stored.
    pub grant: TokenGrant,
}

/// Redeems an invite. A known name with its right password signs in and does not use the invite up.
///
/// # Errors
/// `not_an_invite`, `newer_link`, `unreachable`, `timed_out`, `fingerprint_mismatch`, or the server's refusal:
/// `invite_unknown`, `invite_expired`, `invite_used_up`, `name_taken`, `rate_limited`, ….
pub async fn join(
    link: &str,
    identity: &str,
    password: &str,
    device_name: &str,
) -> Result<SignedIn, Problem> {
    let link: Link = link.parse().map_err(|error| link_problem(error, problem::NOT_AN_INVITE))?;
    let place = Place::of_link(&link)?;
    let secret = link.secret.ok_or_else(|| problem::local(problem::NOT_AN_INVITE))?;
    let request = JoinRequest {
        client_id: ClientId(Uuid::now_v7()),
        secret,
        identity: identity.to_owned(),
        password: password.to_owned(),
        device_name: device_name.to_owned(),
    };
    enter(&place, JOIN, &request).await
}

/// Signs in with a password. `address` is `host`, `host:port`, `host:port#fingerprint` or a link of either kind.
///
/// # Errors
/// `not_an_address`, `newer_link`, `unreachable`, `timed_out`, `fingerprint_mismatch`, `fingerprint_unknown` (compare
/// it, then pass it behind the address), or the server's refusal: `wrong_password`, `deactivated`, `rate_limited`, ….
pub async fn sign_in(
    address: &str,
    identity: &str,
    password: &str,
    device_name: &str,
) -> Result<SignedIn, Problem> {
    let place = Place::read(address)?;
    let request = SignInRequest {
        client_id: ClientId(Uuid::now_v7()),
        identity: identity.to_owned(),
        password: password.to_owned(),
        device_name: device_name.to_owned(),
    };
    enter(&place, SIGN_IN, &request).await
}

/// Renews tokens without a client: for whoever keeps them elsewhere and brings access tokens by themselves. The new refresh token is to be
/// stored before it is used; the old one is good until then.
///
/// # Errors
/// `unreachable`, `timed_out`, `fingerprint_mismatch`, or the server's refusal: `denied`, `deactivated`, `storage_full`.
pub async fn refresh(account: &Account, refresh_token: &str) -> Result<TokenGrant, Problem> {
    let request = RefreshRequest { refresh_token: refresh_token.to_owned() };
    let dialled = dial_any(&account.routes()).await?;
    Ok(post(dialled, REFRESH, &request).await?)
}

/// Sends one request, again under the same `client_id` when the answer was lost on the way.
async fn enter(place: &Place, path: &str, request: &impl Serialize) -> Result<SignedIn, Problem> {
    let mut attempt = 1;
    loop {
        match ask(place, path, request).await {
            Ok((reached, grant)) => return Ok(signed_in(place, &reached, grant)),
            Err(error) if error.may_pass_soon() && attempt < ATTEMPTS => {
                tracing::debug!(%error, attempt, "signing in again");
                sleep(PAUSE * attempt).await;
                attempt += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
}

async fn ask(place: &Place, path: &str, request: &impl Serialize) -> Result<(Address, TokenGrant), NetError> {
    let routes: Vec<Route> = place
        .addresses
        .iter()
        .map(|address| Route { address: address.clone(), pin: place.fingerprint })
        .collect();
    let dialled = dial_any(&routes).await?;
    let reached = dialled.address.clone();
    Ok((reached, post(dialled, path, request).await?))
}

fn signed_in(place: &Place, reached: &Address, grant: TokenGrant) -> SignedIn {
    // The address that answered is the best hint there is.
    let addresses: Vec<String> =
        std::iter::once(reached).chain(&place.addresses).map(ToString::to_string).collect();
    let mut account = Account::of_grant(&grant, &addresses);
    if place.fingerprint.is_none() && !reached.is_loopback() {
        // An authority vouched for the key there, which need not be the workspace's own.
        account.fingerprint = None;
    }
    SignedIn { account, grant }
}
