//! Every method: its name, parameters and result. A method not on this page does not exist.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{ErrorCode, WireError};
use crate::event::LogEvent;
use crate::id::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MessageSid, ParticipantSid, Timestamp,
};
use crate::model::{
    ConversationSummary, Device, Invite, Message, MessageType, NotificationLevel, Participant, Presence,
    Role, Unread, User, Workspace,
};
use crate::version::{Capability, VersionRange};

macro_rules! methods {
    ($($(#[$doc:meta])* $name:literal => $variant:ident($params:ty) -> $result:ty;)*) => {
        /// A request's method with its parameters.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Call {
            $($(#[$doc])* $variant($params),)*
        }

        /// A method's result.
        #[derive(Debug, Clone, PartialEq, Serialize)]
        #[serde(untagged)]
        pub enum Answer {
            $($(#[$doc])* $variant($result),)*
        }

        impl Call {
            /// The names of all methods.
            pub const METHODS: &'static [&'static str] = &[$($name,)*];

            /// Its name on the wire.
            #[must_use]
            pub fn method(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// Reads parameters (JSON text) for the method named.
            ///
            /// # Errors
            /// `unknown_method`, or `invalid_params` with what is wrong.
            pub fn decode(method: &str, params: &str) -> Result<Self, WireError> {
                match method {
                    $($name => serde_json::from_str(params).map(Self::$variant).map_err(|error| invalid(&error)),)*
                    _ => Err(WireError::new(ErrorCode::UnknownMethod).with("method", clip(method, 64))),
                }
            }
        }

        impl Answer {
            /// Reads the result of the method named.
            ///
            /// # Errors
            /// `bad_frame` when the result has not the method's form; `unknown_method`.
            pub fn decode(method: &str, result: Value) -> Result<Self, WireError> {
                match method {
                    $($name => serde_json::from_value(result).map(Self::$variant)
                        .map_err(|_| ErrorCode::BadFrame.into()),)*
                    _ => Err(ErrorCode::UnknownMethod.into()),
                }
            }
        }
    };
}

fn clip(text: &str, chars: usize) -> String {
    text.chars().take(chars).collect()
}

fn invalid(error: &serde_json::Error) -> WireError {
    // serde names the field in back quotes: "missing field `body`".
    let text = error.to_string();
    let field = text.split('`').nth(1).unwrap_or("params").to_owned();
    WireError::invalid(&clip(&field, 64), &clip(&text, 200))
}

methods! {
    /// First frame of every connection.
    "hello" => Hello(HelloParams) -> HelloResult;
    /// A sign of life from the client; the answer carries the server's clock.
    "ping" => Ping(Nothing) -> PingResult;
    /// Puts a renewed access token into use without reconnecting.
    "token.renew" => TokenRenew(TokenRenewParams) -> TokenRenewResult;
    /// What moved since a cursor: heads and own rows, in pages.
    "resume" => Resume(ResumeParams) -> ResumeResult;
    /// One's conversations by last activity, newest first, in pages.
    "conversation.list" => ConversationList(ConversationListParams) -> ConversationListResult;
    /// One conversation by SID or unique name.
    "conversation.get" => ConversationGet(ConversationGetParams) -> ConversationResult;
    /// Makes a conversation; the maker joins it as owner.
    "conversation.create" => ConversationCreate(ConversationCreateParams) -> ConversationResult;
    /// Changes names or attributes.
    "conversation.update" => ConversationUpdate(ConversationUpdateParams) -> ConversationResult;
    /// Sets one's own notification level.
    "conversation.set_notification_level" => SetNotificationLevel(SetNotificationLevelParams) -> StateResult;
    /// The roster: in pages by SID, or what changed after a version.
    "participant.list" => ParticipantList(ParticipantListParams) -> ParticipantListResult;
    /// Adds a user.
    "participant.add" => ParticipantAdd(ParticipantAddParams) -> ParticipantResult;
    /// Changes a participant's attributes or role.
    "participant.update" => ParticipantUpdate(ParticipantUpdateParams) -> ParticipantResult;
    /// Removes a participant; one's own identity means leaving.
    "participant.remove" => ParticipantRemove(ParticipantRemoveParams) -> ParticipantResult;
    /// Posts a message.
    "message.send" => MessageSend(MessageSendParams) -> MessageResult;
    /// Changes the text or the attributes of a message.
    "message.edit" => MessageEdit(MessageEditParams) -> MessageResult;
    /// Removes a message; its index stays unused.
    "message.remove" => MessageRemove(MessageRemoveParams) -> MessageResult;
    /// Messages around a place, ascending, in either direction.
    "message.page" => MessagePage(MessagePageParams) -> MessagePageResult;
    /// Events of a log after a sequence.
    "event.range" => EventRange(EventRangeParams) -> EventRangeResult;
    /// Moves one's read horizon.
    "horizon.set" => HorizonSet(HorizonSetParams) -> HorizonResult;
    /// Exact unread counts now.
    "unread.get" => UnreadGet(UnreadGetParams) -> UnreadGetResult;
    /// Says that one types. Not answered with anything; at most once per renewal interval is passed on.
    "typing.start" => TypingStart(ConversationParams) -> Nothing;
    /// What this session looks at: decides which roster changes are pushed to it.
    "interest.set" => InterestSet(InterestSetParams) -> Nothing;
    /// Replaces the set of people whose presence is pushed; the answer is a snapshot.
    "presence.subscribe" => PresenceSubscribe(PresenceSubscribeParams) -> PresenceSubscribeResult;
    /// Profiles by identity.
    "user.get" => UserGet(UserGetParams) -> UserGetResult;
    /// Changes one's own profile.
    "user.update" => UserUpdate(UserUpdateParams) -> UserResult;
    /// Sets one's own password, for signing in on another computer.
    "user.set_password" => UserSetPassword(UserSetPasswordParams) -> Nothing;
    /// Makes an invite; only this answer ever holds its secret.
    "invite.create" => InviteCreate(InviteCreateParams) -> InviteCreateResult;
    /// Ends an invite.
    "invite.revoke" => InviteRevoke(InviteRevokeParams) -> Nothing;
    /// Live invites.
    "invite.list" => InviteList(Nothing) -> InviteListResult;
    /// One's own devices.
    "device.list" => DeviceList(Nothing) -> DeviceListResult;
    /// Signs a device of one's own out, everywhere, at once.
    "device.revoke" => DeviceRevoke(DeviceRevokeParams) -> Nothing;
}

/// No parameters, or no result: `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// Parameters of `hello`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloParams {
    /// The versions that the client speaks.
    pub versions: VersionRange,
    /// What the client can do beyond the base.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The access token.
    pub token: String,
    /// Name and version of the client, for the log.
    #[serde(default)]
    pub client: String,
}

impl std::fmt::Debug for HelloParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HelloParams")
            .field("versions", &self.versions)
            .field("client", &self.client)
            .finish_non_exhaustive()
    }
}

/// Result of `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HelloResult {
    /// The version that both sides use from here on.
    pub version: u32,
    /// What the server can do beyond the base.
    #[serde(default)]
    pub capabilities: Vec<Capability>,
    /// The workspace.
    pub workspace: Workspace,
    /// Its epoch: another one than the client's voids all its versions.
    pub epoch: Epoch,
    /// The user that the token stands for.
    pub user: User,
    /// The device that the token stands for.
    pub device: DeviceSid,
    /// The user's state version now.
    pub state_version: u64,
    /// The server's clock, for show.
    pub now: Timestamp,
    /// When the access token ends.
    pub token_expires_at: Timestamp,
    /// How often both sides give a sign of life, in milliseconds.
    pub heartbeat_ms: u64,
}

/// Result of `ping`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PingResult {
    /// The server's clock, for show.
    pub now: Timestamp,
}

/// Parameters of `token.renew`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRenewParams {
    /// A new access token of the same user and device.
    pub token: String,
}

impl std::fmt::Debug for TokenRenewParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("TokenRenewParams(…)")
    }
}

/// Result of `token.renew`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenRenewResult {
    /// When the new token ends.
    pub token_expires_at: Timestamp,
}

/// Parameters of `resume`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResumeParams {
    /// The epoch that the cursor belongs to.
    pub epoch: Epoch,
    /// Where the last answer of `resume` or `conversation.list` ended.
    pub cursor: u64,
    /// At most this many summaries (≤ 50).
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Result of `resume`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ResumeResult {
    /// The epoch of everything here.
    pub epoch: Epoch,
    /// Where to go on.
    pub cursor: u64,
    /// There is more: ask again from `cursor`.
    pub more: bool,
    /// The user's state version when this was read.
    pub state_version: u64,
    /// A summary for each conversation whose log, roster or own row moved.
    pub summaries: Vec<ConversationSummary>,
}

/// Parameters of `conversation.list`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationListParams {
    /// Go on after the page whose answer said this.
    #[serde(default)]
    pub after: Option<String>,
    /// At most this many (≤ 50).
    #[serde(default)]
    pub limit: Option<u32>,
}

/// Result of `conversation.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationListResult {
    /// The epoch of everything here.
    pub epoch: Epoch,
    /// A cursor for `resume` as of this page; the first page's is the one to keep.
    pub cursor: u64,
    /// The user's state version when this was read.
    pub state_version: u64,
    /// Newest activity first.
    pub summaries: Vec<ConversationSummary>,
    /// What to pass as `after` for the next page; null at the end.
    #[serde(default)]
    pub next: Option<String>,
}

/// Parameters that name a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationParams {
    /// The conversation.
    pub conversation: ConversationSid,
}

/// Parameters of `conversation.get`: exactly one of the two.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConversationGetParams {
    /// By SID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub conversation: Option<ConversationSid>,
    /// By unique name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
}

/// A conversation as the asker may see it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationResult {
    /// Conversation, own row and last message, each with its version.
    pub summary: ConversationSummary,
}

/// Parameters of `conversation.create`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationCreateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// A name unique in the workspace.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<String>,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// Participants see only what was posted while they were in it.
    #[serde(default)]
    pub uber: bool,
}

/// Parameters of `conversation.update`; fields left out stay as they are, null or "" clears.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ConversationUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The name that people see.
    #[serde(default, with = "patch", skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<Option<String>>,
    /// A name unique in the workspace.
    #[serde(default, with = "patch", skip_serializing_if = "Option::is_none")]
    pub unique_name: Option<Option<String>>,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

/// A field that may be left out (outer `None`) or null (inner `None`).
mod patch {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[expect(clippy::option_option, reason = "left out and null are two things here")]
    pub(super) fn serialize<T: Serialize, S: Serializer>(
        value: &Option<Option<T>>,
        to: S,
    ) -> Result<S::Ok, S::Error> {
        value.as_ref().and_then(Option::as_ref).serialize(to)
    }

    #[expect(clippy::option_option, reason = "left out and null are two things here")]
    pub(super) fn deserialize<'de, T: Deserialize<'de>, D: Deserializer<'de>>(
        from: D,
    ) -> Result<Option<Option<T>>, D::Error> {
        Option::deserialize(from).map(Some)
    }
}

/// Parameters of `conversation.set_notification_level`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetNotificationLevelParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The level.
    pub level: NotificationLevel,
}

/// One's own row after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StateResult {
    /// The row as it stands.
    pub me: crate::model::UserConversation,
}

/// Parameters of `participant.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantListParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Only rows whose version is newer; tombstones included. Left out: all who are in it now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after_version: Option<u64>,
    /// Go on after this participant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ParticipantSid>,
    /// At most this many (≤ 200).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `participant.list`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantListResult {
    /// The roster's version when this was read.
    pub as_of: u64,
    /// By SID, or by version when `after_version` was given.
    pub participants: Vec<Participant>,
    /// There is more: go on after the last SID, or after the last version.
    pub more: bool,
}

/// Parameters of `participant.add`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantAddParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// Whom to add; compared without regard to case.
    pub identity: String,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

/// Parameters of `participant.update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The participant.
    pub participant: ParticipantSid,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// The role in this conversation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<Role>,
}

/// Parameters of `participant.remove`: exactly one of `participant` and `identity`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParticipantRemoveParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// By SID.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub participant: Option<ParticipantSid>,
    /// By identity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub identity: Option<String>,
}

/// A roster row after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ParticipantResult {
    /// The row as it stands.
    pub participant: Participant,
}

/// Parameters of `message.send`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageSendParams {
    /// Applied once, for ever.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The text.
    pub body: String,
    /// What it is.
    #[serde(default, rename = "type")]
    pub kind: MessageType,
    /// Free JSON.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
    /// The message that this one answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub relates_to: Option<MessageSid>,
    /// Identities that this message calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mentions: Vec<String>,
    /// The device's previous message that has no answer yet: this one is refused (`out_of_order`) until that one stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<ClientId>,
}

impl std::fmt::Debug for MessageSendParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageSendParams")
            .field("client_id", &self.client_id)
            .field("conversation", &self.conversation)
            .finish_non_exhaustive()
    }
}

/// How a message is named: `{"sid":…}`, or `{"client_id":…}` for one's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MessageRef {
    /// By SID.
    Sid(MessageSid),
    /// By the id under which one sent it.
    ClientId(ClientId),
}

/// Parameters of `message.edit`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageEditParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageRef,
    /// The new text; left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub body: Option<String>,
    /// Free JSON, replaced as a whole; left out: as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

impl std::fmt::Debug for MessageEditParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MessageEditParams")
            .field("client_id", &self.client_id)
            .field("message", &self.message)
            .finish_non_exhaustive()
    }
}

/// Parameters of `message.remove`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRemoveParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The message.
    pub message: MessageRef,
}

/// A message after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessageResult {
    /// The message as it stands; its `version` says as of when.
    pub message: Message,
}

/// Where a page lies from its anchor.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// The anchor is the newest message of the page.
    #[default]
    Backwards,
    /// The anchor is the oldest message of the page.
    Forward,
}

/// Parameters of `message.page`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessagePageParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// An index, itself included; over gaps the next one in the direction. Left out: the end (backwards) or the start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<u64>,
    /// Which way from the anchor.
    #[serde(default)]
    pub direction: Direction,
    /// At most this many (≤ 100, 30 by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `message.page`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MessagePageResult {
    /// Sequence of the last event of the log when this was read.
    pub as_of: u64,
    /// Ascending by index; removed ones as tombstones.
    pub messages: Vec<Message>,
    /// There are visible ones before the first.
    pub has_older: bool,
    /// There are visible ones after the last.
    pub has_newer: bool,
}

/// Parameters of `event.range`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRangeParams {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Events with a higher sequence.
    pub after: u64,
    /// At most this many numbers (≤ 100).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Result of `event.range`: covers every number from `from` to `to`, with fewer events where some may not be seen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EventRangeResult {
    /// First number covered: `after` + 1.
    pub from: u64,
    /// Last number covered; moves the client's version. Less than `from` when there is nothing.
    pub to: u64,
    /// There is more: ask again after `to`.
    pub more: bool,
    /// The log is longer than is worth replaying: drop what is cached of it and load anew; `to` is its head.
    #[serde(default)]
    pub reset: bool,
    /// What may be seen, ascending.
    pub events: Vec<LogEvent>,
}

/// How a horizon moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HorizonMode {
    /// Forward only; a lower index changes nothing.
    Advance,
    /// To any place, also back; refused changes of a stale device change nothing.
    Set,
}

/// Parameters of `horizon.set`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct HorizonSetParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The conversation.
    pub conversation: ConversationSid,
    /// The index; null with `set`: all unread.
    #[serde(default)]
    pub index: Option<u64>,
    /// Forward only, or anywhere.
    pub mode: HorizonMode,
    /// Version of the own row that the wish is based on: an `advance` based on a row from before a `set` is ignored.
    pub based_on: u64,
}

/// Result of `horizon.set`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HorizonResult {
    /// The own row as it stands.
    pub me: crate::model::UserConversation,
}

/// Parameters of `unread.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadGetParams {
    /// Conversations (≤ 50).
    pub conversations: Vec<ConversationSid>,
}

/// Counts of one conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadRow {
    /// The conversation.
    pub conversation: ConversationSid,
    /// Horizon and counts.
    #[serde(flatten)]
    pub unread: Unread,
}

/// Result of `unread.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UnreadGetResult {
    /// One row for each conversation asked for that one is in.
    pub rows: Vec<UnreadRow>,
}

/// Parameters of `interest.set`; replaces what was declared before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct InterestSetParams {
    /// The conversation that is open.
    #[serde(default)]
    pub open: Option<ConversationSid>,
    /// Conversations whose rows are on screen (≤ 100).
    #[serde(default)]
    pub rows: Vec<ConversationSid>,
}

/// Parameters of `presence.subscribe`; replaces what was subscribed before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSubscribeParams {
    /// People on screen (≤ 100).
    pub identities: Vec<String>,
}

/// Result of `presence.subscribe`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresenceSubscribeResult {
    /// How things stand now.
    pub people: Vec<Presence>,
}

/// Parameters of `user.get`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserGetParams {
    /// Identities (≤ 50).
    pub identities: Vec<String>,
}

/// Result of `user.get`; unknown identities are left out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserGetResult {
    /// The profiles.
    pub users: Vec<User>,
}

/// Parameters of `user.update`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserUpdateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The name that people see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// Free JSON, replaced as a whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Value>,
}

/// A profile after a change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct UserResult {
    /// The profile as it stands.
    pub user: User,
}

/// Parameters of `user.set_password`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserSetPasswordParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The present one; may be left out while there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current: Option<String>,
    /// The new one.
    pub password: String,
}

impl std::fmt::Debug for UserSetPasswordParams {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserSetPasswordParams(…)")
    }
}

/// Parameters of `invite.create`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreateParams {
    /// Applied once.
    pub client_id: ClientId,
    /// How long it lives, in milliseconds (≤ 30 days; 7 days by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_in_ms: Option<u64>,
    /// How often it may be used (≤ 1,000; 100 by default).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_uses: Option<u32>,
}

/// Result of `invite.create`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteCreateResult {
    /// The invite.
    pub invite: Invite,
    /// The link to pass on.
    pub link: String,
}

impl std::fmt::Debug for InviteCreateResult {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("InviteCreateResult").field("invite", &self.invite).finish_non_exhaustive()
    }
}

/// Parameters of `invite.revoke`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteRevokeParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The invite.
    pub invite: InviteSid,
}

/// Result of `invite.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InviteListResult {
    /// Those that can still be used.
    pub invites: Vec<Invite>,
}

/// Result of `device.list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceListResult {
    /// Those that are signed in.
    pub devices: Vec<Device>,
}

/// Parameters of `device.revoke`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceRevokeParams {
    /// Applied once.
    pub client_id: ClientId,
    /// The device.
    pub device: DeviceSid,
}
