//! WebKit's driver: one per window, on a port of its own.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result};
use fantoccini::{Client, ClientBuilder};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::json;

use crate::process::{Process, linux};
use crate::wait;

/// A driver with the app that it started.
#[derive(Debug)]
pub struct Driver {
    process: Process,
    client: Client,
    app: u32,
}

impl Driver {
    /// Starts the driver, and through it the app with these arguments. `environment` prepares the environment of both.
    ///
    /// # Errors
    /// When the driver is not installed, or the app shows no window.
    pub async fn start(
        binary: &Path,
        arguments: &[String],
        environment: impl Fn(&mut Command),
        log: &Path,
    ) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new("WebKitWebDriver");
        command.arg(format!("--port={port}")).env("TAURI_WEBVIEW_AUTOMATION", "true");
        environment(&mut command);
        let process = Process::start(command, log)?;
        let client = connect(port, binary, arguments).await?;
        let name = binary.file_name().context("not a program")?.to_string_lossy().into_owned();
        let app = *linux::children(process.id(), &name).first().context("the driver has started no app")?;
        Ok(Self { process, client, app })
    }

    /// What drives the window.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The id of the app's process.
    #[must_use]
    pub fn app(&self) -> u32 {
        self.app
    }

    /// `kill -9` for the app, from one moment to the next.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn kill_app(mut self) -> Result<()> {
        self.signal_app(rustix::process::Signal::KILL).await?;
        self.process.kill()
    }

    /// Asks the app to end, as the system does at logging out.
    ///
    /// # Errors
    /// When it does not.
    pub async fn end_app(mut self) -> Result<()> {
        self.signal_app(rustix::process::Signal::TERM).await?;
        self.process.kill()
    }

    async fn signal_app(&self, signal: rustix::process::Signal) -> Result<()> {
        linux::signal(self.app, signal)?;
        wait::until("the end of the app", async || Ok((!linux::is_alive(self.app)).then_some(()))).await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // A driver that is killed leaves its app running.
        drop(linux::signal(self.app, rustix::process::Signal::KILL));
    }
}

/// A port that was free a moment ago: the driver cannot choose one by itself.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

/// The driver starts the app when a session begins.
async fn connect(port: u16, binary: &Path, arguments: &[String]) -> Result<Client> {
    let wanted = json!({ "webkitgtk:browserOptions": { "binary": binary, "args": arguments } });
    let wanted = wanted.as_object().cloned().context("invariant: an object")?;
    wait::until("WebKit's driver", async || Ok(std::net::TcpStream::connect(("127.0.0.1", port)).ok()))
        .await?;
    let mut builder = ClientBuilder::new(HttpConnector::new());
    builder.capabilities(wanted.into_iter().collect());
    let address = format!("http://127.0.0.1:{port}");
    let session = tokio::time::timeout(wait::PATIENCE, builder.connect(&address)).await;
    session.context("the app shows no window")?.context("the driver starts no app")
}
