//! `cargo xtask test`: everything, from a fresh clone.

use std::process::ExitCode;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::command::Run;
use crate::packages::Purpose;
use crate::{build, ci, layout, packages, say};

/// The longest that all tests together may take, building them included.
const BOUND: Duration = Duration::from_secs(40 * 60);

/// Packages as their makers publish them, which the gateways' tests run, and the names under which it is remembered that they
/// are installed.
const STOCK: &[(&str, &str)] =
    &[("tests/twilio", "npm-ci-stock-clients"), ("tests/twilio/rest", "npm-ci-stock-back-ends")];

/// Checks, builds and tests everything; the last line says how much of it passed.
pub(crate) fn run(arguments: &[String]) -> ExitCode {
    let began = Instant::now();
    let mut tally = Tally::default();
    if let Err(error) = whole(arguments, &mut tally) {
        say::say(&format!("\nFAILED: {error:#}"));
        tally.failed += 1;
    }
    say::say(&format!(
        "\n{} s in all; pictures and logs of what failed: {}",
        began.elapsed().as_secs(),
        evidence()
    ));
    say::say(&format!("{} passed, {} failed", tally.passed, tally.failed));
    if tally.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn evidence() -> String {
    layout::target().join("e2e").display().to_string()
}

fn whole(arguments: &[String], tally: &mut Tally) -> Result<()> {
    say::step("packages");
    packages::ensure(Purpose::Test)?;
    let verdict = ci::check();
    tally.passed += verdict.passed;
    tally.failed += verdict.failed.len();
    say::step("stock packages");
    install_stock()?;
    crate::python::install(&layout::root().join("tests/twilio/rest/requirements.txt"))?;
    say::step("build");
    crate::ui::build()?;
    // All targets at once, with the features that the tests are built with: nothing is compiled twice, and the
    // whole-system tests find the programs that they start.
    let packages = layout::packages(cfg!(target_os = "linux"));
    Run::cargo().args(&["build", "--all-targets", "--quiet"]).args(packages).run()?;
    say::step("tests");
    cargo_test(arguments, tally)
}

/// Installs the packages of stock clients when they changed.
pub(crate) fn install_stock() -> Result<()> {
    STOCK
        .iter()
        .try_for_each(|(directory, step)| crate::ui::install_in(&layout::root().join(directory), step))
}

fn cargo_test(arguments: &[String], tally: &mut Tally) -> Result<()> {
    let shared = Mutex::new(tally);
    let arguments: Vec<_> = arguments.iter().map(String::as_str).collect();
    let passed = Run::cargo()
        .args(&["test", "--no-fail-fast"])
        .args(layout::packages(cfg!(target_os = "linux")))
        .args(&arguments)
        .env("CONFAB_PROGRAMS", layout::target().join(build::profile(false)))
        .within(BOUND)
        .lines(|line| {
            say::say(line);
            if let Ok(mut tally) = shared.lock() {
                tally.add(line);
            }
        })?;
    let tally = shared.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !passed && tally.failed == 0 {
        // A test program that crashed or was not built says no closing line.
        tally.failed += 1;
    }
    Ok(())
}

/// How many tests passed and failed.
#[derive(Default, Debug, PartialEq, Eq)]
struct Tally {
    passed: usize,
    failed: usize,
}

impl Tally {
    /// Adds a closing line: "test result: ok. 5 passed; 0 failed; …". Other lines count nothing.
    fn add(&mut self, line: &str) {
        let Some((_, counts)) = line.split_once("test result: ").and_then(|(_, rest)| rest.split_once(". "))
        else {
            return;
        };
        for part in counts.split("; ") {
            match part.split_once(' ') {
                Some((count, "passed")) => self.passed += count.parse::<usize>().unwrap_or(0),
                Some((count, "failed")) => self.failed += count.parse::<usize>().unwrap_or(0),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_are_added_up_and_others_are_not() {
        let mut tally = Tally::default();
        tally.add(
            "test result: ok. 5 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s",
        );
        tally.add("test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.add("test tests::one ... ok");
        assert_eq!(tally, Tally { passed: 7, failed: 3 });
    }
}
