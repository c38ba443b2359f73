//! Typing: passed on to those who look, a few people at a time, never kept.

use std::time::{Duration, Instant};

use confab_protocol::event::Signal;
use confab_protocol::{ConversationSid, UserSid, limits};

use super::{Frame, Hub, PeerId};

/// Half of the renewal interval: a client that renews a little early is not silenced.
const PASSED_ON_AGAIN: Duration = Duration::from_millis(limits::TYPING_RENEWAL_MS / 2);
const WINDOW: Duration = Duration::from_secs(1);

/// Who was last passed on as typing in one conversation, and when.
#[derive(Default)]
pub(super) struct Typists(Vec<(UserSid, Instant)>);

impl Typists {
    /// Whether a typist is passed on now.
    fn admit(&mut self, user: UserSid, now: Instant) -> bool {
        self.0.retain(|(_, at)| now.saturating_duration_since(*at) < PASSED_ON_AGAIN);
        let recent = self.0.iter().filter(|(_, at)| now.saturating_duration_since(*at) < WINDOW).count();
        let known = self.0.iter().any(|(other, _)| *other == user);
        if known || recent >= limits::TYPISTS_PER_SECOND {
            return false;
        }
        self.0.push((user, now));
        true
    }
}

impl Hub {
    pub(super) fn typing(
        &mut self,
        peer: PeerId,
        conversation: ConversationSid,
        participants: u64,
        now: Instant,
    ) {
        if participants > limits::TYPING_PARTICIPANTS as u64 || !self.is_member(peer, conversation) {
            return;
        }
        let Some(typist) = self.peers.get(&peer).map(|attached| attached.peer.actor.clone()) else { return };
        let Some(active) = self.conversations.get_mut(&conversation) else { return };
        if !active.typists.admit(typist.user, now) {
            return;
        }
        let told: Vec<PeerId> = active.declared.iter().copied().collect();
        let text = self.encoded(Signal::TypingStarted {
            conversation,
            identity: typist.identity,
            timeout_ms: limits::TYPING_TIMEOUT_MS,
        });
        for other in told.into_iter().filter(|other| self.is_member(*other, conversation)) {
            if let Some(attached) =
                self.peers.get(&other).filter(|other| other.peer.actor.user != typist.user)
            {
                let frame = Frame::Ephemeral { text: text.clone(), conversation: Some(conversation) };
                attached.peer.queue.push(frame);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn three_typists_a_second_and_each_once_per_renewal() {
        let start = Instant::now();
        let user = |number| UserSid(Uuid::from_u128(number));
        let mut typists = Typists::default();
        assert!(typists.admit(user(1), start));
        assert!(!typists.admit(user(1), start));
        assert!(typists.admit(user(2), start));
        assert!(typists.admit(user(3), start));
        assert!(!typists.admit(user(4), start));
        assert!(typists.admit(user(4), start + WINDOW));
        assert!(!typists.admit(user(1), start + WINDOW));
        assert!(typists.admit(user(1), start + PASSED_ON_AGAIN));
    }
}
