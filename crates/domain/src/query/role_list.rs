//! `role.list`: what each role gives. Everybody in a workspace may know.

use confab_protocol::method::RoleListResult;
use confab_protocol::permission::built_in_roles;
use confab_protocol::{Answer, limits};

use super::resume::workspace;
use crate::{DomainResult, Read, view};

pub(crate) fn answer(read: &dyn Read) -> DomainResult<Answer> {
    let mut roles = built_in_roles();
    roles.extend(read.roles(limits::ROLES)?.iter().map(view::role));
    let as_of = workspace(read)?.roles_version;
    Ok(Answer::RoleList(RoleListResult { roles, as_of }))
}
