//! The only place of this crate that reads the wall clock or draws random identifiers.

use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use confab_domain::Ids;
use confab_protocol::Timestamp;
use uuid::Uuid;

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// A clock that does not follow the wall clock when that is put forward: what is forgotten by age must not be forgotten
/// because somebody set the clock. One that is put back is followed: then nothing is old.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SteadyClock {
    wall: Timestamp,
    began: Instant,
}

impl SteadyClock {
    /// From now on.
    pub(crate) fn new() -> Self {
        Self { wall: now(), began: Instant::now() }
    }

    /// Now, in milliseconds since 1970.
    pub(crate) fn now(&self) -> Timestamp {
        self.at(now(), self.began.elapsed())
    }

    fn at(&self, wall: Timestamp, elapsed: Duration) -> Timestamp {
        let steady = self.wall.plus(u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX));
        wall.min(steady)
    }
}

/// Random bytes from the system.
pub(crate) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("invariant: the system gives random bytes");
    bytes
}

/// Identifiers by the clock, secrets by the system's random source.
#[derive(Debug, Default)]
pub(crate) struct SystemIds;

impl Ids for SystemIds {
    fn uuid(&mut self) -> Uuid {
        Uuid::now_v7()
    }

    fn secret(&mut self) -> [u8; 16] {
        random()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_is_put_forward_is_not_followed_and_one_that_is_put_back_is() {
        let clock = SteadyClock { wall: Timestamp(1_000_000), began: Instant::now() };
        let hour = Duration::from_secs(3_600);
        assert_eq!(clock.at(Timestamp(4_600_000), hour), Timestamp(4_600_000));
        assert_eq!(clock.at(Timestamp(9_999_999_999), hour), Timestamp(4_600_000));
        assert_eq!(clock.at(Timestamp(5), hour), Timestamp(5));
    }
}
