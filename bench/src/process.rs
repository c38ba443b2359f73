//! Server and window processes: started, watched through `/proc`, ended by their own id.

use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use rustix::process::{Pid, Resource, Rlimit, Signal, getrlimit, kill_process, setrlimit};

/// How long a process may take to end by itself.
const GRACE: Duration = Duration::from_secs(10);

/// A child that ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Process {
    child: Child,
}

impl Process {
    /// Starts `command` with its output in `log`.
    pub(crate) fn start(command: &mut Command, log: &Path) -> anyhow::Result<Self> {
        let out = fs::File::create(log).with_context(|| log.display().to_string())?;
        let name = command.get_program().to_string_lossy().into_owned();
        let command = command.stdin(Stdio::null()).stdout(out.try_clone()?).stderr(out);
        Ok(Self { child: command.spawn().with_context(|| name)? })
    }

    /// The process id.
    pub(crate) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it still runs.
    pub(crate) fn is_running(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits until `ready` gives something; fails when the process ends first or `limit` has passed.
    pub(crate) fn wait_for<T>(
        &mut self,
        limit: Duration,
        mut ready: impl FnMut() -> Option<T>,
    ) -> anyhow::Result<T> {
        let start = Instant::now();
        loop {
            if let Some(found) = ready() {
                return Ok(found);
            }
            if !self.is_running() {
                bail!("the process ended before it was ready");
            }
            if start.elapsed() > limit {
                bail!("not ready after {limit:?}");
            }
            thread::sleep(Duration::from_millis(1));
        }
    }

    /// Processor time used so far by all threads.
    pub(crate) fn processor_time(&self) -> anyhow::Result<Duration> {
        processor_time(self.id())
    }

    /// Memory of this process alone: its proportional share, in KiB.
    pub(crate) fn memory_kib(&self) -> anyhow::Result<u64> {
        memory_kib(self.id())
    }

    /// Memory of this process and all its descendants, in KiB.
    pub(crate) fn tree_memory_kib(&self) -> anyhow::Result<(u64, usize)> {
        let tree = tree(self.id())?;
        let total = tree.iter().filter_map(|&id| memory_kib(id).ok()).sum();
        Ok((total, tree.len()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Those that it started may not notice its end, and would disturb what is measured next.
        let mut left = tree(self.id()).unwrap_or_default();
        left.retain(|&id| id != self.id());
        signal(self.id(), Signal::TERM);
        let start = Instant::now();
        while self.is_running() && start.elapsed() < GRACE {
            thread::sleep(Duration::from_millis(10));
        }
        if self.is_running() {
            signal(self.id(), Signal::KILL);
        }
        let _ = self.child.wait();
        left.into_iter().filter(|&id| is_orphan(id)).for_each(|id| signal(id, Signal::TERM));
    }
}

fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It may have ended already: nothing else to do about it.
        let _ = kill_process(pid, signal);
    }
}

/// A descendant whose parent has ended, and that is not simply another process by now.
fn is_orphan(id: u32) -> bool {
    parent(id).is_some_and(|parent| parent <= 1)
}

fn parent(id: u32) -> Option<u32> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()
}

/// Processor time that this program, the load itself, has used so far.
pub(crate) fn own_processor_time() -> anyhow::Result<Duration> {
    processor_time(std::process::id())
}

fn processor_time(id: u32) -> anyhow::Result<Duration> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat"))?;
    // The name in parentheses may hold blanks: count the fields after it.
    let rest = stat.rsplit_once(')').context("stat without a name")?.1;
    let ticks: u64 = rest.split_whitespace().skip(11).take(2).filter_map(|n| n.parse::<u64>().ok()).sum();
    Ok(Duration::from_millis(ticks * 1_000 / rustix::param::clock_ticks_per_second()))
}

fn memory_kib(id: u32) -> anyhow::Result<u64> {
    let text = fs::read_to_string(format!("/proc/{id}/smaps_rollup"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss in smaps_rollup")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

/// A process and all its descendants.
fn tree(root: u32) -> anyhow::Result<Vec<u32>> {
    let ids = fs::read_dir("/proc")?.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
    let pairs: Vec<(u32, u32)> = ids.filter_map(|id| Some((id, parent(id)?))).collect();
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(&at) = tree.get(next) {
        tree.extend(pairs.iter().filter(|(_, parent)| *parent == at).map(|(id, _)| *id));
        next += 1;
    }
    Ok(tree)
}

/// A port on which nobody listens now.
pub(crate) fn free_port() -> anyhow::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

/// Lets this process and the servers it starts open as many files as the system permits.
pub(crate) fn raise_file_limit() -> anyhow::Result<()> {
    let limit = getrlimit(Resource::Nofile);
    setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })?;
    Ok(())
}
