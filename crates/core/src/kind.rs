//! What kind of conversation is made, and what of one may be changed later.

use confab_protocol::model::{ConversationState, Timers};
use confab_protocol::{WireError, limits};
use serde::{Deserialize, Serialize};

use crate::view::Problem;

/// How a conversation is made. Unless told otherwise it is a private one of its maker alone.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(default)]
pub struct ConversationOptions {
    /// It is in the directory, and anybody may join.
    pub public_join: bool,
    /// Participants see only what was posted while they were in it.
    pub uber: bool,
    /// Identities of those who are in it from the beginning besides its maker (≤ 100).
    pub participants: Vec<String>,
    /// When it changes its state by itself.
    pub timers: Timers,
}

/// One thing to be changed in a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "field", content = "value", rename_all = "snake_case")]
pub enum ConversationChange {
    /// Its unique name; null for none.
    UniqueName(Option<String>),
    /// Whether it is in the directory, and anybody may join.
    PublicJoin(bool),
    /// Where it stands in its life. `closed` is for ever.
    State(ConversationState),
    /// When it changes its state by itself, as a whole.
    Timers(Timers),
}

impl ConversationChange {
    /// What is changed: of two changes of the same, the later one counts.
    #[must_use]
    pub fn field(&self) -> &'static str {
        match self {
            Self::UniqueName(_) => "unique_name",
            Self::PublicJoin(_) => "public_join",
            Self::State(_) => "state",
            Self::Timers(_) => "timers",
        }
    }

    /// Its text without blanks around it, when it may be asked for.
    pub(crate) fn checked(self) -> Result<Self, Problem> {
        match self {
            Self::UniqueName(name) => unique_name(name).map(Self::UniqueName),
            Self::State(ConversationState::Unknown) => {
                Err(WireError::invalid("state", "no such state").into())
            }
            other => Ok(other),
        }
    }
}

/// A unique name without blanks around it; none when nothing is left.
pub(crate) fn unique_name(name: Option<String>) -> Result<Option<String>, Problem> {
    let name = name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty());
    let actual = name.as_ref().map_or(0, |name| name.chars().count());
    if actual > limits::UNIQUE_NAME_CHARS {
        return Err(WireError::too_large("unique_name", limits::UNIQUE_NAME_CHARS, actual).into());
    }
    Ok(name)
}
