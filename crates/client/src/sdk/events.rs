//! What happens, as typed events; and subscriptions, which end when they are dropped.

use std::collections::VecDeque;
use std::fmt;
use std::sync::Arc;

use confab_core::view::ConnectionState;
use confab_protocol::{LogEvent, Timestamp};
use tokio::sync::broadcast;
use tokio::sync::broadcast::error::RecvError;

use super::reasons::{
    ConversationUpdateReason, MessageUpdateReason, ParticipantUpdateReason, UserUpdateReason,
};
use super::{Conversation, Error, Message, Participant, User};

/// Something that happened. One is told of what happens in the conversations that one is in, to the users that one is
/// [subscribed](super::Client::user_by_identity) to, and to the connection.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Event {
    /// The connection is in another state.
    ConnectionStateChanged(ConnectionState),
    /// A connection could not be made, or broke.
    ConnectionError(ConnectionFailure),
    /// One's own user and all one's conversations are known. Once.
    Initialized,
    /// The server does not let this device in. May be followed by [`Event::Initialized`] unless it is
    /// [terminal](ConnectionFailure::terminal).
    InitFailed(ConnectionFailure),
    /// The access token ends soon. Whoever brings tokens by themselves calls [`update_token`](super::Client::update_token) now.
    TokenAboutToExpire {
        /// When.
        expires_at: Timestamp,
    },
    /// The access token has ended.
    TokenExpired,
    /// A conversation can be seen from now on.
    ConversationAdded(Conversation),
    /// One is a participant of it from now on. Follows [`Event::ConversationAdded`].
    ConversationJoined(Conversation),
    /// One is no longer a participant of it.
    ConversationLeft(Conversation),
    /// It can be seen no more: one left, was removed, or it was deleted. Follows [`Event::ConversationLeft`].
    ConversationRemoved(Conversation),
    /// Something of it has changed.
    ConversationUpdated {
        /// The conversation, as it is now.
        conversation: Conversation,
        /// What has changed.
        reasons: Vec<ConversationUpdateReason>,
    },
    /// Somebody came in.
    ParticipantJoined(Participant),
    /// Somebody left or was removed.
    ParticipantLeft(Participant),
    /// Something of a participant has changed, such as how far they have read.
    ParticipantUpdated {
        /// The participant, as they are now.
        participant: Participant,
        /// What has changed.
        reasons: Vec<ParticipantUpdateReason>,
    },
    /// A message was posted, by whomever and on whatever device.
    MessageAdded(Message),
    /// A message was changed.
    MessageUpdated {
        /// The message, as it is now.
        message: Message,
        /// What has changed.
        reasons: Vec<MessageUpdateReason>,
    },
    /// A message was removed.
    MessageRemoved(Message),
    /// Somebody types. Told again with every renewal.
    TypingStarted(Participant),
    /// Somebody has stopped typing: for a while nothing was said, or their message came.
    TypingEnded(Participant),
    /// Changes of a user are told from now on.
    UserSubscribed(User),
    /// Changes of a user are told no more: [unsubscribed](User::unsubscribe), or crowded out by a newer one.
    UserUnsubscribed(User),
    /// Something of a user has changed.
    UserUpdated {
        /// The user, as they are now.
        user: User,
        /// What has changed.
        reasons: Vec<UserUpdateReason>,
    },
    /// An event of a conversation's log, as the server keeps it: with its sequence, who did it, when and on which device. What is
    /// told by other events is told by this one too.
    Logged {
        /// Where.
        conversation: Conversation,
        /// The event.
        event: Arc<LogEvent>,
    },
    /// This subscriber read too slowly, and so many events were dropped: look at how things stand.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Why there is no connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectionFailure {
    /// It is not tried again by itself: sign in again.
    pub terminal: bool,
    /// A code: the server's, or one of [`problem`](crate::problem).
    pub code: String,
    /// What happened, for a log.
    pub message: String,
    /// The HTTP status that goes with the server's code.
    pub http_status: Option<u16>,
}

impl ConnectionFailure {
    pub(super) fn passing(code: &str, message: String) -> Self {
        Self { terminal: false, code: code.to_owned(), message, http_status: None }
    }
}

/// Something that happened in one conversation.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum ConversationEvent {
    /// Somebody came in.
    ParticipantJoined(Participant),
    /// Somebody left or was removed.
    ParticipantLeft(Participant),
    /// Something of a participant has changed.
    ParticipantUpdated {
        /// The participant, as they are now.
        participant: Participant,
        /// What has changed.
        reasons: Vec<ParticipantUpdateReason>,
    },
    /// A message was posted.
    MessageAdded(Message),
    /// A message was changed.
    MessageUpdated {
        /// The message, as it is now.
        message: Message,
        /// What has changed.
        reasons: Vec<MessageUpdateReason>,
    },
    /// A message was removed.
    MessageRemoved(Message),
    /// Somebody types.
    TypingStarted(Participant),
    /// Somebody has stopped typing.
    TypingEnded(Participant),
    /// Something of the conversation has changed.
    Updated {
        /// What has changed.
        reasons: Vec<ConversationUpdateReason>,
    },
    /// It can be seen no more.
    Removed,
    /// An event of its log.
    Logged(Arc<LogEvent>),
    /// So many events of the client were dropped, because this subscriber read too slowly.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Something that happened to one participant.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ParticipantEvent {
    /// They type.
    TypingStarted,
    /// They have stopped.
    TypingEnded,
    /// Something of them has changed.
    Updated {
        /// What has changed.
        reasons: Vec<ParticipantUpdateReason>,
    },
    /// So many events of the client were dropped, because this subscriber read too slowly.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Something that happened to one message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum MessageEvent {
    /// It was changed.
    Updated {
        /// What has changed.
        reasons: Vec<MessageUpdateReason>,
    },
    /// It was removed.
    Removed,
    /// So many events of the client were dropped, because this subscriber read too slowly.
    Missed {
        /// How many.
        count: u64,
    },
}

/// Something that happened to one user.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum UserEvent {
    /// Something of them has changed.
    Updated {
        /// What has changed.
        reasons: Vec<UserUpdateReason>,
    },
    /// Their changes are told from now on.
    Subscribed,
    /// Their changes are told no more.
    Unsubscribed,
    /// So many events of the client were dropped, because this subscriber read too slowly.
    Missed {
        /// How many.
        count: u64,
    },
}

/// A stream of events. Ends when the client has; to end it before, drop it. A thousand events wait for whoever reads slowly,
/// then the oldest are dropped and counted.
///
/// ```
/// # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let world = world::World::new().await;
/// # let client = world.ada().await;
/// use confab_client::sdk::Event;
///
/// let mut events = client.subscribe();
/// let conversation = client.create_conversation().create().await?;
/// conversation.send_message("Good morning.").await?;
/// let added = |event| match event {
///     Event::MessageAdded(message) => Some(message),
///     _ => None,
/// };
/// let message = events.find(added).await?;
/// assert_eq!(message.body().as_deref(), Some("Good morning."));
/// # client.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Subscription<E> {
    replay: VecDeque<E>,
    events: broadcast::Receiver<Event>,
    choose: Box<dyn Fn(Event) -> Option<E> + Send>,
}

impl<E> Subscription<E> {
    pub(super) fn new(
        events: broadcast::Receiver<Event>,
        replay: Vec<Event>,
        choose: impl Fn(Event) -> Option<E> + Send + 'static,
    ) -> Self {
        let replay = replay.into_iter().filter_map(&choose).collect();
        Self { replay, events, choose: Box::new(choose) }
    }

    /// The next event; none when the client has ended. May be dropped and called again: nothing is lost.
    pub async fn next(&mut self) -> Option<E> {
        if let Some(last) = self.replay.pop_front() {
            return Some(last);
        }
        loop {
            let event = match self.events.recv().await {
                Ok(event) => event,
                Err(RecvError::Lagged(count)) => Event::Missed { count },
                Err(RecvError::Closed) => return None,
            };
            if let Some(chosen) = (self.choose)(event) {
                return Some(chosen);
            }
        }
    }

    /// Reads on until `look` finds what it wants. For programs that wait for one thing.
    ///
    /// # Errors
    /// [`Error::Ended`] when the client ends before.
    pub async fn find<T>(&mut self, mut look: impl FnMut(E) -> Option<T>) -> Result<T, Error> {
        loop {
            let event = self.next().await.ok_or(Error::Ended)?;
            if let Some(found) = look(event) {
                return Ok(found);
            }
        }
    }
}

impl<E> fmt::Debug for Subscription<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Subscription").finish_non_exhaustive()
    }
}
