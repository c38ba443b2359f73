//! `cargo xtask ci`: everything that can be judged without running the app.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::command::Run;
use crate::{codegen, layout, say, tidy, ui};

/// One check: what it is called, and what does it.
type Check = (&'static str, fn() -> Result<()>);

const CHECKS: &[Check] = &[
    ("tidy", tidy::run),
    ("format of the Rust code", format),
    ("types of the interface (codegen --check)", || codegen::run(true)),
    ("packages of the interface", ui::install),
    ("types of the interface's code (svelte-check)", || npm("check")),
    ("lints of the interface (eslint, prettier)", || npm("lint")),
    ("tests of the interface (vitest)", || npm("test")),
    // The app's build script reads the built interface.
    ("build of the interface", ui::build),
    ("lints of the Rust code (clippy)", clippy),
];

/// What came of the checks.
#[derive(Default)]
pub(crate) struct Verdict {
    /// How many held.
    pub(crate) passed: usize,
    /// The names of those that did not.
    pub(crate) failed: Vec<&'static str>,
}

/// Runs all checks, also after one failed, and fails when one did.
pub(crate) fn run() -> Result<()> {
    let verdict = check();
    if verdict.failed.is_empty() {
        say::say(&format!("\nAll {} checks hold.", verdict.passed));
        return Ok(());
    }
    bail!("these do not hold: {}", verdict.failed.join("; "))
}

/// Runs all checks, also after one failed.
pub(crate) fn check() -> Verdict {
    let mut verdict = Verdict::default();
    for (name, check) in CHECKS {
        say::step(name);
        let began = Instant::now();
        match check() {
            Ok(()) => {
                verdict.passed += 1;
                say::say(&format!("ok, {:.1} s", began.elapsed().as_secs_f32()));
            }
            Err(error) => {
                verdict.failed.push(name);
                say::say(&format!("FAILED: {error:#}"));
            }
        }
    }
    verdict
}

fn format() -> Result<()> {
    Run::cargo().args(&["fmt", "--all", "--check"]).run()
}

fn clippy() -> Result<()> {
    let features = ["--features", "xtask/ts"];
    Run::cargo()
        .args(&["clippy", "--all-targets", "--quiet"])
        .args(layout::packages(cfg!(target_os = "linux")))
        .args(&features)
        .args(&["--", "--deny", "warnings"])
        .run()
}

fn npm(script: &str) -> Result<()> {
    Run::npm().args(&["run", "--silent", script]).run()
}
