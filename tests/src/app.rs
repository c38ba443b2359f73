//! The app with its data directory, through all its lives.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::Result;

use crate::display::Display;
use crate::driver::Driver;
use crate::programs;
use crate::window::AppWindow;

/// What an app finds around it.
#[derive(Debug, Clone)]
pub struct Surroundings {
    /// The display.
    pub display: Arc<Display>,
    /// Address of the session bus.
    pub bus: String,
    /// The person's home directory.
    pub home: PathBuf,
    /// Where the session keeps its sockets.
    pub runtime: PathBuf,
    /// Where pictures of what went wrong are kept.
    pub evidence: PathBuf,
}

impl Surroundings {
    /// Puts them into the environment of a program.
    pub fn give(&self, command: &mut Command) {
        command
            .env("DISPLAY", self.display.name())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus)
            .env("HOME", &self.home)
            .env("XDG_RUNTIME_DIR", &self.runtime)
            .env("XDG_DATA_HOME", self.home.join(".local/share"))
            .env("XDG_CONFIG_HOME", self.home.join(".config"))
            .env("XDG_CACHE_HOME", self.home.join(".cache"))
            .env_remove("WAYLAND_DISPLAY")
            .env("LANG", "C.UTF-8")
            .env("GDK_BACKEND", "x11")
            // No screen reader listens on this bus: do not look for its service.
            .env("NO_AT_BRIDGE", "1")
            // There is no graphics card behind this display.
            .env("WEBKIT_DISABLE_DMABUF_RENDERER", "1")
            // Several apps run side by side, each with its own data.
            .env("CONFAB_NO_SINGLE_INSTANCE", "1");
    }
}

/// One person's app on one computer: the data directory is what stays between its lives.
#[derive(Debug, Clone)]
pub struct App {
    name: String,
    data: PathBuf,
    log: PathBuf,
    surroundings: Surroundings,
    /// Where on the display, so that a picture shows more than one.
    corner: (u32, u32),
}

/// Size of a window: wide enough for its three panes; two stand side by side on a display.
pub(crate) const SIZE: (u32, u32) = (1240, 800);

impl App {
    /// The `number`th of its stage.
    pub(crate) fn new(name: &str, data: &Path, surroundings: Surroundings, number: u32) -> Self {
        let log = surroundings.evidence.join(format!("{name}.log"));
        let corner = (number % 2 * SIZE.0, number / 2 % 2 * 60);
        Self { name: name.to_owned(), data: data.to_owned(), log, surroundings, corner }
    }

    /// Its data directory.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// Starts it, and waits for its window.
    ///
    /// # Errors
    /// When it shows none.
    pub async fn start(&self) -> Result<AppWindow> {
        self.start_with(&[]).await
    }

    /// Starts it with further arguments.
    ///
    /// # Errors
    /// When it shows no window.
    pub async fn start_with(&self, arguments: &[&str]) -> Result<AppWindow> {
        let mut all = vec!["--data-dir".to_owned(), self.data.display().to_string()];
        all.extend(arguments.iter().map(|&argument| argument.to_owned()));
        let binary = programs::ours("confab")?;
        let driver =
            Driver::start(&binary, &all, |command| self.surroundings.give(command), &self.log).await?;
        let window = AppWindow::new(driver, self.surroundings.clone(), &self.name);
        window.place(self.corner, SIZE).await?;
        Ok(window)
    }
}
