//! Where the programs under test are.

use std::path::PathBuf;

use anyhow::{Result, bail};

/// The path of one of our programs.
///
/// # Errors
/// When it has not been built; says how to build it.
pub fn ours(name: &str) -> Result<PathBuf> {
    let path = directory().join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if path.is_file() {
        return Ok(path);
    }
    bail!("{} is not there: `cargo xtask build` makes it", path.display())
}

/// `CONFAB_PROGRAMS`, or the directory in which this test program itself was built.
fn directory() -> PathBuf {
    std::env::var_os("CONFAB_PROGRAMS").map_or_else(beside_this_test, PathBuf::from)
}

fn beside_this_test() -> PathBuf {
    let this = std::env::current_exe().unwrap_or_default();
    // Tests lie in `deps` below the directory of the profile, other programs in that directory itself.
    let parent = this.parent().map(PathBuf::from).unwrap_or_default();
    if parent.ends_with("deps") { parent.parent().map(PathBuf::from).unwrap_or_default() } else { parent }
}
