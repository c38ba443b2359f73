//! A keyring that a test can bring and take away.

use std::fs::File;
use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// A running, unlocked gnome-keyring. Gone when dropped; what it holds stays below the home directory.
#[derive(Debug)]
pub struct Keyring(Child);

impl Keyring {
    /// Starts one on the bus, with its files below `home`.
    ///
    /// # Errors
    /// When it is not installed or cannot be started.
    pub fn start(bus: &str, home: &Path, runtime: &Path, log: &Path) -> Result<Self> {
        let out = File::options().create(true).append(true).open(log)?;
        let mut child = Command::new("gnome-keyring-daemon")
            .args(["--foreground", "--unlock", "--components=secrets"])
            .env("DBUS_SESSION_BUS_ADDRESS", bus)
            .env("HOME", home)
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_RUNTIME_DIR", runtime)
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .spawn()
            .context("cannot start gnome-keyring-daemon")?;
        // The password that unlocks it; it reads to the end of its input.
        child.stdin.take().context("invariant: its input is a pipe")?.write_all(b"test")?;
        Ok(Self(child))
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        // Nobody is left to tell; one that has ended already is what is wanted.
        drop(self.0.kill());
        drop(self.0.wait());
    }
}
