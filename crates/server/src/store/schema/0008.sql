-- Level 8. Whether anybody has read a message, and whether anybody has not, is found without counting.

CREATE INDEX participants_horizon ON participants (workspace, conversation, horizon) WHERE status = 1;
