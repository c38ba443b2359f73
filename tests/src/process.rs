//! A program started by a test: it writes into a log file and does not outlive the test.

use std::fs::File;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::wait;

/// A running program. Killed when dropped.
#[derive(Debug)]
pub struct Process {
    child: Child,
    name: String,
}

impl Process {
    /// Starts `command` with both its outputs in `log` (added to what is there).
    ///
    /// # Errors
    /// When the log cannot be written or the program cannot be started.
    pub fn start(mut command: Command, log: &Path) -> Result<Self> {
        let out = File::options().create(true).append(true).open(log).context("cannot open the log")?;
        command.stdout(out.try_clone()?).stderr(out);
        Self::spawn(command)
    }

    /// Starts `command` with its output in a pipe, for whoever takes it, and its errors in `log`.
    ///
    /// # Errors
    /// When the log cannot be written or the program cannot be started.
    pub fn start_piped(mut command: Command, log: &Path) -> Result<(Self, std::process::ChildStdout)> {
        let errors = File::options().create(true).append(true).open(log).context("cannot open the log")?;
        command.stdout(Stdio::piped()).stderr(errors);
        let mut process = Self::spawn(command)?;
        let output = process.child.stdout.take().context("invariant: its output is a pipe")?;
        Ok((process, output))
    }

    fn spawn(mut command: Command) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start {name}"))?;
        Ok(Self { child, name })
    }

    /// Its id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Whether it is still running, and its code when it is not.
    ///
    /// # Errors
    /// When the system does not say.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        Ok(self.child.try_wait()?)
    }

    /// Waits for it to end by itself.
    ///
    /// # Errors
    /// When it does not.
    pub async fn finish(&mut self) -> Result<ExitStatus> {
        let what = format!("the end of {}", self.name);
        wait::until(what, async || self.ended()).await
    }

    /// Waits for it to end by itself, for as long as a person uses it.
    ///
    /// # Errors
    /// When the system does not say.
    pub async fn until_ended(&mut self) -> Result<()> {
        while self.ended()?.is_none() {
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        Ok(())
    }

    /// `kill -9`.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

#[cfg(target_os = "linux")]
impl Process {
    /// Sends it a signal.
    ///
    /// # Errors
    /// When the system refuses.
    pub fn signal(&self, signal: rustix::process::Signal) -> Result<()> {
        self::linux::signal(self.id(), signal)
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // Nobody is left to tell; one that has ended already is what is wanted.
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Processes that are known by their id only.
#[cfg(target_os = "linux")]
pub mod linux {
    use std::fs;

    use anyhow::{Context as _, Result};
    use rustix::process::{Pid, Signal, kill_process};

    /// Sends a signal.
    ///
    /// # Errors
    /// When there is no such process.
    pub fn signal(id: u32, signal: Signal) -> Result<()> {
        let id = i32::try_from(id).ok().and_then(Pid::from_raw).context("not an id of a process")?;
        Ok(kill_process(id, signal)?)
    }

    /// Whether it is running; one that has ended and was not waited for is not.
    #[must_use]
    pub fn is_alive(id: u32) -> bool {
        stat(id).is_some_and(|(state, _)| state != "Z" && state != "X")
    }

    /// Direct children whose program has this name (of which the system keeps 15 bytes).
    #[must_use]
    pub fn children(of: u32, name: &str) -> Vec<u32> {
        let Ok(entries) = fs::read_dir("/proc") else { return Vec::new() };
        let ids = entries.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse::<u32>().ok());
        let named = |id: &u32| {
            fs::read_to_string(format!("/proc/{id}/comm")).is_ok_and(|comm| comm.trim_end() == name)
        };
        ids.filter(|id| stat(*id).is_some_and(|(_, parent)| parent == of)).filter(named).collect()
    }

    /// State and parent. The name before them stands in brackets and may hold anything.
    fn stat(id: u32) -> Option<(String, u32)> {
        let text = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        let mut fields = text.rsplit_once(')')?.1.split_whitespace();
        Some((fields.next()?.to_owned(), fields.next()?.parse().ok()?))
    }
}
