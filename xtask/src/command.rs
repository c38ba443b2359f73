//! Running programs: each has a bound in time, and says what to look at when it fails.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The longest that any one program may take unless it says otherwise.
const BOUND: Duration = Duration::from_secs(30 * 60);

/// A program about to be run in the root of the checkout.
pub(crate) struct Run {
    command: Command,
    shown: String,
    bound: Option<Duration>,
}

impl Run {
    /// `program`, without arguments yet.
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Self {
        let mut command = Command::new(program.as_ref());
        command.current_dir(crate::layout::root()).stdin(Stdio::null());
        Self { command, shown: program.as_ref().to_string_lossy().into_owned(), bound: Some(BOUND) }
    }

    /// The cargo that runs this task.
    pub(crate) fn cargo() -> Self {
        let mut run = Self::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        "cargo".clone_into(&mut run.shown);
        run
    }

    /// npm, in the directory of the interface.
    pub(crate) fn npm() -> Self {
        Self::npm_in(&crate::layout::ui())
    }

    /// npm, in a directory.
    pub(crate) fn npm_in(directory: &std::path::Path) -> Self {
        let mut run = Self::new(if cfg!(windows) { "npm.cmd" } else { "npm" });
        run.command.current_dir(directory);
        run
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
    pub(crate) fn path(self, path: &Path) -> Self {
        self.os_args(&[path.as_os_str().to_owned()])
    }

    /// Arguments as the system gave them.
    pub(crate) fn os_args(mut self, arguments: &[OsString]) -> Self {
        for argument in arguments {
            self.shown.push_str(&format!(" {}", argument.display()));
        }
        self.command.args(arguments);
        self
    }

    /// A variable of its environment.
    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Lets it read from the terminal.
    pub(crate) fn interactive(mut self) -> Self {
        self.command.stdin(Stdio::inherit());
        self
    }

    /// Lets it run for as long as the person wants.
    pub(crate) fn unbounded(mut self) -> Self {
        self.bound = None;
        self
    }

    /// Ends it when it takes longer.
    pub(crate) fn within(mut self, bound: Duration) -> Self {
        self.bound = Some(bound);
        self
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it cannot be started, takes too long or ends with another code than 0.
    pub(crate) fn run(mut self) -> Result<()> {
        let mut child = self.spawn()?;
        let status = self.wait(&mut child)?;
        if status.success() { Ok(()) } else { bail!("`{}` failed ({status})", self.shown) }
    }

    /// Runs it to its end, passing each line that it prints to `each`, and says whether it ended well.
    ///
    /// # Errors
    /// When it cannot be started or takes too long.
    pub(crate) fn lines(mut self, mut each: impl FnMut(&str) + Send) -> Result<bool> {
        self.command.stdout(Stdio::piped());
        let mut child = self.spawn()?;
        let printed = child.stdout.take().context("invariant: its output is a pipe")?;
        std::thread::scope(|scope| {
            // A program that it left behind may hold the pipe: the bound ends those too.
            scope.spawn(move || {
                for line in BufReader::new(printed).lines().map_while(Result::ok) {
                    each(&line);
                }
            });
            Ok(self.wait(&mut child)?.success())
        })
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

    fn spawn(&mut self) -> Result<Child> {
        self.command.spawn().with_context(|| format!("cannot start `{}`", self.shown))
    }

    fn wait(&self, child: &mut Child) -> Result<ExitStatus> {
        let Some(bound) = self.bound else { return Ok(child.wait()?) };
        let deadline = Instant::now() + bound;
        loop {
            if let Some(status) = child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                crate::tree::end(child)?;
                bail!("`{}` took longer than {} s and was ended", self.shown, bound.as_secs());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}
