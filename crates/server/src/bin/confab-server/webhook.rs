//! `confab-server webhook`: what hooks of programs could not be told.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use confab_server::{dead_letters, replay_dead_letters};

use crate::{ago, say};

/// What can be done with hooks.
#[derive(Subcommand)]
pub(crate) enum Webhook {
    /// What could not be told.
    DeadLetters {
        #[command(subcommand)]
        command: DeadLetters,
    },
}

/// What can be done with it.
#[derive(Subcommand)]
pub(crate) enum DeadLetters {
    /// Lists it, oldest first, without what it says.
    List {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Prints an array of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Has it told again.
    Replay {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// One of it, as the list names it; all of it when left out.
        #[arg(value_name = "ID")]
        id: Option<String>,
    },
}

pub(crate) fn run(Webhook::DeadLetters { command }: Webhook) -> anyhow::Result<()> {
    match command {
        DeadLetters::List { data, json } => {
            let letters = dead_letters(&data).context("the list cannot be read")?;
            if json {
                return say(&serde_json::to_string(&letters)?);
            }
            letters.iter().try_for_each(|letter| {
                let (id, since) = (&letter.id, ago(letter.since));
                let (event, url, reason) = (&letter.event, &letter.url, &letter.reason);
                say(&format!("{id} {event} {since} {url} ({} attempts: {reason})", letter.attempts))
            })
        }
        DeadLetters::Replay { data, id } => {
            let count = replay_dead_letters(&data, id.as_deref()).context("nothing is told again")?;
            say(&format!("{count} told again"))
        }
    }
}
