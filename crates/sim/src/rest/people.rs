//! What a device shows of people and of rights is what the server has: one's own profile, roles, what one may do, who is in a
//! conversation with which rights, and whether they are there.

use std::collections::{BTreeMap, BTreeSet};

use confab_core::view::{ConnectionState, ParticipantRow, PresenceState, Rights, WorkspaceRights};
use confab_domain::permission::{Permission, Permissions, in_conversation, in_workspace};
use confab_domain::row::UserRow;
use confab_domain::{Actor, BUILT_IN_ROLES, Read, answer};
use confab_protocol::method::Nothing;
use confab_protocol::model::{ConversationState, ParticipantFlags, Role, RoleType, UserStatus};
use confab_protocol::{Answer, Call, ConversationSid, RoleSid, Timestamp};

use crate::promise::{Kept, ensure};
use crate::world::World;

fn user(world: &World, at: usize) -> UserRow {
    let user = world.server.read().user(world.clients[at].account.user.sid);
    user.expect("the store can be read").expect("a user")
}

/// One's own profile and what one may do in the workspace.
pub(super) fn session_is_equal(world: &World, at: usize) -> Kept {
    let client = &world.clients[at];
    let row = user(world, at);
    let may = in_workspace(world.server.read(), &row).expect("the store can be read");
    let rights = WorkspaceRights {
        create_conversation: may.hold(Permission::CreateConversation),
        join_conversation: may.hold(Permission::JoinConversation),
        edit_profile: may.hold(Permission::EditOwnUserInfo),
        create_invite: may.hold(Permission::CreateInvite),
        edit_roles: may.hold(Permission::EditRoles),
    };
    let stands = Some((row.friendly_name, row.role, rights, row.status));
    let shown = client.screen.session.as_ref();
    let shown = shown.map(|view| (view.friendly_name.clone(), view.role, view.rights, view.status));
    ensure!(Equal, shown == stands, "{} shows of itself {shown:?} instead of {stands:?}", client.name);
    Ok(())
}

/// All roles with their permissions.
pub(super) fn roles_are_equal(world: &World, at: usize) -> Kept {
    let (client, row) = (&world.clients[at], user(world, at));
    let (workspace, identity) = (world.server.workspace(), row.identity);
    let actor = Actor { workspace, user: row.sid, identity, role: row.role, device: None };
    let listed = answer(&actor, &Call::RoleList(Nothing {}), world.server_now(), world.server.read());
    let Ok(Answer::RoleList(list)) = listed else { panic!("there is no list of roles: {listed:?}") };
    let shown = &client.screen.roles;
    ensure!(Equal, *shown == list.roles, "{} knows the roles {shown:?} instead of {list:?}", client.name);
    Ok(())
}

fn may(read: &dyn Read, user: confab_protocol::UserSid, sid: ConversationSid) -> Permissions {
    let row = read.membership(user, sid).expect("the store can be read");
    row.map(|row| in_conversation(read, &row).expect("the store can be read")).unwrap_or_default()
}

/// What one may do in the open conversation.
pub(super) fn rights_are_equal(world: &World, at: usize, sid: ConversationSid) -> Kept {
    let (client, read) = (&world.clients[at], world.server.read());
    let conversation = read.conversation(sid).expect("the store can be read").expect("a conversation");
    let may = may(read, client.account.user.sid, sid);
    let closed = conversation.state == ConversationState::Closed;
    let change = if closed { Permissions::default() } else { may };
    let several = !conversation.direct;
    let shapes =
        change.hold(Permission::EditConversationName) && change.hold(Permission::EditConversationAttributes);
    let stands = Rights {
        send: change.hold(Permission::SendMessage),
        send_media: change.hold(Permission::SendMediaMessage),
        add_participant: change.hold(Permission::AddParticipant) && several,
        remove_participant: change.hold(Permission::RemoveParticipant) && several,
        rename: change.hold(Permission::EditConversationName) && several,
        set_role: change.hold(Permission::EditAnyParticipantAttributes) && several,
        configure: shapes && several,
        leave: may.hold(Permission::LeaveConversation) && several,
        delete: may.hold(Permission::DeleteConversation) && several,
    };
    let shown = client.screen.rights;
    ensure!(Equal, shown == stands, "{} may {shown:?} in {sid} instead of {stands:?}", client.name);
    Ok(())
}

/// What is compared of a participant.
#[derive(Debug, PartialEq)]
struct Seen {
    role: (Role, String),
    flags: (ParticipantFlags, bool),
    read: (Option<u64>, Option<Timestamp>),
}

fn built_in(role: Role) -> RoleSid {
    let mut all = BUILT_IN_ROLES.iter();
    let found = all.find(|(_, kind, of, _)| (*kind, *of) == (RoleType::Conversation, role));
    found.map_or(RoleSid::PARTICIPANT, |(sid, ..)| *sid)
}

/// Those who are in the open conversation, with their rights and how far they have read.
pub(super) fn are_equal(world: &World, at: usize, sid: ConversationSid) -> Kept {
    let (client, read) = (&world.clients[at], world.server.read());
    let rows = read.participants(sid, None, 1_000).expect("the store can be read");
    let mut stands = BTreeMap::new();
    for row in rows {
        let role_sid = row.custom_role.unwrap_or_else(|| built_in(row.role));
        let seen = Seen {
            role: (row.role, role_sid.to_string()),
            flags: (may(read, row.user, sid).flags(), row.flags.is_some()),
            read: (row.horizon, row.horizon_at),
        };
        stands.insert(row.identity, seen);
    }
    let seen = |row: &ParticipantRow| Seen {
        role: (row.role, row.role_sid.clone()),
        flags: (row.flags, row.flags_set),
        read: (row.last_read_index, row.last_read_at),
    };
    let shown: BTreeMap<String, Seen> =
        client.screen.roster.values().map(|row| (row.identity.clone(), seen(row))).collect();
    let same = shown == stands;
    ensure!(Equal, same, "{} sees the people {shown:?} of {sid} instead of {stands:?}", client.name);
    profiles_are_equal(world, at, stands.into_keys().collect())
}

/// Those who have a device that is connected.
fn there(world: &World) -> BTreeSet<&str> {
    let devices = (0..world.clients.len()).filter(|at| {
        !world.is_signed_out(*at) && world.clients[*at].screen.connection == ConnectionState::Connected
    });
    devices.map(|at| world.clients[at].account.user.identity.as_str()).collect()
}

fn profiles_are_equal(world: &World, at: usize, people: Vec<String>) -> Kept {
    let (client, there) = (&world.clients[at], there(world));
    for identity in people {
        let row = world.server.read().user_by_key(&confab_domain::name::identity_key(&identity));
        let row = row.expect("the store can be read").expect("a user");
        let role = row.custom_role.unwrap_or(match row.role {
            Role::Owner => RoleSid::WORKSPACE_OWNER,
            Role::Participant | Role::Unknown => RoleSid::WORKSPACE_USER,
        });
        let presence = presence(there.contains(identity.as_str()), row.status);
        let presence = Some(presence).filter(|_| identity != client.account.user.identity);
        let stands = Some((row.friendly_name, role.to_string(), row.attributes, presence));
        let shown = client.screen.people.get(&identity);
        let shown = shown.map(|view| {
            let role = view.role.clone().unwrap_or_default();
            (view.name.clone(), role, view.attributes.to_string(), view.presence)
        });
        ensure!(Equal, shown == stands, "{} sees {shown:?} of {identity} instead of {stands:?}", client.name);
    }
    Ok(())
}

fn presence(is_there: bool, said: Option<UserStatus>) -> PresenceState {
    match said {
        _ if !is_there => PresenceState::Offline,
        None | Some(UserStatus::Online | UserStatus::Unknown) => PresenceState::Online,
        Some(UserStatus::Away) => PresenceState::Away,
        Some(UserStatus::Busy) => PresenceState::Busy,
        Some(UserStatus::Offline) => PresenceState::Offline,
    }
}
