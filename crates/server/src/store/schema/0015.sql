-- Level 15. Those who take part by other means are versioned with the roster, and leave tombstones.

ALTER TABLE non_chat_participants ADD COLUMN version INTEGER NOT NULL DEFAULT 0;
ALTER TABLE non_chat_participants ADD COLUMN removed INTEGER NOT NULL DEFAULT 0;
DROP INDEX non_chat_at;
CREATE INDEX non_chat_at ON non_chat_participants (workspace, address, conversation, sid) WHERE removed = 0;
CREATE INDEX non_chat_present ON non_chat_participants (workspace, conversation, sid) WHERE removed = 0;
CREATE INDEX non_chat_versions ON non_chat_participants (workspace, conversation, version);
