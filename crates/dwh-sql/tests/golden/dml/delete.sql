DELETE FROM users;
DELETE users WHERE level = 'free';
DELETE FROM users u USING staging_events s, songs WHERE u.user_id = s.userid;
WITH x AS (SELECT 1 AS id) DELETE FROM users WHERE user_id IN (SELECT id FROM x);
