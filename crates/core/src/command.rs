//! What a person asks for. One closed enum; every mutation goes through the outbox.

use confab_protocol::model::{Device, NotificationLevel, ParticipantFlags, Role, RoleType, UserStatus};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kind::{ConversationChange, ConversationOptions};
use crate::view::{FileKind, LeftView, MessageRow, OutsiderView, PersonView, PublicView, ReceiptView};

/// A wish of the person. `conversation` is the key of a row, `message` the key of a message row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Command {
    /// Open a conversation; null closes the one that is open.
    Open {
        /// Which.
        conversation: Option<String>,
    },
    /// The window gained or lost the focus.
    Focus {
        /// It has it now.
        focused: bool,
    },
    /// What is on screen: rows of the list, and people whose presence is shown.
    Interest {
        /// Keys of conversations.
        rows: Vec<String>,
        /// Identities (≤ 100).
        people: Vec<String>,
    },
    /// Load an older page of the open conversation.
    LoadOlder,
    /// Load a newer page of the open conversation.
    LoadNewer,
    /// Go to the newest messages of the open conversation.
    LoadLatest,
    /// Make a conversation and open it.
    CreateConversation {
        /// Its friendly name.
        name: String,
        /// Its unique name.
        unique_name: Option<String>,
        /// Of what kind it is.
        #[serde(default)]
        options: ConversationOptions,
    },
    /// Open the conversation with one other person; it is made when there is none yet.
    OpenDirect {
        /// With whom; compared without regard to case.
        identity: String,
    },
    /// Change something of a conversation.
    Configure {
        /// Which.
        conversation: String,
        /// What.
        change: ConversationChange,
    },
    /// Delete a conversation for everyone.
    DeleteConversation {
        /// Which.
        conversation: String,
    },
    /// Join a conversation of the directory, and open it.
    JoinConversation {
        /// Its SID.
        conversation: String,
    },
    /// List conversations that anybody may join. Answered with `directory`.
    ListPublic {
        /// Go on after the page that said this.
        after: Option<String>,
    },
    /// Look at a conversation that one may join, without joining. Answered with `public`.
    Peek {
        /// Its SID.
        conversation: String,
    },
    /// List conversations that one is no longer in. Answered with `left`.
    ListLeft {
        /// Go on after the page that said this.
        after: Option<String>,
    },
    /// List the people of the workspace. Answered with `people`.
    ListPeople {
        /// Only those whose identity or friendly name holds this, without regard to case; blank or left out: everybody.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(optional))]
        query: Option<String>,
        /// Go on after the page that said this.
        after: Option<String>,
    },
    /// Change a conversation's friendly name.
    Rename {
        /// Which.
        conversation: String,
        /// The new name.
        name: String,
    },
    /// Mute or unmute.
    SetNotificationLevel {
        /// Which.
        conversation: String,
        /// The level.
        level: NotificationLevel,
    },
    /// Add a participant.
    AddParticipant {
        /// Where.
        conversation: String,
        /// Whom; compared without regard to case.
        identity: String,
    },
    /// Remove a participant; one's own identity means leaving.
    RemoveParticipant {
        /// Where.
        conversation: String,
        /// Whom.
        identity: String,
    },
    /// Send what is written; the draft is emptied in the same step.
    Send {
        /// Where.
        conversation: String,
        /// The text.
        body: String,
    },
    /// Send files, with a text or without; the draft is emptied in the same step. They are uploaded first.
    SendFiles {
        /// Where.
        conversation: String,
        /// The text; may be blank.
        body: String,
        /// The files, which the client was given to keep (1 to 10).
        files: Vec<FileToSend>,
    },
    /// Put a file beside what is being written. It stays there, in this run of the program, until it is sent or taken away.
    Attach {
        /// Where.
        conversation: String,
        /// The file, which the client was given to keep.
        file: FileToSend,
    },
    /// Take a file away again; the client keeps it no longer.
    Detach {
        /// Where.
        conversation: String,
        /// By which it is kept.
        file: String,
    },
    /// Change an own message.
    Edit {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
        /// The new text.
        body: String,
    },
    /// Remove an own message.
    Remove {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
    },
    /// Send a refused message again.
    Retry {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
    },
    /// Forget a refused message.
    Discard {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
    },
    /// Do again what is stuck without a place of its own.
    RetryStuck {
        /// Its key.
        entry: String,
    },
    /// Forget what is stuck without a place of its own.
    DiscardStuck {
        /// Its key.
        entry: String,
    },
    /// Keep what is being written.
    Draft {
        /// Where.
        conversation: String,
        /// The text; empty removes the draft.
        body: String,
    },
    /// A key was pressed in the composer.
    Typing {
        /// Where.
        conversation: String,
    },
    /// Everything up to this index was on screen in the focused window.
    Read {
        /// Where.
        conversation: String,
        /// The index.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        index: u64,
    },
    /// Put the horizon just before a message.
    MarkUnread {
        /// Where.
        conversation: String,
        /// Its index; null for the newest one.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        index: Option<u64>,
    },
    /// Put the horizon of a conversation behind its newest message.
    MarkRead {
        /// Where.
        conversation: String,
    },
    /// Do so in all conversations in which anything is unread.
    MarkAllRead,
    /// Change one's own friendly name.
    SetFriendlyName {
        /// The name.
        name: String,
    },
    /// Set or change one's own password.
    SetPassword {
        /// The present one, when there is one.
        current: Option<String>,
        /// The new one.
        password: String,
    },
    /// Set a setting that follows one to all one's devices, or forget it.
    SetSetting {
        /// Its name: 1 to 64 of `a-z`, `0-9`, `.`, `_` and `-`.
        key: String,
        /// Free JSON (≤ 4 KiB); null forgets it.
        #[cfg_attr(feature = "ts", ts(type = "unknown"))]
        value: Value,
    },
    /// Make a participant an owner of a conversation, or take it back.
    SetRole {
        /// Where.
        conversation: String,
        /// Whose; compared without regard to case.
        identity: String,
        /// The role.
        role: Role,
    },
    /// Give a participant a role that somebody made.
    GiveRole {
        /// Where.
        conversation: String,
        /// Whose; compared without regard to case.
        identity: String,
        /// SID of the role.
        role: String,
    },
    /// Say by flags what a participant may do, whatever the role says, until a role is given anew.
    SetFlags {
        /// Where.
        conversation: String,
        /// Whose; compared without regard to case.
        identity: String,
        /// All of them.
        flags: ParticipantFlags,
    },
    /// Say whether one is there; null says nothing any more.
    SetStatus {
        /// What to say.
        status: Option<UserStatus>,
    },
    /// Ask for messages with files, from the end of a conversation. Answered with `files`; what is shown of its messages stays.
    ListFiles {
        /// Where.
        conversation: String,
        /// Where to go on; null for the end.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        before: Option<u64>,
    },
    /// Ask who has read a message of the open conversation. Answered with `receipts`.
    ListReceipts {
        /// Where.
        conversation: String,
        /// Which.
        message: String,
        /// Where to go on; null for the beginning.
        after: Option<String>,
    },
    /// Ask who takes part in a conversation by other means: by telephone, by e-mail. Answered with `outsiders`.
    ListOutsiders {
        /// Where.
        conversation: String,
    },
    /// Make a role. Answered when it is made.
    CreateRole {
        /// Its name.
        name: String,
        /// What it is for.
        place: RoleType,
        /// Names of permissions of that place.
        permissions: Vec<String>,
    },
    /// Change a role, for all who have it. Answered when it is changed.
    UpdateRole {
        /// Its SID.
        role: String,
        /// Its name.
        name: String,
        /// Names of permissions.
        permissions: Vec<String>,
    },
    /// Delete a role that nobody has. Answered when it is gone.
    DeleteRole {
        /// Its SID.
        role: String,
    },
    /// Give a user a role in the workspace. Answered when they have it.
    SetUserRole {
        /// SID of the user.
        user: String,
        /// SID of the role.
        role: String,
    },
    /// List one's own devices. Answered with `devices`.
    ListDevices,
    /// Sign one of one's own devices out.
    RevokeDevice {
        /// Its SID.
        device: String,
    },
    /// Make an invite.
    CreateInvite {
        /// How long it lives, in milliseconds; null for 7 days.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        expires_in_ms: Option<u64>,
        /// How often it may be used; null for 100.
        max_uses: Option<u32>,
    },
    /// End an invite.
    RevokeInvite {
        /// Its SID.
        invite: String,
    },
    /// Ask for short-lived addresses of files. Answered with `media_urls`.
    MediaUrls {
        /// Their SIDs (1 to 100).
        media: Vec<String>,
    },
    /// Ask what files the server takes. Answered with `file_limits`.
    FileLimits,
    /// Try to connect now.
    Reconnect,
}

impl Command {
    /// Make a private conversation of its maker alone.
    #[must_use]
    pub fn create(name: impl Into<String>, unique_name: Option<String>) -> Self {
        Self::CreateConversation { name: name.into(), unique_name, options: ConversationOptions::default() }
    }
}

/// A file that the client keeps until it is sent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FileToSend {
    /// By which it is kept, 32 hex digits.
    pub id: String,
    /// Its name, without a path.
    pub name: Option<String>,
    /// What it is shown as.
    #[serde(default)]
    pub kind: FileKind,
    /// What it is, such as `image/png`.
    pub content_type: String,
    /// What its first bytes say that it is, where they say anything.
    #[serde(default)]
    pub sniffed_type: Option<String>,
    /// How long it is, in bytes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub size: u64,
    /// Width of a picture, in pixels.
    #[serde(default)]
    pub width: Option<u32>,
    /// Height of a picture, in pixels.
    #[serde(default)]
    pub height: Option<u32>,
}

/// What a command answers; most answer `done` at once and show their effect as diffs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum CommandAnswer {
    /// Taken.
    Done,
    /// A conversation was made (or is being made); it is open.
    Conversation {
        /// Its key.
        key: String,
    },
    /// One's own devices that are signed in and stay so.
    Devices {
        /// The one last used first.
        devices: Vec<Device>,
    },
    /// A page of messages with files.
    Files {
        /// By index. There may be none although there are more further back.
        messages: Vec<MessageRow>,
        /// Where to go on; null at the beginning of the conversation.
        #[cfg_attr(feature = "ts", ts(type = "number | null"))]
        next: Option<u64>,
    },
    /// Who has read a message.
    Receipts {
        /// Whom it is for: those who may see it, its author not counted.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        total: u64,
        /// Those of them that this part of the list tells of.
        receipts: Vec<ReceiptView>,
        /// Where to go on; null at the end.
        next: Option<String>,
    },
    /// Who takes part by other means; all of them.
    Outsiders {
        /// By SID.
        people: Vec<OutsiderView>,
    },
    /// Addresses of files.
    MediaUrls {
        /// Path and query of each, in the order in which they were asked for.
        urls: Vec<String>,
    },
    /// A page of the directory.
    Directory {
        /// In no order that says anything.
        conversations: Vec<PublicView>,
        /// What to go on after; null at the end.
        next: Option<String>,
    },
    /// A conversation that one may join.
    Public {
        /// As it stands.
        conversation: Box<PublicView>,
    },
    /// A page of the conversations that one is no longer in.
    Left {
        /// In no order that says anything.
        conversations: Vec<LeftView>,
        /// What to go on after; null at the end.
        next: Option<String>,
    },
    /// A page of the people of the workspace.
    People {
        /// In no order that says anything; without those who were switched off.
        people: Vec<PersonView>,
        /// What to go on after; null at the end.
        next: Option<String>,
    },
    /// What files the server takes.
    FileLimits {
        /// Longest file, in bytes.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        file_bytes: u64,
        /// Files of one message.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        per_message: u64,
        /// Types that are taken, such as `image/png` or `image/*`; empty: all.
        allowed_types: Vec<String>,
        /// Types that are not, whatever is allowed.
        denied_types: Vec<String>,
    },
    /// An invite was made.
    Invite {
        /// Its SID.
        sid: String,
        /// The link.
        link: String,
        /// When it ends.
        expires_at: confab_protocol::Timestamp,
    },
}
