//! The server's time, as well as it can be known here. This computer's clock may be hours off, and may be set at any moment:
//! nothing that is kept or ordered goes by it.

use confab_protocol::Timestamp;

/// The machine is woken at least once in this time. When more went by, the clock was set or the computer slept; that is
/// no time until the server says so.
const JUMP_MS: u64 = 11 * 60 * 1_000;

/// From this computer's clock to the server's.
#[derive(Debug, Default)]
pub(crate) struct Clock {
    /// By how much the server's is ahead, in milliseconds.
    ahead_ms: i64,
    /// What this computer's said last.
    last: Option<Timestamp>,
}

impl Clock {
    /// A clock that was so much ahead when it was last heard of.
    pub(crate) fn restored(ahead_ms: i64) -> Self {
        Self { ahead_ms, last: None }
    }

    /// By how much the server's is ahead, in milliseconds.
    pub(crate) fn ahead_ms(&self) -> i64 {
        self.ahead_ms
    }

    /// The server's time, by this computer's. Never goes back, whatever this computer's does.
    pub(crate) fn read(&mut self, here: Timestamp) -> Timestamp {
        if let Some(last) = self.last
            && (here < last || here.since(last) > JUMP_MS)
        {
            self.ahead_ms = self.ahead_ms.saturating_add(difference(last, here));
        }
        self.last = Some(here);
        shifted(here, self.ahead_ms)
    }

    /// The server says what time it is.
    pub(crate) fn set(&mut self, there: Timestamp) {
        if let Some(last) = self.last {
            self.ahead_ms = difference(there, last);
        }
    }

    /// A time of the server's, as this computer's clock will show it.
    pub(crate) fn here(&self, there: Timestamp) -> Timestamp {
        shifted(there, self.ahead_ms.saturating_neg())
    }
}

fn difference(later: Timestamp, earlier: Timestamp) -> i64 {
    later.0.cast_signed().saturating_sub(earlier.0.cast_signed())
}

fn shifted(at: Timestamp, by_ms: i64) -> Timestamp {
    Timestamp(at.0.saturating_add_signed(by_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: u64 = 60 * 60 * 1_000;

    #[test]
    fn the_servers_time_goes_on_whatever_the_clock_here_does() {
        let mut clock = Clock::restored(0);
        clock.read(Timestamp(10 * HOUR));
        clock.set(Timestamp(15 * HOUR));
        assert_eq!(clock.read(Timestamp(10 * HOUR + 5_000)), Timestamp(15 * HOUR + 5_000));
        assert_eq!(clock.here(Timestamp(15 * HOUR + 9_000)), Timestamp(10 * HOUR + 9_000));
        assert_eq!(clock.read(Timestamp(5 * HOUR)), Timestamp(15 * HOUR + 5_000), "set back");
        assert_eq!(clock.read(Timestamp(5 * HOUR + 5_000)), Timestamp(15 * HOUR + 10_000));
        assert_eq!(clock.read(Timestamp(20 * HOUR)), Timestamp(15 * HOUR + 10_000), "set forward");
        assert_eq!(
            Clock::restored(clock.ahead_ms()).read(Timestamp(20 * HOUR)),
            Timestamp(15 * HOUR + 10_000)
        );
        clock.set(Timestamp(16 * HOUR));
        assert_eq!(clock.read(Timestamp(20 * HOUR + 1)), Timestamp(16 * HOUR + 1), "it had slept");
    }
}
