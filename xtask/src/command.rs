//! Running programs: each has a bound in time, and says what to look at when it fails.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The longest that any one program may take unless it says otherwise.
const BOUND: Duration = Duration::from_secs(30 * 60);

/// A program about to be run in the root of the checkout.
pub(crate) struct Run {
    command: Command,
    shown: String,
    bound: Duration,
}

impl Run {
    /// `program`, without arguments yet.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(crate::layout::root()).stdin(Stdio::null());
        Self { command, shown: program.as_ref().to_string_lossy().into_owned(), bound: BOUND }
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo() -> Self {
        Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())).shown("cargo")
    }

    /// npm, in the directory of the interface.
    pub(crate) fn npm() -> Self {
        Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" }).at(&crate::layout::ui())
    }

    fn shown(mut self, name: &str) -> Self {
        name.clone_into(&mut self.shown);
        self
    }

    /// Arguments.
    pub(crate) fn args(mut self, arguments: &[&str]) -> Self {
        for argument in arguments {
            self.shown.push(' ');
            self.shown.push_str(argument);
        }
        self.command.args(arguments);
        self
    }

    /// One argument that is a path.
    pub(crate) fn path(mut self, path: &Path) -> Self {
        self.shown.push_str(&format!(" {}", path.display()));
        self.command.arg(path);
        self
    }

    /// Another directory than the root.
    pub(crate) fn at(mut self, directory: &Path) -> Self {
        self.command.current_dir(directory);
        self
    }

    /// A variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Ends it when it takes longer.
    pub(crate) fn within(mut self, bound: Duration) -> Self {
        self.bound = bound;
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started, takes too long or ends with another code than 0.
    pub(crate) fn run(self) -> Result<()> {
        let (shown, bound) = (self.shown.clone(), self.bound);
        let mut child = self.start()?;
        let deadline = Instant::now() + bound;
        loop {
            if let Some(status) = child.try_wait()? {
                return if status.success() { Ok(()) } else { bail!("`{shown}` failed ({status})") };
            }
            if Instant::now() > deadline {
                child.kill().and_then(|()| child.wait()).context("cannot end it")?;
                bail!("`{shown}` took longer than {} s and was ended", bound.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Starts it and leaves it running.
    ///
    /// # Errors
    /// When it cannot be started.
    pub(crate) fn start(mut self) -> Result<Child> {
        self.command.spawn().with_context(|| format!("cannot start `{}`", self.shown))
    }

    /// Runs it and gives what it printed, or nothing when it cannot be started or fails.
    pub(crate) fn output(mut self) -> Option<String> {
        let output = self.command.stderr(Stdio::null()).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// Whether it ends well; what it prints is thrown away.
    pub(crate) fn succeeds(self) -> bool {
        self.output().is_some()
    }
}
