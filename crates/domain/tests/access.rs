//! Every method of the wire, walked by a stranger, a former participant, a participant whose role lacks the permission, and
//! one whose role has it. A refusal changes nothing.

#![expect(clippy::unwrap_used, reason = "a look-up that fails fails the test")]

#[path = "access/calls.rs"]
mod calls;

use calls::*;
use confab_domain::permission::{Permission, in_conversation, in_workspace};
use confab_domain::store::{Read as _, Tx as _};
use confab_domain::{Actor, account};
use confab_protocol::method::*;
use confab_protocol::model::{Message, Role, RoleType};
use confab_protocol::{Call, ClientId, ConversationSid, ErrorCode, InviteSid, ParticipantSid, RoleSid};
use confab_testkit::World;
use uuid::Uuid;

/// A conversation with people in every position, and something to act upon.
struct Stage {
    world: World,
    room: ConversationSid,
    /// Another one, of Ana, which lets anybody in.
    open: ConversationSid,
    /// Owns the first.
    owner: Actor,
    /// An ordinary participant, to act upon.
    other: Actor,
    others_sid: ParticipantSid,
    /// A user of the workspace who is in no conversation.
    stranger: Actor,
    /// Was in the conversation.
    former: Actor,
    /// Is in it with a role that may do nothing, there and in the workspace.
    powerless: Actor,
    /// One message by each of those who may or might have had one.
    by_other: Message,
    by_owner: Message,
    by_former: Message,
    by_powerless: Message,
    invite: InviteSid,
    role: RoleSid,
    /// Somebody who takes part by other means.
    non_chat: ParticipantSid,
}

impl Stage {
    fn new() -> Self {
        let mut world = World::default();
        let owner = world.owner.clone();
        let [other, stranger, former, powerless] =
            ["Ana", "Stan", "Finn", "Pia"].map(|name| world.user(name));
        let room = world.conversation(&owner, &[&other, &former, &powerless]);
        let by_other = world.say(&other, room, "by Ana");
        let by_owner = world.say(&owner, room, "by Olga");
        let by_former = world.say(&former, room, "by Finn");
        let by_powerless = world.say(&powerless, room, "by Pia");
        world.remove(&owner, room, &former);
        let minted = world.write(|now, ids, store| account::mint_invite(None, None, now, ids, store));
        let invite = minted.expect("an invite").invite.sid;
        let others_sid = world.summary(&other, room).me.participant.expect("she is in it");
        let open = world.conversation(&other, &[]);
        let params = ConversationUpdateParams::new(world.client_id(), open);
        let call = Call::ConversationUpdate(ConversationUpdateParams { public_join: Some(true), ..params });
        world.events(&other, &call);
        take_power(&mut world, &powerless, room);
        let client_id = world.client_id();
        let role = match world.call(&owner, &role(client_id)) {
            Ok(confab_protocol::Answer::RoleCreate(made)) => made.role.sid,
            other => panic!("no role: {other:?}"),
        };
        let mut stage = Self {
            non_chat: others_sid,
            role,
            world,
            room,
            open,
            owner,
            other,
            others_sid,
            stranger,
            former,
            powerless,
            by_other,
            by_owner,
            by_former,
            by_powerless,
            invite,
        };
        let client_id = stage.world.client_id();
        let call = calls::add_non_chat(&stage, client_id);
        match stage.world.call(&stage.owner.clone(), &call) {
            Ok(confab_protocol::Answer::NonChatAdd(made)) => stage.non_chat = made.participant.sid,
            other => panic!("no record: {other:?}"),
        }
        stage
    }

    fn own_message(&self, of: &Actor) -> &Message {
        [&self.by_owner, &self.by_former, &self.by_powerless]
            .into_iter()
            .find(|message| message.author == of.identity)
            .unwrap_or(&self.by_other)
    }
}

/// Roles of a newer version may do nothing.
fn take_power(world: &mut World, of: &Actor, room: ConversationSid) {
    let mut me = world.store.membership(of.user, room).unwrap().unwrap();
    me.role = Role::Unknown;
    world.store.put_membership(&me).unwrap();
    let mut user = world.store.user(of.user).unwrap().unwrap();
    user.role = Role::Unknown;
    world.store.update_user(&user).unwrap();
    world.store.commit();
}

/// What comes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Expected {
    Done,
    Hidden,
    Without(Permission),
    Refused(ErrorCode),
}

use Expected::{Done, Hidden, Refused, Without};

/// What a stranger, a former participant, a powerless one and the owner get.
type Row = (&'static str, fn(&Stage, &Actor, ClientId) -> Call, [Expected; 4]);

const UNTOUCHED: [Expected; 4] = [Refused(ErrorCode::UnknownMethod); 4];

fn inside(permission: Permission) -> [Expected; 4] {
    [Hidden, Hidden, Without(permission), Done]
}

fn workspace(permission: Permission) -> [Expected; 4] {
    [Without(permission), Without(permission), Without(permission), Done]
}

fn table() -> Vec<Row> {
    use Permission as P;
    vec![
        ("hello", |_, _, _| hello(), UNTOUCHED),
        ("ping", |_, _, _| Call::Ping(Nothing {}), UNTOUCHED),
        ("token.renew", |_, _, _| Call::TokenRenew(TokenRenewParams { token: "t".into() }), UNTOUCHED),
        ("media.urls", |_, _, _| Call::MediaUrls(MediaUrlsParams { media: Vec::new() }), UNTOUCHED),
        ("media.limits", |_, _, _| Call::MediaLimits(Nothing {}), UNTOUCHED),
        ("interest.set", |_, _, _| Call::InterestSet(InterestSetParams::default()), UNTOUCHED),
        ("presence.subscribe", |_, _, _| Call::PresenceSubscribe(Default::default()), UNTOUCHED),
        ("typing.start", |stage, _, _| Call::TypingStart(named(stage)), UNTOUCHED),
        ("user.set_password", |_, _, id| set_password(id), UNTOUCHED),
        ("resume", |stage, _, _| resume(stage), [Done; 4]),
        ("conversation.list", |_, _, _| Call::ConversationList(Default::default()), [Done; 4]),
        // Whoever was in it still gets its SID, its name as of leaving and when that was.
        ("conversation.get", |stage, _, _| get(stage), [Hidden, Done, Done, Done]),
        ("conversation.create", |_, _, id| create(id), [Done, Done, Without(P::CreateConversation), Done]),
        ("conversation.update", |stage, _, id| rename(stage, id), inside(P::EditConversationName)),
        ("conversation.update", |stage, _, id| redecorate(stage, id), inside(P::EditConversationAttributes)),
        ("conversation.update", |stage, _, id| close(stage, id), inside(P::EditConversationAttributes)),
        ("conversation.get_many", |stage, _, _| get_many(stage), [Done; 4]),
        (
            "conversation.peek",
            |stage, _, _| Call::ConversationPeek(named(stage)),
            [Hidden, Hidden, Done, Done],
        ),
        (
            "conversation.peek",
            |stage, _, _| Call::ConversationPeek(ConversationParams { conversation: stage.open }),
            [Done, Done, Without(P::JoinConversation), Done],
        ),
        (
            "conversation.list_public",
            |_, _, _| Call::ConversationListPublic(Default::default()),
            [Done, Done, Without(P::JoinConversation), Done],
        ),
        ("conversation.list_left", |_, _, _| Call::ConversationListLeft(Default::default()), [Done; 4]),
        (
            "conversation.counts",
            |stage, _, _| Call::ConversationCounts(named(stage)),
            [Hidden, Hidden, Done, Done],
        ),
        (
            "conversation.join",
            |stage, _, id| join(stage.room, id),
            [
                Hidden,
                Refused(ErrorCode::NotJoinable),
                Without(P::JoinConversation),
                Refused(ErrorCode::AlreadyParticipant),
            ],
        ),
        (
            "conversation.join",
            |stage, _, id| join(stage.open, id),
            [Done, Done, Without(P::JoinConversation), Done],
        ),
        ("conversation.delete", |stage, _, id| delete(stage, id), inside(P::DeleteConversation)),
        (
            "conversation.set_notification_level",
            |stage, _, id| mute(stage, id),
            inside(P::EditNotificationLevel),
        ),
        ("participant.list", |stage, _, _| roster(stage), [Hidden, Hidden, Done, Done]),
        ("participant.add", |stage, _, id| add(stage, id), inside(P::AddParticipant)),
        ("participant.update", |stage, _, id| annotate(stage, id), inside(P::EditAnyParticipantAttributes)),
        ("participant.update", |stage, _, id| promote(stage, id), inside(P::EditAnyParticipantAttributes)),
        ("participant.update", annotate_self, inside(P::EditOwnParticipantAttributes)),
        ("participant.remove", |stage, _, id| remove(stage, &stage.other, id), inside(P::RemoveParticipant)),
        ("participant.remove", remove, inside(P::LeaveConversation)),
        ("participant.update", |stage, _, id| flag(stage, id), inside(P::EditAnyParticipantAttributes)),
        (
            "participant.list_non_chat",
            |stage, _, _| Call::NonChatList(named(stage)),
            [Hidden, Hidden, Done, Done],
        ),
        (
            "participant.add_non_chat",
            |stage, _, id| add_non_chat(stage, id),
            inside(P::AddNonChatParticipant),
        ),
        (
            "participant.update_non_chat",
            |stage, _, id| update_non_chat(stage, id),
            inside(P::EditAnyParticipantAttributes),
        ),
        (
            "participant.remove_non_chat",
            |stage, _, id| remove_non_chat(stage, id),
            inside(P::RemoveParticipant),
        ),
        ("role.list", |_, _, _| Call::RoleList(Nothing {}), [Done; 4]),
        ("role.create", |_, _, id| role(id), workspace(P::EditRoles)),
        ("role.update", |stage, _, id| rename_role(stage, id), workspace(P::EditRoles)),
        ("role.delete", |stage, _, id| delete_role(stage, id), workspace(P::EditRoles)),
        ("message.send", |stage, _, id| send(stage, id), inside(P::SendMessage)),
        ("message.edit", |stage, by, id| edit(stage, stage.own_message(by), id), inside(P::EditOwnMessage)),
        ("message.edit", |stage, _, id| edit(stage, &stage.by_other, id), inside(P::EditAnyMessage)),
        (
            "message.edit",
            |stage, by, id| tag(stage, stage.own_message(by), id),
            inside(P::EditOwnMessageAttributes),
        ),
        ("message.edit", |stage, _, id| tag(stage, &stage.by_other, id), inside(P::EditAnyMessageAttributes)),
        (
            "message.remove",
            |stage, by, id| erase(stage, stage.own_message(by), id),
            inside(P::DeleteOwnMessage),
        ),
        ("message.remove", |stage, _, id| erase(stage, &stage.by_other, id), inside(P::DeleteAnyMessage)),
        ("message.page", |stage, _, _| page(stage), [Hidden, Hidden, Done, Done]),
        ("message.receipts", |stage, _, _| receipts(stage), [Hidden, Hidden, Done, Done]),
        ("message.report", |stage, _, id| report(stage, id), inside(P::AddNonChatParticipant)),
        ("event.range", |stage, _, _| range(stage), [Hidden, Hidden, Done, Done]),
        ("event.replay", |stage, _, _| replay(stage), [Hidden, Hidden, Done, Done]),
        ("horizon.set", |stage, _, id| read(stage, id), [Hidden, Hidden, Done, Done]),
        ("draft.set", |stage, _, id| draft(stage, "half", id), [Hidden, Hidden, Done, Done]),
        // Leaving keeps a draft, so that whoever has left can give it up.
        ("draft.set", |stage, _, id| draft(stage, "", id), [Hidden, Done, Done, Done]),
        ("setting.set", |_, _, id| setting(id), [Done; 4]),
        // Conversations that one is not in are left out of the answer.
        ("unread.get", |stage, _, _| unread(stage), [Done; 4]),
        (
            "user.get",
            |_, _, _| Call::UserGet(UserGetParams { identities: vec!["Ana".into()], users: Vec::new() }),
            [Done; 4],
        ),
        ("user.list", |_, _, _| Call::UserList(UserListParams::default()), [Done; 4]),
        ("user.set_status", |_, _, id| status(id), [Done, Done, Without(P::EditOwnUserInfo), Done]),
        ("user.update", |_, _, id| profile(id), [Done, Done, Without(P::EditOwnUserInfo), Done]),
        ("user.update", |stage, _, id| rename_other(stage, id), workspace(P::EditAnyUserInfo)),
        ("user.update", |stage, _, id| give_role(stage, id), workspace(P::EditRoles)),
        ("invite.create", |_, _, id| invite(id), workspace(P::CreateInvite)),
        ("invite.revoke", |stage, _, id| uninvite(stage, id), workspace(P::RevokeInvite)),
        ("invite.list", |_, _, _| Call::InviteList(Nothing {}), workspace(P::CreateInvite)),
        ("device.list", |_, _, _| Call::DeviceList(Nothing {}), [Done; 4]),
        ("push.register", |_, _, id| register(id), [Done; 4]),
        ("push.unregister", |_, by, id| unregister(by.device, id), [Done; 4]),
        ("push.unregister", |stage, _, id| unregister(stage.other.device, id), [Hidden; 4]),
        ("device.revoke", |_, by, id| sign_out(by.device.expect("a device"), id), [Done; 4]),
        ("device.revoke", |stage, _, id| sign_out(stage.other.device.expect("a device"), id), [Hidden; 4]),
    ]
}

#[test]
fn every_method_is_walked() {
    let walked: Vec<&str> = table().iter().map(|row| row.0).collect();
    for method in Call::METHODS {
        assert!(walked.contains(method), "{method} is not walked");
    }
}

#[test]
fn everybody_gets_what_they_may_and_nothing_else() {
    for (number, (method, make, expected)) in table().into_iter().enumerate() {
        for (position, expected) in ["stranger", "former", "powerless", "owner"].into_iter().zip(expected) {
            let mut stage = Stage::new();
            let actor = match position {
                "stranger" => stage.stranger.clone(),
                "former" => stage.former.clone(),
                "powerless" => stage.powerless.clone(),
                _ => stage.owner.clone(),
            };
            let client_id = stage.world.client_id();
            let call = make(&stage, &actor, client_id);
            assert_eq!(call.method(), method);
            let before = stage.world.store.clone();
            let found = match stage.world.call(&actor, &call) {
                Ok(_) => Done,
                Err(refusal) if refusal.code == ErrorCode::NotFound => Hidden,
                Err(refusal) if refusal.code == ErrorCode::Forbidden => Without(named_in(&refusal)),
                Err(refusal) => Refused(refusal.code),
            };
            assert_eq!(found, expected, "row {number}, {method} by the {position}");
            assert!(
                found == Done || stage.world.store == before,
                "{method} by the {position} changed something"
            );
        }
    }
}

fn named_in(refusal: &confab_protocol::WireError) -> Permission {
    let name = refusal.params["permission"].as_str().expect("a name");
    *Permission::ALL.iter().find(|permission| permission.as_str() == name).expect("a permission")
}

#[test]
fn typing_takes_the_right_to_send() {
    let stage = Stage::new();
    let ask = |actor: &Actor| {
        account::may_type(actor, stage.room, &stage.world.store).map_err(|error| error.to_wire().code)
    };
    assert_eq!(ask(&stage.stranger), Err(ErrorCode::NotFound));
    assert_eq!(ask(&stage.former), Err(ErrorCode::NotFound));
    assert_eq!(ask(&stage.powerless), Err(ErrorCode::Forbidden));
    assert_eq!(ask(&stage.other), Ok(3));
}

#[test]
fn an_ordinary_participant_has_the_ordinary_permissions() {
    use Permission as P;
    let ordinary: Vec<Permission> = Permission::ALL
        .iter()
        .copied()
        .filter(|permission| {
            let stage = Stage::new();
            let me = stage.world.store.membership(stage.other.user, stage.room).unwrap().unwrap();
            let held = match permission.place() {
                RoleType::Conversation => in_conversation(&stage.world.store, &me),
                _ => in_workspace(
                    &stage.world.store,
                    &stage.world.store.user(stage.other.user).unwrap().unwrap(),
                ),
            };
            held.unwrap().hold(*permission)
        })
        .collect();
    let expected = [
        P::SendMessage,
        P::SendMediaMessage,
        P::LeaveConversation,
        P::EditNotificationLevel,
        P::AddParticipant,
        P::EditOwnMessage,
        P::EditOwnMessageAttributes,
        P::DeleteOwnMessage,
        P::EditOwnParticipantAttributes,
        P::CreateConversation,
        P::JoinConversation,
        P::EditOwnUserInfo,
    ];
    assert_eq!(ordinary, expected);
}

#[test]
fn an_owner_of_the_workspace_has_no_power_over_what_they_are_not_in() {
    let mut stage = Stage::new();
    let elsewhere = stage.world.conversation(&stage.other.clone(), &[]);
    let call = Call::MessagePage(MessagePageParams {
        conversation: elsewhere,
        anchor: None,
        direction: Direction::Backwards,
        limit: None,
    });
    assert_eq!(stage.world.refused(&stage.owner.clone(), &call).code, ErrorCode::NotFound);
}

#[test]
fn a_closed_conversation_takes_no_changes_but_can_be_read_and_left() {
    let mut stage = Stage::new();
    let mut row = stage.world.store.conversation(stage.room).unwrap().unwrap();
    row.state = confab_protocol::model::ConversationState::Closed;
    stage.world.store.update_conversation(&row).unwrap();
    let owner = stage.owner.clone();
    let makes: [fn(&Stage, ClientId) -> Call; 7] = [
        rename,
        add,
        annotate,
        send,
        |stage, id| edit(stage, &stage.by_owner, id),
        |stage, id| erase(stage, &stage.by_owner, id),
        promote,
    ];
    for make in makes {
        let client_id = stage.world.client_id();
        let call = make(&stage, client_id);
        assert_eq!(
            stage.world.refused(&owner, &call).code,
            ErrorCode::ConversationClosed,
            "{}",
            call.method()
        );
    }
    assert_eq!(stage.world.page(&owner, stage.room).len(), 4);
    stage.world.remove(&owner, stage.room, &owner);
}

#[test]
fn a_deactivated_user_has_no_permission_in_the_workspace() {
    let mut stage = Stage::new();
    let owner = stage.owner.clone();
    let mut row = stage.world.store.user(owner.user).unwrap().unwrap();
    row.deactivated = true;
    stage.world.store.update_user(&row).unwrap();
    for make in [create, invite, profile] {
        let client_id = stage.world.client_id();
        assert_eq!(stage.world.refused(&owner, &make(client_id)).code, ErrorCode::Forbidden);
    }
}

#[test]
fn a_token_of_another_workspace_opens_nothing() {
    let mut stage = Stage::new();
    let foreign = confab_protocol::WorkspaceSid(Uuid::max());
    let actor = Actor { workspace: foreign, ..stage.owner.clone() };
    let client_id = stage.world.client_id();
    for call in [send(&stage, client_id), page(&stage)] {
        assert_eq!(stage.world.refused(&actor, &call).code, ErrorCode::Unauthenticated);
    }
}
