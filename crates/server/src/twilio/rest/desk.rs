//! The writing transaction of a request: everything goes through the same commands as the native protocol's.

use confab_domain::account::{SYSTEM, system_user};
use confab_domain::row::{ConversationRow, UserRow};
use confab_domain::store::StoreError;
use confab_domain::{Actor, DomainResult, Event, Ids, Tx, Warrant, apply_with};
use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, ParticipantSid, Timestamp};

use crate::twilio::defaults::{admitted, seated};

/// What a request works with.
pub(super) struct Desk<'a> {
    pub(super) tx: &'a mut dyn Tx,
    pub(super) now: Timestamp,
    pub(super) ids: &'a mut dyn Ids,
    /// What there is to tell.
    pub(super) events: Vec<Event>,
}

impl Desk<'_> {
    /// Whoever acts when the request names nobody.
    pub(super) fn system(&mut self) -> DomainResult<Actor> {
        let row = system_user(self.now, self.tx)?;
        Ok(self.actor(&row))
    }

    /// Whoever acts in the name of an identity. One that nobody has yet becomes a user.
    pub(super) fn acting(&mut self, identity: &str) -> DomainResult<Actor> {
        if identity == SYSTEM {
            return self.system();
        }
        let row = self.user(identity)?;
        Ok(self.actor(&row))
    }

    /// The user of an identity, made when there is none.
    pub(super) fn user(&mut self, identity: &str) -> DomainResult<UserRow> {
        let (row, events) = admitted(identity, self.now, self.ids, self.tx)?;
        if row.deactivated {
            return Err(ErrorCode::Deactivated.into());
        }
        self.events.extend(events);
        Ok(row)
    }

    /// Gives somebody who has just been added the role that the service gives.
    pub(super) fn seat(
        &mut self,
        conversation: ConversationSid,
        participant: ParticipantSid,
    ) -> DomainResult<()> {
        let told = seated(conversation, participant, self.now, self.ids, self.tx)?;
        self.events.extend(told);
        Ok(())
    }

    fn actor(&self, row: &UserRow) -> Actor {
        let (user, identity, role) = (row.sid, row.identity.clone(), row.role);
        Actor { workspace: self.tx.scope(), user, identity, role, device: None }
    }

    /// Carries out a mutation, and keeps what there is to tell.
    pub(super) fn apply(&mut self, actor: &Actor, warrant: &Warrant, call: &Call) -> DomainResult<Answer> {
        let outcome = apply_with(actor, warrant, call, self.now, self.ids, self.tx)?;
        self.events.extend(outcome.events);
        Ok(outcome.answer)
    }

    /// The same by nobody in particular, with every right.
    pub(super) fn apply_all(&mut self, call: &Call) -> DomainResult<Answer> {
        let system = self.system()?;
        self.apply(&system, &everything(), call)
    }

    /// A conversation that must be there.
    pub(super) fn conversation(&self, sid: ConversationSid) -> DomainResult<ConversationRow> {
        let row = self.tx.conversation(sid)?;
        Ok(row.ok_or_else(|| StoreError::Corrupt(format!("no conversation {sid}")))?)
    }
}

/// Every right in every conversation.
pub(super) fn everything() -> Warrant {
    Warrant { everything: true, stays_out: true, ..Warrant::default() }
}
