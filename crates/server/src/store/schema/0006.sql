-- Level 6. Roles that people make, flags of participants, and how many participants a conversation may have.

CREATE TABLE roles (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    kind INTEGER NOT NULL,
    friendly_name TEXT NOT NULL,
    permissions TEXT NOT NULL DEFAULT '',
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    PRIMARY KEY (workspace, sid)
) STRICT, WITHOUT ROWID;
ALTER TABLE workspaces ADD COLUMN participants_limit INTEGER NOT NULL DEFAULT 1000;
ALTER TABLE users ADD COLUMN role_sid BLOB;
ALTER TABLE participants ADD COLUMN role_sid BLOB;
ALTER TABLE participants ADD COLUMN flags INTEGER;
ALTER TABLE memberships ADD COLUMN role_sid BLOB;
ALTER TABLE memberships ADD COLUMN flags INTEGER;
CREATE INDEX users_role ON users (workspace, role_sid) WHERE role_sid IS NOT NULL;
CREATE INDEX memberships_role ON memberships (workspace, role_sid) WHERE role_sid IS NOT NULL;
