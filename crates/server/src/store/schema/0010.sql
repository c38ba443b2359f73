-- Level 10. Those who take part in a conversation by other means than this workspace.

CREATE TABLE non_chat_participants (
    workspace INTEGER NOT NULL REFERENCES workspaces (workspace),
    conversation BLOB NOT NULL,
    sid BLOB NOT NULL,
    kind TEXT NOT NULL,
    address TEXT NOT NULL,
    proxy_address TEXT,
    attributes TEXT NOT NULL DEFAULT '{}',
    date_created INTEGER NOT NULL,
    date_updated INTEGER NOT NULL,
    PRIMARY KEY (workspace, conversation, sid)
) STRICT, WITHOUT ROWID;
