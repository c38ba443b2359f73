//! What a verification finds, a sentence for each.

use confab_protocol::{ClientId, ConversationSid, MediaSid, MessageSid, ParticipantSid, UserSid};

use crate::store::Counted;

/// Two parts of a database that do not agree, or one that is not there. Holds no content.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Finding {
    /// A table, or an index of it, cannot be read.
    #[error("{table} cannot be read: {reason}")]
    Unreadable {
        /// The table.
        table: &'static str,
        /// What the store says.
        reason: String,
    },
    /// The workspace itself is missing.
    #[error("there is no workspace")]
    NoWorkspace,
    /// The workspace is owned by nobody who is there.
    #[error("the workspace is owned by {user}, who is not there")]
    NoOwnerOfAll {
        /// Whom it names.
        user: UserSid,
    },
    /// A row belongs to a conversation that is not there.
    #[error("{table}: a row belongs to {conversation}, which is not there")]
    NoConversation {
        /// The table.
        table: &'static str,
        /// Which it names.
        conversation: ConversationSid,
    },
    /// A row belongs to a user who is not there.
    #[error("{table}: a row belongs to {user}, who is not there")]
    NoUser {
        /// The table.
        table: &'static str,
        /// Whom it names.
        user: UserSid,
    },
    /// Sequences of a log are not consecutive from 1.
    #[error("the log of {conversation} goes on with event {found} where {due} is due")]
    Sequence {
        /// Whose log.
        conversation: ConversationSid,
        /// The next sequence.
        due: u64,
        /// What stands there.
        found: u64,
    },
    /// An event tells of something that is not there.
    #[error("event {seq} of {conversation} tells of something that is not there")]
    Subject {
        /// Whose log.
        conversation: ConversationSid,
        /// Its place.
        seq: u64,
    },
    /// An event contradicts those before it.
    #[error("event {seq} of {conversation} cannot follow those before it")]
    Order {
        /// Whose log.
        conversation: ConversationSid,
        /// Its place.
        seq: u64,
    },
    /// A number of a conversation's row is not what its log and rows give.
    #[error("{conversation} has {field} {kept}, and its log and rows give {given}")]
    Head {
        /// The conversation.
        conversation: ConversationSid,
        /// The field.
        field: &'static str,
        /// What the row says.
        kept: u64,
        /// What it should say.
        given: u64,
    },
    /// A conversation with participants has no owner among them.
    #[error("{conversation} has participants and no owner")]
    NoOwner {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// A conversation of two people has not those two of whom it is.
    #[error("{conversation} is of two people, and not of those who are in it")]
    Pair {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// A unique name leads to another conversation, or to none.
    #[error("the unique name of {conversation} does not lead to it")]
    UniqueName {
        /// The conversation.
        conversation: ConversationSid,
    },
    /// Indexes of messages are not consecutive from 0.
    #[error("the messages of {conversation} go on with index {found} where {due} is due")]
    Index {
        /// The conversation.
        conversation: ConversationSid,
        /// The next index.
        due: u64,
        /// What stands there.
        found: u64,
    },
    /// A message is not what the fold of its log gives, or names what is not there.
    #[error("{field} of {message} is not what the log and the other rows give")]
    Message {
        /// The message.
        message: MessageSid,
        /// The field.
        field: &'static str,
    },
    /// A removed message still holds something that was written.
    #[error("{message} was removed and still holds something that was written")]
    Tombstone {
        /// The message.
        message: MessageSid,
    },
    /// A file and the message that it is in do not agree, or its bytes are not there.
    #[error("{media} {how}")]
    Media {
        /// The file.
        media: MediaSid,
        /// What is wrong with it.
        how: &'static str,
    },
    /// A counter of live messages is wrong, missing or left over.
    #[error("{conversation} counts {kept} live messages {} in block {block} of {size}, and there are {given}", of(*counted))]
    Counter {
        /// The conversation.
        conversation: ConversationSid,
        /// What is counted.
        counted: Counted,
        /// Messages of the block.
        size: u64,
        /// Number of the block.
        block: u64,
        /// What the counter says; 0 when it is missing.
        kept: u64,
        /// What a recount gives.
        given: u64,
    },
    /// A mention is kept for a message that does not mention the user, or that is not there.
    #[error("a mention of {user} by message {index} of {conversation} is left over")]
    Mention {
        /// The conversation.
        conversation: ConversationSid,
        /// The message.
        index: u64,
        /// The user.
        user: UserSid,
    },
    /// A receipt is kept of a message that was removed, or that is not there.
    #[error("a receipt of {participant} for message {index} of {conversation} is left over")]
    Receipt {
        /// The conversation.
        conversation: ConversationSid,
        /// The message.
        index: u64,
        /// With whom.
        participant: ParticipantSid,
    },
    /// An unread count by blocks is not what counting rows gives.
    #[error(
        "{kept} messages are unread for {user} in {conversation} by its counters, {given} by its messages"
    )]
    Unread {
        /// The conversation.
        conversation: ConversationSid,
        /// The user.
        user: UserSid,
        /// By counters.
        kept: u64,
        /// By messages.
        given: u64,
    },
    /// A row of a roster is not what the log gives, or has a version that cannot be.
    #[error("{field} of {participant} in {conversation} is not what the log and the other rows give")]
    Participant {
        /// The conversation.
        conversation: ConversationSid,
        /// The row.
        participant: ParticipantSid,
        /// The field.
        field: &'static str,
    },
    /// The intervals of a user in a conversation are not those of its log.
    #[error("when {user} was in {conversation} is not what its log gives")]
    Intervals {
        /// The conversation.
        conversation: ConversationSid,
        /// The user.
        user: UserSid,
    },
    /// A user's own row is missing, or is not what roster and log give.
    #[error("{field} in the own row of {user} for {conversation} is not what the other rows give")]
    OwnRow {
        /// The conversation.
        conversation: ConversationSid,
        /// The user.
        user: UserSid,
        /// The field.
        field: &'static str,
    },
    /// A field of a user's row is not what the other rows give.
    #[error("{field} of {user} is not what the other rows give")]
    User {
        /// The user.
        user: UserSid,
        /// The field.
        field: &'static str,
    },
    /// Under the id of a message something else is known too, or its subject is gone.
    #[error("what {user} did under {client_id} is known {how}")]
    Outcome {
        /// The user.
        user: UserSid,
        /// The id.
        client_id: ClientId,
        /// What is wrong with it.
        how: &'static str,
    },
}

/// Whose messages a counter counts.
fn of(counted: Counted) -> String {
    match counted {
        Counted::All => "of all".to_owned(),
        Counted::By(user) => format!("by {user}"),
        Counted::Mentioning(user) => format!("that mention {user}"),
    }
}
