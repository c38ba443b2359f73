//! A live session as the hub and the writer see it.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::time::{Duration, Instant};

use confab_domain::Actor;
use confab_protocol::{Answer, Response, WireError};

use super::queue::Queue;

/// Names a session while the server runs.
pub(crate) type PeerId = u64;

/// A session that said hello.
#[derive(Debug)]
pub(crate) struct Peer {
    /// Its name.
    pub(crate) id: PeerId,
    /// Who it is, on which device.
    pub(crate) actor: Actor,
    /// What waits to be sent to it.
    pub(crate) queue: Arc<Queue>,
    /// It never says what it looks at: whatever its user is in counts as open.
    pub(crate) looks_at_all: bool,
    began: Instant,
    heard: AtomicU64,
}

impl Peer {
    /// A session that is heard of now.
    pub(crate) fn new(id: PeerId, actor: Actor, queue: Arc<Queue>, now: Instant) -> Self {
        Self { id, actor, queue, looks_at_all: false, began: now, heard: AtomicU64::new(0) }
    }

    /// The same session, with all that its user is in open.
    pub(crate) fn looking_at_all(self) -> Self {
        Self { looks_at_all: true, ..self }
    }

    /// Something arrived from it.
    pub(crate) fn is_heard(&self, now: Instant) {
        let millis = now.saturating_duration_since(self.began).as_millis();
        self.heard.store(u64::try_from(millis).unwrap_or(u64::MAX), Relaxed);
    }

    /// How long nothing has arrived from it.
    pub(crate) fn silence(&self, now: Instant) -> Duration {
        let heard = Duration::from_millis(self.heard.load(Relaxed));
        now.saturating_duration_since(self.began).saturating_sub(heard)
    }

    /// Answers one of its requests.
    pub(crate) fn answer(&self, id: u64, outcome: Result<Answer, WireError>) {
        self.queue.answer(Response { id, outcome });
    }
}
