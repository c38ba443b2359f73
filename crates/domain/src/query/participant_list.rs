//! `participant.list`: the roster in pages, or what changed after a version.

use confab_protocol::method::{ParticipantListParams, ParticipantListResult};
use confab_protocol::{Answer, WireError, limits};

use crate::cx::member;
use crate::{Actor, DomainResult, Read, check, view};

pub(crate) fn answer(actor: &Actor, params: &ParticipantListParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::PARTICIPANT_PAGE, limits::PARTICIPANT_PAGE)?;
    let conversation = member(read, actor.user, params.conversation)?.conversation;
    let mut rows = match (params.after_version, params.after) {
        (Some(version), None) => read.roster_changes(conversation.sid, version, limit + 1)?,
        (None, after) => read.participants(conversation.sid, after, limit + 1)?,
        (Some(_), Some(_)) => {
            return Err(WireError::invalid("after", "go on after the last version instead").into());
        }
    };
    let more = rows.len() > limit;
    rows.truncate(limit);
    let participants = rows.iter().map(view::participant).collect::<Result<_, _>>()?;
    let as_of = conversation.head.roster_version;
    Ok(Answer::ParticipantList(ParticipantListResult { as_of, participants, more }))
}
