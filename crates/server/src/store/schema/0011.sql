-- Level 11. What gateways to other systems keep: 1 keys, 2 settings, 3 hooks of conversations, 4 what is still to be told to
-- hooks, 5 what could not be told; `value` is JSON. Who wrote a message need not be in its conversation (`participant` x'').

CREATE TABLE gateway_rows (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    kind INTEGER NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (workspace, kind, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX conversations_live ON conversations (workspace, sid) WHERE deleted_at IS NULL;
