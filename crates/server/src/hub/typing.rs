//! Typing: passed on to those who look, a few people at a time, never kept.

use std::time::{Duration, Instant};

use confab_protocol::event::Signal;
use confab_protocol::{ConversationSid, UserSid, limits};

use super::{Frame, Hub, PeerId};

/// Half of the renewal interval: a client that renews a little early is not silenced.
const PASSED_ON_AGAIN: Duration = Duration::from_millis(limits::TYPING_RENEWAL_MS / 2);
const WINDOW: Duration = Duration::from_secs(1);

/// Someone who was passed on as typing.
struct PassedOn {
    user: UserSid,
    identity: String,
    at: Instant,
    /// The message that was being typed has come: the next one is news.
    over: bool,
}

/// Who was last passed on as typing in one conversation, and when.
#[derive(Default)]
pub(super) struct Typists(Vec<PassedOn>);

impl Typists {
    /// Whether a typist is passed on now.
    fn admit(&mut self, user: UserSid, identity: &str, now: Instant) -> bool {
        self.0.retain(|typist| now.saturating_duration_since(typist.at) < PASSED_ON_AGAIN);
        let recent = self.0.iter().filter(|typist| now.saturating_duration_since(typist.at) < WINDOW).count();
        let known = self.0.iter().any(|typist| typist.user == user && !typist.over);
        if known || recent >= limits::TYPISTS_PER_SECOND {
            return false;
        }
        self.0.push(PassedOn { user, identity: identity.to_owned(), at: now, over: false });
        true
    }

    /// A message came: its author has stopped typing, and may begin again at once.
    pub(super) fn wrote(&mut self, author: &str) {
        self.0.iter_mut().filter(|typist| typist.identity == author).for_each(|typist| typist.over = true);
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
        if !active.typists.admit(typist.user, &typist.identity, now) {
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
        assert!(typists.admit(user(1), "1", start));
        assert!(!typists.admit(user(1), "1", start));
        assert!(typists.admit(user(2), "2", start));
        assert!(typists.admit(user(3), "3", start));
        assert!(!typists.admit(user(4), "4", start));
        assert!(typists.admit(user(4), "4", start + WINDOW));
        assert!(!typists.admit(user(1), "1", start + WINDOW));
        assert!(typists.admit(user(1), "1", start + PASSED_ON_AGAIN));
    }

    #[test]
    fn whoever_has_sent_a_message_may_be_seen_typing_the_next_one_at_once() {
        let start = Instant::now();
        let user = |number| UserSid(Uuid::from_u128(number));
        let mut typists = Typists::default();
        assert!(typists.admit(user(1), "1", start));
        typists.wrote("2");
        assert!(!typists.admit(user(1), "1", start));
        typists.wrote("1");
        assert!(typists.admit(user(1), "1", start));
        assert!(!typists.admit(user(1), "1", start));
        // The bound on all holds for those who write quickly, too.
        assert!(typists.admit(user(2), "2", start));
        assert!(!typists.admit(user(3), "3", start));
    }
}
