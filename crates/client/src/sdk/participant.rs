//! Participants.

use std::fmt;
use std::sync::Arc;

use confab_protocol::method::{Nothing, ParticipantUpdateParams};
use confab_protocol::model::{self, MembershipStatus, ParticipantFlags, Role};
use confab_protocol::{ClientId, ParticipantSid, RoleSid, Timestamp, limits};
use serde_json::Value;

use super::cells::{ConversationCell, ParticipantCell, lock};
use super::events::{Event, ParticipantEvent};
use super::hub::{Hub, Scope, ask};
use super::{Conversation, Error, Subscription, User, check};
use crate::clock;

/// Somebody in a conversation. Live: what is read of it is how things stand.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let (client, _ben) = (world.ada().await, world.join("Ben").await);
/// use serde_json::json;
///
/// let conversation = client.create_conversation().create().await?;
/// let ben = conversation.add("Ben", Some(json!({"shift": "day"}))).await?;
/// ben.update_attributes(json!({"shift": "night"})).await?;
/// assert_eq!(ben.attributes(), json!({"shift": "night"}));
/// assert!(ben.flags().await?.can_write);
///
/// ben.remove().await?;
/// assert_eq!(conversation.participants_count().await?, 1);
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Participant {
    pub(super) hub: Arc<Hub>,
    pub(super) conversation: Arc<ConversationCell>,
    pub(super) cell: Arc<ParticipantCell>,
}

/// What a participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParticipantKind {
    /// A user of the workspace.
    Chat,
}

impl Participant {
    fn read<R>(&self, look: impl FnOnce(&model::Participant) -> R) -> R {
        self.cell.data.read(look)
    }

    /// The conversation.
    #[must_use]
    pub fn conversation(&self) -> Conversation {
        self.hub.conversation(Arc::clone(&self.conversation))
    }

    /// The identifier of this participation: somebody who comes back has another.
    #[must_use]
    pub fn sid(&self) -> ParticipantSid {
        self.read(|row| row.sid)
    }

    /// The user's identity.
    #[must_use]
    pub fn identity(&self) -> String {
        self.read(|row| row.identity.clone())
    }

    /// What they are.
    #[must_use]
    pub fn kind(&self) -> ParticipantKind {
        ParticipantKind::Chat
    }

    /// Free JSON of the application.
    #[must_use]
    pub fn attributes(&self) -> Value {
        self.read(|row| row.attributes.clone())
    }

    /// When they came in.
    #[must_use]
    pub fn date_created(&self) -> Timestamp {
        self.read(|row| row.date_created)
    }

    /// When anything of them last changed.
    #[must_use]
    pub fn date_updated(&self) -> Timestamp {
        self.read(|row| row.date_updated)
    }

    /// Index up to which they have read; none when never set.
    #[must_use]
    pub fn last_read_message_index(&self) -> Option<u64> {
        self.read(|row| row.last_read_message_index)
    }

    /// Sequence of the event up to which they have read; 0 for nothing.
    #[must_use]
    pub fn last_read_event_sequence(&self) -> u64 {
        self.read(|row| row.last_read_event_seq)
    }

    /// When they last read.
    #[must_use]
    pub fn last_read_timestamp(&self) -> Option<Timestamp> {
        self.read(|row| row.last_read_timestamp)
    }

    /// Their role in the conversation.
    #[must_use]
    pub fn role_sid(&self) -> Option<RoleSid> {
        self.read(|row| row.role_sid)
    }

    /// They are in the conversation now.
    #[must_use]
    pub fn is_joined(&self) -> bool {
        self.read(|row| row.status == MembershipStatus::Joined)
    }

    /// They type.
    #[must_use]
    pub fn is_typing(&self) -> bool {
        lock(&self.conversation.roster).typists.contains(&self.identity())
    }

    /// What they may do, as Voximplant's seven flags: those that are set for them, otherwise those that their role amounts to.
    ///
    /// # Errors
    /// What the server refuses.
    pub async fn flags(&self) -> Result<ParticipantFlags, Error> {
        if let Some(flags) = self.read(|row| row.flags) {
            return Ok(flags);
        }
        let built_in =
            if self.read(|row| row.role) == Role::Owner { RoleSid::OWNER } else { RoleSid::PARTICIPANT };
        let role = self.role_sid().unwrap_or(built_in);
        let roles = ask!(self.hub, RoleList(Nothing {}))?.roles;
        let role =
            roles.into_iter().find(|known| known.sid == role).ok_or(Error::NotFound { what: "role" })?;
        let may = |permission: &str| role.permissions.iter().any(|name| name == permission);
        Ok(ParticipantFlags {
            can_write: may("sendMessage"),
            can_edit: may("editOwnMessage"),
            can_edit_all: may("editAnyMessage"),
            can_remove: may("deleteOwnMessage"),
            can_remove_all: may("deleteAnyMessage"),
            can_manage_participants: may("addParticipant") && may("removeParticipant"),
            owner: may("deleteConversation"),
        })
    }

    /// The user, to whose changes one is subscribed from now on.
    ///
    /// # Errors
    /// As of [`Client::user_by_identity`](super::Client::user_by_identity).
    pub async fn user(&self) -> Result<User, Error> {
        let identity = self.identity();
        if let Some(user) = self.hub.held_user(&identity) {
            return Ok(user);
        }
        let params = confab_protocol::method::UserGetParams { identities: vec![identity], users: Vec::new() };
        let rows = ask!(self.hub, UserGet(params))?.users;
        let mut users = self.hub.subscribe_to(&rows).await?;
        users.pop().ok_or(Error::NotFound { what: "user" })
    }

    /// Removes them from the conversation.
    ///
    /// # Errors
    /// [`Error::Refused`] without the permission to, or when they are not in it any more.
    pub async fn remove(&self) -> Result<(), Error> {
        self.conversation().remove_participant(self).await
    }

    /// Replaces their attributes as a whole.
    ///
    /// # Errors
    /// [`Error::InvalidArgument`] over 4 KiB; [`Error::Refused`].
    pub async fn update_attributes(&self, attributes: Value) -> Result<(), Error> {
        check::attributes(&attributes, limits::ATTRIBUTES_BYTES)?;
        self.update(ParticipantUpdateParams { attributes: Some(attributes), ..self.nothing() }).await
    }

    /// Gives them another role in the conversation; ends flags.
    ///
    /// # Errors
    /// [`Error::Refused`].
    pub async fn set_role(&self, role: RoleSid) -> Result<(), Error> {
        self.update(ParticipantUpdateParams { role_sid: Some(role), ..self.nothing() }).await
    }

    /// Sets what they may do, whatever their role says.
    ///
    /// # Errors
    /// [`Error::Refused`]: nobody gives what they may not do themselves.
    pub async fn set_flags(&self, flags: ParticipantFlags) -> Result<(), Error> {
        self.update(ParticipantUpdateParams { flags: Some(flags), ..self.nothing() }).await
    }

    fn nothing(&self) -> ParticipantUpdateParams {
        let new = ParticipantUpdateParams::new(ClientId(clock::id()), self.conversation.sid);
        ParticipantUpdateParams { participant: Some(self.sid()), ..new }
    }

    async fn update(&self, params: ParticipantUpdateParams) -> Result<(), Error> {
        let row = ask!(self.hub, ParticipantUpdate(params))?.participant;
        self.hub.take_rows(&self.conversation, std::slice::from_ref(&row));
        Ok(())
    }

    /// What happens to them from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription<ParticipantEvent> {
        self.events(false)
    }

    /// First the last event of each kind that has happened, then what happens from now on.
    #[must_use]
    pub fn subscribe_with_replay(&self) -> Subscription<ParticipantEvent> {
        self.events(true)
    }

    fn events(&self, replay: bool) -> Subscription<ParticipantEvent> {
        let sid = self.sid();
        self.hub.subscribe(replay.then_some(Scope::Participant(sid)), move |event| match event {
            Event::TypingStarted(them) if them.sid() == sid => Some(ParticipantEvent::TypingStarted),
            Event::TypingEnded(them) if them.sid() == sid => Some(ParticipantEvent::TypingEnded),
            Event::ParticipantUpdated { participant, reasons } if participant.sid() == sid => {
                Some(ParticipantEvent::Updated { reasons })
            }
            Event::Missed { count } => Some(ParticipantEvent::Missed { count }),
            _ => None,
        })
    }
}

impl PartialEq for Participant {
    fn eq(&self, other: &Self) -> bool {
        self.sid() == other.sid()
    }
}

impl Eq for Participant {}

impl fmt::Debug for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Participant")
            .field("sid", &self.sid())
            .field("identity", &self.identity())
            .finish_non_exhaustive()
    }
}
