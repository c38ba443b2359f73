//! Runs many seeds and says what came of them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::ExitCode;

use clap::Parser;
use confab_sim::{Plan, run};

/// Simulates clients and a server under faults, one run per seed.
#[derive(Parser)]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Clients of a run: the first person's, the second person's, the first person's other computer.
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u8).range(2..=3))]
    clients: u8,
    /// Things that people do in a run.
    #[arg(long, default_value_t = 120)]
    acts: usize,
    /// Print the trace of every run that breaks a promise.
    #[arg(long)]
    trace: bool,
}

fn main() -> std::io::Result<ExitCode> {
    let Options { seeds, seed: first, clients, acts, trace } = Options::parse();
    let mut out = std::io::stdout().lock();
    let (mut broken, mut messages) = (0_u64, 0);
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in first..first + seeds {
        match run(Plan { seed, clients: clients.into(), acts, faults: true }) {
            Ok(report) => {
                messages += report.messages;
                for (what, times) in report.counts {
                    *counts.entry(what).or_default() += times;
                }
            }
            Err(violation) => {
                broken += 1;
                writeln!(out, "seed {seed}: {}", violation.what)?;
                if trace {
                    out.write_all(violation.trace.as_bytes())?;
                }
            }
        }
    }
    for (what, times) in counts {
        writeln!(out, "{times:>9} × {what}")?;
    }
    writeln!(out, "{seeds} seeds, {messages} messages, {broken} broken promises")?;
    Ok(if broken == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
