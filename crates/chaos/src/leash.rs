//! A program on a leash: it ends when whoever started it does, however that was.

use std::ffi::OsString;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};
use rustix::process::{Signal, getppid, set_parent_process_death_signal};

/// Becomes the program; comes back only when it cannot be run.
///
/// # Errors
/// When it cannot, or when the parent is gone already.
pub fn exec(command: &[OsString]) -> Result<()> {
    let (program, arguments) = command.split_first().context("a program to run")?;
    set_parent_process_death_signal(Some(Signal::KILL))?;
    // Who lost its parent before that belongs to the first process of the system or to a collector of orphans.
    let parent = getppid().context("the parent is gone")?;
    ensure!(parent.as_raw_nonzero().get() != 1, "the parent is gone");
    Err(Command::new(program).args(arguments).exec()).with_context(|| format!("{}", program.display()))
}

/// The command that runs `program` on a leash held by this process; `this` is the program that knows how.
pub(crate) fn leashed(this: &Path, program: &Path) -> Command {
    let mut command = Command::new(this);
    command.arg("leash").arg(program);
    command
}
