-- Level 9. Files: what is known of them, their bytes lie beside the database. A message keeps what is said of its files, which
-- does not change (`messages.media`, '' for none); `media.message` is the way back. States: 1 uploading, 2 ready, 3 gone.

ALTER TABLE messages ADD COLUMN media TEXT NOT NULL DEFAULT '';

CREATE TABLE media (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    sid BLOB NOT NULL,
    user BLOB NOT NULL,
    client_id BLOB NOT NULL,
    file_name TEXT,
    content_type TEXT NOT NULL,
    sniffed_type TEXT,
    size INTEGER NOT NULL,
    category INTEGER NOT NULL DEFAULT 1,
    width INTEGER,
    height INTEGER,
    sha256 BLOB,
    state INTEGER NOT NULL DEFAULT 1,
    message BLOB,
    date_created INTEGER NOT NULL,
    PRIMARY KEY (workspace, sid)
) STRICT, WITHOUT ROWID;
CREATE INDEX media_unsent ON media (workspace, date_created, sid) WHERE message IS NULL AND state < 3;
CREATE INDEX media_unsent_of ON media (workspace, user, size) WHERE message IS NULL AND state < 3;
CREATE INDEX media_sent ON media (workspace, message) WHERE message IS NOT NULL;
CREATE INDEX media_gone ON media (workspace, sid) WHERE state = 3;
