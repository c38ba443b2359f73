//! Runs many seeds, or one saved plan, and says what came of them.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;

use clap::Parser;
use confab_sim::{Broken, Fault, Plan, Size, StoreKind, Tally, promise_of, run, run_broken, shrink, trace};

/// Runs that looking for a smaller plan may take.
const RUNS: usize = 300;
/// Of so many plans that break a promise a smaller one is looked for; the others are kept as they are.
const SHRUNK: usize = 5;

/// Simulates clients and a server under faults, one run per seed.
#[derive(Parser)]
struct Options {
    /// How many seeds; with `--mutants`, for each rule at most.
    #[arg(long, default_value_t = 500)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// A saved plan to run instead.
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The real database instead of maps in memory.
    #[arg(long)]
    sqlite: bool,
    /// Devices of a run: 2 to 5; 0 lets the seed decide.
    #[arg(long, default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=5))]
    devices: u8,
    /// Things that happen in a run.
    #[arg(long, default_value_t = Size::default().steps)]
    steps: usize,
    /// Break the rules one at a time and look for the promise that each of them keeps.
    #[arg(long)]
    mutants: bool,
    /// Print the trace of every run that breaks a promise.
    #[arg(long)]
    trace: bool,
    /// Where plans of runs that break a promise are kept.
    #[arg(long, value_name = "DIR", default_value = "target/sim-plans")]
    keep: PathBuf,
}

impl Options {
    fn draw(&self, seed: u64) -> Plan {
        let size = Size { devices: self.devices.into(), steps: self.steps, faults: true };
        let store = if self.sqlite { StoreKind::Sqlite } else { StoreKind::Memory };
        Plan { store, ..Plan::draw(seed, size) }
    }
}

fn main() -> anyhow::Result<ExitCode> {
    let options = Options::parse();
    if let Some(path) = &options.plan {
        return replay(path, &options);
    }
    if options.mutants {
        return mutants(&options);
    }
    let tally = many(&options)?;
    let mut out = std::io::stdout().lock();
    for (what, times) in &tally.counts {
        writeln!(out, "{times:>9} × {what}")?;
    }
    for (promise, times) in &tally.broken {
        writeln!(out, "{times:>9} broken: {promise}")?;
    }
    writeln!(out, "{}", tally.last_line())?;
    Ok(if tally.broken.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Runs all seeds, on all processors.
fn many(options: &Options) -> anyhow::Result<Tally> {
    let next = AtomicU64::new(options.seed);
    let end = options.seed + options.seeds;
    let tally = Mutex::new(Tally::default());
    let failed = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                let mut own = Tally::default();
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= end {
                        break;
                    }
                    let plan = options.draw(seed);
                    let outcome = run(&plan);
                    own.add(&outcome);
                    if let Err(broken) = outcome {
                        say_at_once(options, &plan, &broken);
                        failed.lock().unwrap_or_else(PoisonError::into_inner).push((seed, broken));
                    }
                }
                tally.lock().unwrap_or_else(PoisonError::into_inner).merge(own);
            });
        }
    });
    let mut failed = failed.into_inner().unwrap_or_else(PoisonError::into_inner);
    failed.sort_by_key(|(seed, _)| *seed);
    for (number, (seed, broken)) in failed.iter().enumerate() {
        explain(options, *seed, broken, number < SHRUNK)?;
    }
    Ok(tally.into_inner().unwrap_or_else(PoisonError::into_inner))
}

/// A long run may be broken off: what is known of a broken promise is said, and its plan kept, when it happens. What cannot be
/// written is said again at the end.
fn say_at_once(options: &Options, plan: &Plan, broken: &Broken) {
    drop(writeln!(std::io::stderr(), "broken: seed {}: {broken}", plan.seed));
    if let Err(error) = keep(options, plan) {
        drop(writeln!(std::io::stderr(), "the plan of seed {} could not be kept: {error}", plan.seed));
    }
}

/// Keeps a plan as a file, in place of an earlier one of its seed.
fn keep(options: &Options, plan: &Plan) -> anyhow::Result<PathBuf> {
    fs::create_dir_all(&options.keep)?;
    let path = options.keep.join(format!("seed-{}.json", plan.seed));
    fs::write(&path, serde_json::to_vec_pretty(plan)?)?;
    Ok(path)
}

/// Says how a run broke a promise, and of the first of them keeps the smallest plan that shows it.
fn explain(options: &Options, seed: u64, broken: &Broken, smallest: bool) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "seed {seed}: {broken}")?;
    if !smallest {
        return Ok(());
    }
    let (plan, broken) = shrink(&options.draw(seed), broken, RUNS, &run);
    let (steps, path) = (plan.steps.len(), keep(options, &plan)?);
    let path = path.display();
    writeln!(
        out,
        "  {steps} of its steps are enough: {broken}\n  again with: cargo xtask sim --plan {path} --trace"
    )?;
    if options.trace {
        out.write_all(trace(&plan).1.as_bytes())?;
    }
    Ok(())
}

fn replay(path: &Path, options: &Options) -> anyhow::Result<ExitCode> {
    let plan: Plan = serde_json::from_slice(&fs::read(path)?)?;
    let (outcome, lines) = trace(&plan);
    let mut out = std::io::stdout().lock();
    if options.trace {
        out.write_all(lines.as_bytes())?;
    }
    if let Err(broken) = &outcome {
        writeln!(out, "{broken}")?;
    }
    let mut tally = Tally::default();
    tally.add(&outcome);
    writeln!(out, "{}", tally.last_line())?;
    Ok(if outcome.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Breaks each rule and looks for the first seed whose run notices.
fn mutants(options: &Options) -> anyhow::Result<ExitCode> {
    let mut out = std::io::stdout().lock();
    let mut missed = 0;
    for &fault in Fault::ALL {
        let wanted = promise_of(fault);
        let found = (options.seed..options.seed + options.seeds).find_map(|seed| {
            let broken = run_broken(&options.draw(seed), fault).err()?;
            (broken.promise == wanted).then_some((seed, broken))
        });
        match found {
            Some((seed, broken)) => writeln!(out, "{:<30} seed {seed}: {broken}", fault.name())?,
            None => {
                missed += 1;
                writeln!(out, "{:<30} NOT FOUND: {wanted} was never broken", fault.name())?;
            }
        }
    }
    writeln!(out, "{} rules broken, {missed} not noticed", Fault::ALL.len())?;
    Ok(if missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
