//! Participants: fetched as a whole, followed by what changes, fetched again from where something was missed.

use std::sync::Arc;

use confab_protocol::method::ParticipantListParams;
use confab_protocol::model::{self, MembershipStatus};
use confab_protocol::{ConversationSid, limits};

use super::{Hub, ask};
use crate::sdk::cells::{ConversationCell, ParticipantCell, Taken, lock};
use crate::sdk::{Error, Event, Participant, reasons};

impl Hub {
    pub(in crate::sdk) fn participant_of(
        &self,
        cell: &Arc<ConversationCell>,
        held: Arc<ParticipantCell>,
    ) -> Participant {
        Participant { hub: self.strong(), conversation: Arc::clone(cell), cell: held }
    }

    /// Fetches the roster of a conversation of ordinary size, so that changes of it can be told by what changed. Those of large
    /// ones are fetched when somebody wants them.
    pub(super) fn follow_roster(&self, cell: &Arc<ConversationCell>) {
        let people = cell.data.read(|data| data.row.participants_count);
        let wanted = people <= limits::HORIZON_PUSH_PARTICIPANTS as u64;
        if wanted || lock(&cell.roster).version.is_some() {
            self.fetch_behind(cell);
        }
    }

    /// Fetches what is missing of a roster, while everything else goes on.
    fn fetch_behind(&self, cell: &Arc<ConversationCell>) {
        if lock(&cell.roster).lacks().is_none() {
            return;
        }
        let (hub, cell) = (self.strong(), Arc::clone(cell));
        tokio::spawn(async move {
            if let Err(error) = hub.roster(&cell).await {
                tracing::debug!(%error, conversation = %cell.sid, "the roster is fetched later");
            }
        });
    }

    /// A roster as a whole, fetched as far as it is missing.
    pub(in crate::sdk) async fn roster(&self, cell: &Arc<ConversationCell>) -> Result<(), Error> {
        let _turn = cell.fetching.lock().await;
        loop {
            let lacks = lock(&cell.roster).lacks();
            match lacks {
                None => return Ok(()),
                Some(None) => self.fetch_all(cell).await?,
                Some(Some(after)) => self.fetch_changes(cell, after).await?,
            }
        }
    }

    async fn fetch_all(&self, cell: &Arc<ConversationCell>) -> Result<(), Error> {
        let (mut after, mut as_of) = (None, None);
        loop {
            let params = ParticipantListParams {
                conversation: cell.sid,
                after_version: None,
                after,
                limit: u32::try_from(limits::PARTICIPANT_PAGE).ok(),
            };
            let page = ask!(self, ParticipantList(params))?;
            // What the pages add up to is as new as the first of them.
            as_of.get_or_insert(page.as_of);
            self.take_rows(cell, &page.participants);
            match page.participants.last() {
                Some(last) if page.more => after = Some(last.sid),
                _ => break,
            }
        }
        lock(&cell.roster).version = as_of;
        Ok(())
    }

    async fn fetch_changes(&self, cell: &Arc<ConversationCell>, after: u64) -> Result<(), Error> {
        let params = ParticipantListParams {
            conversation: cell.sid,
            after_version: Some(after),
            after: None,
            limit: u32::try_from(limits::PARTICIPANT_PAGE).ok(),
        };
        let heard = lock_heard(cell);
        let page = ask!(self, ParticipantList(params))?;
        self.take_rows(cell, &page.participants);
        let last = page.participants.iter().map(|row| row.version).max();
        let reached = last.filter(|_| page.more).unwrap_or(page.as_of);
        let mut roster = lock(&cell.roster);
        roster.version = roster.version.map(|version| version.max(reached));
        if roster.heard == heard && !page.more {
            // A server that has less than it said would be asked without end.
            roster.heard = reached;
        }
        Ok(())
    }

    /// Takes rows, and tells what of them has changed.
    pub(in crate::sdk) fn take_rows(&self, cell: &Arc<ConversationCell>, rows: &[model::Participant]) {
        for row in rows {
            let taken = lock(&cell.roster).take(row);
            let Taken::Changed(held, before) = taken else { continue };
            // That somebody left is told by the log.
            let stayed = row.status == MembershipStatus::Joined;
            let reasons = reasons::of_participant(&before, row);
            if stayed && !reasons.is_empty() {
                let participant = self.participant_of(cell, held);
                self.tell(Event::ParticipantUpdated { participant, reasons });
            }
        }
    }

    /// Rows of a roster were told.
    pub(super) fn roster_told(
        &self,
        conversation: ConversationSid,
        from: u64,
        to: u64,
        rows: &[model::Participant],
    ) {
        let Some(cell) = lock(&self.state).joined.get(&conversation).cloned() else { return };
        self.take_rows(&cell, rows);
        {
            let mut roster = lock(&cell.roster);
            roster.heard = roster.heard.max(to);
            if let Some(version) = roster.version.as_mut().filter(|version| **version >= from) {
                *version = (*version).max(to);
            }
        }
        self.fetch_if_behind(&cell);
    }

    /// A roster stands at this version: what of it was missed is fetched.
    pub(super) fn roster_at(&self, conversation: ConversationSid, version: u64) {
        let Some(cell) = lock(&self.state).joined.get(&conversation).cloned() else { return };
        {
            let mut roster = lock(&cell.roster);
            roster.heard = roster.heard.max(version);
        }
        self.fetch_if_behind(&cell);
    }

    fn fetch_if_behind(&self, cell: &Arc<ConversationCell>) {
        let known = lock(&cell.roster).version.is_some();
        if known && self.is_ready() {
            self.fetch_behind(cell);
        }
    }

    /// Somebody began to type, or stopped. Of a conversation whose roster is not known it is fetched first.
    pub(super) fn types(&self, conversation: ConversationSid, identity: String, typing: bool) {
        let Some(cell) = lock(&self.state).joined.get(&conversation).cloned() else { return };
        let held = {
            let mut roster = lock(&cell.roster);
            let was = if typing {
                !roster.typists.insert(identity.clone())
            } else {
                roster.typists.remove(&identity)
            };
            if !typing && !was {
                return;
            }
            roster.by_identity(&identity)
        };
        if let Some(held) = held {
            return self.tell_typing(&cell, held, typing);
        }
        let hub = self.strong();
        tokio::spawn(async move {
            let fetched = hub.roster(&cell).await;
            let held = lock(&cell.roster).by_identity(&identity);
            if let (Ok(()), Some(held)) = (fetched, held) {
                hub.tell_typing(&cell, held, typing);
            }
        });
    }

    fn tell_typing(&self, cell: &Arc<ConversationCell>, held: Arc<ParticipantCell>, typing: bool) {
        let participant = self.participant_of(cell, held);
        self.tell(match typing {
            true => Event::TypingStarted(participant),
            false => Event::TypingEnded(participant),
        });
    }
}

fn lock_heard(cell: &Arc<ConversationCell>) -> u64 {
    lock(&cell.roster).heard
}
