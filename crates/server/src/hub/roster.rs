//! Changes of rosters: to those who have the conversation open, at most one frame per interval.

use std::collections::BTreeMap;
use std::time::Instant;

use confab_protocol::event::Signal;
use confab_protocol::model::Participant;
use confab_protocol::{ConversationSid, ParticipantSid, limits};

use super::Hub;

/// What is held back of one conversation's roster.
#[derive(Default)]
pub(super) struct Pending {
    told_at: Option<Instant>,
    held: Option<Held>,
}

struct Held {
    from: u64,
    to: u64,
    rows: BTreeMap<ParticipantSid, Participant>,
}

impl Hub {
    pub(super) fn roster(
        &mut self,
        conversation: ConversationSid,
        from: u64,
        to: u64,
        rows: Vec<Participant>,
        participants: u64,
        now: Instant,
    ) {
        if self.roster_unseen(conversation, to) {
            return;
        }
        self.moves_to(conversation, 0, Some(to));
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        // In a large conversation rosters are pulled; the head in the heartbeat says that there is something to pull.
        if participants > limits::HORIZON_PUSH_PARTICIPANTS as u64 || active.open.is_empty() {
            active.roster.held = None;
            return;
        }
        let held = active.roster.held.get_or_insert_with(|| Held { from, to, rows: BTreeMap::new() });
        held.to = to;
        held.rows.extend(rows.into_iter().map(|row| (row.sid, row)));
        let due = active.roster.told_at.is_none_or(|told| now >= told + self.bounds.roster_interval);
        self.held_rosters.insert(conversation);
        if due {
            self.flush_roster(conversation, now);
        }
    }

    /// Forgets what is held back: the head in the heartbeat will say that there is something to pull.
    pub(super) fn drop_held_roster(&mut self, conversation: ConversationSid) {
        self.held_rosters.remove(&conversation);
        if let Some(active) = self.conversations.get_mut(&conversation) {
            active.roster.held = None;
        }
    }

    /// Sends what is held back of every conversation whose interval has passed.
    pub(super) fn flush_rosters(&mut self, now: Instant) {
        let interval = self.bounds.roster_interval;
        let is_due = |conversation: &&ConversationSid| {
            let active = self.conversations.get(conversation);
            active.is_none_or(|active| active.roster.told_at.is_none_or(|told| now >= told + interval))
        };
        let due: Vec<ConversationSid> = self.held_rosters.iter().filter(is_due).copied().collect();
        due.into_iter().for_each(|conversation| self.flush_roster(conversation, now));
    }

    /// Sends what is held back of one conversation.
    pub(super) fn flush_roster(&mut self, conversation: ConversationSid, now: Instant) {
        self.held_rosters.remove(&conversation);
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        let Some(held) = active.roster.held.take() else { return };
        active.roster.told_at = Some(now);
        let told: Vec<_> = active.open.iter().copied().collect();
        let rows = held.rows.into_values().collect();
        let text = self.encoded(Signal::RosterChanged { conversation, from: held.from, to: held.to, rows });
        for peer in told.into_iter().filter(|peer| self.is_member(*peer, conversation)) {
            self.push_to(peer, &text, Some(conversation));
        }
    }
}
