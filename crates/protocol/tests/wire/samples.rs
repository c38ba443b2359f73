//! One of each frame, with fixed identifiers.

mod http;
mod things;

use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::method::*;
use confab_protocol::model::*;
use confab_protocol::version::{Capability, VersionRange};
use confab_protocol::*;
use serde_json::json;

pub(crate) use http::bodies;
use http::media;
use things::*;

/// Every method with its result, in the order of the documentation.
pub(crate) fn calls() -> Vec<(Call, Answer)> {
    let conversation = conversation_sid();
    let message_ref = MessageRef::Sid(message().sid);
    let summary_result = ConversationResult { summary: summary() };
    vec![
        (
            Call::Hello(HelloParams {
                versions: VersionRange::OURS,
                capabilities: Capability::OURS.to_vec(),
                token: "eyJhbGciOiJIUzI1NiJ9…".into(),
                client: "confab/0.1.0".into(),
            }),
            Answer::Hello(HelloResult {
                version: 1,
                capabilities: Capability::OURS.to_vec(),
                workspace: workspace(),
                epoch: epoch(),
                user: user(),
                device: device().sid,
                state_version: 21,
                roles_version: 4,
                now: AT,
                token_expires_at: AT.plus(limits::ACCESS_TOKEN_MS),
                heartbeat_ms: limits::HEARTBEAT_MS,
                reconnect_spread_ms: limits::RECONNECT_SPREAD_MS,
            }),
        ),
        (
            Call::Ping(Nothing {}),
            Answer::Ping(PingResult { now: AT, reconnect_spread_ms: limits::RECONNECT_SPREAD_MS }),
        ),
        (
            Call::TokenRenew(TokenRenewParams { token: "eyJhbGciOiJIUzI1NiJ9…".into() }),
            Answer::TokenRenew(TokenRenewResult { token_expires_at: AT.plus(limits::ACCESS_TOKEN_MS) }),
        ),
        (
            Call::Resume(ResumeParams {
                epoch: epoch(),
                cursor: 480,
                limit: Some(50),
                state_version: Some(22),
            }),
            Answer::Resume(ResumeResult {
                epoch: epoch(),
                cursor: 502,
                more: false,
                state_version: 24,
                summaries: vec![summary()],
                state: StatePage { drafts: vec![draft()], settings: vec![setting()], state_to: Some(24) },
            }),
        ),
        (
            Call::ConversationList(ConversationListParams {
                after: None,
                limit: Some(50),
                state_version: Some(24),
            }),
            Answer::ConversationList(ConversationListResult {
                epoch: epoch(),
                cursor: 502,
                state_version: 24,
                summaries: vec![summary()],
                next: None,
                state: StatePage { state_to: Some(24), ..StatePage::default() },
            }),
        ),
        (
            Call::ConversationGet(ConversationGetParams {
                conversation: Some(conversation),
                unique_name: None,
            }),
            Answer::ConversationGet(summary_result.clone()),
        ),
        (
            Call::ConversationGetMany(ConversationGetManyParams { conversations: vec![conversation] }),
            Answer::ConversationGetMany(ConversationGetManyResult { summaries: vec![left_summary()] }),
        ),
        (
            Call::ConversationPeek(ConversationParams { conversation }),
            Answer::ConversationPeek(ConversationPeekResult { conversation: open() }),
        ),
        (
            Call::ConversationListPublic(ConversationPageParams {
                after: Some(conversation),
                limit: Some(50),
            }),
            Answer::ConversationListPublic(ConversationListPublicResult {
                conversations: vec![open()],
                more: false,
            }),
        ),
        (
            Call::ConversationListLeft(ConversationPageParams::default()),
            Answer::ConversationListLeft(ConversationListLeftResult {
                left: vec![left_summary().me],
                more: false,
            }),
        ),
        (
            Call::ConversationCounts(ConversationParams { conversation }),
            Answer::ConversationCounts(ConversationCountsResult { as_of: 12, messages: 7, participants: 2 }),
        ),
        (
            Call::ConversationCreate(ConversationCreateParams {
                friendly_name: Some("Release 2.4".into()),
                unique_name: Some("release-2.4".into()),
                attributes: Some(json!({"pier": 7})),
                participants: vec![InitialParticipant {
                    identity: "Aiko".into(),
                    role: Role::Participant,
                    attributes: None,
                }],
                timers: Some(timers()),
                ..ConversationCreateParams::new(client(1))
            }),
            Answer::ConversationCreate(summary_result.clone()),
        ),
        (
            Call::ConversationUpdate(ConversationUpdateParams {
                friendly_name: Some(Some("Release 2.5".into())),
                unique_name: Some(None),
                state: Some(ConversationState::Inactive),
                ..ConversationUpdateParams::new(client(2), conversation)
            }),
            Answer::ConversationUpdate(summary_result.clone()),
        ),
        (
            Call::ConversationJoin(ConversationJoinParams { client_id: client(21), conversation }),
            Answer::ConversationJoin(summary_result),
        ),
        (
            Call::ConversationDelete(ConversationDeleteParams { client_id: client(22), conversation }),
            Answer::ConversationDelete(Nothing {}),
        ),
        (
            Call::SetNotificationLevel(SetNotificationLevelParams {
                client_id: client(3),
                conversation,
                level: NotificationLevel::Muted,
            }),
            Answer::SetNotificationLevel(StateResult {
                me: UserConversation {
                    notification_level: NotificationLevel::Muted,
                    version: 22,
                    ..own_row()
                },
            }),
        ),
        (
            Call::ParticipantList(ParticipantListParams {
                conversation,
                after_version: Some(2),
                after: None,
                limit: Some(200),
            }),
            Answer::ParticipantList(ParticipantListResult {
                as_of: 3,
                participants: vec![participant()],
                more: false,
            }),
        ),
        (
            Call::ParticipantAdd(ParticipantAddParams {
                client_id: client(5),
                conversation,
                identity: "aiko".into(),
                attributes: None,
            }),
            Answer::ParticipantAdd(ParticipantResult { participant: participant() }),
        ),
        (
            Call::ParticipantUpdate(ParticipantUpdateParams {
                participant: Some(participant().sid),
                attributes: Some(json!({"desk": "pier 7"})),
                role: Some(Role::Participant),
                flags: Some(flags()),
                ..ParticipantUpdateParams::new(client(6), conversation)
            }),
            Answer::ParticipantUpdate(ParticipantResult {
                participant: Participant {
                    attributes: json!({"desk": "pier 7"}),
                    flags: Some(flags()),
                    version: 4,
                    ..participant()
                },
            }),
        ),
        (
            Call::ParticipantRemove(ParticipantRemoveParams {
                client_id: client(7),
                conversation,
                participant: None,
                identity: Some("Aiko".into()),
            }),
            Answer::ParticipantRemove(ParticipantResult { participant: gone() }),
        ),
        (
            Call::NonChatList(ConversationParams { conversation }),
            Answer::NonChatList(NonChatListResult { as_of: 12, participants: vec![non_chat()] }),
        ),
        (
            Call::NonChatAdd(NonChatAddParams {
                client_id: client(27),
                conversation,
                kind: non_chat().kind,
                address: non_chat().address,
                proxy_address: non_chat().proxy_address,
                name: non_chat().name,
                level: non_chat().level,
                attributes: None,
            }),
            Answer::NonChatAdd(NonChatResult { participant: non_chat() }),
        ),
        (
            Call::NonChatUpdate(NonChatUpdateParams {
                client_id: client(28),
                conversation,
                participant: non_chat().sid,
                attributes: json!({"language": "no"}),
            }),
            Answer::NonChatUpdate(NonChatResult {
                participant: NonChatParticipant { attributes: json!({"language": "no"}), ..non_chat() },
            }),
        ),
        (
            Call::NonChatRemove(NonChatRemoveParams {
                client_id: client(29),
                conversation,
                participant: non_chat().sid,
            }),
            Answer::NonChatRemove(Nothing {}),
        ),
        (
            Call::RoleList(Nothing {}),
            Answer::RoleList(RoleListResult { roles: vec![built_in_role(), role()], as_of: 4 }),
        ),
        (
            Call::RoleCreate(RoleCreateParams {
                client_id: client(23),
                friendly_name: role().friendly_name,
                kind: RoleType::Conversation,
                permissions: role().permissions,
            }),
            Answer::RoleCreate(RoleResult { role: role() }),
        ),
        (
            Call::RoleUpdate(RoleUpdateParams {
                client_id: client(24),
                role: role().sid,
                friendly_name: None,
                permissions: Some(role().permissions),
            }),
            Answer::RoleUpdate(RoleResult { role: role() }),
        ),
        (
            Call::RoleDelete(RoleDeleteParams { client_id: client(25), role: role().sid }),
            Answer::RoleDelete(Nothing {}),
        ),
        (
            Call::MessageSend(MessageSendParams {
                media: vec![media().sid],
                mentions: vec!["Ingrid".into()],
                after: Some(client(8)),
                ..MessageSendParams::new(client(4), conversation, "The board is hard to read from the quay.")
            }),
            Answer::MessageSend(MessageResult { message: Message { media: vec![media()], ..message() } }),
        ),
        (
            Call::MessageEdit(MessageEditParams {
                client_id: client(9),
                conversation,
                message: message_ref,
                body: edited().body,
                subject: None,
                attributes: None,
            }),
            Answer::MessageEdit(MessageResult { message: edited() }),
        ),
        (
            Call::MessageRemove(MessageRemoveParams {
                client_id: client(10),
                conversation,
                message: MessageRef::ClientId(client(4)),
            }),
            Answer::MessageRemove(MessageResult { message: tombstone() }),
        ),
        (
            Call::MessagePage(MessagePageParams {
                conversation,
                anchor: Some(8),
                direction: Direction::Backwards,
                limit: Some(30),
            }),
            Answer::MessagePage(MessagePageResult {
                as_of: 12,
                messages: vec![message()],
                has_older: true,
                has_newer: false,
            }),
        ),
        (
            Call::MessageReceipts(MessageReceiptsParams {
                conversation,
                message: message().sid,
                after: None,
                limit: Some(200),
            }),
            Answer::MessageReceipts(MessageReceiptsResult {
                aggregated: AggregatedReceipt {
                    total: 2,
                    sent: DeliveryAmount::All,
                    delivered: DeliveryAmount::Some,
                    read: DeliveryAmount::Some,
                    ..AggregatedReceipt::default()
                },
                receipts: vec![receipt()],
                next: None,
            }),
        ),
        (
            Call::MessageReport(MessageReportParams {
                client_id: client(30),
                conversation,
                message: message().sid,
                participant: non_chat().sid,
                status: DeliveryStatus::Undelivered,
                channel_message_sid: reported().channel_message_sid,
                error_code: Some(30_003),
                channel_metadata: reported().channel_metadata,
            }),
            Answer::MessageReport(MessageReportResult { receipt: reported() }),
        ),
        (
            Call::EventRange(EventRangeParams { conversation, after: 11, limit: Some(100) }),
            Answer::EventRange(EventRangeResult {
                from: 12,
                to: 12,
                more: false,
                reset: false,
                events: vec![log(12, Change::MessageAdded(Box::new(message())))],
            }),
        ),
        (
            Call::EventReplay(EventReplayParams { conversation, from: None, to: Some(12), count: Some(1) }),
            Answer::EventReplay(EventReplayResult {
                from: 12,
                to: 12,
                events: vec![log(12, Change::MessageAdded(Box::new(message())))],
            }),
        ),
        (
            Call::HorizonSet(HorizonSetParams {
                client_id: client(11),
                conversation,
                index: Some(8),
                seq: None,
                mode: HorizonMode::Advance,
                based_on: 21,
            }),
            Answer::HorizonSet(HorizonResult {
                me: UserConversation {
                    unread: Unread { horizon: Some(8), unread: 0, mentions: 0, at_seq: 12, since: 0 },
                    version: 22,
                    ..own_row()
                },
            }),
        ),
        (
            Call::UnreadGet(UnreadGetParams { conversations: vec![conversation] }),
            Answer::UnreadGet(UnreadGetResult { rows: vec![UnreadRow { conversation, unread: unread() }] }),
        ),
        (Call::TypingStart(ConversationParams { conversation }), Answer::TypingStart(Nothing {})),
        (
            Call::InterestSet(InterestSetParams {
                open: Some(conversation),
                rows: vec![conversation],
                rosters: true,
            }),
            Answer::InterestSet(Nothing {}),
        ),
        (
            Call::PresenceSubscribe(PresenceSubscribeParams { identities: vec!["Aiko".into()] }),
            Answer::PresenceSubscribe(PresenceSubscribeResult { people: vec![presence(2)] }),
        ),
        (
            Call::UserList(UserListParams { query: Some("ing".into()), after: None, limit: Some(50) }),
            Answer::UserList(UserListResult { users: vec![user()], more: true, next: Some(user().sid) }),
        ),
        (
            Call::UserSetStatus(UserSetStatusParams {
                client_id: client(26),
                status: Some(UserStatus::Busy),
            }),
            Answer::UserSetStatus(UserResult {
                user: User { status: Some(UserStatus::Busy), version: 3, ..user() },
            }),
        ),
        (
            Call::UserGet(UserGetParams { identities: vec!["Ingrid".into()], users: vec![] }),
            Answer::UserGet(UserGetResult { users: vec![user()] }),
        ),
        (
            Call::UserUpdate(UserUpdateParams {
                friendly_name: Some("Ingrid Solheim".into()),
                ..UserUpdateParams::new(client(12))
            }),
            Answer::UserUpdate(UserResult { user: user() }),
        ),
        (
            Call::UserSetPassword(UserSetPasswordParams {
                client_id: client(13),
                current: Some("long ago and far away".into()),
                password: "seven grey herons".into(),
            }),
            Answer::UserSetPassword(Nothing {}),
        ),
        (
            Call::InviteCreate(InviteCreateParams {
                client_id: client(14),
                expires_in_ms: Some(7 * 86_400_000),
                max_uses: Some(100),
            }),
            Answer::InviteCreate(InviteCreateResult { invite: invite(), link: link() }),
        ),
        (
            Call::InviteRevoke(InviteRevokeParams { client_id: client(15), invite: invite().sid }),
            Answer::InviteRevoke(Nothing {}),
        ),
        (Call::InviteList(Nothing {}), Answer::InviteList(InviteListResult { invites: vec![invite()] })),
        (Call::DeviceList(Nothing {}), Answer::DeviceList(DeviceListResult { devices: vec![device()] })),
        (
            Call::DeviceRevoke(DeviceRevokeParams { client_id: client(16), device: device().sid }),
            Answer::DeviceRevoke(Nothing {}),
        ),
        (
            Call::PushRegister(PushRegisterParams {
                client_id: client(31),
                kind: "fcm".into(),
                token: "d1f0…".into(),
                events: Some(vec![PushEvent::MessageAdded, PushEvent::ParticipantJoined]),
            }),
            Answer::PushRegister(PushRegisterResult {
                registration: PushRegistration {
                    kind: "fcm".into(),
                    events: vec![PushEvent::MessageAdded, PushEvent::ParticipantJoined],
                },
            }),
        ),
        (
            Call::PushUnregister(PushUnregisterParams { client_id: client(32), device: None }),
            Answer::PushUnregister(Nothing {}),
        ),
        (
            Call::DraftSet(DraftSetParams {
                client_id: client(19),
                conversation,
                body: draft().body,
                based_on: Some(21),
            }),
            Answer::DraftSet(DraftResult { draft: draft() }),
        ),
        (
            Call::SettingSet(SettingSetParams {
                client_id: client(20),
                key: setting().key,
                value: setting().value,
            }),
            Answer::SettingSet(SettingResult { setting: setting() }),
        ),
        (
            Call::MediaUrls(MediaUrlsParams { media: vec![media().sid] }),
            Answer::MediaUrls(MediaUrlsResult {
                urls: vec![MediaUrl {
                    sid: media().sid,
                    url: format!(
                        "/v1/media/{}/content?user={}&expires=1795000300000&signature=c2lnbmF0dXJl",
                        media().sid,
                        user().sid
                    ),
                }],
                expires_at: AT.plus(limits::MEDIA_URL_MS),
            }),
        ),
        (
            Call::MediaLimits(Nothing {}),
            Answer::MediaLimits(MediaLimitsResult {
                per_message: 10,
                file_bytes: limits::MEDIA_BYTES,
                unsent_bytes: limits::UNSENT_MEDIA_BYTES,
                unsent_files: 200,
                allowed_types: vec![],
                denied_types: vec!["application/x-msdownload".into()],
                body_types: vec!["text/plain".into(), "text/html".into()],
                history_types: vec!["text/plain".into(), "text/html".into()],
            }),
        ),
    ]
}

fn log(seq: u64, change: Change) -> LogEvent {
    let (changed, subject) = match &change {
        Change::ConversationCreated(conversation) => (vec![], conversation.sid.to_string()),
        Change::ConversationUpdated(conversation) => {
            (vec!["friendly_name".into()], conversation.sid.to_string())
        }
        Change::ParticipantJoined(row) | Change::ParticipantLeft(row) => (vec![], row.sid.to_string()),
        Change::MessageAdded(message) | Change::MessageRemoved(message) => (vec![], message.sid.to_string()),
        Change::MessageEdited(message) => (vec!["body".into()], message.sid.to_string()),
        Change::ConversationDeleted(gone) => (vec![], gone.sid.to_string()),
        Change::Unknown { event } => (vec![], event.clone()),
    };
    LogEvent {
        conversation: conversation_sid(),
        seq,
        at: AT.plus(5_000),
        actor: Some("Aiko".into()),
        device: Some(device().sid),
        changed,
        subject: Some(subject),
        change,
    }
}

/// Every push, in the order of the documentation.
pub(crate) fn pushes() -> Vec<Push> {
    let conversation_sid = conversation_sid();
    let log_events = [
        log(1, Change::ConversationCreated(Box::new(conversation()))),
        log(11, Change::ConversationUpdated(Box::new(conversation()))),
        log(3, Change::ParticipantJoined(Box::new(participant()))),
        log(15, Change::ParticipantLeft(Box::new(gone()))),
        log(12, Change::MessageAdded(Box::new(message()))),
        log(13, Change::MessageEdited(Box::new(edited()))),
        log(14, Change::MessageRemoved(Box::new(tombstone()))),
        log(16, Change::ConversationDeleted(DeletedConversation { sid: conversation_sid })),
    ];
    let signals = [
        Signal::RosterChanged { conversation: conversation_sid, from: 2, to: 3, rows: vec![participant()] },
        Signal::StateChanged {
            from: 20,
            to: 24,
            rows: vec![own_row()],
            drafts: vec![draft()],
            settings: vec![setting()],
        },
        Signal::UserChanged { users: vec![user()] },
        Signal::RolesChanged { from: 3, to: 4, roles: vec![role()], removed: vec![RoleSid(id(12))] },
        Signal::TypingStarted {
            conversation: conversation_sid,
            identity: "Aiko".into(),
            timeout_ms: limits::TYPING_TIMEOUT_MS,
        },
        Signal::PresenceChanged { people: vec![presence(0)] },
        Signal::Heartbeat {
            heads: vec![Head { conversation: conversation_sid, version: 12, roster_version: 3 }],
            number: 7,
            state_version: Some(21),
            roles_version: Some(4),
            people: Some(3),
        },
        Signal::TokenAboutToExpire { expires_at: AT.plus(limits::TOKEN_WARNING_MS) },
        Signal::TokenExpired {},
        Signal::Lagged {},
        Signal::Closing { reason: CloseReason::Stopping },
    ];
    log_events.into_iter().map(Push::Log).chain(signals.into_iter().map(Push::Signal)).collect()
}
