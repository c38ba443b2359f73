//! The app's start and its memory, beside those of a window with nothing in it.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use confab_protocol::Link;
use confab_tests::app::{App, Surroundings};
use confab_tests::programs;
use confab_tests::stage::{Stage, play};
use serde::Serialize;
use tokio::time::sleep;

use crate::confab::Workspace;
use crate::process::Process;
use crate::report::{OURS, Series};
use crate::stats::{millis, ratio};

/// What a start may take.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a window is left alone before it is weighed.
const SETTLE: Duration = Duration::from_secs(5);
/// Others in the workspace.
const PEOPLE: usize = 4;
/// Conversations that the list shows at its first paint.
const CONVERSATIONS: usize = 20;
/// Messages in each.
const MESSAGES: u64 = 20;
/// What both log once the first list, or the empty page, was painted.
const READY: &str = "the window is ready";

/// With which renderer WebKit runs; both are measured, because headless machines take one and desktops the other.
const RENDERERS: [(&str, bool); 2] = [("WebKit as it is", false), ("WEBKIT_DISABLE_DMABUF_RENDERER=1", true)];

/// One start.
#[derive(Debug, Clone, Copy, Serialize)]
struct Start {
    /// From the start of the process to the first painted list, in milliseconds.
    ready_ms: f64,
    /// Proportional memory of all its processes, five seconds later, in MiB.
    memory_mib: f64,
    /// Its processes.
    processes: usize,
    /// `ready_ms` divided by that of the empty window of the same round.
    ready_ratio: f64,
    /// `memory_mib` divided by that of the empty window of the same round.
    memory_ratio: f64,
}

/// Measures both, by turns.
pub(crate) async fn measure(rounds: u32) -> anyhow::Result<Vec<Series>> {
    let mut all = Vec::new();
    play("bench", async |stage: &Stage| {
        let app = stage.app("owner");
        fill(&app).await.context("filling the workspace")?;
        for (renderer, without_dmabuf) in RENDERERS {
            let mut ours = Series::new(renderer, OURS, env!("CARGO_PKG_VERSION"));
            let mut empty = Series::new(renderer, "empty window", "");
            for _ in 0..rounds {
                let window = Window { stage, without_dmabuf };
                let base = window.start(&programs::ours("confab-empty-window")?, &[], None).await?;
                let data = app.data().display().to_string();
                let full =
                    window.start(&programs::ours("confab")?, &["--data-dir", &data], Some(base)).await?;
                crate::push(&mut empty, &base)?;
                crate::push(&mut ours, &full)?;
            }
            all.extend([ours, empty]);
        }
        Ok(())
    })
    .await?;
    Ok(all)
}

/// Starts a workspace in the app's own window, and has people write to its owner: the app serves it from then on.
async fn fill(app: &App) -> anyhow::Result<()> {
    let window = app.start().await?;
    window.start_workspace("Fjordline", "Ingrid").await?;
    let link: Link = window.invite().await?.trim().parse()?;
    let address: SocketAddr = link.addresses.first().context("a link without an address")?.parse()?;
    let secret = link.secret.context("a link without a secret")?;
    let mut workspace = Workspace::join(address, &secret, PEOPLE).await?;
    for number in 0..CONVERSATIONS {
        let mut session = workspace.session(number % PEOPLE).await?;
        let name = format!("Landing {number}");
        let conversation = session.make_conversation(&name, &["Ingrid".to_owned()]).await?;
        for message in 0..MESSAGES {
            session.say(conversation, message).await?;
        }
    }
    let last = format!("Landing {}", CONVERSATIONS - 1);
    window.until("the last conversation", |seen| seen.row(&last).is_some()).await?;
    window.end().await
}

/// How windows are started for the measurement.
struct Window<'a> {
    stage: &'a Stage,
    without_dmabuf: bool,
}

impl Window<'_> {
    async fn start(&self, binary: &Path, arguments: &[&str], base: Option<Start>) -> anyhow::Result<Start> {
        let log = self.stage.directory().join("window.log");
        let mut command = Command::new(binary);
        self.surround(self.stage.surroundings(), &mut command);
        command.args(arguments).env("RUST_LOG", "info");
        let start = Instant::now();
        let mut process = Process::start(&mut command, &log)?;
        let is_ready = || std::fs::read_to_string(&log).is_ok_and(|text| text.contains(READY));
        let ready_ms = process
            .wait_for(PATIENCE, || is_ready().then(|| millis(start.elapsed())))
            .with_context(|| format!("{} has not logged {READY:?}", binary.display()))?;
        sleep(SETTLE).await;
        let (memory_kib, processes) = process.tree_memory_kib()?;
        let memory_mib = memory_kib as f64 / 1_024.0;
        let (base_ready, base_memory) = base.map_or((ready_ms, memory_mib), |b| (b.ready_ms, b.memory_mib));
        Ok(Start {
            ready_ms,
            memory_mib,
            processes,
            ready_ratio: ratio(ready_ms, base_ready),
            memory_ratio: ratio(memory_mib, base_memory),
        })
    }

    fn surround(&self, surroundings: &Surroundings, command: &mut Command) {
        surroundings.give(command);
        if !self.without_dmabuf {
            command.env_remove("WEBKIT_DISABLE_DMABUF_RENDERER");
        }
    }
}
