-- Level 12. What was reported of copies of messages outside the workspace; status: 1 queued, 2 sent, 3 delivered, 4 read, 5
-- undelivered, 6 failed. And where push notifications for a device go: what of is names of the protocol, with spaces between.

CREATE TABLE receipts (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    conversation BLOB NOT NULL,
    idx INTEGER NOT NULL,
    participant BLOB NOT NULL,
    status INTEGER NOT NULL,
    channel_message_sid TEXT,
    error_code INTEGER NOT NULL DEFAULT 0,
    channel_metadata TEXT,
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    PRIMARY KEY (workspace, conversation, idx, participant)
) STRICT, WITHOUT ROWID;

ALTER TABLE devices ADD COLUMN push_kind TEXT;
ALTER TABLE devices ADD COLUMN push_token TEXT;
ALTER TABLE devices ADD COLUMN push_events TEXT NOT NULL DEFAULT '';
CREATE UNIQUE INDEX devices_pushed ON devices (workspace, push_kind, push_token) WHERE push_token IS NOT NULL;

ALTER TABLE users ADD COLUMN notifiable INTEGER NOT NULL DEFAULT 0;
