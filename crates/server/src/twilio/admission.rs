//! Who stands behind an access token.

use std::sync::atomic::Ordering::Relaxed;

use confab_domain::account::{authenticate, find};
use confab_domain::row::UserRow;
use confab_domain::{Actor, DomainResult, Event, Ids, Read, Tx};
use confab_protocol::{DeviceSid, ErrorCode, Timestamp};

use super::defaults::admitted;
use super::keys;
use super::problem::Problem;
use super::token::{self, TokenError};
use crate::clock;
use crate::node::Node;

/// What a good token says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Bearer {
    /// Who.
    pub(super) identity: String,
    /// On which device, when it is a token of this server's own.
    pub(super) device: Option<DeviceSid>,
    /// The key that vouches for it, when it is a back end's.
    pub(super) key: Option<String>,
    /// Until when.
    pub(super) expires_at: Timestamp,
    /// How many keys had ended before it was looked for.
    ended_keys: u64,
}

/// Reads a token: one that a key of the workspace has signed, or one of this server's own, which are of the same form.
///
/// # Errors
/// With Twilio's numbers: see [`token::TokenError`].
pub(super) async fn bearer(node: &Node, text: &str) -> Result<Bearer, Problem> {
    let (now, ended_keys) = (clock::now(), node.ended_keys.load(Relaxed));
    match node.keys.verify(text, now) {
        Ok(claim) => {
            let (identity, expires_at) = (claim.identity, claim.expires_at);
            return Ok(Bearer { identity, device: Some(claim.device), key: None, expires_at, ended_keys });
        }
        Err(error) if error.code == ErrorCode::TokenExpired => return Err(error.into()),
        Err(_) => {}
    }
    let text = text.to_owned();
    let access = node.readers.read(move |read| Ok(token::verify(&text, now, read))).await??;
    let (identity, key, expires_at) = (access.identity, Some(access.key_sid), access.expires_at);
    Ok(Bearer { identity, device: None, key, expires_at, ended_keys })
}

/// The one who acts beside a session.
///
/// # Errors
/// As [`bearer`], and what [`Bearer::enter`] refuses.
pub(super) async fn actor(node: &Node, text: &str) -> Result<Actor, Problem> {
    if node.is_stopping() {
        return Err(ErrorCode::Unavailable.into());
    }
    let bearer = bearer(node, text).await?;
    let asked = bearer.clone();
    let known = node.readers.read(move |read| asked.known(read)).await?;
    if let Some(actor) = known {
        return Ok(actor);
    }
    Ok(node.writer.call(move |tx, now, ids| bearer.enter(now, ids, tx)).await?)
}

/// The key that a session was let in by, and whether it still stands. Looked up again only when some key has ended since.
pub(super) struct Voucher {
    key: Option<String>,
    ended: u64,
}

impl Voucher {
    /// What vouches for a bearer who comes in now.
    pub(super) fn of(bearer: &Bearer) -> Self {
        Self { key: bearer.key.clone(), ended: bearer.ended_keys }
    }

    /// Whether it still does. What cannot be looked up is looked up the next time.
    pub(super) async fn stands(&mut self, node: &Node) -> bool {
        let ended = node.ended_keys.load(Relaxed);
        let Some(key) = self.key.clone().filter(|_| ended != self.ended) else { return true };
        let found = node.readers.read(move |read| Ok(keys::find(&key, read)?.is_some())).await;
        if found.is_ok() {
            self.ended = ended;
        }
        found.unwrap_or(true)
    }
}

impl From<TokenError> for Problem {
    fn from(error: TokenError) -> Self {
        let status = if matches!(error, TokenError::Store(_)) { 503 } else { 401 };
        Self::new(status, error.code(), error.to_string())
    }
}

impl Bearer {
    /// The one who acts, when they have been here before.
    fn known(&self, read: &dyn Read) -> DomainResult<Option<Actor>> {
        let Some(user) = find(&self.identity, read)? else { return Ok(None) };
        self.actor(user, read).map(Some)
    }

    fn actor(&self, user: UserRow, read: &dyn Read) -> DomainResult<Actor> {
        if let Some(device) = self.device {
            return Ok(authenticate(user.sid, device, read)?.0);
        }
        if user.deactivated {
            return Err(ErrorCode::Deactivated.into());
        }
        let (workspace, identity, role) = (read.scope(), user.identity, user.role);
        Ok(Actor { workspace, user: user.sid, identity, role, device: None })
    }

    /// The one who acts. Whoever comes for the first time is made a user: the key that signed the token vouches for them.
    ///
    /// # Errors
    /// `denied` when the device was signed out, `deactivated`, `invalid_params` for the identity.
    pub(super) fn enter(
        &self,
        now: Timestamp,
        ids: &mut dyn Ids,
        tx: &mut dyn Tx,
    ) -> DomainResult<(Actor, Vec<Event>)> {
        let (user, told) = admitted(&self.identity, now, ids, tx)?;
        Ok((self.actor(user, tx)?, told))
    }
}
