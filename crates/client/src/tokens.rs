//! Tokens: where the refresh token is kept, and how access tokens come from it.

use std::sync::Arc;

use confab_protocol::http::{REFRESH, RefreshRequest, TokenGrant};
use confab_protocol::{ErrorCode, WireError};
use tokio::task::spawn_blocking;

use crate::net::{NetError, Route, dial_any, post};

/// A keyring that did not do as asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the keyring failed: {reason}")]
pub struct TokenStoreError {
    /// What it said; never a token.
    pub reason: String,
}

/// Where the refresh token is kept between two starts. Calls may block; they are made on a thread of their own.
pub trait TokenStore: Send + Sync {
    /// The token; none when there is none.
    ///
    /// # Errors
    /// When the keyring cannot be asked now: that is not the same as having none.
    fn load(&self) -> Result<Option<String>, TokenStoreError>;

    /// Replaces the token.
    ///
    /// # Errors
    /// When it could not be stored safely.
    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError>;

    /// Forgets the token.
    ///
    /// # Errors
    /// When it could not be removed.
    fn clear(&self) -> Result<(), TokenStoreError>;
}

/// Why there is no new access token.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RefreshError {
    /// The keyring cannot be asked now.
    #[error(transparent)]
    Store(#[from] TokenStoreError),
    /// The server could not be asked, or refused.
    #[error(transparent)]
    Net(#[from] NetError),
}

/// The tokens of one account. Used by one task at a time.
pub(crate) struct Tokens {
    store: Arc<dyn TokenStore>,
    /// The grant of a sign-in that has just happened, not used yet.
    fresh: Option<TokenGrant>,
    /// A refresh token that the store did not take. The server lets it stand until its successor is used.
    unsaved: Option<String>,
}

impl Tokens {
    /// Tokens kept in `store`; the refresh token of `fresh` is not there yet.
    pub(crate) fn new(store: Arc<dyn TokenStore>, fresh: Option<TokenGrant>) -> Self {
        let unsaved = fresh.as_ref().map(|grant| grant.refresh_token.clone());
        Self { store, fresh, unsaved }
    }

    /// Tries again to store what the store has not taken yet.
    pub(crate) async fn settle(&mut self) {
        if let Some(token) = self.unsaved.clone() {
            self.keep(token.clone(), token).await;
        }
    }

    /// An access token, by way of the refresh token if need be. That one has expired is the server's word alone: the clock of
    /// this computer may be hours off.
    pub(crate) async fn access(&mut self, routes: &[Route]) -> Result<TokenGrant, RefreshError> {
        self.settle().await;
        match self.fresh.take() {
            Some(grant) => Ok(grant),
            None => self.refresh(routes).await,
        }
    }

    /// The new refresh token is stored before either is used. When the store does not take it, the old one goes on
    /// being used, which stays good as long as its successor was not.
    async fn refresh(&mut self, routes: &[Route]) -> Result<TokenGrant, RefreshError> {
        let token = match &self.unsaved {
            Some(token) => token.clone(),
            None => self.load().await?.ok_or(NetError::Refused(WireError::new(ErrorCode::Denied)))?,
        };
        let dialled = dial_any(routes).await?;
        let request = RefreshRequest { refresh_token: token.clone() };
        let grant: TokenGrant = post(dialled, REFRESH, &request).await?;
        self.keep(grant.refresh_token.clone(), token).await;
        Ok(grant)
    }

    /// Stores `token`, or stays with `instead`.
    async fn keep(&mut self, token: String, instead: String) {
        self.unsaved = self.save(token).await.err().map(|_| instead);
    }

    /// Forgets the tokens.
    pub(crate) async fn clear(&mut self) {
        self.unsaved = None;
        self.fresh = None;
        let store = Arc::clone(&self.store);
        if let Err(error) = blocking(move || store.clear()).await {
            tracing::warn!(%error, "the refresh token stays in the keyring");
        }
    }

    async fn load(&self) -> Result<Option<String>, TokenStoreError> {
        let store = Arc::clone(&self.store);
        blocking(move || store.load()).await
    }

    async fn save(&self, token: String) -> Result<(), TokenStoreError> {
        let store = Arc::clone(&self.store);
        let saved = blocking(move || store.save(&token)).await;
        if let Err(error) = &saved {
            tracing::warn!(%error, "the keyring does not take the refresh token");
        }
        saved
    }
}

async fn blocking<T: Send + 'static>(
    call: impl FnOnce() -> Result<T, TokenStoreError> + Send + 'static,
) -> Result<T, TokenStoreError> {
    let ended = |error: tokio::task::JoinError| TokenStoreError { reason: error.to_string() };
    spawn_blocking(call).await.map_err(ended)?
}
