//! The things that frames carry: conversations, participants, messages, users and one's own state.

mod contact;
mod push;
mod receipt;
mod role;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::id::{
    ClientId, ConversationSid, DeviceSid, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};

pub use self::contact::*;
pub use self::push::*;
pub use self::receipt::*;
pub use self::role::*;

fn empty_object() -> Value {
    Value::Object(Map::new())
}

/// Where a conversation stands in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConversationState {
    /// Takes messages.
    #[default]
    Active,
    /// Asleep: a new message wakes it.
    Inactive,
    /// Takes nothing any more.
    Closed,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// After what time without a message a conversation changes its state by itself, as periods of ISO 8601 such as `PT30M`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Timers {
    /// An active one becomes inactive after this time without a message; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub inactive: Option<String>,
    /// An inactive one is closed after this time; none: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub closed: Option<String>,
}

impl Timers {
    /// Nothing changes by itself.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.inactive.is_none() && self.closed.is_none()
    }
}

/// The two built-in roles. At the workspace `owner` administers; in a conversation `owner` may do everything there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Every permission.
    Owner,
    /// The permissions of an ordinary participant or user.
    #[default]
    Participant,
    /// A role that this version does not know; may do nothing.
    #[serde(other)]
    Unknown,
}

/// A conversation, without the messages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// Its identifier.
    pub sid: ConversationSid,
    /// The name that people see; null when none was given.
    #[serde(default)]
    pub friendly_name: Option<String>,
    /// A name that is unique in the workspace; null when none was given.
    #[serde(default)]
    pub unique_name: Option<String>,
    /// Free JSON of the application.
    #[serde(default = "empty_object")]
    pub attributes: Value,
    /// Who made it.
    pub created_by: String,
    /// When it was made.
    pub date_created: Timestamp,
    /// When it last changed, messages not counted.
    pub date_updated: Timestamp,
    /// Where it stands in its life.
    #[serde(default)]
    pub state: ConversationState,
    /// When that last changed; the making of it counts.
    #[serde(default)]
    pub date_state_updated: Timestamp,
    /// When it changes its state by itself.
    #[serde(default, skip_serializing_if = "Timers::is_empty")]
    pub timers: Timers,
    /// Of exactly two people, for ever; there is one at most for a pair.
    #[serde(default)]
    pub direct: bool,
    /// Whoever knows its SID may join.
    #[serde(default)]
    pub public_join: bool,
    /// Participants see only what was posted while they were in it.
    #[serde(default)]
    pub uber: bool,
    /// Sequence of the last event of its log.
    pub version: u64,
    /// Version of the last change of its roster.
    pub roster_version: u64,
    /// How many participants it has.
    pub participants_count: u64,
    /// Index and time of the newest message there ever was.
    #[serde(default)]
    pub last_message: Option<LastMessage>,
}

/// What is left of a conversation that was deleted for everyone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeletedConversation {
    /// Its identifier, which is never given out again.
    pub sid: ConversationSid,
}

/// Where and when the newest message stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastMessage {
    /// Its index.
    pub index: u64,
    /// When it was posted.
    pub date_created: Timestamp,
}

/// Whether someone is in a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MembershipStatus {
    /// A participant now.
    #[default]
    Joined,
    /// Was one; the row is a tombstone.
    NotParticipating,
    /// A status that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One row of a roster. Rows of those who left stay as tombstones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Participant {
    /// Its identifier; a person who comes back has another.
    pub sid: ParticipantSid,
    /// The user.
    pub user: UserSid,
    /// The user's identity as typed when the account was made.
    pub identity: String,
    /// Version of the user's profile, to know whether the one held is stale.
    pub profile_version: u64,
    /// Role in this conversation; `participant` for one that somebody made.
    #[serde(default)]
    pub role: Role,
    /// The role by its identifier: see `role.list`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_sid: Option<RoleSid>,
    /// Where they are set, they decide what they stand for instead of the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<ParticipantFlags>,
    /// Free JSON of the application.
    #[serde(default = "empty_object")]
    pub attributes: Value,
    /// Index up to which this person has read; null when never set.
    #[serde(default)]
    pub last_read_message_index: Option<u64>,
    /// Sequence of the event up to which this person has read; 0 for nothing.
    #[serde(default)]
    pub last_read_event_seq: u64,
    /// When that was set.
    #[serde(default)]
    pub last_read_timestamp: Option<Timestamp>,
    /// When this participation began.
    pub date_created: Timestamp,
    /// When this row last changed.
    pub date_updated: Timestamp,
    /// Joined, or a tombstone.
    #[serde(default)]
    pub status: MembershipStatus,
    /// The roster's version at the last change of this row.
    pub version: u64,
}

/// What a message is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageType {
    /// Text that people wrote.
    #[default]
    Text,
    /// Reserved: stored unread by the server.
    Encrypted,
    /// A type that this version does not know.
    #[serde(other)]
    Unknown,
}

/// What a file is to its message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MediaCategory {
    /// An attachment.
    #[default]
    Media,
    /// The body of an e-mail, in one of its forms.
    Body,
    /// What an e-mail quotes, in one of its forms.
    History,
    /// A category that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A file of a message. Its bytes are fetched over HTTP.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// Its identifier.
    pub sid: MediaSid,
    /// Its name, for show and for saving; null when none was given.
    #[serde(default)]
    pub file_name: Option<String>,
    /// What its sender says that it is.
    pub content_type: String,
    /// What its first bytes say that it is; left out where they say nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sniffed_type: Option<String>,
    /// How long it is, in bytes.
    pub size: u64,
    /// What it is to its message.
    #[serde(default)]
    pub category: MediaCategory,
    /// Width of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<u32>,
    /// Height of a picture, in pixels.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<u32>,
}

/// A message: an envelope with a type; media, relation and mentions stand outside the body.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Message {
    /// Its identifier.
    pub sid: MessageSid,
    /// The id under which its author sent it; the author's devices know their local echo by it.
    pub client_id: ClientId,
    /// Its conversation.
    pub conversation: ConversationSid,
    /// Its place: from 0, growing, with gaps. Never compute a count from it.
    pub index: u64,
    /// Identity of the author, or the address of one who takes part by other means.
    pub author: String,
    /// The author's participation.
    #[serde(default)]
    pub participant: Option<ParticipantSid>,
    /// What it is.
    #[serde(default, rename = "type")]
    pub kind: MessageType,
    /// What it is about; null when nothing was said, or when removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// The text; null when removed.
    #[serde(default)]
    pub body: Option<String>,
    /// Free JSON of the application.
    #[serde(default = "empty_object")]
    pub attributes: Value,
    /// Files, in the order in which they were attached.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relates_to: Option<MessageSid>,
    /// Identities that this message calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// When it was posted.
    pub date_created: Timestamp,
    /// When it was last edited or removed; equal to `date_created` before that.
    pub date_updated: Timestamp,
    /// Who last edited it; null when never edited.
    #[serde(default)]
    pub last_updated_by: Option<String>,
    /// A tombstone: only the envelope is left.
    #[serde(default)]
    pub removed: bool,
    /// Sequence of the event that added it.
    pub seq: u64,
    /// Sequence of the event that last changed it.
    pub version: u64,
}

impl std::fmt::Debug for Message {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Message")
            .field("sid", &self.sid)
            .field("index", &self.index)
            .field("author", &self.author)
            .field("removed", &self.removed)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// What people say of themselves: whether they are there, whatever their connections say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum UserStatus {
    /// There.
    Online,
    /// Not at the desk, and back before long.
    Away,
    /// There, and not to be disturbed.
    Busy,
    /// Not there.
    Offline,
    /// A status that this version does not know.
    #[serde(other)]
    Unknown,
}

/// A user's public profile, a versioned row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct User {
    /// Its identifier.
    pub sid: UserSid,
    /// Unique in the workspace without regard to case; as typed.
    pub identity: String,
    /// The name that people see.
    pub friendly_name: String,
    /// Free JSON of the application.
    #[serde(default = "empty_object")]
    pub attributes: Value,
    /// Role in the workspace; `participant` for one that somebody made.
    #[serde(default)]
    pub role: Role,
    /// The role by its identifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_sid: Option<RoleSid>,
    /// What the user says of being there; null when nothing was said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<UserStatus>,
    /// Push notifications reach a device of theirs.
    #[serde(default)]
    pub notifiable: bool,
    /// May not sign in any more.
    #[serde(default)]
    pub deactivated: bool,
    /// Version of this profile.
    pub version: u64,
}

/// How much a conversation may call its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum NotificationLevel {
    /// Notify.
    #[default]
    Default,
    /// Be quiet.
    Muted,
    /// A level that this version does not know; treated as `default`.
    #[serde(other)]
    Unknown,
}

/// What is unread, exact at one place of the log. The client adds what it saw after `at_seq`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Unread {
    /// Index up to which the user has read; null when never set (then all since joining is unread).
    pub horizon: Option<u64>,
    /// Visible, live messages by others above the horizon.
    pub unread: u64,
    /// Those of them that mention the user.
    pub mentions: u64,
    /// The sequence at which these counts were exact.
    pub at_seq: u64,
    /// Without a horizon: messages from this index on are counted, which is where the user joined.
    #[serde(default)]
    pub since: u64,
}

/// One's own row for one conversation; versioned by the user's own counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserConversation {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whether the user is in it.
    #[serde(default)]
    pub status: MembershipStatus,
    /// The user's participation; null when there is none now.
    #[serde(default)]
    pub participant: Option<ParticipantSid>,
    /// The user's role in it; `participant` for one that somebody made.
    #[serde(default)]
    pub role: Role,
    /// The role by its identifier; null when there is none now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_sid: Option<RoleSid>,
    /// Where they are set, they decide what they stand for instead of the role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<ParticipantFlags>,
    /// Whether it may notify.
    #[serde(default)]
    pub notification_level: NotificationLevel,
    /// Horizon and counts.
    #[serde(flatten)]
    pub unread: Unread,
    /// Sequence of the event up to which the user has read; 0 for nothing.
    #[serde(default)]
    pub last_read_event_seq: u64,
    /// The identity of the other one of a direct conversation; left out for any other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer: Option<String>,
    /// The name of the conversation as of leaving; null while in it.
    #[serde(default)]
    pub left_name: Option<String>,
    /// When the user left; null while in it.
    #[serde(default)]
    pub left_at: Option<Timestamp>,
    /// The user's state version at the last change of this row.
    pub version: u64,
}

/// What one is writing in a conversation; versioned by the user's own counter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    /// The conversation.
    pub conversation: ConversationSid,
    /// The text; empty when there is none any more.
    pub body: String,
    /// The user's state version at the last change of this row.
    pub version: u64,
}

impl std::fmt::Debug for Draft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Draft")
            .field("conversation", &self.conversation)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

/// A setting of the application that follows one to all one's devices; versioned by the user's own counter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Setting {
    /// Its name.
    pub key: String,
    /// Free JSON; null when it was forgotten.
    #[serde(default)]
    pub value: Value,
    /// The user's state version at the last change of this row.
    pub version: u64,
}

/// Drafts and settings that changed after a version of one's own state, as far as one answer holds them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct StatePage {
    /// Drafts that changed, emptied ones included, by version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drafts: Vec<Draft>,
    /// Settings that changed, forgotten ones included, by version.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// Every change of theirs up to this version is here or was known: what to pass as `state_version` next. Left out
    /// when none was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state_to: Option<u64>,
}

/// All that a row of the conversation list needs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationSummary {
    /// The conversation; null when the user is no longer in it.
    #[serde(default)]
    pub conversation: Option<Conversation>,
    /// The user's own row.
    pub me: UserConversation,
    /// The newest live message that the user may see.
    #[serde(default)]
    pub last_message: Option<Message>,
}

/// Head of one conversation, for heartbeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Head {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Sequence of the last event of its log.
    pub version: u64,
    /// Version of its roster.
    pub roster_version: u64,
}

/// Nothing is said of a version.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it like this")]
fn is_zero(version: &u64) -> bool {
    *version == 0
}

/// Whether a person is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Presence {
    /// The person.
    pub identity: String,
    /// Has a live connection, or had one a moment ago.
    pub online: bool,
    /// Version of their profile, where it was read: an older one is stale. 0 in what is pushed.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub profile_version: u64,
}

/// A sign-in on one computer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Device {
    /// Its identifier.
    #[cfg_attr(feature = "ts", ts(type = "string"))]
    pub sid: DeviceSid,
    /// What the computer calls itself.
    pub name: String,
    /// When it signed in.
    pub date_created: Timestamp,
    /// When it last renewed its tokens.
    pub last_seen: Timestamp,
    /// The device that asks.
    pub current: bool,
    /// What it has registered for; null without push notifications.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub push: Option<PushRegistration>,
}

/// An invite, without its secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invite {
    /// Its identifier.
    pub sid: InviteSid,
    /// When it ends.
    pub expires_at: Timestamp,
    /// How often it may be used.
    pub max_uses: u32,
    /// How often it was used.
    pub uses: u32,
}

/// A workspace as `hello` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Workspace {
    /// Its identifier.
    pub sid: WorkspaceSid,
    /// The name that people see.
    pub name: String,
    /// Where it can be reached, `host:port`; hints only.
    #[serde(default)]
    pub addresses: Vec<String>,
    /// SHA-256 of the public key (SPKI), 64 hex digits: its identity.
    pub fingerprint: String,
}
