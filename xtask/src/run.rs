//! `cargo xtask run`: builds the app and starts it.

use std::ffi::OsString;

use anyhow::{Result, bail};

use crate::command::Run;
use crate::packages::Purpose;
use crate::{build, layout, packages, say};

/// Builds and starts the app; comes back when its window is closed.
pub(crate) fn run(demo: bool, release: bool, arguments: &[OsString]) -> Result<()> {
    require_display()?;
    packages::ensure(Purpose::Build)?;
    build::programs(release)?;
    if demo {
        return show_demo(release);
    }
    say::say("Starting Confab.");
    let app = Run::new(layout::built(build::profile(release), "confab")).interactive().unbounded();
    app.os_args(arguments).run()
}

/// Fails at once on a Linux without a display, before anything is built for nothing.
fn require_display() -> Result<()> {
    let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    if cfg!(target_os = "linux") && !set("DISPLAY") && !set("WAYLAND_DISPLAY") {
        bail!(
            "Confab is a desktop app and there is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set). \
             Run this in a desktop session; `cargo xtask test` brings its own display."
        );
    }
    Ok(())
}

/// A workspace with sample people in a directory that goes away with it, and two windows side by side.
fn show_demo(release: bool) -> Result<()> {
    let cargo = Run::cargo().args(&["run", "--quiet", "--package", "confab-tests", "--bin", "confab-demo"]);
    let cargo = if release { cargo.args(&["--release"]) } else { cargo };
    cargo.unbounded().run()
}
