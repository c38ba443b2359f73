//! The only place of this crate that reads the wall clock or draws random identifiers.

use std::time::{SystemTime, UNIX_EPOCH};

use confab_domain::Ids;
use confab_protocol::Timestamp;
use uuid::Uuid;

/// Now, in milliseconds since 1970.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
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
