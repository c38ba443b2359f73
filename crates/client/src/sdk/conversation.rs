//! Conversations.

mod changes;
mod messages;
mod participants;
mod reading;

pub use changes::ConversationUpdate;
pub use messages::{From, Replay};
pub use participants::ParticipantRef;

use std::fmt;
use std::sync::Arc;

use confab_protocol::method::ConversationCountsResult;
use confab_protocol::method::{ConversationParams, MediaLimitsResult};
use confab_protocol::model::{
    ConversationState, LastMessage, MembershipStatus, NotificationLevel, Role, Timers,
};
use confab_protocol::{ConversationSid, RoleSid, Timestamp};
use serde_json::Value;
use uuid::Uuid;

use super::cells::{ConversationCell, ConversationData};
use super::events::{ConversationEvent, Event};
use super::hub::{Hub, Scope, ask};
use super::{Error, Subscription};

/// A conversation. Live while one is in it: what is read of it is how things stand.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let client = world.ada().await;
/// let conversation = client.create_conversation().friendly_name("Harbour").create().await?;
/// conversation.send_message("Low water at noon.").await?.await?;
/// assert_eq!(conversation.messages_count().await?, 1);
///
/// let other_handle = client.conversation(conversation.sid()).await?;
/// conversation.update_friendly_name(Some("Quay")).await?;
/// assert_eq!(other_handle.friendly_name().as_deref(), Some("Quay"));
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct Conversation {
    pub(super) hub: Arc<Hub>,
    pub(super) cell: Arc<ConversationCell>,
}

impl Conversation {
    fn read<R>(&self, look: impl FnOnce(&ConversationData) -> R) -> R {
        self.cell.data.read(look)
    }

    /// Its identifier, for ever.
    #[must_use]
    pub fn sid(&self) -> ConversationSid {
        self.cell.sid
    }

    /// The same as a UUID.
    #[must_use]
    pub fn uuid(&self) -> Uuid {
        self.cell.sid.0
    }

    /// The name that people see.
    #[must_use]
    pub fn friendly_name(&self) -> Option<String> {
        self.read(|data| data.row.friendly_name.clone())
    }

    /// A name that is unique in the workspace.
    #[must_use]
    pub fn unique_name(&self) -> Option<String> {
        self.read(|data| data.row.unique_name.clone())
    }

    /// Free JSON of the application.
    #[must_use]
    pub fn attributes(&self) -> Value {
        self.read(|data| data.row.attributes.clone())
    }

    /// Identity of who made it.
    #[must_use]
    pub fn created_by(&self) -> String {
        self.read(|data| data.row.created_by.clone())
    }

    /// When it was made.
    #[must_use]
    pub fn date_created(&self) -> Timestamp {
        self.read(|data| data.row.date_created)
    }

    /// When it last changed, messages not counted.
    #[must_use]
    pub fn date_updated(&self) -> Timestamp {
        self.read(|data| data.row.date_updated)
    }

    /// Where and when its newest message stands; none when there never was one.
    #[must_use]
    pub fn last_message(&self) -> Option<LastMessage> {
        self.read(|data| data.row.last_message)
    }

    /// Sequence of the last event of its log.
    #[must_use]
    pub fn last_event_sequence(&self) -> u64 {
        self.read(|data| data.row.version)
    }

    /// One's own read horizon, as the index of a message; none when never set.
    #[must_use]
    pub fn last_read_message_index(&self) -> Option<u64> {
        self.read(|data| data.me.as_ref()?.unread.horizon)
    }

    /// One's own read horizon, as the sequence of an event; 0 for nothing.
    #[must_use]
    pub fn last_read_event_sequence(&self) -> u64 {
        self.read(|data| data.me.as_ref().map_or(0, |me| me.last_read_event_seq))
    }

    /// Whether it may notify.
    #[must_use]
    pub fn notification_level(&self) -> NotificationLevel {
        self.read(|data| data.me.as_ref().map(|me| me.notification_level).unwrap_or_default())
    }

    /// Where it stands in its life.
    #[must_use]
    pub fn state(&self) -> ConversationState {
        self.read(|data| data.row.state)
    }

    /// When that last changed.
    #[must_use]
    pub fn date_state_updated(&self) -> Timestamp {
        self.read(|data| data.row.date_state_updated)
    }

    /// When it changes its state by itself.
    #[must_use]
    pub fn timers(&self) -> Timers {
        self.read(|data| data.row.timers.clone())
    }

    /// Whether one is a participant of it.
    #[must_use]
    pub fn status(&self) -> MembershipStatus {
        self.read(|data| data.me.as_ref().map_or(MembershipStatus::NotParticipating, |me| me.status))
    }

    /// One's own role in it, when it is a built-in one.
    #[must_use]
    pub fn role(&self) -> Role {
        self.read(|data| data.me.as_ref().map(|me| me.role).unwrap_or_default())
    }

    /// One's own role in it.
    #[must_use]
    pub fn role_sid(&self) -> Option<RoleSid> {
        self.read(|data| data.me.as_ref()?.role_sid)
    }

    /// Of exactly two people, for ever.
    #[must_use]
    pub fn is_direct(&self) -> bool {
        self.read(|data| data.row.direct)
    }

    /// Whoever knows its SID may join.
    #[must_use]
    pub fn is_public_join(&self) -> bool {
        self.read(|data| data.row.public_join)
    }

    /// Participants see only what was posted while they were in it.
    #[must_use]
    pub fn is_uber(&self) -> bool {
        self.read(|data| data.row.uber)
    }

    /// How many files of what size and type one message may have.
    ///
    /// # Errors
    /// [`Error::TimedOut`].
    pub async fn limits(&self) -> Result<MediaLimitsResult, Error> {
        self.hub.media_limits().await
    }

    /// How many participants it has, exact when it was counted.
    ///
    /// # Errors
    /// [`Error::Refused`] when one is not in it.
    pub async fn participants_count(&self) -> Result<u64, Error> {
        Ok(self.counts().await?.participants)
    }

    /// How many messages there are that one may see, exact when it was counted.
    ///
    /// # Errors
    /// [`Error::Refused`] when one is not in it.
    pub async fn messages_count(&self) -> Result<u64, Error> {
        Ok(self.counts().await?.messages)
    }

    async fn counts(&self) -> Result<ConversationCountsResult, Error> {
        ask!(self.hub, ConversationCounts(ConversationParams { conversation: self.sid() }))
    }

    /// What happens in it from now on.
    #[must_use]
    pub fn subscribe(&self) -> Subscription<ConversationEvent> {
        self.events(false)
    }

    /// First the last event of each kind that has happened, then what happens from now on.
    #[must_use]
    pub fn subscribe_with_replay(&self) -> Subscription<ConversationEvent> {
        self.events(true)
    }

    fn events(&self, replay: bool) -> Subscription<ConversationEvent> {
        let sid = self.sid();
        self.hub.subscribe(replay.then_some(Scope::Conversation(sid)), move |event| in_it(sid, event))
    }
}

/// An event as one of a conversation, when it is.
fn in_it(sid: ConversationSid, event: Event) -> Option<ConversationEvent> {
    use ConversationEvent as Inside;
    let (of, inside) = match event {
        Event::ParticipantJoined(them) => (them.conversation.sid, Inside::ParticipantJoined(them)),
        Event::ParticipantLeft(them) => (them.conversation.sid, Inside::ParticipantLeft(them)),
        Event::ParticipantUpdated { participant, reasons } => {
            (participant.conversation.sid, Inside::ParticipantUpdated { participant, reasons })
        }
        Event::MessageAdded(message) => (message.conversation.sid, Inside::MessageAdded(message)),
        Event::MessageUpdated { message, reasons } => {
            (message.conversation.sid, Inside::MessageUpdated { message, reasons })
        }
        Event::MessageRemoved(message) => (message.conversation.sid, Inside::MessageRemoved(message)),
        Event::TypingStarted(them) => (them.conversation.sid, Inside::TypingStarted(them)),
        Event::TypingEnded(them) => (them.conversation.sid, Inside::TypingEnded(them)),
        Event::ConversationUpdated { conversation, reasons } => {
            (conversation.sid(), Inside::Updated { reasons })
        }
        Event::ConversationRemoved(conversation) => (conversation.sid(), Inside::Removed),
        Event::Logged { conversation, event } => (conversation.sid(), Inside::Logged(event)),
        Event::Missed { count } => (sid, Inside::Missed { count }),
        _ => return None,
    };
    (of == sid).then_some(inside)
}

impl PartialEq for Conversation {
    fn eq(&self, other: &Self) -> bool {
        self.sid() == other.sid()
    }
}

impl Eq for Conversation {}

impl fmt::Debug for Conversation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Conversation").field("sid", &self.sid()).finish_non_exhaustive()
    }
}
