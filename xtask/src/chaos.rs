//! `cargo xtask chaos`: breaks real processes for a time; the last line says what was lost, doubled and reordered.

use anyhow::Result;

use crate::command::Run;
use crate::{build, layout};

/// Builds the server and what breaks it, and runs it.
pub(crate) fn run(arguments: &[String]) -> Result<()> {
    let packages = ["--package", "confab-server", "--package", "confab-chaos"];
    Run::cargo().args(&["build", "--quiet", "--bins"]).args(&packages).run()?;
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let evidence = layout::target().join("chaos");
    let chaos = Run::new(layout::built(build::profile(false), "confab-chaos")).args(&["--evidence"]);
    chaos.path(&evidence).args(&arguments).unbounded().run()
}
