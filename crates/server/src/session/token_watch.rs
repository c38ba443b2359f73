//! The end of the access token: announced, then reached, then the end of the session unless it was renewed.

use std::pin::Pin;
use std::time::Duration;

use confab_protocol::Timestamp;
use confab_protocol::event::{CloseReason, Signal};
use tokio::time::{Instant, Sleep, sleep_until};

use crate::clock;
use crate::config::Bounds;
use crate::hub::{Ending, Frame, Queue, encode};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Fresh,
    Announced,
    Expired,
    Over,
}

/// Watches over the token of one session.
pub(crate) struct TokenWatch {
    stage: Stage,
    expires_at: Timestamp,
    /// When that is, however the clock is set meanwhile.
    end: Instant,
    warning: Duration,
    grace: Duration,
    timer: Pin<Box<Sleep>>,
}

impl TokenWatch {
    /// Watches over a token that ends at `expires_at`.
    pub(crate) fn new(expires_at: Timestamp, bounds: &Bounds) -> Self {
        let (warning, grace) = (bounds.token_warning, bounds.token_grace);
        let timer = Box::pin(sleep_until(Instant::now()));
        let mut watch = Self { stage: Stage::Fresh, expires_at, end: Instant::now(), warning, grace, timer };
        watch.renew(expires_at);
        watch
    }

    /// Another token is in use.
    pub(crate) fn renew(&mut self, expires_at: Timestamp) {
        self.stage = Stage::Fresh;
        self.expires_at = expires_at;
        let now = Instant::now();
        self.end = now + Duration::from_millis(expires_at.since(clock::now()));
        let announced = self.end.checked_sub(self.warning).map_or(now, |at| at.max(now));
        self.timer.as_mut().reset(announced);
    }

    /// Nothing but a renewal is taken any more.
    pub(crate) fn is_expired(&self) -> bool {
        matches!(self.stage, Stage::Expired | Stage::Over)
    }

    /// Waits for the next step.
    pub(crate) async fn due(&mut self) {
        self.timer.as_mut().await;
    }

    /// Takes the step that is due.
    pub(crate) fn step(&mut self, queue: &Queue) {
        let (stage, next) = match self.stage {
            Stage::Fresh => {
                say(queue, Signal::TokenAboutToExpire { expires_at: self.expires_at });
                (Stage::Announced, self.end)
            }
            Stage::Announced => {
                say(queue, Signal::TokenExpired {});
                (Stage::Expired, Instant::now() + self.grace)
            }
            Stage::Expired | Stage::Over => {
                queue.end(Ending::Told(CloseReason::TokenExpired));
                (Stage::Over, Instant::now() + self.grace)
            }
        };
        self.stage = stage;
        self.timer.as_mut().reset(next);
    }
}

fn say(queue: &Queue, signal: Signal) {
    queue.push(Frame::Push { text: encode(signal), conversation: None });
}
