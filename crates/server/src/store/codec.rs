//! Between rows of SQLite and rows of the rules.

use confab_domain::StoreError;
use confab_domain::gateway::{GatewayKind, GatewayRow};
use confab_domain::permission::Permission;
use confab_domain::row::{
    AuditAction, AuditRow, ConversationRow, CounterRow, DeviceRow, DraftRow, EventKind, EventRow, HeadRow,
    IntervalRow, InviteRow, MediaRow, MediaState, MediaUsage, MembershipRow, MentionRow, MessageRow,
    NonChatRow, OutcomeRow, ParticipantRow, PushRow, ReceiptRow, RedemptionRow, RoleRow, SettingCount,
    SettingRow, SigningAlgorithm, SigningKeyRow, TimersRow, UserRow, WorkspaceRow,
};
use confab_domain::store::{BlockSize, Counted, DeviceRevoked, HeadMoved, Stamped, UserMoved};
use confab_protocol::model::{
    ConversationState, DeliveryStatus, Head, Media, MediaCategory, MembershipStatus, MessageType,
    NotificationLevel, ParticipantFlags, PushEvent, Role, RoleType, UserStatus,
};
use confab_protocol::{
    ClientId, ConversationSid, DeviceSid, Epoch, InviteSid, MediaSid, MessageSid, ParticipantSid, RoleSid,
    Timestamp, UserSid, WorkspaceSid,
};
use rusqlite::types::{FromSql, Type};
use rusqlite::{ErrorCode as Sqlite, Result, Row};
use uuid::Uuid;

/// The store's failure for one of SQLite's.
#[expect(clippy::needless_pass_by_value, reason = "it is the argument of map_err")]
pub(super) fn failure(error: rusqlite::Error) -> StoreError {
    match error.sqlite_error_code() {
        Some(Sqlite::DiskFull) => StoreError::Full,
        Some(Sqlite::ConstraintViolation) => StoreError::Conflict(error.to_string()),
        Some(Sqlite::DatabaseCorrupt | Sqlite::NotADatabase) => StoreError::Corrupt(error.to_string()),
        Some(_) => StoreError::Unavailable(error.to_string()),
        None => StoreError::Corrupt(error.to_string()),
    }
}

/// A number for SQLite. All that is kept is below 2^53; a bound of a range may be above what SQLite knows.
pub(super) fn int(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// A number for SQLite, where there is one.
pub(super) fn int_or_null(number: Option<u64>) -> Option<i64> {
    number.map(int)
}

/// An instant for SQLite, where there is one.
pub(super) fn at_or_null(at: Option<Timestamp>) -> Option<i64> {
    at.map(|at| int(at.0))
}

/// A bound on the number of rows for SQLite.
pub(super) fn limit(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}

/// A list of names as text; the empty list, which is the rule, as the empty text.
pub(super) fn names(names: &[String]) -> String {
    if names.is_empty() {
        return String::new();
    }
    serde_json::to_string(names).expect("invariant: a list of strings is JSON")
}

/// What is said of files as text; of none, which is the rule, the empty text.
pub(super) fn files(row: &Row<'_>, column: usize) -> Result<Vec<Media>> {
    let text = row.get_ref(column)?.as_str()?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| broken(column, "not a list of files"))
}

/// The same the other way.
pub(super) fn files_text(files: &[Media]) -> String {
    if files.is_empty() {
        return String::new();
    }
    serde_json::to_string(files).expect("invariant: what is said of files has only string keys")
}

fn small_or_none(row: &Row<'_>, column: usize) -> Result<Option<u32>> {
    let found = get::<Option<i64>>(row, column)?;
    found.map(u32::try_from).transpose().map_err(|_| broken(column, "a number out of its range"))
}

pub(super) fn media(row: &Row<'_>) -> Result<MediaRow> {
    Ok(MediaRow {
        sid: MediaSid(uuid(row, 0)?),
        user: UserSid(uuid(row, 1)?),
        client_id: ClientId(uuid(row, 2)?),
        file_name: get(row, 3)?,
        content_type: get(row, 4)?,
        sniffed_type: get(row, 5)?,
        size: number(row, 6)?,
        category: coded(row, 7)?,
        width: small_or_none(row, 8)?,
        height: small_or_none(row, 9)?,
        sha256: get(row, 10)?,
        state: coded(row, 11)?,
        message: uuid_or_none(row, 12)?.map(MessageSid),
        date_created: at(row, 13)?,
    })
}

pub(super) fn media_usage(row: &Row<'_>) -> Result<MediaUsage> {
    Ok(MediaUsage { files: number(row, 0)?, bytes: number(row, 1)? })
}

pub(super) fn gateway_row(row: &Row<'_>) -> Result<GatewayRow> {
    Ok(GatewayRow { kind: coded(row, 0)?, key: get(row, 1)?, value: get(row, 2)? })
}

fn broken(column: usize, what: &'static str) -> rusqlite::Error {
    rusqlite::Error::FromSqlConversionFailure(column, Type::Null, what.into())
}

fn get<T: FromSql>(row: &Row<'_>, column: usize) -> Result<T> {
    row.get(column)
}

fn number(row: &Row<'_>, column: usize) -> Result<u64> {
    get::<i64>(row, column).map(i64::cast_unsigned)
}

fn number_or_none(row: &Row<'_>, column: usize) -> Result<Option<u64>> {
    get::<Option<i64>>(row, column).map(|number| number.map(i64::cast_unsigned))
}

fn small(row: &Row<'_>, column: usize) -> Result<u32> {
    u32::try_from(get::<i64>(row, column)?).map_err(|_| broken(column, "a number out of its range"))
}

fn at(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    number(row, column).map(Timestamp)
}

fn at_or_none(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    Ok(number_or_none(row, column)?.map(Timestamp))
}

pub(super) fn uuid(row: &Row<'_>, column: usize) -> Result<Uuid> {
    get::<[u8; 16]>(row, column).map(Uuid::from_bytes)
}

fn uuid_or_none(row: &Row<'_>, column: usize) -> Result<Option<Uuid>> {
    Ok(get::<Option<[u8; 16]>>(row, column)?.map(Uuid::from_bytes))
}

/// An identifier, or the empty text of bytes.
fn present(row: &Row<'_>, column: usize) -> Result<Option<Uuid>> {
    if row.get_ref(column)?.as_blob()?.is_empty() {
        return Ok(None);
    }
    uuid(row, column).map(Some)
}

fn name_list(row: &Row<'_>, column: usize) -> Result<Vec<String>> {
    let text = row.get_ref(column)?.as_str()?;
    if text.is_empty() {
        return Ok(Vec::new());
    }
    serde_json::from_str(text).map_err(|_| broken(column, "not a list of names"))
}

macro_rules! codes {
    ($($kind:ty: $($variant:ident = $code:literal),+;)*) => {$(
        impl Code for $kind {
            fn code(self) -> i64 {
                match self { $(Self::$variant => $code,)+ }
            }
            fn from_code(code: i64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    )*};
}

/// An enumeration kept as a number.
pub(super) trait Code: Sized {
    /// Its number, never reused.
    fn code(self) -> i64;
    /// What a number stands for.
    fn from_code(code: i64) -> Option<Self>;
}

codes! {
    GatewayKind: ApiKey = 1, Setting = 2, Hook = 3, Delivery = 4, DeadLetter = 5;
    Role: Owner = 1, Participant = 2, Unknown = 3;
    UserStatus: Online = 1, Offline = 2, Unknown = 3, Away = 4, Busy = 5;
    RoleType: Conversation = 1, Workspace = 2, Unknown = 3;
    ConversationState: Active = 1, Inactive = 2, Closed = 3, Unknown = 4;
    MembershipStatus: Joined = 1, NotParticipating = 2, Unknown = 3;
    NotificationLevel: Default = 1, Muted = 2, Unknown = 3;
    MediaCategory: Media = 1, Body = 2, History = 3, Unknown = 4;
    MediaState: Uploading = 1, Ready = 2, Gone = 3;
    DeliveryStatus: Queued = 1, Sent = 2, Delivered = 3, Read = 4, Undelivered = 5, Failed = 6, Unknown = 7;
    MessageType: Text = 1, Encrypted = 2, Unknown = 3;
}

fn coded<T: Code>(row: &Row<'_>, column: usize) -> Result<T> {
    T::from_code(get(row, column)?).ok_or_else(|| broken(column, "a code that is not known"))
}

/// The key of a counter: what it counts, and whose; the empty text of bytes for everybody's.
pub(super) fn counted(counted: &Counted) -> (i64, &[u8]) {
    match counted {
        Counted::All => (0, &[]),
        Counted::By(user) => (1, user.0.as_bytes()),
        Counted::Mentioning(user) => (2, user.0.as_bytes()),
    }
}

/// The name under which an algorithm is kept.
pub(super) fn algorithm_name(algorithm: SigningAlgorithm) -> &'static str {
    match algorithm {
        SigningAlgorithm::Hs256 => "HS256",
    }
}

pub(super) fn workspace(row: &Row<'_>) -> Result<WorkspaceRow> {
    Ok(WorkspaceRow {
        sid: WorkspaceSid(uuid(row, 0)?),
        epoch: Epoch(uuid(row, 1)?),
        name: get(row, 2)?,
        commit: number(row, 3)?,
        owner: uuid_or_none(row, 4)?.map(UserSid),
        date_created: at(row, 5)?,
        participants_limit: number(row, 6)?,
        roles_version: number(row, 7)?,
    })
}

pub(super) fn role(row: &Row<'_>) -> Result<RoleRow> {
    let names = name_list(row, 3)?;
    Ok(RoleRow {
        sid: RoleSid(uuid(row, 0)?),
        kind: coded(row, 1)?,
        friendly_name: get(row, 2)?,
        // A permission that a newer version knows gives nothing here.
        permissions: names.iter().filter_map(|name| Permission::parse(name)).collect(),
        date_created: at(row, 4)?,
        date_updated: at(row, 5)?,
    })
}

fn flags(row: &Row<'_>, column: usize) -> Result<Option<ParticipantFlags>> {
    Ok(get::<Option<u8>>(row, column)?.map(ParticipantFlags::from_bits))
}

pub(super) fn signing_key(row: &Row<'_>) -> Result<SigningKeyRow> {
    let algorithm = match row.get_ref(1)?.as_str()? {
        "HS256" => SigningAlgorithm::Hs256,
        _ => return Err(broken(1, "an algorithm that is not known")),
    };
    Ok(SigningKeyRow { kid: uuid(row, 0)?, algorithm, secret: get(row, 2)?, date_created: at(row, 3)? })
}

pub(super) fn user(row: &Row<'_>) -> Result<UserRow> {
    Ok(UserRow {
        sid: UserSid(uuid(row, 0)?),
        identity: get(row, 1)?,
        identity_key: get(row, 2)?,
        friendly_name: get(row, 3)?,
        attributes: get(row, 4)?,
        role: coded(row, 5)?,
        password_hash: get(row, 6)?,
        version: number(row, 7)?,
        state_version: number(row, 8)?,
        joined_count: number(row, 9)?,
        deactivated: get(row, 10)?,
        moved: number(row, 11)?,
        date_created: at(row, 12)?,
        custom_role: uuid_or_none(row, 13)?.map(RoleSid),
        status: get::<Option<i64>>(row, 14)?.and_then(UserStatus::from_code),
        notifiable: get(row, 15)?,
    })
}

pub(super) fn device(row: &Row<'_>) -> Result<DeviceRow> {
    Ok(DeviceRow {
        sid: DeviceSid(uuid(row, 0)?),
        user: UserSid(uuid(row, 1)?),
        name: get(row, 2)?,
        family_hash: get(row, 3)?,
        refresh_hash: get(row, 4)?,
        previous_hash: get(row, 5)?,
        generation: number(row, 6)?,
        date_created: at(row, 7)?,
        last_seen: at(row, 8)?,
        revoked_at: at_or_none(row, 9)?,
        moved: number(row, 10)?,
        push: push(row, 11)?,
    })
}

fn push(row: &Row<'_>, column: usize) -> Result<Option<PushRow>> {
    let Some(kind) = get(row, column)? else { return Ok(None) };
    let names = row.get_ref(column + 2)?.as_str()?;
    let known = |event: &PushEvent| names.split(' ').any(|name| name == event.as_str());
    let events = PushEvent::ALL.into_iter().filter(known).collect();
    Ok(Some(PushRow { kind, token: get(row, column + 1)?, events }))
}

/// The same the other way.
pub(super) fn push_events(push: Option<&PushRow>) -> String {
    let events = push.map(|push| &push.events[..]).unwrap_or_default();
    let names: Vec<_> = events.iter().map(|event| event.as_str()).collect();
    names.join(" ")
}

pub(super) fn invite(row: &Row<'_>) -> Result<InviteRow> {
    Ok(InviteRow {
        sid: InviteSid(uuid(row, 0)?),
        secret_hash: get(row, 1)?,
        created_by: uuid_or_none(row, 2)?.map(UserSid),
        date_created: at(row, 3)?,
        expires_at: at(row, 4)?,
        max_uses: small(row, 5)?,
        uses: small(row, 6)?,
        revoked_at: at_or_none(row, 7)?,
    })
}

pub(super) fn redemption(row: &Row<'_>) -> Result<RedemptionRow> {
    Ok(RedemptionRow {
        invite: InviteSid(uuid(row, 0)?),
        client_id: ClientId(uuid(row, 1)?),
        user: UserSid(uuid(row, 2)?),
        at: at(row, 3)?,
    })
}

pub(super) fn audit(row: &Row<'_>) -> Result<AuditRow> {
    Ok(AuditRow {
        at: at(row, 0)?,
        actor: uuid_or_none(row, 1)?.map(UserSid),
        device: uuid_or_none(row, 2)?.map(DeviceSid),
        action: AuditAction::parse(row.get_ref(3)?.as_str()?)
            .ok_or_else(|| broken(3, "an action that is not known"))?,
        subject: get(row, 4)?,
    })
}

pub(super) fn conversation(row: &Row<'_>) -> Result<ConversationRow> {
    Ok(ConversationRow {
        sid: ConversationSid(uuid(row, 0)?),
        friendly_name: get(row, 1)?,
        unique_name: get(row, 2)?,
        attributes: get(row, 3)?,
        created_by: get(row, 4)?,
        date_created: at(row, 5)?,
        date_updated: at(row, 6)?,
        state: coded(row, 7)?,
        direct: get(row, 8)?,
        public_join: get(row, 9)?,
        uber: get(row, 10)?,
        state_at: at(row, 11)?,
        timers: TimersRow { inactive: number_or_none(row, 12)?, closed: number_or_none(row, 13)? },
        state_due: at_or_none(row, 14)?,
        deleted_at: at_or_none(row, 15)?,
        erase_from: number_or_none(row, 16)?,
        head: HeadRow {
            last_seq: number(row, 17)?,
            roster_version: number(row, 18)?,
            next_index: number(row, 19)?,
            last_message_at: at_or_none(row, 20)?,
            participants_count: number(row, 21)?,
            activity: number(row, 22)?,
            moved: number(row, 23)?,
        },
    })
}

pub(super) fn event(row: &Row<'_>) -> Result<EventRow> {
    let kind = u8::try_from(get::<i64>(row, 2)?).ok().and_then(EventKind::from_code);
    Ok(EventRow {
        conversation: ConversationSid(uuid(row, 0)?),
        seq: number(row, 1)?,
        kind: kind.ok_or_else(|| broken(2, "a kind that is not known"))?,
        at: at(row, 3)?,
        actor: get(row, 4)?,
        device: uuid_or_none(row, 5)?.map(DeviceSid),
        changed: name_list(row, 6)?,
        subject: uuid(row, 7)?,
    })
}

pub(super) fn message(row: &Row<'_>) -> Result<MessageRow> {
    Ok(MessageRow {
        conversation: ConversationSid(uuid(row, 0)?),
        index: number(row, 1)?,
        sid: MessageSid(uuid(row, 2)?),
        client_id: ClientId(uuid(row, 3)?),
        payload_hash: get(row, 4)?,
        user: UserSid(uuid(row, 5)?),
        author: get(row, 6)?,
        participant: present(row, 7)?.map(ParticipantSid),
        kind: coded(row, 8)?,
        body: get(row, 9)?,
        attributes: get(row, 10)?,
        relates_to: uuid_or_none(row, 11)?.map(MessageSid),
        mentions: name_list(row, 12)?,
        date_created: at(row, 13)?,
        date_updated: at(row, 14)?,
        last_updated_by: get(row, 15)?,
        removed: get(row, 16)?,
        seq: number(row, 17)?,
        version: number(row, 18)?,
        subject: get(row, 19)?,
        media: files(row, 20)?,
    })
}

pub(super) fn participant(row: &Row<'_>) -> Result<ParticipantRow> {
    Ok(ParticipantRow {
        conversation: ConversationSid(uuid(row, 0)?),
        sid: ParticipantSid(uuid(row, 1)?),
        user: UserSid(uuid(row, 2)?),
        identity: get(row, 3)?,
        profile_version: number(row, 4)?,
        role: coded(row, 5)?,
        attributes: get(row, 6)?,
        horizon: number_or_none(row, 7)?,
        horizon_at: at_or_none(row, 8)?,
        date_created: at(row, 9)?,
        date_updated: at(row, 10)?,
        status: coded(row, 11)?,
        version: number(row, 12)?,
        custom_role: uuid_or_none(row, 13)?.map(RoleSid),
        flags: flags(row, 14)?,
        horizon_seq: number(row, 15)?,
    })
}

pub(super) fn non_chat(row: &Row<'_>) -> Result<NonChatRow> {
    Ok(NonChatRow {
        conversation: ConversationSid(uuid(row, 0)?),
        sid: ParticipantSid(uuid(row, 1)?),
        kind: get(row, 2)?,
        address: get(row, 3)?,
        proxy_address: get(row, 4)?,
        attributes: get(row, 5)?,
        date_created: at(row, 6)?,
        date_updated: at(row, 7)?,
        version: number(row, 8)?,
        removed: get(row, 9)?,
        name: get(row, 10)?,
        level: get(row, 11)?,
    })
}

pub(super) fn receipt(row: &Row<'_>) -> Result<ReceiptRow> {
    Ok(ReceiptRow {
        conversation: ConversationSid(uuid(row, 0)?),
        index: number(row, 1)?,
        participant: ParticipantSid(uuid(row, 2)?),
        status: coded(row, 3)?,
        channel_message_sid: get(row, 4)?,
        error_code: small(row, 5)?,
        channel_metadata: get(row, 6)?,
        date_created: at(row, 7)?,
        date_updated: at(row, 8)?,
    })
}

pub(super) fn membership(row: &Row<'_>) -> Result<MembershipRow> {
    Ok(MembershipRow {
        user: UserSid(uuid(row, 0)?),
        conversation: ConversationSid(uuid(row, 1)?),
        status: coded(row, 2)?,
        participant: uuid_or_none(row, 3)?.map(ParticipantSid),
        role: coded(row, 4)?,
        level: coded(row, 5)?,
        joined_seq: number(row, 6)?,
        joined_index: number(row, 7)?,
        horizon: number_or_none(row, 8)?,
        horizon_set_version: number(row, 9)?,
        left_name: get(row, 10)?,
        left_at: at_or_none(row, 11)?,
        version: number(row, 12)?,
        moved: number(row, 13)?,
        custom_role: uuid_or_none(row, 14)?.map(RoleSid),
        flags: flags(row, 15)?,
        horizon_seq: number(row, 16)?,
    })
}

pub(super) fn interval(row: &Row<'_>) -> Result<IntervalRow> {
    Ok(IntervalRow {
        user: UserSid(uuid(row, 0)?),
        conversation: ConversationSid(uuid(row, 1)?),
        joined_seq: number(row, 2)?,
        joined_index: number(row, 3)?,
        left_seq: number_or_none(row, 4)?,
        left_index: number_or_none(row, 5)?,
    })
}

pub(super) fn draft(row: &Row<'_>) -> Result<DraftRow> {
    Ok(DraftRow {
        user: UserSid(uuid(row, 0)?),
        conversation: ConversationSid(uuid(row, 1)?),
        body: get(row, 2)?,
        version: number(row, 3)?,
        moved: number(row, 4)?,
    })
}

pub(super) fn setting(row: &Row<'_>) -> Result<SettingRow> {
    Ok(SettingRow {
        user: UserSid(uuid(row, 0)?),
        key: get(row, 1)?,
        value: get(row, 2)?,
        version: number(row, 3)?,
        moved: number(row, 4)?,
    })
}

pub(super) fn setting_count(row: &Row<'_>) -> Result<SettingCount> {
    Ok(SettingCount { live: number(row, 0)?, ever: number(row, 1)? })
}

pub(super) fn outcome(row: &Row<'_>) -> Result<OutcomeRow> {
    Ok(OutcomeRow {
        user: UserSid(uuid(row, 0)?),
        client_id: ClientId(uuid(row, 1)?),
        method: get(row, 2)?,
        payload_hash: get(row, 3)?,
        subject: uuid(row, 4)?,
        at: at(row, 5)?,
    })
}

pub(super) fn mention(row: &Row<'_>) -> Result<MentionRow> {
    Ok(MentionRow {
        conversation: ConversationSid(uuid(row, 0)?),
        index: number(row, 1)?,
        user: UserSid(uuid(row, 2)?),
    })
}

pub(super) fn counter(row: &Row<'_>) -> Result<CounterRow> {
    let user = || Ok::<_, rusqlite::Error>(UserSid(uuid(row, 2)?));
    let counted = match get::<i64>(row, 1)? {
        0 => Counted::All,
        1 => Counted::By(user()?),
        2 => Counted::Mentioning(user()?),
        _ => return Err(broken(1, "a code that is not known")),
    };
    let messages = number(row, 3)?;
    let size = BlockSize::ALL.into_iter().find(|size| size.messages() == messages);
    Ok(CounterRow {
        conversation: ConversationSid(uuid(row, 0)?),
        counted,
        size: size.ok_or_else(|| broken(3, "a size that is not known"))?,
        block: number(row, 4)?,
        live: number(row, 5)?,
    })
}

pub(super) fn stamped(row: &Row<'_>) -> Result<Stamped> {
    Ok(Stamped { conversation: ConversationSid(uuid(row, 0)?), stamp: number(row, 1)? })
}

pub(super) fn head(row: &Row<'_>) -> Result<Head> {
    let (version, roster_version) = (number(row, 1)?, number(row, 2)?);
    Ok(Head { conversation: ConversationSid(uuid(row, 0)?), version, roster_version })
}

pub(super) fn head_moved(row: &Row<'_>) -> Result<HeadMoved> {
    Ok(HeadMoved { head: head(row)?, moved: number(row, 3)? })
}

pub(super) fn user_moved(row: &Row<'_>) -> Result<UserMoved> {
    let (user, state_version, profile_version) = (UserSid(uuid(row, 0)?), number(row, 1)?, number(row, 2)?);
    Ok(UserMoved { user, state_version, profile_version, deactivated: get(row, 3)?, moved: number(row, 4)? })
}

pub(super) fn device_revoked(row: &Row<'_>) -> Result<DeviceRevoked> {
    let (user, device) = (UserSid(uuid(row, 0)?), DeviceSid(uuid(row, 1)?));
    Ok(DeviceRevoked { user, device, moved: number(row, 2)? })
}

pub(super) fn count(row: &Row<'_>) -> Result<u64> {
    number(row, 0)
}

pub(super) fn user_sid(row: &Row<'_>) -> Result<UserSid> {
    uuid(row, 0).map(UserSid)
}

pub(super) fn conversation_sid(row: &Row<'_>) -> Result<ConversationSid> {
    uuid(row, 0).map(ConversationSid)
}
