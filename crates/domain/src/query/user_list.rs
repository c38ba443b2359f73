//! `user.list`: everybody in the workspace, or those whose names hold a text.

use confab_protocol::method::{UserListParams, UserListResult};
use confab_protocol::{Answer, WireError, limits};

use crate::name::identity_key;
use crate::row::UserRow;
use crate::{DomainResult, Read, check, view};

/// Users that one look-up goes through, however few of them are meant: whoever asks goes on after the last one.
const LOOKED_THROUGH: usize = 2_000;

pub(crate) fn answer(params: &UserListParams, read: &dyn Read) -> DomainResult<Answer> {
    let limit = check::limit(params.limit, limits::USER_BATCH, limits::USER_BATCH)?;
    let wanted = query(params.query.as_deref())?;
    let page = if wanted.is_some() { LOOKED_THROUGH } else { limit };
    let mut rows = read.users(params.after, page + 1)?;
    let mut more = rows.len() > page;
    rows.truncate(page);
    let mut next = rows.last().map(|row| row.sid);
    if let Some(wanted) = wanted {
        rows.retain(|row| is_named(row, &wanted));
        if rows.len() > limit {
            rows.truncate(limit);
            (more, next) = (true, rows.last().map(|row| row.sid));
        }
    }
    let users = rows.iter().map(view::user).collect::<Result<_, _>>()?;
    Ok(Answer::UserList(UserListResult { users, more, next: next.filter(|_| more) }))
}

/// The text to look for, in the form in which identities are compared; none when it is blank.
fn query(text: Option<&str>) -> Result<Option<String>, WireError> {
    let text = text.unwrap_or_default();
    let actual = text.chars().count();
    if actual > limits::IDENTITY_CHARS {
        return Err(WireError::too_large("query", limits::IDENTITY_CHARS, actual));
    }
    Ok(Some(identity_key(text)).filter(|key| !key.is_empty()))
}

fn is_named(row: &UserRow, wanted: &str) -> bool {
    row.identity_key.contains(wanted) || identity_key(&row.friendly_name).contains(wanted)
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{UserListParams, UserListResult};
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;

    fn list(world: &mut World, params: UserListParams) -> UserListResult {
        let olga = world.owner.clone();
        match world.call(&olga, &Call::UserList(params)) {
            Ok(Answer::UserList(page)) => page,
            other => panic!("no list: {other:?}"),
        }
    }

    #[test]
    fn those_of_a_name_are_found_in_pages_without_regard_to_case() {
        let mut world = World::default();
        for name in ["Kari", "Bo", "Karim", "Mika", "Oskar"] {
            world.user(name);
        }
        let query = |after, limit| UserListParams { query: Some(" KA ".into()), after, limit };
        let names =
            |page: &UserListResult| page.users.iter().map(|user| user.identity.clone()).collect::<Vec<_>>();
        let mut all = names(&list(&mut world, query(None, None)));
        all.sort();
        assert_eq!(all, ["Kari", "Karim", "Mika", "Oskar"]);
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let page = list(&mut world, query(after, Some(3)));
            found.extend(names(&page));
            after = page.next;
            assert_eq!(after.is_some(), page.more);
            if !page.more {
                break;
            }
        }
        found.sort();
        assert_eq!(found, all);
        let olga = world.owner.clone();
        let long = UserListParams { query: Some("x".repeat(257)), ..UserListParams::default() };
        assert_eq!(world.refused(&olga, &Call::UserList(long)).code, ErrorCode::TooLarge);
    }
}
