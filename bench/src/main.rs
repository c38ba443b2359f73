//! Measures Confab beside its peers: the same load, the same machine, the same run.

mod app;
mod calls;
mod confab;
mod crowd;
mod durable;
mod http;
mod large;
mod latency;
mod machine;
mod memory;
mod process;
mod recorder;
mod report;
mod stats;
mod stock;
mod system;
mod xmpp;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use confab_tests::programs;
use serde::Serialize;

use crate::confab::Confab;
use crate::durable::Load;
use crate::machine::Machine;
use crate::report::{Measurement, Series};
use crate::system::System;
use crate::xmpp::Xmpp;

/// Accounts on every server.
const USERS: usize = 100;

/// Measures Confab beside its peers.
#[derive(Debug, Parser)]
struct Arguments {
    /// Only these measurements.
    #[arg(long, value_delimiter = ',')]
    only: Vec<Name>,
    /// Length of each run.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Runs of each case, of which the median counts: 3, and 5 for the app's short starts.
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=20))]
    rounds: Option<u32>,
    /// Only these servers.
    #[arg(long, value_delimiter = ',')]
    systems: Vec<Peer>,
    /// Where the files go.
    #[arg(long, default_value = "target/bench")]
    out: PathBuf,
}

/// What can be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Name {
    /// Memory of a server per idle connection.
    Memory,
    /// Send-to-receive latency.
    Latency,
    /// Acknowledged messages per second.
    Durable,
    /// Time of each call in the store.
    Calls,
    /// Much beside little, in the store.
    Large,
    /// A conversation of 10,000.
    Crowd,
    /// Start and memory of the app.
    App,
    /// Start of a stock Twilio client.
    Stock,
}

/// Who is measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// Our own server.
    Confab,
    /// ejabberd.
    Ejabberd,
    /// Prosody.
    Prosody,
}

// One thread makes the load: it leaves the other cores to the server, and its clock readings need no locks.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    process::raise_file_limit()?;
    fs::create_dir_all(&arguments.out)?;
    // Beside the results and not in the system's temporary directory, which may be memory and cost no time to sync.
    let directory = tempfile::tempdir_in(fs::canonicalize(&arguments.out)?)?;
    let bench = Bench { machine: Machine::look(directory.path())?, arguments };
    if bench.wants(Name::App) {
        bench.app().await?;
    }
    if bench.wants(Name::Calls) {
        bench.publish(&calls::run(env!("CARGO_PKG_VERSION"))?)?;
    }
    if bench.wants(Name::Large) {
        bench.publish(&large::run(env!("CARGO_PKG_VERSION"), bench.rounds() * 3)?)?;
    }
    if bench.wants(Name::Crowd) {
        bench.crowd(directory.path()).await?;
    }
    if bench.wants(Name::Stock) {
        bench.publish(&stock::run(bench.rounds()).await?)?;
    }
    if !bench.wants_servers() {
        return Ok(());
    }
    let mut systems = bench.start(directory.path()).await?;
    if bench.wants(Name::Memory) {
        bench.memory(&mut systems).await?;
    }
    if bench.wants(Name::Latency) {
        bench.latency(&mut systems).await?;
    }
    if bench.wants(Name::Durable) {
        bench.durable(&mut systems).await?;
    }
    Ok(())
}

/// The whole of a call.
#[derive(Debug)]
struct Bench {
    arguments: Arguments,
    machine: Machine,
}

impl Bench {
    fn wants(&self, name: Name) -> bool {
        self.arguments.only.is_empty() || self.arguments.only.contains(&name)
    }

    fn wants_servers(&self) -> bool {
        [Name::Memory, Name::Latency, Name::Durable].into_iter().any(|name| self.wants(name))
    }

    fn has(&self, peer: Peer) -> bool {
        self.arguments.systems.is_empty() || self.arguments.systems.contains(&peer)
    }

    fn length(&self) -> Duration {
        Duration::from_secs(self.arguments.seconds)
    }

    fn rounds(&self) -> u32 {
        self.arguments.rounds.unwrap_or(3)
    }

    async fn start(&self, directory: &Path) -> anyhow::Result<Vec<System>> {
        let mut systems = Vec::new();
        if self.has(Peer::Confab) {
            let binary = programs::ours("confab-server")?;
            let confab = Confab::start(&binary, &directory.join("confab"), USERS).await;
            systems.push(System::Confab(confab.context("starting confab-server")?));
        }
        if self.has(Peer::Ejabberd) {
            systems.push(System::Xmpp(Xmpp::ejabberd(&directory.join("ejabberd"), USERS).await?));
        }
        if self.has(Peer::Prosody) {
            systems.push(System::Xmpp(Xmpp::prosody(&directory.join("prosody"), USERS).await?));
        }
        Ok(systems)
    }

    async fn app(&self) -> anyhow::Result<()> {
        self.publish(&Measurement {
            name: "app",
            title: "Start to the first painted list; memory of all processes when idle".into(),
            columns: &[
                ("ready_ms", "ready ms"),
                ("memory_mib", "memory MiB"),
                ("processes", "processes"),
                ("ready_ratio", "start × empty"),
                ("memory_ratio", "memory × empty"),
            ],
            compared: "memory_mib",
            series: app::measure(self.arguments.rounds.unwrap_or(5)).await?,
        })
    }

    async fn crowd(&self, directory: &Path) -> anyhow::Result<()> {
        let stage = crowd::Stage::set(&programs::ours("confab-server")?, &directory.join("crowd")).await?;
        let mut said = [0, 1].map(|place| crowd::series(place, stage.version()));
        let mut read = Series::new("", report::OURS, stage.version());
        for _ in 0..self.rounds() {
            for (place, (series, messages)) in said.iter_mut().zip([20, 5]).enumerate() {
                push(series, &stage.say(place, messages).await?)?;
            }
        }
        for _ in 0..self.rounds() {
            push(&mut read, &stage.read(self.length()).await?)?;
        }
        writeln!(std::io::stderr(), "connections, and how many of them lost something: {:?}", stage.lost())?;
        self.publish(&Measurement {
            name: "said",
            title: "A message to 100 members and to 10,000, all connected".into(),
            columns: &[
                ("last_ms", "last delivery ms"),
                ("processor_ms", "CPU ms/message"),
                ("delivery_us", "CPU µs/delivery"),
                ("missing", "missing"),
            ],
            compared: "delivery_us",
            series: said.into(),
        })?;
        self.publish(&Measurement {
            name: "read",
            title: "10,000 members who all read one message per second".into(),
            columns: &[
                ("horizons_per_second", "horizons/s"),
                ("commits_per_second", "commits/s"),
                ("pushes_per_second", "pushes/s"),
                ("server_share", "server"),
                ("load_share", "load"),
                ("refused", "refused"),
            ],
            compared: "pushes_per_second",
            series: vec![read, crowd::plain()],
        })
    }

    async fn memory(&self, systems: &mut [System]) -> anyhow::Result<()> {
        let mut series = series("", systems);
        for (system, series) in systems.iter_mut().zip(&mut series) {
            push(series, &memory::run(system).await?)?;
        }
        self.publish(&Measurement {
            name: "memory",
            title: "Memory of the server, 1,000 idle connections (proportional set size)".into(),
            columns: &[
                ("per_connection_kib", "KiB/connection"),
                ("empty_mib", "empty MiB"),
                ("full_mib", "full MiB"),
                ("lost", "lost"),
            ],
            compared: "per_connection_kib",
            series,
        })
    }

    async fn latency(&self, systems: &mut [System]) -> anyhow::Result<()> {
        let mut series = series("", systems);
        for system in systems.iter_mut() {
            system.prepare(&latency::layout()).await?;
        }
        for _ in 0..self.rounds() {
            for (system, series) in systems.iter_mut().zip(&mut series) {
                push(series, &latency::run(system, self.length()).await?)?;
            }
        }
        self.publish(&Measurement {
            name: "latency",
            title: format!("Send to receive, one conversation of {USERS} members at 20 messages/s"),
            columns: &[
                ("p50_ms", "p50 ms"),
                ("p99_ms", "p99 ms"),
                ("max_ms", "max ms"),
                ("processor_us", "CPU µs/message"),
                ("deliveries", "deliveries"),
                ("missing", "missing"),
            ],
            compared: "p99_ms",
            series,
        })
    }

    async fn durable(&self, systems: &mut [System]) -> anyhow::Result<()> {
        let mut all = Vec::new();
        for load in Load::all() {
            let mut series = series(&load.name(), systems);
            for system in systems.iter_mut() {
                system.prepare(&load.layout).await?;
            }
            for _ in 0..self.rounds() {
                for (system, series) in systems.iter_mut().zip(&mut series) {
                    push(series, &durable::run(system, &load, self.length()).await?)?;
                }
            }
            all.extend(series);
        }
        self.publish(&Measurement {
            name: "durable",
            title: "Acknowledged messages/s; ours are on disk by then".into(),
            columns: &[
                ("per_second", "messages/s"),
                ("deliveries_per_second", "deliveries/s"),
                ("processor_us", "CPU µs/message"),
                ("load_share", "load"),
                ("group_size", "group"),
                ("refused", "refused"),
                ("lost", "lost"),
            ],
            compared: "per_second",
            series: all,
        })
    }

    fn publish(&self, measurement: &Measurement) -> anyhow::Result<()> {
        measurement.publish(&self.machine, &self.arguments.out)
    }
}

fn series(case: &str, systems: &[System]) -> Vec<Series> {
    systems.iter().map(|system| Series::new(case, system.name(), system.version())).collect()
}

/// Keeps a run and says so: a whole call takes minutes.
fn push(series: &mut Series, run: &(impl Serialize + std::fmt::Debug)) -> anyhow::Result<()> {
    writeln!(std::io::stderr(), "{} {}: {run:?}", series.system, series.case)?;
    series.push(run)
}
