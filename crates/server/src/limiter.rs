//! Token buckets: how often one key may do something. Time comes in as an argument.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How much at once, and how fast it comes back.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rate {
    /// Tokens of a full bucket.
    pub(crate) burst: u32,
    /// Time in which one token comes back.
    pub(crate) refill: Duration,
}

/// Too much; how long to wait for the next token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Exhausted {
    /// Time until one token is there.
    pub(crate) retry_after: Duration,
}

/// One bucket, kept as the instant at which it will be full again.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bucket {
    full_at: Instant,
}

impl Bucket {
    /// A full bucket.
    pub(crate) fn full(now: Instant) -> Self {
        Self { full_at: now }
    }

    /// Takes one token.
    pub(crate) fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Exhausted> {
        let after = self.full_at.max(now) + rate.refill;
        let room = now + rate.refill * rate.burst;
        if after > room {
            return Err(Exhausted { retry_after: after - room });
        }
        self.full_at = after;
        Ok(())
    }

    /// Puts one token back.
    pub(crate) fn give_back(&mut self, rate: Rate, now: Instant) {
        self.full_at = self.full_at.checked_sub(rate.refill).map_or(now, |earlier| earlier.max(now));
    }
}

/// A bucket for each key, of a bounded number: full buckets are forgotten.
#[derive(Debug)]
pub(crate) struct Limiter<K> {
    rate: Rate,
    most: usize,
    buckets: HashMap<K, Bucket>,
}

impl<K: Eq + Hash> Limiter<K> {
    /// A limiter that remembers at most `most` keys.
    pub(crate) fn new(rate: Rate, most: usize) -> Self {
        Self { rate, most, buckets: HashMap::new() }
    }

    /// Takes one token of a key's bucket.
    pub(crate) fn take(&mut self, key: K, now: Instant) -> Result<(), Exhausted> {
        if self.buckets.len() >= self.most && !self.buckets.contains_key(&key) {
            self.buckets.retain(|_, bucket| bucket.full_at > now);
            if self.buckets.len() >= self.most {
                return Err(Exhausted { retry_after: self.rate.refill });
            }
        }
        self.buckets.entry(key).or_insert_with(|| Bucket::full(now)).take(self.rate, now)
    }

    /// Puts one token back: what was taken for a guess that turned out right.
    pub(crate) fn give_back(&mut self, key: &K, now: Instant) {
        if let Some(bucket) = self.buckets.get_mut(key) {
            bucket.give_back(self.rate, now);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 2, refill: Duration::from_secs(10) };

    #[test]
    fn a_bucket_gives_its_burst_and_then_one_per_refill() {
        let start = Instant::now();
        let mut bucket = Bucket::full(start);
        assert!(bucket.take(RATE, start).is_ok());
        assert!(bucket.take(RATE, start).is_ok());
        let refused = bucket.take(RATE, start).unwrap_err();
        assert_eq!(refused.retry_after, Duration::from_secs(10));
        assert!(bucket.take(RATE, start + Duration::from_secs(9)).is_err());
        assert!(bucket.take(RATE, start + Duration::from_secs(10)).is_ok());
        assert!(bucket.take(RATE, start + Duration::from_secs(10)).is_err());
    }

    #[test]
    fn a_right_guess_costs_nothing_and_never_overfills() {
        let start = Instant::now();
        let mut limiter = Limiter::new(RATE, 10);
        for _ in 0..10 {
            assert!(limiter.take("key", start).is_ok());
            limiter.give_back(&"key", start);
        }
        limiter.give_back(&"key", start);
        assert!(limiter.take("key", start).is_ok());
        assert!(limiter.take("key", start).is_ok());
        assert!(limiter.take("key", start).is_err());
    }

    #[test]
    fn keys_are_bounded_and_full_buckets_make_room() {
        let start = Instant::now();
        let mut limiter = Limiter::new(RATE, 2);
        assert!(limiter.take(1, start).is_ok());
        assert!(limiter.take(2, start).is_ok());
        assert!(limiter.take(3, start).is_err());
        assert!(limiter.take(3, start + Duration::from_secs(10)).is_ok());
    }
}
