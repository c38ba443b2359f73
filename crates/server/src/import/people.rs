//! Users and participants, and how far they have read.

use std::collections::{BTreeMap, BTreeSet};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};

use super::api::Refusal;
use super::row::{Conversation, Form, Own, Pair, Participant, User, field, index_here, is_newer, stamps};
use super::{Import, ImportError, ImportProgress};

/// Who has muted what: identity, and SID of the conversation.
pub(super) type Muted = BTreeSet<(String, String)>;

impl Import<'_> {
    pub(super) async fn users(&mut self) -> Result<(), ImportError> {
        let (mut seen, mut page) = (0, Some(self.from.path("/Users?PageSize=50")));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<User>(&url).await?;
            for row in rows {
                seen += 1;
                self.user(row).await?;
            }
            self.tell(&ImportProgress::Users(seen))?;
            page = next;
        }
        Ok(())
    }

    async fn user(&mut self, row: User) -> Result<(), ImportError> {
        self.mutes(&row).await?;
        // Whoever was let go here stays so.
        let mut form = vec![("Reactivate", "false".to_owned()), ("Attributes", row.attributes)];
        form.extend([("Identity", row.identity.clone())]);
        form.extend(field("FriendlyName", &row.friendly_name));
        match self.made("/Users", form, self.roles.here(&row.role_sid)).await? {
            Ok(_) => self.done.users += 1,
            Err(refusal) if refusal.is_there() => {}
            Err(refusal) => {
                self.done.left.users += 1;
                self.leave(format!("user {}", row.identity), refusal.message)?;
            }
        }
        Ok(())
    }

    /// What a user has muted.
    async fn mutes(&mut self, row: &User) -> Result<(), ImportError> {
        let path = format!("/Users/{}/Conversations?PageSize=50", row.sid);
        let mut page = Some(self.from.path(&path));
        while let Some(url) = page {
            let (rows, next) = self.from.page::<Own>(&url).await?;
            let muted = rows.into_iter().filter(|own| own.notification_level.as_deref() == Some("muted"));
            self.muted.extend(muted.map(|own| (row.identity.clone(), own.conversation_sid)));
            page = next;
        }
        Ok(())
    }

    /// Makes something with a role, or without it where that cannot be given.
    async fn made(
        &mut self,
        path: &str,
        mut form: Form,
        role: Option<(&'static str, String)>,
    ) -> Result<Result<serde_json::Value, Refusal>, ImportError> {
        let Some(role) = role else { return self.to.make(path, &form).await };
        form.push(role);
        match self.to.make(path, &form).await? {
            Err(refusal) if !refusal.is_there() => {
                form.pop();
                let made = self.to.make(path, &form).await?;
                self.done.left.roles += u64::from(made.is_ok());
                Ok(made)
            }
            made => Ok(made),
        }
    }

    /// Adds those who are in a conversation, and gives them as they are there.
    pub(super) async fn people(
        &mut self,
        of: &Conversation,
        path: &str,
    ) -> Result<Vec<Participant>, ImportError> {
        let rows = self.from.all::<Participant>(&format!("{path}/Participants")).await?;
        for row in &rows {
            match (&row.identity, row.messaging_binding.clone()) {
                (Some(identity), binding) => {
                    let projected = binding.and_then(|binding| binding.projected_address);
                    self.done.left.addresses += u64::from(projected.is_some());
                    self.participant(of, path, row, identity).await?;
                }
                (None, Some(binding)) => {
                    let mut form: Form = Vec::new();
                    form.extend(field("MessagingBinding.Address", &binding.address));
                    form.extend(field("MessagingBinding.ProxyAddress", &binding.proxy_address));
                    // The conversation is not to seem changed behind what it was there.
                    let is_behind = is_newer(&row.date_updated, &of.date_updated);
                    let updated = if is_behind { &of.date_updated } else { &row.date_updated };
                    form.extend(stamps(&row.date_created, updated));
                    self.seat(of, path, row, form).await?;
                }
                (None, None) => self.done.left.participants += 1,
            }
        }
        Ok(rows)
    }

    async fn participant(
        &mut self,
        of: &Conversation,
        path: &str,
        row: &Participant,
        identity: &str,
    ) -> Result<(), ImportError> {
        let mut form = vec![("Identity", identity.to_owned())];
        form.extend(stamps(&row.date_created, &row.date_updated));
        let is_made = self.seat(of, path, row, form).await?;
        if is_made && self.muted.contains(&(identity.to_owned(), of.sid.clone())) {
            let name = utf8_percent_encode(identity, NON_ALPHANUMERIC);
            let own = format!("/Users/{name}/Conversations/{}", of.sid);
            let muted = [("NotificationLevel", "muted".to_owned())];
            // Whoever has left meanwhile is not called.
            let _ = self.to.make(&own, &muted).await?;
        }
        Ok(())
    }

    /// Adds somebody in whichever way. Gives whether they were not in it before.
    async fn seat(
        &mut self,
        of: &Conversation,
        path: &str,
        row: &Participant,
        mut form: Form,
    ) -> Result<bool, ImportError> {
        form.extend([("Sid", row.sid.clone()), ("Attributes", row.attributes.clone())]);
        let role = self.roles.here(&row.role_sid).filter(|_| row.identity.is_some());
        match self.made(&format!("{path}/Participants"), form, role).await? {
            Ok(_) => return Ok(true),
            Err(refusal) if refusal.is_there() => {}
            Err(refusal) => {
                self.done.left.participants += 1;
                let who = row.identity.as_ref().unwrap_or(&row.sid);
                self.leave(format!("{who} in {}", of.name()), refusal.message)?;
            }
        }
        Ok(false)
    }

    /// Puts read horizons forward to where they are there. Where somebody has read, or marked as unread, here since, it stays.
    pub(super) async fn horizons(
        &mut self,
        path: &str,
        there: &[Participant],
        pairs: &[Pair],
    ) -> Result<(), ImportError> {
        let people = format!("{path}/Participants");
        let here = self.to.all::<Participant>(&people).await?;
        let here: BTreeMap<&String, &Participant> = here.iter().map(|row| (&row.sid, row)).collect();
        for row in there {
            let (Some(index), Some(known)) = (row.last_read_message_index, here.get(&row.sid)) else {
                continue;
            };
            let Some(index) = index_here(pairs, index) else { continue };
            let is_further = known.last_read_message_index.is_none_or(|known| known < index);
            let is_old = is_newer(&known.last_read_timestamp, &row.last_read_timestamp);
            if is_further && !is_old {
                let mut form = vec![("LastReadMessageIndex", index.to_string())];
                form.extend(field("LastReadTimestamp", &row.last_read_timestamp));
                // Whoever has left meanwhile has nothing to read.
                let _ = self.to.make(&format!("{people}/{}", row.sid), &form).await?;
            }
        }
        Ok(())
    }
}
