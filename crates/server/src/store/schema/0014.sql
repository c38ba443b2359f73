-- Level 14. Conversations by the addresses of those who take part by other means.

CREATE INDEX non_chat_at ON non_chat_participants (workspace, address, conversation, sid);
