//! Whether the rows agree with each other, and with what people were entitled to.

use confab_domain::row::{EventKind, EventRow, IntervalRow};
use confab_domain::verify;
use confab_protocol::{ConversationSid, MessageSid};

use super::Server;
use crate::promise::{Kept, ensure};

impl Server {
    /// Log, views and counters agree; and whoever wrote something was in the conversation at that place of its log.
    pub(crate) fn is_whole(&self) -> Kept {
        if let Some(finding) = verify(self.db.scan()).first() {
            ensure!(Whole, false, "{finding}");
        }
        let workspace = self.read().workspace().expect("the store can be read").expect("a workspace");
        let Some(owner) = workspace.owner else { return Ok(()) };
        let moved = self.read().moved(owner, 0, 10_000).expect("the store can be read");
        moved.into_iter().try_for_each(|stamped| self.entitled(stamped.conversation))
    }

    fn entitled(&self, conversation: ConversationSid) -> Kept {
        let head =
            self.read().conversation(conversation).expect("the store can be read").expect("a conversation");
        let events = self.read().events(conversation, 0, head.head.last_seq).expect("the store can be read");
        events
            .iter()
            .filter(|event| event.kind == EventKind::MessageAdded)
            .try_for_each(|event| self.was_in(event))
    }

    fn was_in(&self, event: &EventRow) -> Kept {
        let message = self.read().message(MessageSid(event.subject)).expect("the store can be read");
        let message = message.expect("an event has its subject");
        let intervals =
            self.read().intervals(message.user, event.conversation, 1_000).expect("the store can be read");
        let during = |row: &IntervalRow| {
            row.joined_seq < event.seq && row.left_seq.is_none_or(|left| event.seq < left)
        };
        ensure!(
            Entitled,
            intervals.iter().any(during),
            "{} wrote at {} in {}, in which they were not then",
            message.author,
            event.seq,
            event.conversation
        );
        Ok(())
    }
}
