-- There are as many songplays as events of page NextSong, and they are the same ones.
SELECT e.event_id, p.songplay_id
FROM (SELECT event_id FROM staging_events WHERE page = 'NextSong') AS e
FULL JOIN songplays AS p ON p.songplay_id = e.event_id
WHERE e.event_id IS NULL OR p.songplay_id IS NULL;
