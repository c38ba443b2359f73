//! Whether the rows agree with each other, and with what people were entitled to.

use confab_domain::account::SYSTEM;
use confab_domain::name::identity_key;
use confab_domain::row::{ConversationRow, EventKind, EventRow, IntervalRow};
use confab_domain::verify;

use super::Server;
use crate::promise::{Kept, ensure};

/// Conversations of one look.
const PAGE: usize = 200;

impl Server {
    /// Log, views and counters agree; and whoever did something was in the conversation at that place of its log.
    pub(crate) fn is_whole(&self) -> Kept {
        if let Some(finding) = verify(self.db.scan()).first() {
            ensure!(Whole, false, "{finding}");
        }
        let mut last = None;
        loop {
            let page = self.db.scan().scan_conversations(last.as_ref(), PAGE).expect("the store can be read");
            page.iter().try_for_each(|row| self.entitled(row))?;
            last = page.into_iter().next_back();
            if last.is_none() {
                return Ok(());
            }
        }
    }

    fn entitled(&self, row: &ConversationRow) -> Kept {
        let events = self.read().events(row.sid, 0, row.head.last_seq).expect("the store can be read");
        events.iter().try_for_each(|event| self.was_in(event))
    }

    /// What happens by itself and what the operator does takes no membership.
    fn was_in(&self, event: &EventRow) -> Kept {
        let Some(actor) = event.actor.as_ref().filter(|actor| *actor != SYSTEM) else { return Ok(()) };
        let user = self.read().user_by_key(&identity_key(actor)).expect("the store can be read");
        let user = user.expect("whoever did something is a user").sid;
        let intervals =
            self.read().intervals(user, event.conversation, 1_000).expect("the store can be read");
        // Whoever comes in or goes out by it has done it themselves.
        let is_passage = matches!(
            event.kind,
            EventKind::ConversationCreated
                | EventKind::ConversationDeleted
                | EventKind::ParticipantJoined
                | EventKind::ParticipantLeft
        );
        let during = |row: &IntervalRow| {
            let (from, to) = (row.joined_seq, row.left_seq.unwrap_or(u64::MAX));
            if is_passage { from <= event.seq && event.seq <= to } else { from < event.seq && event.seq < to }
        };
        ensure!(
            Entitled,
            intervals.iter().any(during),
            "{actor} did {:?} at {} in {}, in which they were not then",
            event.kind,
            event.seq,
            event.conversation
        );
        Ok(())
    }
}
