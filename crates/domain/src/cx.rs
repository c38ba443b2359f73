//! What every mutation works with: who, when, the transaction, and the events that come of it.

use confab_probe::{Fault, is_broken};
use confab_protocol::model::{ConversationState, Draft, Setting, User};
use confab_protocol::{
    Answer, Change, ClientId, ConversationSid, DeviceSid, ErrorCode, Timestamp, UserSid, WireError,
};
use uuid::Uuid;

use crate::derived::{self, Made};
use crate::log::Hand;
use crate::permission::{self, Permission, Permissions};
use crate::row::{
    AuditAction, AuditRow, ConversationRow, DraftRow, EventKind, Hash, Json, MembershipRow, ParticipantRow,
    SettingRow, UserRow,
};
use crate::store::{Read, StoreError};
use crate::visible::{Visible, visible};
use crate::warrant::{Warrant, in_any};
use crate::{Actor, DomainResult, Event, Ids, NonChatChange, Tx, broken, view};

/// A mutation on its way.
pub(crate) struct Cx<'a> {
    /// Who.
    pub(crate) actor: &'a Actor,
    /// What is let through beside the ordinary rules.
    pub(crate) warrant: &'a Warrant,
    /// When.
    pub(crate) now: Timestamp,
    /// The id under which it is applied once: what it makes is named after it, see [`crate::derived`].
    pub(crate) client_id: ClientId,
    /// Secrets.
    pub(crate) ids: &'a mut dyn Ids,
    /// The writing transaction.
    pub(crate) tx: &'a mut dyn Tx,
    /// Hash of method and parameters.
    pub(crate) payload_hash: Hash,
    /// Number of this mutation in the workspace.
    pub(crate) commit: u64,
    /// What to tell, in order.
    pub(crate) events: Vec<Event>,
    /// How many things it has made so far.
    pub(crate) made: u32,
}

/// An applied command: its answer, and what it made or changed, from which the answer to a repetition is read.
pub(crate) struct Done {
    /// The result.
    pub(crate) answer: Answer,
    /// What to read the answer from when the same is sent again.
    pub(crate) subject: Uuid,
}

/// A conversation and the actor's place in it.
pub(crate) struct Member {
    /// The conversation.
    pub(crate) conversation: ConversationRow,
    /// The actor's own row; always joined.
    pub(crate) me: MembershipRow,
    /// What the actor may do in it.
    pub(crate) may: Permissions,
    /// Sees all of it, whenever they were in it.
    pub(crate) sees_all: bool,
}

/// The actor's place in a conversation. To anybody who is not in it there is no such conversation.
///
/// # Errors
/// `not_found`.
pub(crate) fn member(
    read: &(impl Read + ?Sized),
    user: UserSid,
    conversation: ConversationSid,
) -> DomainResult<Member> {
    let unknown = || WireError::not_found("conversation");
    let me = read.membership(user, conversation)?.filter(MembershipRow::is_joined);
    let me = match me {
        Some(me) => me,
        None => broken::in_it_a_moment_ago(read, user, conversation)?.ok_or_else(unknown)?,
    };
    let conversation = read.conversation(conversation)?.ok_or_else(unknown)?;
    let may = permission::in_conversation(read, &me)?;
    Ok(Member { conversation, me, may, sees_all: false })
}

/// Refuses changes of a closed conversation.
pub(crate) fn open(conversation: &ConversationRow) -> Result<(), WireError> {
    match conversation.state {
        ConversationState::Closed => Err(ErrorCode::ConversationClosed.into()),
        ConversationState::Active | ConversationState::Inactive | ConversationState::Unknown => Ok(()),
    }
}

/// The refusal of what a conversation of two people never does or is.
pub(crate) fn direct(rule: &str) -> WireError {
    WireError::new(ErrorCode::DirectConversation).with("rule", rule)
}

/// The refusal of one too many.
pub(crate) fn limit_reached(what: &str, limit: u64) -> WireError {
    WireError::new(ErrorCode::LimitReached).with("what", what).with("limit", limit)
}

/// The row of a user who must be there, because another row says so.
pub(crate) fn user_row(read: &(impl Read + ?Sized), user: UserSid) -> DomainResult<UserRow> {
    Ok(read.user(user)?.ok_or_else(|| StoreError::Corrupt(format!("no user {user}")))?)
}

/// Writes the row of a user whose profile changed, as its next version. Gives the profile as it is told.
pub(crate) fn write_profile(tx: &mut dyn Tx, row: &mut UserRow, commit: u64) -> DomainResult<User> {
    (row.version, row.moved) = (row.version + 1, commit);
    tx.update_user(row)?;
    Ok(view::user(row)?)
}

impl Member {
    /// Checks a permission in this conversation.
    pub(crate) fn authorise(&self, permission: Permission) -> Result<(), WireError> {
        if is_broken(Fault::Permission) {
            return Ok(());
        }
        self.may.require(permission)
    }

    /// Refuses what would make another conversation of one of two people.
    pub(crate) fn not_direct(&self, rule: &str) -> Result<(), WireError> {
        if !self.conversation.direct {
            return Ok(());
        }
        Err(direct(rule))
    }

    /// Refuses changes of a closed conversation.
    pub(crate) fn open(&self) -> Result<(), WireError> {
        open(&self.conversation)
    }

    /// What the actor may see of it.
    pub(crate) fn visible(&self, read: &(impl Read + ?Sized)) -> DomainResult<Visible> {
        if self.sees_all {
            return Ok(Visible::whole(&self.conversation));
        }
        Ok(visible(read, Some(&self.me), &self.conversation)?)
    }
}

impl<'a> Cx<'a> {
    /// The identifier of the next thing that this mutation makes.
    pub(crate) fn name(&mut self, what: Made) -> Uuid {
        let place = self.made;
        self.made += 1;
        if let (0, Some(given)) = (place, self.warrant.sid) {
            return given;
        }
        derived::made_by(self.actor.workspace, self.actor.user, self.client_id, what, place)
    }

    /// The actor's place in a conversation.
    pub(crate) fn member(&self, conversation: ConversationSid) -> DomainResult<Member> {
        if self.warrant.everything {
            return in_any(self.tx, self.actor.user, conversation);
        }
        member(self.tx, self.actor.user, conversation)
    }

    /// When what is made here was made.
    pub(crate) fn created(&self) -> Timestamp {
        self.warrant.created.unwrap_or(self.now)
    }

    /// When what is made or changed here last changed: when this happened.
    pub(crate) fn updated(&self) -> Timestamp {
        self.warrant.updated.or(self.warrant.created).unwrap_or(self.now)
    }

    /// The actor's row, read now, when the role in the workspace allows this.
    pub(crate) fn workspace_user(&self, permission: Permission) -> DomainResult<UserRow> {
        let user = user_row(self.tx, self.actor.user)?;
        if !self.warrant.everything && !is_broken(Fault::Permission) {
            permission::in_workspace(self.tx, &user)?.require(permission)?;
        }
        Ok(user)
    }

    /// Takes the next place in the log. The row of the conversation has still to be written.
    pub(crate) fn append(
        &mut self,
        conversation: &mut ConversationRow,
        kind: EventKind,
        subject: Uuid,
        changed: &[&str],
    ) -> DomainResult<u64> {
        let hand = self.hand();
        hand.append(self.tx, conversation, kind, subject, changed)
    }

    /// Who does this, and when.
    fn hand(&self) -> Hand<'a> {
        let (at, device, commit) = (self.updated(), self.actor.device, self.commit);
        Hand { at, actor: Some(&self.actor.identity), device, commit }
    }

    /// Tells of the event that was appended last.
    pub(crate) fn tell(
        &mut self,
        conversation: &ConversationRow,
        changed: &[&str],
        change: Change,
        to: Audience,
    ) {
        let event = self.hand().event(conversation, changed, change);
        let Audience { joined, left, only } = to;
        self.events.push(Event::Log { event: Box::new(event), joined, left, only });
    }

    /// Takes the next version of the roster. The row of the conversation has still to be written.
    pub(crate) fn next_roster_version(&self, conversation: &mut ConversationRow) -> u64 {
        conversation.head.roster_version += 1;
        conversation.head.moved = self.commit;
        conversation.head.roster_version
    }

    /// Tells of one row of a roster that changed without an event of the log.
    pub(crate) fn tell_roster(
        &mut self,
        conversation: &ConversationRow,
        row: &ParticipantRow,
    ) -> DomainResult<()> {
        self.events.push(Event::Roster {
            conversation: conversation.sid,
            from: row.version - 1,
            to: row.version,
            rows: vec![view::participant(row)?],
            participants_count: conversation.head.participants_count,
        });
        Ok(())
    }

    /// Tells that a roster has moved to this version by something that is no row of its participants.
    pub(crate) fn tell_roster_moved(&mut self, conversation: &ConversationRow, to: u64) {
        self.events.push(Event::Roster {
            conversation: conversation.sid,
            from: to - 1,
            to,
            rows: Vec::new(),
            participants_count: conversation.head.participants_count,
        });
    }

    /// Tells what became of somebody who takes part by other means.
    pub(crate) fn tell_non_chat(&mut self, conversation: ConversationSid, change: NonChatChange) {
        self.events.push(Event::NonChat { conversation, actor: self.actor.identity.clone(), change });
    }

    /// Writes a user's own row under the user's next state version, with the user.
    pub(crate) fn put_membership(&mut self, user: &mut UserRow, row: &mut MembershipRow) -> DomainResult<()> {
        self.moves_state(user);
        row.version = user.state_version;
        row.moved = self.commit;
        self.tx.update_user(user)?;
        self.tx.put_membership(row)?;
        Ok(())
    }

    /// Tells a user of an own row that was put. The conversation must be written by now: the counts are read.
    pub(crate) fn tell_state(
        &mut self,
        row: &MembershipRow,
        conversation: &ConversationRow,
    ) -> DomainResult<confab_protocol::model::UserConversation> {
        let own = view::own_row(self.tx, row, conversation)?;
        let (from, to) = (row.version - 1, row.version);
        let (rows, drafts, settings) = (vec![own.clone()], Vec::new(), Vec::new());
        self.events.push(Event::State { user: row.user, from, to, rows, drafts, settings });
        Ok(own)
    }

    /// Writes a draft of the actor's under their next state version, and tells them of it.
    pub(crate) fn put_draft(&mut self, conversation: ConversationSid, body: String) -> DomainResult<Draft> {
        let (user, version) = self.next_state_version()?;
        let row = DraftRow { user, conversation, body, version, moved: self.commit };
        self.tx.put_draft(&row)?;
        let draft = view::draft(&row);
        self.tell_own(user, version, vec![draft.clone()], Vec::new());
        Ok(draft)
    }

    /// Writes a setting of the actor's under their next state version, and tells them of it.
    pub(crate) fn put_setting(&mut self, key: String, value: Option<Json>) -> DomainResult<Setting> {
        let (user, version) = self.next_state_version()?;
        let row = SettingRow { user, key, value, version, moved: self.commit };
        self.tx.put_setting(&row)?;
        let setting = view::setting(&row)?;
        self.tell_own(user, version, Vec::new(), vec![setting.clone()]);
        Ok(setting)
    }

    /// Takes the user's next state version. The row of the user has still to be written.
    fn moves_state(&self, user: &mut UserRow) {
        user.state_version += 1;
        user.moved = self.commit;
    }

    fn next_state_version(&mut self) -> DomainResult<(UserSid, u64)> {
        let mut user = user_row(self.tx, self.actor.user)?;
        self.moves_state(&mut user);
        self.tx.update_user(&user)?;
        Ok((user.sid, user.state_version))
    }

    fn tell_own(&mut self, user: UserSid, version: u64, drafts: Vec<Draft>, settings: Vec<Setting>) {
        let (from, to, rows) = (version - 1, version, Vec::new());
        self.events.push(Event::State { user, from, to, rows, drafts, settings });
    }

    /// Adds a line to the audit table.
    pub(crate) fn audit(&mut self, action: AuditAction, subject: String) -> DomainResult<()> {
        let (actor, device): (UserSid, Option<DeviceSid>) = (self.actor.user, self.actor.device);
        self.tx.insert_audit(&AuditRow { at: self.now, actor: Some(actor), device, action, subject })?;
        Ok(())
    }
}

/// Who is told of an event: those in the conversation, with these changes.
#[derive(Debug, Default)]
pub(crate) struct Audience {
    /// In it from this event on.
    pub(crate) joined: Option<UserSid>,
    /// Not in it after this event.
    pub(crate) left: Option<UserSid>,
    /// Nobody but these.
    pub(crate) only: Option<Vec<UserSid>>,
}
