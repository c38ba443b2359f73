//! `user.update`: a profile, and the role in the workspace.

use confab_protocol::method::{UserResult, UserUpdateParams};
use confab_protocol::model::{Role, User};
use confab_protocol::{Answer, RoleSid, UserSid, WireError, limits};
use uuid::Uuid;

use super::role;
use crate::cx::{Cx, Done, limit_reached, user_row, write_profile};
use crate::permission::Permission;
use crate::query::resume::workspace;
use crate::row::{AuditAction, UserRow};
use crate::{DomainResult, Event, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &UserUpdateParams) -> DomainResult<Done> {
    let (friendly_name, attributes) = checked(params)?;
    let before = authorised(cx, params)?;
    let mut row = before.clone();
    row.friendly_name = friendly_name.unwrap_or(row.friendly_name);
    row.attributes = attributes.unwrap_or(row.attributes);
    if let Some(sid) = params.role {
        give_role(cx, &mut row, sid)?;
    }
    let profile = if row == before { view::user(&row)? } else { write(cx, &before, &mut row)? };
    Ok(Done { answer: Answer::UserUpdate(UserResult { user: profile }), subject: row.sid.0 })
}

/// The user to change: oneself, or anybody with the permission for that.
fn authorised(cx: &Cx<'_>, params: &UserUpdateParams) -> DomainResult<UserRow> {
    let own = params.user.is_none_or(|user| user == cx.actor.user);
    let of_profile = params.friendly_name.is_some() || params.attributes.is_some();
    if of_profile {
        cx.workspace_user(if own { Permission::EditOwnUserInfo } else { Permission::EditAnyUserInfo })?;
    }
    if params.role.is_some() {
        cx.workspace_user(Permission::EditRoles)?;
    }
    let user = cx.tx.user(params.user.unwrap_or(cx.actor.user))?;
    Ok(user.ok_or_else(|| WireError::not_found("user"))?)
}

/// Gives a role of the workspace. Whoever owns the workspace stays its owner.
fn give_role(cx: &Cx<'_>, row: &mut UserRow, sid: RoleSid) -> DomainResult<()> {
    let (role, custom) = role::of_workspace(cx.tx, sid)?;
    if workspace(cx.tx)?.owner == Some(row.sid) && role != Role::Owner {
        return Err(limit_reached("owners", 1).into());
    }
    (row.role, row.custom_role) = (role, custom);
    Ok(())
}

fn write(cx: &mut Cx<'_>, before: &UserRow, row: &mut UserRow) -> DomainResult<User> {
    let profile = write_profile(cx.tx, row, cx.commit)?;
    if (row.role, row.custom_role) != (before.role, before.custom_role) {
        cx.audit(AuditAction::RoleChanged, row.sid.to_string())?;
    }
    cx.events.push(Event::User(profile.clone()));
    Ok(profile)
}

fn checked(params: &UserUpdateParams) -> Result<(Option<String>, Option<String>), WireError> {
    if params.friendly_name.is_none() && params.attributes.is_none() && params.role.is_none() {
        return Err(WireError::invalid("params", "nothing to change"));
    }
    let friendly_name = params
        .friendly_name
        .as_deref()
        .map(|text| name::required("friendly_name", text, limits::FRIENDLY_NAME_CHARS).map(str::to_owned))
        .transpose()?;
    let attributes = params.attributes.as_ref();
    let attributes =
        attributes.map(|value| check::attributes(value, limits::ATTRIBUTES_BYTES)).transpose()?;
    Ok((friendly_name, attributes))
}

pub(crate) fn replay(subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let user = view::user(&user_row(tx, UserSid(subject))?)?;
    Ok(Answer::UserUpdate(UserResult { user }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::UserUpdateParams;
    use confab_protocol::{Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Event;

    #[test]
    fn a_profile_changes_under_a_new_version() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let rename = |world: &mut World, name: Option<&str>| {
            let (client_id, friendly_name) = (world.client_id(), name.map(str::to_owned));
            Call::UserUpdate(UserUpdateParams { friendly_name, ..UserUpdateParams::new(client_id) })
        };
        let call = rename(&mut world, Some("Ana Lind"));
        let events = world.events(&ana, &call);
        assert!(
            matches!(&events[..], [Event::User(user)] if user.friendly_name == "Ana Lind" && user.version == 2)
        );
        let call = rename(&mut world, Some(" Ana Lind"));
        assert_eq!(world.events(&ana, &call), []);
        for name in [None, Some(" "), Some("a\u{202e}b")] {
            let call = rename(&mut world, name);
            assert_eq!(world.refused(&ana, &call).code, ErrorCode::InvalidParams, "{name:?}");
        }
    }
}
