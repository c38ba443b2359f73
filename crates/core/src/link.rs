//! The connection: one variant per state, each with what it needs.

use confab_protocol::{Timestamp, limits};

use crate::cx::Cx;
use crate::event::AccessToken;
use crate::requests::{Asked, Line};
use crate::view::{ConnectionState, Problem};

/// The first wait between two attempts, in milliseconds.
const FIRST_WAIT_MS: u64 = 500;
/// The longest.
const LONGEST_WAIT_MS: u64 = 60_000;
/// The longest between two questions for what is missing, on a connection that stands.
const LONGEST_PAUSE_MS: u64 = 10_000;

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
        /// The server has said when it may come: only the person may be faster.
        told: bool,
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
    /// How often what is missing was refused in a row.
    pub(crate) stalls: u32,
    /// The interval of the signs of life, in milliseconds.
    pub(crate) heartbeat_ms: u64,
    /// Since the last frame, in signs of life of one's own.
    pub(crate) silent: u64,
    /// The number of the last heartbeat of the server.
    pub(crate) beats: u64,
    /// Frames so far that tell of people.
    pub(crate) people: u64,
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
    /// A token that a program brought, while the server is asked to take it.
    pub(crate) given: Option<AccessToken>,
    /// What the server said when it had no room for a new token.
    pub(crate) no_room: Option<Problem>,
    /// Attempts since the last success.
    attempts: u32,
    /// The network changed while a token was waited for.
    pub(crate) nudged: bool,
    /// A session has ended.
    pub(crate) was_up: bool,
    /// Over how long the clients of this server spread their first attempt to come back; none before it was said.
    pub(crate) spread_ms: Option<u64>,
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
            Phase::Waiting { retry_at, .. } => (ConnectionState::Connecting, Some(*retry_at)),
            Phase::Online(_) => (ConnectionState::Connected, None),
            Phase::Ending => (ConnectionState::Disconnecting, None),
            Phase::Ended => (ConnectionState::Disconnected, None),
            Phase::Denied => (ConnectionState::Denied, None),
        }
    }

    /// The next wait, a random part of the whole: of the spread when a session was up, since all others may have lost theirs
    /// in the same moment; then twice as long each time.
    pub(crate) fn next_wait(&mut self, cx: &mut Cx<'_>) -> u64 {
        let whole = match self.attempts.checked_sub(u32::from(self.spread_ms.is_some())) {
            None => self.spread_ms.unwrap_or(FIRST_WAIT_MS),
            Some(failed) => FIRST_WAIT_MS.max(self.spread_ms.unwrap_or(0)) << failed.min(16),
        };
        self.attempts = self.attempts.saturating_add(1);
        cx.part(whole.min(LONGEST_WAIT_MS))
    }

    /// The same where the server has said how long to stay away, in milliseconds: never shorter than that, up to a minute, and up
    /// to half as much longer, since it may have told others the same.
    pub(crate) fn next_wait_told(&mut self, told_ms: u64, cx: &mut Cx<'_>) -> u64 {
        let usual_ms = self.next_wait(cx);
        let told_ms = told_ms.min(LONGEST_WAIT_MS);
        usual_ms.max(told_ms + cx.part(told_ms / 2))
    }

    /// The next wait before what is missing is asked for again. How often nobody answered before there was this session says
    /// nothing of it.
    pub(crate) fn next_pause(&mut self, cx: &mut Cx<'_>) -> u64 {
        let spread_ms = self.spread_ms.unwrap_or(0);
        let Some(session) = self.session() else { return FIRST_WAIT_MS };
        let doubled = FIRST_WAIT_MS << session.stalls.min(16);
        session.stalls = session.stalls.saturating_add(1);
        cx.part(doubled.min(LONGEST_PAUSE_MS).max(spread_ms))
    }

    /// An attempt has led to a session in step, or it is another network: waits are short again.
    pub(crate) fn begin_anew(&mut self) {
        (self.attempts, self.nudged) = (0, false);
    }
}

impl Session {
    /// A sign of life of one's own is due. False when the other side has given none for too long, or owes an answer for too
    /// long: frames get lost where connections are said to keep them.
    pub(crate) fn is_alive(&mut self) -> bool {
        self.silent += 1;
        let silence_ms = self.silent.saturating_mul(self.heartbeat_ms);
        let wait_ms = self.line.beat().saturating_mul(self.heartbeat_ms);
        let probed = self.line.waits_for(Asked::Probe);
        silence_ms < limits::DEAD_AFTER_MS && wait_ms < limits::ANSWER_MS && !probed
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn waits_double_up_to_a_minute_and_begin_anew_after_success() {
        let mut link = Link::default();
        let (mut ids, mut most) = (Uuid::nil, || u64::MAX);
        let mut cx = Cx { now: Timestamp(0), ids: &mut ids, random: &mut most };
        let waits: Vec<u64> = (0..9).map(|_| link.next_wait(&mut cx)).collect();
        assert_eq!(waits, [500, 1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
        link.begin_anew();
        assert_eq!(link.next_wait(&mut cx), 500);
        link.begin_anew();
        link.spread_ms = Some(4_000);
        let waits: Vec<u64> = (0..6).map(|_| link.next_wait(&mut cx)).collect();
        assert_eq!(waits, [4_000, 4_000, 8_000, 16_000, 32_000, 60_000]);
    }

    #[test]
    fn what_the_server_says_is_the_least_and_a_minute_the_most_of_it() {
        let waits = |told_ms| {
            [0, u64::MAX].map(|number| {
                let (mut ids, mut random) = (Uuid::nil, || number);
                let mut cx = Cx { now: Timestamp(0), ids: &mut ids, random: &mut random };
                Link::default().next_wait_told(told_ms, &mut cx)
            })
        };
        assert_eq!(waits(0), [0, 500]);
        assert_eq!(waits(100), [100, 500], "nobody comes sooner than usual");
        assert_eq!(waits(8_000), [8_000, 12_000]);
        assert_eq!(waits(u64::MAX), [60_000, 90_000]);
    }

    #[test]
    fn clients_that_are_told_the_same_do_not_come_back_at_once() {
        let (mut state, mut ids) = (7, Uuid::nil);
        let mut random = || number(&mut state);
        let mut cx = Cx { now: Timestamp(0), ids: &mut ids, random: &mut random };
        let mut by_half_second = [0; 8];
        for _ in 0..1_000 {
            let wait = Link::default().next_wait_told(8_000, &mut cx);
            by_half_second[usize::try_from((wait - 8_000) / 501).unwrap()] += 1;
        }
        assert!(by_half_second.iter().all(|come| (75..=175).contains(come)), "{by_half_second:?}");
    }

    /// Numbers that look random, the same in every run (SplitMix64).
    fn number(state: &mut u64) -> u64 {
        *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (*state ^ (*state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// All clients lose a server in the same moment, which is gone for so long: when each is back, and how many attempts
    /// there were in each second after its return, in milliseconds and by second.
    fn outage(clients: usize, gone_ms: u64) -> (Vec<u64>, Vec<u64>) {
        let spread_ms = limits::RECONNECT_SPREAD_MS.max(clients as u64 / 2);
        let (mut state, mut ids) = (7, Uuid::nil);
        let mut random = || number(&mut state);
        let mut cx = Cx { now: Timestamp(0), ids: &mut ids, random: &mut random };
        let mut back = Vec::with_capacity(clients);
        for _ in 0..clients {
            let mut link = Link { spread_ms: Some(spread_ms), ..Link::default() };
            let mut at = link.next_wait(&mut cx);
            while at < gone_ms {
                at += link.next_wait(&mut cx);
            }
            back.push(at - gone_ms);
        }
        let mut attempts = vec![0; 200];
        for at in &back {
            attempts[usize::try_from(at / 1_000).unwrap()] += 1;
        }
        (back, attempts)
    }

    #[test]
    fn a_hundred_thousand_clients_do_not_press_a_server_that_comes_back() {
        const CLIENTS: usize = 100_000;
        let spread_s = (CLIENTS / 2 / 1_000) as u64;
        for gone_ms in [1_000, 30_000, 600_000] {
            let (back, attempts) = outage(CLIENTS, gone_ms);
            // Each is let in at its first attempt after the return, so these are all attempts.
            let most = attempts.iter().max().copied().unwrap_or_default();
            assert!(most <= 3 * CLIENTS as u64 / spread_s, "{most} in a second, after {gone_ms} ms");
            let last = back.iter().max().copied().unwrap_or_default();
            assert!(last <= LONGEST_WAIT_MS, "the last is back after {last} ms");
        }
    }

    #[test]
    fn the_few_clients_of_a_small_server_are_back_at_once() {
        let (back, _) = outage(50, 10);
        assert!(back.iter().all(|at| *at <= 2 * limits::RECONNECT_SPREAD_MS + FIRST_WAIT_MS), "{back:?}");
    }
}
