//! A conversation of 10,000 people who are all connected: what it costs to say something to all of them, and to have all of them
//! read it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Duration;

use anyhow::Context as _;
use confab_protocol::ConversationSid;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use serde::Serialize;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep, timeout};

use crate::confab::{Counters, Crowded};
use crate::process::{Process, own_processor_time};
use crate::recorder::Recorder;
use crate::report::{OURS, Series};
use crate::stats::{median, millis, ratio};
use crate::system::{Connection, Post};

/// Members of the two conversations; the first ones are in both.
pub(crate) const SIZES: [usize; 2] = [100, 10_000];
/// People who are let in at a time.
const AT_A_TIME: usize = 32;
/// How long a message to everybody may be under way before what is missing is counted.
const PATIENCE: Duration = Duration::from_secs(20);

/// What it costs to say something to everybody, of one run.
#[derive(Debug, Serialize)]
pub(crate) struct Said {
    /// Half of the messages had reached the last member after this, in milliseconds.
    last_ms: f64,
    /// Processor time of the server per message, in milliseconds.
    processor_ms: f64,
    /// The same per delivery, in microseconds.
    delivery_us: f64,
    /// Deliveries that never came.
    missing: usize,
}

/// What it costs to have everybody read one message per second, of one run.
#[derive(Debug, Serialize)]
pub(crate) struct ReadByAll {
    /// Read horizons that were moved, per second: each is on disk by then.
    horizons_per_second: f64,
    /// Commits per second, each one write to the disk.
    commits_per_second: f64,
    /// Frames pushed per second.
    pushes_per_second: f64,
    /// Share of one core that the server took.
    server_share: f64,
    /// Share of one core that the load took: near 1, it is the load that limits.
    load_share: f64,
    /// Horizons refused.
    refused: u64,
}

/// Ten thousand people who are connected, and the conversations they are in.
pub(crate) struct Stage {
    server: Crowded,
    owner: Connection,
    others: Vec<Connection>,
    places: Vec<ConversationSid>,
    recorder: Arc<Recorder>,
    reading: Arc<Reading>,
}

/// What the readers share.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// Whether what comes is read.
    pub(crate) on: AtomicBool,
    /// Horizons that were acknowledged.
    pub(crate) moved: AtomicU64,
    /// Horizons that were refused.
    pub(crate) refused: AtomicU64,
}

impl Stage {
    /// Starts a server with everybody in it, and connects them.
    pub(crate) async fn set(binary: &Path, directory: &Path) -> anyhow::Result<Self> {
        let people = SIZES.into_iter().max().context("no sizes")?;
        let server = Crowded::start(binary, directory, people, &SIZES)?;
        let (recorder, _) = Recorder::new();
        let (recorder, reading) = (Arc::new(recorder), Arc::new(Reading::default()));
        let places = server.conversations().to_vec();
        // Each gives signs of life from the start: letting everybody in takes longer than a silent connection lives.
        let come_in = async |person| -> anyhow::Result<Connection> {
            let session = server.session(person).await?;
            let recorder = Arc::clone(&recorder);
            Ok(match person {
                0 => session.run(places.clone(), recorder),
                _ => session.read_along(recorder, Arc::clone(&reading)),
            })
        };
        let owner = come_in(0).await?;
        let others = stream::iter(1..people).map(come_in).buffered(AT_A_TIME).try_collect().await?;
        Ok(Self { server, owner, others, places, recorder, reading })
    }

    /// The version of the server.
    pub(crate) fn version(&self) -> &str {
        self.server.version()
    }

    fn process(&self) -> &Process {
        self.server.process()
    }

    /// Says so many things in one of the conversations, each after the last has reached everybody.
    pub(crate) async fn say(&self, place: usize, messages: usize) -> anyhow::Result<Said> {
        let receivers = SIZES[place] - 1;
        let (mut last, mut missing) = (Vec::new(), 0);
        sleep(Duration::from_secs(1)).await;
        let before = self.process().processor_time()?;
        for _ in 0..messages {
            let (due, started) = (self.recorder.deliveries() + receivers, Instant::now());
            self.owner.send(Post { place, number: self.recorder.sending(0) });
            let _ = timeout(PATIENCE, self.recorder.wait_for_deliveries(due)).await;
            last.push(millis(started.elapsed()));
            missing += due.saturating_sub(self.recorder.deliveries());
        }
        let spent = self.process().processor_time()? - before;
        let each = spent.as_secs_f64() / messages as f64;
        Ok(Said {
            last_ms: median(last),
            processor_ms: each * 1e3,
            delivery_us: each * 1e6 / receivers as f64,
            missing,
        })
    }

    /// One message per second, read by everybody within the next second.
    pub(crate) async fn read(&self, length: Duration) -> anyhow::Result<ReadByAll> {
        let place = self.places.len() - 1;
        self.reading.on.store(true, Relaxed);
        let mut ticks = interval(Duration::from_secs(1));
        ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
        let mut mark = None;
        // The first second fills the pipe.
        for second in 0..=length.as_secs() {
            ticks.tick().await;
            if second == 1 {
                mark = Some(self.mark().await?);
            }
            self.owner.send(Post { place, number: self.recorder.sending(0) });
        }
        ticks.tick().await;
        let end = self.mark().await?;
        self.reading.on.store(false, Relaxed);
        let start = mark.context("a run of no second")?;
        let seconds = (end.at - start.at).as_secs_f64();
        let per_second = |a: u64, b: u64| (b - a) as f64 / seconds;
        Ok(ReadByAll {
            horizons_per_second: per_second(start.moved, end.moved),
            commits_per_second: per_second(start.counters.commits, end.counters.commits),
            pushes_per_second: per_second(start.counters.pushes, end.counters.pushes),
            server_share: ratio((end.processor - start.processor).as_secs_f64(), seconds),
            load_share: ratio((end.own - start.own).as_secs_f64(), seconds),
            refused: self.reading.refused.load(Relaxed),
        })
    }

    async fn mark(&self) -> anyhow::Result<Mark> {
        Ok(Mark {
            counters: self.server.counters().await?,
            moved: self.reading.moved.load(Relaxed),
            processor: self.process().processor_time()?,
            own: own_processor_time()?,
            at: Instant::now(),
        })
    }

    /// Connections that are still there, or were told that something was dropped for them.
    pub(crate) fn lost(&self) -> (usize, u64) {
        (self.others.len() + 1, self.recorder.snapshot().lost)
    }
}

/// How things stand at one moment.
struct Mark {
    at: Instant,
    counters: Counters,
    moved: u64,
    processor: Duration,
    own: Duration,
}

/// What comes to the same without this server's ways: a write per reader, and a push of every horizon to everybody else.
pub(crate) fn plain() -> Series {
    let people = SIZES[1] as f64;
    let mut series = Series::new("", "a write and a push for each", "");
    let run = serde_json::json!({
        "horizons_per_second": people, "commits_per_second": people, "pushes_per_second": people * (people - 1.0),
    });
    series.push(&run).expect("invariant: a value is one");
    series
}

/// The series of one size.
pub(crate) fn series(place: usize, version: &str) -> Series {
    let (system, version) = if place == 0 { (OURS, version) } else { ("10,000 members", version) };
    Series::new("", system, version)
}
