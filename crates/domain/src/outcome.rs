//! What comes of a mutation: an answer for the one who asked, and events for those whom it concerns.

use confab_protocol::model::{
    DetailedReceipt, Draft, NamedRole, NonChatParticipant, Participant, Setting, User, UserConversation,
};
use confab_protocol::{
    Answer, ConversationSid, DeviceSid, ErrorCode, LogEvent, MessageSid, RoleSid, UserSid, WireError,
};

use crate::store::StoreError;

/// An applied mutation. Answer and events may leave the server once the transaction has been committed.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The result. For `invite.create` its `link` holds the bare secret: the server, which knows the addresses, makes
    /// the link of it.
    pub answer: Answer,
    /// What to tell, in the order of the log. Empty when nothing changed, as for a mutation that was applied before.
    pub events: Vec<Event>,
}

/// What fan-out has to tell. A node's list of who is in which conversation is a fold of these, in commit order.
#[derive(Debug, Clone, PartialEq)]
pub enum Event {
    /// An event of a conversation's log, for those who are in it.
    Log {
        /// The event with its subject.
        event: Box<LogEvent>,
        /// This user is in the conversation from this event on, itself included.
        joined: Option<UserSid>,
        /// This user is no longer in it: gets this event and none after it.
        left: Option<UserSid>,
        /// Only those of the participants may receive it; none: all of them.
        only: Option<Vec<UserSid>>,
    },
    /// Rows of a roster changed without a log event, for those who have the conversation open.
    Roster {
        /// The conversation.
        conversation: ConversationSid,
        /// The rows hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// The rows as they stand.
        rows: Vec<Participant>,
        /// How many participants there are: above a bound horizons are not pushed.
        participants_count: u64,
    },
    /// Rows of a user's own state changed (memberships, drafts, settings), for all devices of that user.
    State {
        /// The user.
        user: UserSid,
        /// The rows hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// The rows as they stand.
        rows: Vec<UserConversation>,
        /// Drafts as they stand.
        drafts: Vec<Draft>,
        /// Settings as they stand.
        settings: Vec<Setting>,
    },
    /// Something about somebody who takes part by other means. Clients hear of it by the log, which says only that there is
    /// something to ask for; whoever tells programs tells them what it is.
    NonChat {
        /// The conversation.
        conversation: ConversationSid,
        /// Identity of whoever did it.
        actor: String,
        /// What it is.
        change: NonChatChange,
    },
    /// A profile is new or changed.
    User(User),
    /// Roles were made, changed or deleted, for everybody.
    Roles {
        /// The roles hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// Those that are new or changed, as they stand.
        roles: Vec<NamedRole>,
        /// Those that are gone.
        removed: Vec<RoleSid>,
    },
    /// A device was signed out: its sessions end.
    DeviceRevoked {
        /// Whose.
        user: UserSid,
        /// The device.
        device: DeviceSid,
    },
}

/// What became of somebody who takes part by other means.
#[derive(Debug, Clone, PartialEq)]
pub enum NonChatChange {
    /// They were added.
    Added(NonChatParticipant),
    /// What is said of them changed.
    Updated(NonChatParticipant),
    /// They were removed: as they were.
    Removed(NonChatParticipant),
    /// A copy of a message has come so far with them.
    Reported {
        /// The message.
        message: MessageSid,
        /// How far.
        receipt: DetailedReceipt,
    },
}

/// Why a call was not carried out. Nothing of it may stay in the store.
#[derive(Debug, thiserror::Error)]
pub enum DomainError {
    /// The rules refuse it.
    #[error("refused: {0}")]
    Refused(#[from] WireError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a rule gives.
pub type DomainResult<T> = Result<T, DomainError>;

impl DomainError {
    /// The error as it goes to the client.
    #[must_use]
    pub fn to_wire(&self) -> WireError {
        match self {
            Self::Refused(error) => error.clone(),
            Self::Store(StoreError::Full) => ErrorCode::StorageFull.into(),
            Self::Store(StoreError::Unavailable(_)) => ErrorCode::Unavailable.into(),
            Self::Store(StoreError::Corrupt(_) | StoreError::Conflict(_)) => ErrorCode::Internal.into(),
        }
    }
}

impl From<ErrorCode> for DomainError {
    fn from(code: ErrorCode) -> Self {
        Self::Refused(code.into())
    }
}
