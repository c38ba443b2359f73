//! `cargo xtask build`: the interface, the app and the server.

use anyhow::Result;

use crate::command::Run;
use crate::packages::Purpose;
use crate::{layout, packages, say, ui};

/// Builds everything that is shipped.
pub(crate) fn run(release: bool) -> Result<()> {
    packages::ensure(Purpose::Build)?;
    programs(release)?;
    for name in ["confab", "confab-server"] {
        say::say(&format!("{}", layout::built(profile(release), name).display()));
    }
    Ok(())
}

/// The interface and both programs, packages being there.
pub(crate) fn programs(release: bool) -> Result<()> {
    ui::build()?;
    let build = Run::cargo().args(&["build", "--package", "confab", "--package", "confab-server", "--bins"]);
    if release { build.args(&["--release"]) } else { build }.run()
}

/// The directory of a profile.
pub(crate) fn profile(release: bool) -> &'static str {
    if release { "release" } else { "debug" }
}
