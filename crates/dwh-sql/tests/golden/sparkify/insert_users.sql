INSERT INTO users (user_id, first_name, last_name, gender, level)
SELECT DISTINCT userId AS user_id, firstName AS first_name, lastName, gender, level
FROM staging_events
WHERE page = 'NextSong' AND user_id NOT IN (SELECT DISTINCT user_id FROM users);
