//! The one place where time, identifiers and randomness come from.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use confab_protocol::Timestamp;
use uuid::Uuid;

/// The time of day of this computer.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// A new identifier, ordered by time.
pub(crate) fn id() -> Uuid {
    Uuid::now_v7()
}

/// Sixty-four random bits, for jitter.
pub(crate) fn random() -> u64 {
    // Jitter only has to differ between computers: a new identifier does, should the system have nothing better.
    getrandom::u64().unwrap_or_else(|_| id().as_u64_pair().1)
}

/// Notices that the computer slept: more time of day went by between two looks than there should have.
#[derive(Debug)]
pub(crate) struct SleepWatch {
    last: Timestamp,
}

impl SleepWatch {
    /// How often to look.
    pub(crate) const INTERVAL: Duration = Duration::from_secs(5);
    /// More than this between two looks is no busy computer any more.
    const SUSPICIOUS_MS: u64 = 15_000;

    pub(crate) fn new(now: Timestamp) -> Self {
        Self { last: now }
    }

    /// Looks at the clock. True when the computer seems to have slept since the last look.
    pub(crate) fn look(&mut self, now: Timestamp) -> bool {
        let slept = now.since(self.last) > Self::SUSPICIOUS_MS;
        self.last = now;
        slept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_clock_is_a_sleep_and_a_late_look_is_none() {
        let mut watch = SleepWatch::new(Timestamp(1_000_000));
        assert!(!watch.look(Timestamp(1_005_000)));
        assert!(!watch.look(Timestamp(1_014_000)), "four seconds late");
        assert!(watch.look(Timestamp(4_614_000)), "an hour");
        assert!(!watch.look(Timestamp(4_000_000)), "the clock was put back");
        assert!(!watch.look(Timestamp(4_005_000)));
    }
}
