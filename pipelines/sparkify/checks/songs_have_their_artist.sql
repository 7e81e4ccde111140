-- Every artist of a song is in artists.
SELECT s.song_id, s.artist_id
FROM songs AS s LEFT JOIN artists AS a ON a.artist_id = s.artist_id
WHERE a.artist_id IS NULL;
