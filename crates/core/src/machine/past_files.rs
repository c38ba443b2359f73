//! Messages with files, looked for page by page from the end of a conversation, while its window stays where it is.

use confab_protocol::method::{Direction, MessagePageParams, MessagePageResult};
use confab_protocol::model::Message;
use confab_protocol::{Call, limits};

use super::commands::Given;
use super::{Machine, problem};
use crate::command::CommandAnswer;
use crate::key::Key;
use crate::view::ViewDiff;

impl Machine {
    /// Asks for the messages before a place, or for the newest ones.
    pub(super) fn list_files(&mut self, ticket: u64, conversation: &str, before: Option<u64>) -> Given {
        let key = self.known(conversation)?;
        let conversation =
            self.book.sid_of(key).ok_or_else(|| problem("not_found", "what", "conversation"))?;
        let nothing_before = || problem("invalid_params", "field", "before");
        let anchor = before.map(|before| before.checked_sub(1).ok_or_else(nothing_before)).transpose()?;
        let (direction, limit) = (Direction::Backwards, u32::try_from(limits::MESSAGE_PAGE).ok());
        self.ask_now(ticket, Call::MessagePage(MessagePageParams { conversation, anchor, direction, limit }))
    }

    /// Those of a page that have files and are not about to be removed.
    pub(super) fn files_listed(&mut self, page: &MessagePageResult) -> CommandAnswer {
        let next = page.messages.first().filter(|_| page.has_older).map(|message| message.index);
        let with_files = |message: &&Message| !message.removed && !message.media.is_empty();
        let messages: Vec<&Message> = page.messages.iter().filter(with_files).collect();
        for message in &messages {
            self.people.meet(&message.author, 0);
        }
        let Some(key) = messages.first().map(|message| self.book.met(message.conversation)) else {
            return CommandAnswer::Files { messages: Vec::new(), next };
        };
        CommandAnswer::Files { messages: self.rows_of(key, &messages), next }
    }

    /// Whoever listed a message of the open conversation is told that it is gone: it need not be in the window.
    pub(super) fn tell_gone(&mut self, key: Key, message: &Message) {
        if self.open.as_ref().is_some_and(|open| open.key == key) {
            let (conversation, message) = (key.to_string(), message.client_id.to_string());
            self.shown.say(ViewDiff::MessageGone { conversation, message });
        }
    }
}
