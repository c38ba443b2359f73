//! `confab-hostile`: runs the targets on mutated examples for a time, or writes the examples for the fuzzer.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use confab_hostile::{Mutation, TARGETS, Target, mutated, seeds};
use fastrand::Rng;

/// Gives everything that reads what others wrote what nobody meant.
#[derive(Parser)]
#[command(name = "confab-hostile")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Runs each target on mutated examples; ends with a panic when a promise is broken.
    Run {
        /// How long, for each target.
        #[arg(long, value_name = "N", default_value_t = 10)]
        seconds: u64,
        /// Where the mutations come from.
        #[arg(long, value_name = "S", default_value_t = 1)]
        seed: u64,
        /// Only this target.
        #[arg(long, value_name = "NAME")]
        only: Option<String>,
    },
    /// Writes the examples of each target into a directory of its name.
    Seeds {
        /// Where.
        directory: PathBuf,
    },
    /// Prints the names of the targets.
    Targets,
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Run { seconds, seed, only } => {
            let wanted = |target: &&Target| only.as_ref().is_none_or(|only| only == target.name);
            TARGETS
                .iter()
                .filter(wanted)
                .try_for_each(|target| run(target, Duration::from_secs(seconds), seed))
        }
        Task::Seeds { directory } => TARGETS.iter().try_for_each(|target| write(target, &directory)),
        Task::Targets => TARGETS.iter().try_for_each(|target| say(target.name)),
    }
}

fn say(line: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{line}")?)
}

fn run(target: &Target, length: Duration, seed: u64) -> Result<()> {
    let (seeds, mut rng, mut runs) = (seeds(target.name), Rng::with_seed(seed), 0_u64);
    let ends = Instant::now() + length;
    while Instant::now() < ends {
        let mutations: Vec<Mutation> = (0..rng.usize(1..6)).map(|_| mutation(&mut rng)).collect();
        (target.run)(&mutated(&seeds, rng.usize(..), &mutations, target.longest));
        runs += 1;
    }
    say(&format!("{}: {runs} inputs, nothing found", target.name))
}

fn mutation(rng: &mut Rng) -> Mutation {
    let (at, other) = (rng.usize(..), rng.usize(..));
    match rng.u8(..6) {
        0 => Mutation::Set(at, rng.u8(..)),
        1 => Mutation::Cut(at, other),
        2 => Mutation::Repeat(at, other),
        3 => Mutation::Insert(at, other),
        4 => Mutation::Replace(at, other),
        _ => Mutation::Splice(at, other),
    }
}

fn write(target: &Target, directory: &Path) -> Result<()> {
    let directory = directory.join(target.name);
    std::fs::create_dir_all(&directory).with_context(|| format!("{}", directory.display()))?;
    for (number, seed) in seeds(target.name).iter().enumerate() {
        std::fs::write(directory.join(format!("example-{number}")), seed)?;
    }
    Ok(())
}
