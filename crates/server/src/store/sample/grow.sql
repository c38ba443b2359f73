-- Numbers with their identifiers are in the temporary table n.
INSERT INTO workspaces (workspace, sid, epoch, name, commits, owner, date_created)
    VALUES (1, unhex(printf('%032x', 1)), unhex(printf('%032x', 1)), 'Grown', 1000000, unhex(printf('%032x', 1)), 1);
INSERT INTO signing_keys (workspace, kid, algorithm, secret, date_created) SELECT 1, id, 'HS256', x'00', n FROM n WHERE n BETWEEN 1 AND 2;
INSERT INTO users (workspace, sid, identity, identity_key, friendly_name, role, version, state_version, joined_count, date_created)
    SELECT 1, id, 'user ' || n, 'user ' || n, 'User ' || n, iif(n = 1, 1, 2), 1, 2000, iif(n = 1, 990, 1), 1 FROM n WHERE n BETWEEN 1 AND :people;
INSERT INTO devices (workspace, sid, user, family_hash, refresh_hash, date_created, last_seen, revoked_at)
    SELECT 1, n.id, u.id, CAST(printf('%032d', n.n) AS BLOB), CAST(printf('%032d', n.n) AS BLOB), n.n, n.n, iif(n.n < 20, NULL, 5)
    FROM n JOIN n u ON u.n = iif(n.n < 1000, 1, n.n % :people + 1) WHERE n.n BETWEEN 1 AND :people;
INSERT INTO invites (workspace, sid, secret_hash, date_created, expires_at, max_uses, uses)
    SELECT 1, id, CAST(printf('%032d', n) AS BLOB), 1, iif(n < 100, 4000000000000, 5), 10, 0 FROM n WHERE n BETWEEN 1 AND :people;
INSERT INTO redemptions (workspace, invite, client_id, user, at) SELECT 1, id, id, id, 1 FROM n WHERE n BETWEEN 1 AND :people;
INSERT INTO audit (workspace, at, action) SELECT 1, n, 'joined' FROM n WHERE n BETWEEN 1 AND :people;
INSERT INTO outcomes (workspace, user, client_id, method, payload_hash, subject, at)
    SELECT 1, unhex(printf('%032x', 1)), id, 'horizon.set', zeroblob(32), id, n FROM n WHERE n BETWEEN 1 AND :people;
-- In two conversations 41 take part by other means, and everybody else once did.
INSERT INTO non_chat_participants (workspace, conversation, sid, kind, address, date_created, date_updated, version, removed)
    SELECT 1, c.id, n.id, 'sms', iif(n.n > 50, '', '+47 ' || n.n), 1, 1, n.n, n.n > 50 FROM n, n c
    WHERE c.n IN (1, 2) AND n.n BETWEEN 10 AND :people;
INSERT INTO roles (workspace, sid, kind, friendly_name, permissions, date_created, date_updated)
    SELECT 1, id, 1, 'Role ' || n, '["sendMessage"]', 1, 1 FROM n WHERE n BETWEEN 10 AND 99;
-- User 1 is in conversations 1 to 990; everybody is in the first.
INSERT INTO conversations (workspace, sid, friendly_name, unique_name, created_by, date_created, date_updated)
    SELECT 1, id, 'Conversation ' || n, iif(n = 1, 'big', 'name ' || n), 'user 1', 1, 1 FROM n WHERE n BETWEEN 1 AND 990;
INSERT INTO heads (workspace, conversation, last_seq, roster_version, next_index, last_message_at, participants_count, activity, moved)
    SELECT 1, id, iif(n = 1, :messages, 1), 100000, iif(n = 1, :messages, iif(n = 2, 200000, 0)), 1, iif(n = 1, :people, 1), n, n FROM n WHERE n BETWEEN 1 AND 990;
-- As many that let anybody in as there are people, all of them timed, and left by user 1.
INSERT INTO conversations (workspace, sid, friendly_name, created_by, date_created, date_updated, public_join, timer_inactive, state_due)
    SELECT 1, id, 'Open ' || n, 'user 2', 1, 1, 1, 60000, iif(n < 2010, 1, 4000000000000) FROM n WHERE n BETWEEN 2001 AND 2000 + :people;
INSERT INTO heads (workspace, conversation, last_seq, roster_version) SELECT 1, id, 4, 2 FROM n WHERE n BETWEEN 2001 AND 2000 + :people;
INSERT INTO memberships (workspace, user, conversation, status, joined_seq, left_at, version, moved)
    SELECT 1, p.id, c.id, 2, 3, 1, 1, 0 FROM n p, n c WHERE p.n = 1 AND c.n BETWEEN 2008 AND 2000 + :people;
INSERT INTO participants (workspace, conversation, sid, user, role, date_created, date_updated, status, version)
    SELECT 1, c.id, p.id, p.id, iif(p.n = 1, 1, 2), 1, 1, 1, p.n FROM n p, n c WHERE c.n = 1 AND p.n BETWEEN 1 AND :people;
-- As many who have left, before and between those who are there.
INSERT INTO participants (workspace, conversation, sid, user, role, date_created, date_updated, status, version)
    SELECT 1, c.id, unhex(printf('%032x', 50000 + p.n)), p.id, 2, 1, 1, 2, 50000 + p.n FROM n p, n c WHERE c.n = 1 AND p.n BETWEEN 1 AND :people;
INSERT INTO participants (workspace, conversation, sid, user, role, date_created, date_updated, status, version)
    SELECT 1, c.id, p.id, p.id, 1, 1, 1, 1, 1 FROM n p, n c WHERE c.n BETWEEN 2 AND 990 AND p.n = 1;
INSERT INTO memberships (workspace, user, conversation, status, participant, role, version, moved)
    SELECT 1, p.id, c.id, 1, p.id, iif(p.n = 1, 1, 2), 1, p.n FROM n p, n c WHERE c.n = 1 AND p.n BETWEEN 1 AND :people;
INSERT INTO memberships (workspace, user, conversation, status, participant, role, version, moved)
    SELECT 1, p.id, c.id, 1, p.id, 1, c.n, c.n FROM n p, n c WHERE c.n BETWEEN 2 AND 990 AND p.n = 1;
INSERT INTO intervals (workspace, user, conversation, joined_seq, joined_index)
    SELECT 1, user, conversation, 0, 0 FROM memberships;
INSERT INTO messages (workspace, conversation, idx, sid, client_id, payload_hash, user, author, participant, body, date_created, date_updated, seq, version)
    SELECT 1, c.id, n.n, n.id, n.id, zeroblob(32), u.id, 'user ' || u.n, u.id, 'text', 1, 1, n.n + 1, n.n + 1
    FROM n, n c, n u WHERE c.n = 1 AND u.n = n.n % :people + 1 AND n.n < :messages;
INSERT INTO events (workspace, conversation, seq, kind, at, actor, subject)
    SELECT 1, c.id, n.n + 1, 5, 1, 'user 1', n.id FROM n, n c WHERE c.n = 1 AND n.n < :messages;
-- The second conversation: one live message, and then many removed ones, of which only the end is there.
INSERT INTO messages (workspace, conversation, idx, sid, client_id, payload_hash, user, author, participant, body, removed, date_created, date_updated, seq, version)
    SELECT 1, c.id, k.idx, unhex(printf('%032x', 2000000000 + k.idx)), unhex(printf('%032x', 2000000000 + k.idx)), zeroblob(32), c.id, 'user 2', c.id, NULL, k.idx > 0, 1, 1, k.idx + 1, k.idx + 1
    FROM n c, (SELECT n * 20 AS idx FROM n WHERE n < 10000) k WHERE c.n = 2;
INSERT INTO mentions (workspace, conversation, idx, user)
    SELECT 1, c.id, n.n, u.id FROM n, n c, n u WHERE c.n = 1 AND u.n = 1 AND n.n < :messages AND n.n % 10 = 0;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 0, x'', 256, idx / 256, sum(removed = 0) FROM messages GROUP BY conversation, idx / 256;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 0, x'', 65536, idx / 65536, sum(removed = 0) FROM messages GROUP BY conversation, idx / 65536;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 1, user, 256, idx / 256, sum(removed = 0) FROM messages WHERE user = unhex(printf('%032x', 1)) GROUP BY conversation, user, idx / 256;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 1, user, 65536, idx / 65536, sum(removed = 0) FROM messages GROUP BY conversation, user, idx / 65536;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 2, user, 256, idx / 256, count(*) FROM mentions GROUP BY conversation, user, idx / 256;
INSERT INTO blocks (workspace, conversation, counted, user, size, block, live)
    SELECT 1, conversation, 2, user, 65536, idx / 65536, count(*) FROM mentions GROUP BY conversation, user, idx / 65536;
INSERT INTO drafts (workspace, user, conversation, body, version, moved)
    SELECT 1, u.id, c.id, 'Half', c.n, 1 FROM n u, n c WHERE u.n = 1 AND c.n BETWEEN 1 AND 990;
INSERT INTO drafts (workspace, user, conversation, body, version, moved)
    SELECT 1, u.id, c.id, 'Half', 1, 1 FROM n u, n c WHERE c.n = 1 AND u.n BETWEEN 2 AND :people;
INSERT INTO settings (workspace, user, key, value, version, moved)
    SELECT 1, u.id, 'k' || k.n, iif(k.n < 100, '"v"', NULL), 1000 + k.n, 1 FROM n u, n k WHERE u.n = 1 AND k.n BETWEEN 1 AND 900;
INSERT INTO settings (workspace, user, key, value, version, moved)
    SELECT 1, id, 'k1', '"v"', 2, 1 FROM n WHERE n BETWEEN 2 AND :people;
-- Of every tenth message five receipts, and one device in two is pushed to.
INSERT INTO receipts (workspace, conversation, idx, participant, status, date_created, date_updated)
    SELECT 1, c.id, n.n, p.id, 2, 1, 1 FROM n, n c, n p WHERE c.n = 1 AND n.n < :messages AND n.n % 10 = 0 AND p.n BETWEEN 10 AND 14;
UPDATE devices SET push_kind = 'fcm', push_token = 'token ' || last_seen WHERE revoked_at IS NULL AND last_seen % 2 = 0;
-- User 1 has 200 files in no message; of all others half are in one, and half are gone.
INSERT INTO media (workspace, sid, user, client_id, content_type, size, state, message, date_created)
    SELECT 1, n.id, iif(n.n <= 200, unhex(printf('%032x', 1)), n.id), n.id, 'image/png', 5, iif(n.n <= 200, 2, 2 + n.n % 2), iif(n.n > 200 AND n.n % 2 = 0, n.id, NULL), n.n
    FROM n WHERE n.n BETWEEN 1 AND 200 + :people;
