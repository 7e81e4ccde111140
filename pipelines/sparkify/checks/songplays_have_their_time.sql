-- Every moment of a songplay is in time.
SELECT p.songplay_id, p.start_time
FROM songplays AS p LEFT JOIN time AS t ON t.start_time = p.start_time
WHERE t.start_time IS NULL;
