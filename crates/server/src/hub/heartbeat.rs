//! Signs of life, with the heads that moved: whoever lost the last push of a log learns of it here.

use std::ops::Bound;
use std::time::Instant;

use confab_protocol::ConversationSid;
use confab_protocol::event::Signal;
use confab_protocol::model::Head;

use super::{Attached, Ending, Hub, PeerId};

impl Hub {
    /// Heartbeats that are due, and the end of those who are silent.
    pub(super) fn beat(&mut self, now: Instant) {
        // Not only when a heartbeat is due: signs of life come just behind those, and the end would be late by one.
        for attached in self.peers.values() {
            if attached.peer.silence(now) >= self.bounds.dead_after {
                attached.peer.queue.end(Ending::Dead);
            }
        }
        let due: Vec<PeerId> = self
            .peers
            .iter()
            .filter(|(_, attached)| now >= attached.beat_at)
            .map(|(peer, _)| *peer)
            .collect();
        for peer in due {
            let Some(attached) = self.peers.get(&peer) else { continue };
            let (heads, number) = (self.heads(attached), attached.beats + 1);
            let state_version = attached.moved_state;
            let roles_version = Some(self.roles_version).filter(|version| *version > 0);
            let people = Some(attached.told_of_people);
            let text =
                self.encoded(Signal::Heartbeat { heads, number, state_version, roles_version, people });
            self.push_to(peer, &text, None);
            let last_move = self.last_move;
            if let Some(attached) = self.peers.get_mut(&peer) {
                attached.beat_at = now + self.bounds.heartbeat;
                attached.told_move = last_move;
                attached.beats = number;
                attached.moved_state = None;
            }
        }
    }

    /// Heads of a session's conversations that moved since its last heartbeat: looked for among what moved or among its
    /// memberships, whichever is less.
    fn heads(&self, attached: &Attached) -> Vec<Head> {
        let since = attached.told_move;
        let Some(connected) = self.users.get(&attached.peer.actor.user) else { return Vec::new() };
        let moved = usize::try_from(self.last_move - since).unwrap_or(usize::MAX);
        if moved <= connected.memberships.len() {
            let range = self.moves.range((Bound::Excluded(since), Bound::Unbounded));
            let mine = range.map(|(_, sid)| *sid).filter(|sid| connected.memberships.contains(sid));
            return mine.filter_map(|sid| self.head(sid, since)).collect();
        }
        connected.memberships.iter().filter_map(|sid| self.head(*sid, since)).collect()
    }

    fn head(&self, conversation: ConversationSid, since: u64) -> Option<Head> {
        if self.gaps.is_blind(conversation) {
            return None;
        }
        let active = self.conversations.get(&conversation).filter(|active| active.moved > since)?;
        Some(Head { conversation, version: active.version, roster_version: active.roster_version })
    }
}
