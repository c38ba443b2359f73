//! What stands in no log: passwords, invites and devices. What each person was told of them, and whether it is so.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use confab_client::{
    Client, ClientConfig, ClientEvent, SignedIn, TokenStore, TokenStoreError, join, sign_in,
};
use confab_core::command::{Command, CommandAnswer};
use confab_core::view::{ConnectionState, Problem, ViewDiff};
use confab_protocol::Link;
use tokio::time::{sleep, timeout};

use crate::device::Device;
use crate::seat::{PASSWORD, is_passing};
use crate::tally::Tally;

/// How often a person changes the password at most: each is hashed slowly, and wrong ones are limited.
const CHANGES: usize = 4;
/// Invites that a person makes at most.
const INVITES: usize = 6;
/// How long a server may take to say who may come in.
const PATIENCE: Duration = Duration::from_secs(120);
/// Between two questions that were put off.
const PAUSE: Duration = Duration::from_millis(500);

/// What came of a command; none when nobody can know.
pub(crate) type Answer = Option<Result<CommandAnswer, Problem>>;

/// What is to be true of something that can be ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stands,
    Ended,
    /// Whoever asked was not told.
    Unknown,
}

impl Fate {
    fn ending(self, answer: &Answer) -> Self {
        match answer {
            Some(Ok(_)) => Self::Ended,
            Some(Err(_)) => self,
            None if self == Self::Stands => Self::Unknown,
            None => self,
        }
    }
}

/// The secrets of one person. One device changes them, one after the other.
pub(crate) struct Secrets {
    person: String,
    /// Passwords of which one is in force: the first for certain when it is alone.
    passwords: Vec<String>,
    /// Passwords that are in force no more.
    old: Vec<String>,
    changes: usize,
    /// Whoever joined first owns the workspace, and may invite.
    owner: bool,
    /// Links by SID.
    invites: BTreeMap<String, (String, Fate)>,
    /// A device that does nothing and may be signed out.
    spare: SignedIn,
    spare_fate: Fate,
}

impl Secrets {
    /// Signs a spare device in. The person has joined already.
    pub(crate) async fn new(device: &Device, owner: bool) -> Result<Self> {
        let person = device.person.clone();
        let spare = enter(|| sign_in_at(device, PASSWORD)).await?;
        let spare = spare.map_err(|problem| anyhow::anyhow!("no spare device: {problem:?}"))?;
        Ok(Self {
            person,
            passwords: vec![PASSWORD.to_owned()],
            old: Vec::new(),
            changes: 0,
            owner,
            invites: BTreeMap::new(),
            spare,
            spare_fate: Fate::Stands,
        })
    }

    /// Another password, while there may be more.
    pub(crate) fn change_password(&mut self) -> Option<Command> {
        if self.changes == CHANGES {
            return None;
        }
        self.changes += 1;
        let password = format!("{} grey herons of {}", self.changes, self.person);
        // One that was not answered may be in force or not: what was refused is tried with the other.
        let current = self.passwords.get(self.changes % self.passwords.len()).cloned();
        Some(Command::SetPassword { current, password })
    }

    /// Another invite, while there may be more.
    pub(crate) fn make_invite(&self) -> Option<Command> {
        let more = self.owner && self.invites.len() < INVITES;
        more.then_some(Command::CreateInvite { expires_in_ms: None, max_uses: Some(1) })
    }

    /// The end of an invite that stands.
    pub(crate) fn revoke_invite(&self) -> Option<Command> {
        let (sid, _) = self.invites.iter().find(|(_, (_, fate))| *fate == Fate::Stands)?;
        Some(Command::RevokeInvite { invite: sid.clone() })
    }

    /// The end of the spare device.
    pub(crate) fn revoke_device(&self) -> Command {
        Command::RevokeDevice { device: self.spare.account.device.to_string() }
    }

    /// What came of a command.
    pub(crate) fn learn(&mut self, command: &Command, answer: &Answer) {
        match (command, answer) {
            (Command::SetPassword { password, .. }, Some(Ok(_))) => {
                self.old.append(&mut self.passwords);
                self.passwords.push(password.clone());
            }
            (Command::SetPassword { password, .. }, Some(Err(problem))) if leaves_doubt(problem) => {
                self.passwords.push(password.clone());
            }
            (Command::SetPassword { password, .. }, None) => self.passwords.push(password.clone()),
            (_, Some(Ok(CommandAnswer::Invite { sid, link, .. }))) => {
                self.invites.insert(sid.clone(), (link.clone(), Fate::Stands));
            }
            (Command::RevokeInvite { invite }, answer) => {
                if let Some((_, fate)) = self.invites.get_mut(invite) {
                    *fate = fate.ending(answer);
                }
            }
            (Command::RevokeDevice { .. }, answer) => self.spare_fate = self.spare_fate.ending(answer),
            _ => {}
        }
    }

    /// Tries everything out, now that nothing breaks any more and all outboxes are empty.
    pub(crate) async fn check(&self, device: &Device, place: &Path, tally: &mut Tally) -> Result<()> {
        self.check_passwords(device, tally).await?;
        self.check_invites(device, tally).await?;
        let lets_in = lets_in(&self.spare, place).await?;
        tell(tally, &format!("the spare device of {}", self.person), self.spare_fate, lets_in);
        Ok(())
    }

    async fn check_passwords(&self, device: &Device, tally: &mut Tally) -> Result<()> {
        let (mut good, mut old) = (0, 0);
        for password in &self.passwords {
            good += u32::from(enter(|| sign_in_at(device, password)).await?.is_ok());
        }
        if let Some(password) = self.old.last() {
            tally.ended += 1;
            old += u32::from(enter(|| sign_in_at(device, password)).await?.is_ok());
        }
        if (good, old) != (1, 0) {
            let (all, person) = (self.passwords.len(), &self.person);
            tally.untrue.push(format!("{good} of {all} passwords of {person} are good, and {old} older one"));
        }
        Ok(())
    }

    async fn check_invites(&self, device: &Device, tally: &mut Tally) -> Result<()> {
        for (number, (sid, (link, fate))) in self.invites.iter().enumerate() {
            let link: Link = link.parse()?;
            let link = Link { addresses: vec![device.proxy.address().to_string()], ..link }.to_string();
            let guest = format!("guest {number} of {}", self.person);
            let came = enter(|| join(&link, &guest, PASSWORD, "a guest's")).await?;
            tell(tally, &format!("the invite {sid} of {}", self.person), *fate, came.is_ok());
        }
        Ok(())
    }
}

fn tell(tally: &mut Tally, what: &str, fate: Fate, lets_in: bool) {
    tally.ended += u64::from(fate == Fate::Ended);
    let as_told = fate == Fate::Unknown || lets_in == (fate == Fate::Stands);
    if !as_told {
        tally.untrue.push(format!("{what} lets somebody in: {lets_in}, and was told to be {fate:?}"));
    }
}

/// Whether it may have been done though it was refused: whoever lost the connection meanwhile cannot know.
fn leaves_doubt(problem: &Problem) -> bool {
    problem.code == "offline" || is_passing(problem)
}

async fn sign_in_at(device: &Device, password: &str) -> Result<SignedIn, Problem> {
    sign_in(&device.proxy.address().to_string(), &device.person, password, "another").await
}

/// Asks until there is an answer that counts.
async fn enter<F>(ask: impl Fn() -> F) -> Result<Result<SignedIn, Problem>>
where
    F: Future<Output = Result<SignedIn, Problem>>,
{
    let asking = async {
        loop {
            match ask().await {
                Err(problem) if is_passing(&problem) => sleep(PAUSE).await,
                answer => return answer,
            }
        }
    };
    timeout(PATIENCE, asking).await.context("the server does not say who may come in")
}

/// Whether the tokens of a device are good.
async fn lets_in(device: &SignedIn, place: &Path) -> Result<bool> {
    let SignedIn { account, grant } = device.clone();
    let directory = place.join(account.device.to_string());
    let tokens = Arc::new(InMemory(Mutex::new(Some(grant.refresh_token))));
    let (client, mut events) =
        Client::start(ClientConfig { directory, account, tokens, grant: None }).await?;
    let looking = async {
        loop {
            let Some(event) = events.recv().await else { bail!("the client of a spare device ended") };
            let ClientEvent::View(diffs) = event else { continue };
            for diff in diffs {
                match diff {
                    ViewDiff::Connection { state: ConnectionState::Connected, .. } => return Ok(true),
                    ViewDiff::Connection { state: ConnectionState::Denied, .. } => return Ok(false),
                    _ => {}
                }
            }
        }
    };
    let seen =
        timeout(PATIENCE, looking).await.context("a spare device is neither let in nor turned away")?;
    client.shutdown().await;
    seen
}

/// The token of a device that lives as long as the check.
struct InMemory(Mutex<Option<String>>);

impl InMemory {
    fn put(&self, token: Option<String>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = token;
    }
}

impl TokenStore for InMemory {
    fn load(&self) -> Result<Option<String>, TokenStoreError> {
        Ok(self.0.lock().unwrap_or_else(PoisonError::into_inner).clone())
    }

    fn save(&self, refresh_token: &str) -> Result<(), TokenStoreError> {
        self.put(Some(refresh_token.to_owned()));
        Ok(())
    }

    fn clear(&self) -> Result<(), TokenStoreError> {
        self.put(None);
        Ok(())
    }
}
