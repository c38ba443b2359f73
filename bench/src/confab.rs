//! Our own server: `confab-server` as it is shipped, spoken to over plain WebSockets on loopback.

mod account;
mod crowded;
mod session;
mod workspace;

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use confab_protocol::{ConversationSid, Link};

pub(crate) use crowded::{Counters, Crowded};
pub(crate) use workspace::Workspace;

use crate::http;
use crate::process::Process;
use crate::recorder::Recorder;
use crate::system::{Connection, Groups, Layout};

/// The running server and everybody's account on it.
#[derive(Debug)]
pub(crate) struct Confab {
    version: String,
    process: Process,
    workspace: Workspace,
    /// Conversations made for the layouts seen so far.
    prepared: Vec<(String, Vec<ConversationSid>)>,
}

impl Confab {
    /// Starts the server with that many users, its data below `directory`.
    pub(crate) async fn start(binary: &Path, directory: &Path, users: usize) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let data = directory.join("data");
        let log = directory.join("output.log");
        let (process, address) = serve(binary, &data, &log, &[])?;
        let mut workspace = Workspace::join(address, &invite(binary, &data)?, users).await?;
        // A server that has hashed a hundred passwords keeps memory that idle connections would then be given for nothing.
        drop(process);
        let (process, address) = serve(binary, &data, &log, &[])?;
        workspace.moved_to(address);
        let version = version(binary)?;
        Ok(Self { version, process, workspace, prepared: Vec::new() })
    }

    /// Its version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Its process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// Makes the conversations of a layout, once.
    pub(crate) async fn prepare(&mut self, layout: &Layout) -> anyhow::Result<()> {
        if self.prepared.iter().any(|(name, _)| *name == layout.name) {
            return Ok(());
        }
        let mut sids = Vec::new();
        for members in &layout.places {
            let (&maker, others) = members.split_first().context("a conversation without members")?;
            let others: Vec<String> = others.iter().map(|&user| account::identity(user)).collect();
            let mut session = self.workspace.session(maker).await?;
            sids.push(session.make_conversation(&layout.name, &others).await?);
        }
        self.prepared.push((layout.name.clone(), sids));
        Ok(())
    }

    /// Connects every user of a layout.
    pub(crate) async fn open(
        &mut self,
        layout: &Layout,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        let places = self.prepared.iter().find(|(name, _)| *name == layout.name);
        let places = places.context("the layout was not prepared")?.1.clone();
        let mut connections = Vec::new();
        for user in 0..layout.users() {
            let session = self.workspace.session(user).await?;
            connections.push(session.run(places.clone(), Arc::clone(recorder)));
        }
        Ok(connections)
    }

    /// Connects so many times, the users taking turns.
    pub(crate) async fn open_idle(
        &mut self,
        count: usize,
        recorder: &Arc<Recorder>,
    ) -> anyhow::Result<Vec<Connection>> {
        let mut connections = Vec::new();
        for number in 0..count {
            let session = self.workspace.session(number % self.workspace.users()).await?;
            connections.push(session.run(Vec::new(), Arc::clone(recorder)));
        }
        Ok(connections)
    }

    /// What the server's metrics say of its group commits.
    pub(crate) async fn groups(&self) -> anyhow::Result<Groups> {
        let text = http::get(self.workspace.address(), "/metrics").await?.body;
        Ok(Groups {
            commits: metric(&text, "confab_commits_total")?,
            items: metric(&text, "confab_commit_items_total")?,
        })
    }
}

/// One counter of a server's metrics.
fn metric(text: &str, name: &str) -> anyhow::Result<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    let value = line.and_then(|number| number.trim().parse::<f64>().ok());
    value.map(|value| value as u64).with_context(|| format!("no {name}"))
}

/// What the program says of its version.
fn version(binary: &Path) -> anyhow::Result<String> {
    let version = said(Command::new(binary).arg("--version"))?;
    Ok(version.split_whitespace().last().unwrap_or_default().to_owned())
}

/// Starts the server and waits until it takes connections.
fn serve(binary: &Path, data: &Path, log: &Path, more: &[&str]) -> anyhow::Result<(Process, SocketAddr)> {
    let mut command = Command::new(binary);
    command.arg("serve").arg("--data").arg(data).args(["--listen", "127.0.0.1:0"]).args(more);
    let mut process = Process::start(&mut command, log)?;
    let address = process.wait_for(Duration::from_secs(20), || listening(log))?;
    Ok((process, address))
}

/// The address in the line that the server prints once it takes connections.
fn listening(log: &Path) -> Option<SocketAddr> {
    let text = std::fs::read_to_string(log).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("listening on "))?;
    line.split(' ').next()?.parse().ok()
}

/// Secret of a fresh invite, good for everybody.
fn invite(binary: &Path, data: &Path) -> anyhow::Result<String> {
    let text = said(Command::new(binary).arg("invite").arg("--data").arg(data).args(["--max-uses", "1000"]))?;
    let link = text.split_whitespace().find_map(|word| word.parse::<Link>().ok());
    link.and_then(|link| link.secret).context("confab-server invite printed no invite link")
}

/// What a command prints.
fn said(command: &mut Command) -> anyhow::Result<String> {
    let out = command.output().with_context(|| command.get_program().to_string_lossy().into_owned())?;
    if !out.status.success() {
        bail!("{}", String::from_utf8_lossy(&out.stderr));
    }
    Ok(String::from_utf8(out.stdout)?)
}
