//! The SDK: clients, conversations, participants, messages, users and files as values with methods, and what happens as events.
//!
//! # A first program
//!
//! ```
//! # mod world { include!(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/sdk/doc_world.inc")); }
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let world = world::World::new().await;
//! # let (link, directory) = (world.invite().await, world.directory());
//! use confab_client::sdk::{Client, Config, Event};
//!
//! let signed_in = confab_client::join(&link, "Echo", "correct horse", "a server room")
//!     .await
//!     .map_err(|problem| problem.code)?;
//! let client = Client::create(Config::signed_in(directory, signed_in)).await?;
//! let mut events = client.subscribe();
//!
//! let conversation = client.create_conversation().friendly_name("Harbour").create().await?;
//! let message = conversation.send_message("Good morning.").await?.await?;
//! assert_eq!(message.body().as_deref(), Some("Good morning."));
//!
//! while let Some(event) = events.next().await {
//!     if let Event::MessageAdded(added) = event {
//!         assert_eq!(added, message);
//!         break;
//!     }
//! }
//! client.shutdown().await;
//! # Ok(())
//! # }
//! ```
//!
//! # How it works
//!
//! - **Handles are live.** [`Conversation`], [`Participant`], [`Message`] and [`User`] are cheap to clone, and what is read of them is how
//!   things stand. Nothing is read from the network by a method that is not `async`.
//! - **Only a [`Client`] keeps the connection.** When the last one is dropped, it ends, and other handles answer [`Error::Ended`].
//! - **The connection comes back by itself**, and what was missed meanwhile is told by the same events: each event of a conversation's
//!   log once and in order, up to ten thousand of them.
//! - **Arguments are looked at first.** What cannot be right is [`Error::InvalidArgument`], and nothing was sent.
//! - **Each change is made once**, however often the connection breaks while it is asked for. A call waits for a connection for a minute
//!   at most; what the server cannot do for now is asked a few times.
//! - **Messages go through the outbox**: on the disk first, then sent, in order, after a crash too.
//! - **Tokens renew themselves**, unless you [bring them yourself](Config::with_access_token).
//! - **Everything has a bound.** A subscriber that does not read loses the oldest events and is told how many ([`Event::Missed`]).
//!   Typing is told of the hundred conversations that were active last, rosters of more than 200 participants are fetched when they are
//!   wanted.
//!
//! Three programs to begin with are in `examples/`: a bot that answers, an export that can be interrupted, and a chat in a terminal.

mod cells;
mod check;
mod client;
mod config;
mod conversation;
mod create;
mod error;
mod events;
mod hub;
mod media;
mod message;
mod paginator;
mod participant;
mod reasons;
mod receipts;
mod sending;
mod user;

pub use client::{Client, LeftConversation};
pub use confab_core::view::ConnectionState;
pub use confab_protocol::event::{Change, LogEvent};
pub use confab_protocol::id::ReceiptSid;
pub use confab_protocol::method::{EventReplayResult, MediaLimitsResult};
pub use confab_protocol::model::{
    AggregatedReceipt, ChannelMetadata, ConversationState, DeliveryAmount, DeliveryStatus, LastMessage,
    MediaCategory, MembershipStatus, NamedRole, NonChatParticipant, NotificationLevel, ParticipantFlags,
    PushEvent, PushRegistration, Role, RoleType, Timers, Unread, UserStatus,
};
pub use confab_protocol::{
    ClientId, ConversationSid, ErrorCode, MediaSid, MessageSid, ParticipantSid, RoleSid, Timestamp, UserSid,
};
pub use config::{Config, MemoryTokens};
pub use conversation::{Conversation, ConversationUpdate, From, ParticipantRef, Replay};
pub use create::ConversationBuilder;
pub use error::Error;
pub use events::{
    ConnectionFailure, ConversationEvent, Event, MessageEvent, ParticipantEvent, Subscription, UserEvent,
};
pub use media::Media;
pub use message::{DeliveryReport, Message, MessageKind};
pub use paginator::Paginator;
pub use participant::{Participant, ParticipantKind};
pub use reasons::{ConversationUpdateReason, MessageUpdateReason, ParticipantUpdateReason, UserUpdateReason};
pub use receipts::DetailedDeliveryReceipt;
pub use sending::{MediaSource, MediaToSend, MessageBuilder, Sending, UnsentMessage, UploadProgress};
pub use user::User;

pub(crate) use hub::Hub;
