-- Level 4. What moved in the whole workspace since a commit, for those who tell of it: conversations, users' own states, devices
-- that were signed out.

ALTER TABLE users ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
ALTER TABLE devices ADD COLUMN moved INTEGER NOT NULL DEFAULT 0;
CREATE INDEX heads_moved ON heads (workspace, moved);
CREATE INDEX users_moved ON users (workspace, moved);
CREATE INDEX devices_revoked ON devices (workspace, moved) WHERE revoked_at IS NOT NULL;
