//! One of each frame, with fixed identifiers.

use confab_protocol::event::{CloseReason, Signal};
use confab_protocol::method::*;
use confab_protocol::model::*;
use confab_protocol::version::{Capability, VersionRange};
use confab_protocol::*;
use serde_json::json;
use uuid::Uuid;

const AT: Timestamp = Timestamp(1_795_000_000_000);

fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_c2d4_7e00_7000_8000_0000_0000_0000 + n)
}

fn client(n: u128) -> ClientId {
    ClientId(id(0xc000 + n))
}

fn conversation_sid() -> ConversationSid {
    ConversationSid(id(1))
}

fn conversation() -> Conversation {
    Conversation {
        sid: conversation_sid(),
        friendly_name: Some("Release 2.4".into()),
        unique_name: Some("release-2.4".into()),
        attributes: json!({"pier": 7}),
        created_by: "Ingrid".into(),
        date_created: AT,
        date_updated: AT,
        state: ConversationState::Active,
        date_state_updated: AT,
        timers: Timers::default(),
        direct: false,
        public_join: false,
        uber: false,
        version: 12,
        roster_version: 3,
        participants_count: 2,
        last_message: Some(LastMessage { index: 8, date_created: AT.plus(5_000) }),
    }
}

fn participant() -> Participant {
    Participant {
        sid: ParticipantSid(id(2)),
        user: UserSid(id(3)),
        identity: "Aiko".into(),
        profile_version: 1,
        role: Role::Participant,
        role_sid: Some(RoleSid::PARTICIPANT),
        flags: None,
        attributes: json!({}),
        last_read_message_index: Some(7),
        last_read_event_seq: 11,
        last_read_timestamp: Some(AT.plus(4_000)),
        date_created: AT,
        date_updated: AT.plus(4_000),
        status: MembershipStatus::Joined,
        version: 3,
    }
}

fn message() -> Message {
    Message {
        sid: MessageSid(id(4)),
        client_id: client(4),
        conversation: conversation_sid(),
        index: 8,
        author: "Aiko".into(),
        participant: Some(ParticipantSid(id(2))),
        kind: MessageType::Text,
        subject: None,
        body: Some("The board is hard to read from the quay.".into()),
        attributes: json!({}),
        media: vec![],
        relates_to: None,
        mentions: vec!["Ingrid".into()],
        date_created: AT.plus(5_000),
        date_updated: AT.plus(5_000),
        last_updated_by: None,
        removed: false,
        seq: 12,
        version: 12,
    }
}

fn edited() -> Message {
    Message {
        body: Some("The board is hard to read from the pier.".into()),
        date_updated: AT.plus(9_000),
        last_updated_by: Some("Aiko".into()),
        version: 13,
        ..message()
    }
}

fn tombstone() -> Message {
    Message {
        body: None,
        attributes: json!({}),
        mentions: vec![],
        removed: true,
        date_updated: AT.plus(12_000),
        version: 14,
        ..message()
    }
}

fn user() -> User {
    User {
        sid: UserSid(id(5)),
        identity: "Ingrid".into(),
        friendly_name: "Ingrid Solheim".into(),
        attributes: json!({}),
        role: Role::Owner,
        role_sid: Some(RoleSid::WORKSPACE_OWNER),
        status: None,
        deactivated: false,
        version: 2,
    }
}

fn unread() -> Unread {
    Unread { horizon: Some(6), unread: 2, mentions: 1, at_seq: 12, since: 0 }
}

fn own_row() -> UserConversation {
    UserConversation {
        conversation: conversation_sid(),
        status: MembershipStatus::Joined,
        participant: Some(ParticipantSid(id(6))),
        role: Role::Owner,
        role_sid: Some(RoleSid::OWNER),
        flags: None,
        notification_level: NotificationLevel::Default,
        unread: unread(),
        last_read_event_seq: 10,
        left_name: None,
        left_at: None,
        version: 21,
    }
}

fn draft() -> Draft {
    Draft { conversation: conversation_sid(), body: "The board could".into(), version: 23 }
}

fn setting() -> Setting {
    Setting { key: "appearance.theme".into(), value: json!("dark"), version: 24 }
}

fn summary() -> ConversationSummary {
    ConversationSummary { conversation: Some(conversation()), me: own_row(), last_message: Some(message()) }
}

fn workspace() -> Workspace {
    Workspace {
        sid: WorkspaceSid(id(7)),
        name: "Fjordline".into(),
        addresses: vec!["192.168.1.20:7420".into()],
        fingerprint: "5f".repeat(32),
    }
}

fn epoch() -> Epoch {
    Epoch(id(8))
}

fn invite() -> Invite {
    Invite { sid: InviteSid(id(9)), expires_at: AT.plus(7 * 86_400_000), max_uses: 100, uses: 0 }
}

fn link() -> String {
    let secret = Some("AAECAwQFBgcICQoLDA0ODw".to_owned());
    let workspace = workspace();
    Link {
        workspace: workspace.sid,
        name: workspace.name,
        addresses: workspace.addresses,
        fingerprint: workspace.fingerprint,
        secret,
    }
    .to_string()
}

fn device() -> Device {
    Device {
        sid: DeviceSid(id(10)),
        name: "Harbour office".into(),
        date_created: AT,
        last_seen: AT,
        current: true,
    }
}

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
            Call::RoleList(Nothing {}),
            Answer::RoleList(RoleListResult { roles: vec![built_in_role(), role()] }),
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
                mentions: vec!["Ingrid".into()],
                after: Some(client(8)),
                ..MessageSendParams::new(client(4), conversation, "The board is hard to read from the quay.")
            }),
            Answer::MessageSend(MessageResult { message: message() }),
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
            Call::InterestSet(InterestSetParams { open: Some(conversation), rows: vec![conversation] }),
            Answer::InterestSet(Nothing {}),
        ),
        (
            Call::PresenceSubscribe(PresenceSubscribeParams { identities: vec!["Aiko".into()] }),
            Answer::PresenceSubscribe(PresenceSubscribeResult { people: vec![presence()] }),
        ),
        (
            Call::UserList(UserListParams { after: None, limit: Some(50) }),
            Answer::UserList(UserListResult { users: vec![user()], more: false }),
        ),
        (
            Call::UserSetStatus(UserSetStatusParams {
                client_id: client(26),
                status: Some(UserStatus::Offline),
            }),
            Answer::UserSetStatus(UserResult {
                user: User { status: Some(UserStatus::Offline), version: 3, ..user() },
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
    ]
}

fn flags() -> ParticipantFlags {
    ParticipantFlags { can_write: true, can_edit: true, can_remove: true, ..ParticipantFlags::default() }
}

fn role() -> NamedRole {
    NamedRole {
        sid: RoleSid(id(11)),
        kind: RoleType::Conversation,
        friendly_name: "Guest".into(),
        permissions: vec!["sendMessage".into(), "leaveConversation".into()],
        built_in: false,
    }
}

fn built_in_role() -> NamedRole {
    NamedRole {
        sid: RoleSid::WORKSPACE_USER,
        kind: RoleType::Workspace,
        friendly_name: "workspace user".into(),
        permissions: vec!["createConversation".into(), "joinConversation".into(), "editOwnUserInfo".into()],
        built_in: true,
    }
}

fn timers() -> Timers {
    Timers { inactive: Some("P7D".into()), closed: Some("P30D".into()) }
}

fn open() -> Conversation {
    Conversation { public_join: true, timers: timers(), ..conversation() }
}

fn left_summary() -> ConversationSummary {
    let me = UserConversation {
        status: MembershipStatus::NotParticipating,
        participant: None,
        role: Role::Participant,
        role_sid: None,
        unread: Unread::default(),
        last_read_event_seq: 0,
        left_name: conversation().friendly_name,
        left_at: Some(AT.plus(60_000)),
        version: 25,
        ..own_row()
    };
    ConversationSummary { conversation: None, me, last_message: None }
}

fn presence() -> Presence {
    Presence { identity: "Aiko".into(), online: true }
}

fn gone() -> Participant {
    Participant { status: MembershipStatus::NotParticipating, version: 4, ..participant() }
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
        Signal::TypingStarted {
            conversation: conversation_sid,
            identity: "Aiko".into(),
            timeout_ms: limits::TYPING_TIMEOUT_MS,
        },
        Signal::PresenceChanged { people: vec![presence()] },
        Signal::Heartbeat {
            heads: vec![Head { conversation: conversation_sid, version: 12, roster_version: 3 }],
            number: 7,
            state_version: Some(21),
        },
        Signal::TokenAboutToExpire { expires_at: AT.plus(limits::TOKEN_WARNING_MS) },
        Signal::TokenExpired {},
        Signal::Lagged {},
        Signal::Closing { reason: CloseReason::Stopping },
    ];
    log_events.into_iter().map(Push::Log).chain(signals.into_iter().map(Push::Signal)).collect()
}

/// Every body of the HTTP side: its name and its text.
pub(crate) fn bodies() -> Vec<(&'static str, serde_json::Value)> {
    use confab_protocol::http::*;
    let to = |value| serde_json::to_value(value).expect("a body is JSON");
    vec![
        ("Health", to(json!(Health { status: "ok".into(), version: "0.1.0".into() }))),
        ("WorkspaceInfo", to(json!(WorkspaceInfo { workspace: workspace(), versions: VersionRange::OURS }))),
        (
            "JoinRequest",
            to(json!(JoinRequest {
                client_id: client(17),
                secret: "AAECAwQFBgcICQoLDA0ODw".into(),
                identity: "Aiko".into(),
                password: "seven grey herons".into(),
                device_name: "Harbour office".into(),
            })),
        ),
        (
            "SignInRequest",
            to(json!(SignInRequest {
                client_id: client(18),
                identity: "Aiko".into(),
                password: "seven grey herons".into(),
                device_name: "Harbour office".into(),
            })),
        ),
        ("RefreshRequest", to(json!(RefreshRequest { refresh_token: "DV0199….c2VjcmV0".into() }))),
        (
            "TokenGrant",
            to(json!(TokenGrant {
                workspace: workspace(),
                user: user(),
                device: device().sid,
                access_token: "eyJhbGciOiJIUzI1NiJ9…".into(),
                access_expires_at: AT.plus(limits::ACCESS_TOKEN_MS),
                refresh_token: "DV0199….bmV3ZXI".into(),
            })),
        ),
        ("ErrorBody", to(json!(ErrorBody { error: WireError::new(ErrorCode::InviteExpired) }))),
    ]
}
