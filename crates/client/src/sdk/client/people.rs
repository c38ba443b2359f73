//! Users: by identity, in batches, the directory, and subscriptions to their changes.

use std::sync::Arc;

use confab_protocol::method::{
    PushRegisterParams, PushUnregisterParams, UserGetParams, UserListParams, UserSetStatusParams,
};
use confab_protocol::model::{self, PushEvent, PushRegistration, UserStatus};
use confab_protocol::{ClientId, UserSid, limits};

use super::Client;
use crate::clock;
use crate::sdk::hub::{Hub, ask};
use crate::sdk::paginator::{Listing, Page, of_listing};
use crate::sdk::{Error, Paginator, User, check};

impl Client {
    /// A user, to whose changes one is subscribed from now on. One can be subscribed to a hundred: the first is crowded out first.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty identity; [`Error::NotFound`] when there is no such user.
    pub async fn user_by_identity(&self, identity: &str) -> Result<User, Error> {
        let identity = check::identity(identity)?;
        self.ready().await?;
        if let Some(user) = self.hub.held_user(identity) {
            return Ok(user);
        }
        let mut users = self.subscribe_users(&[identity]).await?;
        users.pop().ok_or(Error::NotFound { what: "user" })
    }

    /// Users by identity (1 to 50), without subscribing to them. Those that there are not are left out.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none, too many, or an empty identity.
    pub async fn users_by_identity(&self, identities: &[&str]) -> Result<Vec<User>, Error> {
        let rows = self.profiles(identities, &[]).await?;
        Ok(rows.iter().map(|row| self.hub.user_seen(row)).collect())
    }

    /// A user by SID, without subscribing to them.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn user_by_sid(&self, sid: impl Into<UserSid>) -> Result<User, Error> {
        let mut users = self.users_by_sid(&[sid.into()]).await?;
        users.pop().ok_or(Error::NotFound { what: "user" })
    }

    /// Users by SID (1 to 50), without subscribing to them. Those that there are not are left out.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none or too many.
    pub async fn users_by_sid(&self, sids: &[UserSid]) -> Result<Vec<User>, Error> {
        let rows = self.profiles(&[], sids).await?;
        Ok(rows.iter().map(|row| self.hub.user_seen(row)).collect())
    }

    /// Everybody in the workspace, fifty per page.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn directory(&self) -> Result<Paginator<User>, Error> {
        of_listing(Everybody(Arc::clone(&self.hub)), vec![None]).await
    }

    /// Those to whose changes one is subscribed: oneself first, then in the order in which that was.
    #[must_use]
    pub fn subscribed_users(&self) -> Vec<User> {
        self.hub.me().into_iter().chain(self.hub.subscribed()).collect()
    }

    /// Subscribes to the changes of users (1 to 50). Those that there are not are left out.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none, too many, or an empty identity.
    pub async fn subscribe_users(&self, identities: &[&str]) -> Result<Vec<User>, Error> {
        let rows = self.profiles(identities, &[]).await?;
        self.hub.subscribe_to(&rows).await
    }

    /// Ends subscriptions to users.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for none.
    pub async fn unsubscribe_users(&self, identities: &[&str]) -> Result<(), Error> {
        check::list("identities", identities, limits::INTEREST)?;
        let gone: Vec<String> = identities.iter().map(|identity| identity.to_lowercase()).collect();
        self.hub.unsubscribe_from(|user| gone.contains(&user.row.identity.to_lowercase())).await
    }

    /// Ends all subscriptions to users.
    ///
    /// # Errors
    /// [`Error::Ended`].
    pub async fn unsubscribe_from_all(&self) -> Result<(), Error> {
        self.hub.unsubscribe_from(|_| true).await
    }

    /// Says whether one is there, whatever one's connections say; none says nothing any more.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn set_status(&self, status: Option<UserStatus>) -> Result<(), Error> {
        ask!(self.hub, UserSetStatus(UserSetStatusParams { client_id: ClientId(clock::id()), status }))?;
        Ok(())
    }

    /// Registers this device for push notifications, and replaces what it had registered: what carries them (`apn`, `fcm`, or another),
    /// by what the carrier knows this device, and of what; none: of everything. One is notifiable as long as a device is registered.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty kind or token.
    pub async fn set_push_registration(
        &self,
        kind: &str,
        token: &str,
        events: Option<Vec<PushEvent>>,
    ) -> Result<PushRegistration, Error> {
        let params = PushRegisterParams {
            client_id: ClientId(clock::id()),
            kind: check::name("kind", kind, limits::IDENTITY_CHARS)?.to_owned(),
            token: check::name("token", token, limits::HTTP_BODY_BYTES)?.to_owned(),
            events,
        };
        Ok(ask!(self.hub, PushRegister(params))?.registration)
    }

    /// Ends this device's registration for push notifications.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn remove_push_registration(&self) -> Result<(), Error> {
        ask!(
            self.hub,
            PushUnregister(PushUnregisterParams { client_id: ClientId(clock::id()), device: None })
        )?;
        Ok(())
    }

    async fn profiles(&self, identities: &[&str], sids: &[UserSid]) -> Result<Vec<model::User>, Error> {
        if sids.is_empty() {
            check::list("identities", identities, limits::USER_BATCH)?;
        } else {
            check::list("sids", sids, limits::USER_BATCH)?;
        }
        let identities = identities.iter().map(|identity| Ok(check::identity(identity)?.to_owned()));
        let identities = identities.collect::<Result<Vec<_>, Error>>()?;
        Ok(ask!(self.hub, UserGet(UserGetParams { identities, users: sids.to_vec() }))?.users)
    }
}

#[derive(Clone)]
struct Everybody(Arc<Hub>);

impl Listing for Everybody {
    type Item = User;
    type Cursor = UserSid;

    async fn page(&self, after: Option<UserSid>) -> Result<Page<User, UserSid>, Error> {
        let page = ask!(self.0, UserList(UserListParams { after, ..UserListParams::default() }))?;
        let next = page.users.last().map(|row| row.sid).filter(|_| page.more);
        Ok((page.users.iter().map(|row| self.0.user_seen(row)).collect(), next))
    }
}
