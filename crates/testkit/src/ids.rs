//! Ids and a clock that are the same in every run.

use confab_domain::Ids;
use confab_protocol::Timestamp;
use uuid::Uuid;

/// UUIDv7s that grow, and secrets, all from a seed.
#[derive(Debug, Clone)]
pub struct SeededIds {
    state: u64,
    count: u64,
}

impl SeededIds {
    /// From a seed: the same seed gives the same ids.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { state: seed, count: 0 }
    }

    /// The next of a sequence of well mixed numbers (SplitMix64).
    pub fn number(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.state ^ (self.state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

impl Ids for SeededIds {
    fn uuid(&mut self) -> Uuid {
        self.count += 1;
        // 48 bits of time, which a counter stands for, then version, variant and noise.
        let noise = u128::from(self.number() >> 2);
        let time = u128::from(self.count) << 80;
        Uuid::from_u128(time | 0x7000 << 64 | 0x8000_0000_0000_0000 | noise)
    }

    fn secret(&mut self) -> [u8; 16] {
        let (high, low) = (self.number(), self.number());
        (u128::from(high) << 64 | u128::from(low)).to_be_bytes()
    }
}

/// A clock that stands still until it is told to go on.
#[derive(Debug, Clone, Copy)]
pub struct TestClock {
    now: Timestamp,
}

impl Default for TestClock {
    fn default() -> Self {
        Self { now: Timestamp(1_700_000_000_000) }
    }
}

impl TestClock {
    /// What it shows.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Goes on by some milliseconds.
    pub fn advance(&mut self, millis: u64) {
        self.now = self.now.plus(millis);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_grow_are_version_7_and_come_again_with_the_seed() {
        let (mut one, mut same, mut other) = (SeededIds::new(1), SeededIds::new(1), SeededIds::new(2));
        let mut last = Uuid::nil();
        for _ in 0..1_000 {
            let id = one.uuid();
            assert!(id > last);
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            assert_eq!(id, same.uuid());
            assert_ne!(id, other.uuid());
            last = id;
        }
        assert_eq!(one.secret(), same.secret());
    }
}
