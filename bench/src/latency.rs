//! Send-to-receive latency in one conversation of 100 members.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};

use crate::USERS;
use crate::recorder::Recorder;
use crate::stats::percentile;
use crate::system::{Connection, Layout, Post, System};

/// Messages per second, all members taking turns.
const RATE: u64 = 20;
/// Sent before the figures count, so that caches are warm and joining has settled.
const WARM_UP: usize = 40;

/// One run.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Latency {
    /// Half of all deliveries took at most this, in milliseconds.
    pub(crate) p50_ms: f64,
    /// 99 of 100 deliveries took at most this.
    pub(crate) p99_ms: f64,
    /// The slowest delivery.
    pub(crate) max_ms: f64,
    /// Deliveries counted.
    pub(crate) deliveries: usize,
    /// Deliveries that never came.
    pub(crate) missing: usize,
    /// Processor time of the server per message, in microseconds.
    pub(crate) processor_us: f64,
}

/// The conversation of this measurement.
pub(crate) fn layout() -> Layout {
    Layout::one(USERS)
}

/// Measures for so long.
pub(crate) async fn run(system: &mut System, length: Duration) -> anyhow::Result<Latency> {
    let layout = layout();
    let receivers = layout.users() - 1;
    let (recorder, _) = Recorder::new();
    let recorder = Arc::new(recorder);
    let connections = system.open(&layout, &recorder).await?;
    sleep(Duration::from_secs(1)).await;
    send(&connections, &recorder, WARM_UP).await;
    settle(&recorder, WARM_UP * receivers).await;
    let warm = recorder.snapshot().latencies.len();
    let before = system.process().processor_time()?;
    let count = (length.as_secs() * RATE) as usize;
    send(&connections, &recorder, count).await;
    settle(&recorder, warm + count * receivers).await;
    let spent = system.process().processor_time()? - before;
    let mut times = recorder.snapshot().latencies.split_off(warm);
    Ok(Latency {
        p50_ms: percentile(&mut times, 0.5),
        p99_ms: percentile(&mut times, 0.99),
        max_ms: percentile(&mut times, 1.0),
        deliveries: times.len(),
        missing: (count * receivers).saturating_sub(times.len()),
        processor_us: spent.as_secs_f64() * 1e6 / count as f64,
    })
}

/// Sends at the rate, whatever comes back: a slow server does not slow the load.
async fn send(connections: &[Connection], recorder: &Recorder, count: usize) {
    let mut ticks = interval(Duration::from_millis(1_000 / RATE));
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    for turn in 0..count {
        ticks.tick().await;
        // A stride without a common divisor, so that neighbours in the roster do not follow each other.
        let user = turn * 37 % connections.len();
        connections[user].send(Post { place: 0, number: recorder.sending(user) });
    }
}

/// Waits for the deliveries under way, within a bound.
async fn settle(recorder: &Recorder, deliveries: usize) {
    // Those that do not come in time are counted as missing.
    let _ = timeout(Duration::from_secs(5), recorder.wait_for_deliveries(deliveries)).await;
}
