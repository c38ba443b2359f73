//! `user.get`: profiles by identity or SID. Everybody in a workspace may see them.

use confab_protocol::method::{UserGetParams, UserGetResult};
use confab_protocol::{Answer, WireError, limits};

use crate::{DomainResult, Read, name, view};

pub(crate) fn answer(params: &UserGetParams, read: &dyn Read) -> DomainResult<Answer> {
    let asked = params.identities.len() + params.users.len();
    if asked > limits::USER_BATCH {
        return Err(WireError::too_large("identities", limits::USER_BATCH, asked).into());
    }
    let mut users = Vec::with_capacity(asked);
    for identity in &params.identities {
        if let Some(row) = read.user_by_key(&name::identity_key(identity))? {
            users.push(view::user(&row)?);
        }
    }
    for sid in &params.users {
        let row = read.user(*sid)?;
        users.extend(row.as_ref().map(view::user).transpose()?);
    }
    Ok(Answer::UserGet(UserGetResult { users }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::UserGetParams;
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;

    #[test]
    fn profiles_are_found_without_regard_to_case_and_strangers_left_out() {
        let mut world = World::default();
        let (olga, _) = (world.owner.clone(), world.user("Ana"));
        let get = |names: &[&str]| {
            Call::UserGet(UserGetParams {
                identities: names.iter().map(|&name| name.to_owned()).collect(),
                users: Vec::new(),
            })
        };
        let Ok(Answer::UserGet(found)) = world.call(&olga, &get(&["ANA", "nobody", "olga"])) else {
            panic!("no profiles");
        };
        let names: Vec<_> = found.users.iter().map(|user| &user.identity[..]).collect();
        assert_eq!(names, ["Ana", "Olga"]);
        assert_eq!(world.refused(&olga, &get(&["x"; 51])).code, ErrorCode::TooLarge);
    }
}
