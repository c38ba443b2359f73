//! The things that the samples carry, with fixed identifiers.

use confab_protocol::model::*;
use confab_protocol::*;
use serde_json::json;
use uuid::Uuid;

pub(super) const AT: Timestamp = Timestamp(1_795_000_000_000);

pub(super) fn id(n: u128) -> Uuid {
    Uuid::from_u128(0x0199_c2d4_7e00_7000_8000_0000_0000_0000 + n)
}

pub(super) fn client(n: u128) -> ClientId {
    ClientId(id(0xc000 + n))
}

pub(super) fn conversation_sid() -> ConversationSid {
    ConversationSid(id(1))
}

pub(super) fn conversation() -> Conversation {
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

pub(super) fn participant() -> Participant {
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

pub(super) fn message() -> Message {
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

pub(super) fn edited() -> Message {
    Message {
        body: Some("The board is hard to read from the pier.".into()),
        date_updated: AT.plus(9_000),
        last_updated_by: Some("Aiko".into()),
        version: 13,
        ..message()
    }
}

pub(super) fn tombstone() -> Message {
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

pub(super) fn user() -> User {
    User {
        sid: UserSid(id(5)),
        identity: "Ingrid".into(),
        friendly_name: "Ingrid Solheim".into(),
        attributes: json!({}),
        role: Role::Owner,
        role_sid: Some(RoleSid::WORKSPACE_OWNER),
        status: None,
        notifiable: false,
        deactivated: false,
        version: 2,
    }
}

pub(super) fn unread() -> Unread {
    Unread { horizon: Some(6), unread: 2, mentions: 1, at_seq: 12, since: 0 }
}

pub(super) fn own_row() -> UserConversation {
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
        peer: None,
        left_name: None,
        left_at: None,
        version: 21,
    }
}

pub(super) fn draft() -> Draft {
    Draft { conversation: conversation_sid(), body: "The board could".into(), version: 23 }
}

pub(super) fn setting() -> Setting {
    Setting { key: "appearance.theme".into(), value: json!("dark"), version: 24 }
}

pub(super) fn summary() -> ConversationSummary {
    ConversationSummary { conversation: Some(conversation()), me: own_row(), last_message: Some(message()) }
}

pub(super) fn workspace() -> Workspace {
    Workspace {
        sid: WorkspaceSid(id(7)),
        name: "Fjordline".into(),
        addresses: vec!["192.168.1.20:7420".into()],
        fingerprint: "5f".repeat(32),
    }
}

pub(super) fn epoch() -> Epoch {
    Epoch(id(8))
}

pub(super) fn invite() -> Invite {
    Invite { sid: InviteSid(id(9)), expires_at: AT.plus(7 * 86_400_000), max_uses: 100, uses: 0 }
}

pub(super) fn link() -> String {
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

pub(super) fn device() -> Device {
    Device {
        sid: DeviceSid(id(10)),
        name: "Harbour office".into(),
        date_created: AT,
        last_seen: AT,
        current: true,
        push: None,
    }
}

pub(super) fn flags() -> ParticipantFlags {
    ParticipantFlags { can_write: true, can_edit: true, can_remove: true, ..ParticipantFlags::default() }
}

pub(super) fn role() -> NamedRole {
    NamedRole {
        sid: RoleSid(id(11)),
        kind: RoleType::Conversation,
        friendly_name: "Guest".into(),
        permissions: vec!["sendMessage".into(), "leaveConversation".into()],
        built_in: false,
    }
}

pub(super) fn built_in_role() -> NamedRole {
    NamedRole {
        sid: RoleSid::WORKSPACE_USER,
        kind: RoleType::Workspace,
        friendly_name: "workspace user".into(),
        permissions: vec!["createConversation".into(), "joinConversation".into(), "editOwnUserInfo".into()],
        built_in: true,
    }
}

pub(super) fn timers() -> Timers {
    Timers { inactive: Some("P7D".into()), closed: Some("P30D".into()) }
}

pub(super) fn open() -> Conversation {
    Conversation { public_join: true, timers: timers(), ..conversation() }
}

pub(super) fn left_summary() -> ConversationSummary {
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

pub(super) fn presence(profile_version: u64) -> Presence {
    Presence { identity: "Aiko".into(), online: true, profile_version }
}

pub(super) fn gone() -> Participant {
    Participant { status: MembershipStatus::NotParticipating, version: 4, ..participant() }
}

pub(super) fn non_chat() -> NonChatParticipant {
    NonChatParticipant {
        sid: ParticipantSid(id(12)),
        kind: "email".into(),
        address: "ida@example.org".into(),
        proxy_address: Some("support@example.com".into()),
        name: Some("Ida".into()),
        level: Some("to".into()),
        attributes: json!({}),
        date_created: AT,
        date_updated: AT,
    }
}

pub(super) fn receipt() -> DetailedReceipt {
    let participant = own_row().participant.expect("she is in it");
    DetailedReceipt {
        sid: derived::receipt(message().sid, participant),
        participant,
        identity: Some("Ingrid".into()),
        status: DeliveryStatus::Read,
        channel_message_sid: None,
        error_code: 0,
        channel_metadata: None,
        date_created: AT,
        date_updated: AT.plus(6_000),
    }
}

pub(super) fn reported() -> DetailedReceipt {
    DetailedReceipt {
        sid: derived::receipt(message().sid, non_chat().sid),
        participant: non_chat().sid,
        identity: None,
        status: DeliveryStatus::Undelivered,
        channel_message_sid: Some("SM7".into()),
        error_code: 30_003,
        channel_metadata: Some(ChannelMetadata { kind: "sms".into(), data: json!({"parts": 1}) }),
        ..receipt()
    }
}
