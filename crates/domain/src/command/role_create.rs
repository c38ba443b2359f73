//! `role.create`.

use confab_protocol::method::{RoleCreateParams, RoleResult};
use confab_protocol::model::RoleType;
use confab_protocol::{Answer, RoleSid, WireError, limits};
use uuid::Uuid;

use super::role;
use crate::cx::{Cx, Done, limit_reached};
use crate::derived::Made;
use crate::permission::Permission;
use crate::row::{AuditAction, RoleRow};
use crate::{DomainResult, Tx, name, view};

pub(crate) fn run(cx: &mut Cx<'_>, params: &RoleCreateParams) -> DomainResult<Done> {
    if params.kind == RoleType::Unknown {
        return Err(WireError::invalid("type", "no such type").into());
    }
    let friendly_name =
        name::required("friendly_name", &params.friendly_name, limits::FRIENDLY_NAME_CHARS)?.to_owned();
    let permissions = role::permissions(params.kind, &params.permissions)?;
    cx.workspace_user(Permission::EditRoles)?;
    if cx.tx.roles(limits::ROLES)?.len() == limits::ROLES {
        return Err(limit_reached("roles", limits::ROLES as u64).into());
    }
    let sid = RoleSid(cx.name(Made::Role));
    let (kind, date_created, date_updated) = (params.kind, cx.now, cx.now);
    let row = RoleRow { sid, kind, friendly_name, permissions, date_created, date_updated };
    cx.tx.insert_role(&row)?;
    role::tell(cx, vec![view::role(&row)], Vec::new())?;
    cx.audit(AuditAction::RoleEdited, sid.to_string())?;
    Ok(Done { answer: Answer::RoleCreate(RoleResult { role: view::role(&row) }), subject: sid.0 })
}

pub(crate) fn replay(subject: Uuid, tx: &dyn Tx) -> DomainResult<Answer> {
    let row = tx.role(RoleSid(subject))?.ok_or_else(|| WireError::not_found("role"))?;
    Ok(Answer::RoleCreate(RoleResult { role: view::role(&row) }))
}

#[cfg(test)]
mod tests {
    use confab_protocol::method::{
        Nothing, ParticipantUpdateParams, RoleCreateParams, RoleDeleteParams, RoleUpdateParams,
        UserUpdateParams,
    };
    use confab_protocol::model::{NamedRole, ParticipantFlags, Role, RoleType};
    use confab_protocol::{Answer, Call, ConversationSid, ErrorCode, RoleSid, WireError, limits};
    use confab_testkit::World;
    use confab_testkit::domain::{Actor, Event, verify};

    fn make(world: &mut World, kind: RoleType, permissions: &[&str]) -> Result<NamedRole, WireError> {
        let olga = world.owner.clone();
        let call = Call::RoleCreate(RoleCreateParams {
            client_id: world.client_id(),
            friendly_name: "Guest".into(),
            kind,
            permissions: permissions.iter().map(|&name| name.to_owned()).collect(),
        });
        match world.call(&olga, &call)? {
            Answer::RoleCreate(made) => Ok(made.role),
            other => panic!("another answer: {other:?}"),
        }
    }

    fn update(world: &mut World, room: ConversationSid, whom: &Actor) -> ParticipantUpdateParams {
        ParticipantUpdateParams {
            identity: Some(whom.identity.clone()),
            ..ParticipantUpdateParams::new(world.client_id(), room)
        }
    }

    fn say(world: &mut World, by: &Actor, room: ConversationSid) -> Result<(), ErrorCode> {
        let call = Call::MessageSend(world.saying(room, "hello"));
        world.call(by, &call).map(drop).map_err(|refused| refused.code)
    }

    #[test]
    fn a_role_gives_what_it_holds_and_a_change_of_it_counts_at_once() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let room = world.conversation(&olga, &[&ana]);
        let role = make(&mut world, RoleType::Conversation, &["leaveConversation"]).expect("a role");
        let params = ParticipantUpdateParams { role_sid: Some(role.sid), ..update(&mut world, room, &ana) };
        let events = world.events(&olga, &Call::ParticipantUpdate(params));
        let [Event::Roster { rows, .. }, Event::State { rows: own, .. }] = &events[..] else {
            panic!("not these events: {events:?}");
        };
        assert_eq!((rows[0].role_sid, own[0].role_sid), (Some(role.sid), Some(role.sid)));
        assert_eq!(say(&mut world, &ana, room), Err(ErrorCode::Forbidden));
        let change = Call::RoleUpdate(RoleUpdateParams {
            client_id: world.client_id(),
            role: role.sid,
            friendly_name: None,
            permissions: Some(vec!["sendMessage".into()]),
        });
        world.events(&olga, &change);
        assert_eq!(say(&mut world, &ana, room), Ok(()));
        let delete = Call::RoleDelete(RoleDeleteParams { client_id: world.client_id(), role: role.sid });
        assert_eq!(world.refused(&olga, &delete).code, ErrorCode::RoleInUse);
        let params =
            ParticipantUpdateParams { role: Some(Role::Participant), ..update(&mut world, room, &ana) };
        world.events(&olga, &Call::ParticipantUpdate(params));
        world.events(&olga, &delete);
        assert_eq!(verify(&world.store), []);
        let params = ParticipantUpdateParams { role_sid: Some(role.sid), ..update(&mut world, room, &ana) };
        assert_eq!(world.refused(&olga, &Call::ParticipantUpdate(params)).code, ErrorCode::NotFound);
    }

    #[test]
    fn flags_decide_over_the_role_until_a_role_is_given_anew() {
        let mut world = World::default();
        let (olga, ana, bo) = (world.owner.clone(), world.user("Ana"), world.user("Bo"));
        let room = world.conversation(&olga, &[&ana, &bo]);
        let flags = ParticipantFlags { can_manage_participants: true, ..ParticipantFlags::default() };
        let params = ParticipantUpdateParams { flags: Some(flags), ..update(&mut world, room, &ana) };
        world.events(&olga, &Call::ParticipantUpdate(params));
        assert_eq!(say(&mut world, &ana, room), Err(ErrorCode::Forbidden));
        assert_eq!(world.summary(&ana, room).me.flags, Some(flags));
        // Nobody gives what they may not do, and nobody takes it from those who may.
        let writes = Some(ParticipantFlags { can_write: true, ..flags });
        for (whom, flags) in [(&bo, writes), (&ana, writes), (&olga, Some(flags))] {
            let params = ParticipantUpdateParams { flags, ..update(&mut world, room, whom) };
            assert_eq!(world.refused(&ana, &Call::ParticipantUpdate(params)).code, ErrorCode::Forbidden);
        }
        let call = ParticipantUpdateParams { flags: Some(flags), ..update(&mut world, room, &olga) };
        let refusal = world.refused(&olga, &Call::ParticipantUpdate(call));
        assert_eq!(refusal.code, ErrorCode::LimitReached, "the last owner stays one");
        world.remove(&ana, room, &bo);
        let params =
            ParticipantUpdateParams { role: Some(Role::Participant), ..update(&mut world, room, &ana) };
        world.events(&olga, &Call::ParticipantUpdate(params));
        assert_eq!(say(&mut world, &ana, room), Ok(()));
        assert_eq!(verify(&world.store), []);
    }

    #[test]
    fn roles_of_the_workspace_are_given_to_users_and_never_end_its_ownership() {
        let mut world = World::default();
        let (olga, ana) = (world.owner.clone(), world.user("Ana"));
        let role = make(&mut world, RoleType::Workspace, &["editOwnUserInfo"]).expect("a role");
        let give = |world: &mut World, whom: &Actor, role| {
            let params = UserUpdateParams::new(world.client_id());
            Call::UserUpdate(UserUpdateParams { user: Some(whom.user), role: Some(role), ..params })
        };
        let call = give(&mut world, &ana, role.sid);
        assert_eq!(world.refused(&ana, &call).code, ErrorCode::Forbidden);
        let events = world.events(&olga, &call);
        assert!(matches!(&events[..], [Event::User(user)] if user.role_sid == Some(role.sid)));
        let create = world.creating("Plans");
        assert_eq!(world.refused(&ana, &create).code, ErrorCode::Forbidden);
        let demote = give(&mut world, &olga, RoleSid::WORKSPACE_USER);
        assert_eq!(world.refused(&olga, &demote).code, ErrorCode::LimitReached);
        let wrong = give(&mut world, &ana, RoleSid::OWNER);
        assert_eq!(world.refused(&olga, &wrong).code, ErrorCode::NotFound);
    }

    #[test]
    fn roles_hold_permissions_of_their_place_and_there_are_only_so_many() {
        let mut world = World::default();
        let olga = world.owner.clone();
        for (kind, name) in [
            (RoleType::Conversation, "createInvite"),
            (RoleType::Workspace, "sendMessage"),
            (RoleType::Conversation, "fly"),
        ] {
            let refused = make(&mut world, kind, &[name]).expect_err("it is refused");
            assert_eq!(
                (refused.code, &refused.params["field"]),
                (ErrorCode::InvalidParams, &"permissions".into())
            );
        }
        let built_in =
            Call::RoleDelete(RoleDeleteParams { client_id: world.client_id(), role: RoleSid::OWNER });
        assert_eq!(world.refused(&olga, &built_in).code, ErrorCode::RoleInUse);
        for _ in 0..limits::ROLES {
            make(&mut world, RoleType::Conversation, &[]).expect("a role");
        }
        let refused = make(&mut world, RoleType::Conversation, &[]).expect_err("it is refused");
        assert_eq!(refused.code, ErrorCode::LimitReached);
        let Ok(Answer::RoleList(list)) = world.call(&olga, &Call::RoleList(Nothing {})) else {
            panic!("no list")
        };
        assert_eq!(list.roles.iter().filter(|role| role.built_in).count(), 4);
        assert_eq!(list.roles.len(), limits::ROLES + 4);
    }
}
