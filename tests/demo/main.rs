//! `confab-demo`: a workspace with sample people on a server of its own, and two windows side by side, signed in as two
//! of them. Everything is gone when both windows are closed.

use std::path::Path;

use anyhow::{Result, anyhow};
use confab::{Place, sign_in_ahead};
use confab_tests::process::Process;
use confab_tests::server::Server;
use confab_tests::{programs, sample};

/// Size of each window, in logical pixels.
const SIZE: (f64, f64) = (900.0, 760.0);
/// From the left of one window to the left of the other.
const STEP: i32 = 920;

#[tokio::main]
async fn main() -> Result<()> {
    let directory = tempfile::Builder::new().prefix("confab-demo-").tempdir()?;
    let server = Server::start(&directory.path().join("server"), &directory.path().join("server.log"))?;
    sample::fill(&server).await?;
    let mut windows = Vec::new();
    for (number, (identity, _)) in (0..).zip(sample::PEOPLE.iter().take(2)) {
        windows.push(open(directory.path(), &server, identity, number * STEP).await?);
    }
    for window in &mut windows {
        window.until_ended().await?;
    }
    Ok(())
}

async fn open(directory: &Path, server: &Server, identity: &str, left: i32) -> Result<Process> {
    let signed_in = confab_client::sign_in(server.address(), identity, sample::PASSWORD, "demo").await;
    let signed_in = signed_in.map_err(|problem| anyhow!("{identity} cannot sign in: {}", problem.code))?;
    let data = directory.join(identity);
    sign_in_ahead(&data, &signed_in, Place { corner: (left, 0), size: SIZE })?;
    let mut command = std::process::Command::new(programs::ours("confab")?);
    command.arg("--data-dir").arg(&data).env("CONFAB_NO_KEYRING", "1");
    Process::start(command, &directory.join(format!("{identity}.log")))
}
