//! Time of each call inside the store, on a database that has grown beside a small one.

use serde::Serialize;

use crate::report::{Measurement, OURS, Series};
use crate::stats::median;

/// Runs of each call.
const ROUNDS: usize = 30;

#[derive(Serialize)]
struct Time {
    median_us: f64,
}

/// Runs all calls.
pub(crate) fn run(version: &str) -> anyhow::Result<Measurement> {
    let mut series = Vec::new();
    for call in confab_server::call_times(ROUNDS) {
        for (system, times) in [(OURS, &call.few), ("1,000,000 messages", &call.many)] {
            let micros: Vec<f64> = times.iter().map(|time| time.as_secs_f64() * 1e6).collect();
            let mut one = Series::new(call.method, system, if system == OURS { version } else { "" });
            one.push(&Time { median_us: median(micros) })?;
            series.push(one);
        }
    }
    Ok(Measurement {
        name: "calls",
        title: "Time of each call in the store, without the commit: 66,000 messages and 300 participants, then 1,000,000 \
            and 10,000"
            .to_owned(),
        columns: &[("median_us", "µs")],
        compared: "median_us",
        series,
    })
}
