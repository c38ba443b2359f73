-- Level 7. Subjects of messages, horizons by event, and what people say of being there. Whoever had read up to a message had
-- read up to the event that added it.

ALTER TABLE messages ADD COLUMN subject TEXT;
ALTER TABLE users ADD COLUMN status INTEGER;
ALTER TABLE participants ADD COLUMN horizon_seq INTEGER NOT NULL DEFAULT 0;
ALTER TABLE memberships ADD COLUMN horizon_seq INTEGER NOT NULL DEFAULT 0;
UPDATE participants SET horizon_seq = (SELECT m.seq FROM messages m WHERE m.workspace = participants.workspace
    AND m.conversation = participants.conversation AND m.idx = participants.horizon)
    WHERE horizon IS NOT NULL AND EXISTS (SELECT 1 FROM messages m WHERE m.workspace = participants.workspace
    AND m.conversation = participants.conversation AND m.idx = participants.horizon);
UPDATE memberships SET horizon_seq = (SELECT m.seq FROM messages m WHERE m.workspace = memberships.workspace
    AND m.conversation = memberships.conversation AND m.idx = memberships.horizon)
    WHERE horizon IS NOT NULL AND EXISTS (SELECT 1 FROM messages m WHERE m.workspace = memberships.workspace
    AND m.conversation = memberships.conversation AND m.idx = memberships.horizon);
