//! Those who take part by other means, found by their identifier.

use confab_protocol::{ConversationSid, ParticipantSid, limits};

use crate::row::NonChatRow;
use crate::store::{Read, StoreResult};

/// The record of this identifier, also when it was removed since.
///
/// # Errors
/// Failures of the store.
pub fn ever(
    read: &(impl Read + ?Sized),
    conversation: ConversationSid,
    sid: ParticipantSid,
) -> StoreResult<Option<NonChatRow>> {
    let present = read.non_chat(conversation, limits::NON_CHAT_PARTICIPANTS)?;
    let mut found = present.into_iter().find(|row| row.sid == sid);
    let mut after = 0;
    while found.is_none() {
        let rows = read.non_chat_changes(conversation, after, limits::NON_CHAT_PARTICIPANTS)?;
        let Some(last) = rows.last() else { break };
        after = last.version;
        found = rows.into_iter().find(|row| row.sid == sid);
    }
    Ok(found)
}
