//! `user.list`: everybody in the workspace.

use confab_protocol::method::{UserListParams, UserListResult};
use confab_protocol::{Answer, limits};

use crate::{DomainResult, Read, check, view};

pub(crate) fn answer(params: &UserListParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::USER_BATCH, limits::USER_BATCH)?;
    let mut rows = read.users(params.after, limit + 1)?;
    let more = rows.len() > limit;
    rows.truncate(limit);
    let users = rows.iter().map(view::user).collect::<Result<_, _>>()?;
    Ok(Answer::UserList(UserListResult { users, more }))
}
