//! What a client needs to start, and where refresh tokens are kept by those who have no keyring.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use confab_protocol::http::TokenGrant;

use super::cells::lock;
use crate::account::Account;
use crate::client::ClientConfig;
use crate::sign_in::SignedIn;
use crate::tokens::{TokenStore, TokenStoreError};

/// What a [`Client`](super::Client) needs to start.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let (link, directory) = (world.link().await, world.directory());
/// use confab_client::sdk::{Client, Config};
///
/// // `link` is one of the workspace, or its address, such as `chat.example.org`.
/// let signed_in = confab_client::sign_in(&link, "Ada", "correct horse", "a server room")
///     .await
///     .map_err(|problem| problem.code)?;
/// let client = Client::create(Config::signed_in(directory, signed_in)).await?;
/// assert_eq!(client.identity(), "Ada");
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Config {
    pub(super) client: ClientConfig,
    pub(super) token: Option<String>,
}

impl Config {
    /// For a sign-in that has just happened. Its refresh token is kept in memory: the next start signs in again, or uses
    /// [`tokens`](Self::tokens) to keep it elsewhere.
    ///
    /// `directory` holds the client's databases, and is made when it is not there. One client at a time uses it.
    pub fn signed_in(directory: impl Into<PathBuf>, signed_in: SignedIn) -> Self {
        let SignedIn { account, grant } = signed_in;
        Self::new(directory.into(), account, Arc::new(MemoryTokens::default()), Some(grant))
    }

    /// For an account that signed in before, with the store that kept its refresh token.
    pub fn returning(directory: impl Into<PathBuf>, account: Account, tokens: Arc<dyn TokenStore>) -> Self {
        Self::new(directory.into(), account, tokens, None)
    }

    /// For whoever makes access tokens by themselves: the client never renews this one. On
    /// [`Event::TokenAboutToExpire`](super::Event::TokenAboutToExpire) it wants another one, by
    /// [`update_token`](super::Client::update_token).
    pub fn with_access_token(
        directory: impl Into<PathBuf>,
        account: Account,
        access_token: impl Into<String>,
    ) -> Self {
        let tokens = Arc::new(MemoryTokens::default());
        Self { token: Some(access_token.into()), ..Self::new(directory.into(), account, tokens, None) }
    }

    /// The same with another place for the refresh token.
    #[must_use]
    pub fn tokens(mut self, tokens: Arc<dyn TokenStore>) -> Self {
        self.client.tokens = tokens;
        self
    }

    fn new(
        directory: PathBuf,
        account: Account,
        tokens: Arc<dyn TokenStore>,
        grant: Option<TokenGrant>,
    ) -> Self {
        Self { client: ClientConfig { directory, account, tokens, grant }, token: None }
    }
}

impl std::fmt::Debug for Config {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Config").field("directory", &self.client.directory).finish_non_exhaustive()
    }
}

/// Keeps a refresh token for as long as the process lives.
#[derive(Default)]
pub struct MemoryTokens(Mutex<Option<String>>);

impl TokenStore for MemoryTokens {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        Ok(lock(&self.0).clone())
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        *lock(&self.0) = Some(refresh_token.to_owned());
        Ok(())
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        *lock(&self.0) = None;
        Ok(())
    }
}

impl std::fmt::Debug for MemoryTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("MemoryTokens(…)")
    }
}
