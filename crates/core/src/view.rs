//! What the interface shows: rows with stable keys, and batched diffs of them.
//!
//! The interface holds no truth of its own: it applies [`ViewDiff`]s in order and sends [`Command`](crate::command::Command)s.

mod files;

use confab_protocol::WireError;
use confab_protocol::id::Timestamp;
use confab_protocol::model::{
    Conversation, ConversationState, NamedRole, NotificationLevel, ParticipantFlags, Role, Timers,
    UserConversation, UserStatus,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use files::{FileKind, FilesPreview, MediaView};

use crate::command::FileToSend;

/// The states of the connection, as the SDKs name them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum ConnectionState {
    /// On the way, or waiting to try again.
    #[default]
    Connecting,
    /// Signed in and in step.
    Connected,
    /// Ending on request.
    Disconnecting,
    /// Ended on request.
    Disconnected,
    /// The tokens are no longer good: sign in again.
    Denied,
}

/// A refusal or a failure in the form in which the interface makes a sentence of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Problem {
    /// A code of the protocol (`forbidden`, …) or of this computer (`unreachable`, `port_in_use`, …).
    pub code: String,
    /// The values that the sentence needs.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(type = "Record<string, unknown>"))]
    pub params: Map<String, Value>,
}

impl From<WireError> for Problem {
    fn from(error: WireError) -> Self {
        Self { code: error.code.as_str().to_owned(), params: error.params }
    }
}

/// Who is signed in where.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SessionView {
    /// SID of the workspace.
    pub workspace: String,
    /// Its name.
    pub workspace_name: String,
    /// Own identity.
    pub identity: String,
    /// Own friendly name.
    pub friendly_name: String,
    /// Own role in the workspace.
    pub role: Role,
    /// What oneself may do in the workspace.
    pub rights: WorkspaceRights,
    /// What one says of being there; null says nothing.
    pub status: Option<UserStatus>,
}

/// What oneself may do in the workspace; the server decides again.
#[expect(clippy::struct_excessive_bools, reason = "each stands for a permission")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct WorkspaceRights {
    /// Make conversations.
    pub create_conversation: bool,
    /// Join conversations that let anybody in.
    pub join_conversation: bool,
    /// Change one's own profile.
    pub edit_profile: bool,
    /// Make invites.
    pub create_invite: bool,
    /// Make, change and delete roles, and say who has which in the workspace.
    pub edit_roles: bool,
}

/// Whether a person is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum PresenceState {
    /// There.
    Online,
    /// Not at the desk.
    Away,
    /// Not to be disturbed.
    Busy,
    /// Not there, or wishes to look like it.
    Offline,
}

/// A person as shown anywhere.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PersonView {
    /// The identity; key of this row, and what the colour is made of.
    pub identity: String,
    /// SID of the user; null while no profile is known.
    pub sid: Option<String>,
    /// The friendly name.
    pub name: String,
    /// Whether they are there, as far as known; null when not subscribed.
    pub presence: Option<PresenceState>,
    /// SID of the role in the workspace; null when it is not known.
    pub role: Option<String>,
    /// Free JSON of the profile: an object.
    #[cfg_attr(feature = "ts", ts(type = "Record<string, unknown>"))]
    pub attributes: Value,
    /// May not sign in any more.
    pub deactivated: bool,
}

impl PersonView {
    /// Somebody of whom only the identity is known.
    pub(crate) fn unknown(identity: &str) -> Self {
        Self {
            sid: None,
            identity: identity.to_owned(),
            name: identity.to_owned(),
            presence: None,
            role: None,
            attributes: Value::Object(Map::new()),
            deactivated: false,
        }
    }
}

/// One row of the conversation list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ConversationRow {
    /// Stable key: the SID, or the `client_id` while it is being made (and ever after, for one made here).
    pub key: String,
    /// The SID; null until the server has made it.
    pub sid: Option<String>,
    /// Friendly name; empty when none was given.
    pub name: String,
    /// Unique name, when there is one.
    pub unique_name: Option<String>,
    /// Identity of the other one, when it is a conversation of two people.
    pub peer: Option<String>,
    /// It is in the directory, and anybody may join.
    pub public_join: bool,
    /// Participants see only what was posted while they were in it.
    pub uber: bool,
    /// Where it stands in its life.
    pub state: ConversationState,
    /// When it changes its state by itself.
    pub timers: Timers,
    /// Last activity; the list is ordered by it, newest first, then by key.
    pub activity_at: Timestamp,
    /// Who wrote the last message (friendly name; null for none).
    pub preview_author: Option<String>,
    /// Whether that was oneself.
    pub preview_own: bool,
    /// Its first line, or the name of its first file when it has no text; null for none.
    pub preview: Option<String>,
    /// What it is of, when it has files and no text; null otherwise.
    pub preview_files: Option<FilesPreview>,
    /// Exact unread count.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub unread: u64,
    /// Those that mention oneself.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub mentions: u64,
    /// Whether it may notify.
    pub notification_level: NotificationLevel,
    /// Own role in it.
    pub role: Role,
    /// How many participants it has.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub participants_count: u64,
    /// The draft, empty when there is none.
    pub draft: String,
    /// Files that were chosen for the message that is being written.
    pub attached: Vec<FileToSend>,
    /// Friendly names of those who type, in the order in which they began.
    pub typing: Vec<String>,
    /// One's leaving it, or its deletion for everyone, is on its way.
    pub going: bool,
    /// An entry of the outbox for this conversation was refused.
    pub failed: bool,
    /// One is no longer in it: only own drafts and unsent entries are left.
    pub left: bool,
}

/// A conversation that anybody may join.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PublicView {
    /// Its SID.
    pub sid: String,
    /// Friendly name; empty when none was given.
    pub name: String,
    /// Unique name, when there is one.
    pub unique_name: Option<String>,
    /// Identity of whoever made it.
    pub created_by: String,
    /// How many participants it has.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub participants_count: u64,
    /// When the newest message was posted; null when there is none, or none that everybody may know of.
    pub last_message_at: Option<Timestamp>,
    /// Where it stands in its life.
    pub state: ConversationState,
    /// Participants see only what was posted while they were in it.
    pub uber: bool,
}

impl From<Conversation> for PublicView {
    fn from(row: Conversation) -> Self {
        Self {
            sid: row.sid.to_string(),
            name: row.friendly_name.unwrap_or_default(),
            unique_name: row.unique_name,
            created_by: row.created_by,
            participants_count: row.participants_count,
            last_message_at: row.last_message.map(|last| last.date_created),
            state: row.state,
            uber: row.uber,
        }
    }
}

/// A conversation that one is no longer in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct LeftView {
    /// Its SID.
    pub sid: String,
    /// Its name as of leaving; empty when it had none.
    pub name: String,
    /// When one left it, was removed, or it was deleted.
    pub left_at: Option<Timestamp>,
}

impl From<UserConversation> for LeftView {
    fn from(me: UserConversation) -> Self {
        let (sid, name) = (me.conversation.to_string(), me.left_name.unwrap_or_default());
        Self { sid, name, left_at: me.left_at }
    }
}

/// Where a message of one's own stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// In the outbox.
    Sending,
    /// In memory only: this computer could not keep it yet.
    Unsaved,
    /// The server has it.
    #[default]
    Sent,
    /// The server refused it; retry or discard.
    Failed,
}

/// One message of the timeline.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct MessageRow {
    /// Stable key: the `client_id` for all messages, so that a local echo keeps its key.
    pub key: String,
    /// The SID; null while it is a local echo.
    pub sid: Option<String>,
    /// The index; null while it is a local echo.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub index: Option<u64>,
    /// The author's identity.
    pub author: String,
    /// The author's friendly name.
    pub author_name: String,
    /// Written by oneself.
    pub own: bool,
    /// What a program put above the text; null for most.
    pub subject: Option<String>,
    /// The text.
    pub body: String,
    /// Its files.
    pub media: Vec<MediaView>,
    /// When it was posted, or written while it is a local echo.
    pub at: Timestamp,
    /// Where it stands.
    pub state: MessageState,
    /// Why it failed.
    pub problem: Option<Problem>,
    /// It was edited.
    pub edited: bool,
    /// It may be edited by oneself.
    pub can_edit: bool,
    /// It may be removed by oneself.
    pub can_remove: bool,
}

/// One participant of the open conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ParticipantRow {
    /// SID of the participation; key of this row.
    pub sid: String,
    /// The identity.
    pub identity: String,
    /// The friendly name.
    pub name: String,
    /// Role in the conversation; `participant` for one that somebody made.
    pub role: Role,
    /// SID of the role.
    pub role_sid: String,
    /// What the person may do, whether by the role or by flags.
    pub flags: ParticipantFlags,
    /// Flags decide it, and not the role alone.
    pub flags_set: bool,
    /// Oneself may change role and flags: nobody gives or takes what they may not do themselves.
    pub can_change: bool,
    /// Oneself.
    pub own: bool,
    /// Whether they are there, as far as known.
    pub presence: Option<PresenceState>,
    /// Index up to which this person has read; null when never set.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub last_read_index: Option<u64>,
    /// When that was set.
    pub last_read_at: Option<Timestamp>,
}

/// How far a message has come with one participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ReceiptView {
    /// SID of the participation; key of this row.
    pub sid: String,
    /// The identity; null for whoever takes part by other means.
    pub identity: Option<String>,
    /// The friendly name; empty for those.
    pub name: String,
    /// They have read up to it.
    pub read: bool,
    /// When they had; while they have not, when it was posted.
    pub at: Timestamp,
}

/// Somebody who takes part in a conversation by other means than this one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct OutsiderView {
    /// SID of the participation; key of this row.
    pub sid: String,
    /// By what means: `sms`, `whatsapp`, `email`, or what a connector calls its own.
    pub means: String,
    /// Their address there.
    pub address: String,
}

/// What oneself may do in the open conversation; the server decides again.
#[expect(clippy::struct_excessive_bools, reason = "each stands for a permission")]
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Rights {
    /// Post messages.
    pub send: bool,
    /// Post messages with files.
    pub send_media: bool,
    /// Add participants.
    pub add_participant: bool,
    /// Remove participants.
    pub remove_participant: bool,
    /// Change the name.
    pub rename: bool,
    /// Say what others may do: give roles, set flags.
    pub set_role: bool,
    /// Change the unique name, who may join, its state and when that changes by itself.
    pub configure: bool,
    /// Leave it.
    pub leave: bool,
    /// Delete it for everyone.
    pub delete: bool,
}

/// A setting that follows the person to all their devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SettingView {
    /// Its name.
    pub key: String,
    /// Free JSON.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub value: Value,
}

/// The ends of the part of the open conversation that is held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TimelineEnds {
    /// There is more before the first row; ask with `load_older`.
    pub has_older: bool,
    /// There is more after the last row; ask with `load_newer`.
    pub has_newer: bool,
    /// The first page is on its way and nothing is held.
    pub loading: bool,
}

/// Something of one's own that the server refused and that no message row shows: a name, a person, a conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StuckView {
    /// Key of the entry, for `retry_stuck` and `discard_stuck`.
    pub key: String,
    /// What was to be done: `create`, `create_direct`, `configure`, `delete_conversation`, `rename`, `set_level`, `add_participant`,
    /// `remove_participant`, `edit`, `remove`, `set_friendly_name`, `set_status`, `set_role`, `give_role`, `set_flags`,
    /// `revoke_device`, `revoke_invite`.
    pub action: String,
    /// The name of the conversation that it concerns; empty for none.
    pub conversation: String,
    /// The new name, the person, the text, the field that was to be changed; empty when there is none.
    pub subject: String,
    /// Why.
    pub problem: Problem,
}

/// One change of what is shown. Diffs come in batches, in order; rows are whole rows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ViewDiff {
    /// Everything shown before is void; the diffs that follow build it anew.
    Reset,
    /// Who is signed in where; null shows the welcome screen.
    Session {
        /// The session.
        session: Option<SessionView>,
    },
    /// The connection changed.
    Connection {
        /// Its state.
        state: ConnectionState,
        /// When the next attempt is due, while waiting for one.
        retry_at: Option<Timestamp>,
    },
    /// Rows of the conversation list were added or changed.
    Conversations {
        /// The rows.
        upsert: Vec<ConversationRow>,
        /// Keys of rows that are gone.
        removed: Vec<String>,
        /// The list is as the server has it (false while only the cache is known).
        loaded: bool,
    },
    /// Another conversation is open; its timeline and roster start empty and are filled by the diffs that follow.
    Opened {
        /// Key of the conversation; null for none.
        conversation: Option<String>,
        /// What oneself may do there.
        rights: Rights,
        /// The "new messages" line stands after this index; null for no line. Fixed when the conversation is opened.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        new_after: Option<u64>,
        /// How many are new.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        new_count: u64,
    },
    /// Rights in the open conversation changed.
    Rights {
        /// Key of the conversation.
        conversation: String,
        /// What oneself may do there.
        rights: Rights,
    },
    /// Messages of the open conversation were added or changed. Order: by index; echoes without one after all others, as listed.
    Timeline {
        /// Key of the conversation.
        conversation: String,
        /// The rows.
        upsert: Vec<MessageRow>,
        /// Keys of rows that are gone.
        removed: Vec<String>,
        /// Drop all rows first: the window has jumped.
        reset: bool,
        /// The ends of what is held.
        ends: TimelineEnds,
    },
    /// A message of the open conversation was removed, be it among its rows or not: whoever listed it elsewhere drops it.
    MessageGone {
        /// Key of the conversation.
        conversation: String,
        /// Key of the message.
        message: String,
    },
    /// Whoever takes part in the open conversation by other means came, changed or went: whoever listed them asks again.
    OutsidersChanged {
        /// Key of the conversation.
        conversation: String,
    },
    /// Participants of the open conversation were added or changed.
    Roster {
        /// Key of the conversation.
        conversation: String,
        /// The rows.
        upsert: Vec<ParticipantRow>,
        /// Keys (participant SIDs) of rows that are gone.
        removed: Vec<String>,
        /// The whole roster is held.
        complete: bool,
    },
    /// People became known, changed their names, came or went.
    People {
        /// The rows.
        upsert: Vec<PersonView>,
    },
    /// Roles were made, changed or deleted: all of them, the built-in ones first.
    Roles {
        /// The roles.
        roles: Vec<NamedRole>,
    },
    /// Settings that follow the person to all their devices were set or forgotten.
    Settings {
        /// Those with a new value.
        upsert: Vec<SettingView>,
        /// Keys of those that were forgotten.
        removed: Vec<String>,
    },
    /// The badge of the whole workspace.
    UnreadTotal {
        /// Unread messages in conversations that are not muted.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        unread: u64,
        /// Those that mention oneself, in all conversations.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        mentions: u64,
    },
    /// What is stuck and has no other place: all of it, in the order in which it was asked for.
    Stuck {
        /// The entries.
        entries: Vec<StuckView>,
    },
    /// What is written cannot be kept on this computer, or the workspace has no room for it; or all is well again.
    Storage {
        /// Why it cannot: the server's `storage_full`, else a problem of this computer; null when it can.
        problem: Option<Problem>,
    },
    /// A refused action, to be said once.
    Notice {
        /// What was refused.
        problem: Problem,
    },
}

/// A desktop notification to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationView {
    /// Identifies it for withdrawal; one per message.
    pub key: String,
    /// Key of the conversation to open when it is clicked.
    pub conversation: String,
    /// Name of the conversation; empty when it has none.
    pub conversation_name: String,
    /// Friendly name of the author.
    pub author: String,
    /// The text, first 300 characters; or the name of its first file when it has no text.
    pub body: String,
    /// What it is of, when it has files and no text.
    pub files: Option<FilesPreview>,
}
