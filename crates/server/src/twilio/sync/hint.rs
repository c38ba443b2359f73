//! What the hub says to a session, as far as it matters here: which objects it may concern.

use confab_protocol::model::{Head, Presence};
use confab_protocol::{ConversationSid, UserSid};
use serde::Deserialize;
use serde_json::Value;

/// What is to be said at once.
pub(in crate::twilio) enum Hint {
    /// A notification of this kind.
    Say(&'static str, Value),
    /// A sign of life.
    Beat,
    /// The token ends soon.
    AboutToExpire,
    /// The token has ended.
    Expired,
}

/// A frame of the hub, without what it carries: that is read when it is sent.
#[derive(Deserialize)]
pub(super) struct Told {
    pub(super) event: String,
    #[serde(default)]
    pub(super) conversation: Option<ConversationSid>,
    #[serde(default)]
    pub(super) identity: Option<String>,
    #[serde(default)]
    pub(super) timeout_ms: u64,
    #[serde(default)]
    pub(super) rows: Vec<Row>,
    #[serde(default)]
    pub(super) users: Vec<Named>,
    #[serde(default)]
    pub(super) people: Vec<Presence>,
    #[serde(default)]
    pub(super) heads: Vec<Head>,
}

/// A row of the own state, or of a roster, of which only the former names a conversation.
#[derive(Deserialize)]
pub(super) struct Row {
    #[serde(default)]
    pub(super) conversation: Option<ConversationSid>,
}

/// A profile.
#[derive(Deserialize)]
pub(super) struct Named {
    pub(super) sid: UserSid,
}
