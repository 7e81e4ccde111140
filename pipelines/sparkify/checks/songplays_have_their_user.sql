-- No songplay names a user who is not in users.
SELECT p.songplay_id, p.user_id
FROM songplays AS p LEFT JOIN users AS u ON u.user_id = p.user_id
WHERE p.user_id IS NOT NULL AND u.user_id IS NULL;
