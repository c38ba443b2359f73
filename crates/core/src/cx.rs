//! What an event brings along from outside: the time, new identifiers, randomness.

use std::fmt;

use confab_protocol::{ClientId, Timestamp};
use uuid::Uuid;

/// The outside world, as far as the machine may know it. The same answers give the same run.
pub struct Cx<'a> {
    /// The time of day on this computer; the machine makes the server's of it. Nothing is ordered by it.
    pub now: Timestamp,
    /// Makes a new UUIDv7.
    pub ids: &'a mut dyn FnMut() -> Uuid,
    /// Gives 64 random bits.
    pub random: &'a mut dyn FnMut() -> u64,
}

impl Cx<'_> {
    /// A new id for a mutation.
    pub(crate) fn client_id(&mut self) -> ClientId {
        ClientId((self.ids)())
    }

    /// A random number of milliseconds up to `millis`, each as likely as any other.
    pub(crate) fn part(&mut self, millis: u64) -> u64 {
        let scaled = u128::from((self.random)()) * (u128::from(millis) + 1);
        u64::try_from(scaled >> 64).unwrap_or(millis)
    }

    /// A random number of milliseconds between half of `millis` and `millis`.
    pub(crate) fn jittered(&mut self, millis: u64) -> u64 {
        let half = millis / 2;
        half + self.part(millis - half)
    }
}

impl fmt::Debug for Cx<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cx").field("now", &self.now).finish_non_exhaustive()
    }
}
