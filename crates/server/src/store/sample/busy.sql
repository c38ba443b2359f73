-- Conversations 3001 to :last of user 1 and user 2 with a thousand messages each, half of them read, in place of the others of user 1,
-- because nobody is in more. Messages are by turns of either.
UPDATE memberships SET status = 2 WHERE user = unhex(printf('%032x', 1)) AND status = 1;
INSERT INTO conversations (workspace, sid, friendly_name, created_by, date_created, date_updated)
    SELECT 1, id, 'Busy ' || n, 'user 1', 1, 1 FROM n WHERE n BETWEEN 3001 AND :last;
INSERT INTO heads (workspace, conversation, last_seq, roster_version, next_index, last_message_at, participants_count, activity, moved)
    SELECT 1, id, 1000, 2, 1000, 1, 2, 2000000 + n, 2000000 + n FROM n WHERE n BETWEEN 3001 AND :last;
INSERT INTO participants (workspace, conversation, sid, user, role, date_created, date_updated, status, version)
    SELECT 1, c.id, unhex(printf('%032x', 5000000 + c.n * 10 + u.n)), u.id, 2, 1, 1, 1, u.n FROM n c, n u WHERE c.n BETWEEN 3001 AND :last AND u.n IN (1, 2);
INSERT INTO memberships (workspace, user, conversation, status, participant, role, horizon, horizon_seq, version, moved)
    SELECT 1, u.id, c.id, 1, unhex(printf('%032x', 5000000 + c.n * 10 + u.n)), 2, 499, 500, 3000 + c.n, 2000000 + c.n
    FROM n c, n u WHERE c.n BETWEEN 3001 AND :last AND u.n IN (1, 2);
INSERT INTO intervals (workspace, user, conversation, joined_seq, joined_index)
    SELECT 1, u.id, c.id, 0, 0 FROM n c, n u WHERE c.n BETWEEN 3001 AND :last AND u.n IN (1, 2);
INSERT INTO messages (workspace, conversation, idx, sid, client_id, payload_hash, user, author, participant, body, date_created, date_updated, seq, version)
    SELECT 1, c.id, m.n, unhex(printf('%032x', 3000000000 + c.n * 1000 + m.n)), unhex(printf('%032x', 3000000000 + c.n * 1000 + m.n)), zeroblob(32),
        u.id, 'user ' || u.n, u.id, 'text', 1, 1, m.n + 1, m.n + 1
    FROM n c CROSS JOIN n m CROSS JOIN n u WHERE c.n BETWEEN 3001 AND :last AND m.n < 1000 AND u.n = m.n % 2 + 1;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, m.conversation, 0, x'', 256, idx / 256, count(*) FROM n c CROSS JOIN messages m
    WHERE c.n BETWEEN 3001 AND :last AND m.workspace = 1 AND m.conversation = c.id GROUP BY m.conversation, idx / 256;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, c.id, 0, x'', 65536, 0, 1000 FROM n c WHERE c.n BETWEEN 3001 AND :last;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, m.conversation, 1, m.user, 256, idx / 256, count(*) FROM n c CROSS JOIN messages m
    WHERE c.n BETWEEN 3001 AND :last AND m.workspace = 1 AND m.conversation = c.id GROUP BY m.conversation, m.user, idx / 256;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, c.id, 1, u.id, 65536, 0, 500 FROM n c, n u WHERE c.n BETWEEN 3001 AND :last AND u.n IN (1, 2);
