//! `cargo xtask`: builds, runs, tests and measures Confab. `cargo xtask help` lists the tasks.

mod bench;
mod build;
mod chaos;
mod ci;
mod codegen;
mod command;
mod fuzz;
mod layout;
mod packages;
mod platforms;
mod python;
mod run;
mod say;
mod shots;
mod sim;
mod test;
mod tidy;
mod tree;
mod ui;

use std::ffi::OsString;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs, tests and measures Confab")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Build the app and start it.
    Run {
        /// Show a workspace with sample people, in two windows side by side; it goes away when they are closed.
        #[arg(long)]
        demo: bool,
        /// Build it with optimisations.
        #[arg(long)]
        release: bool,
        /// Passed on to the app, after `--`.
        #[arg(last = true)]
        arguments: Vec<OsString>,
    },
    /// Build the interface, the app and the server.
    Build {
        /// Build with optimisations.
        #[arg(long)]
        release: bool,
    },
    /// Check, build and test everything.
    Test {
        /// Passed on to `cargo test`, after `--`.
        #[arg(last = true)]
        arguments: Vec<String>,
    },
    /// Check everything that can be judged without running the app.
    Ci,
    /// Check that everything compiles for Windows and for macOS, too.
    Platforms,
    /// Check only the rules of the house that no compiler checks.
    Tidy,
    /// Write the TypeScript types of what crosses between the shell and the interface.
    Codegen {
        /// Change nothing; fail when the committed types are stale.
        #[arg(long)]
        check: bool,
    },
    /// Make the picture of the README anew.
    Shots,
    /// Simulate clients and a server under faults.
    Sim {
        /// Passed on to the simulation: `--seeds N`, `--seed FIRST`, `--plan FILE`, `--sqlite`, `--mutants`, `--trace`, …
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Kill, pause and cut off real processes, and compare what is left.
    Chaos {
        /// Passed on: `--seconds N`, `--seed S`, `--clients N`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Give everything that reads what others wrote what nobody meant.
    Fuzz(fuzz::Choice),
    /// Measure beside other servers and beside an empty window.
    Bench(bench::Choice),
}

fn main() -> ExitCode {
    let done = match Arguments::parse().task {
        Task::Test { arguments } => return test::run(&arguments),
        Task::Run { demo, release, arguments } => run::run(demo, release, &arguments),
        Task::Build { release } => build::run(release),
        Task::Ci => ci::run(),
        Task::Platforms => platforms::run(),
        Task::Tidy => tidy::run(),
        Task::Codegen { check } => codegen::run(check),
        Task::Shots => shots::run(),
        Task::Chaos { arguments } => chaos::run(&arguments),
        Task::Sim { arguments } => sim::run(&arguments),
        Task::Fuzz(choice) => fuzz::run(&choice),
        Task::Bench(choice) => bench::run(&choice),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say::complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}
