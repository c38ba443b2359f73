//! Drafts and settings with a newer version than one that is known: by version, as many as an answer holds.

use confab_protocol::model::StatePage;
use confab_protocol::{ErrorCode, WireError, limits};

use crate::row::{UserRow, WorkspaceRow};
use crate::{DomainResult, Read, view};

/// What changed after a version, and whether there is more. Nothing when no version is given.
pub(super) fn since(
    read: &dyn Read,
    workspace: &WorkspaceRow,
    user: &UserRow,
    after: Option<u64>,
) -> DomainResult<(StatePage, bool)> {
    let Some(after) = after else { return Ok((StatePage::default(), false)) };
    if after > user.state_version {
        // As void as a cursor from the future.
        let epoch = workspace.epoch.to_string();
        return Err(WireError::new(ErrorCode::EpochChanged).with("epoch", epoch).into());
    }
    let mut drafts = read.draft_changes(user.sid, after, limits::STATE_PAGE + 1)?;
    let mut settings = read.setting_changes(user.sid, after, limits::STATE_PAGE + 1)?;
    let drafted = drafts.iter().map(|row| row.version);
    let mut versions: Vec<u64> = drafted.chain(settings.iter().map(|row| row.version)).collect();
    versions.sort_unstable();
    let more = versions.len() > limits::STATE_PAGE;
    let to = if more { versions[limits::STATE_PAGE - 1] } else { user.state_version };
    drafts.retain(|row| row.version <= to);
    settings.retain(|row| row.version <= to);
    let page = StatePage {
        drafts: drafts.iter().map(view::draft).collect(),
        settings: settings.iter().map(view::setting).collect::<Result<_, _>>()?,
        state_to: Some(to),
    };
    Ok((page, more))
}
