//! What happens instead where a proof has broken a rule: see [`confab_probe`]. Nobody comes here otherwise.

use confab_probe::{Fault, is_broken};
use confab_protocol::model::MembershipStatus;
use confab_protocol::{Call, ClientId, ConversationSid, UserSid};
use uuid::Uuid;

use crate::apply::client_id_mut;
use crate::row::MembershipRow;
use crate::{DomainResult, Read, Tx};

/// Commits within which a look before the transaction may have found what is no longer true in it.
const MOMENT: u64 = 8;

/// Without deduplication: a mutation that is sent again, as if it were another one.
pub(crate) fn taken_for_another(call: &Call, tx: &mut dyn Tx) -> DomainResult<Option<Call>> {
    if !is_broken(Fault::Dedup) {
        return Ok(None);
    }
    let commit = tx.next_commit()?;
    let mut other = call.clone();
    if let Some(id) = client_id_mut(&mut other) {
        *id = ClientId(Uuid::from_u128(id.0.as_u128() ^ u128::from(commit + 1)));
    }
    Ok(Some(other))
}

/// With rights that were looked at before the transaction: the own row of someone who was in a conversation a moment ago.
pub(crate) fn in_it_a_moment_ago(
    read: &(impl Read + ?Sized),
    user: UserSid,
    conversation: ConversationSid,
) -> DomainResult<Option<MembershipRow>> {
    if !is_broken(Fault::RightsInTransaction) {
        return Ok(None);
    }
    let Some(me) = read.membership(user, conversation)? else { return Ok(None) };
    let commit = read.workspace()?.map_or(0, |row| row.commit);
    let roster = read.roster_changes(conversation, 0, 10_000)?;
    let participant = roster.iter().rfind(|row| row.user == user).map(|row| row.sid);
    let recent = me.left_at.is_some() && commit.saturating_sub(me.moved) <= MOMENT;
    Ok(Some(MembershipRow { status: MembershipStatus::Joined, participant, ..me }).filter(|_| recent))
}
