//! `user.set_status`: what one says of being there, whatever one's connections say. It is a part of the profile, so that those who
//! watch a person hear of it, and one's other devices do.

use confab_protocol::Answer;
use confab_protocol::WireError;
use confab_protocol::method::{UserResult, UserSetStatusParams};
use confab_protocol::model::UserStatus;
use uuid::Uuid;

use crate::cx::{Cx, Done, user_row, write_profile};
use crate::permission::Permission;
use crate::{DomainResult, Event, Tx, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &UserSetStatusParams) -> DomainResult<Done> {
    if params.status == Some(UserStatus::Unknown) {
        return Err(WireError::invalid("status", "no such status").into());
    }
    let mut row = cx.workspace_user(Permission::EditOwnUserInfo)?;
    if row.status != params.status {
        row.status = params.status;
        let profile = write_profile(cx.tx, &mut row, cx.commit)?;
        cx.events.push(Event::User(profile));
    }
    let user = view::user(&row)?;
    Ok(Done { answer: Answer::UserSetStatus(UserResult { user }), subject: row.sid.0 })
}

pub(crate) fn replay(subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let user = view::user(&user_row(tx, confab_protocol::UserSid(subject))?)?;
    Ok(Answer::UserSetStatus(UserResult { user }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{UserGetParams, UserListParams, UserSetStatusParams};
    use confab_protocol::model::UserStatus;
    use confab_protocol::{Answer, Call, ErrorCode};
    use confab_testkit::World;
    use confab_testkit::domain::Event;

    #[test]
    fn what_one_says_stands_until_one_says_something_else() {
        let mut world = World::default();
        let ana = world.user("Ana");
        let say = |world: &mut World, status| {
            Call::UserSetStatus(UserSetStatusParams { client_id: world.client_id(), status })
        };
        let call = say(&mut world, Some(UserStatus::Offline));
        let events = world.events(&ana, &call);
        assert!(matches!(&events[..], [Event::User(user)] if user.status == Some(UserStatus::Offline)));
        let call = say(&mut world, Some(UserStatus::Offline));
        assert_eq!(world.events(&ana, &call), []);
        let call = say(&mut world, Some(UserStatus::Unknown));
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::InvalidParams);
        let call = say(&mut world, None);
        let events = world.events(&ana, &call);
        assert!(matches!(&events[..], [Event::User(user)] if user.status.is_none() && user.version == 3));
    }

    #[test]
    fn everybody_is_listed_in_pages_and_found_by_sid() {
        let mut world = World::default();
        let olga = world.owner.clone();
        let mut people = vec![olga.user];
        people.extend(["Ana", "Bo", "Cy"].map(|name| world.user(name).user));
        people.sort();
        let (mut found, mut after) = (Vec::new(), None);
        loop {
            let params = UserListParams { after, limit: Some(3), query: None };
            let Ok(Answer::UserList(page)) = world.call(&olga, &Call::UserList(params)) else {
                panic!("no list")
            };
            found.extend(page.users.iter().map(|user| user.sid));
            after = found.last().copied();
            if !page.more {
                break;
            }
        }
        assert_eq!(found, people);
        let params = UserGetParams { identities: vec!["ana".into()], users: vec![people[3], people[0]] };
        let Ok(Answer::UserGet(many)) = world.call(&olga, &Call::UserGet(params)) else {
            panic!("not found")
        };
        assert_eq!(many.users[1..].iter().map(|user| user.sid).collect::<Vec<_>>(), [people[3], people[0]]);
        let params = UserGetParams { identities: vec!["ana".into(); 30], users: vec![people[0]; 21] };
        assert_eq!(world.refused(&olga, &Call::UserGet(params)).code, ErrorCode::TooLarge);
    }
}
