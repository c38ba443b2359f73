//! Identifiers that follow from what made them. When a backup is restored and a mutation from after it is sent again, what it
//! makes gets the identifier that it had: other devices know it by that name, and may have sent things that name it. And
//! whoever makes a conversation knows by which name it will be met.

use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::id::{
    ClientId, ConversationSid, DeviceSid, MediaSid, MessageSid, ParticipantSid, ReceiptSid, UserSid,
    WorkspaceSid,
};

/// What is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Made {
    /// A conversation.
    Conversation,
    /// A participation.
    Participant,
    /// A message.
    Message,
    /// An invite.
    Invite,
    /// A role.
    Role,
    /// A file.
    Media,
}

impl Made {
    /// Stands in the hash; never changed.
    fn label(self) -> &'static str {
        match self {
            Self::Conversation => "conversation",
            Self::Participant => "participant",
            Self::Message => "message",
            Self::Invite => "invite",
            Self::Role => "role",
            Self::Media => "media",
        }
    }
}

/// The identifier of the `place`-th thing of its kind that one mutation makes. Its time is that of the `client_id`.
#[must_use]
pub fn made_by(workspace: WorkspaceSid, user: UserSid, client_id: ClientId, what: Made, place: u32) -> Uuid {
    let mut hasher = Sha256::new();
    hasher.update(what.label());
    hasher.update([0]);
    for id in [workspace.0, user.0, client_id.0] {
        hasher.update(id.as_bytes());
    }
    hasher.update(place.to_be_bytes());
    version_7(client_id.0, &hasher.finalize().into())
}

/// The conversation that a `conversation.create` makes.
#[must_use]
pub fn conversation(workspace: WorkspaceSid, user: UserSid, client_id: ClientId) -> ConversationSid {
    ConversationSid(made_by(workspace, user, client_id, Made::Conversation, 0))
}

/// The conversation of a pair: there is one at most, and both know its name before it is made. Its time is that of the
/// workspace.
#[must_use]
pub fn direct(workspace: WorkspaceSid, one: UserSid, other: UserSid) -> ConversationSid {
    let mut hasher = Sha256::new();
    hasher.update("direct");
    hasher.update([0]);
    for id in [workspace.0, one.0.min(other.0), one.0.max(other.0)] {
        hasher.update(id.as_bytes());
    }
    ConversationSid(version_7(workspace.0, &hasher.finalize().into()))
}

/// The file that an upload makes: a message can name it before its first byte has left.
#[must_use]
pub fn media(workspace: WorkspaceSid, user: UserSid, client_id: ClientId) -> MediaSid {
    MediaSid(made_by(workspace, user, client_id, Made::Media, 0))
}

/// The receipt of a message and a participant: there is one at most, so that it needs no name of its own. Its time is that of the
/// message.
#[must_use]
pub fn receipt(message: MessageSid, participant: ParticipantSid) -> ReceiptSid {
    let mut hasher = Sha256::new();
    hasher.update("receipt");
    hasher.update([0]);
    hasher.update(message.0.as_bytes());
    hasher.update(participant.0.as_bytes());
    ReceiptSid(version_7(message.0, &hasher.finalize().into()))
}

/// The identifier of the user with this identity key: who joined after a backup and joins once more is the same user. Its
/// time is that of the workspace.
#[must_use]
pub fn user(workspace: WorkspaceSid, identity_key: &str) -> UserSid {
    let mut hasher = Sha256::new();
    hasher.update("user");
    hasher.update([0]);
    hasher.update(workspace.0.as_bytes());
    hasher.update(identity_key);
    UserSid(version_7(workspace.0, &hasher.finalize().into()))
}

/// The device that stands for a registration of a user who signs in on none: registered again, it is the same one. Its time is
/// that of the user.
#[must_use]
pub fn registration(user: UserSid, kind: &str, token: &str) -> DeviceSid {
    let mut hasher = Sha256::new();
    for part in ["registration", kind] {
        hasher.update(part);
        hasher.update([0]);
    }
    hasher.update(user.0.as_bytes());
    hasher.update(token);
    DeviceSid(version_7(user.0, &hasher.finalize().into()))
}

/// A UUIDv7 with the time of another one and 74 bits of a hash where others have random ones.
fn version_7(time: Uuid, hash: &[u8; 32]) -> Uuid {
    let mut bytes = [0; 16];
    bytes[..6].copy_from_slice(&time.as_bytes()[..6]);
    bytes[6..].copy_from_slice(&hash[..10]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Uuid::from_bytes(bytes)
}
