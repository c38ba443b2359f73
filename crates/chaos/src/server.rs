//! The real server in a process of its own: started, killed, paused, and started again on the same data.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use confab_protocol::Link;
use rustix::process::Signal;
use tokio::time::{sleep, timeout};

use crate::device::signal_process;
use crate::leash::leashed;

/// An address at which nobody answers: what the server tells of itself must not lead past the proxies.
const NOWHERE: &str = "127.0.0.1:1";

/// How long it may take to come up: it looks through its database first.
const STARTING: Duration = Duration::from_secs(60);
/// How long it may take to end when it is asked to.
const ENDING: Duration = Duration::from_secs(60);

/// A server with its data directory.
pub(crate) struct Server {
    program: PathBuf,
    this: PathBuf,
    data: PathBuf,
    log: PathBuf,
    child: Option<Child>,
}

impl Server {
    /// One that does not run yet.
    pub(crate) fn new(this: &Path, program: &Path, place: &Path) -> Self {
        Self {
            program: program.into(),
            this: this.into(),
            data: place.join("server"),
            log: place.join("server.log"),
            child: None,
        }
    }

    /// Its data directory.
    pub(crate) fn data(&self) -> &Path {
        &self.data
    }

    /// Where it says what happens.
    pub(crate) fn log(&self) -> &Path {
        &self.log
    }

    /// Starts it on a free port; where that is comes from [`address`]. On the thread that holds its leash.
    pub(crate) fn spawn(&mut self) -> Result<ChildStdout> {
        let mut command = leashed(&self.this, &self.program);
        command.arg("serve").arg("--data").arg(&self.data);
        command.args(["--listen", "127.0.0.1:0", "--name", "Fjordline", "--advertise", NOWHERE]);
        let errors = File::options().create(true).append(true).open(&self.log)?;
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().context("confab-server cannot be started")?;
        let output = child.stdout.take().context("invariant: its output is a pipe")?;
        self.child = Some(child);
        Ok(output)
    }

    /// An invite, with the address of nowhere in it.
    pub(crate) fn invite(&self) -> Result<Link> {
        let output = self.ask(&["invite"])?;
        let link = output.split_whitespace().find(|word| word.starts_with("confab://join/"));
        Ok(link.context("no link was printed")?.parse()?)
    }

    /// Lets it judge its own database.
    pub(crate) fn verify(&self) -> Result<()> {
        self.ask(&["verify", "--dry-run"]).map(drop)
    }

    fn ask(&self, order: &[&str]) -> Result<String> {
        let output = Command::new(&self.program).args(order).arg("--data").arg(&self.data).output()?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        let printed = String::from_utf8(output.stdout)?;
        ensure!(output.status.success(), "confab-server {order:?}: {printed}{errors}");
        Ok(printed)
    }

    /// Sends it a signal.
    pub(crate) fn signal(&self, signal: Signal) -> Result<()> {
        signal_process(self.child.as_ref().context("the server does not run")?.id(), signal)
    }

    /// Fails when it has ended though nobody ended it.
    pub(crate) fn must_live(&mut self) -> Result<()> {
        if let Some(child) = &mut self.child
            && let Some(status) = child.try_wait()?
        {
            bail!("the server ended by itself ({status})");
        }
        Ok(())
    }

    /// Asks it to end in good order; [`ended`] waits until it has.
    pub(crate) fn stop(&mut self) -> Result<Child> {
        self.signal(Signal::TERM)?;
        self.child.take().context("the server does not run")
    }

    /// `kill -9`.
    pub(crate) fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }
}

/// Where a server that has just been started takes connections.
pub(crate) async fn address(output: ChildStdout) -> Result<SocketAddr> {
    let reading = tokio::task::spawn_blocking(move || {
        let (mut output, mut line) = (BufReader::new(output), String::new());
        output.read_line(&mut line)?;
        // Whatever else it prints must find a reader, or it would stop at a full pipe.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        anyhow::Ok(line)
    });
    let line = timeout(STARTING, reading).await.context("confab-server does not come up")???;
    let address = line.split_whitespace().find_map(|word| word.parse().ok());
    address.with_context(|| format!("confab-server did not come up: {line:?}"))
}

/// Waits for the end of a server that was asked to end.
pub(crate) async fn ended(mut child: Child) -> Result<()> {
    let ending = async {
        while child.try_wait()?.is_none() {
            sleep(Duration::from_millis(40)).await;
        }
        anyhow::Ok(())
    };
    timeout(ENDING, ending).await.context("the server does not end")?
}

impl Drop for Server {
    fn drop(&mut self) {
        // Nobody is left to tell; one that has ended already is what is wanted.
        drop(self.kill());
    }
}
