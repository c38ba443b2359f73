//! Push notifications: of what a device wants to hear while it is not connected.

use serde::{Deserialize, Serialize};

/// What a push notification may tell of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum PushEvent {
    /// A message was posted in a conversation of one's own.
    #[serde(rename = "message.added")]
    MessageAdded,
    /// A message was edited.
    #[serde(rename = "message.edited")]
    MessageEdited,
    /// One was added to a conversation.
    #[serde(rename = "participant.joined")]
    ParticipantJoined,
    /// One was removed from a conversation.
    #[serde(rename = "participant.left")]
    ParticipantLeft,
    /// Something that this version does not know.
    #[serde(other)]
    Unknown,
}

impl PushEvent {
    /// All that there is.
    pub const ALL: [Self; 4] =
        [Self::MessageAdded, Self::MessageEdited, Self::ParticipantJoined, Self::ParticipantLeft];

    /// Its name on the wire.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::MessageAdded => "message.added",
            Self::MessageEdited => "message.edited",
            Self::ParticipantJoined => "participant.joined",
            Self::ParticipantLeft => "participant.left",
            Self::Unknown => "unknown",
        }
    }
}

/// What a device has registered for; the token is not told again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PushRegistration {
    /// What carries the notifications.
    #[serde(rename = "type")]
    pub kind: String,
    /// Of what, in the order of the protocol, each once.
    pub events: Vec<PushEvent>,
}
