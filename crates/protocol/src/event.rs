//! Pushes: events of conversation logs, changes of rosters and of one's own state, ephemeral signals.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorCode, WireError};
use crate::id::{ConversationSid, DeviceSid, RoleSid, Timestamp};
use crate::model::{
    Conversation, DeletedConversation, Draft, Head, Message, NamedRole, Participant, Presence, Setting, User,
    UserConversation,
};

/// What a log event tells of, with its subject as it stands when the event is sent: a replay shows the current text.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", content = "data")]
pub enum Change {
    /// The conversation was made. First event of every log.
    #[serde(rename = "conversation.created")]
    ConversationCreated(Box<Conversation>),
    /// Fields of the conversation changed.
    #[serde(rename = "conversation.updated")]
    ConversationUpdated(Box<Conversation>),
    /// Someone came in. Moves the roster's version too.
    #[serde(rename = "participant.joined")]
    ParticipantJoined(Box<Participant>),
    /// Someone left or was removed; the row is a tombstone. Moves the roster's version too.
    #[serde(rename = "participant.left")]
    ParticipantLeft(Box<Participant>),
    /// A message was posted.
    #[serde(rename = "message.added")]
    MessageAdded(Box<Message>),
    /// A message was edited.
    #[serde(rename = "message.edited")]
    MessageEdited(Box<Message>),
    /// A message was removed; a tombstone.
    #[serde(rename = "message.removed")]
    MessageRemoved(Box<Message>),
    /// The conversation was deleted for everyone: last event of its log, and for all who are in it the end of their stay.
    #[serde(rename = "conversation.deleted")]
    ConversationDeleted(DeletedConversation),
    /// A kind that this version does not know: it advances the version and makes its subject dirty.
    #[serde(skip)]
    Unknown {
        /// Its name on the wire.
        event: String,
    },
}

/// One event of a conversation's log. Sequences are consecutive from 1.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LogEvent {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Its place in the log.
    pub seq: u64,
    /// When it happened.
    pub at: Timestamp,
    /// Identity of who did it; null for the system.
    pub actor: Option<String>,
    /// The actor's device, when there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceSid>,
    /// Names of the fields that changed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<String>,
    /// Identifier of what it is about, for kinds that are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// What happened.
    #[serde(flatten)]
    pub change: Change,
}

#[derive(Deserialize)]
struct LogHead {
    event: String,
    conversation: ConversationSid,
    seq: u64,
    #[serde(default)]
    at: Timestamp,
    #[serde(default)]
    actor: Option<String>,
    #[serde(default)]
    device: Option<DeviceSid>,
    #[serde(default)]
    changed: Vec<String>,
    #[serde(default)]
    subject: Option<String>,
}

impl<'de> Deserialize<'de> for LogEvent {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let head = LogHead::deserialize(&value).map_err(serde::de::Error::custom)?;
        // A known kind whose content is of a newer form is as unknown as an unknown kind.
        let change = Change::deserialize(&value).unwrap_or(Change::Unknown { event: head.event });
        Ok(Self {
            conversation: head.conversation,
            seq: head.seq,
            at: head.at,
            actor: head.actor,
            device: head.device,
            changed: head.changed,
            subject: head.subject,
            change,
        })
    }
}

/// Why the server is about to close a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CloseReason {
    /// The server stops, or its workspace has another epoch; come back.
    Stopping,
    /// The device was signed out; do not come back with these tokens.
    Revoked,
    /// The access token ran out and was not renewed.
    TokenExpired,
    /// The session read too slowly; come back and resume.
    TooSlow,
    /// A reason that this version does not know; come back.
    #[serde(other)]
    Unknown,
}

/// What the server sends without being asked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Push {
    /// An event of a conversation's log.
    Log(LogEvent),
    /// Anything else.
    Signal(Signal),
    /// A push that this version does not know, and without a sequence: ignored.
    #[serde(skip)]
    Unknown {
        /// Its name on the wire.
        event: String,
    },
}

/// Pushes that are in no log.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event")]
pub enum Signal {
    /// Rows of a roster changed, without a log event: horizons, roles, attributes. Only to sessions that have it open.
    #[serde(rename = "roster.changed")]
    RosterChanged {
        /// The conversation.
        conversation: ConversationSid,
        /// The rows hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// The rows as they stand.
        rows: Vec<Participant>,
    },
    /// Rows of one's own state changed: memberships, drafts, settings.
    #[serde(rename = "state.changed")]
    StateChanged {
        /// The rows hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// The rows as they stand.
        rows: Vec<UserConversation>,
        /// Drafts as they stand, emptied ones included.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        drafts: Vec<Draft>,
        /// Settings as they stand, forgotten ones included.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        settings: Vec<Setting>,
    },
    /// Profiles changed.
    #[serde(rename = "user.changed")]
    UserChanged {
        /// The profiles as they stand.
        users: Vec<User>,
    },
    /// Roles were made, changed or deleted. To everybody: what one may do follows from them.
    #[serde(rename = "roles.changed")]
    RolesChanged {
        /// The roles hold every change after this version …
        from: u64,
        /// … up to this one.
        to: u64,
        /// Those that are new or changed, as they stand.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        roles: Vec<NamedRole>,
        /// Those that are gone.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        removed: Vec<RoleSid>,
    },
    /// Someone types. Renewed while they do; ends by itself after `timeout_ms`, or when their message arrives.
    #[serde(rename = "typing.started")]
    TypingStarted {
        /// Where.
        conversation: ConversationSid,
        /// Who.
        identity: String,
        /// How long it stands without renewal, in milliseconds.
        timeout_ms: u64,
    },
    /// People came or went; only those subscribed to.
    #[serde(rename = "presence.changed")]
    PresenceChanged {
        /// Who, and whether they are there.
        people: Vec<Presence>,
    },
    /// A sign of life, with the heads of logs that moved since the last one.
    #[serde(rename = "heartbeat")]
    Heartbeat {
        /// Heads that moved.
        #[serde(default)]
        heads: Vec<Head>,
        /// Which of this session's heartbeats it is, from 1: a skipped one was lost, and its heads with it. 0 when the
        /// server does not number them.
        #[serde(default)]
        number: u64,
        /// The user's state version, when the server has it at hand.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        state_version: Option<u64>,
        /// The version of the roles, when somebody ever made one.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        roles_version: Option<u64>,
        /// How many `user.changed` and `presence.changed` this session was sent so far: whoever got fewer has lost some. None from a
        /// server that does not count them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        people: Option<u64>,
    },
    /// The access token ends soon: renew it.
    #[serde(rename = "token.about_to_expire")]
    TokenAboutToExpire {
        /// When it ends.
        expires_at: Timestamp,
    },
    /// The access token has ended: nothing but `token.renew` is taken now.
    #[serde(rename = "token.expired")]
    TokenExpired {},
    /// Pushes were dropped because this session reads too slowly: resume.
    #[serde(rename = "lagged")]
    Lagged {},
    /// The server closes this session.
    #[serde(rename = "closing")]
    Closing {
        /// Why.
        reason: CloseReason,
    },
}

impl Push {
    /// The frame's text.
    #[must_use]
    pub fn encode(&self) -> String {
        serde_json::to_string(self).expect("invariant: a push has only string keys")
    }

    /// Reads a push.
    ///
    /// # Errors
    /// `bad_frame` when there is no `event`, or when a log event has no readable place in its log.
    pub fn from_value(value: Value) -> Result<Self, WireError> {
        let bad = || WireError::new(ErrorCode::BadFrame);
        let event = value.get("event").and_then(Value::as_str).ok_or_else(bad)?.to_owned();
        if value.get("seq").is_some() {
            return serde_json::from_value(value).map(Self::Log).map_err(|_| bad());
        }
        Ok(serde_json::from_value(value).map_or(Self::Unknown { event }, Self::Signal))
    }
}
