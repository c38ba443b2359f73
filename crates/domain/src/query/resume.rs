//! `resume`: what moved since a cursor. Costs what changed, not what exists.

use confab_protocol::method::{ResumeParams, ResumeResult};
use confab_protocol::{Answer, ErrorCode, WireError, limits};

use crate::cx::user_row;
use crate::row::WorkspaceRow;
use crate::{Actor, DomainResult, Read, StoreError, check, view};

pub(crate) fn answer(actor: &Actor, params: &ResumeParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::CONVERSATION_PAGE, limits::CONVERSATION_PAGE)?;
    let workspace = workspace(read)?;
    // A cursor from the future is as void as one of another epoch: the numbering has gone back.
    if params.epoch != workspace.epoch || params.cursor > workspace.commit {
        let epoch = workspace.epoch.to_string();
        return Err(WireError::new(ErrorCode::EpochChanged).with("epoch", epoch).into());
    }
    let mut moved = read.moved(actor.user, params.cursor, limit + 1)?;
    let more = moved.len() > limit;
    moved.truncate(limit);
    let cursor = moved.last().filter(|_| more).map_or(workspace.commit, |last| last.stamp);
    let mut summaries = Vec::with_capacity(moved.len());
    for found in moved {
        summaries.extend(view::summary_of(read, actor.user, found.conversation)?);
    }
    let state_version = user_row(read, actor.user)?.state_version;
    let epoch = workspace.epoch;
    Ok(Answer::Resume(ResumeResult { epoch, cursor, more, state_version, summaries }))
}

/// The workspace, which must be there as long as anybody is in it.
pub(super) fn workspace(read: &dyn Read) -> DomainResult<WorkspaceRow> {
    Ok(read.workspace()?.ok_or_else(|| StoreError::Corrupt("no workspace".to_owned()))?)
}
