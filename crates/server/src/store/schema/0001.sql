-- Level 1. Identifiers are the 16 bytes of their UUIDs, instants are milliseconds since 1970, flags are 0 or 1.
-- `workspace` is the workspace's number in this database: one byte in every key instead of sixteen.

CREATE TABLE workspaces (
    workspace INTEGER PRIMARY KEY,
    sid BLOB NOT NULL UNIQUE,
    epoch BLOB NOT NULL,
    name TEXT NOT NULL,
    commits INTEGER NOT NULL DEFAULT 0,
    owner BLOB,
    date_created INTEGER NOT NULL
) STRICT;

CREATE TABLE signing_keys (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    kid BLOB NOT NULL,
    algorithm TEXT NOT NULL,
    secret BLOB NOT NULL,
    date_created INTEGER NOT NULL,
    PRIMARY KEY (workspace, kid)
) STRICT, WITHOUT ROWID;

CREATE TABLE users (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    identity TEXT NOT NULL,
    identity_key TEXT NOT NULL,
    friendly_name TEXT NOT NULL,
    attributes TEXT NOT NULL DEFAULT '{}',
    role INTEGER NOT NULL DEFAULT 2,
    password_hash TEXT,
    version INTEGER NOT NULL DEFAULT 1,
    state_version INTEGER NOT NULL DEFAULT 0,
    joined_count INTEGER NOT NULL DEFAULT 0,
    deactivated INTEGER NOT NULL DEFAULT 0,
    date_created INTEGER NOT NULL,
    PRIMARY KEY (workspace, sid),
    UNIQUE (workspace, identity_key)
) STRICT, WITHOUT ROWID;

CREATE TABLE devices (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    user BLOB NOT NULL,
    name TEXT NOT NULL DEFAULT '',
    family_hash BLOB NOT NULL,
    refresh_hash BLOB NOT NULL,
    previous_hash BLOB,
    date_created INTEGER NOT NULL,
    last_seen INTEGER NOT NULL,
    revoked_at INTEGER,
    PRIMARY KEY (workspace, sid),
    UNIQUE (workspace, family_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX devices_live ON devices (workspace, user, last_seen, sid) WHERE revoked_at IS NULL;

CREATE TABLE invites (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    secret_hash BLOB NOT NULL,
    created_by BLOB,
    date_created INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    max_uses INTEGER NOT NULL,
    uses INTEGER NOT NULL DEFAULT 0,
    revoked_at INTEGER,
    PRIMARY KEY (workspace, sid),
    UNIQUE (workspace, secret_hash)
) STRICT, WITHOUT ROWID;
CREATE INDEX invites_live ON invites (workspace, expires_at) WHERE revoked_at IS NULL AND uses < max_uses;

CREATE TABLE redemptions (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    invite BLOB NOT NULL,
    client_id BLOB NOT NULL,
    user BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, invite, client_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE conversations (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    friendly_name TEXT,
    unique_name TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    created_by TEXT NOT NULL,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    state INTEGER NOT NULL DEFAULT 1,
    direct INTEGER NOT NULL DEFAULT 0,
    public_join INTEGER NOT NULL DEFAULT 0,
    uber INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, sid)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX conversations_unique_name ON conversations (workspace, unique_name) WHERE unique_name IS NOT NULL;

-- What changes with every message, apart from what seldom does: a message rewrites a short row.
CREATE TABLE heads (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    conversation BLOB NOT NULL,
    last_seq INTEGER NOT NULL DEFAULT 0,
    roster_version INTEGER NOT NULL DEFAULT 0,
    next_index INTEGER NOT NULL DEFAULT 0,
    last_message_at INTEGER,
    participants_count INTEGER NOT NULL DEFAULT 0,
    activity INTEGER NOT NULL DEFAULT 0,
    moved INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, conversation)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (
    workspace INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    seq INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    at INTEGER NOT NULL,
    actor TEXT,
    device BLOB,
    changed TEXT NOT NULL DEFAULT '',
    subject BLOB NOT NULL,
    PRIMARY KEY (workspace, conversation, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE messages (
    workspace INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    idx INTEGER NOT NULL,
    sid BLOB NOT NULL,
    client_id BLOB NOT NULL,
    payload_hash BLOB NOT NULL,
    user BLOB NOT NULL,
    author TEXT NOT NULL,
    participant BLOB NOT NULL,
    kind INTEGER NOT NULL DEFAULT 1,
    body TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    relates_to BLOB,
    mentions TEXT NOT NULL DEFAULT '',
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    last_updated_by TEXT,
    removed INTEGER NOT NULL DEFAULT 0,
    seq INTEGER NOT NULL,
    version INTEGER NOT NULL,
    PRIMARY KEY (workspace, conversation, idx)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX messages_sid ON messages (workspace, sid);
CREATE UNIQUE INDEX messages_client_id ON messages (workspace, user, client_id);

CREATE TABLE mentions (
    workspace INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    idx INTEGER NOT NULL,
    user BLOB NOT NULL,
    PRIMARY KEY (workspace, conversation, idx, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX mentions_user ON mentions (workspace, conversation, user, idx);

-- Live messages per block: all (`counted` 0), by an author (1), mentioning a user (2). `size` is the messages of a block.
CREATE TABLE blocks (
    workspace INTEGER NOT NULL,
    conversation BLOB NOT NULL,
    counted INTEGER NOT NULL,
    user BLOB NOT NULL,
    size INTEGER NOT NULL,
    block INTEGER NOT NULL,
    live INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (workspace, conversation, counted, user, size, block)
) STRICT, WITHOUT ROWID;

CREATE TABLE participants (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    conversation BLOB NOT NULL,
    sid BLOB NOT NULL,
    user BLOB NOT NULL,
    role INTEGER NOT NULL DEFAULT 2,
    attributes TEXT NOT NULL DEFAULT '{}',
    horizon INTEGER,
    horizon_at INTEGER,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    status INTEGER NOT NULL DEFAULT 1,
    version INTEGER NOT NULL,
    PRIMARY KEY (workspace, conversation, sid),
    UNIQUE (workspace, conversation, version)
) STRICT, WITHOUT ROWID;
CREATE INDEX participants_joined ON participants (workspace, conversation, sid) WHERE status = 1;
CREATE INDEX participants_owners ON participants (workspace, conversation, sid) WHERE status = 1 AND role = 1;

CREATE TABLE memberships (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    user BLOB NOT NULL,
    conversation BLOB NOT NULL,
    status INTEGER NOT NULL DEFAULT 1,
    participant BLOB,
    role INTEGER NOT NULL DEFAULT 2,
    level INTEGER NOT NULL DEFAULT 1,
    joined_seq INTEGER NOT NULL DEFAULT 0,
    joined_index INTEGER NOT NULL DEFAULT 0,
    horizon INTEGER,
    horizon_set_version INTEGER NOT NULL DEFAULT 0,
    left_name TEXT,
    left_at INTEGER,
    version INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    PRIMARY KEY (workspace, user, conversation)
) STRICT, WITHOUT ROWID;
CREATE INDEX memberships_joined ON memberships (workspace, user, conversation) WHERE status = 1;
CREATE INDEX memberships_moved ON memberships (workspace, user, moved);
CREATE INDEX memberships_members ON memberships (workspace, conversation, user) WHERE status = 1;

CREATE TABLE intervals (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    user BLOB NOT NULL,
    conversation BLOB NOT NULL,
    joined_seq INTEGER NOT NULL,
    joined_index INTEGER NOT NULL,
    left_seq INTEGER,
    left_index INTEGER,
    PRIMARY KEY (workspace, user, conversation, joined_seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE outcomes (
    workspace INTEGER NOT NULL,
    user BLOB NOT NULL,
    client_id BLOB NOT NULL,
    method TEXT NOT NULL,
    payload_hash BLOB NOT NULL,
    subject BLOB NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (workspace, user, client_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX outcomes_at ON outcomes (workspace, at);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    at INTEGER NOT NULL,
    actor BLOB,
    device BLOB,
    action TEXT NOT NULL,
    subject TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX audit_workspace ON audit (workspace);
