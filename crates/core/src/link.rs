//! The connection: one variant per state, each with what it needs.

use confab_protocol::{Timestamp, limits};

use crate::cx::Cx;
use crate::event::AccessToken;
use crate::requests::Line;
use crate::view::ConnectionState;

/// The first wait between two attempts, in milliseconds.
const FIRST_WAIT_MS: u64 = 500;
/// The longest.
const LONGEST_WAIT_MS: u64 = 60_000;

/// Where the connection stands.
#[derive(Debug, Default)]
pub(crate) enum Phase {
    /// Not started.
    #[default]
    Idle,
    /// Until the next attempt.
    Waiting {
        /// When it is due.
        retry_at: Timestamp,
    },
    /// Until there is an access token.
    Token,
    /// Until the WebSocket is open.
    Dialling,
    /// Until `hello` is answered.
    Greeting(Line),
    /// Signed in.
    Online(Box<Session>),
    /// Closing on request.
    Ending,
    /// Closed on request.
    Ended,
    /// The refresh token is no longer good.
    Denied,
}

/// A connection that is signed in.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) line: Line,
    pub(crate) sync: Sync,
    /// The interval of the signs of life, in milliseconds.
    pub(crate) heartbeat_ms: u64,
    /// Since the last frame, in signs of life of one's own.
    pub(crate) silent: u64,
    /// The number of the last heartbeat of the server.
    pub(crate) beats: u64,
    /// By how much the server's clock is ahead, in milliseconds.
    pub(crate) ahead_ms: i64,
    /// When it began, by the server's clock.
    pub(crate) began: Timestamp,
}

/// How far a session is in step with the server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sync {
    /// Pages of all conversations are coming.
    Listing,
    /// What moved is coming; `again` when more was missed in the meantime.
    Resuming { again: bool },
    /// Pushes say everything.
    InStep,
    /// The server could not say it; to be asked again.
    Stalled,
}

/// Whether a new access token is on its way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Renewal {
    /// None is needed.
    #[default]
    Idle,
    /// It was asked for.
    Asked,
    /// It could not be had for now.
    Failed,
}

/// The connection and what outlives a single one.
#[derive(Debug, Default)]
pub(crate) struct Link {
    pub(crate) phase: Phase,
    pub(crate) token: Option<AccessToken>,
    pub(crate) renewal: Renewal,
    /// Attempts since the last success.
    attempts: u32,
    /// When the last session ended.
    pub(crate) lost_at: Option<Timestamp>,
}

impl Link {
    /// Not started; with a token when there is one already.
    pub(crate) fn new(token: Option<AccessToken>) -> Self {
        Self { token, ..Self::default() }
    }

    /// The session, when there is one.
    pub(crate) fn session(&mut self) -> Option<&mut Session> {
        match &mut self.phase {
            Phase::Online(session) => Some(session),
            _ => None,
        }
    }

    pub(crate) fn is_online(&self) -> bool {
        matches!(self.phase, Phase::Online(_))
    }

    /// In step with the server: what is missing now was missed.
    pub(crate) fn is_in_step(&self) -> bool {
        matches!(&self.phase, Phase::Online(session) if session.sync == Sync::InStep)
    }

    /// The state for show, and when the next attempt is due.
    pub(crate) fn view(&self) -> (ConnectionState, Option<Timestamp>) {
        match &self.phase {
            Phase::Idle | Phase::Token | Phase::Dialling | Phase::Greeting(_) => {
                (ConnectionState::Connecting, None)
            }
            Phase::Waiting { retry_at } => (ConnectionState::Connecting, Some(*retry_at)),
            Phase::Online(_) => (ConnectionState::Connected, None),
            Phase::Ending => (ConnectionState::Disconnecting, None),
            Phase::Ended => (ConnectionState::Disconnected, None),
            Phase::Denied => (ConnectionState::Denied, None),
        }
    }

    /// The next wait: twice the one before, jittered, so that clients of a restarted server do not come all at once.
    pub(crate) fn next_wait(&mut self, cx: &mut Cx<'_>) -> u64 {
        let doubled = FIRST_WAIT_MS << self.attempts.min(16);
        self.attempts = self.attempts.saturating_add(1);
        cx.jittered(doubled.min(LONGEST_WAIT_MS))
    }

    /// An attempt has led to a session in step.
    pub(crate) fn succeeded(&mut self) {
        self.attempts = 0;
    }
}

impl Session {
    /// A sign of life of one's own is due. False when the other side has given none for too long.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.silent += 1;
        self.silent.saturating_mul(self.heartbeat_ms) <= limits::DEAD_AFTER_MS
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_begin_anew_after_success() {
        let mut link = Link::default();
        let (mut ids, mut most) = (Uuid::nil, || u64::MAX / 2 * 2);
        let mut cx = Cx { now: Timestamp(0), ids: &mut ids, random: &mut most };
        let mut longest = 0;
        for _ in 0..20 {
            let wait = link.next_wait(&mut cx);
            assert!(wait >= longest / 2 && wait <= LONGEST_WAIT_MS);
            longest = longest.max(wait);
        }
        assert!(longest > LONGEST_WAIT_MS / 2);
        link.succeeded();
        assert!(link.next_wait(&mut cx) <= FIRST_WAIT_MS);
    }
}
