//! Our own server with a crowd in its workspace.

use std::net::SocketAddr;
use std::path::Path;

use confab_protocol::ConversationSid;

use super::session::Session;
use super::{metric, serve, version};
use crate::http;
use crate::process::Process;

/// The running server, and how its people come in.
#[derive(Debug)]
pub(crate) struct Crowded {
    version: String,
    process: Process,
    address: SocketAddr,
    tokens: Vec<String>,
    conversations: Vec<ConversationSid>,
}

/// What the server counts of itself.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counters {
    /// Commits so far.
    pub(crate) commits: u64,
    /// Frames put into queues of sessions so far.
    pub(crate) pushes: u64,
}

impl Crowded {
    /// Starts it with so many people, its data below `directory`, and a conversation of each size.
    pub(crate) fn start(
        binary: &Path,
        directory: &Path,
        people: usize,
        sizes: &[usize],
    ) -> anyhow::Result<Self> {
        std::fs::create_dir_all(directory)?;
        let (data, log) = (directory.join("data"), directory.join("output.log"));
        // Its first start makes the workspace.
        drop(serve(binary, &data, &log, &[])?);
        let crowd = confab_server::crowd(&data, people, sizes)?;
        let (process, address) = serve(binary, &data, &log, &["--participants", "10000"])?;
        let (tokens, conversations) = (crowd.tokens, crowd.conversations);
        Ok(Self { version: version(binary)?, process, address, tokens, conversations })
    }

    /// Its version.
    pub(crate) fn version(&self) -> &str {
        &self.version
    }

    /// Its process.
    pub(crate) fn process(&self) -> &Process {
        &self.process
    }

    /// The conversations, by their sizes.
    pub(crate) fn conversations(&self) -> &[ConversationSid] {
        &self.conversations
    }

    /// A new connection of somebody.
    pub(crate) async fn session(&self, person: usize) -> anyhow::Result<Session> {
        Session::open(self.address, person, &self.tokens[person]).await
    }

    /// What it has done so far.
    pub(crate) async fn counters(&self) -> anyhow::Result<Counters> {
        let text = http::get(self.address, "/metrics").await?.body;
        let (commits, pushes) = ("confab_commits_total", "confab_pushes_queued_total");
        Ok(Counters { commits: metric(&text, commits)?, pushes: metric(&text, pushes)? })
    }
}
