-- No songplay names a song that is not in songs, and the artist is the song's.
SELECT p.songplay_id, p.song_id, p.artist_id
FROM songplays AS p LEFT JOIN songs AS s ON s.song_id = p.song_id
WHERE (p.song_id IS NOT NULL AND s.song_id IS NULL)
   OR (p.song_id IS NULL AND p.artist_id IS NOT NULL)
   OR (p.song_id IS NOT NULL AND p.artist_id IS NULL);
