//! `cargo xtask platforms`: whether Confab compiles for the systems that this one is not. Nothing is linked or run there.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::command::Run;
use crate::{layout, packages, say, ui};

/// Windows, whose C compiler and resource compiler are Debian's.
const WINDOWS: (&str, &[&str]) = ("x86_64-pc-windows-gnu", &["gcc-mingw-w64-x86-64"]);
const MACOS: &str = "aarch64-apple-darwin";

/// Makes every file that it is asked for, empty. What is only checked reads no machine code, and the headers of macOS cannot be had.
const STAND_IN: &str = "#!/bin/sh
made=no
for argument; do
    case \"$made$argument\" in yes*|no*.a) : > \"$argument\" ;; esac
    case \"$argument\" in -o) made=yes ;; *) made=no ;; esac
done
";

/// Checks all of it with clippy, for Windows and for macOS.
pub(crate) fn run() -> Result<()> {
    if !cfg!(target_os = "linux") {
        bail!(
            "On another system than Linux `cargo xtask ci` checks that system, and this one checks from Linux."
        );
    }
    packages::ensure(packages::Purpose::Build)?;
    packages::ensure_these(WINDOWS.1, "Checking for Windows")?;
    ui::build()?;
    check(WINDOWS.0, &[])?;
    let stand_in = stand_in()?;
    check(MACOS, &[("CC", &stand_in), ("CXX", &stand_in), ("AR", &stand_in)])
}

fn check(target: &str, tools: &[(&str, &Path)]) -> Result<()> {
    say::step(target);
    Run::new("rustup").args(&["target", "add", target]).run()?;
    // Beside what is built for this system, because the flags of one would make the other build anew.
    let place = layout::root().join("target/platforms");
    let mut clippy = Run::cargo().env("CARGO_TARGET_DIR", place).env("CARGO_PROFILE_DEV_DEBUG", "0");
    for (name, program) in tools {
        clippy = clippy.env(&format!("{name}_{}", target.replace('-', "_")), program);
    }
    let clippy = clippy.args(&["clippy", "--quiet", "--all-targets", "--target", target]);
    clippy.args(layout::packages(false)).args(&["--", "--deny", "warnings"]).run()
}

fn stand_in() -> Result<std::path::PathBuf> {
    let path = layout::root().join("target/platforms/stand-in.sh");
    fs::create_dir_all(path.parent().context("invariant: it is in a directory")?)?;
    fs::write(&path, STAND_IN)?;
    Run::new("chmod").args(&["+x"]).path(&path).run()?;
    Ok(path)
}
