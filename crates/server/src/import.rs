//! Taking conversations along from Twilio: read through its REST API, made anew through this server's, under the identifiers and
//! dates that they had. What is there already is not made twice, so that it goes on where it broke off.

mod api;
mod messages;
mod people;
mod roles;
mod row;

use std::ops::ControlFlow;

use api::Api;
pub use api::{ImportEnd, ImportError};
use people::Muted;
use roles::Roles;
use row::{Conversation, Form, field, is_newer, stamps};
use serde_json::Value;

/// How far it has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImportProgress {
    /// So many users were looked at.
    Users(u64),
    /// So many messages of a conversation are here.
    Messages {
        /// The conversation's number, from 1.
        conversation: u64,
        /// What it is called, or its SID.
        name: String,
        /// Messages that are here.
        messages: u64,
    },
    /// Something stays behind.
    Left {
        /// What.
        what: String,
        /// Why.
        why: String,
    },
}

/// What it came to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Imported {
    /// Users who were made.
    pub users: u64,
    /// Conversations that were looked at.
    pub conversations: u64,
    /// Messages that were made.
    pub messages: u64,
    /// Messages that were here and have changed there since.
    pub changed: u64,
    /// Files that were taken along with new messages.
    pub files: u64,
    /// What stayed behind.
    pub left: LeftBehind,
}

/// How much of what there is there did not come along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LeftBehind {
    /// Users who are refused here.
    pub users: u64,
    /// Conversations that were deleted here, or whose unique name another one has.
    pub conversations: u64,
    /// Participants who are refused here.
    pub participants: u64,
    /// Messages that are refused here.
    pub messages: u64,
    /// Files: they cannot be had any more, or this server does not take them.
    pub files: u64,
    /// Roles that are not here, and people who came without theirs.
    pub roles: u64,
    /// Conversations that came without their timers, of which only tells when they are due.
    pub timers: u64,
    /// Addresses that people have besides their identity.
    pub addresses: u64,
}

/// Takes everything along that is in a service of Twilio's, or in the default one. `report` is told of the progress and may end it.
/// Blocks.
///
/// # Errors
/// Either end cannot be reached, refuses the key, or answers with what cannot be read. What was made stays, and the next run goes
/// on from there.
pub fn import_twilio(
    from: &ImportEnd,
    to: &ImportEnd,
    report: &mut dyn FnMut(&ImportProgress) -> ControlFlow<()>,
) -> Result<Imported, ImportError> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| ImportError::System(error.to_string()))?;
    runtime.block_on(async {
        let (from, to) = (Api::new(from)?, Api::new(to)?);
        let service = to.default_service().await?;
        let (roles, muted, done) = (Roles::default(), Muted::new(), Imported::default());
        let mut import = Import { from, to, service, roles, muted, report, done };
        import.run().await?;
        Ok(import.done)
    })
}

struct Import<'a> {
    from: Api,
    to: Api,
    /// The service here.
    service: String,
    roles: Roles,
    muted: Muted,
    report: &'a mut dyn FnMut(&ImportProgress) -> ControlFlow<()>,
    done: Imported,
}

impl Import<'_> {
    async fn run(&mut self) -> Result<(), ImportError> {
        self.roles().await?;
        self.users().await?;
        let mut page = Some(self.from.path("/Conversations?PageSize=50"));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<Conversation>(&url).await?;
            for row in rows {
                self.conversation(&row).await?;
            }
            page = next;
        }
        Ok(())
    }

    fn tell(&mut self, progress: &ImportProgress) -> Result<(), ImportError> {
        if (self.report)(progress).is_break() { Err(ImportError::Stopped) } else { Ok(()) }
    }

    /// Says that something stays behind.
    fn leave(&mut self, what: String, why: String) -> Result<(), ImportError> {
        self.tell(&ImportProgress::Left { what, why })
    }

    async fn conversation(&mut self, row: &Conversation) -> Result<(), ImportError> {
        self.done.conversations += 1;
        let path = format!("/Conversations/{}", row.sid);
        let Some(here) = self.found_or_made(row, &path).await? else { return Ok(()) };
        let people = self.people(row, &path).await?;
        let pairs = self.messages(row, &path).await?;
        self.horizons(&path, &people, &pairs).await?;
        // Last, because a closed conversation takes nothing more.
        self.brought_up(row, &path, &here).await
    }

    /// A conversation as it is here; none when it stays behind.
    async fn found_or_made(&mut self, row: &Conversation, path: &str) -> Result<Option<Value>, ImportError> {
        if let Some(here) = self.to.find(path).await? {
            return Ok(Some(here));
        }
        let mut form = vec![("Sid", row.sid.clone()), ("Attributes", row.attributes.clone())];
        form.extend(field("FriendlyName", &row.friendly_name));
        form.extend(field("UniqueName", &row.unique_name));
        form.extend(stamps(&row.date_created, &row.date_updated));
        let refusal = match self.to.make("/Conversations", &form).await? {
            Ok(made) => {
                self.done.left.timers +=
                    u64::from(row.timers.as_ref().is_some_and(|timers| !timers.is_empty()));
                return Ok(Some(made));
            }
            Err(refusal) => refusal,
        };
        let why = match &row.unique_name {
            Some(name) if refusal.is_taken() => {
                format!("another conversation here has its unique name {name}")
            }
            _ if refusal.is_there() => "it was deleted here".to_owned(),
            _ => refusal.message,
        };
        self.done.left.conversations += 1;
        self.leave(format!("conversation {} ({})", self.done.conversations, row.name()), why)?;
        Ok(None)
    }

    /// Puts names and state as they are there, unless they were changed here since.
    async fn brought_up(&mut self, row: &Conversation, path: &str, here: &Value) -> Result<(), ImportError> {
        let known = here["date_updated"].as_str().map(str::to_owned);
        if is_newer(&known, &row.date_updated) {
            return Ok(());
        }
        let mut form: Form = Vec::new();
        if is_newer(&row.date_updated, &known) {
            form.push(("Attributes", row.attributes.clone()));
            form.extend(field("FriendlyName", &row.friendly_name));
            form.extend(field("UniqueName", &row.unique_name));
        }
        if here["state"] != row.state.as_str() {
            form.push(("State", row.state.clone()));
        }
        if form.is_empty() {
            return Ok(());
        }
        form.extend(field("DateUpdated", &row.date_updated));
        if let Err(refusal) = self.to.make(path, &form).await?
            && !refusal.is_nothing()
        {
            self.leave(format!("names and state of {}", row.name()), refusal.message)?;
        }
        Ok(())
    }
}
