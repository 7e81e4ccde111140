UPDATE users SET level = 'paid' WHERE user_id = 1;
UPDATE users AS u SET level = s.level, first_name = DEFAULT FROM staging_events s JOIN songs ON true WHERE u.user_id = s.userid;
WITH x AS (SELECT 1 AS id) UPDATE users SET level = 'free' WHERE user_id IN (SELECT id FROM x);
