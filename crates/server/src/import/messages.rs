//! Messages with their files, and what was changed of them there since they were taken along.

use std::collections::BTreeMap;

use super::api::Refusal;
use super::row::{Conversation, File, Form, Message, Pair, field, is_newer, stamps};
use super::{Import, ImportError, ImportProgress};

/// Messages between two reports.
const REPORT: u64 = 100;

/// A message that is here.
struct Known {
    index: u64,
    date_updated: Option<String>,
}

impl Import<'_> {
    /// Posts what is not here, and gives where everything stands.
    pub(super) async fn messages(
        &mut self,
        row: &Conversation,
        path: &str,
    ) -> Result<Vec<Pair>, ImportError> {
        let mut here = self.here(path).await?;
        let (mut pairs, mut seen) = (Vec::new(), 0_u64);
        let mut page = Some(self.from.path(&format!("{path}/Messages?PageSize=100")));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<Message>(&url).await?;
            for message in rows {
                let index = match here.remove(&message.sid) {
                    Some(known) => {
                        self.changed(row, path, &message, &known).await?;
                        Some(known.index)
                    }
                    None => self.message(row, path, &message).await?,
                };
                pairs.extend(index.map(|index| (message.index, index)));
                seen += 1;
                if seen.is_multiple_of(REPORT) {
                    self.tell_messages(row, seen)?;
                }
            }
            page = next;
        }
        self.tell_messages(row, seen)?;
        Ok(pairs)
    }

    fn tell_messages(&mut self, row: &Conversation, messages: u64) -> Result<(), ImportError> {
        let (conversation, name) = (self.done.conversations, row.name());
        self.tell(&ImportProgress::Messages { conversation, name, messages })
    }

    /// Messages of a conversation that are here.
    async fn here(&self, path: &str) -> Result<BTreeMap<String, Known>, ImportError> {
        let (mut here, mut page) =
            (BTreeMap::new(), Some(self.to.path(&format!("{path}/Messages?PageSize=100"))));
        while let Some(url) = page {
            let (rows, next) = self.to.page::<Message>(&url).await?;
            let known = |row: Message| (row.sid, Known { index: row.index, date_updated: row.date_updated });
            here.extend(rows.into_iter().map(known));
            page = next;
        }
        Ok(here)
    }

    /// Changes a message that was changed there since it was changed here.
    async fn changed(
        &mut self,
        of: &Conversation,
        path: &str,
        row: &Message,
        known: &Known,
    ) -> Result<(), ImportError> {
        if !is_newer(&row.date_updated, &known.date_updated) {
            return Ok(());
        }
        let mut form = vec![("Attributes", row.attributes.clone())];
        form.extend(field("Body", &row.body));
        form.extend(field("Subject", &row.subject));
        form.extend(field("DateUpdated", &row.date_updated));
        match self.to.make(&format!("{path}/Messages/{}", row.sid), &form).await? {
            Ok(_) => self.done.changed += 1,
            // It was removed here, or its conversation closed.
            Err(refusal) if refusal.is_nothing() || refusal.is_there() => {}
            Err(refusal) => self.leave_message(of, row, refusal.message)?,
        }
        Ok(())
    }

    fn leave_message(&mut self, of: &Conversation, row: &Message, why: String) -> Result<(), ImportError> {
        self.done.left.messages += 1;
        self.leave(format!("message {} of {}", row.index, of.name()), why)
    }

    /// Posts a message, and gives its index here; none for one that was removed here, or that is refused.
    async fn message(
        &mut self,
        of: &Conversation,
        path: &str,
        row: &Message,
    ) -> Result<Option<u64>, ImportError> {
        let messages = format!("{path}/Messages");
        let files = row.media.as_deref().unwrap_or_default();
        let mut here = self.files(of, files).await?;
        let mut made = self.to.make(&messages, &form(row, &here)).await?;
        if made.as_ref().is_err_and(Refusal::is_there) && !here.is_empty() {
            // A file that is in two messages there is in one here. What is here itself stays as it is.
            here.clear();
            made = self.to.make(&messages, &form(row, &here)).await?;
        }
        match made {
            Ok(made) => {
                self.done.messages += 1;
                self.done.files += here.len() as u64;
                self.done.left.files += (files.len() - here.len()) as u64;
                Ok(made["index"].as_u64())
            }
            Err(refusal) if refusal.is_there() => Ok(None),
            Err(refusal) => self.leave_message(of, row, refusal.message).map(|()| None),
        }
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

fn form(row: &Message, files: &[String]) -> Form {
    let mut form = vec![("Sid", row.sid.clone()), ("Attributes", row.attributes.clone())];
    form.push(("Body", row.body.clone().unwrap_or_default()));
    form.extend(field("Author", &row.author));
    form.extend(field("Subject", &row.subject));
    form.extend(stamps(&row.date_created, &row.date_updated));
    form.extend(files.iter().map(|sid| ("MediaSid", sid.clone())));
    form
}
