//! A client without a window: a real process with its own data directory, driven by lines.

use std::fs;
use std::io::{BufRead as _, Cursor, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result, anyhow};
use confab_client::{
    Account, Client, ClientConfig, ClientEvent, ClientEvents, MediaOf, PictureSize, TokenStore,
    TokenStoreError, join, sign_in,
};
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{MessageState, Problem, ViewDiff};
use confab_protocol::http::TokenGrant;
use tokio::sync::mpsc;

use crate::files::{self, Fetched, File};
use crate::kinds;
use crate::ledger::mark_of;
use crate::picture::Picture;
use crate::program::Program;
use crate::words::{Line, Order, Outcome, Said};

/// Orders that may wait.
const ORDERS: usize = 64;
/// Pause between two attempts to join.
const PAUSE: Duration = Duration::from_millis(300);

/// Who sits down, and where.
#[derive(Debug, clap::Args)]
pub struct Seat {
    /// The data directory.
    #[arg(long)]
    home: PathBuf,
    /// The invite to join by, where nobody has signed in yet.
    #[arg(long)]
    link: String,
    /// Who.
    #[arg(long)]
    identity: String,
    /// What this computer is called.
    #[arg(long)]
    device: String,
    /// A program of the same person runs beside the window.
    #[arg(long)]
    program: bool,
}

/// Everybody's password, until it is changed.
pub(crate) const PASSWORD: &str = "seven grey herons";

/// Runs until it is told to leave, or nobody tells it anything any more.
///
/// # Errors
/// When the client cannot be started.
pub fn run(seat: Seat) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::new("info"))
        .with_writer(std::io::stderr)
        .with_ansi(false)
        .init();
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(sit(seat))
}

async fn sit(seat: Seat) -> Result<()> {
    fs::create_dir_all(&seat.home)?;
    let (account, grant) = signed_in(&seat).await?;
    let tokens: Arc<dyn TokenStore> = Arc::new(TokenFile(seat.home.join("token")));
    let directory = seat.home.join("client");
    let (client, events) = Client::start(ClientConfig { directory, account, tokens, grant }).await?;
    let program = if seat.program { Some(programmed(&seat).await?) } else { None };
    let (home, asking) = (seat.home, Arc::default());
    let desk = Desk { client, events, picture: Picture::default(), home, program, asking };
    say(&Said::Ready)?;
    desk.work(orders()).await
}

/// The account of this directory, or a new one. Whoever is killed before it is written joins once more.
async fn signed_in(seat: &Seat) -> Result<(Account, Option<TokenGrant>)> {
    let file = seat.home.join("account.json");
    if let Ok(text) = fs::read(&file) {
        return Ok((serde_json::from_slice(&text)?, None));
    }
    let signed_in = loop {
        match join(&seat.link, &seat.identity, PASSWORD, &seat.device).await {
            Ok(signed_in) => break signed_in,
            Err(problem) if is_passing(&problem) => tokio::time::sleep(PAUSE).await,
            Err(problem) => return Err(anyhow!("not joined: {problem:?}")),
        }
    };
    TokenFile(seat.home.join("token")).save(&signed_in.grant.refresh_token)?;
    replace(&file, &serde_json::to_vec(&signed_in.account)?)?;
    Ok((signed_in.account, Some(signed_in.grant)))
}

/// The program of this directory, which has a sign-in of its own. Whoever is killed before it is written signs in once more.
async fn programmed(seat: &Seat) -> Result<Program> {
    let home = seat.home.join("program");
    fs::create_dir_all(&home)?;
    let (file, directory) = (home.join("account.json"), home.join("client"));
    let tokens = Arc::new(TokenFile(home.join("token")));
    if let Ok(text) = fs::read(&file) {
        return Program::start(&directory, serde_json::from_slice(&text)?, tokens).await;
    }
    let signed_in = loop {
        match sign_in(&seat.link, &seat.identity, PASSWORD, &format!("{}'s program", seat.device)).await {
            Ok(signed_in) => break signed_in,
            Err(problem) if is_passing(&problem) => tokio::time::sleep(PAUSE).await,
            Err(problem) => return Err(anyhow!("not signed in: {problem:?}")),
        }
    };
    tokens.save(&signed_in.grant.refresh_token)?;
    replace(&file, &serde_json::to_vec(&signed_in.account)?)?;
    Program::begin(&directory, signed_in, tokens).await
}

/// Whether the same may be asked again.
pub(crate) fn is_passing(problem: &Problem) -> bool {
    ["unreachable", "timed_out", "unavailable", "rate_limited"].contains(&problem.code.as_str())
}

/// The lines of the standard input; they end with it.
fn orders() -> mpsc::Receiver<Line> {
    let (sender, orders) = mpsc::channel(ORDERS);
    std::thread::spawn(move || {
        let lines = std::io::stdin().lock().lines().map_while(Result::ok);
        for line in lines.filter_map(|line| serde_json::from_str(&line).ok()) {
            if sender.blocking_send(line).is_err() {
                return;
            }
        }
    });
    orders
}

struct Desk {
    client: Client,
    events: ClientEvents,
    picture: Picture,
    home: PathBuf,
    program: Option<Program>,
    /// Orders that are being carried out beside the others.
    asking: Arc<AtomicUsize>,
}

impl Desk {
    async fn work(mut self, mut orders: mpsc::Receiver<Line>) -> Result<()> {
        loop {
            tokio::select! {
                biased;
                event = self.events.recv() => match event {
                    Some(event) => self.happened(event)?,
                    None => return Err(anyhow!("the client ended by itself")),
                },
                line = orders.recv() => match line {
                    Some(Line { id, order: Order::Leave }) => {
                        self.client.shutdown().await;
                        if let Some(program) = self.program {
                            program.leave().await;
                        }
                        return say(&Said::Answer { id, outcome: Outcome::Leaving });
                    }
                    Some(line) => self.carry_out(line).await?,
                    None => return Ok(()),
                },
            }
        }
    }

    async fn carry_out(&mut self, line: Line) -> Result<()> {
        let Line { id, order } = line;
        let outcome = match order {
            Order::Do(command) if kinds::takes_long(&command) => {
                let client = self.client.clone();
                self.beside(id, async move { answered(client.command(command).await) });
                return Ok(());
            }
            Order::Do(command) => self.ask(command).await,
            Order::SendFiles { conversation, body } => answered(self.send_files(conversation, body).await),
            Order::LookAt { conversation, message, media } => {
                let of = MediaOf {
                    conversation: conversation.parse()?,
                    message: message.parse()?,
                    media: media.parse()?,
                };
                let client = self.client.clone();
                self.beside(id, async move { done(client.picture(of, PictureSize::Whole).await.map(drop)) });
                return Ok(());
            }
            Order::Fetch(media) => {
                self.beside(id, fetch(self.client.clone(), media));
                return Ok(());
            }
            Order::Note { of, note } => {
                let program = self.program.clone().context("no program runs here")?;
                self.beside(id, async move { done(program.note(of, note).await) });
                return Ok(());
            }
            Order::Held(people) => {
                let program = self.program.clone().context("no program runs here")?;
                self.beside(id, async move {
                    program.held(&people).await.map_or_else(Outcome::Refused, Outcome::Held)
                });
                return Ok(());
            }
            Order::Look | Order::Leave => {
                self.picture.asking = self.asking.load(Ordering::Relaxed);
                Outcome::Shown(Box::new(self.picture.clone()))
            }
        };
        say(&Said::Answer { id, outcome })
    }

    async fn ask(&self, command: Command) -> Outcome {
        if let (Command::Reconnect, Some(program)) = (&command, &self.program) {
            program.nudge();
        }
        answered(self.client.command(command).await)
    }

    /// Carries something out that may take long, beside everything else.
    fn beside(&self, id: u64, work: impl Future<Output = Outcome> + Send + 'static) {
        let asking = Arc::clone(&self.asking);
        asking.fetch_add(1, Ordering::Relaxed);
        tokio::spawn(async move {
            let outcome = work.await;
            asking.fetch_sub(1, Ordering::Relaxed);
            // Whoever hears nothing any more has ended.
            drop(say(&Said::Answer { id, outcome }));
        });
    }

    /// As a window sends files: kept, put beside what is being written, now and then taken away again, sent together.
    async fn send_files(&self, conversation: String, body: String) -> Result<CommandAnswer, Problem> {
        let mut files = Vec::new();
        for File { name, content_type, bytes } in files::of(mark_of(&body).unwrap_or_default()) {
            let changed_mind = bytes.len().is_multiple_of(4);
            for _ in 0..=usize::from(changed_mind) {
                let source = Cursor::new(bytes.clone());
                let file = self.client.stage(Some(name.clone()), content_type.to_owned(), source).await?;
                let conversation = conversation.clone();
                self.client.command(Command::Attach { conversation, file: file.clone() }).await?;
                files.push(file);
            }
            if changed_mind && let Some(file) = files.pop() {
                let (conversation, file) = (conversation.clone(), file.id);
                self.client.command(Command::Detach { conversation, file }).await?;
            }
        }
        self.client.command(Command::SendFiles { conversation, body, files }).await
    }

    fn happened(&mut self, event: ClientEvent) -> Result<()> {
        match event {
            ClientEvent::View(diffs) => diffs.into_iter().try_for_each(|diff| self.see(diff)),
            ClientEvent::AccountChanged(account) => {
                replace(&self.home.join("account.json"), &serde_json::to_vec(&account)?)
            }
            ClientEvent::Notify(_) | ClientEvent::Withdraw { .. } => Ok(()),
        }
    }

    fn see(&mut self, diff: ViewDiff) -> Result<()> {
        if let ViewDiff::Timeline { upsert, .. } = &diff {
            for row in upsert.iter().filter(|row| row.own && row.state == MessageState::Sent) {
                say(&Said::Acknowledged { key: row.key.clone(), body: row.body.clone() })?;
            }
        }
        self.picture.apply(diff);
        Ok(())
    }
}

fn answered(answer: Result<CommandAnswer, Problem>) -> Outcome {
    answer.map_or_else(Outcome::Refused, Outcome::Done)
}

fn done(result: Result<(), Problem>) -> Outcome {
    answered(result.map(|()| CommandAnswer::Done))
}

async fn fetch(client: Client, media: Vec<String>) -> Outcome {
    let mut fetched = Vec::new();
    for sid in media {
        let came = match fetch_one(&client, &sid).await {
            Ok(bytes) => Fetched::Hash(files::hash(&bytes)),
            Err(problem) => Fetched::Refused(problem.code),
        };
        fetched.push(came);
    }
    Outcome::Fetched(fetched)
}

async fn fetch_one(client: &Client, sid: &str) -> Result<Vec<u8>, Problem> {
    let bad = |_| Problem { code: "bad_sid".to_owned(), params: serde_json::Map::new() };
    let mut download = client.download(sid.parse().map_err(bad)?, None).await?;
    let mut bytes = Vec::new();
    while let Some(piece) = download.next().await? {
        bytes.extend_from_slice(&piece);
    }
    Ok(bytes)
}

fn say(said: &Said) -> Result<()> {
    let mut out = std::io::stdout().lock();
    serde_json::to_writer(&mut out, said)?;
    out.write_all(b"\n")?;
    Ok(out.flush()?)
}

/// The refresh token, in a file that is replaced as one.
struct TokenFile(PathBuf);

impl TokenFile {
    fn failed(error: impl std::fmt::Display) -> TokenStoreError {
        TokenStoreError { reason: error.to_string() }
    }
}

impl TokenStore for TokenFile {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        match fs::read_to_string(&self.0) {
            Ok(token) => Ok(Some(token)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Self::failed(error)),
        }
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        replace(&self.0, refresh_token.as_bytes()).map_err(Self::failed)
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        fs::remove_file(&self.0).map_err(Self::failed)
    }
}

/// Replaces a file so that whoever is killed meanwhile leaves the old one or the new one.
fn replace(path: &Path, content: &[u8]) -> Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&new)?;
    file.write_all(content)?;
    file.sync_all()?;
    fs::rename(&new, path).with_context(|| format!("{} cannot be replaced", path.display()))
}
