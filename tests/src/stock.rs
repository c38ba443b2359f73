//! Stock Twilio clients: scripts under `tests/twilio`, run by Node.js against a server.

use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use crate::programs;
use crate::server::Server;

/// A key of a back end, as `confab-server` prints it.
fn key(server: &Server) -> Result<Value> {
    let mut command = Command::new(programs::ours("confab-server")?);
    let output = command.args(["api-key", "create", "--json", "--data"]).arg(server.directory()).output()?;
    ensure!(output.status.success(), "no key: {}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

/// Runs a script to its end, with a key to sign tokens with and what else it is told, and gives what it said.
///
/// # Errors
/// When it fails; with what it said and complained of.
pub async fn run(script: &str, server: &Server, told: &Value) -> Result<String> {
    let mut stage = told.clone();
    stage["uri"] = json!(format!("ws://{}/v3/wsconnect", server.address()));
    stage["key"] = key(server)?;
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("twilio");
    let run = tokio::process::Command::new("node")
        .arg(directory.join(script))
        .current_dir(&directory)
        .env("CONFAB_STAGE", stage.to_string())
        .stdin(Stdio::null())
        .kill_on_drop(true)
        .output();
    let output = run.await?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(output.status.success(), "{script}:\n{said}\n{}", String::from_utf8_lossy(&output.stderr));
    Ok(said.into_owned())
}
