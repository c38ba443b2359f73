//! A real confab-server, on a port of its own.

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

use crate::process::Process;
use crate::programs;

/// A running confab-server with its data directory.
#[derive(Debug)]
pub struct Server {
    process: Process,
    directory: PathBuf,
    log: PathBuf,
    address: String,
    /// Further arguments.
    arguments: Vec<String>,
}

impl Server {
    /// Starts one on a free port of the loopback; comes back when it takes connections.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start(directory: &Path, log: &Path) -> Result<Self> {
        Self::start_with(directory, log, &[])
    }

    /// Starts one with further arguments.
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_with(directory: &Path, log: &Path, arguments: &[&str]) -> Result<Self> {
        let arguments = arguments.iter().map(|&argument| argument.to_owned()).collect();
        Self::listen(directory, log, "127.0.0.1:0", arguments)
    }

    fn listen(directory: &Path, log: &Path, listen: &str, arguments: Vec<String>) -> Result<Self> {
        let mut command = Command::new(programs::ours("confab-server")?);
        command.arg("serve").arg("--data").arg(directory).args(["--listen", listen, "--name", "Fjordline"]);
        command.args(&arguments);
        let (process, output) = Process::start_piped(command, log)?;
        let mut line = String::new();
        let mut output = BufReader::new(output);
        output.read_line(&mut line)?;
        let address = address(&line).with_context(|| format!("confab-server did not come up: {line:?}"))?;
        // Whatever else it prints must find a reader, or it would stop at a full pipe.
        std::thread::spawn(move || std::io::copy(&mut output, &mut std::io::sink()));
        Ok(Self { process, directory: directory.into(), log: log.into(), address, arguments })
    }

    /// `host:port`.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Where its data is.
    #[must_use]
    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// Its process.
    #[must_use]
    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }

    /// An invite made by `confab-server invite`, with further arguments.
    ///
    /// # Errors
    /// When it is refused.
    pub fn invite(&self, arguments: &[&str]) -> Result<String> {
        let mut command = Command::new(programs::ours("confab-server")?);
        let output = command.arg("invite").arg("--data").arg(&self.directory).args(arguments).output()?;
        ensure!(output.status.success(), "no invite: {}", String::from_utf8_lossy(&output.stderr));
        let printed = String::from_utf8(output.stdout)?;
        let link = printed.split_whitespace().find(|word| word.starts_with("confab://join/"));
        link.map(str::to_owned).context("no link was printed")
    }

    /// `kill -9`, then the same server again: same data, same port.
    ///
    /// # Errors
    /// When it does not come up again.
    pub fn kill_and_restart(&mut self) -> Result<()> {
        self.process.kill()?;
        *self = Self::listen(&self.directory, &self.log, &self.address, self.arguments.clone())?;
        Ok(())
    }
}

/// The first `127.0.0.1:port` of a line.
fn address(line: &str) -> Option<String> {
    let from = line.find("127.0.0.1:")?;
    let rest = &line[from..];
    let end = rest.char_indices().find(|(_, c)| !c.is_ascii_digit() && *c != '.' && *c != ':');
    Some(rest[..end.map_or(rest.len(), |(at, _)| at)].to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_is_found_in_the_line() {
        assert_eq!(address("listening on 127.0.0.1:4711, ab12").as_deref(), Some("127.0.0.1:4711"));
        assert_eq!(address("127.0.0.1:80").as_deref(), Some("127.0.0.1:80"));
        assert_eq!(address("no"), None);
    }
}
