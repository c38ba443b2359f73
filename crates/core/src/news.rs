//! What happened, as it happened: for programs that act on events instead of showing a state. Told only by a machine that
//! [follows](crate::Machine::follow) everything.

use confab_protocol::model::{Conversation, Message, Participant, Presence, User, UserConversation};
use confab_protocol::{ClientId, ConversationSid, LogEvent, Timestamp};
use serde_json::Value;

use crate::command::FileToSend;
use crate::view::{ConnectionState, Problem};

/// Something that happened. Of one event's news those about conversations as they stand come first, so that whatever
/// happened in one is told of a conversation that is known.
#[derive(Debug, Clone, PartialEq)]
pub enum News {
    /// The connection is in another state.
    Connection(ConnectionState),
    /// The server does not let this device in.
    Refused {
        /// It will not be tried again by itself.
        terminal: bool,
        /// What it said.
        problem: Problem,
    },
    /// One's own profile and all conversations that one is in are known as the server has them.
    InStep(Box<User>),
    /// The access token ends soon.
    TokenAboutToExpire {
        /// When.
        expires_at: Timestamp,
    },
    /// The access token has ended.
    TokenExpired,
    /// The numbering of the server has gone back: versions that were told before mean nothing any more.
    Void,
    /// A conversation that one is in, as it stands. Told again when anything of it has changed, and perhaps when not.
    Conversation {
        /// The conversation.
        row: Box<Conversation>,
        /// One's own row.
        me: Box<UserConversation>,
    },
    /// One is no longer in a conversation.
    Lost {
        /// Which.
        conversation: ConversationSid,
        /// One's own row as of leaving, when the server told it.
        me: Option<Box<UserConversation>>,
    },
    /// An event of a conversation's log: each one once and in order, also those that were missed.
    Log(Box<LogEvent>),
    /// Rows of a roster, as they stand.
    Roster {
        /// Whose.
        conversation: ConversationSid,
        /// They are every change after this version …
        from: u64,
        /// … up to this one; 0 when they continue nothing.
        to: u64,
        /// The rows.
        rows: Vec<Participant>,
    },
    /// A roster stands at this version.
    RosterAt {
        /// Whose.
        conversation: ConversationSid,
        /// The version.
        version: u64,
    },
    /// Somebody began to type, or goes on, or has stopped.
    Typing {
        /// Where.
        conversation: ConversationSid,
        /// Who.
        identity: String,
        /// They type.
        typing: bool,
    },
    /// A profile, as it stands.
    User(Box<User>),
    /// A setting of one's own, as it stands; null when it was forgotten.
    Setting {
        /// Its name.
        key: String,
        /// Free JSON.
        value: Value,
    },
    /// Who is there, of those that were asked for.
    Presence(Vec<Presence>),
    /// What became of a message that was [posted](crate::Event::Post) here; `cancelled` when it was taken back.
    Posted {
        /// The id under which it was posted.
        entry: ClientId,
        /// The message, or why there is none.
        outcome: Result<Box<Message>, Problem>,
    },
}

/// A message to be posted, by way of the outbox.
#[derive(Debug, Clone, PartialEq)]
pub struct Post {
    /// The id under which it is posted, made by whoever asks.
    pub entry: ClientId,
    /// Where.
    pub conversation: ConversationSid,
    /// The text; may be blank beside files.
    pub body: String,
    /// What it is about.
    pub subject: Option<String>,
    /// Free JSON.
    pub attributes: Option<Value>,
    /// The files, which the client was given to keep (≤ 10).
    pub files: Vec<FileToSend>,
}
