//! `user.get`: profiles by identity. Everybody in a workspace may see them.

use confab_protocol::method::{UserGetParams, UserGetResult};
use confab_protocol::{Answer, WireError, limits};

use crate::{DomainResult, Read, name, view};

pub(crate) fn answer(params: &UserGetParams, read: &dyn Read) -> DomainResult<Answer> {
    let asked = params.identities.len();
    if asked > limits::USER_BATCH {
        return Err(WireError::too_large("identities", limits::USER_BATCH, asked).into());
    }
    let mut users = Vec::with_capacity(asked);
    for identity in &params.identities {
        if let Some(row) = read.user_by_key(&name::identity_key(identity))? {
            users.push(view::user(&row)?);
        }
    }
    Ok(Answer::UserGet(UserGetResult { users }))
}
