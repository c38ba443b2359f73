//! Acknowledged messages per second with so many in flight.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{Instant, sleep_until, timeout_at};

use crate::USERS;
use crate::process::own_processor_time;
use crate::recorder::{Acknowledgement, Recorder};
use crate::stats::ratio;
use crate::system::{Connection, Groups, Layout, Post, System};

/// Time before the figures count.
const WARM_UP: Duration = Duration::from_secs(1);
/// How long the load waits before it replaces a message that was refused.
const AFTER_REFUSAL: Duration = Duration::from_millis(20);

/// What is measured: who talks where, and how many messages are under way at any moment.
#[derive(Debug, Clone)]
pub(crate) struct Load {
    /// Who talks where.
    pub(crate) layout: Layout,
    /// Messages without an answer at any moment, over all connections.
    pub(crate) in_flight: usize,
}

impl Load {
    /// Every load of this measurement.
    pub(crate) fn all() -> Vec<Self> {
        let layouts = [Layout::pairs(USERS / 2), Layout::one(20)];
        layouts
            .into_iter()
            .flat_map(|layout| [20, 100].map(|in_flight| Self { layout: layout.clone(), in_flight }))
            .collect()
    }

    /// Names it.
    pub(crate) fn name(&self) -> String {
        format!("{}, {} in flight", self.layout.name, self.in_flight)
    }
}

/// One run.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Durable {
    /// Messages acknowledged to their senders per second.
    pub(crate) per_second: f64,
    /// Deliveries to others per second in the same time.
    pub(crate) deliveries_per_second: f64,
    /// Processor time of the server per acknowledged message, in microseconds.
    pub(crate) processor_us: f64,
    /// Share of one core that the load itself took: near 1, the load is what limits.
    pub(crate) load_share: f64,
    /// Mutations per commit, where the server tells.
    pub(crate) group_size: Option<f64>,
    /// Messages refused, for instance over a rate limit; each was followed by a pause and another.
    pub(crate) refused: u64,
    /// Connections that ended or were told that something was dropped for them.
    pub(crate) lost: u64,
}

/// Counters at one moment.
#[derive(Debug)]
struct Mark {
    at: Instant,
    acknowledged: u64,
    deliveries: usize,
    processor: Duration,
    own: Duration,
    groups: Option<Groups>,
}

/// Measures for so long.
pub(crate) async fn run(system: &mut System, load: &Load, length: Duration) -> anyhow::Result<Durable> {
    let (recorder, mut acknowledgements) = Recorder::new();
    let recorder = Arc::new(recorder);
    let connections = system.open(&load.layout, &recorder).await?;
    let mut turns = Turns { load, connections: &connections, recorder: &recorder, next: 0 };
    for _ in 0..load.in_flight {
        turns.send();
    }
    turns.keep_up(&mut acknowledgements, Instant::now() + WARM_UP).await;
    let start = mark(system, &recorder).await?;
    turns.keep_up(&mut acknowledgements, start.at + length).await;
    let end = mark(system, &recorder).await?;
    let state = recorder.snapshot();
    let seconds = (end.at - start.at).as_secs_f64();
    let acknowledged = (end.acknowledged - start.acknowledged) as f64;
    let groups = start.groups.zip(end.groups);
    Ok(Durable {
        per_second: acknowledged / seconds,
        deliveries_per_second: (end.deliveries - start.deliveries) as f64 / seconds,
        processor_us: ratio((end.processor - start.processor).as_secs_f64() * 1e6, acknowledged),
        load_share: (end.own - start.own).as_secs_f64() / seconds,
        group_size: groups.map(|(a, b)| ratio((b.items - a.items) as f64, (b.commits - a.commits) as f64)),
        refused: state.refused,
        lost: state.lost,
    })
}

async fn mark(system: &System, recorder: &Recorder) -> anyhow::Result<Mark> {
    let groups = system.groups().await?;
    Ok(Mark {
        at: Instant::now(),
        acknowledged: recorder.acknowledged(),
        deliveries: recorder.deliveries(),
        processor: system.process().processor_time()?,
        own: own_processor_time()?,
        groups,
    })
}

/// Lets the users send by turns.
struct Turns<'a> {
    load: &'a Load,
    connections: &'a [Connection],
    recorder: &'a Recorder,
    next: usize,
}

impl Turns<'_> {
    fn send(&mut self) {
        let user = self.next % self.connections.len();
        self.next += 1;
        let place = self.load.layout.place_of(user);
        self.connections[user].send(Post { place, number: self.recorder.sending(user) });
    }

    /// Sends one message for each that was answered, until `end`.
    async fn keep_up(&mut self, answers: &mut UnboundedReceiver<Acknowledgement>, end: Instant) {
        while let Ok(Some(answer)) = timeout_at(end, answers.recv()).await {
            if !answer.accepted {
                sleep_until((Instant::now() + AFTER_REFUSAL).min(end)).await;
            }
            self.send();
        }
    }
}
