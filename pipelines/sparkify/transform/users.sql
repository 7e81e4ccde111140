-- Rebuilt from all of staging: the attributes of the latest play of each user. Two plays in the same
-- millisecond are told apart by session and item.
DELETE FROM users;

INSERT INTO users (user_id, first_name, last_name, gender, level)
SELECT user_id, first_name, last_name, gender, level
FROM (
    SELECT user_id, first_name, last_name, gender, level,
           ROW_NUMBER() OVER (
               PARTITION BY user_id
               ORDER BY ts DESC, session_id DESC, item_in_session DESC, event_id DESC
           ) AS recency
    FROM staging_events
    WHERE page = 'NextSong' AND user_id IS NOT NULL
) AS plays
WHERE recency = 1;
