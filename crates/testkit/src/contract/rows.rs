//! Rows to write in tests: every field filled, so that one which a store forgets shows.

use confab_domain::permission::Permission;
use confab_domain::row::{
    AuditAction, AuditRow, ConversationRow, DeviceRow, DraftRow, EventKind, EventRow, HeadRow, IntervalRow,
    InviteRow, MediaRow, MediaState, MembershipRow, MessageRow, NonChatRow, OutcomeRow, ParticipantRow,
    PushRow, ReceiptRow, RoleRow, SettingRow, SigningAlgorithm, SigningKeyRow, TimersRow, UserRow,
    WorkspaceRow,
};
use confab_domain::{StoreResult, Tx};
use confab_protocol::model::{
    ConversationState, DeliveryStatus, Media, MediaCategory, MembershipStatus, MessageType,
    NotificationLevel, ParticipantFlags, PushEvent, Role, RoleType, UserStatus,
};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use uuid::Uuid;

/// The greatest number that crosses the wire.
pub(super) const GREATEST: u64 = (1 << 53) - 1;

pub(super) fn uuid(number: u64) -> Uuid {
    Uuid::from_u128(0x0190_0000_0000_7000_8000 << 48 | u128::from(number))
}

pub(super) fn ch(number: u64) -> ConversationSid {
    ConversationSid(uuid(number))
}

pub(super) fn us(number: u64) -> UserSid {
    UserSid(uuid(number))
}

pub(super) fn mb(number: u64) -> ParticipantSid {
    ParticipantSid(uuid(number))
}

pub(super) fn workspace(sid: WorkspaceSid) -> WorkspaceRow {
    let (epoch, name) = (Epoch(uuid(9)), "Fjordline".to_owned());
    WorkspaceRow {
        sid,
        epoch,
        name,
        commit: 0,
        owner: None,
        participants_limit: 1_234,
        roles_version: 2,
        date_created: Timestamp(GREATEST),
    }
}

pub(super) fn signing_key(number: u64, at: u64) -> SigningKeyRow {
    let secret = vec![u8::try_from(number).expect("a small number"); 32];
    let algorithm = SigningAlgorithm::Hs256;
    SigningKeyRow { kid: uuid(number), algorithm, secret, date_created: Timestamp(at) }
}

pub(super) fn role(number: u64) -> RoleRow {
    RoleRow {
        sid: RoleSid(uuid(500 + number)),
        kind: RoleType::Conversation,
        friendly_name: format!("Guest {number}"),
        permissions: [Permission::SendMessage, Permission::EditRoles].into_iter().collect(),
        date_created: Timestamp(106),
        date_updated: Timestamp(107),
    }
}

pub(super) fn user(number: u64) -> UserRow {
    UserRow {
        sid: us(number),
        identity: format!("Žofie {number} 👩\u{200d}💻"),
        identity_key: format!("žofie {number}"),
        friendly_name: format!("Žofie the {number}th"),
        attributes: r#"{"a":[1,null]}"#.to_owned(),
        role: Role::Owner,
        custom_role: Some(role(1).sid),
        password_hash: Some("$argon2id$…".to_owned()),
        version: 3,
        state_version: GREATEST,
        joined_count: 4,
        status: Some(UserStatus::Offline),
        notifiable: true,
        deactivated: false,
        moved: 300 + number,
        date_created: Timestamp(5),
    }
}

pub(super) fn device(number: u64, owner: UserSid, last_seen: u64) -> DeviceRow {
    let byte = u8::try_from(number).expect("a small number");
    DeviceRow {
        sid: DeviceSid(uuid(number)),
        user: owner,
        name: "Laptop".to_owned(),
        family_hash: [byte; 32],
        refresh_hash: [1; 32],
        previous_hash: Some([2; 32]),
        generation: GREATEST,
        date_created: Timestamp(6),
        last_seen: Timestamp(last_seen),
        revoked_at: None,
        moved: 0,
        push: None,
    }
}

pub(super) fn invite(number: u64) -> InviteRow {
    InviteRow {
        sid: InviteSid(uuid(number)),
        secret_hash: [u8::try_from(number).expect("a small number"); 32],
        created_by: Some(us(1)),
        date_created: Timestamp(7),
        expires_at: Timestamp(1_000),
        max_uses: 2,
        uses: 0,
        revoked_at: None,
    }
}

pub(super) fn audit(subject: &str) -> AuditRow {
    AuditRow {
        at: Timestamp(8),
        actor: Some(us(1)),
        device: Some(DeviceSid(uuid(2))),
        action: AuditAction::RoleChanged,
        subject: subject.to_owned(),
    }
}

pub(super) fn conversation(number: u64, unique_name: Option<&str>) -> ConversationRow {
    ConversationRow {
        sid: ch(number),
        friendly_name: Some(format!("Conversation {number}")),
        unique_name: unique_name.map(str::to_owned),
        attributes: r#"{"b":{}}"#.to_owned(),
        created_by: "Žofie".to_owned(),
        date_created: Timestamp(9),
        date_updated: Timestamp(10),
        state: ConversationState::Inactive,
        state_at: Timestamp(101),
        timers: TimersRow { inactive: Some(102), closed: Some(GREATEST) },
        state_due: Some(Timestamp(103)),
        deleted_at: Some(Timestamp(104)),
        erase_from: Some(105),
        direct: true,
        public_join: false,
        uber: true,
        head: HeadRow {
            last_seq: 11,
            roster_version: 12,
            next_index: 13,
            last_message_at: Some(Timestamp(14)),
            participants_count: 15,
            activity: 100 + number,
            moved: 200 + number,
        },
    }
}

pub(super) fn event(conversation: ConversationSid, seq: u64) -> EventRow {
    EventRow {
        conversation,
        seq,
        kind: EventKind::ALL[usize::try_from(seq).expect("a small number") % EventKind::ALL.len()],
        at: Timestamp(16),
        actor: Some("Žofie".to_owned()),
        device: Some(DeviceSid(uuid(2))),
        changed: vec!["body".to_owned(), "attributes".to_owned()],
        subject: uuid(seq),
    }
}

pub(super) fn media(number: u64, owner: UserSid, at: u64) -> MediaRow {
    MediaRow {
        sid: MediaSid(uuid(number)),
        user: owner,
        client_id: ClientId(uuid(number + 1_000)),
        file_name: Some("Žofie na molu.png".to_owned()),
        content_type: "image/png".to_owned(),
        sniffed_type: Some("image/png".to_owned()),
        size: GREATEST / 4,
        category: MediaCategory::History,
        width: Some(4_032),
        height: Some(u32::MAX),
        sha256: Some([7; 32]),
        state: MediaState::Ready,
        message: Some(MessageSid(uuid(number + 2_000))),
        date_created: Timestamp(at),
    }
}

pub(super) fn message(conversation: ConversationSid, index: u64, author: UserSid) -> MessageRow {
    MessageRow {
        conversation,
        index,
        sid: MessageSid(uuid(1_000 + index)),
        client_id: ClientId(uuid(2_000 + index)),
        payload_hash: [3; 32],
        user: author,
        author: "Žofie".to_owned(),
        participant: Some(mb(1)),
        kind: MessageType::Encrypted,
        subject: Some("About \u{1f469}".to_owned()),
        body: Some("one\ntwo \u{1f469}\u{200d}\u{1f4bb} 'quoted'".to_owned()),
        media: vec![Media {
            sid: MediaSid(uuid(77)),
            file_name: Some("Žofie.png".to_owned()),
            content_type: "image/png".to_owned(),
            sniffed_type: None,
            size: GREATEST,
            category: MediaCategory::Media,
            width: Some(3),
            height: None,
        }],
        attributes: "{\"c\":\"d\"}".to_owned(),
        relates_to: Some(MessageSid(uuid(999))),
        mentions: vec!["Ana".to_owned(), "Bo, \"the\" second".to_owned()],
        date_created: Timestamp(17),
        date_updated: Timestamp(18),
        last_updated_by: Some("Ana".to_owned()),
        removed: false,
        seq: 20 + index,
        version: 30 + index,
    }
}

pub(super) fn participant(
    conversation: ConversationSid,
    number: u64,
    user: &UserRow,
    version: u64,
) -> ParticipantRow {
    ParticipantRow {
        conversation,
        sid: mb(number),
        user: user.sid,
        identity: user.identity.clone(),
        profile_version: user.version,
        role: Role::Participant,
        custom_role: Some(role(2).sid),
        flags: Some(ParticipantFlags::from_bits(0b101_0011)),
        attributes: r#"{"e":1}"#.to_owned(),
        horizon: Some(0),
        horizon_seq: 108,
        horizon_at: Some(Timestamp(19)),
        date_created: Timestamp(20),
        date_updated: Timestamp(21),
        status: MembershipStatus::Joined,
        version,
    }
}

pub(super) fn non_chat(conversation: ConversationSid, number: u64) -> NonChatRow {
    NonChatRow {
        conversation,
        sid: mb(number),
        kind: "whatsapp".to_owned(),
        address: format!("+47 {number}"),
        proxy_address: Some("+47 1".to_owned()),
        name: Some("Ida".to_owned()),
        level: Some("cc".to_owned()),
        attributes: r#"{"f":0}"#.to_owned(),
        date_created: Timestamp(109),
        date_updated: Timestamp(110),
        version: 10 - number,
        removed: false,
    }
}

pub(super) fn receipt(conversation: ConversationSid, index: u64, number: u64) -> ReceiptRow {
    ReceiptRow {
        conversation,
        index,
        participant: mb(number),
        status: DeliveryStatus::Undelivered,
        channel_message_sid: Some(format!("SM{number}")),
        error_code: 30_003,
        channel_metadata: Some(r#"{"type":"sms","data":1}"#.to_owned()),
        date_created: Timestamp(111),
        date_updated: Timestamp(112),
    }
}

pub(super) fn push(number: u64) -> PushRow {
    PushRow {
        kind: "fcm".to_owned(),
        token: format!("token {number}"),
        events: vec![PushEvent::MessageAdded, PushEvent::ParticipantLeft],
    }
}

pub(super) fn membership(user: UserSid, conversation: ConversationSid, moved: u64) -> MembershipRow {
    MembershipRow {
        user,
        conversation,
        status: MembershipStatus::Joined,
        participant: Some(mb(1)),
        role: Role::Owner,
        custom_role: Some(role(3).sid),
        flags: Some(ParticipantFlags::from_bits(0b010_1100)),
        level: NotificationLevel::Muted,
        joined_seq: 2,
        joined_index: 3,
        horizon: Some(0),
        horizon_seq: 108,
        horizon_set_version: 4,
        left_name: None,
        left_at: None,
        version: 5,
        moved,
    }
}

pub(super) fn left(row: &MembershipRow) -> MembershipRow {
    MembershipRow {
        status: MembershipStatus::NotParticipating,
        participant: None,
        left_name: Some("Old name".to_owned()),
        left_at: Some(Timestamp(22)),
        horizon: None,
        horizon_seq: 0,
        ..row.clone()
    }
}

pub(super) fn draft(user: UserSid, conversation: ConversationSid, version: u64) -> DraftRow {
    let body = "half a\nsentence \u{1f469}\u{200d}\u{1f4bb}".to_owned();
    DraftRow { user, conversation, body, version, moved: GREATEST }
}

pub(super) fn setting(user: UserSid, key: &str, version: u64) -> SettingRow {
    let value = Some(r#"{"dark":[true]}"#.to_owned());
    SettingRow { user, key: key.to_owned(), value, version, moved: GREATEST }
}

pub(super) fn interval(user: UserSid, conversation: ConversationSid, joined: u64) -> IntervalRow {
    let (joined_seq, joined_index) = (joined, joined * 10);
    IntervalRow { user, conversation, joined_seq, joined_index, left_seq: None, left_index: None }
}

pub(super) fn outcome(user: UserSid, number: u64, at: u64) -> OutcomeRow {
    OutcomeRow {
        user,
        client_id: ClientId(uuid(number)),
        method: "message.edit".to_owned(),
        payload_hash: [4; 32],
        subject: uuid(77),
        at: Timestamp(at),
    }
}

/// A workspace with the users 1, 2 and 3 and the conversation 1.
pub(super) fn seed(tx: &mut dyn Tx) -> StoreResult<()> {
    tx.insert_workspace(&workspace(tx.scope()))?;
    for number in 1..=3 {
        tx.insert_user(&user(number))?;
    }
    tx.insert_conversation(&conversation(1, None))
}
