//! `invite.list`: those that can still be used.

use confab_protocol::method::InviteListResult;
use confab_protocol::{Answer, Timestamp, limits};

use crate::cx::user_row;
use crate::permission::{Permission, in_workspace};
use crate::{Actor, DomainResult, Read, view};

pub(crate) fn answer(actor: &Actor, now: Timestamp, read: &dyn Read) -> DomainResult<Answer> {
    in_workspace(read, &user_row(read, actor.user)?)?.require(Permission::CreateInvite)?;
    let rows = read.live_invites(now, limits::INVITES)?;
    Ok(Answer::InviteList(InviteListResult { invites: rows.iter().map(view::invite).collect() }))
}
