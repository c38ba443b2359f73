//! `cargo xtask shots`: makes the picture of the README anew, from the sample workspace.

use anyhow::Result;

use crate::command::Run;
use crate::packages::Purpose;
use crate::{build, layout, packages, say};

/// Builds the app, shows the sample workspace on a display of its own and keeps a picture of it.
pub(crate) fn run() -> Result<()> {
    packages::ensure(Purpose::Test)?;
    build::programs(true)?;
    let picture = layout::root().join("docs/screenshot.png");
    Run::cargo()
        .args(&["run", "--quiet", "--package", "confab-tests", "--bin", "confab-shots", "--"])
        .path(&picture)
        .env("CONFAB_PROGRAMS", layout::target().join("release"))
        .run()?;
    say::say(&format!("Written: {}", picture.display()));
    Ok(())
}
