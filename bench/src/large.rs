//! What much costs beside little, inside the store.

use serde::Serialize;

use crate::report::{Measurement, OURS, Series};
use crate::stats::{median, millis};

#[derive(Serialize)]
struct Time {
    median_ms: f64,
}

/// Measures all of it, so many times each.
pub(crate) fn run(version: &str, rounds: u32) -> anyhow::Result<Measurement> {
    let mut series = Vec::new();
    for found in confab_server::large_times(rounds as usize) {
        for (system, version, times) in [(OURS, version, &found.ours), (found.peer, "", &found.peers)] {
            let mut one = Series::new(found.case, system, version);
            one.push(&Time { median_ms: median(times.iter().copied().map(millis)) })?;
            series.push(one);
        }
    }
    Ok(Measurement {
        name: "large",
        title: "Much beside little, in the store".to_owned(),
        columns: &[("median_ms", "ms")],
        compared: "median_ms",
        series,
    })
}
