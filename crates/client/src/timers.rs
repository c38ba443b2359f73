//! The core's timers. One per kind; setting it again replaces it.

use std::future::pending;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

/// Timers that are set. There are few, so a list is enough.
#[derive(Debug)]
pub(crate) struct Timers<K> {
    set: Vec<(Instant, K)>,
}

impl<K: PartialEq> Timers<K> {
    pub(crate) fn new() -> Self {
        Self { set: Vec::new() }
    }

    /// Sets a timer to go off after `delay`. A delay and not a time of day, so that setting the clock moves nothing.
    pub(crate) fn set(&mut self, kind: K, delay: Duration) {
        self.cancel(&kind);
        // A delay that no clock can hold never ends.
        if let Some(at) = Instant::now().checked_add(delay) {
            self.set.push((at, kind));
        }
    }

    pub(crate) fn cancel(&mut self, kind: &K) {
        self.set.retain(|(_, other)| other != kind);
    }

    /// Takes the earliest timer that is due, if one is.
    pub(crate) fn take_due(&mut self) -> Option<K> {
        let now = Instant::now();
        let earliest = (0..self.set.len()).min_by_key(|at| self.set[*at].0)?;
        (self.set[earliest].0 <= now).then(|| self.set.remove(earliest).1)
    }

    /// Waits until a timer is due; for ever when none is set. May be dropped and called again.
    pub(crate) async fn due(&self) {
        match self.set.iter().map(|(at, _)| *at).min() {
            Some(at) => sleep_until(at).await,
            None => pending().await,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn timers_go_off_in_order_once_and_only_the_last_setting_counts() {
        let mut timers = Timers::new();
        timers.set("late", Duration::from_secs(9));
        timers.set("early", Duration::from_secs(3));
        timers.set("never", Duration::from_secs(1));
        timers.set("late", Duration::from_secs(5));
        timers.cancel(&"never");
        let begun = Instant::now();
        timers.due().await;
        assert_eq!((timers.take_due(), timers.take_due()), (Some("early"), None));
        timers.due().await;
        assert_eq!((timers.take_due(), timers.take_due()), (Some("late"), None));
        assert_eq!(begun.elapsed().as_secs(), 5);
    }

    #[tokio::test(start_paused = true)]
    async fn a_delay_beyond_all_clocks_is_no_timer() {
        let mut timers = Timers::new();
        timers.set("never", Duration::MAX);
        assert_eq!(timers.take_due(), None);
    }
}
