//! What has changed, as closed lists: what an update event names, and how it is found out.

use confab_protocol::{Change, LogEvent, model};

use super::cells::{ConversationData, UserData};

macro_rules! reasons {
    ($(#[$doc:meta])* $name:ident { $($(#[$what:meta])* $reason:ident,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum $name {
            $($(#[$what])* $reason,)*
        }
    };
}

reasons! {
    /// What of a conversation has changed.
    ConversationUpdateReason {
        /// Its attributes.
        Attributes,
        /// When it was made, or by whom: it was not known before.
        DateCreated,
        /// When it last changed.
        DateUpdated,
        /// Its friendly name.
        FriendlyName,
        /// How far one has read, on whatever device.
        LastReadMessageIndex,
        /// What its newest message is.
        LastMessage,
        /// Whether it may notify.
        NotificationLevel,
        /// Whether it is active, inactive or closed.
        State,
        /// Whether one is a participant of it.
        Status,
        /// Its unique name.
        UniqueName,
        /// Whether anybody may join.
        PublicJoin,
        /// When it changes its state by itself.
        Timers,
        /// One's own role or flags in it.
        Role,
        /// Who takes part by other means.
        NonChatParticipants,
    }
}

reasons! {
    /// What of a participant has changed.
    ParticipantUpdateReason {
        /// Their attributes.
        Attributes,
        /// When they came in: they left and came back.
        DateCreated,
        /// When anything of them last changed.
        DateUpdated,
        /// How far they have read.
        LastReadMessageIndex,
        /// When they last read.
        LastReadTimestamp,
        /// Their role.
        Role,
        /// Their flags.
        Flags,
    }
}

reasons! {
    /// What of a message has changed.
    MessageUpdateReason {
        /// Its attributes.
        Attributes,
        /// Its text.
        Body,
        /// When it was last changed.
        DateUpdated,
        /// How far copies of it have come with those who take part by other means.
        DeliveryReceipt,
        /// Who changed it last.
        LastUpdatedBy,
        /// Its files.
        Media,
        /// What it is about.
        Subject,
    }
}

reasons! {
    /// What of a user has changed.
    UserUpdateReason {
        /// Their attributes.
        Attributes,
        /// Their friendly name.
        FriendlyName,
        /// Whether they have a live connection.
        ReachabilityOnline,
        /// Whether push notifications reach a device of theirs.
        ReachabilityNotifiable,
        /// What they say of being there.
        Status,
        /// Their role in the workspace.
        Role,
        /// Whether they may sign in.
        Deactivated,
    }
}

/// Those of a list that hold.
fn those<R: Copy>(list: &[(bool, R)]) -> Vec<R> {
    list.iter().filter(|(holds, _)| *holds).map(|(_, reason)| *reason).collect()
}

/// Whether an event of a log tells that those have changed who take part by other means: no conversation holds them.
pub(super) fn is_of_non_chat(event: &LogEvent) -> bool {
    let named = event.changed.iter().any(|field| field == "non_chat_participants");
    named && matches!(event.change, Change::ConversationUpdated(_))
}

/// What of a conversation differs, and whether those have changed who take part in it by other means.
pub(super) fn of_conversation(
    before: &ConversationData,
    after: &ConversationData,
    non_chat: bool,
) -> Vec<ConversationUpdateReason> {
    use ConversationUpdateReason as Reason;
    let (old, new) = (&before.row, &after.row);
    let horizon = |data: &ConversationData| data.me.as_ref().map(|me| me.unread.horizon);
    let level = |data: &ConversationData| data.me.as_ref().map(|me| me.notification_level);
    let rights = |data: &ConversationData| data.me.as_ref().map(|me| (me.role, me.role_sid, me.flags));
    those(&[
        (old.attributes != new.attributes, Reason::Attributes),
        (old.date_created != new.date_created, Reason::DateCreated),
        (old.date_updated != new.date_updated, Reason::DateUpdated),
        (old.friendly_name != new.friendly_name, Reason::FriendlyName),
        (horizon(before) != horizon(after), Reason::LastReadMessageIndex),
        (old.last_message != new.last_message, Reason::LastMessage),
        (level(before) != level(after), Reason::NotificationLevel),
        (old.state != new.state, Reason::State),
        (before.is_joined() != after.is_joined(), Reason::Status),
        (old.unique_name != new.unique_name, Reason::UniqueName),
        (old.public_join != new.public_join, Reason::PublicJoin),
        (old.timers != new.timers, Reason::Timers),
        (rights(before) != rights(after), Reason::Role),
        (non_chat, Reason::NonChatParticipants),
    ])
}

/// What of a participant differs.
pub(super) fn of_participant(
    old: &model::Participant,
    new: &model::Participant,
) -> Vec<ParticipantUpdateReason> {
    use ParticipantUpdateReason as Reason;
    those(&[
        (old.attributes != new.attributes, Reason::Attributes),
        (old.date_created != new.date_created, Reason::DateCreated),
        (old.date_updated != new.date_updated, Reason::DateUpdated),
        (
            (old.last_read_message_index, old.last_read_event_seq)
                != (new.last_read_message_index, new.last_read_event_seq),
            Reason::LastReadMessageIndex,
        ),
        (old.last_read_timestamp != new.last_read_timestamp, Reason::LastReadTimestamp),
        ((old.role, old.role_sid) != (new.role, new.role_sid), Reason::Role),
        (old.flags != new.flags, Reason::Flags),
    ])
}

/// What of a message has changed, by the names of the fields that its event tells. A report of a copy is nobody's edit.
pub(super) fn of_message(changed: &[String]) -> Vec<MessageUpdateReason> {
    use MessageUpdateReason as Reason;
    let has = |name: &str| changed.iter().any(|field| field == name);
    let edited = ["attributes", "body", "media", "subject"].into_iter().any(has);
    those(&[
        (has("attributes"), Reason::Attributes),
        (has("body"), Reason::Body),
        (edited, Reason::DateUpdated),
        (has("receipts"), Reason::DeliveryReceipt),
        (edited, Reason::LastUpdatedBy),
        (has("media"), Reason::Media),
        (has("subject"), Reason::Subject),
    ])
}

/// What of a user differs.
pub(super) fn of_user(before: &UserData, after: &UserData) -> Vec<UserUpdateReason> {
    use UserUpdateReason as Reason;
    let (old, new) = (&before.row, &after.row);
    those(&[
        (old.attributes != new.attributes, Reason::Attributes),
        (old.friendly_name != new.friendly_name, Reason::FriendlyName),
        (before.online != after.online, Reason::ReachabilityOnline),
        (old.notifiable != new.notifiable, Reason::ReachabilityNotifiable),
        (old.status != new.status, Reason::Status),
        ((old.role, old.role_sid) != (new.role, new.role_sid), Reason::Role),
        (old.deactivated != new.deactivated, Reason::Deactivated),
    ])
}
