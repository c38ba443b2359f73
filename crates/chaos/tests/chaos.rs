//! A minute in which everything breaks, and nothing is lost, doubled, reordered or leaked. `CONFAB_CHAOS_SECONDS` makes it
//! longer.

#![cfg(target_os = "linux")]

use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use confab_chaos::Plan;

/// The least that is promised to be in every run of the tests.
const SECONDS: u64 = 60;

#[test]
fn a_minute_of_kills_pauses_and_cuts_breaks_no_promise() -> Result<()> {
    let seconds = match std::env::var("CONFAB_CHAOS_SECONDS") {
        Ok(text) => text.parse::<u64>().context("CONFAB_CHAOS_SECONDS is a number")?.max(SECONDS),
        Err(_) => SECONDS,
    };
    let this = PathBuf::from(env!("CARGO_BIN_EXE_confab-chaos"));
    let beside = this.parent().context("a program lies in a directory")?.to_owned();
    let programs = std::env::var_os("CONFAB_PROGRAMS").map_or(beside, PathBuf::from);
    let tally = confab_chaos::run(&Plan {
        seconds: Duration::from_secs(seconds),
        seed: 1,
        clients: 6,
        server: programs.join("confab-server"),
        evidence: programs.parent().context("the directory of builds")?.join("chaos"),
        this,
    })?;
    // A while in which nothing broke would prove nothing.
    ensure!(tally.kills > 0 && tally.pauses > 0 && tally.cuts > 0 && tally.stalls > 0, "{tally}");
    ensure!(tally.messages > 50 && tally.promised > 50, "{tally}");
    ensure!(tally.files > 5 && tally.fetched > 5 && tally.removed > 0, "{tally}");
    Ok(())
}
