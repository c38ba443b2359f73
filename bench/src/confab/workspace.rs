//! People of one workspace, wherever it is served: by `confab-server` or by the app.

use std::net::SocketAddr;

use anyhow::Context as _;

use super::account::Account;
use super::session::Session;

/// A workspace with the accounts made for the load.
#[derive(Debug)]
pub(crate) struct Workspace {
    address: SocketAddr,
    accounts: Vec<Account>,
}

impl Workspace {
    /// Redeems an invite so many times, each time as another user.
    pub(crate) async fn join(address: SocketAddr, secret: &str, users: usize) -> anyhow::Result<Self> {
        let mut accounts = Vec::new();
        for user in 0..users {
            accounts.push(Account::join(address, secret, user).await?);
        }
        Ok(Self { address, accounts })
    }

    /// It is served elsewhere from now on.
    pub(crate) fn moved_to(&mut self, address: SocketAddr) {
        self.address = address;
    }

    /// Where it is served.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// How many people there are.
    pub(crate) fn users(&self) -> usize {
        self.accounts.len()
    }

    /// A new connection of a user.
    pub(crate) async fn session(&mut self, user: usize) -> anyhow::Result<Session> {
        let account = self.accounts.get_mut(user).context("no such user")?;
        Session::open(self.address, user, account.token(self.address).await?).await
    }
}
