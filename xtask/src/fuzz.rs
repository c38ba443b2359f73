//! `cargo xtask fuzz`: everything that reads what others wrote, given what nobody meant, for a time each.

use anyhow::{Context as _, Result};
use clap::Args;

use crate::command::Run;
use crate::{build, layout, say};

/// What is fuzzed, and for how long.
#[derive(Args)]
pub(crate) struct Choice {
    /// How long each target is run, in seconds.
    #[arg(long, value_name = "N", default_value_t = 60)]
    seconds: u64,
    /// Only these targets.
    #[arg(long, value_delimiter = ',', value_name = "NAME")]
    only: Vec<String>,
}

/// Runs each target under libFuzzer where that can be had, and on mutated examples alone where not.
pub(crate) fn run(choice: &Choice) -> Result<()> {
    Run::cargo().args(&["build", "--quiet", "--package", "confab-hostile", "--bins"]).run()?;
    let hostile = layout::built(build::profile(false), "confab-hostile");
    let names = Run::new(&hostile).args(&["targets"]).output().context("the targets are not told")?;
    let wanted = |name: &&str| choice.only.is_empty() || choice.only.iter().any(|only| only == name);
    let names: Vec<&str> = names.lines().filter(wanted).collect();
    let seconds = choice.seconds.to_string();
    if !Run::cargo().args(&["fuzz", "--version"]).succeeds() {
        say::say(
            "cargo-fuzz is not there (`cargo install cargo-fuzz`): mutated examples without a view of what they reach.",
        );
        let mutate = |name: &&str| {
            Run::new(&hostile).args(&["run", "--seconds", &seconds, "--only", name]).unbounded().run()
        };
        return names.iter().try_for_each(mutate);
    }
    let place = layout::root().join("fuzz");
    Run::new(&hostile).args(&["seeds"]).path(&place.join("corpus")).run()?;
    for name in names {
        say::step(name);
        // The sanitizer is behind a flag that only a nightly compiler takes by itself.
        let fuzz = Run::cargo().env("RUSTC_BOOTSTRAP", "1").args(&["fuzz", "run", "--dev", "--fuzz-dir"]);
        let length = format!("-max_total_time={seconds}");
        // Far above what the longest input costs, under a sanitizer that keeps what was freed.
        let most = ["-rss_limit_mb=4096", "-print_final_stats=1"];
        fuzz.path(&place).args(&[name, "--", &length]).args(&most).unbounded().run()?;
    }
    Ok(())
}
