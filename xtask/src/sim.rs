//! `cargo xtask sim`: the simulation, with optimisations, over as many seeds as wanted.

use anyhow::Result;

use crate::command::Run;

/// Builds the simulation and runs it; it ends with a count of what was broken.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    Run::cargo()
        .args(&["run", "--profile", "sim", "--quiet", "--package", "confab-sim", "--"])
        .args(&arguments)
        .unbounded()
        .run()
}
