//! What the three commands on participants share: finding a row, writing it, answering a repetition.

use confab_protocol::model::Participant;
use confab_protocol::{ConversationSid, ParticipantSid, WireError};
use uuid::Uuid;

use crate::cx::Cx;
use crate::row::{ConversationRow, ParticipantRow};
use crate::{Actor, DomainResult, Read, Tx, name, view};

/// Someone who is in the conversation now.
///
/// # Errors
/// `not_found`.
pub(super) fn present(
    read: &(impl Read + ?Sized),
    conversation: ConversationSid,
    participant: Option<ParticipantSid>,
) -> DomainResult<ParticipantRow> {
    let row = match participant {
        Some(sid) => read.participant(conversation, sid)?,
        None => None,
    };
    let present = row.filter(|row| row.status == confab_protocol::model::MembershipStatus::Joined);
    Ok(present.ok_or_else(|| WireError::not_found("participant"))?)
}

/// The same by SID or by identity.
///
/// # Errors
/// `not_found`.
pub(super) fn named(
    read: &(impl Read + ?Sized),
    conversation: ConversationSid,
    participant: Option<ParticipantSid>,
    identity: Option<&str>,
) -> DomainResult<ParticipantRow> {
    let Some(identity) = identity else { return present(read, conversation, participant) };
    let participant = match read.user_by_key(&name::identity_key(identity))? {
        Some(user) => read.membership(user.sid, conversation)?.and_then(|row| row.participant),
        None => None,
    };
    present(read, conversation, participant)
}

/// That a participant is named in one way and no other.
pub(super) fn check_named(
    participant: Option<ParticipantSid>,
    identity: Option<&str>,
) -> Result<(), WireError> {
    if participant.is_some() == identity.is_some() {
        return Err(WireError::invalid("participant", "name either participant or identity"));
    }
    Ok(())
}

/// Writes a changed row under the next version of the roster.
pub(super) fn write(
    cx: &mut Cx<'_>,
    conversation: &mut ConversationRow,
    row: &mut ParticipantRow,
) -> DomainResult<()> {
    row.version = cx.next_roster_version(conversation);
    row.date_updated = cx.updated();
    cx.tx.update_participant(row)?;
    Ok(())
}

/// The row that an applied command changed. Whoever is no longer in the conversation gets only what says that it was done.
pub(super) fn replayed(
    actor: &Actor,
    conversation: ConversationSid,
    subject: Uuid,
    tx: &dyn Tx,
) -> DomainResult<Participant> {
    let row = tx.participant(conversation, ParticipantSid(subject))?;
    let mut row = row.ok_or_else(|| WireError::not_found("participant"))?;
    let me = tx.membership(actor.user, conversation)?;
    if !me.is_some_and(|me| me.is_joined()) {
        row.attributes = "{}".to_owned();
        (row.horizon, row.horizon_seq, row.horizon_at) = (None, 0, None);
    }
    Ok(view::participant(&row)?)
}
