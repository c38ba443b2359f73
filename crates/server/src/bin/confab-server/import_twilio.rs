//! `confab-server import-twilio`: takes conversations along from Twilio.

use std::io::Write as _;
use std::ops::ControlFlow;

use anyhow::Context as _;
use confab_server::{ImportEnd, ImportProgress, Imported, LeftBehind, import_twilio};

use crate::say;

/// Where Twilio gives files out.
const TWILIO_MEDIA: &str = "https://mcs.us1.twilio.com";

/// Both ends. Secrets are read from the environment, where other people of the machine do not see them.
#[derive(clap::Args)]
pub(crate) struct ImportTwilio {
    /// Where Twilio is.
    #[arg(long, value_name = "URL", default_value = "https://conversations.twilio.com")]
    from: String,
    /// Where Twilio gives files out; with another server than Twilio at the same address, when left out.
    #[arg(long, value_name = "URL")]
    from_media: Option<String>,
    /// The service at Twilio; the default one when left out.
    #[arg(long, value_name = "IS…")]
    service: Option<String>,
    /// Where the server of the workspace is.
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7420")]
    to: String,
    /// An API key of Twilio, or the account's SID.
    #[arg(long, env = "TWILIO_API_KEY", value_name = "SK…")]
    from_key: String,
    /// Its secret, or the account's auth token.
    #[arg(long, env = "TWILIO_API_SECRET", value_name = "SECRET", hide_env_values = true)]
    from_secret: String,
    /// An API key of the server.
    #[arg(long, env = "CONFAB_API_KEY", value_name = "SK…")]
    to_key: String,
    /// Its secret.
    #[arg(long, env = "CONFAB_API_SECRET", value_name = "SECRET", hide_env_values = true)]
    to_secret: String,
}

pub(crate) fn run(it: ImportTwilio) -> anyhow::Result<()> {
    let media = it.from_media.or_else(|| it.from.contains(".twilio.com").then(|| TWILIO_MEDIA.to_owned()));
    let (base, service) = (it.from, it.service);
    let from = ImportEnd { base, media, service, key_sid: it.from_key, secret: it.from_secret };
    let to = ImportEnd { base: it.to, media: None, service: None, key_sid: it.to_key, secret: it.to_secret };
    let done = import_twilio(&from, &to, &mut |progress| {
        // Where that cannot be shown, it goes on all the same.
        let _ = writeln!(std::io::stderr(), "{}", line(progress));
        ControlFlow::Continue(())
    });
    let Imported { users, conversations, messages, changed, files, left } =
        done.context("the import broke off; run it again to go on")?;
    say(&format!(
        "{conversations} conversations looked at, {users} users and {messages} messages with {files} files made, {changed} messages changed"
    ))?;
    for line in behind(&left) {
        say(&line)?;
    }
    Ok(())
}

/// A line for each kind of what stayed behind.
fn behind(left: &LeftBehind) -> impl Iterator<Item = String> {
    let lines = [
        (left.conversations, "conversations, deleted here or with a unique name that another one has here"),
        (left.users, "users, who are refused here"),
        (left.participants, "participants, who are refused here"),
        (left.messages, "messages, which are refused here"),
        (left.files, "files, which cannot be had or are not taken here"),
        (left.roles, "roles, which cannot be made or given here"),
        (left.timers, "timers of conversations, which Twilio does not tell: set them anew"),
        (left.addresses, "addresses that people have besides their identity"),
    ];
    lines
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, what)| format!("left behind: {count} {what}"))
}

fn line(progress: &ImportProgress) -> String {
    match progress {
        ImportProgress::Users(users) => format!("{users} users"),
        ImportProgress::Messages { conversation, name, messages } => {
            format!("conversation {conversation} ({name}): {messages} messages")
        }
        ImportProgress::Left { what, why } => format!("left behind: {what}: {why}"),
    }
}
