//! What the figures were taken on: without it they compare with nothing.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use anyhow::Context as _;
use serde::Serialize;

use crate::stats::{median, millis};

/// The machine, as far as it bears on the figures.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Machine {
    /// Model of the processor.
    pub(crate) processor: String,
    /// Cores, shared by servers and load alike.
    pub(crate) cores: usize,
    /// Memory, in MiB.
    pub(crate) memory_mib: u64,
    /// Processes that wanted to run in the minute before the start: above 0, others disturbed the figures.
    pub(crate) load_before: f64,
    /// Kernel release.
    pub(crate) kernel: String,
    /// Distribution.
    pub(crate) system: String,
    /// Median time of a 4 KiB append and `fdatasync`, in milliseconds: what "durable" costs here.
    pub(crate) sync_ms: f64,
}

impl Machine {
    /// Looks at this machine; `directory` is where the servers keep their data.
    pub(crate) fn look(directory: &Path) -> anyhow::Result<Self> {
        let memory = field("/proc/meminfo", "MemTotal:")?;
        let kib: u64 = memory.trim_end_matches("kB").trim().parse().context("MemTotal")?;
        Ok(Self {
            processor: field("/proc/cpuinfo", "model name")
                .unwrap_or_default()
                .trim_start_matches(": ")
                .into(),
            cores: std::thread::available_parallelism()?.get(),
            memory_mib: kib / 1_024,
            load_before: load()?,
            kernel: fs::read_to_string("/proc/sys/kernel/osrelease")?.trim().into(),
            system: field("/etc/os-release", "PRETTY_NAME=").unwrap_or_default().trim_matches('"').into(),
            sync_ms: sync_ms(directory)?,
        })
    }
}

/// What follows `name` on its line of `file`.
fn field(file: &str, name: &str) -> anyhow::Result<String> {
    let text = fs::read_to_string(file).with_context(|| file.to_owned())?;
    let line = text.lines().find_map(|line| line.strip_prefix(name));
    Ok(line.with_context(|| format!("{name} in {file}"))?.trim().to_owned())
}

fn load() -> anyhow::Result<f64> {
    let text = fs::read_to_string("/proc/loadavg")?;
    text.split(' ').next().and_then(|number| number.parse().ok()).context("loadavg")
}

fn sync_ms(directory: &Path) -> anyhow::Result<f64> {
    let mut file = File::create(directory.join("sync-probe"))?;
    let mut times = Vec::new();
    for _ in 0..50 {
        let start = Instant::now();
        file.write_all(&[0x5a; 4_096])?;
        file.sync_data()?;
        times.push(millis(start.elapsed()));
    }
    Ok(median(times))
}
