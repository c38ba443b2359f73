//! A display of the test's own, seen by nobody.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::Process;

/// A running Xvfb.
#[derive(Debug)]
pub struct Display {
    _server: Process,
    name: String,
}

impl Display {
    /// Starts one of this size, in pixels; it chooses a free number by itself.
    ///
    /// # Errors
    /// When Xvfb is not installed or does not come up.
    pub fn start(size: (u32, u32), log: &Path) -> Result<Self> {
        let mut command = Command::new("Xvfb");
        let screen = format!("{}x{}x24", size.0, size.1);
        command.args(["-displayfd", "1", "-screen", "0", &screen, "-nolisten", "tcp", "-noreset"]);
        let (server, output) = Process::start_piped(command, log)?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let number: u32 = line.trim().parse().context("Xvfb did not come up")?;
        Ok(Self { _server: server, name: format!(":{number}") })
    }

    /// What `DISPLAY` is set to.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Takes a picture of all of it.
    ///
    /// # Errors
    /// When ImageMagick is not installed or fails.
    pub fn picture(&self, into: &Path) -> Result<()> {
        self.import("root", into)
    }

    /// Takes a picture of the window of this process, which nothing may cover.
    ///
    /// # Errors
    /// When it has no window, or ImageMagick is not installed.
    pub fn picture_of(&self, process: u32, into: &Path) -> Result<()> {
        self.import(&self.window_of(process)?, into)
    }

    fn import(&self, window: &str, into: &Path) -> Result<()> {
        let mut command = Command::new("import");
        let status = command.args(["-window", window, "-display", &self.name]).arg(into).status()?;
        ensure!(status.success(), "import failed ({status})");
        Ok(())
    }

    /// Gives the keyboard to the window of this process, as a click into it would: no window manager does it here.
    ///
    /// # Errors
    /// When it has no window, or xdotool is not installed.
    pub fn focus(&self, process: u32) -> Result<()> {
        let window = self.window_of(process)?;
        self.xdotool(&["windowraise", &window, "windowfocus", "--sync", &window])?;
        Ok(())
    }

    /// Puts the window of this process at a place, in a size.
    ///
    /// # Errors
    /// When it has no window, or xdotool is not installed.
    pub fn place(&self, process: u32, at: (u32, u32), size: (u32, u32)) -> Result<()> {
        let window = self.window_of(process)?;
        let [x, y, width, height] = [at.0, at.1, size.0, size.1].map(|number| number.to_string());
        self.xdotool(&["windowmove", &window, &x, &y, "windowsize", &window, &width, &height])?;
        Ok(())
    }

    /// What the window of this process is called in its frame and in the list of windows.
    ///
    /// # Errors
    /// When it has no window, or xdotool is not installed.
    pub fn title(&self, process: u32) -> Result<String> {
        let window = self.window_of(process)?;
        Ok(self.xdotool(&["getwindowname", &window])?.trim_end().to_owned())
    }

    /// Whether a dialog of this title is shown.
    #[must_use]
    pub fn has_dialog(&self, title: &str) -> bool {
        self.dialog(title).is_ok()
    }

    /// Writes into the dialog of this title and presses a key, as a person would who clicked on it.
    ///
    /// # Errors
    /// When there is no such dialog, or xdotool is not installed.
    pub fn answer_dialog(&self, title: &str, text: &str, key: &str) -> Result<()> {
        let window = self.dialog(title)?;
        self.xdotool(&["windowraise", &window, "windowfocus", "--sync", &window])?;
        // All of what is suggested, its ending too.
        self.xdotool(&["key", "ctrl+a"])?;
        self.xdotool(&["type", "--delay", "1", text])?;
        self.xdotool(&["key", key])?;
        Ok(())
    }

    fn dialog(&self, title: &str) -> Result<String> {
        let found = self.xdotool(&["search", "--onlyvisible", "--name", &format!("^{title}$")])?;
        found.lines().last().map(str::to_owned).context("there is no such dialog")
    }

    fn window_of(&self, process: u32) -> Result<String> {
        let process = process.to_string();
        let found = self.xdotool(&["search", "--all", "--onlyvisible", "--pid", &process, "--name", "."])?;
        found.lines().last().map(str::to_owned).context("it shows no window")
    }

    fn xdotool(&self, arguments: &[&str]) -> Result<String> {
        let output = Command::new("xdotool").args(arguments).env("DISPLAY", &self.name).output()?;
        ensure!(output.status.success(), "xdotool {arguments:?} failed ({})", output.status);
        Ok(String::from_utf8(output.stdout)?)
    }
}
