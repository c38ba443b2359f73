//! The client: coming in, staying in, and everything that is not inside one conversation.

mod conversations;
mod media;
mod people;

pub use conversations::LeftConversation;

use std::sync::Arc;

use confab_core::view::ConnectionState;
use confab_protocol::ClientId;
use confab_protocol::method::{
    Nothing, RoleCreateParams, RoleDeleteParams, RoleUpdateParams, SettingSetParams,
};
use confab_protocol::model::{NamedRole, RoleType};
use confab_protocol::{RoleSid, limits};
use serde_json::Value;
use tokio::sync::mpsc;

use super::hub::{Hub, Scope, ask};
use super::{Config, Error, Event, Subscription, User, check};
use crate::actor::Program;
use crate::client::{Client as Driver, INBOX};
use crate::clock;
use crate::media::StagedFiles;

/// The name of the setting that holds one's private data.
const PRIVATE_DATA: &str = "private_data";

/// A client that is signed in as one person. Clones are handles of the same one; when the last is dropped, it ends as by
/// [`shutdown`](Self::shutdown). Handles of conversations and the like do not keep it alive: what they are asked afterwards
/// fails with [`Error::Ended`].
///
/// Every call waits for a connection, for a minute at most, and each changes something once at most, however often the
/// connection breaks meanwhile. Messages go through an outbox on the disk: they leave even if the program ends before.
#[derive(Debug, Clone)]
pub struct Client {
    driver: Driver,
    pub(super) hub: Arc<Hub>,
}

impl Client {
    /// The version of this SDK.
    pub const VERSION: &'static str = env!("CARGO_PKG_VERSION");

    /// Starts and waits until one's own user and all one's conversations are known.
    ///
    /// # Errors
    /// [`Error::Start`] when the directory cannot be used; [`Error::Refused`] when the server does not let this device in; as long as
    /// it cannot be reached, this waits.
    pub async fn create(config: Config) -> Result<Self, Error> {
        let client = Self::start(config).await?;
        client.ready().await?;
        Ok(client)
    }

    /// Starts without waiting: for whoever wants to see everything from the first connection on, or works without one. What was
    /// known when the client last ran is known again.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] when an access token is empty; [`Error::Start`] when the directory cannot be used.
    pub async fn start(config: Config) -> Result<Self, Error> {
        let Config { client: config, token } = config;
        if let Some(token) = &token {
            check::name("access_token", token, limits::HTTP_BODY_BYTES)?;
        }
        let (inbox, wishes) = mpsc::channel(INBOX);
        let hub = Hub::new(&config.account, StagedFiles::new(&config.directory), inbox.downgrade());
        let program = Program { hub: Arc::clone(&hub), token };
        let (driver, _) = Driver::run(config, (inbox, wishes), Some(program)).await?;
        Ok(Self { driver, hub })
    }

    /// Waits until one's own user and all one's conversations are known.
    ///
    /// # Errors
    /// As of [`create`](Self::create).
    pub async fn ready(&self) -> Result<(), Error> {
        self.hub.ready().await
    }

    /// Where the connection stands.
    #[must_use]
    pub fn connection_state(&self) -> ConnectionState {
        self.hub.connection()
    }

    /// Whether it is told who is there: always, of those that one is subscribed to.
    ///
    /// # Errors
    /// [`Error::Ended`] when there was no connection yet that could have said so.
    pub fn reachability_enabled(&self) -> Result<bool, Error> {
        if self.hub.is_ready() { Ok(true) } else { Err(Error::Ended) }
    }

    /// One's own user; none before the client was [ready](Self::ready) for the first time.
    #[must_use]
    pub fn user(&self) -> Option<User> {
        self.hub.me()
    }

    /// One's own identity.
    #[must_use]
    pub fn identity(&self) -> &str {
        &self.hub.identity
    }

    /// Uses another access token from now on. The same one again changes nothing.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty one; [`Error::Refused`] when the server does not take it: it has ended, or is of another
    /// person or device.
    pub async fn update_token(&self, access_token: &str) -> Result<(), Error> {
        let token = check::name("access_token", access_token, limits::HTTP_BODY_BYTES)?;
        self.hub.token(token.to_owned()).await
    }

    /// Ends: what was written is kept, the databases are closed, the server is told. All handles of this client end too.
    pub async fn shutdown(self) {
        self.driver.shutdown().await;
    }

    /// Ends and forgets this sign-in: the device is signed out, tokens and cache are deleted. What was not sent stays.
    pub async fn sign_out(self) {
        self.driver.sign_out().await;
    }

    /// Says that the network changed: the connection is tested, or tried, at once.
    pub fn nudge(&self) {
        self.driver.nudge();
    }

    /// Everything that happens from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription<Event> {
        self.hub.subscribe(None, Some)
    }

    /// First the last event of each kind that has happened, then everything that happens from now on.
    #[must_use]
    pub fn subscribe_with_replay(&self) -> Subscription<Event> {
        self.hub.subscribe(Some(Scope::Client), Some)
    }

    /// Free JSON of one's own that nobody else sees, the same on all one's devices; null when there is none.
    #[must_use]
    pub fn private_data(&self) -> Value {
        self.hub.setting(PRIVATE_DATA).unwrap_or_default()
    }

    /// Replaces one's private data; null forgets it.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 4 KiB.
    pub async fn set_private_data(&self, data: Value) -> Result<(), Error> {
        check::attributes(&data, limits::SETTING_BYTES)?;
        let params =
            SettingSetParams { client_id: ClientId(clock::id()), key: PRIVATE_DATA.to_owned(), value: data };
        ask!(self.hub, SettingSet(params))?;
        Ok(())
    }

    /// All roles with their permissions, the built-in ones first.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn roles(&self) -> Result<Vec<NamedRole>, Error> {
        Ok(ask!(self.hub, RoleList(Nothing {}))?.roles)
    }

    /// Makes a role of named permissions.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty name; [`Error::Refused`] for unknown permissions, or without the right to.
    pub async fn create_role(
        &self,
        friendly_name: &str,
        kind: RoleType,
        permissions: &[&str],
    ) -> Result<NamedRole, Error> {
        let name = check::name("friendly_name", friendly_name, limits::FRIENDLY_NAME_CHARS)?;
        let params = RoleCreateParams {
            client_id: ClientId(clock::id()),
            friendly_name: name.to_owned(),
            kind,
            permissions: permissions.iter().map(ToString::to_string).collect(),
        };
        Ok(ask!(self.hub, RoleCreate(params))?.role)
    }

    /// Replaces the permissions of a role, for all who have it.
    ///
    /// # Errors
    /// [`Error::Refused`] for a built-in one or for unknown permissions.
    pub async fn update_role(&self, role: RoleSid, permissions: &[&str]) -> Result<NamedRole, Error> {
        let params = RoleUpdateParams {
            client_id: ClientId(clock::id()),
            role,
            friendly_name: None,
            permissions: Some(permissions.iter().map(ToString::to_string).collect()),
        };
        Ok(ask!(self.hub, RoleUpdate(params))?.role)
    }

    /// Deletes a role.
    ///
    /// # Errors
    /// [`Error::Refused`] for a built-in one, and for one that somebody has.
    pub async fn delete_role(&self, role: RoleSid) -> Result<(), Error> {
        ask!(self.hub, RoleDelete(RoleDeleteParams { client_id: ClientId(clock::id()), role }))?;
        Ok(())
    }
}
