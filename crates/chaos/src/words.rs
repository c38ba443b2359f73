//! The lines between the harness and a client: JSON, one per line, orders in and what comes of them out.

use confab_core::command::{Command, CommandAnswer};
use confab_core::view::Problem;
use serde::{Deserialize, Serialize};

use crate::files::Fetched;
use crate::notes::{Noted, Notes};
use crate::picture::Picture;

/// What a client is told.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Line {
    /// To know the answer by.
    pub(crate) id: u64,
    /// What to do.
    pub(crate) order: Order,
}

/// An order.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Order {
    /// What a person asks for.
    Do(Command),
    /// Send a text with the files that it carries.
    SendFiles {
        /// Where.
        conversation: String,
        /// The text.
        body: String,
    },
    /// Look at a picture of a message, which is kept then.
    LookAt {
        /// SID of the conversation.
        conversation: String,
        /// SID of the message.
        message: String,
        /// SID of the file.
        media: String,
    },
    /// Fetch files by their SIDs.
    Fetch(Vec<String>),
    /// Let the program beside the window set attributes.
    Note {
        /// Of what.
        of: Noted,
        /// A number that they are to hold.
        note: u64,
    },
    /// Say what the program beside the window holds of these people and of its conversations.
    Held(Vec<String>),
    /// Say everything that is shown.
    Look,
    /// End in good order.
    Leave,
}

/// What a client says.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Said {
    /// It is there and takes orders.
    Ready,
    /// What came of an order.
    Answer {
        /// Which.
        id: u64,
        /// What.
        outcome: Outcome,
    },
    /// The server has this message, the client shows: it must never be lost.
    Acknowledged {
        /// Key of its row: the id under which it was sent.
        key: String,
        /// Its text.
        body: String,
    },
}

/// What came of an order.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Outcome {
    /// Taken.
    Done(CommandAnswer),
    /// Refused.
    Refused(Problem),
    /// Files came, or why not, in the order in which they were asked for.
    Fetched(Vec<Fetched>),
    /// What the program holds.
    Held(Notes),
    /// What is shown.
    Shown(Box<Picture>),
    /// It ends now.
    Leaving,
}
