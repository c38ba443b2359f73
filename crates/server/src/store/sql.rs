//! Every statement that a request can run, in one place: a test holds each to its indexes.

macro_rules! statements {
    ($($name:ident = $sql:expr;)*) => {
        $(pub(super) const $name: &str = $sql;)*
        /// All of them by name, for the test of their plans.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &str)] = &[$((stringify!($name), $name),)*];
    };
}

macro_rules! user_columns {
    () => {
        "sid, identity, identity_key, friendly_name, attributes, role, password_hash, version, state_version, \
         joined_count, deactivated, moved, date_created, role_sid, status, notifiable"
    };
}
macro_rules! device_columns {
    () => {
        "sid, user, name, family_hash, refresh_hash, previous_hash, generation, date_created, last_seen, revoked_at, moved, \
         push_kind, push_token, push_events"
    };
}
macro_rules! invite_columns {
    () => {
        "sid, secret_hash, created_by, date_created, expires_at, max_uses, uses, revoked_at"
    };
}
macro_rules! conversation {
    () => {
        "SELECT c.sid, c.friendly_name, c.unique_name, c.attributes, c.created_by, c.date_created, \
         c.date_updated, c.state, c.direct, c.public_join, c.uber, c.state_at, c.timer_inactive, c.timer_closed, \
         c.state_due, c.deleted_at, c.erase_from, h.last_seq, h.roster_version, h.next_index, \
         h.last_message_at, h.participants_count, h.activity, h.moved \
         FROM conversations c CROSS JOIN heads h ON h.workspace = c.workspace AND h.conversation = c.sid "
    };
}
macro_rules! message_columns {
    () => {
        "conversation, idx, sid, client_id, payload_hash, user, author, participant, kind, body, attributes, \
         relates_to, mentions, date_created, date_updated, last_updated_by, removed, seq, version, subject, media"
    };
}
macro_rules! media_columns {
    () => {
        "sid, user, client_id, file_name, content_type, sniffed_type, size, category, width, height, sha256, state, \
         message, date_created"
    };
}
macro_rules! receipt_columns {
    () => {
        "conversation, idx, participant, status, channel_message_sid, error_code, channel_metadata, date_created, \
         date_updated"
    };
}
macro_rules! participant {
    () => {
        "SELECT p.conversation, p.sid, p.user, u.identity, u.version, p.role, p.attributes, p.horizon, \
         p.horizon_at, p.date_created, p.date_updated, p.status, p.version, p.role_sid, p.flags, p.horizon_seq \
         FROM participants p CROSS JOIN users u ON u.workspace = p.workspace AND u.sid = p.user "
    };
}
macro_rules! non_chat_columns {
    () => {
        "conversation, sid, kind, address, proxy_address, attributes, date_created, date_updated, version, removed, name, level"
    };
}
macro_rules! membership_columns {
    () => {
        "user, conversation, status, participant, role, level, joined_seq, joined_index, horizon, \
         horizon_set_version, left_name, left_at, version, moved, role_sid, flags, horizon_seq"
    };
}

pub(super) const BEGIN: &str = "BEGIN IMMEDIATE";
pub(super) const BEGIN_READ: &str = "BEGIN DEFERRED";
pub(super) const COMMIT: &str = "COMMIT";
pub(super) const ROLLBACK: &str = "ROLLBACK";
pub(super) const SAVEPOINT: &str = "SAVEPOINT item";
pub(super) const RELEASE: &str = "RELEASE item";
pub(super) const ROLLBACK_TO: &str = "ROLLBACK TO item";

statements! {
    SCOPE = "SELECT workspace FROM workspaces WHERE sid = ?1";
    WORKSPACE = "SELECT sid, epoch, name, commits, owner, date_created, participants_limit, roles_version FROM workspaces WHERE workspace = ?1";
    INSERT_WORKSPACE = "INSERT INTO workspaces (sid, epoch, name, commits, owner, date_created, \
        participants_limit, roles_version) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    UPDATE_WORKSPACE = "UPDATE workspaces SET epoch = ?2, name = ?3, owner = ?4, participants_limit = ?5, \
        roles_version = ?6 WHERE workspace = ?1";
    NEXT_COMMIT = "UPDATE workspaces SET commits = commits + 1 WHERE workspace = ?1 RETURNING commits";
    NEWEST_SIGNING_KEY = "SELECT kid, algorithm, secret, date_created FROM signing_keys WHERE workspace = ?1 \
        ORDER BY date_created DESC, kid DESC LIMIT 1";
    FIRST_SIGNING_KEY = "SELECT kid, algorithm, secret, date_created FROM signing_keys WHERE workspace = ?1 \
        ORDER BY date_created, kid LIMIT 1";
    SIGNING_KEY = "SELECT kid, algorithm, secret, date_created FROM signing_keys WHERE workspace = ?1 AND kid = ?2";
    INSERT_SIGNING_KEY = "INSERT INTO signing_keys (workspace, kid, algorithm, secret, date_created) \
        VALUES (?1, ?2, ?3, ?4, ?5)";

    USER = concat!("SELECT ", user_columns!(), " FROM users WHERE workspace = ?1 AND sid = ?2");
    USERS = concat!("SELECT ", user_columns!(), " FROM users WHERE workspace = ?1 AND sid > ?2 ORDER BY sid LIMIT ?3");
    USER_BY_KEY = concat!("SELECT ", user_columns!(), " FROM users WHERE workspace = ?1 AND identity_key = ?2");
    INSERT_USER = concat!("INSERT INTO users (workspace, ", user_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)");
    UPDATE_USER = "UPDATE users SET identity = ?3, identity_key = ?4, friendly_name = ?5, attributes = ?6, \
        role = ?7, password_hash = ?8, version = ?9, state_version = ?10, joined_count = ?11, deactivated = ?12, \
        moved = ?13, date_created = ?14, role_sid = ?15, status = ?16, notifiable = ?17 WHERE workspace = ?1 AND sid = ?2";
    ROLE = "SELECT sid, kind, friendly_name, permissions, date_created, date_updated FROM roles \
        WHERE workspace = ?1 AND sid = ?2";
    ROLES = "SELECT sid, kind, friendly_name, permissions, date_created, date_updated FROM roles \
        WHERE workspace = ?1 ORDER BY sid LIMIT ?2";
    HAS_ROLE = "SELECT EXISTS (SELECT 1 FROM memberships WHERE workspace = ?1 AND role_sid = ?2) \
        OR EXISTS (SELECT 1 FROM users WHERE workspace = ?1 AND role_sid = ?2)";
    INSERT_ROLE = "INSERT INTO roles (workspace, sid, kind, friendly_name, permissions, date_created, date_updated) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UPDATE_ROLE = "UPDATE roles SET kind = ?3, friendly_name = ?4, permissions = ?5, date_created = ?6, \
        date_updated = ?7 WHERE workspace = ?1 AND sid = ?2";
    DELETE_ROLE = "DELETE FROM roles WHERE workspace = ?1 AND sid = ?2";

    DEVICE = concat!("SELECT ", device_columns!(), " FROM devices WHERE workspace = ?1 AND sid = ?2");
    DEVICE_BY_FAMILY = concat!("SELECT ", device_columns!(), " FROM devices \
        WHERE workspace = ?1 AND family_hash = ?2");
    DEVICE_BY_PUSH = concat!("SELECT ", device_columns!(), " FROM devices \
        WHERE workspace = ?1 AND push_kind = ?2 AND push_token = ?3");
    PUSHED_DEVICES = concat!("SELECT ", device_columns!(), " FROM devices INDEXED BY devices_by_carrier \
        WHERE workspace = ?1 AND push_token IS NOT NULL AND (push_kind, sid) > (?2, ?3) \
        ORDER BY push_kind, sid LIMIT ?4");
    LIVE_DEVICES = concat!("SELECT ", device_columns!(), " FROM devices \
        WHERE workspace = ?1 AND user = ?2 AND revoked_at IS NULL ORDER BY last_seen DESC, sid DESC LIMIT ?3");
    INSERT_DEVICE = concat!("INSERT INTO devices (workspace, ", device_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
    UPDATE_DEVICE = "UPDATE devices SET user = ?3, name = ?4, family_hash = ?5, refresh_hash = ?6, \
        previous_hash = ?7, generation = ?8, date_created = ?9, last_seen = ?10, revoked_at = ?11, \
        moved = ?12, push_kind = ?13, push_token = ?14, push_events = ?15 WHERE workspace = ?1 AND sid = ?2";

    INVITE = concat!("SELECT ", invite_columns!(), " FROM invites WHERE workspace = ?1 AND sid = ?2");
    INVITE_BY_SECRET = concat!("SELECT ", invite_columns!(), " FROM invites \
        WHERE workspace = ?1 AND secret_hash = ?2");
    LIVE_INVITES = concat!("SELECT ", invite_columns!(), " FROM invites INDEXED BY invites_live WHERE workspace = ?1 AND expires_at > ?2 \
        AND revoked_at IS NULL AND uses < max_uses ORDER BY sid LIMIT ?3");
    INSERT_INVITE = concat!("INSERT INTO invites (workspace, ", invite_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)");
    UPDATE_INVITE = "UPDATE invites SET secret_hash = ?3, created_by = ?4, date_created = ?5, expires_at = ?6, \
        max_uses = ?7, uses = ?8, revoked_at = ?9 WHERE workspace = ?1 AND sid = ?2";
    REDEMPTION = "SELECT invite, client_id, user, at FROM redemptions \
        WHERE workspace = ?1 AND invite = ?2 AND client_id = ?3";
    INSERT_REDEMPTION = "INSERT INTO redemptions (workspace, invite, client_id, user, at) \
        VALUES (?1, ?2, ?3, ?4, ?5)";

    AUDIT = "SELECT at, actor, device, action, subject FROM audit WHERE workspace = ?1 ORDER BY id DESC LIMIT ?2";
    INSERT_AUDIT = "INSERT INTO audit (workspace, at, actor, device, action, subject) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6)";

    CONVERSATION = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.sid = ?2");
    CONVERSATION_BY_UNIQUE_NAME = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.unique_name = ?2");
    INSERT_CONVERSATION = "INSERT INTO conversations (workspace, sid, friendly_name, unique_name, attributes, \
        created_by, date_created, date_updated, state, direct, public_join, uber, state_at, timer_inactive, \
        timer_closed, state_due, deleted_at, erase_from) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";
    UPDATE_CONVERSATION = "UPDATE conversations SET friendly_name = ?3, unique_name = ?4, attributes = ?5, \
        created_by = ?6, date_created = ?7, date_updated = ?8, state = ?9, direct = ?10, public_join = ?11, \
        uber = ?12, state_at = ?13, timer_inactive = ?14, timer_closed = ?15, state_due = ?16, deleted_at = ?17, \
        erase_from = ?18 WHERE workspace = ?1 AND sid = ?2";
    PUBLIC_CONVERSATIONS = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.sid > ?2 AND c.public_join = 1 \
        AND c.deleted_at IS NULL ORDER BY c.sid LIMIT ?3");
    STATE_DUE = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.state_due <= ?2 \
        AND c.state_due IS NOT NULL ORDER BY c.state_due, c.sid LIMIT ?3");
    NEXT_TO_ERASE = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.erase_from IS NOT NULL \
        ORDER BY c.sid LIMIT 1");
    INSERT_HEAD = "INSERT INTO heads (workspace, conversation, last_seq, roster_version, next_index, \
        last_message_at, participants_count, activity, moved) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
    UPDATE_HEAD = "UPDATE heads SET last_seq = ?3, roster_version = ?4, next_index = ?5, last_message_at = ?6, \
        participants_count = ?7, activity = ?8, moved = ?9 WHERE workspace = ?1 AND conversation = ?2";

    EVENTS = "SELECT conversation, seq, kind, at, actor, device, changed, subject FROM events \
        WHERE workspace = ?1 AND conversation = ?2 AND seq > ?3 AND seq <= ?4 ORDER BY seq";
    INSERT_EVENT = "INSERT INTO events (workspace, conversation, seq, kind, at, actor, device, changed, subject) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";

    MESSAGE = concat!("SELECT ", message_columns!(), " FROM messages WHERE workspace = ?1 AND sid = ?2");
    MESSAGE_BY_CLIENT_ID = concat!("SELECT ", message_columns!(), " FROM messages \
        WHERE workspace = ?1 AND user = ?2 AND client_id = ?3");
    MESSAGES_ASCENDING = concat!("SELECT ", message_columns!(), " FROM messages WHERE workspace = ?1 \
        AND conversation = ?2 AND idx >= ?3 AND idx < ?4 ORDER BY idx LIMIT ?5");
    MESSAGES_DESCENDING = concat!("SELECT ", message_columns!(), " FROM messages WHERE workspace = ?1 \
        AND conversation = ?2 AND idx >= ?3 AND idx < ?4 ORDER BY idx DESC LIMIT ?5");
    LAST_LIVE_MESSAGE = concat!("SELECT ", message_columns!(), " FROM messages WHERE workspace = ?1 \
        AND conversation = ?2 AND idx >= ?3 AND idx < ?4 AND removed = 0 ORDER BY idx DESC LIMIT 1");
    LAST_LIVE_BLOCK = "SELECT block FROM blocks WHERE workspace = ?1 AND conversation = ?2 AND counted = 0 \
        AND user = x'' AND size = ?3 AND block >= ?4 AND block < ?5 AND live > 0 ORDER BY block DESC LIMIT 1";
    INSERT_MESSAGE = concat!("INSERT INTO messages (workspace, ", message_columns!(), ") VALUES (?1, ?2, ?3, ?4, \
        ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22)");
    UPDATE_MESSAGE = "UPDATE messages SET kind = ?4, body = ?5, attributes = ?6, relates_to = ?7, mentions = ?8, \
        date_updated = ?9, last_updated_by = ?10, removed = ?11, version = ?12, subject = ?13, media = ?14 \
        WHERE workspace = ?1 AND conversation = ?2 AND idx = ?3";
    ERASE_MEDIA = "UPDATE media INDEXED BY media_sent SET state = 3, message = NULL FROM messages m \
        WHERE m.workspace = ?1 AND m.conversation = ?2 AND m.idx >= ?3 AND m.idx < ?4 AND m.media <> '' \
        AND media.workspace = m.workspace AND media.message = m.sid";
    ERASE_MESSAGES = "UPDATE messages SET subject = NULL, body = NULL, media = '', attributes = '{}', relates_to = NULL, \
        mentions = '', removed = 1 WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 AND idx < ?4";
    ERASE_MENTIONS = "DELETE FROM mentions WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 AND idx < ?4";
    ERASE_COUNTERS = "DELETE FROM blocks WHERE (workspace, conversation, counted, user, size, block) IN \
        (SELECT workspace, conversation, counted, user, size, block FROM blocks \
        WHERE workspace = ?1 AND conversation = ?2 LIMIT ?3)";
    COUNT_ALL = "SELECT count(*) FROM messages WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 \
        AND idx < ?4 AND removed = 0";
    COUNT_BY = "SELECT count(*) FROM messages WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 \
        AND idx < ?4 AND removed = 0 AND user = ?5";
    COUNT_MENTIONING = "SELECT count(*) FROM mentions WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 \
        AND idx < ?4 AND user = ?5";
    COUNT_BLOCKS = "SELECT coalesce(sum(live), 0) FROM blocks WHERE workspace = ?1 AND conversation = ?2 \
        AND counted = ?3 AND user = ?4 AND size = ?5 AND block >= ?6 AND block < ?7";
    // One row at a time: for several at once SQLite keeps a journal of the statement.
    COUNT = "INSERT INTO blocks (workspace, conversation, counted, user, size, block, live) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) \
        ON CONFLICT (workspace, conversation, counted, user, size, block) DO UPDATE SET live = live + excluded.live";
    INSERT_MENTION = "INSERT INTO mentions (workspace, conversation, idx, user) VALUES (?1, ?2, ?3, ?4)";
    DELETE_MENTIONS = "DELETE FROM mentions WHERE workspace = ?1 AND conversation = ?2 AND idx = ?3 RETURNING user";

    PARTICIPANT = concat!(participant!(), "WHERE p.workspace = ?1 AND p.conversation = ?2 AND p.sid = ?3");
    PARTICIPANTS = concat!(participant!(), "WHERE p.workspace = ?1 AND p.conversation = ?2 AND p.status = 1 \
        AND p.sid > ?3 ORDER BY p.sid LIMIT ?4");
    // Left to itself the planner takes the primary key, and reads all who are gone, or all of the workspace.
    NON_CHAT = concat!("SELECT ", non_chat_columns!(), " FROM non_chat_participants INDEXED BY non_chat_present \
        WHERE workspace = ?1 AND conversation = ?2 AND removed = 0 ORDER BY sid LIMIT ?3");
    NON_CHAT_CHANGES = concat!("SELECT ", non_chat_columns!(), " FROM non_chat_participants \
        WHERE workspace = ?1 AND conversation = ?2 AND version > ?3 ORDER BY version LIMIT ?4");
    NON_CHAT_AT = concat!("SELECT ", non_chat_columns!(), " FROM non_chat_participants INDEXED BY non_chat_at \
        WHERE workspace = ?1 AND address = ?2 AND (conversation, sid) > (?3, ?4) AND removed = 0 \
        ORDER BY conversation, sid LIMIT ?5");
    PUT_NON_CHAT = concat!("INSERT INTO non_chat_participants (workspace, ", non_chat_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13) \
        ON CONFLICT (workspace, conversation, sid) DO UPDATE SET kind = excluded.kind, address = excluded.address, proxy_address = excluded.proxy_address, \
        attributes = excluded.attributes, date_created = excluded.date_created, date_updated = excluded.date_updated, \
        version = excluded.version, removed = excluded.removed, name = excluded.name, level = excluded.level");
    SCAN_NON_CHAT = concat!("SELECT ", non_chat_columns!(), " FROM non_chat_participants \
        WHERE workspace = ?1 AND (conversation, sid) > (?2, ?3) ORDER BY conversation, sid LIMIT ?4");
    RECEIPTS = concat!("SELECT ", receipt_columns!(), " FROM receipts \
        WHERE workspace = ?1 AND conversation = ?2 AND idx = ?3 ORDER BY participant LIMIT ?4");
    PUT_RECEIPT = concat!("INSERT INTO receipts (workspace, ", receipt_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10) ON CONFLICT (workspace, conversation, idx, participant) \
        DO UPDATE SET status = excluded.status, channel_message_sid = excluded.channel_message_sid, \
        error_code = excluded.error_code, channel_metadata = excluded.channel_metadata, \
        date_created = excluded.date_created, date_updated = excluded.date_updated");
    ERASE_RECEIPTS = "DELETE FROM receipts WHERE workspace = ?1 AND conversation = ?2 AND idx >= ?3 AND idx < ?4";
    SCAN_RECEIPTS = concat!("SELECT ", receipt_columns!(), " FROM receipts WHERE workspace = ?1 \
        AND (conversation, idx, participant) > (?2, ?3, ?4) ORDER BY conversation, idx, participant LIMIT ?5");
    HAS_READ = "SELECT EXISTS (SELECT 1 FROM participants WHERE workspace = ?1 AND conversation = ?2 AND status = 1 \
        AND horizon >= ?3 AND user <> ?4)";
    HAS_NOT_READ = "SELECT EXISTS (SELECT 1 FROM participants WHERE workspace = ?1 AND conversation = ?2 \
        AND status = 1 AND horizon < ?3 AND user <> ?4) OR EXISTS (SELECT 1 FROM participants \
        WHERE workspace = ?1 AND conversation = ?2 AND status = 1 AND horizon IS NULL AND user <> ?4)";
    ROSTER_CHANGES = concat!(participant!(), "WHERE p.workspace = ?1 AND p.conversation = ?2 AND p.version > ?3 \
        ORDER BY p.version LIMIT ?4");
    NEWEST_PARTICIPANT = concat!(participant!(), "WHERE p.workspace = ?1 AND p.conversation = ?2 \
        ORDER BY p.version DESC LIMIT 1");
    OWNERS = concat!(participant!(), "WHERE p.workspace = ?1 AND p.conversation = ?2 AND p.status = 1 \
        AND p.role = 1 AND (p.flags IS NULL OR p.flags & 96 = 96) ORDER BY p.sid LIMIT ?3");
    INSERT_PARTICIPANT = "INSERT INTO participants (workspace, conversation, sid, user, role, attributes, horizon, \
        horizon_at, date_created, date_updated, status, version, role_sid, flags, horizon_seq) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)";
    UPDATE_PARTICIPANT = "UPDATE participants SET user = ?4, role = ?5, attributes = ?6, horizon = ?7, \
        horizon_at = ?8, date_created = ?9, date_updated = ?10, status = ?11, version = ?12, \
        role_sid = ?13, flags = ?14, horizon_seq = ?15 WHERE workspace = ?1 AND conversation = ?2 AND sid = ?3";

    MEMBERSHIP = concat!("SELECT ", membership_columns!(), " FROM memberships \
        WHERE workspace = ?1 AND user = ?2 AND conversation = ?3");
    PUT_MEMBERSHIP = concat!("INSERT INTO memberships (workspace, ", membership_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18) \
        ON CONFLICT (workspace, user, conversation) DO UPDATE SET status = excluded.status, \
        participant = excluded.participant, role = excluded.role, level = excluded.level, \
        joined_seq = excluded.joined_seq, joined_index = excluded.joined_index, horizon = excluded.horizon, \
        horizon_set_version = excluded.horizon_set_version, left_name = excluded.left_name, \
        left_at = excluded.left_at, version = excluded.version, moved = excluded.moved, \
        role_sid = excluded.role_sid, flags = excluded.flags, horizon_seq = excluded.horizon_seq");
    INTERVALS = "SELECT user, conversation, joined_seq, joined_index, left_seq, left_index FROM intervals \
        WHERE workspace = ?1 AND user = ?2 AND conversation = ?3 ORDER BY joined_seq DESC LIMIT ?4";
    INSERT_INTERVAL = "INSERT INTO intervals (workspace, user, conversation, joined_seq, joined_index, left_seq, \
        left_index) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    UPDATE_INTERVAL = "UPDATE intervals SET joined_index = ?5, left_seq = ?6, left_index = ?7 \
        WHERE workspace = ?1 AND user = ?2 AND conversation = ?3 AND joined_seq = ?4";
    WITNESSES = "SELECT m.user FROM memberships m WHERE m.workspace = ?1 AND m.conversation = ?2 AND m.status = 1 \
        AND EXISTS (SELECT 1 FROM intervals i WHERE i.workspace = m.workspace AND i.user = m.user \
        AND i.conversation = m.conversation AND i.joined_index <= ?3 \
        AND (i.left_index IS NULL OR i.left_index > ?3)) ORDER BY m.user LIMIT ?4";
    BY_ACTIVITY = "SELECT m.conversation, h.activity FROM memberships m \
        CROSS JOIN heads h ON h.workspace = m.workspace AND h.conversation = m.conversation \
        WHERE m.workspace = ?1 AND m.user = ?2 AND m.status = 1 AND h.activity < ?3 \
        ORDER BY h.activity DESC LIMIT ?4";
    MOVED = "SELECT conversation, max(stamp) AS stamp FROM ( \
        SELECT m.conversation AS conversation, h.moved AS stamp FROM memberships m \
        CROSS JOIN heads h ON h.workspace = m.workspace AND h.conversation = m.conversation \
        WHERE m.workspace = ?1 AND m.user = ?2 AND m.status = 1 AND h.moved > ?3 \
        UNION ALL SELECT conversation, moved FROM memberships \
        WHERE workspace = ?1 AND user = ?2 AND moved > ?3) \
        GROUP BY conversation ORDER BY stamp LIMIT ?4";
    OWN_ROWS_MOVED = concat!("SELECT ", membership_columns!(), " FROM memberships WHERE workspace = ?1 AND user = ?2 \
        AND moved > ?3 ORDER BY moved LIMIT ?4");
    LEFT = concat!("SELECT ", membership_columns!(), " FROM memberships WHERE workspace = ?1 AND user = ?2 \
        AND status = 2 AND conversation > ?3 ORDER BY conversation LIMIT ?4");
    JOINED_HEADS = "SELECT m.conversation, h.last_seq, h.roster_version FROM memberships m \
        CROSS JOIN heads h ON h.workspace = m.workspace AND h.conversation = m.conversation \
        WHERE m.workspace = ?1 AND m.user = ?2 AND m.status = 1 AND m.conversation > ?3 \
        ORDER BY m.conversation LIMIT ?4";
    MEMBERS = "SELECT user FROM memberships WHERE workspace = ?1 AND conversation = ?2 AND status = 1 AND user > ?3 \
        ORDER BY user LIMIT ?4";
    HEADS_MOVED = "SELECT conversation, last_seq, roster_version, moved FROM heads \
        WHERE workspace = ?1 AND moved > ?2 ORDER BY moved LIMIT ?3";
    USERS_MOVED = "SELECT sid, state_version, version, deactivated, moved FROM users \
        WHERE workspace = ?1 AND moved > ?2 ORDER BY moved LIMIT ?3";
    DEVICES_REVOKED = "SELECT user, sid, moved FROM devices \
        WHERE workspace = ?1 AND moved > ?2 AND revoked_at IS NOT NULL ORDER BY moved LIMIT ?3";
    JOINED = "SELECT conversation FROM memberships WHERE workspace = ?1 AND user = ?2 AND status = 1 \
        AND conversation > ?3 ORDER BY conversation LIMIT ?4";

    DRAFT = "SELECT user, conversation, body, version, moved FROM drafts \
        WHERE workspace = ?1 AND user = ?2 AND conversation = ?3";
    DRAFT_CHANGES = "SELECT user, conversation, body, version, moved FROM drafts \
        WHERE workspace = ?1 AND user = ?2 AND version > ?3 ORDER BY version LIMIT ?4";
    PUT_DRAFT = "INSERT INTO drafts (workspace, user, conversation, body, version, moved) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (workspace, user, conversation) \
        DO UPDATE SET body = excluded.body, version = excluded.version, moved = excluded.moved";
    SETTING = "SELECT user, key, value, version, moved FROM settings \
        WHERE workspace = ?1 AND user = ?2 AND key = ?3";
    SETTING_CHANGES = "SELECT user, key, value, version, moved FROM settings \
        WHERE workspace = ?1 AND user = ?2 AND version > ?3 ORDER BY version LIMIT ?4";
    COUNT_SETTINGS = "SELECT count(value), count(*) FROM settings WHERE workspace = ?1 AND user = ?2";
    PUT_SETTING = "INSERT INTO settings (workspace, user, key, value, version, moved) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (workspace, user, key) \
        DO UPDATE SET value = excluded.value, version = excluded.version, moved = excluded.moved";

    OUTCOME = "SELECT user, client_id, method, payload_hash, subject, at FROM outcomes \
        WHERE workspace = ?1 AND user = ?2 AND client_id = ?3";
    INSERT_OUTCOME = "INSERT INTO outcomes (workspace, user, client_id, method, payload_hash, subject, at) \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    DELETE_OUTCOMES = "DELETE FROM outcomes WHERE (workspace, user, client_id) IN (SELECT workspace, user, client_id \
        FROM outcomes WHERE workspace = ?1 AND at < ?2 ORDER BY at LIMIT ?3)";

    MEDIA = concat!("SELECT ", media_columns!(), " FROM media WHERE workspace = ?1 AND sid = ?2");
    MEDIA_USAGE = "SELECT count(*), coalesce(sum(size), 0) FROM media INDEXED BY media_unsent_of \
        WHERE workspace = ?1 AND user = ?2 AND message IS NULL AND state < 3";
    UNSENT_MEDIA = concat!("SELECT ", media_columns!(), " FROM media WHERE workspace = ?1 AND date_created < ?2 \
        AND message IS NULL AND state < 3 ORDER BY date_created, sid LIMIT ?3");
    GONE_MEDIA = concat!("SELECT ", media_columns!(), " FROM media WHERE workspace = ?1 AND state = 3 \
        ORDER BY sid LIMIT ?2");
    INSERT_MEDIA = concat!("INSERT INTO media (workspace, ", media_columns!(), ") \
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
    UPDATE_MEDIA = "UPDATE media SET user = ?3, client_id = ?4, file_name = ?5, content_type = ?6, sniffed_type = ?7, \
        size = ?8, category = ?9, width = ?10, height = ?11, sha256 = ?12, state = ?13, message = ?14, \
        date_created = ?15 WHERE workspace = ?1 AND sid = ?2";
    DELETE_MEDIA = "DELETE FROM media WHERE workspace = ?1 AND sid = ?2";
    SCAN_MEDIA = concat!("SELECT ", media_columns!(), " FROM media WHERE workspace = ?1 AND sid > ?2 \
        ORDER BY sid LIMIT ?3");
    GATEWAY_ROW = "SELECT kind, key, value FROM gateway_rows WHERE workspace = ?1 AND kind = ?2 AND key = ?3";
    GATEWAY_ROWS = "SELECT kind, key, value FROM gateway_rows WHERE workspace = ?1 AND kind = ?2 AND key > ?3 \
        ORDER BY key LIMIT ?4";
    PUT_GATEWAY_ROW = "INSERT INTO gateway_rows (workspace, kind, key, value) VALUES (?1, ?2, ?3, ?4) \
        ON CONFLICT (workspace, kind, key) DO UPDATE SET value = excluded.value";
    DELETE_GATEWAY_ROW = "DELETE FROM gateway_rows WHERE workspace = ?1 AND kind = ?2 AND key = ?3";
    CONVERSATIONS = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.sid > ?2 AND c.deleted_at IS NULL \
        ORDER BY c.sid LIMIT ?3");
    SCAN_CONVERSATIONS = concat!(conversation!(), "WHERE c.workspace = ?1 AND c.sid > ?2 ORDER BY c.sid LIMIT ?3");
    SCAN_EVENTS = "SELECT conversation, seq, kind, at, actor, device, changed, subject FROM events \
        WHERE workspace = ?1 AND (conversation, seq) > (?2, ?3) ORDER BY conversation, seq LIMIT ?4";
    SCAN_MESSAGES = concat!("SELECT ", message_columns!(), " FROM messages \
        WHERE workspace = ?1 AND (conversation, idx) > (?2, ?3) ORDER BY conversation, idx LIMIT ?4");
    SCAN_MENTIONS = "SELECT conversation, idx, user FROM mentions \
        WHERE workspace = ?1 AND (conversation, idx, user) > (?2, ?3, ?4) ORDER BY conversation, idx, user LIMIT ?5";
    SCAN_COUNTERS = "SELECT conversation, counted, user, size, block, live FROM blocks WHERE workspace = ?1 \
        AND (conversation, counted, user, size, block) > (?2, ?3, ?4, ?5, ?6) \
        ORDER BY conversation, counted, user, size, block LIMIT ?7";
    SCAN_PARTICIPANTS = "SELECT p.conversation, p.sid, p.user, coalesce(u.identity, ''), coalesce(u.version, 0), \
        p.role, p.attributes, p.horizon, p.horizon_at, p.date_created, p.date_updated, p.status, p.version, \
        p.role_sid, p.flags, p.horizon_seq FROM participants p LEFT JOIN users u ON u.workspace = p.workspace AND u.sid = p.user \
        WHERE p.workspace = ?1 AND (p.conversation, p.sid) > (?2, ?3) ORDER BY p.conversation, p.sid LIMIT ?4";
    SCAN_MEMBERSHIPS = concat!("SELECT ", membership_columns!(), " FROM memberships \
        WHERE workspace = ?1 AND (user, conversation) > (?2, ?3) ORDER BY user, conversation LIMIT ?4");
    SCAN_DRAFTS = "SELECT user, conversation, body, version, moved FROM drafts \
        WHERE workspace = ?1 AND (user, conversation) > (?2, ?3) ORDER BY user, conversation LIMIT ?4";
    SCAN_SETTINGS = "SELECT user, key, value, version, moved FROM settings \
        WHERE workspace = ?1 AND (user, key) > (?2, ?3) ORDER BY user, key LIMIT ?4";
    SCAN_INTERVALS = "SELECT user, conversation, joined_seq, joined_index, left_seq, left_index FROM intervals \
        WHERE workspace = ?1 AND (user, conversation, joined_seq) > (?2, ?3, ?4) \
        ORDER BY user, conversation, joined_seq LIMIT ?5";
    SCAN_OUTCOMES = "SELECT user, client_id, method, payload_hash, subject, at FROM outcomes \
        WHERE workspace = ?1 AND (user, client_id) > (?2, ?3) ORDER BY user, client_id LIMIT ?4";
}
