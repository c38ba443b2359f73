//! Users.

use std::fmt;
use std::sync::Arc;

use confab_protocol::method::UserUpdateParams;
use confab_protocol::model::{Role, UserStatus};
use confab_protocol::{ClientId, RoleSid, UserSid, limits};
use serde_json::Value;

use super::cells::{UserCell, UserData};
use super::events::{Event, UserEvent};
use super::hub::{Hub, Scope, ask};
use super::{Error, Subscription, check};
use crate::clock;

/// A user of the workspace. Live while one is subscribed to them: what is read of it is how things stand.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let (client, there) = (world.ada().await, world.join("Ben").await);
/// use confab_client::sdk::{UserEvent, UserUpdateReason};
///
/// let ben = client.user_by_identity("ben").await?;
/// assert_eq!((ben.identity(), ben.is_subscribed()), ("Ben".to_owned(), true));
/// let mut changes = ben.subscribe();
/// # there.user().ok_or("ready")?.update_friendly_name("Benjamin").await?;
/// let renamed = |event| match event {
///     UserEvent::Updated { reasons } => reasons.contains(&UserUpdateReason::FriendlyName).then_some(()),
///     _ => None,
/// };
/// changes.find(renamed).await?;
/// assert_eq!(ben.friendly_name(), "Benjamin");
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct User {
    pub(super) hub: Arc<Hub>,
    pub(super) cell: Arc<UserCell>,
}

impl User {
    fn read<R>(&self, look: impl FnOnce(&UserData) -> R) -> R {
        self.cell.data.read(look)
    }

    /// Their identifier.
    #[must_use]
    pub fn sid(&self) -> UserSid {
        self.read(|data| data.row.sid)
    }

    /// Unique in the workspace without regard to case.
    #[must_use]
    pub fn identity(&self) -> String {
        self.read(|data| data.row.identity.clone())
    }

    /// The name that people see.
    #[must_use]
    pub fn friendly_name(&self) -> String {
        self.read(|data| data.row.friendly_name.clone())
    }

    /// Free JSON of the application.
    #[must_use]
    pub fn attributes(&self) -> Value {
        self.read(|data| data.row.attributes.clone())
    }

    /// Whether they have a live connection; none when one is not subscribed to them.
    #[must_use]
    pub fn is_online(&self) -> Option<bool> {
        self.read(|data| data.online)
    }

    /// Whether push notifications reach a device of theirs; none when one is not subscribed to them.
    #[must_use]
    pub fn is_notifiable(&self) -> Option<bool> {
        self.read(|data| data.subscribed.then_some(data.row.notifiable))
    }

    /// What they say of being there; none when they say nothing.
    #[must_use]
    pub fn status(&self) -> Option<UserStatus> {
        self.read(|data| data.row.status)
    }

    /// Whether their changes are told.
    #[must_use]
    pub fn is_subscribed(&self) -> bool {
        self.read(|data| data.subscribed)
    }

    /// They may not sign in any more. Users are never deleted.
    #[must_use]
    pub fn is_deactivated(&self) -> bool {
        self.read(|data| data.row.deactivated)
    }

    /// Their role in the workspace, when it is a built-in one.
    #[must_use]
    pub fn role(&self) -> Role {
        self.read(|data| data.row.role)
    }

    /// Their role in the workspace.
    #[must_use]
    pub fn role_sid(&self) -> Option<RoleSid> {
        self.read(|data| data.row.role_sid)
    }

    /// Changes the name that people see: one's own, or somebody's with the permission to.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] for an empty or long one; [`Error::Unsubscribed`]; [`Error::Refused`].
    pub async fn update_friendly_name(&self, friendly_name: &str) -> Result<(), Error> {
        let name = check::name("friendly_name", friendly_name, limits::FRIENDLY_NAME_CHARS)?.to_owned();
        if name == self.friendly_name() && self.is_subscribed() {
            return Ok(());
        }
        self.update(UserUpdateParams { friendly_name: Some(name), ..self.nothing() }).await
    }

    /// Replaces their attributes as a whole.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 4 KiB; [`Error::Unsubscribed`]; [`Error::Refused`].
    pub async fn update_attributes(&self, attributes: Value) -> Result<(), Error> {
        check::attributes(&attributes, limits::ATTRIBUTES_BYTES)?;
        self.update(UserUpdateParams { attributes: Some(attributes), ..self.nothing() }).await
    }

    /// Gives them another role in the workspace.
    ///
    /// # Errors
    /// [`Error::Unsubscribed`]; [`Error::Refused`] without the permission to, or for a role of conversations.
    pub async fn set_role(&self, role: RoleSid) -> Result<(), Error> {
        self.update(UserUpdateParams { role: Some(role), ..self.nothing() }).await
    }

    fn nothing(&self) -> UserUpdateParams {
        let is_me = self.identity() == self.hub.identity;
        UserUpdateParams {
            user: (!is_me).then(|| self.sid()),
            ..UserUpdateParams::new(ClientId(clock::id()))
        }
    }

    async fn update(&self, params: UserUpdateParams) -> Result<(), Error> {
        if !self.is_subscribed() {
            return Err(Error::Unsubscribed);
        }
        ask!(self.hub, UserUpdate(params))?;
        Ok(())
    }

    /// Ends the subscription: what is read of them from now on is how things stood, and they cannot be changed by this handle.
    /// One's own user stays.
    ///
    /// # Errors
    /// [`Error::Ended`].
    pub async fn unsubscribe(&self) -> Result<(), Error> {
        let sid = self.sid();
        self.hub.unsubscribe_from(|user| user.row.sid == sid).await
    }

    /// What happens to them from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription<UserEvent> {
        self.events(false)
    }

    /// First the last event of each kind that has happened, then what happens from now on.
    #[must_use]
    pub fn subscribe_with_replay(&self) -> Subscription<UserEvent> {
        self.events(true)
    }

    fn events(&self, replay: bool) -> Subscription<UserEvent> {
        let sid = self.sid();
        self.hub.subscribe(replay.then_some(Scope::User(sid)), move |event| match event {
            Event::UserUpdated { user, reasons } if user.sid() == sid => Some(UserEvent::Updated { reasons }),
            Event::UserSubscribed(user) if user.sid() == sid => Some(UserEvent::Subscribed),
            Event::UserUnsubscribed(user) if user.sid() == sid => Some(UserEvent::Unsubscribed),
            Event::Missed { count } => Some(UserEvent::Missed { count }),
            _ => None,
        })
    }
}

impl PartialEq for User {
    fn eq(&self, other: &Self) -> bool {
        self.sid() == other.sid()
    }
}

impl Eq for User {}

impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("User").field("identity", &self.identity()).finish_non_exhaustive()
    }
}
