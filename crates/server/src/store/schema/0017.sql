-- Level 17. What somebody who takes part by other means is called there, and how they take part. And those who were written before
-- level 15 get versions of their own at the end of the roster, so that whoever was connected then hears of them.

ALTER TABLE non_chat_participants ADD COLUMN name TEXT;
ALTER TABLE non_chat_participants ADD COLUMN level TEXT;

UPDATE non_chat_participants SET version = late.version
    FROM (SELECT n.workspace, n.conversation, n.sid, h.roster_version + row_number() OVER
            (PARTITION BY n.workspace, n.conversation ORDER BY n.sid) AS version
        FROM non_chat_participants n JOIN heads h ON h.workspace = n.workspace AND h.conversation = n.conversation
        WHERE n.version = 0) AS late
    WHERE non_chat_participants.workspace = late.workspace AND non_chat_participants.conversation = late.conversation
        AND non_chat_participants.sid = late.sid;
UPDATE heads SET roster_version = late.version, moved = w.commits + late.place
    FROM workspaces w, (SELECT workspace, conversation, max(version) AS version,
            row_number() OVER (PARTITION BY workspace ORDER BY conversation) AS place
        FROM non_chat_participants GROUP BY workspace, conversation) AS late
    WHERE w.workspace = heads.workspace AND heads.workspace = late.workspace
        AND heads.conversation = late.conversation AND heads.roster_version < late.version;
UPDATE workspaces SET commits = max(commits, coalesce((SELECT max(moved) FROM heads h WHERE h.workspace = workspaces.workspace), 0));
