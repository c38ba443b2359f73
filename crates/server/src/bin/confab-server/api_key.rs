//! `confab-server api-key`: keys for programs.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Subcommand;
use confab_server::{ApiKeyMade, api_key_create, api_key_revoke, api_keys};

use crate::{ago, say};

/// What can be done with keys.
#[derive(Subcommand)]
pub(crate) enum ApiKey {
    /// Makes a key and prints it with its secret, which is shown this once. Whoever has it may do everything in the workspace.
    Create {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// What to call it in the list.
        #[arg(long, default_value = "")]
        name: String,
        /// Prints one object of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Lists the keys, without their secrets.
    List {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Prints an array of JSON.
        #[arg(long)]
        json: bool,
    },
    /// Ends a key. What it has signed is not accepted from now on.
    Revoke {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The key, as `api-key list` shows it.
        #[arg(value_name = "SK…")]
        key: String,
    },
}

pub(crate) fn run(command: ApiKey) -> anyhow::Result<()> {
    match command {
        ApiKey::Create { data, name, json } => {
            let made = api_key_create(&data, &name).context("no key was made")?;
            if json { say(&serde_json::to_string(&made)?) } else { show(&made) }
        }
        ApiKey::List { data, json } => {
            let keys = api_keys(&data).context("the keys cannot be read")?;
            if json {
                return say(&serde_json::to_string(&keys)?);
            }
            keys.iter().try_for_each(|key| {
                say(&format!("{} {} {}", key.key_sid, ago(key.date_created), key.friendly_name))
            })
        }
        ApiKey::Revoke { data, key } => {
            api_key_revoke(&data, &key).context("the key was not ended")?;
            say(&format!("{key} has ended"))
        }
    }
}

fn show(made: &ApiKeyMade) -> anyhow::Result<()> {
    say(&format!("account  {}", made.account_sid))?;
    say(&format!("key      {}", made.key_sid))?;
    say(&format!("secret   {}", made.secret))?;
    say(&format!("service  {}", made.service_sid))?;
    say("the secret is shown this once: keep it where only your program reads it")
}
