-- Level 5. Conversations change their state by themselves, let anybody in, are left and deleted. What was deleted stays as a row
-- without names; its messages are emptied step by step, from `erase_from` on.

ALTER TABLE conversations ADD COLUMN state_at INTEGER NOT NULL DEFAULT 0;
UPDATE conversations SET state_at = date_created;
ALTER TABLE conversations ADD COLUMN timer_inactive INTEGER;
ALTER TABLE conversations ADD COLUMN timer_closed INTEGER;
ALTER TABLE conversations ADD COLUMN state_due INTEGER;
ALTER TABLE conversations ADD COLUMN deleted_at INTEGER;
ALTER TABLE conversations ADD COLUMN erase_from INTEGER;
CREATE INDEX conversations_public ON conversations (workspace, sid) WHERE public_join = 1 AND deleted_at IS NULL;
CREATE INDEX conversations_state_due ON conversations (workspace, state_due) WHERE state_due IS NOT NULL;
CREATE INDEX conversations_to_erase ON conversations (workspace, sid) WHERE erase_from IS NOT NULL;
CREATE INDEX memberships_left ON memberships (workspace, user, conversation) WHERE status = 2;
