-- No songplay names an artist who is not in artists.
SELECT p.songplay_id, p.artist_id
FROM songplays AS p LEFT JOIN artists AS a ON a.artist_id = p.artist_id
WHERE p.artist_id IS NOT NULL AND a.artist_id IS NULL;
