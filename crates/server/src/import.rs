//! Taking conversations along from Twilio: read through its REST API, made anew through this server's, under the identifiers and
//! dates that they had. What is there already is not made twice, so that it goes on where it broke off.

mod api;
mod row;

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use api::Api;
pub use api::{ImportEnd, ImportError};
use row::{Conversation, File, Message, Participant, User, index_in, stamps};

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
    /// Files that were taken along with them.
    pub files: u64,
    /// Files that stayed behind: they cannot be had any more, or this server does not take them.
    pub files_left: u64,
    /// Participants at telephones and e-mail, who stayed behind.
    pub addresses_left: u64,
}

/// Messages between two reports.
const REPORT: u64 = 100;

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
        let mut import = Import { from, to, service, report, done: Imported::default() };
        import.run().await?;
        Ok(import.done)
    })
}

struct Import<'a> {
    from: Api,
    to: Api,
    /// The service here.
    service: String,
    report: &'a mut dyn FnMut(&ImportProgress) -> ControlFlow<()>,
    done: Imported,
}

impl Import<'_> {
    async fn run(&mut self) -> Result<(), ImportError> {
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

    async fn users(&mut self) -> Result<(), ImportError> {
        let (mut seen, mut page) = (0, Some(self.from.path("/Users?PageSize=50")));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<User>(&url).await?;
            for row in rows {
                seen += 1;
                let mut form = vec![("Identity", row.identity), ("Attributes", row.attributes)];
                form.extend(row.friendly_name.map(|name| ("FriendlyName", name)));
                if self.to.make("/Users", &form).await? {
                    self.done.users += 1;
                }
            }
            self.tell(&ImportProgress::Users(seen))?;
            page = next;
        }
        Ok(())
    }

    async fn conversation(&mut self, row: &Conversation) -> Result<(), ImportError> {
        self.done.conversations += 1;
        let path = format!("/Conversations/{}", row.sid);
        if self.to.find(&path).await?.is_none() {
            let mut form = vec![("Sid", row.sid.clone()), ("Attributes", row.attributes.clone())];
            form.extend(row.friendly_name.clone().map(|name| ("FriendlyName", name)));
            form.extend(row.unique_name.clone().map(|name| ("UniqueName", name)));
            form.extend(stamps(&row.date_created, &row.date_updated));
            self.to.make("/Conversations", &form).await?;
        }
        let people = self.people(&path).await?;
        let indexes = self.messages(row, &path).await?;
        for (sid, horizon) in people {
            if let Some(index) = index_in(&indexes, horizon) {
                let form = [("LastReadMessageIndex", index.to_string())];
                self.to.change(&format!("{path}/Participants/{sid}"), &form).await?;
            }
        }
        if row.state != "active" {
            // Last, because a closed conversation takes nothing more; one that was closed by an earlier run stays so.
            self.to.change(&path, &[("State", row.state.clone())]).await?;
        }
        Ok(())
    }

    /// Adds those who are in it, and gives how far each of them has read.
    async fn people(&mut self, path: &str) -> Result<Vec<(String, u64)>, ImportError> {
        let (mut horizons, mut page) =
            (Vec::new(), Some(self.from.path(&format!("{path}/Participants?PageSize=50"))));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<Participant>(&url).await?;
            for row in rows {
                let Some(identity) = row.identity else {
                    self.done.addresses_left += 1;
                    continue;
                };
                let mut form =
                    vec![("Sid", row.sid.clone()), ("Identity", identity), ("Attributes", row.attributes)];
                form.extend(stamps(&row.date_created, &row.date_updated));
                self.to.make(&format!("{path}/Participants"), &form).await?;
                horizons.extend(row.last_read_message_index.map(|index| (row.sid, index)));
            }
            page = next;
        }
        Ok(horizons)
    }

    /// Posts what is not here, and gives the indexes that the messages had.
    async fn messages(&mut self, row: &Conversation, path: &str) -> Result<Vec<u64>, ImportError> {
        let mut here = self.here(path).await?;
        let (mut indexes, mut page) =
            (Vec::new(), Some(self.from.path(&format!("{path}/Messages?PageSize=100"))));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<Message>(&url).await?;
            for message in rows {
                indexes.push(message.index);
                if !here.remove(&message.sid) {
                    self.message(row, path, &message).await?;
                }
                let count = indexes.len() as u64;
                if count.is_multiple_of(REPORT) {
                    self.tell_messages(row, count)?;
                }
            }
            page = next;
        }
        self.tell_messages(row, indexes.len() as u64)?;
        Ok(indexes)
    }

    fn tell_messages(&mut self, row: &Conversation, messages: u64) -> Result<(), ImportError> {
        let name = row.friendly_name.clone().unwrap_or_else(|| row.sid.clone());
        self.tell(&ImportProgress::Messages { conversation: self.done.conversations, name, messages })
    }

    /// Messages of a conversation that an earlier run has made.
    async fn here(&self, path: &str) -> Result<BTreeSet<String>, ImportError> {
        let (mut here, mut page) =
            (BTreeSet::new(), Some(self.to.path(&format!("{path}/Messages?PageSize=100"))));
        while let Some(url) = page {
            let (rows, next) = self.to.page::<Message>(&url).await?;
            here.extend(rows.into_iter().map(|row| row.sid));
            page = next;
        }
        Ok(here)
    }

    async fn message(&mut self, of: &Conversation, path: &str, row: &Message) -> Result<(), ImportError> {
        let mut form = vec![("Sid", row.sid.clone()), ("Attributes", row.attributes.clone())];
        form.push(("Body", row.body.clone().unwrap_or_default()));
        form.extend(row.author.clone().map(|author| ("Author", author)));
        form.extend(stamps(&row.date_created, &row.date_updated));
        let files = row.media.as_deref().unwrap_or_default();
        let mut here = self.files(of, files).await?;
        form.extend(here.iter().map(|sid| ("MediaSid", sid.clone())));
        let messages = format!("{path}/Messages");
        let mut is_made = self.to.make(&messages, &form).await?;
        if !is_made && !here.is_empty() && self.to.find(&format!("{messages}/{}", row.sid)).await?.is_none() {
            // A file that is in two messages there is in one here.
            here.clear();
            form.retain(|(name, _)| *name != "MediaSid");
            is_made = self.to.make(&messages, &form).await?;
        }
        self.done.messages += u64::from(is_made);
        self.done.files += here.len() as u64;
        self.done.files_left += (files.len() - here.len()) as u64;
        Ok(())
    }

    /// Takes files along, and gives those that are here.
    async fn files(&mut self, of: &Conversation, files: &[File]) -> Result<Vec<String>, ImportError> {
        let mut here = Vec::new();
        let Some(there) = &of.chat_service_sid else { return Ok(here) };
        for file in files {
            if self.from.hand_on(there, file, &self.to, &self.service).await? {
                here.push(file.sid.clone());
            }
        }
        Ok(here)
    }
}
