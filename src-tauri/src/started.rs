//! When the app started, so that the log can say how long the first paint took.

use std::sync::OnceLock;
use std::time::Instant;

static STARTED: OnceLock<Instant> = OnceLock::new();

/// Notes the start; the first call counts.
pub(crate) fn note() {
    STARTED.get_or_init(Instant::now);
}

/// Milliseconds since then.
pub(crate) fn elapsed_ms() -> u64 {
    let since = STARTED.get_or_init(Instant::now).elapsed();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}
