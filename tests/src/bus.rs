//! A session bus of the test's own, on which nothing starts by itself: "there is no such service" can be tested.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Command;

use anyhow::{Result, ensure};

use crate::process::Process;

/// No `servicedir`, so that no program of the system comes up when somebody asks for it.
const CONFIGURATION: &str = r#"<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>session</type>
  <listen>unix:tmpdir=/tmp</listen>
  <policy context="default">
    <allow send_destination="*" eavesdrop="true"/>
    <allow eavesdrop="true"/>
    <allow own="*"/>
  </policy>
</busconfig>
"#;

/// A running dbus-daemon.
#[derive(Debug)]
pub struct Bus {
    _daemon: Process,
    address: String,
}

impl Bus {
    /// Starts one; its configuration is written into `directory`.
    ///
    /// # Errors
    /// When dbus-daemon is not installed or does not come up.
    pub fn start(directory: &Path, log: &Path) -> Result<Self> {
        let configuration = directory.join("bus.conf");
        std::fs::write(&configuration, CONFIGURATION)?;
        let mut command = Command::new("dbus-daemon");
        command.args(["--nofork", "--nopidfile", "--print-address=1", "--config-file"]).arg(configuration);
        let (daemon, output) = Process::start_piped(command, log)?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        ensure!(line.starts_with("unix:"), "dbus-daemon did not come up");
        Ok(Self { _daemon: daemon, address: line.trim().to_owned() })
    }

    /// What `DBUS_SESSION_BUS_ADDRESS` is set to.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.address
    }
}
