//! `role.list`: what each role gives. Everybody in a workspace may know.

use confab_protocol::method::RoleListResult;
use confab_protocol::model::NamedRole;
use confab_protocol::{Answer, limits};

use crate::permission::{Permission, Permissions};
use crate::{DomainResult, Read, view};

pub(crate) fn answer(read: &dyn Read) -> DomainResult<Answer> {
    let built_in = view::BUILT_IN_ROLES.iter().map(|&(sid, kind, role, name)| {
        let held = Permission::ALL.iter().copied();
        let given = Permissions::of(role);
        let held: Permissions = held.filter(|one| one.place() == kind && given.hold(*one)).collect();
        NamedRole { sid, kind, friendly_name: name.to_owned(), permissions: held.names(), built_in: true }
    });
    let mut roles: Vec<NamedRole> = built_in.collect();
    roles.extend(read.roles(limits::ROLES)?.iter().map(view::role));
    Ok(Answer::RoleList(RoleListResult { roles }))
}
