//! `confab-server`: the server on its own, for a workspace that outgrows one desk.

#[path = "confab-server/api_key.rs"]
mod api_key;
#[path = "confab-server/import_twilio.rs"]
mod import_twilio;
#[path = "confab-server/webhook.rs"]
mod webhook;

use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, bail};
use clap::{Parser, Subcommand};
use confab_protocol::Timestamp;
use confab_server::{
    Bounds, MediaConfig, MediaRules, RunningServer, ServerConfig, Totals, Verified, backup, invite, restore,
    verify,
};
use tracing_subscriber::EnvFilter;

/// The server of Confab.
///
/// The first `serve` makes the workspace. Nobody owns it until the first person joins: run `confab-server invite` and open
/// the link; whoever uses it first becomes the owner.
#[derive(Parser)]
#[command(name = "confab-server", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serves the workspace of a data directory until it is told to stop (SIGTERM or Ctrl-C).
    Serve {
        /// Where the database and the key pair are kept.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Where to listen; port 0 takes a free one. On a loopback address only this computer reaches it.
        #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7420")]
        listen: SocketAddr,
        /// Name of the workspace, at the first start.
        #[arg(long, default_value = "Confab")]
        name: String,
        /// An address that people reach it at, for links; may be given more than once. This machine's own by default.
        #[arg(long, value_name = "HOST:PORT")]
        advertise: Vec<String>,
        /// How many participants a conversation may have.
        #[arg(long, value_name = "N", default_value_t = 1_000, value_parser = clap::value_parser!(u16).range(2..=10_000))]
        participants: u16,
        #[command(flatten)]
        files: Files,
    },
    /// Prints a link that invites to the workspace. The first who joins a new workspace becomes its owner.
    Invite {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// How long the link is good: a number with s, m, h or d.
        #[arg(long, value_name = "TIME", default_value = "7d", value_parser = life)]
        expires_in: Duration,
        /// How often it may be used.
        #[arg(long, value_name = "N", default_value_t = 100)]
        max_uses: u32,
        /// Where the server will be reached, when it does not run now.
        #[arg(long, value_name = "HOST:PORT")]
        advertise: Vec<String>,
    },
    /// Writes the workspace into one file, while its server may go on serving. Whoever has the file has everything.
    Backup {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The file to write.
        #[arg(long, value_name = "FILE")]
        to: PathBuf,
        /// Replaces the file when it exists.
        #[arg(long)]
        force: bool,
    },
    /// Puts the workspace of a backup into a data directory that no server uses. What is there is kept aside.
    Restore {
        /// The data directory; made when missing.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// The backup.
        #[arg(long, value_name = "FILE")]
        from: PathBuf,
        /// Also when the directory holds another workspace.
        #[arg(long)]
        force: bool,
    },
    /// Proves that all parts of the database agree. When they do not, the exit code is 1, and clients are made to begin anew.
    Verify {
        /// The data directory of the server, running or not.
        #[arg(long, value_name = "DIR")]
        data: PathBuf,
        /// Only says what it finds.
        #[arg(long)]
        dry_run: bool,
    },
    /// Keys for programs: to sign access tokens for people with, and to call the REST API.
    ApiKey {
        #[command(subcommand)]
        command: api_key::ApiKey,
    },
    /// Takes conversations along from Twilio, under the SIDs that they have there. May be run again: it goes on where it broke off.
    ImportTwilio(import_twilio::ImportTwilio),
    /// Hooks of programs: what they could not be told.
    Webhook {
        #[command(subcommand)]
        command: webhook::Webhook,
    },
}

/// What is taken of files.
#[derive(clap::Args)]
struct Files {
    /// Longest file that can be sent, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 150)]
    max_file: u64,
    /// What a user may have uploaded and not sent, in MiB.
    #[arg(long, value_name = "MIB", default_value_t = 2_048)]
    max_unsent: u64,
    /// A type of files that is taken (image/png, image/*); may be given more than once. All of them by default.
    #[arg(long, value_name = "TYPE")]
    allow_type: Vec<String>,
    /// A type of files that is not; may be given more than once.
    #[arg(long, value_name = "TYPE")]
    deny_type: Vec<String>,
}

impl Files {
    fn config(self) -> MediaConfig {
        const MIB: u64 = 1024 * 1024;
        let rules = MediaRules {
            file_bytes: self.max_file.saturating_mul(MIB),
            unsent_bytes: self.max_unsent.saturating_mul(MIB),
            allowed_types: self.allow_type,
            denied_types: self.deny_type,
            ..MediaRules::default()
        };
        MediaConfig { rules, ..MediaConfig::default() }
    }
}

/// Findings that are printed one by one.
const FINDINGS: usize = 100;

fn main() -> ExitCode {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).init();
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            // Where even that cannot be written, the exit code is left to say it.
            let _ = writeln!(std::io::stderr(), "confab-server: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Verify { data, dry_run } => return prove(&data, dry_run),
        Command::ApiKey { command } => api_key::run(command)?,
        Command::Webhook { command } => webhook::run(command)?,
        Command::ImportTwilio(ends) => import_twilio::run(ends)?,
        Command::Serve { data, listen, name, advertise, participants, files } => serve(ServerConfig {
            media: files.config(),
            advertised: advertise,
            workspace_name: name,
            bounds: Bounds { participants: usize::from(participants), ..Bounds::default() },
            ..ServerConfig::new(data, listen)
        })?,
        Command::Invite { data, expires_in, max_uses, advertise } => {
            say(&invite(&data, Some(expires_in), Some(max_uses), &advertise).context("no invite was made")?)?;
        }
        Command::Backup { data, to, force } => {
            let made = backup(&data, &to, force).context("no backup was made")?;
            say(&format!("{} ({} bytes) in {}", made.workspace, made.bytes, to.display()))?;
        }
        Command::Restore { data, from, force } => {
            let restored = restore(&data, &from, force).context("nothing was restored")?;
            let (age, holds) = (ago(restored.made_at), holds(&restored.totals));
            say(&format!("{} as it was {age}: {holds}", restored.workspace))?;
            if let Some(aside) = restored.aside {
                say(&format!("what was there is in {}", aside.display()))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Verifies a database and says what came of it.
fn prove(data: &Path, dry_run: bool) -> anyhow::Result<ExitCode> {
    let Verified { report, epoch_renewed } = verify(data, dry_run).context("nothing was verified")?;
    let found = report.findings.len() as u64 + report.more;
    if found == 0 {
        say(&format!("{} agree", holds(&report.totals)))?;
        return Ok(ExitCode::SUCCESS);
    }
    report.findings.iter().take(FINDINGS).try_for_each(|finding| say(&finding.to_string()))?;
    say(&format!("{found} findings in {}", holds(&report.totals)))?;
    if epoch_renewed {
        say("the workspace has a new epoch: every client begins anew from what is here")?;
    }
    say("stop the server and put a backup in place: confab-server restore --data DIR --from FILE")?;
    Ok(ExitCode::FAILURE)
}

fn holds(totals: &Totals) -> String {
    let Totals { users, conversations, events, messages, media, outcomes } = totals;
    format!(
        "{users} users, {conversations} conversations, {messages} messages, {media} files, {events} events, \
         {outcomes} outcomes"
    )
}

/// How long ago something was.
fn ago(at: Timestamp) -> String {
    let since = UNIX_EPOCH + Duration::from_millis(at.0);
    let minutes = SystemTime::now().duration_since(since).unwrap_or_default().as_secs() / 60;
    match (minutes / 1_440, minutes / 60) {
        (0, 0) => format!("{minutes} minutes ago"),
        (0, hours) => format!("{hours} hours ago"),
        (days, _) => format!("{days} days ago"),
    }
}

fn serve(config: ServerConfig) -> anyhow::Result<()> {
    let server = RunningServer::start(config).context("the server does not start")?;
    say(&format!("listening on {} fingerprint {}", server.local_addr(), server.fingerprint()))?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(told_to_stop()).context("signals cannot be listened to")?;
    server.shutdown();
    Ok(())
}

fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

#[cfg(unix)]
async fn told_to_stop() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::select! {
        _ = terminate.recv() => Ok(()),
        stopped = tokio::signal::ctrl_c() => stopped,
    }
}

#[cfg(not(unix))]
async fn told_to_stop() -> std::io::Result<()> {
    tokio::signal::ctrl_c().await
}

/// Reads `90s`, `30m`, `12h`, `7d`.
fn life(text: &str) -> anyhow::Result<Duration> {
    let unit = text.chars().last().context("a time is a number with s, m, h or d")?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        _ => bail!("a time is a number with s, m, h or d"),
    };
    let number: u64 = text[..text.len() - unit.len_utf8()].parse()?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_a_unit() {
        assert_eq!(life("7d").unwrap(), Duration::from_secs(7 * 86_400));
        assert_eq!(life("90s").unwrap(), Duration::from_secs(90));
        assert!(life("7").is_err() && life("").is_err() && life("d").is_err() && life("7w").is_err());
    }

    #[test]
    fn the_command_line_is_consistent() {
        <Arguments as clap::CommandFactory>::command().debug_assert();
    }
}
