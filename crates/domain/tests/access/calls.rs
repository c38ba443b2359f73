//! The calls that are walked.

use confab_domain::Actor;
use confab_domain::store::Read as _;
use confab_protocol::method::*;
use confab_protocol::model::{DeliveryStatus, Message, NotificationLevel, Role, RoleType};
use confab_protocol::{Call, ClientId, ConversationSid, DeviceSid, ParticipantSid, RoleSid};

use super::Stage;

pub(super) fn hello() -> Call {
    Call::Hello(HelloParams {
        versions: confab_protocol::VersionRange::OURS,
        capabilities: Vec::new(),
        token: "t".into(),
        client: String::new(),
    })
}

pub(super) fn named(stage: &Stage) -> ConversationParams {
    ConversationParams { conversation: stage.room }
}

pub(super) fn set_password(client_id: ClientId) -> Call {
    Call::UserSetPassword(UserSetPasswordParams { client_id, current: None, password: "password".into() })
}

pub(super) fn resume(stage: &Stage) -> Call {
    let epoch = stage.world.store.workspace().unwrap().unwrap().epoch;
    Call::Resume(ResumeParams { epoch, cursor: 0, limit: None, state_version: Some(0) })
}

pub(super) fn get(stage: &Stage) -> Call {
    Call::ConversationGet(ConversationGetParams { conversation: Some(stage.room), unique_name: None })
}

pub(super) fn create(client_id: ClientId) -> Call {
    Call::ConversationCreate(ConversationCreateParams::new(client_id))
}

pub(super) fn update(stage: &Stage, client_id: ClientId) -> ConversationUpdateParams {
    ConversationUpdateParams::new(client_id, stage.room)
}

pub(super) fn rename(stage: &Stage, client_id: ClientId) -> Call {
    let friendly_name = Some(Some("Other".into()));
    Call::ConversationUpdate(ConversationUpdateParams { friendly_name, ..update(stage, client_id) })
}

pub(super) fn close(stage: &Stage, client_id: ClientId) -> Call {
    let state = Some(confab_protocol::model::ConversationState::Closed);
    Call::ConversationUpdate(ConversationUpdateParams { state, ..update(stage, client_id) })
}

pub(super) fn get_many(stage: &Stage) -> Call {
    Call::ConversationGetMany(ConversationGetManyParams { conversations: vec![stage.room] })
}

pub(super) fn join(conversation: ConversationSid, client_id: ClientId) -> Call {
    Call::ConversationJoin(ConversationJoinParams { client_id, conversation })
}

pub(super) fn delete(stage: &Stage, client_id: ClientId) -> Call {
    Call::ConversationDelete(ConversationDeleteParams { client_id, conversation: stage.room })
}

pub(super) fn redecorate(stage: &Stage, client_id: ClientId) -> Call {
    let attributes = Some(serde_json::json!({"colour": "red"}));
    Call::ConversationUpdate(ConversationUpdateParams { attributes, ..update(stage, client_id) })
}

pub(super) fn mute(stage: &Stage, client_id: ClientId) -> Call {
    let level = NotificationLevel::Muted;
    Call::SetNotificationLevel(SetNotificationLevelParams { client_id, conversation: stage.room, level })
}

pub(super) fn roster(stage: &Stage) -> Call {
    let (after_version, after, limit) = (None, None, None);
    Call::ParticipantList(ParticipantListParams { conversation: stage.room, after_version, after, limit })
}

pub(super) fn add(stage: &Stage, client_id: ClientId) -> Call {
    let (identity, attributes) = ("Stan".into(), None);
    Call::ParticipantAdd(ParticipantAddParams { client_id, conversation: stage.room, identity, attributes })
}

pub(super) fn with_participant(
    stage: &Stage,
    participant: ParticipantSid,
    client_id: ClientId,
) -> ParticipantUpdateParams {
    let attributes = Some(serde_json::json!({"nick": "A"}));
    let participant = Some(participant);
    ParticipantUpdateParams { participant, attributes, ..ParticipantUpdateParams::new(client_id, stage.room) }
}

pub(super) fn annotate(stage: &Stage, client_id: ClientId) -> Call {
    Call::ParticipantUpdate(with_participant(stage, stage.others_sid, client_id))
}

pub(super) fn promote(stage: &Stage, client_id: ClientId) -> Call {
    let params = with_participant(stage, stage.others_sid, client_id);
    Call::ParticipantUpdate(ParticipantUpdateParams { attributes: None, role: Some(Role::Owner), ..params })
}

pub(super) fn annotate_self(stage: &Stage, by: &Actor, client_id: ClientId) -> Call {
    let me = stage.world.store.membership(by.user, stage.room).unwrap();
    let own = me.and_then(|me| me.participant).unwrap_or(stage.others_sid);
    Call::ParticipantUpdate(with_participant(stage, own, client_id))
}

pub(super) fn remove(stage: &Stage, whom: &Actor, client_id: ClientId) -> Call {
    let (participant, identity) = (None, Some(whom.identity.clone()));
    Call::ParticipantRemove(ParticipantRemoveParams {
        client_id,
        conversation: stage.room,
        participant,
        identity,
    })
}

pub(super) fn send(stage: &Stage, client_id: ClientId) -> Call {
    Call::MessageSend(MessageSendParams::new(client_id, stage.room, "hello"))
}

pub(super) fn with_message(stage: &Stage, message: &Message, client_id: ClientId) -> MessageEditParams {
    let (message, body, attributes) = (MessageRef::Sid(message.sid), None, None);
    MessageEditParams { client_id, conversation: stage.room, message, body, subject: None, attributes }
}

pub(super) fn edit(stage: &Stage, message: &Message, client_id: ClientId) -> Call {
    let body = Some("changed".into());
    Call::MessageEdit(MessageEditParams { body, ..with_message(stage, message, client_id) })
}

pub(super) fn tag(stage: &Stage, message: &Message, client_id: ClientId) -> Call {
    let attributes = Some(serde_json::json!(["tag"]));
    Call::MessageEdit(MessageEditParams { attributes, ..with_message(stage, message, client_id) })
}

pub(super) fn erase(stage: &Stage, message: &Message, client_id: ClientId) -> Call {
    let message = MessageRef::Sid(message.sid);
    Call::MessageRemove(MessageRemoveParams { client_id, conversation: stage.room, message })
}

pub(super) fn page(stage: &Stage) -> Call {
    let (anchor, direction, limit) = (None, Direction::Backwards, None);
    Call::MessagePage(MessagePageParams { conversation: stage.room, anchor, direction, limit })
}

pub(super) fn range(stage: &Stage) -> Call {
    Call::EventRange(EventRangeParams { conversation: stage.room, after: 0, limit: None })
}

pub(super) fn read(stage: &Stage, client_id: ClientId) -> Call {
    let (index, mode, based_on) = (Some(1), HorizonMode::Advance, 99);
    Call::HorizonSet(HorizonSetParams {
        client_id,
        conversation: stage.room,
        index,
        seq: None,
        mode,
        based_on,
    })
}

pub(super) fn draft(stage: &Stage, body: &str, client_id: ClientId) -> Call {
    let (body, based_on) = (body.to_owned(), None);
    Call::DraftSet(DraftSetParams { client_id, conversation: stage.room, body, based_on })
}

pub(super) fn setting(client_id: ClientId) -> Call {
    let (key, value) = ("appearance.theme".into(), "dark".into());
    Call::SettingSet(SettingSetParams { client_id, key, value })
}

pub(super) fn unread(stage: &Stage) -> Call {
    Call::UnreadGet(UnreadGetParams { conversations: vec![stage.room] })
}

pub(super) fn profile(client_id: ClientId) -> Call {
    let friendly_name = Some("Other".into());
    Call::UserUpdate(UserUpdateParams { friendly_name, ..UserUpdateParams::new(client_id) })
}

pub(super) fn flag(stage: &Stage, client_id: ClientId) -> Call {
    let params = with_participant(stage, stage.others_sid, client_id);
    let flags = Some(confab_protocol::model::ParticipantFlags::default());
    Call::ParticipantUpdate(ParticipantUpdateParams { attributes: None, flags, ..params })
}

pub(super) fn role(client_id: ClientId) -> Call {
    let (friendly_name, kind) = ("Guest".into(), RoleType::Conversation);
    Call::RoleCreate(RoleCreateParams { client_id, friendly_name, kind, permissions: Vec::new() })
}

pub(super) fn rename_role(stage: &Stage, client_id: ClientId) -> Call {
    let friendly_name = Some("Host".into());
    Call::RoleUpdate(RoleUpdateParams { client_id, role: stage.role, friendly_name, permissions: None })
}

pub(super) fn delete_role(stage: &Stage, client_id: ClientId) -> Call {
    Call::RoleDelete(RoleDeleteParams { client_id, role: stage.role })
}

pub(super) fn rename_other(stage: &Stage, client_id: ClientId) -> Call {
    let params = UserUpdateParams { friendly_name: Some("Other".into()), ..UserUpdateParams::new(client_id) };
    Call::UserUpdate(UserUpdateParams { user: Some(stage.other.user), ..params })
}

pub(super) fn give_role(stage: &Stage, client_id: ClientId) -> Call {
    let params =
        UserUpdateParams { role: Some(RoleSid::WORKSPACE_OWNER), ..UserUpdateParams::new(client_id) };
    Call::UserUpdate(UserUpdateParams { user: Some(stage.other.user), ..params })
}

pub(super) fn receipts(stage: &Stage) -> Call {
    let (conversation, message) = (stage.room, stage.by_other.sid);
    Call::MessageReceipts(MessageReceiptsParams { conversation, message, after: None, limit: None })
}

pub(super) fn replay(stage: &Stage) -> Call {
    let (from, count) = (Some(1), Some(3));
    Call::EventReplay(EventReplayParams { conversation: stage.room, from, to: None, count })
}

pub(super) fn status(client_id: ClientId) -> Call {
    let status = Some(confab_protocol::model::UserStatus::Offline);
    Call::UserSetStatus(UserSetStatusParams { client_id, status })
}

pub(super) fn invite(client_id: ClientId) -> Call {
    Call::InviteCreate(InviteCreateParams { client_id, expires_in_ms: None, max_uses: None })
}

pub(super) fn uninvite(stage: &Stage, client_id: ClientId) -> Call {
    Call::InviteRevoke(InviteRevokeParams { client_id, invite: stage.invite })
}

pub(super) fn sign_out(device: DeviceSid, client_id: ClientId) -> Call {
    Call::DeviceRevoke(DeviceRevokeParams { client_id, device })
}

pub(super) fn add_non_chat(stage: &Stage, client_id: ClientId) -> Call {
    Call::NonChatAdd(NonChatAddParams {
        client_id,
        conversation: stage.room,
        kind: "sms".into(),
        // Another one each time.
        address: client_id.to_string(),
        proxy_address: None,
        name: None,
        level: None,
        attributes: None,
    })
}

pub(super) fn update_non_chat(stage: &Stage, client_id: ClientId) -> Call {
    let (participant, attributes) = (stage.non_chat, serde_json::json!({"a": 1}));
    Call::NonChatUpdate(NonChatUpdateParams { client_id, conversation: stage.room, participant, attributes })
}

pub(super) fn remove_non_chat(stage: &Stage, client_id: ClientId) -> Call {
    let participant = stage.non_chat;
    Call::NonChatRemove(NonChatRemoveParams { client_id, conversation: stage.room, participant })
}

pub(super) fn report(stage: &Stage, client_id: ClientId) -> Call {
    Call::MessageReport(MessageReportParams {
        client_id,
        conversation: stage.room,
        message: stage.by_other.sid,
        participant: stage.non_chat,
        status: DeliveryStatus::Delivered,
        channel_message_sid: None,
        error_code: None,
        channel_metadata: None,
    })
}

pub(super) fn register(client_id: ClientId) -> Call {
    let (kind, token) = ("fcm".to_owned(), "t".to_owned());
    Call::PushRegister(PushRegisterParams { client_id, kind, token, events: None })
}

pub(super) fn unregister(device: Option<DeviceSid>, client_id: ClientId) -> Call {
    Call::PushUnregister(PushUnregisterParams { client_id, device })
}
