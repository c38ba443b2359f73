//! Every method: its name, parameters and result. A method not on this page does not exist.

mod access;
mod contact;
mod conversation;
mod media;
mod message;
mod names;
mod own_state;
mod participant;
mod people;
mod push;
mod reading;
mod role;
mod session;

use serde::{Deserialize, Serialize};
use serde_json::Value;

pub use self::access::*;
pub use self::contact::*;
pub use self::conversation::*;
pub use self::media::*;
pub use self::message::*;
pub use self::own_state::*;
pub use self::participant::*;
pub use self::people::*;
pub use self::push::*;
pub use self::reading::*;
pub use self::role::*;
pub use self::session::*;
use crate::error::{ErrorCode, WireError};

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

            /// The names of a method's parameters as they stand on the wire, for tables and tests; none for a method that is
            /// not known.
            #[must_use]
            pub fn parameters(method: &str) -> &'static [&'static str] {
                match method { $($name => names::of::<$params>(),)* _ => &[] }
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
    /// Several conversations by SID; those that one never was in are left out.
    "conversation.get_many" => ConversationGetMany(ConversationGetManyParams) -> ConversationGetManyResult;
    /// A conversation that lets anybody in, without joining it.
    "conversation.peek" => ConversationPeek(ConversationParams) -> ConversationPeekResult;
    /// Conversations that let anybody in, in pages by SID.
    "conversation.list_public" => ConversationListPublic(ConversationPageParams) -> ConversationListPublicResult;
    /// Conversations that one has left, in pages by SID.
    "conversation.list_left" => ConversationListLeft(ConversationPageParams) -> ConversationListLeftResult;
    /// How many live messages one may see, and how many participants there are.
    "conversation.counts" => ConversationCounts(ConversationParams) -> ConversationCountsResult;
    /// Makes a conversation; the maker joins it as owner.
    "conversation.create" => ConversationCreate(ConversationCreateParams) -> ConversationResult;
    /// Changes names, attributes, state, timers, or whether anybody may join.
    "conversation.update" => ConversationUpdate(ConversationUpdateParams) -> ConversationResult;
    /// Joins a conversation that lets anybody in.
    "conversation.join" => ConversationJoin(ConversationJoinParams) -> ConversationResult;
    /// Deletes a conversation for everyone.
    "conversation.delete" => ConversationDelete(ConversationDeleteParams) -> Nothing;
    /// Sets one's own notification level.
    "conversation.set_notification_level" => SetNotificationLevel(SetNotificationLevelParams) -> StateResult;
    /// The roster: in pages by SID, or what changed after a version.
    "participant.list" => ParticipantList(ParticipantListParams) -> ParticipantListResult;
    /// Adds a user.
    "participant.add" => ParticipantAdd(ParticipantAddParams) -> ParticipantResult;
    /// Changes a participant's attributes, role or flags.
    "participant.update" => ParticipantUpdate(ParticipantUpdateParams) -> ParticipantResult;
    /// Removes a participant; one's own identity means leaving.
    "participant.remove" => ParticipantRemove(ParticipantRemoveParams) -> ParticipantResult;
    /// Those who take part by other means than this workspace.
    "participant.list_non_chat" => NonChatList(ConversationParams) -> NonChatListResult;
    /// Adds somebody who takes part by other means.
    "participant.add_non_chat" => NonChatAdd(NonChatAddParams) -> NonChatResult;
    /// Changes the attributes of such a record.
    "participant.update_non_chat" => NonChatUpdate(NonChatUpdateParams) -> NonChatResult;
    /// Removes such a record.
    "participant.remove_non_chat" => NonChatRemove(NonChatRemoveParams) -> Nothing;
    /// All roles with their permissions.
    "role.list" => RoleList(Nothing) -> RoleListResult;
    /// Makes a role.
    "role.create" => RoleCreate(RoleCreateParams) -> RoleResult;
    /// Changes a role, for all who have it.
    "role.update" => RoleUpdate(RoleUpdateParams) -> RoleResult;
    /// Deletes a role that nobody has.
    "role.delete" => RoleDelete(RoleDeleteParams) -> Nothing;
    /// Posts a message.
    "message.send" => MessageSend(MessageSendParams) -> MessageResult;
    /// Changes the text or the attributes of a message.
    "message.edit" => MessageEdit(MessageEditParams) -> MessageResult;
    /// Removes a message; its index stays unused.
    "message.remove" => MessageRemove(MessageRemoveParams) -> MessageResult;
    /// Messages around a place, ascending, in either direction.
    "message.page" => MessagePage(MessagePageParams) -> MessagePageResult;
    /// How far a message has come, over all whom it is for and one by one.
    "message.receipts" => MessageReceipts(MessageReceiptsParams) -> MessageReceiptsResult;
    /// Says how far a message has come with somebody who takes part by other means.
    "message.report" => MessageReport(MessageReportParams) -> MessageReportResult;
    /// Events of a log after a sequence.
    "event.range" => EventRange(EventRangeParams) -> EventRangeResult;
    /// Events of a log by two of first, last and number.
    "event.replay" => EventReplay(EventReplayParams) -> EventReplayResult;
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
    /// Everybody in the workspace, in pages by SID.
    "user.list" => UserList(UserListParams) -> UserListResult;
    /// Says whether one is there, whatever one's connections say.
    "user.set_status" => UserSetStatus(UserSetStatusParams) -> UserResult;
    /// Profiles by identity or SID.
    "user.get" => UserGet(UserGetParams) -> UserGetResult;
    /// Changes a profile: one's own, or another's with permission.
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
    /// Says where push notifications for this device go, and of what.
    "push.register" => PushRegister(PushRegisterParams) -> PushRegisterResult;
    /// Ends push notifications for a device of one's own.
    "push.unregister" => PushUnregister(PushUnregisterParams) -> Nothing;
    /// Sets what one is writing in a conversation.
    "draft.set" => DraftSet(DraftSetParams) -> DraftResult;
    /// Sets or forgets a setting that follows one to all one's devices.
    "setting.set" => SettingSet(SettingSetParams) -> SettingResult;
    /// Short-lived addresses of files, which need no token.
    "media.urls" => MediaUrls(MediaUrlsParams) -> MediaUrlsResult;
    /// How many files of what size and type may be sent.
    "media.limits" => MediaLimits(Nothing) -> MediaLimitsResult;
}

/// No parameters, or no result: `{}`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}
