//! `cargo xtask`: builds, runs, tests and measures Confab. `cargo xtask help` lists the tasks.

mod codegen;
mod command;
mod layout;
mod say;

use anyhow::Result;
use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, runs, tests and measures Confab")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Write the TypeScript types of what crosses between the shell and the interface.
    Codegen {
        /// Change nothing; fail when the committed types are stale.
        #[arg(long)]
        check: bool,
    },
}

fn main() -> Result<()> {
    match Arguments::parse().task {
        Task::Codegen { check } => codegen::run(check),
    }
}
