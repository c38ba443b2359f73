//! `user.update`: one's own profile.

use confab_protocol::method::{UserResult, UserUpdateParams};
use confab_protocol::{Answer, WireError, limits};

use crate::cx::{Cx, Done, user_row};
use crate::permission::Permission;
use crate::{Actor, DomainResult, Event, Tx, check, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &UserUpdateParams) -> DomainResult<Done> {
    let (friendly_name, attributes) = checked(params)?;
    let before = cx.workspace_user(Permission::EditOwnUserInfo)?;
    let mut row = before.clone();
    row.friendly_name = friendly_name.unwrap_or(row.friendly_name);
    row.attributes = attributes.unwrap_or(row.attributes);
    let profile = if row == before {
        view::user(&row)?
    } else {
        row.version += 1;
        cx.tx.update_user(&row)?;
        let profile = view::user(&row)?;
        cx.events.push(Event::User(profile.clone()));
        profile
    };
    Ok(Done { answer: Answer::UserUpdate(UserResult { user: profile }), subject: row.sid.0 })
}

fn checked(params: &UserUpdateParams) -> Result<(Option<String>, Option<String>), WireError> {
    if params.friendly_name.is_none() && params.attributes.is_none() {
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

pub(crate) fn replay(actor: &Actor, tx: &dyn Tx) -> DomainResult<Answer> {
    let user = view::user(&user_row(tx, actor.user)?)?;
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
            Call::UserUpdate(UserUpdateParams { client_id, friendly_name, attributes: None })
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
