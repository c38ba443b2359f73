-- Level 3. Drafts and settings of users, under the same version as their own rows. What was emptied (`body` '') or forgotten
-- (`value` NULL) stays as a row, so that every device hears of it.

CREATE TABLE drafts (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    user BLOB NOT NULL,
    conversation BLOB NOT NULL,
    body TEXT NOT NULL DEFAULT '',
    version INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    PRIMARY KEY (workspace, user, conversation),
    UNIQUE (workspace, user, version)
) STRICT, WITHOUT ROWID;

CREATE TABLE settings (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    user BLOB NOT NULL,
    key TEXT NOT NULL,
    value TEXT,
    version INTEGER NOT NULL,
    moved INTEGER NOT NULL,
    PRIMARY KEY (workspace, user, key),
    UNIQUE (workspace, user, version)
) STRICT, WITHOUT ROWID;
